//! `sinpyo-core`: JSON, identifiers, encodings, documents, the data model.

use super::{OK, SKIPPED, fixture, target, texts};
use crate::{Outcome, Target};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::ServiceCode,
    claims::ClaimPath,
    credential::CredentialType,
    did::{Did, DidUrl, KeyId},
    document::DidDocument,
    encoding::{Base, Multikey, from_base64url, from_multibase, to_base64url, to_multibase},
    jcs,
    json::{self, JsonError},
    jwk::PublicJwk,
    request::PresentationRequest,
    time::{Date, Timestamp},
    vcdm::{self, Version},
};
use std::str;

pub(super) const TARGETS: &[Target] = &[
    target("core/json", json_seeds, read_json),
    target("core/identifiers", identifier_seeds, read_identifiers),
    target("core/encoding", encoding_seeds, read_encodings),
    target("core/time", time_seeds, read_times),
    target("core/claim-path", path_seeds, read_path),
    target("core/jwk", fixture::jwks, read_jwk),
    target("core/did-document", fixture::documents, read_document),
    target("core/data-model", fixture::bare_w3c, read_data_model),
    target("core/request", fixture::bare_requests, read_request),
];

fn json_seeds() -> Vec<Vec<u8>> {
    let mut seeds = texts(&[
        r#"{"b":[1,2.5,-0,1e21,5e-324,9007199254740991],"a":{"é":"\u20ac\ud83d\ude00","\u0000":null},"":true}"#,
        r#"[[[[[[[[["deep"]]]]]]]]]"#,
        r#"{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiableCredential"}"#,
        "  \"\\\"\\\\\\/\\b\\f\\n\\r\\t\"  ",
    ]);
    seeds.extend(fixture::vectors("jcs"));
    seeds
}

/// What is read as JSON is written canonically, and that is read as the same; but `1e20`, which is read as a double, is
/// written as an integer beyond 2^53, which is refused.
fn read_json(input: &[u8]) -> Outcome {
    let value = match json::parse(input) {
        Ok(value) => value,
        Err(error) => return error.code(),
    };
    let canonical = jcs::canonicalize(&value);
    let again = match json::parse(&canonical) {
        Ok(again) => again,
        Err(JsonError::UnsafeInteger) => return "large-double",
        Err(error) => unreachable!("canonical JSON is strict JSON: {error}"),
    };
    assert_eq!(jcs::canonicalize(&again), canonical, "canonicalisation is idempotent");
    let printed = json::parse(value.to_string().as_bytes()).expect("printed JSON is strict JSON");
    assert_eq!(printed, value, "printing keeps the value");
    OK
}

fn identifier_seeds() -> Vec<Vec<u8>> {
    let mut seeds = texts(&[
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "did:web:example.com%3A8443:user:alice",
        "did:webvh:QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL:example.com",
        "did:example:123/path?service=agent&relativeRef=/credentials#degree",
        "did:example:a%ED%95%9C#key-1",
        "urn:sinpyo:credential:ResidentCredential",
        "postal.delivery",
    ]);
    seeds.extend(fixture::vectors("did"));
    seeds
}

/// An identifier is the text that it was read from.
fn read_identifiers(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let did = text.parse::<Did>();
    if let Ok(did) = &did {
        assert_eq!(did.as_str(), text);
        assert_eq!(format!("did:{}:{}", did.method(), did.method_specific_id()), text);
    }
    let url = text.parse::<DidUrl>();
    if let Ok(url) = &url {
        assert_eq!(url.as_str(), text);
        assert!(text.starts_with(url.did().as_str()));
        let _parts = (url.path(), url.fragment(), url.parameter("service").count());
    }
    if let Ok(id) = text.parse::<KeyId>() {
        assert_eq!(id.as_str(), text);
        assert_eq!(
            format!("{}#{}", id.did().as_str(), id.fragment()),
            text,
            "a key is named by DID and fragment"
        );
    }
    let kind = text.parse::<CredentialType>().map(|kind| assert_eq!(kind.as_str(), text));
    let service = text.parse::<ServiceCode>().map(|code| assert_eq!(code.as_str(), text));
    match (did, url, kind, service) {
        (Ok(_), ..) => OK,
        (_, Ok(_), ..) => "url",
        (_, _, Ok(()), _) => "type",
        (.., Ok(())) => "service",
        (Err(_), ..) => "none",
    }
}

fn encoding_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
        "z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54",
        "u7QFIZWxsbw",
        "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
        "AQIDBAUGBwgJ",
    ])
}

