//! Seeds that several targets start from.

use super::{people, people::Party, texts};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::ServiceCode,
    claims::ClaimPath,
    document::VerificationRelationship::AssertionMethod,
    encoding::from_base64url,
    request::{ClaimQuery, CredentialQuery, PresentationRequest},
    vcdm,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_proof::data_integrity::ProofOptions;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The inputs of the vectors in the folder `set`, good and bad; none where the repository's vectors are not at hand.
pub(super) fn vectors(set: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors").join(set);
    let mut files: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.sort();
    let input = |file: &PathBuf| {
        let vector: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        Some(vector.get("input")?.as_str()?.as_bytes().to_vec())
    };
    files.iter().filter_map(input).collect()
}

/// The same for vectors in base64url.
pub(super) fn binary_vectors(set: &str) -> Vec<Vec<u8>> {
    let decode = |text: &Vec<u8>| from_base64url(std::str::from_utf8(text).ok()?).ok();
    vectors(set).iter().filter_map(decode).collect()
}

/// Signs with a copy of `key` under the name `id`.
pub(super) fn signer(id: &str, key: &SigningKey) -> KeySigner {
    let copy =
        SigningKey::from_private_jwk(&key.to_private_jwk()).expect("a private JWK that was just written");
    KeySigner::new(id.parse().expect("a key id"), copy)
}

/// A public JWK of each algorithm.
pub(super) fn jwks() -> Vec<Vec<u8>> {
    let jwk = |algorithm| sinpyo_testkit::key(algorithm, 1).verifying_key().to_jwk();
    let jwks = Algorithm::ALL.into_iter().map(jwk);
    jwks.map(|jwk| Value::Object(jwk.members().clone()).to_string().into_bytes()).collect()
}

/// DID documents as they are written here and elsewhere.
pub(super) fn documents() -> Vec<Vec<u8>> {
    let own = Value::Object(people::issuer_document().document.to_json()).to_string();
    let other = r##"{"@context":["https://www.w3.org/ns/did/v1"],"id":"did:web:a.example","alsoKnownAs":["https://a.example/"],
      "verificationMethod":[{"id":"#k","type":"JsonWebKey2020","controller":"did:web:a.example","publicKeyJwk":{"kty":"OKP",
      "crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}],"authentication":["did:web:a.example#k"],
      "assertionMethod":[{"id":"did:web:a.example#m","type":"Multikey","controller":"did:web:a.example",
      "publicKeyMultibase":"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}],
      "service":[{"id":"#s","type":["A","B"],"serviceEndpoint":["https://a.example/",{"uri":"https://b.example/"}]}]}"##;
    let other = other.replace("\n      ", "");
    texts(&[&own, &other])
}

/// W3C credentials without a proof, in the current version and the one before.
pub(super) fn bare_w3c() -> Vec<Vec<u8>> {
    let own = Value::Object(vcdm::credential_to_json(&people::for_did(), &[])).to_string();
    let full = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "http://university.example/credentials/58473", "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "name": [{"@value": "졸업", "@language": "ko"}], "issuer": {"id": "did:x:issuer", "name": "Example University"},
        "validFrom": "2010-01-01T00:00:00Z", "credentialSubject": [{"id": "did:example:a", "alumniOf": {"name": "U"}}],
        "credentialSchema": {"id": "https://example.org/schema.json", "type": "JsonSchema"},
        "termsOfUse": [{"type": "T"}], "evidence": {"type": ["E"]}, "refreshService": {"type": "R", "id": "urn:r"},
        "relatedResource": [{"id": "https://a.example/i.png", "digestMultibase": "zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"}],
        "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "94567", "statusListCredential": "https://a.example/3"}],
    });
    let old = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential"],
        "issuer": "did:x:issuer", "issuanceDate": "2010-01-01T00:00:00Z", "expirationDate": "2030-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:a"},
    });
    let presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": "did:x:holder", "verifiableCredential": [full],
    });
    texts(&[&own, &full.to_string(), &old.to_string(), &presentation.to_string()])
}

