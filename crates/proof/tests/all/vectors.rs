//! Other people's test vectors.

use crate::fixture::{Party, now, object};
use serde_json::{Map, Value};
use sinpyo_core::{
    document::VerificationRelationship::AssertionMethod,
    encoding::Multikey,
    json,
    jwk::PublicJwk,
    status::{StatusEntry, StatusList, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{
    HolderBinding, Occasion, Signatory, Unverified,
    data_integrity::{self, Expected, ProofOptions},
    jws::Typ,
    sd_jwt, vc_jwt,
};
use sinpyo_testkit::{from_hex, vectors};
use std::{fs, path::Path, time::Duration};

fn read(path: &Path) -> Map<String, Value> {
    json::parse_object(&fs::read(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer}"))
}

/// The public half of a private JWK.
fn public(jwk: &Value) -> VerifyingKey {
    let mut members = object(jwk.clone());
    members.remove("d");
    VerifyingKey::from_jwk(&PublicJwk::from_members(members).unwrap()).unwrap()
}

/// The compact form of a presentation file: text, or a JSON text within a JSON string.
fn compact(path: &Path) -> String {
    let content = fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "txt") {
        return content.trim().to_owned();
    }
    match json::parse(content.as_bytes()).unwrap() {
        Value::String(inner) => sd_jwt::from_json_serialization(inner.as_bytes()).unwrap(),
        outer => sd_jwt::from_json_serialization(outer.to_string().as_bytes()).unwrap(),
    }
}

#[test]
fn sd_jwt_vectors() {
    let Some(root) = vectors("sd-jwt") else { return };
    let manifest = Value::Object(read(&root.join("manifest.json")));
    let cases = manifest["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 35);
    for case in cases {
        let settings = Value::Object(read(&root.join(text(case, "/settings"))));
        let keys = &settings["key_settings"];
        let issuer = public(keys.get("issuer_key").unwrap_or(&keys["issuer_keys"][0]));
        let wire = compact(&root.join(text(case, "/presentation")));
        // The generator wrote the key binding with its own clock.
        let bound_at = wire.rsplit('~').next().filter(|token| !token.is_empty()).map(|token| {
            let payload = sinpyo_core::encoding::from_base64url(token.split('.').nth(1).unwrap()).unwrap();
            let iat = json::parse_object(&payload).unwrap()["iat"].as_i64().unwrap();
            Timestamp::from_unix(iat).unwrap()
        });
        assert_eq!(bound_at.is_some(), case["key_binding"].as_bool().unwrap());
        let occasion = Occasion {
            audience: text(&settings, "/identifiers/verifier"),
            nonce: text(&settings, "/key_binding_nonce"),
            max_age: Duration::ZERO,
        };
        let typ = if wire.starts_with("eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImRjK3NkLWp3dC") {
            Typ::SD_JWT_VC
        } else {
            Typ::application("example+sd-jwt")
        };
        let holder_binding = bound_at.map_or(HolderBinding::NotWanted, |_| HolderBinding::Required(occasion));
        let expected = sd_jwt::Expected { typ, holder_binding, now: bound_at.unwrap_or(now()) };
        let name = text(case, "/name");
        let opened =
            sd_jwt::verify(&wire, &issuer, &expected).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(opened.get().claims, read(&root.join(text(case, "/verified"))), "{name}");
        let stranger = sd_jwt::verify(&wire, Party::impostor().key(), &expected).unwrap_err();
        assert_eq!(stranger.code(), "JWS-11", "{name}");
    }
}

/// The JCS suites of `vc-di-eddsa` and `vc-di-ecdsa`: verify, and recompute the hashes that were signed.
fn data_integrity_vector(folder: &Path, key_file: &Path, suffix: &str) {
    let key = Multikey::parse(read(key_file)["publicKeyMultibase"].as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_multikey(&key).unwrap();
    let secured = read(&folder.join(format!("signedJCS{suffix}.json")));
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: now() };
    let verified = data_integrity::verify(secured.clone(), &key, &expected).unwrap().into_inner();

    let signatory = Signatory { key_id: &verified.key_id, key: &key };
    let prepared = data_integrity::prepare(verified.document, &verified.options, signatory).unwrap();
    let hashes = fs::read_to_string(folder.join(format!("combinedHashJCS{suffix}.txt"))).unwrap();
    assert_eq!(prepared.signing_input(), from_hex(hashes.trim()));

    let mut changed = secured.clone();
    changed.insert("name".into(), "another".into());
    assert_eq!(data_integrity::verify(changed, &key, &expected).unwrap_err().code(), "DI-10");
    let wrong = ProofOptions { created: None, ..verified.options };
    let prepared = data_integrity::prepare(secured, &wrong, signatory).unwrap();
    assert_ne!(prepared.signing_input(), from_hex(hashes.trim()));
}

#[test]
fn eddsa_jcs_2022_vectors() {
    let Some(root) = vectors("vc-di-eddsa") else { return };
    data_integrity_vector(&root.join("eddsa-jcs-2022"), &root.join("keyPair.json"), "");
}

#[test]
fn ecdsa_jcs_2019_vectors() {
    let Some(root) = vectors("vc-di-ecdsa") else { return };
    data_integrity_vector(&root.join("ecdsa-jcs-2019-p256"), &root.join("p256KeyPair.json"), "ECDSAP256");
    data_integrity_vector(&root.join("ecdsa-jcs-2019-p384"), &root.join("p384KeyPair.json"), "ECDSAP384");
}

#[test]
fn token_status_list_vectors() {
    let Some(root) = vectors("token-status-list") else { return };
    let cases = json::parse(&fs::read(root.join("cases.json")).unwrap()).unwrap();
    let issuer = Party::issuer();
    let header = serde_json::json!({"alg": "ES256", "typ": "statuslist+jwt", "kid": "did:x:issuer#key-1"});
    for case in cases.as_array().unwrap() {
        let file = case["files"].as_array().unwrap().iter().find_map(Value::as_str).unwrap();
        let list = Value::Object(read(&root.join(file)));
        let claims =
            serde_json::json!({"sub": "https://a.example", "iat": now().unix(), "status_list": list});
        let wire = crate::fixture::token(&issuer, &header, &claims);
        let arrived = Unverified::<StatusList>::parse(wire.as_bytes()).unwrap();
        let entry = StatusEntry::Token { list: "https://a.example".into(), index: 0 };
        let verified = arrived.verify(&entry, &issuer.ring(), now()).unwrap();
        let size = case["size"].as_u64().unwrap();
        let statuses = case["statuses"].as_object().unwrap();
        for index in 0..size {
            let expected = statuses.get(&index.to_string()).map_or(0, |value| value.as_u64().unwrap());
            assert_eq!(u64::from(verified.status(index).unwrap().value()), expected, "{file} {index}");
        }
        assert!(verified.status(size).is_err());
    }
}

#[test]
fn bitstring_status_list_vectors() {
    let Some(root) = vectors("bitstring-status-list") else { return };
    let cases = json::parse(&fs::read(root.join("generated-digitalbazaar-2.0.1.json")).unwrap()).unwrap();
    let issuer = Party::issuer();
    for case in cases.as_array().unwrap() {
        let credential = serde_json::json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "issuer": "did:x:issuer",
            "id": "https://a.example",
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "credentialSubject": {"id": "https://a.example#list", "type": "BitstringStatusList",
                "statusPurpose": "revocation", "encodedList": case["encodedList"]},
        });
        let options = ProofOptions::new(AssertionMethod);
        let secured =
            data_integrity::sign(object(credential), &options, &issuer.signer, issuer.key()).unwrap();
        let arrived = Unverified::<StatusList>::parse(Value::Object(secured).to_string().as_bytes()).unwrap();
        let (list, purpose) = ("https://a.example".into(), StatusPurpose::Revocation);
        let entry = StatusEntry::Bitstring { list, index: 0, purpose, messages: None };
        let verified = arrived.verify(&entry, &issuer.ring(), now()).unwrap();
        let length = case["length"].as_u64().unwrap();
        let mut set: Vec<_> =
            case["set"].as_array().unwrap().iter().map(|index| index.as_u64().unwrap()).collect();
        set.sort_unstable();
        let read: Vec<_> =
            (0..length).filter(|index| verified.status(*index).unwrap().value() != 0).collect();
        assert_eq!(read, set);
        assert!(verified.status(length).is_err());
    }
    // The specification's own list credential is one that we would issue.
    let examples = json::parse(&fs::read(root.join("spec-examples.json")).unwrap()).unwrap();
    for example in examples.as_array().unwrap() {
        let read =
            sinpyo_core::vcdm::credential_from_json(&object(example.clone()), sinpyo_core::vcdm::Version::V2);
        if let Ok(credential) = read
            && let Ok(did) = credential.issuer().parse::<sinpyo_core::did::Did>()
        {
            let party = Party::new(did.as_str(), sinpyo_crypto::Algorithm::Es256, 1);
            assert!(vc_jwt::issue(&credential, &[], party.pair()).is_ok());
        }
    }
}
