//! The data model: one broken document per rule, and the documents of the W3C test suite.

use serde_json::{Map, Value, json};
use sinpyo_core::vcdm::{
    Breach, CONTEXT_V1, CONTEXT_V2, Version, credential_breaches, presentation_breaches,
};
use std::fs;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("an object") };
    members
}

fn good() -> Map<String, Value> {
    object(json!({
        "@context": [CONTEXT_V2, {"Card": "https://a.example/#Card"}], "id": "urn:uuid:1",
        "type": ["VerifiableCredential", "Card"], "issuer": {"id": "did:x:a", "name": "우체국"},
        "name": [{"@value": "카드", "@language": "ko"}, {"@value": "card", "@language": "en", "@direction": "ltr"}],
        "validFrom": "2026-01-01T00:00:00+09:00", "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": [{"id": "did:x:b"}, {"name": "김"}],
        "credentialStatus": {"type": "BitstringStatusListEntry"}, "evidence": [{"type": ["Evidence"]}],
        "credentialSchema": {"id": "https://a.example/s", "type": "JsonSchema"},
        "relatedResource": [{"id": "https://a.example/r", "digestSRI": "sha384-x"}],
        "proof": {"type": "DataIntegrityProof"}
    }))
}

fn places(breaches: &[Breach]) -> Vec<(&str, &str)> {
    breaches.iter().map(|breach| (breach.rule.code(), breach.pointer.as_str())).collect()
}

#[test]
fn each_rule_of_the_data_model_names_its_place() {
    assert_eq!(credential_breaches(&good(), Version::V2), []);
    for (member, value, code, pointer) in [
        ("@context", json!(CONTEXT_V2), "VCM-01", "/@context"),
        ("@context", json!([{}, CONTEXT_V2]), "VCM-01", "/@context"),
        ("@context", json!([CONTEXT_V1]), "VCM-01", "/@context"),
        ("type", json!(["Card"]), "VCM-02", "/type"),
        ("type", json!(["VerifiableCredential", 1]), "VCM-02", "/type"),
        ("id", json!(["urn:uuid:1"]), "VCM-03", "/id"),
        ("issuer", json!("nobody"), "VCM-04", "/issuer"),
        ("issuer", json!({"name": "a"}), "VCM-04", "/issuer"),
        ("issuer", json!({"id": "did:x:a", "name": {"@value": "a", "url": "b"}}), "VCM-09", "/issuer/name"),
        ("credentialSubject", json!([]), "VCM-05", "/credentialSubject"),
        ("credentialSubject", json!([{"a": 1}, {}]), "VCM-05", "/credentialSubject/1"),
        ("credentialSubject", json!({"id": "no url"}), "VCM-03", "/credentialSubject/id"),
        ("credentialSubject", json!("did:x:b"), "VCM-05", "/credentialSubject"),
        ("validFrom", json!("2026-01-01T00:00:00"), "VCM-06", "/validFrom"),
        ("validUntil", json!("2025-01-01T00:00:00Z"), "VCM-07", "/validUntil"),
        ("credentialStatus", json!({"id": "urn:x"}), "VCM-08", "/credentialStatus/type"),
        ("evidence", json!([{"type": "a"}, {}]), "VCM-08", "/evidence/1/type"),
        ("termsOfUse", json!("free"), "VCM-08", "/termsOfUse"),
        ("proof", json!({}), "VCM-08", "/proof/type"),
        ("credentialSchema", json!({"type": "JsonSchema"}), "VCM-03", "/credentialSchema/id"),
        ("description", json!([1]), "VCM-09", "/description"),
        ("relatedResource", json!([{"id": "https://a.example/r"}]), "VCM-10", "/relatedResource/0/digestSRI"),
    ] {
        let mut broken = good();
        broken.insert(member.to_owned(), value.clone());
        assert_eq!(places(&credential_breaches(&broken, Version::V2)), [(code, pointer)], "{member} {value}");
    }
    let mut missing = good();
    missing.remove("credentialSubject");
    missing.remove("issuer");
    let breaches = credential_breaches(&missing, Version::V2);
    assert_eq!(places(&breaches), [("VCM-04", "/issuer"), ("VCM-05", "/credentialSubject")]);
}

#[test]
fn a_presentation_is_checked_with_what_it_holds() {
    let with = |name: &str, value: Value| {
        let mut members = object(json!({"@context": [CONTEXT_V2], "type": "VerifiablePresentation",
            "holder": "did:x:a", "verifiableCredential": [good()]}));
        members.insert(name.to_owned(), value);
        presentation_breaches(&members, Version::V2)
    };
    assert_eq!(with("id", json!("urn:x:1")), []);
    let envelope = json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:a,b"});
    assert_eq!(with("verifiableCredential", envelope), []);
    let found = with("holder", json!({"name": "a"}));
    assert_eq!(places(&found), [("VCM-11", "/holder")]);
    assert_eq!(
        places(&with("verifiableCredential", json!(["ey.."]))),
        [("VCM-12", "/verifiableCredential/0")]
    );
    let mut inner = good();
    inner.insert("validUntil".to_owned(), json!(1));
    let found = with("verifiableCredential", json!([good(), inner]));
    assert_eq!(places(&found), [("VCM-06", "/verifiableCredential/1/validUntil")]);
    assert_eq!(found[0].member, "verifiableCredential");
}

#[test]
fn the_former_data_model_has_its_own_times() {
    let old = object(json!({"@context": [CONTEXT_V1], "type": ["VerifiableCredential"], "issuer": "did:x:a",
        "credentialSubject": {"name": "a"}}));
    let found = credential_breaches(&old, Version::V2OrV1);
    assert_eq!(places(&found), [("VCM-06", "/issuanceDate")]);
}

/// What only JSON-LD processing refuses: the terms and types of the documents.
const SEEN_BY_JSON_LD: [&str; 4] = [
    "credential-redef-type-fail.json",
    "credential-redef-type2-fail.json",
    "credential-type-mapped-nonurl-fail.json",
    "credential-type-unmapped-fail.json",
];

#[test]
fn the_documents_of_the_w3c_suite_get_their_verdict() {
    let Some(folder) = sinpyo_testkit::vectors("vcdm2-testsuite-input") else { return };
    let mut seen = 0;
    for folder in [folder.clone(), folder.join("names-and-descriptions")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let verdict = match name.rsplit_once('-').map(|(_, verdict)| verdict) {
                Some("ok.json") => true,
                Some("fail.json" | "inject.json") => false,
                _ => continue, // A folder, or a case about signatures.
            };
            seen += 1;
            // The suite fills in its dates.
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("PAST DATE", "2020-01-01T00:00:00Z");
            let text = text.replace("FUTURE DATE", "2120-01-01T00:00:00Z");
            let mut members = object(serde_json::from_str(&text).unwrap());
            if name.starts_with("presentation") {
                assert_eq!(presentation_breaches(&members, Version::V2).is_empty(), verdict, "{name}");
                continue;
            }
            // The suite fills in the issuer that it tests, unless the case is about a wrong one.
            if !(name.contains("issuer") && name.contains("fail") && !name.starts_with("issuer-")) {
                match members.get_mut("issuer") {
                    Some(Value::Object(issuer)) => drop(issuer.insert("id".into(), json!("did:x:a"))),
                    _ => drop(members.insert("issuer".into(), json!("did:x:a"))),
                }
            }
            let fine = credential_breaches(&members, Version::V2).is_empty();
            assert_eq!(fine, verdict || SEEN_BY_JSON_LD.contains(&name.as_str()), "{name}");
        }
    }
    assert!(seen >= 115, "{seen} documents");
}
