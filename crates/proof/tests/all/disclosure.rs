//! Selective disclosure from issuance to verification, and documents made to be expensive.

use crate::{
    fixture::*,
    statements::{code, credential, options, secured},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, Holder},
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    resolved::Resolved,
};
use sinpyo_crypto::Algorithm;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Disclosure, KeyRing, Profile, Unverified,
    data_integrity::{
        Cryptosuite, Earlier, Expected, Securing,
        disclosure::{Base, derive, prepare, sign_bbs},
        secure, verify_set,
    },
};
use sinpyo_selective::Pointer;
use sinpyo_testkit::TestEntropy;
use std::time::{Duration, Instant};

fn pointers(texts: &[&str]) -> Vec<Pointer> {
    texts.iter().map(|text| Pointer::parse(text).unwrap()).collect()
}

fn document() -> Map<String, Value> {
    let mut document = credential();
    document["credentialSubject"]["degree"] = json!({"type": "ExampleDegree", "name": "정보학사"});
    document
}

/// A base proof of the issuer under `ecdsa-sd-2023`, and the ring that knows its key.
fn by_signatures(mandatory: &[&str]) -> (Map<String, Value>, KeyRing) {
    let issuer = Party::issuer();
    let (options, mandatory, contexts) = (options(None, &[]), pointers(mandatory), Contexts::bundled());
    let base = Base { options: &options, mandatory: &mandatory, contexts: &contexts };
    let prepared = prepare(document(), &base, issuer.signatory(), &mut TestEntropy::new(5)).unwrap();
    let signature = issuer.signer.key().sign(prepared.signing_input()).unwrap();
    (prepared.attach(&signature).unwrap(), issuer.ring())
}

/// The same under `bbs-2023`.
fn by_bbs(mandatory: &[&str]) -> (Map<String, Value>, KeyRing) {
    let secret = sinpyo_bbs::SecretKey::generate(&mut TestEntropy::new(6));
    let did = Party::issuer().did;
    let key_id = did.key("bbs").unwrap();
    let method = VerificationMethod {
        id: key_id.clone(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(secret.public_key().to_multikey()),
        revoked: None,
    };
    let ring = KeyRing::of(&Resolved::immutable(DidDocument::new(did).with_key(method, &[AssertionMethod])));
    let (options, mandatory, contexts) = (options(None, &[]), pointers(mandatory), Contexts::bundled());
    let base = Base { options: &options, mandatory: &mandatory, contexts: &contexts };
    (sign_bbs(document(), &base, (&key_id, &secret), &mut TestEntropy::new(7)).unwrap(), ring)
}

fn shown(
    base: &Map<String, Value>,
    selective: &[&str],
    header: &[u8],
) -> Result<Map<String, Value>, &'static str> {
    let entropy = &mut TestEntropy::new(8);
    derive(base.clone(), &pointers(selective), header, &Contexts::bundled(), entropy)
        .map_err(|error| error.code())
}

#[test]
fn a_holder_shows_what_it_selects_and_what_is_mandatory() {
    let holder = Profile { disclosure: Disclosure::Base, ..Profile::default() };
    for (base, keys) in [by_signatures(&["/issuer", "/validFrom"]), by_bbs(&["/issuer", "/validFrom"])] {
        assert_eq!(code(base.clone(), &keys, &holder), Ok(1));
        assert_eq!(code(base.clone(), &keys, &Profile::default()), Err("SDI-11"));
        let derived = shown(&base, &["/credentialSubject/degree/name"], b"").unwrap();
        assert_eq!(code(derived.clone(), &keys, &Profile::default()), Ok(1));
        assert_eq!(code(derived.clone(), &keys, &holder), Err("SDI-12"));
        assert_eq!(derived["issuer"], "did:x:issuer");
        assert_eq!(derived["credentialSubject"]["degree"]["name"], "정보학사");
        assert!(!Value::Object(derived.clone()).to_string().contains("한국학교"));
        let text = Value::Object(derived.clone()).to_string();
        let arrived = Unverified::<Credential>::parse(text.as_bytes()).unwrap();
        let verified = arrived.verify(&keys, now()).unwrap().into_inner();
        assert_eq!(verified.holder(), &Holder::Did(Party::holder().did));

        for (pointer, value) in [
            ("/validFrom", json!("2024-01-01T00:00:00Z")),
            ("/credentialSubject/degree/name", json!("이학사")),
            ("/proof/created", json!("2026-11-22T03:45:01Z")),
        ] {
            let mut changed = Value::Object(derived.clone());
            *changed.pointer_mut(pointer).unwrap() = value;
            let refused = code(object(changed), &keys, &Profile::default()).unwrap_err();
            assert!(refused.starts_with("SDI"), "{pointer} {refused}");
        }
        let stranger = Party::impostor().ring();
        assert!(code(derived.clone(), &stranger, &Profile::default()).is_err());
        // What is not a base proof is not derived from, and what is not there is not shown.
        assert_eq!(shown(&derived, &["/credentialSubject"], b""), Err("SDI-12"));
        assert_eq!(shown(&base, &["/credentialSubject/absent"], b""), Err("SDI-05"));
    }
}

