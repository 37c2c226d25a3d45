use crate::world::{World, small};
use serde_json::{Value, json};
use sinpyo_core::document::VerificationRelationship::AssertionMethod;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_proof::data_integrity::{self, ProofOptions};
use sinpyo_testkit::TestEntropy;
use sinpyo_vcapi::Fact;

fn refused(credential: &Value) -> String {
    World::conformance().verify(credential, &json!({})).unwrap_err()
}

#[test]
fn what_is_no_credential_is_refused_with_400() {
    let world = World::conformance();
    for body in [
        json!("a text"),
        json!([]),
        json!({}),
        json!({"verifiableCredential": "a text"}),
        json!({"verifiableCredential": null}),
        json!({"verifiableCredential": []}),
        json!({"verifiableCredential": {}}),
        json!({"verifiableCredential": {}, "options": []}),
    ] {
        let (status, answer) = world.post("/credentials/verify", &body);
        assert_eq!((status, &answer["verified"]), (400, &json!(false)), "{body}");
    }
    let (status, answer) = world.send("POST", "/credentials/verify", b"{\"a\":1,\"a\":2}");
    assert_eq!((status, &answer["rule"]), (400, &json!("JSON-01")));
}

#[test]
fn a_broken_proof_is_refused_by_its_rule() {
    let world = World::conformance();
    let good = world.issue("eddsa-rdfc-2022");
    let with = |name: &str, value: Value| {
        let mut credential = good.clone();
        credential["proof"][name] = value;
        refused(&credential)
    };
    let without = |name: &str| {
        let mut credential = good.clone();
        credential["proof"].as_object_mut().unwrap().remove(name);
        refused(&credential)
    };
    assert_eq!(without("type"), "VCM-08");
    assert_eq!(with("type", json!("Unheard")), "DI-01");
    assert_eq!(without("verificationMethod"), "DI-01");
    assert_eq!(with("verificationMethod", json!("did:key:z6Mk#x")), "RES-01");
    assert_eq!(without("proofPurpose"), "DI-03");
    assert_eq!(with("proofPurpose", json!("authentication")), "DI-03");
    assert_eq!(without("cryptosuite"), "DI-02");
    assert_eq!(with("cryptosuite", json!("eddsa-jcs-2022")), "DI-10");
    assert_eq!(with("cryptosuite", json!("ecdsa-rdfc-2019")), "DI-02");
    assert_eq!(without("proofValue"), "DI-08");
    let value = good["proof"]["proofValue"].as_str().unwrap();
    assert_eq!(with("proofValue", json!(value.trim_start_matches('z'))), "DI-08");
    assert_eq!(with("proofValue", json!(format!("u{value}"))), "DI-08");
    assert_eq!(with("previousProof", json!("urn:uuid:nothing")), "DI-12");
    assert_eq!(with("expires", json!("2026-11-21T00:00:00Z")), "DI-05");
    assert_eq!(with("created", json!("2026-11-23T00:00:00Z")), "DI-04");
    let mut credential = good.clone();
    credential["proof"] = Value::Null;
    assert_eq!(refused(&credential), "VCM-08");
    credential.as_object_mut().unwrap().remove("proof");
    assert_eq!(refused(&credential), "DI-01");
}

#[test]
fn an_unknown_option_or_check_is_refused_by_name() {
    let world = World::conformance();
    let credential = world.issue("eddsa-jcs-2022");
    let body = json!({"verifiableCredential": credential, "options": {"a/b": 1}});
    let (status, answer) = world.post("/credentials/verify", &body);
    assert_eq!((status, &answer["pointer"]), (400, &json!("/options/a~1b")));
    assert_eq!(answer["type"], "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED");
    assert_eq!(world.verify(&credential, &json!({"checks": ["colour"]})), Err("VCA-02".into()));
    assert_eq!(world.verify(&credential, &json!({"checks": "proof"})), Err("VCA-04".into()));
    assert_eq!(world.verify(&credential, &json!({"checks": []})).unwrap()["warnings"], json!([]));
    let body = json!({"verifiableCredential": credential, "extra": 1});
    assert_eq!(world.post("/credentials/verify", &body).1["rule"], "VCA-04");
}

#[test]
fn an_envelope_has_the_context_of_the_data_model() {
    let world = World::conformance();
    let token = world.issue("vc-jwt");
    let with = |context: Value| {
        let mut token = token.clone();
        token["@context"] = context;
        world.verify(&token, &json!({})).map(drop)
    };
    assert_eq!(with(json!(["https://www.w3.org/ns/credentials/v2"])), Ok(()));
    for context in [Value::Null, json!([]), json!("https://www.w3.org/2018/credentials/v1"), json!({})] {
        assert_eq!(with(context), Err("VCM-01".into()));
    }
}

#[test]
fn domain_and_challenge_must_be_those_of_the_proof() {
    let world = World::conformance();
    let credential = world.issue("eddsa-rdfc-2022");
    assert_eq!(world.verify(&credential, &json!({"challenge": "c"})), Err("DI-07".into()));
    assert_eq!(world.verify(&credential, &json!({"domain": "d"})), Err("DI-06".into()));
    let token = world.issue("vc-jwt");
    assert_eq!(world.verify(&token, &json!({"challenge": "c"})), Err("DI-07".into()));
}