/// A request for two credentials.
pub(super) fn request() -> PresentationRequest {
    let claim = |name: &str, values: Vec<Value>| ClaimQuery { path: ClaimPath::name(name), values };
    let query = |id: &str| CredentialQuery {
        id: id.to_owned(),
        types: vec![people::KIND.parse().expect("a type")],
        claims: vec![claim("age_over_18", vec![json!(true)]), claim("address", Vec::new())],
    };
    PresentationRequest {
        verifier: "did:x:issuer".parse().expect("a DID"),
        service: "postal.delivery".parse::<ServiceCode>().expect("a service code"),
        nonce: people::NONCE.to_owned(),
        issued_at: people::now(),
        expires_at: people::now().plus(Duration::from_mins(5)),
        queries: vec![query("a"), query("b")],
    }
}

pub(super) fn bare_requests() -> Vec<Vec<u8>> {
    texts(&[&Value::Object(request().to_json()).to_string()])
}

/// Documents with statements: every kind of container, value and graph.
pub(super) fn linked() -> Vec<Vec<u8>> {
    let forms = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", {
            "@vocab": "https://example.org/vocab#",
            "list": {"@id": "urn:list", "@container": "@list"}, "set": {"@id": "urn:set", "@container": "@set"},
            "lang": {"@id": "urn:lang", "@container": "@language"}, "index": {"@id": "urn:index", "@container": "@index"},
            "by": {"@id": "urn:by", "@container": "@id"}, "kinds": {"@id": "urn:kinds", "@container": "@type"},
            "graph": {"@id": "urn:graph", "@container": "@graph"}, "raw": {"@id": "urn:raw", "@type": "@json"},
            "up": {"@reverse": "urn:up"}, "link": {"@id": "urn:link", "@type": "@id"}, "nest": "@nest",
        }],
        "id": "urn:uuid:1", "type": ["VerifiableCredential", "Thing"], "issuer": "did:x:issuer",
        "credentialSubject": {
            "list": [1, [2, 3], "four"], "set": [true, 1.5, 1e21], "lang": {"ko": "가", "en": ["a", "b"]},
            "index": {"a": {"x": 1}, "b": [{"x": 2}]}, "by": {"urn:1": {"x": 1}}, "kinds": {"Thing": {"x": 1}},
            "graph": {"x": {"y": 1}}, "raw": {"any": [1, null]}, "up": [{"id": "urn:above"}], "link": "urn:there",
            "nest": {"inside": "x"}, "blank": {"id": "_:b0", "x": {"id": "_:b0"}},
            "typed": {"@value": "2026-01-01", "@type": "http://www.w3.org/2001/XMLSchema#date"},
            "said": {"@value": "x", "@language": "ko", "@direction": "ltr"},
        },
    });
    let mut seeds = bare_w3c();
    seeds.extend(texts(&[
        &forms.to_string(),
        r#"{"@context":{"a":"urn:a"},"@graph":[{"a":{"a":1}},{"@included":{"a":2}}]}"#,
    ]));
    seeds
}

/// A document for selective disclosure: blank nodes that only their labels tell apart, and a list.
pub(super) fn selectable() -> Map<String, Value> {
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": ["VerifiableCredential"],
        "issuer": "did:x:issuer", "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:x:holder", "alumniOf": "한국학교",
            "degree": {"type": "ExampleDegree", "name": "정보학사"}, "spouse": "did:example:b",
        },
    });
    document.as_object().cloned().unwrap_or_default()
}

pub(super) fn options() -> ProofOptions {
    ProofOptions { created: Some(people::earlier(10)), ..ProofOptions::new(AssertionMethod) }
}

/// The issuer's ES256 key, which most things here are signed with.
pub(super) fn issuer() -> Party {
    Party::issuer(Algorithm::Es256)
}
