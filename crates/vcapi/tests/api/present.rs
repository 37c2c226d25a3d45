use crate::world::{World, small};
use serde_json::{Value, json};
use sinpyo_core::did::{Did, KeyId};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_testkit::TestEntropy;

const HOLDER: &str = "eddsa-rdfc-2022";

/// A key outside the server, as holders have it.
fn outside_key() -> (SigningKey, KeyId) {
    let key = SigningKey::generate(Algorithm::Ed25519, &mut TestEntropy::new(77));
    let multikey = key.verifying_key().to_multikey();
    let id = format!("did:key:{multikey}#{multikey}").parse().unwrap();
    (key, id)
}

fn occasion(challenge: &str) -> Value {
    json!({"challenge": challenge, "domain": "post.example"})
}

#[test]
fn a_signed_presentation_answers_one_occasion() {
    for world in [World::conformance(), World::production()] {
        let credential = world.issue("ecdsa-jcs-2019-p256");
        let presentation = world.present(HOLDER, std::slice::from_ref(&credential), "c1");
        assert!(world.verify_presentation(&presentation, &occasion("c1")).is_ok());
        assert_eq!(world.verify_presentation(&presentation, &occasion("c2")), Err("DI-07".into()));
        let elsewhere = json!({"challenge": "c1", "domain": "bank.example"});
        assert_eq!(world.verify_presentation(&presentation, &elsewhere), Err("DI-06".into()));
        let mut altered = presentation.clone();
        altered["holder"] = json!(world.did("eddsa-jcs-2022"));
        assert_eq!(world.verify_presentation(&altered, &occasion("c1")), Err("DI-10".into()));
        let mut altered = presentation;
        altered["verifiableCredential"][0]["credentialSubject"]["alumniOf"] = json!("부산");
        assert!(world.verify_presentation(&altered, &occasion("c1")).is_err());
    }
}

#[test]
fn an_unsigned_presentation_is_its_credentials_in_conformance_only() {
    let world = World::conformance();
    let presentation = |credential: Value| {
        json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
            "verifiableCredential": [credential]})
    };
    let good = presentation(world.issue("eddsa-jcs-2022"));
    assert!(world.verify_presentation(&good, &json!({})).is_ok());
    let body = json!({"presentation": good, "options": {}});
    assert_eq!(world.post("/presentations/verify", &body).0, 200, "by its other name");
    assert_eq!(world.verify_presentation(&good, &occasion("c")), Err("VCA-11".into()), "nobody answered it");
    let token = presentation(world.issue("vc-jwt"));
    assert!(world.verify_presentation(&token, &json!({})).is_ok());
    let mut bad = good.clone();
    bad["verifiableCredential"][0]["credentialSubject"]["alumniOf"] = json!("부산");
    assert_eq!(world.verify_presentation(&bad, &json!({})), Err("DI-10".into()));
    let unsecured = presentation(small("did:example:a"));
    assert_eq!(world.verify_presentation(&unsecured, &json!({})), Err("VCA-20".into()));
    let production = World::production();
    let good = presentation(production.issue("eddsa-jcs-2022"));
    assert_eq!(production.verify_presentation(&good, &occasion("c")), Err("VCA-11".into()));
}

#[test]
fn production_wants_an_occasion() {
    let world = World::production();
    let presentation = world.present(HOLDER, &[], "c1");
    for options in [
        json!({}),
        json!({"challenge": "c1"}),
        json!({"domain": "post.example"}),
        json!({"challenge": "", "domain": ""}),
    ] {
        assert_eq!(world.verify_presentation(&presentation, &options), Err("VCJ-15".into()), "{options}");
    }
}

#[test]
fn a_credential_without_proof_is_the_holders_own_word_or_none() {
    let world = World::conformance();
    let own = small(&world.did(HOLDER));
    let presentation = world.present(HOLDER, &[own], "c1");
    assert!(world.verify_presentation(&presentation, &occasion("c1")).is_ok());
    let foreign = world.present(HOLDER, &[small("did:example:alice")], "c1");
    assert_eq!(world.verify_presentation(&foreign, &occasion("c1")), Err("VCA-20".into()));
    // Signed by the one whose word it would be, who does not say to be the holder.
    let (key, id) = outside_key();
    let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"], "verifiableCredential": [small(id.did().as_str())]});
    let presentation = presentation.as_object().unwrap().clone();
    let key = sinpyo_crypto::KeySigner::new(id, key);
    let options = sinpyo_proof::vp::proof_options("post.example", "c1", world.now);
    let signed =
        sinpyo_proof::data_integrity::sign(presentation, &options, &key, key.key().verifying_key()).unwrap();
    assert_eq!(world.verify_presentation(&Value::Object(signed), &occasion("c1")), Err("VCA-20".into()));
}