#[test]
fn a_validity_that_is_over_is_a_warning_unless_it_was_asked_for() {
    let world = World::conformance();
    let over = json!({"validFrom": "2020-01-01T00:00:00Z", "validUntil": "2021-01-01T00:00:00Z"});
    let credential = world.issue_with("eddsa-rdfc-2022", &over, &json!({}));
    let answer = world.verify(&credential, &json!({"checks": ["proof"]})).unwrap();
    assert_eq!(answer["warnings"][0]["pointer"], "/verifiableCredential/validUntil");
    assert_eq!(world.verify(&credential, &json!({"checks": ["validity"]})), Err("JWS-14".into()));
    let later = json!({"validFrom": "2030-01-01T00:00:00Z"});
    let credential = world.issue_with("ecdsa-jcs-2019-p384", &later, &json!({}));
    assert_eq!(world.verify(&credential, &json!({"checks": ["validity"]})), Err("JWS-15".into()));
    assert!(world.verify(&credential, &json!({})).is_ok());
    // In production everything is asked for unless the caller says otherwise.
    let world = World::production();
    let credential = world.issue_with("eddsa-rdfc-2022", &over, &json!({}));
    assert_eq!(world.verify(&credential, &json!({})), Err("JWS-14".into()));
}

/// Whoever holds a credential could otherwise make it last, and keep its signature.
#[test]
fn a_member_that_decides_is_not_renamed_in_production() {
    let members = json!({"validUntil": "2030-01-01T00:00:00Z"});
    for world in [World::production(), World::conformance()] {
        let good = world.issue_with("eddsa-rdfc-2022", &members, &json!({}));
        assert!(world.verify(&good, &json!({})).is_ok());
        let mut renamed = good;
        let until = renamed.as_object_mut().unwrap().remove("validUntil").unwrap();
        renamed["https://www.w3.org/2018/credentials#validUntil"] =
            json!({"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": until});
        assert_eq!(world.verify(&renamed, &json!({})), Err("DI-17".into()));
    }
}

#[test]
fn anybody_may_sign_for_an_issuer_in_conformance_only() {
    let mut entropy = TestEntropy::new(21);
    let key = SigningKey::generate(Algorithm::Ed25519, &mut entropy);
    let multikey = key.verifying_key().to_multikey();
    let key = KeySigner::new(format!("did:key:{multikey}#{multikey}").parse().unwrap(), key);
    let document = small("did:example:somebody-else").as_object().unwrap().clone();
    let options = ProofOptions::new(AssertionMethod);
    let signed = data_integrity::sign(document, &options, &key, key.key().verifying_key()).unwrap();
    let signed = Value::Object(signed);
    assert!(World::conformance().verify(&signed, &json!({})).is_ok());
    assert_eq!(World::production().verify(&signed, &json!({})), Err("VCJ-06".into()));
}

#[test]
fn documents_of_did_web_issuers_are_fetched_once_and_must_be_theirs() {
    let mut world = World::conformance();
    let credential = world.issue("eddsa-rdfc-2022");
    let mut foreign = credential.clone();
    foreign["proof"]["verificationMethod"] = json!("did:web:issuer.example#key");
    assert_eq!(world.verify(&foreign, &json!({})), Err("VCA-16".into()), "nobody answers");
    assert_eq!(*world.fetched.borrow(), ["https://issuer.example/.well-known/did.json"]);
    world.web.insert("https://issuer.example/.well-known/did.json".into(), Fact::Absent);
    assert_eq!(world.verify(&foreign, &json!({})), Err("WEB-07".into()));
    let did = world.did("eddsa-rdfc-2022");
    let document = json!({
        "id": "did:web:issuer.example",
        "verificationMethod": [{"id": "did:web:issuer.example#key", "type": "Multikey",
            "controller": "did:web:issuer.example", "publicKeyMultibase": did.trim_start_matches("did:key:")}],
        "assertionMethod": ["did:web:issuer.example#key"],
    });
    let body = Fact::Body(document.to_string().into_bytes());
    world.web.insert("https://issuer.example/.well-known/did.json".into(), body);
    assert_eq!(world.verify(&foreign, &json!({})), Err("DI-10".into()), "the method's name is signed");
}

#[test]
fn no_more_documents_are_fetched_than_a_request_deserves() {
    let world = World::conformance();
    let credential = world.issue("eddsa-rdfc-2022");
    let presented: Vec<Value> = (0..40)
        .map(|i| {
            let mut one = credential.clone();
            one["proof"]["verificationMethod"] = json!(format!("did:web:h{i}.example#key"));
            one
        })
        .collect();
    let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"], "verifiableCredential": presented});
    assert!(world.verify_presentation(&presentation, &json!({})).is_err());
    assert!(world.fetched.borrow().len() <= sinpyo_vcapi::MAX_NEEDS, "{}", world.fetched.borrow().len());
}

#[test]
fn a_status_of_an_unknown_kind_is_an_error_when_it_is_asked_for() {
    let world = World::conformance();
    let status =
        json!({"credentialStatus": {"id": "https://a.example/s", "type": "https://a.example/Unheard"}});
    let credential = world.issue_with("eddsa-rdfc-2022", &status, &json!({}));
    assert_eq!(world.verify(&credential, &json!({"checks": ["status"]})), Err("VCJ-08".into()));
    let answer = world.verify(&credential, &json!({"checks": ["proof"]})).unwrap();
    assert_eq!(answer["warnings"][0]["rule"], "VCA-03");
}
