//! Data Integrity proofs on any JSON object (SECURITY rows DIN-*).

use crate::fixture::*;
use serde_json::{Map, Value, json};
use sinpyo_core::document::VerificationRelationship as For;
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{
    SignError,
    data_integrity::{Challenge, Expected, ProofOptions, claimed_key, prepare, sign, verify},
};

fn document() -> Map<String, Value> {
    object(json!({"type": "operation", "number": 1.5, "text": "신표", "list": [1, null, true]}))
}

fn options() -> ProofOptions {
    ProofOptions { created: Some(now()), ..ProofOptions::new(For::AssertionMethod) }
}

fn signed(party: &Party, document: Map<String, Value>, options: &ProofOptions) -> Map<String, Value> {
    sign(document, options, &party.signer, party.key()).unwrap()
}

fn expected() -> Expected<'static> {
    Expected { purpose: For::AssertionMethod, challenge: None, now: now() }
}

fn check(
    secured: Map<String, Value>,
    party: &Party,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, &'static str> {
    match verify(secured, party.key(), expected) {
        Ok(verified) => Ok(verified.into_inner().document),
        Err(error) => Err(error.code()),
    }
}

/// `secured` with one member of its proof changed.
fn with(name: &str, value: Value) -> Map<String, Value> {
    let mut secured = signed(&Party::issuer(), document(), &options());
    secured["proof"][name] = value;
    secured
}

#[test]
fn every_suite_signs_and_verifies_any_object() {
    for (algorithm, suite, prefix) in [
        (Algorithm::Es256, "ecdsa-jcs-2019", 'z'),
        (Algorithm::Es384, "ecdsa-jcs-2019", 'z'),
        (Algorithm::Ed25519, "eddsa-jcs-2022", 'z'),
        (Algorithm::MlDsa44, "mldsa44-jcs-2024", 'u'),
    ] {
        let party = Party::new("did:x:issuer", algorithm, 3);
        let secured = signed(&party, document(), &options());
        assert_eq!(secured["proof"]["cryptosuite"], suite);
        assert!(secured["proof"]["proofValue"].as_str().unwrap().starts_with(prefix));
        assert_eq!(claimed_key(&secured).unwrap().as_str(), "did:x:issuer#key-1");
        assert_eq!(check(secured.clone(), &party, &expected()), Ok(document()));
        let other = Party::new("did:x:issuer", algorithm, 4);
        assert_eq!(check(secured, &other, &expected()), Err("DI-10"));
    }
    let unsupported = Party::new("did:x:issuer", Algorithm::MlDsa65, 3);
    let error = prepare(document(), &options(), unsupported.signatory()).unwrap_err();
    assert_eq!(error.code(), "JWS-18");
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    let party = Party::issuer();
    let text = Value::Object(signed(&party, document(), &options())).to_string();
    for wire in flips(&text) {
        if let Ok(secured) = sinpyo_core::json::parse_object(wire.as_bytes()) {
            assert!(check(secured, &party, &expected()).is_err(), "{wire}");
        }
    }
}

#[test]
fn a_suite_that_does_not_fit_the_key_is_refused() {
    for suite in [json!("eddsa-jcs-2022"), json!("mldsa44-jcs-2024"), json!("ecdsa-rdfc-2019"), json!("")] {
        assert_eq!(check(with("cryptosuite", suite), &Party::issuer(), &expected()), Err("DI-02"));
    }
    assert_eq!(check(with("cryptosuite", json!(1)), &Party::issuer(), &expected()), Err("DI-01"));
    let ed25519 = Party::new("did:x:issuer", Algorithm::Ed25519, 1);
    assert_eq!(check(signed(&Party::issuer(), document(), &options()), &ed25519, &expected()), Err("DI-02"));
    // P-384 hashes with SHA-384: a P-256 proof does not pass for one.
    let p384 = Party::new("did:x:issuer", Algorithm::Es384, 1);
    assert_eq!(check(signed(&Party::issuer(), document(), &options()), &p384, &expected()), Err("DI-10"));
}