#[test]
fn a_bbs_proof_says_for_which_occasion_it_was_made() {
    let (base, keys) = by_bbs(&["/issuer"]);
    let derived = shown(&base, &["/validFrom"], b"challenge").unwrap();
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: now() };
    let verified = verify_set(derived, &keys, &expected, &Profile::default()).unwrap();
    assert_eq!(verified.get().signers[0].presentation_header.as_deref(), Some(&b"challenge"[..]));
    assert_eq!(verified.get().signers[0].suite, Cryptosuite::Bbs2023);
}

#[test]
fn another_key_makes_no_base_proof() {
    let (options, contexts) = (options(None, &[]), Contexts::bundled());
    let base = Base { options: &options, mandatory: &[], contexts: &contexts };
    for algorithm in [Algorithm::Es384, Algorithm::Ed25519] {
        let party = Party::new("did:x:issuer", algorithm, 1);
        let refused = prepare(document(), &base, party.signatory(), &mut TestEntropy::new(1)).unwrap_err();
        assert_eq!(refused.code(), "JWS-18");
    }
    let issuer = Party::issuer();
    let prepared = prepare(document(), &base, issuer.signatory(), &mut TestEntropy::new(1)).unwrap();
    let foreign = Party::impostor().signer.key().sign(prepared.signing_input()).unwrap();
    assert_eq!(prepared.attach(&foreign).unwrap_err().code(), "JWS-17");
    let absent = pointers(&["/absent"]);
    let base = Base { mandatory: &absent, ..base };
    let refused = prepare(document(), &base, issuer.signatory(), &mut TestEntropy::new(1)).unwrap_err();
    assert_eq!(refused.code(), "SDI-05");
}

/// DIN-17: ten people who all know each other, and nothing else about them.
fn clique() -> Map<String, Value> {
    let name = |index: usize| format!("_:p{index}");
    let everybody = |index: usize| -> Vec<Value> {
        (0..10).filter(|other| *other != index).map(|other| json!({"id": name(other)})).collect()
    };
    let people: Vec<_> = (0..10).map(|index| json!({"id": name(index), "knows": everybody(index)})).collect();
    let mut document = credential();
    document["credentialSubject"] = json!(people);
    document
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn a_graph_made_to_be_expensive_is_refused_by_issuer_and_verifier() {
    let issuer = Party::issuer();
    let (options, contexts) = (options(None, &[]), Contexts::bundled());
    let suite = Cryptosuite::EcdsaRdfc2019;
    let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
    let started = Instant::now();
    let refused = secure(clique(), &how, issuer.signatory()).unwrap_err();
    assert!(refused.code().starts_with("RDF"), "{}", refused.code());

    let mut forged = clique();
    forged.insert("proof".into(), secured(credential(), &issuer, suite, &options)["proof"].clone());
    let refused = code(forged, &issuer.ring(), &Profile::default()).unwrap_err();
    assert!(refused.starts_with("RDF"), "{refused}");
    // Unoptimised, both together.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