#[test]
fn a_credential_about_somebody_else_is_pointed_out() {
    let world = World::production();
    let credential = world.issue("eddsa-rdfc-2022");
    let presentation = world.present(HOLDER, &[credential], "c1");
    let answer = world.verify_presentation(&presentation, &occasion("c1")).unwrap();
    assert_eq!(answer["warnings"][0]["rule"], "VCJ-13");
}

#[test]
fn an_instance_presents_for_itself_only() {
    let world = World::conformance();
    let presentation = |holder: &str| {
        let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"], "holder": holder});
        world.post("/presentations", &json!({ "presentation": presentation }))
    };
    assert_eq!(presentation(&world.did(HOLDER)).0, 201);
    for holder in ["did:example:nobody".to_owned(), world.did("bbs-2023"), world.did("vc-jwt")] {
        assert_eq!(presentation(&holder).1["rule"], "VCA-21", "{holder}");
    }
    assert_eq!(world.post("/presentations", &json!({"presentation": {"type": "x"}})).0, 400);
}

#[test]
fn an_enveloped_presentation_is_verified_with_what_is_in_it() {
    let world = World::conformance();
    let envelope = |token: &str| {
        json!({"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiablePresentation",
            "id": format!("data:application/vp+jwt,{token}")})
    };
    let (key, id) = outside_key();
    let holder = id.did();
    let credential = world.issue("vc-jwt").to_string();
    let sign = |holder: &Did| {
        let presentation = sinpyo_proof::vp::presentation(holder, std::slice::from_ref(&credential));
        let signatory = sinpyo_proof::Signatory { key_id: &id, key: key.verifying_key() };
        let prepared = sinpyo_proof::vp::prepare(presentation, "post.example", "c1", world.now, signatory);
        let signature = key.sign(prepared.signing_input()).unwrap();
        prepared.attach(&signature).unwrap()
    };
    let token = sign(&holder);
    let anothers = sign(&"did:example:alice".parse().unwrap());
    assert_eq!(world.verify_presentation(&envelope(&anothers), &json!({})), Err("VCJ-12".into()));
    assert!(world.verify_presentation(&envelope(&token), &occasion("c1")).is_ok());
    assert!(world.verify_presentation(&envelope(&token), &json!({})).is_ok());
    assert_eq!(world.verify_presentation(&envelope(&token), &occasion("c2")), Err("VCJ-17".into()));
    let flipped = token.replace("eyJ", "eyK");
    assert!(world.verify_presentation(&envelope(&flipped), &json!({})).is_err());
    assert!(world.verify_presentation(&envelope(""), &json!({})).is_err());
}

#[test]
fn a_malformed_presentation_names_every_place() {
    let world = World::conformance();
    let body = json!({"verifiablePresentation": {"@context": ["x"], "type": "y", "holder": 1, "verifiableCredential": ["z"]}});
    let (status, answer) = world.post("/presentations/verify", &body);
    assert_eq!((status, &answer["verified"]), (400, &json!(false)));
    let places: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    for place in ["@context", "type", "holder", "verifiableCredential/0"] {
        assert!(places.contains(&json!(format!("/verifiablePresentation/{place}"))), "{place} {places:?}");
    }
}

#[test]
fn only_a_base_proof_that_verifies_is_derived_from() {
    let world = World::conformance();
    let derive = |credential: &Value, pointers: Value| {
        let options = json!({ "selectivePointers": pointers });
        world.post("/credentials/derive", &json!({"verifiableCredential": credential, "options": options}))
    };
    let base = world.issue("ecdsa-sd-2023");
    assert_eq!(derive(&base, json!(["/credentialSubject"])).0, 201);
    assert_eq!(derive(&base, json!(["/nothing"])).1["pointer"], "/options/selectivePointers");
    assert_eq!(derive(&base, json!([])).1["rule"], "SDI-07");
    assert_eq!(derive(&base, json!([1])).1["rule"], "VCA-04");
    let mut altered = base.clone();
    altered["credentialSubject"]["alumniOf"] = json!("부산");
    assert_eq!(derive(&altered, json!(["/issuer"])).0, 400);
    assert_eq!(derive(&world.issue("eddsa-rdfc-2022"), json!(["/issuer"])).1["rule"], "DI-02");
    let derived = derive(&base, json!(["/issuer"])).1["verifiableCredential"].clone();
    assert_eq!(derive(&derived, json!(["/issuer"])).0, 400);
}