#[test]
fn a_proof_for_another_purpose_is_refused() {
    let party = Party::issuer();
    for purpose in For::ALL {
        let secured = signed(&party, document(), &ProofOptions::new(purpose));
        let result = check(secured, &party, &expected()).map(|_| ());
        assert_eq!(result, if purpose == For::AssertionMethod { Ok(()) } else { Err("DI-03") });
    }
    assert_eq!(check(with("proofPurpose", json!("issuance")), &party, &expected()), Err("DI-03"));
    assert_eq!(check(with("proofPurpose", json!(["assertionMethod"])), &party, &expected()), Err("DI-01"));
}

#[test]
fn a_changed_option_is_refused() {
    for (name, value) in [
        ("created", json!("2026-11-22T03:45:01Z")),
        ("created", json!("2026-11-22T12:45:00+09:00")),
        ("expires", json!("2099-01-01T00:00:00Z")),
        ("domain", json!("a")),
        ("challenge", json!("a")),
        ("nonce", json!("a")),
        ("verificationMethod", json!("did:x:issuer#key-2")),
        ("id", json!("urn:uuid:1")),
    ] {
        assert_eq!(check(with(name, value), &Party::issuer(), &expected()), Err("DI-10"), "{name}");
    }
}

#[test]
fn a_proof_of_another_document_is_refused() {
    let party = Party::issuer();
    let mut other = document();
    other["number"] = json!(2);
    other.insert("proof".into(), signed(&party, document(), &options())["proof"].clone());
    assert_eq!(check(other, &party, &expected()), Err("DI-10"));
}

#[test]
fn proof_times_are_typed_and_kept() {
    let party = Party::issuer();
    for (name, value) in [
        ("created", json!(1_795_319_100)),
        ("created", json!("2026-11-22T03:45:00")),
        ("created", json!("2026-11-22")),
        ("expires", json!(null)),
    ] {
        assert_eq!(check(with(name, value), &party, &expected()), Err("DI-01"), "{name}");
    }
    let at =
        |options: ProofOptions| check(signed(&party, document(), &options), &party, &expected()).map(|_| ());
    assert_eq!(at(ProofOptions { created: Some(later(60)), ..options() }), Ok(()));
    assert_eq!(at(ProofOptions { created: Some(later(61)), ..options() }), Err("DI-04"));
    assert_eq!(at(ProofOptions { expires: Some(earlier(60)), ..options() }), Ok(()));
    assert_eq!(at(ProofOptions { expires: Some(earlier(61)), ..options() }), Err("DI-05"));
}

#[test]
fn a_proof_answers_one_domain_and_challenge() {
    let party = Party::issuer();
    let bound = |domain: &str, challenge: &str| {
        let options =
            ProofOptions { domains: vec![domain.into()], challenge: Some(challenge.into()), ..options() };
        let challenge = Some(Challenge { domain: Some(AUDIENCE), challenge: Some(NONCE) });
        check(signed(&party, document(), &options), &party, &Expected { challenge, ..expected() }).map(|_| ())
    };
    assert_eq!(bound(AUDIENCE, NONCE), Ok(()));
    assert_eq!(bound("other", NONCE), Err("DI-06"));
    assert_eq!(bound(AUDIENCE, "other"), Err("DI-07"));
    let challenge = Some(Challenge { domain: Some(AUDIENCE), challenge: Some(NONCE) });
    let unbound = signed(&party, document(), &options());
    assert_eq!(check(unbound, &party, &Expected { challenge, ..expected() }), Err("DI-06"));
    // Made for two verifiers, it could be passed on from one to the other.
    let domains = vec![AUDIENCE.into(), "other".into()];
    let several = ProofOptions { domains, challenge: Some(NONCE.into()), ..options() };
    let several = signed(&party, document(), &several);
    assert!(check(several.clone(), &party, &expected()).is_ok());
    assert_eq!(check(several, &party, &Expected { challenge, ..expected() }), Err("DI-06"));
    for domain in [json!([]), json!([AUDIENCE, AUDIENCE]), json!([1]), json!(1)] {
        assert_eq!(check(with("domain", domain), &party, &expected()), Err("DI-01"));
    }
}