/// Each text has one meaning, and each meaning one text.
fn read_encodings(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    for base in [Base::Base58Btc, Base::Base64Url] {
        if let Ok(bytes) = from_multibase(base, text) {
            assert_eq!(to_multibase(base, &bytes), text, "multibase has one spelling");
        }
    }
    let plain = from_base64url(text);
    if let Ok(bytes) = &plain {
        assert_eq!(to_base64url(bytes), text, "base64url has one spelling");
    }
    if let Ok(key) = Multikey::parse(text) {
        assert_eq!(key.to_string(), text, "a multikey has one spelling");
        return OK;
    }
    if plain.is_ok() { "base64url" } else { "none" }
}

fn time_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "2026-11-22T08:00:00Z",
        "2026-02-28T23:59:59.999+09:00",
        "2024-02-29",
        "9999-12-31T23:59:59Z",
        "0001-01-01",
    ])
}

/// A time that was read is printed and read as the same.
fn read_times(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let date = text.parse::<Date>();
    if let Ok(date) = &date {
        assert_eq!(date.to_string(), text, "a date has one spelling");
        let _moments = (date.start_in_korea(), date.plus_years(u16::MAX));
    }
    let time = text.parse::<Timestamp>();
    if let Ok(time) = time {
        assert_eq!(time.to_string().parse(), Ok(time));
        assert_eq!(Timestamp::from_unix(time.unix()), Some(time));
        let _derived = (time.date(), Date::in_korea(time));
    }
    match (time, date) {
        (Ok(_), _) => OK,
        (_, Ok(_)) => "date",
        _ => "none",
    }
}

fn path_seeds() -> Vec<Vec<u8>> {
    texts(&[
        r#"["address","street"]"#,
        r#"["nationalities",null]"#,
        r#"["a",0,"b",null,"c"]"#,
        "address.street",
    ])
}

/// A path that was read is written and read as the same.
fn read_path(input: &[u8]) -> Outcome {
    let claims = json!({"address": {"street": 1}, "nationalities": ["KR", "UZ"], "a": [{"b": [{"c": 1}]}]});
    let claims = claims.as_object().cloned().unwrap_or_default();
    if let Ok(path) = str::from_utf8(input).unwrap_or_default().parse::<ClaimPath>() {
        assert_eq!(ClaimPath::from_json(&path.to_json()), Ok(path.clone()));
        let _selected = path.select(&claims);
    }
    let Ok(value) = json::parse(input) else { return SKIPPED };
    match ClaimPath::from_json(&value) {
        Ok(path) => {
            assert_eq!(path.to_json(), value, "a path has one form");
            assert!(path.is_within(&path));
            let _selected = path.select(&claims);
            OK
        }
        Err(_) => "none",
    }
}

fn object(input: &[u8]) -> Option<Map<String, Value>> {
    json::parse_object(input).ok()
}

fn read_jwk(input: &[u8]) -> Outcome {
    let Some(members) = object(input) else { return SKIPPED };
    match PublicJwk::from_members(members.clone()) {
        Ok(jwk) => {
            assert_eq!(*jwk.members(), members);
            assert!(jwk.text("d").is_none(), "no private key is a public one");
            OK
        }
        Err(error) => error.code(),
    }
}

/// A document that was read is written, and that is read as the same.
fn read_document(input: &[u8]) -> Outcome {
    let Some(members) = object(input) else { return SKIPPED };
    match DidDocument::from_json(&members) {
        Ok(document) => {
            let written = document.to_json();
            assert_eq!(DidDocument::from_json(&written).as_ref(), Ok(&document), "{written:?}");
            OK
        }
        Err(_) => "refused",
    }
}

/// A credential that was read is written in the current version, and that is read as the same.
fn read_data_model(input: &[u8]) -> Outcome {
    let Some(members) = object(input) else { return SKIPPED };
    for version in [Version::V2, Version::V2OrV1] {
        let (credential, presentation) =
            (vcdm::credential_breaches(&members, version), vcdm::presentation_breaches(&members, version));
        for breach in credential.iter().chain(&presentation) {
            let _code = breach.rule.code();
        }
        let _presentation = vcdm::presentation_from_json(&members, version);
    }
    match vcdm::credential_from_json(&members, Version::V2) {
        Ok(credential) => {
            let written = vcdm::credential_to_json(&credential, &[]);
            let again = vcdm::credential_from_json(&written, Version::V2);
            assert_eq!(again.as_ref(), Ok(&credential), "{written:?}");
            OK
        }
        Err(error) => error.code(),
    }
}

fn read_request(input: &[u8]) -> Outcome {
    let Some(members) = object(input) else { return SKIPPED };
    match PresentationRequest::from_json(&members) {
        Ok(request) => {
            let written = request.to_json();
            assert_eq!(PresentationRequest::from_json(&written).as_ref(), Ok(&request), "{written:?}");
            OK
        }
        Err(_) => "refused",
    }
}