/// DIN-20 of the catalogue.
#[test]
fn a_proof_value_in_another_encoding_is_refused() {
    let good = with("x", json!(1))["proof"]["proofValue"].as_str().unwrap().to_owned();
    for value in [
        json!(format!("u{}", &good[1..])),
        json!(&good[1..]),
        json!(good.replacen(&good[2..3], "0", 1)),
        json!(format!("{good}=")),
        json!(null),
        json!([good]),
        json!("zI"),
    ] {
        assert_eq!(
            check(with("proofValue", value.clone()), &Party::issuer(), &expected()),
            Err("DI-08"),
            "{value}"
        );
    }
    for value in ["z", "z1", &good[..good.len() - 1], &format!("{good}1")] {
        assert_eq!(
            check(with("proofValue", json!(value)), &Party::issuer(), &expected()),
            Err("DI-10"),
            "{value}"
        );
    }
}

#[test]
fn sets_chains_and_foreign_proofs_are_refused() {
    let party = Party::issuer();
    let proof = signed(&party, document(), &options())["proof"].clone();
    let bare = |proof: Value| {
        let mut secured = document();
        secured.insert("proof".into(), proof);
        check(secured, &party, &expected())
    };
    assert!(bare(proof.clone()).is_ok());
    assert_eq!(bare(json!([proof])), Err("DI-11"));
    assert_eq!(bare(json!([])), Err("DI-11"));
    assert_eq!(check(with("previousProof", json!("urn:uuid:1")), &party, &expected()), Err("DI-11"));
    assert_eq!(bare(json!("proof")), Err("DI-01"));
    assert_eq!(check(document(), &party, &expected()), Err("DI-01"));
    assert_eq!(check(with("type", json!("Ed25519Signature2020")), &party, &expected()), Err("DI-01"));
    for method in [json!("key-1"), json!("did:x:issuer"), json!({"id": "did:x:issuer#key-1"})] {
        assert_eq!(check(with("verificationMethod", method), &party, &expected()), Err("DI-01"));
    }
}

#[test]
fn only_the_signed_context_survives() {
    let party = Party::issuer();
    let context = json!(["https://www.w3.org/ns/credentials/v2", {"a": "https://a.example/"}]);
    let mut original = document();
    original.insert("@context".into(), context.clone());
    let secured = signed(&party, original.clone(), &options());
    assert_eq!(secured["proof"]["@context"], context);
    assert_eq!(check(secured.clone(), &party, &expected()), Ok(original.clone()));
    let with_context = |context: Value| {
        let mut secured = secured.clone();
        secured["@context"] = context;
        check(secured, &party, &expected())
    };
    // Appended later: dropped, as [VC-DI-EDDSA §3.3.2] has it.
    let mut appended = context.clone();
    appended.as_array_mut().unwrap().push(json!({"@vocab": "https://evil.example/"}));
    assert_eq!(with_context(appended), Ok(original));
    for context in [
        json!([context[1], context[0]]),
        json!([context[0]]),
        json!([{"@vocab": "https://evil.example/"}, context[0], context[1]]),
        context[0].clone(),
        json!(null),
    ] {
        assert_eq!(with_context(context), Err("DI-09"));
    }
    let mut without = secured.clone();
    without.remove("@context");
    assert_eq!(check(without, &party, &expected()), Err("DI-09"));
    let mut unsigned = secured;
    unsigned["proof"].as_object_mut().unwrap().remove("@context");
    assert_eq!(check(unsigned, &party, &expected()), Err("DI-10"));
}

#[test]
fn a_remote_signature_is_checked_before_it_is_published() {
    let (issuer, impostor) = (Party::issuer(), Party::impostor());
    let prepared = || prepare(document(), &options(), issuer.signatory()).unwrap();
    let signature = issuer.signer.key().sign(prepared().signing_input()).unwrap();
    assert!(check(prepared().attach(&signature).unwrap(), &issuer, &expected()).is_ok());
    let foreign = impostor.signer.key().sign(prepared().signing_input()).unwrap();
    assert!(matches!(prepared().attach(&foreign), Err(SignError::ForeignSignature)));
}

#[test]
fn signing_again_replaces_the_proof() {
    let party = Party::issuer();
    let twice = signed(&party, signed(&Party::impostor(), document(), &options()), &options());
    assert_eq!(check(twice, &party, &expected()), Ok(document()));
}
