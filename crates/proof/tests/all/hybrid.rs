//! The hybrid suite: both signatures, or none.

use crate::{
    fixture::Party,
    statements::{code, credential, options, secured},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    encoding::{
        Base::{Base58Btc, Base64Url},
        from_multibase, to_multibase,
    },
    key::Signer,
    resolved::Resolved,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::{
    KeyRing, Profile, ProofPolicy,
    data_integrity::{Cryptosuite, hybrid},
};

const SUITE: &str = "sinpyo-ed25519-mldsa44-jcs-2026";

fn party(name: &str, algorithm: Algorithm, seed: u8) -> Party {
    let did: Did = "did:x:issuer".parse().unwrap();
    let key_id = did.key(name).unwrap();
    Party { did, signer: KeySigner::new(key_id, sinpyo_testkit::key(algorithm, seed)) }
}

fn classical(seed: u8) -> Party {
    party("ed", Algorithm::Ed25519, seed)
}

fn post_quantum(seed: u8) -> Party {
    party("pq", Algorithm::MlDsa44, seed)
}

/// Both keys under one DID.
fn ring() -> KeyRing {
    let method = |party: &Party| VerificationMethod {
        id: party.signer.key_id().clone(),
        controller: party.did.clone(),
        key: PublicKeyMaterial::Multikey(party.key().to_multikey()),
        revoked: None,
    };
    let document = DidDocument::new("did:x:issuer".parse().unwrap())
        .with_key(method(&classical(1)), &[AssertionMethod])
        .with_key(method(&post_quantum(2)), &[AssertionMethod]);
    KeyRing::of(&Resolved::immutable(document))
}

fn signed(classical: &Party, post_quantum: &Party) -> Map<String, Value> {
    let options = options(None, &[]);
    let prepared =
        hybrid::prepare(credential(), &options, classical.signatory(), post_quantum.signatory()).unwrap();
    let [a, b] = [classical, post_quantum].map(|party| party.signer.sign(prepared.signing_input()).unwrap());
    prepared.attach(&a, &b).unwrap()
}

fn required() -> Profile {
    let proofs = ProofPolicy { suites: vec![Cryptosuite::Ed25519MlDsa44Jcs2026], ..ProofPolicy::default() };
    Profile { proofs, ..Profile::default() }
}

#[test]
fn a_hybrid_proof_needs_both_signatures() {
    let good = signed(&classical(1), &post_quantum(2));
    assert_eq!(code(good.clone(), &ring(), &Profile::default()), Ok(1));
    assert_eq!(code(good.clone(), &ring(), &required()), Ok(1));
    for (a, b) in [(9, 2), (1, 9), (9, 9)] {
        let forged = signed(&classical(a), &post_quantum(b));
        assert_eq!(code(forged, &ring(), &Profile::default()), Err("DI-10"), "{a} {b}");
    }
    let mut changed = good;
    changed["validFrom"] = json!("2024-01-01T00:00:00Z");
    assert_eq!(code(changed, &ring(), &Profile::default()), Err("DI-10"));
    let swapped = hybrid::prepare(
        credential(),
        &options(None, &[]),
        post_quantum(2).signatory(),
        classical(1).signatory(),
    );
    assert_eq!(swapped.unwrap_err().code(), "JWS-18");
    // Whoever demands the suite does not take the signature of one of its keys.
    let single = secured(credential(), &classical(1), Cryptosuite::EddsaJcs2022, &options(None, &[]));
    assert_eq!(code(single, &ring(), &required()), Err("DI-14"));
}

#[test]
fn half_of_a_hybrid_proof_is_no_proof() {
    let good = signed(&classical(1), &post_quantum(2));
    let value = good["proof"]["proofValue"].as_str().unwrap();
    let bytes = from_multibase(Base64Url, value).unwrap();
    let (first, second) = bytes.split_at(64);
    for (suite, value, method, refused) in [
        ("eddsa-jcs-2022", to_multibase(Base58Btc, first), "did:x:issuer#ed", "DI-10"),
        ("mldsa44-jcs-2024", to_multibase(Base64Url, second), "did:x:issuer#pq", "DI-10"),
        (SUITE, to_multibase(Base64Url, first), "did:x:issuer#ed", "DI-16"),
        (SUITE, to_multibase(Base64Url, second), "did:x:issuer#ed", "DI-16"),
    ] {
        let mut stripped = good.clone();
        let proof = stripped["proof"].as_object_mut().unwrap();
        proof.insert("cryptosuite".into(), json!(suite));
        proof.insert("proofValue".into(), json!(value));
        proof.insert("verificationMethod".into(), json!(method));
        assert_eq!(code(stripped.clone(), &ring(), &Profile::default()), Err(refused), "{suite}");
        stripped["proof"].as_object_mut().unwrap().remove("secondVerificationMethod");
        let refused = if suite == SUITE { "DI-01" } else { refused };
        assert_eq!(code(stripped, &ring(), &Profile::default()), Err(refused), "{suite}");
    }
}

#[test]
fn the_second_key_is_another_one_of_the_same_controller() {
    let good = signed(&classical(1), &post_quantum(2));
    for (method, refused) in
        [("did:x:issuer#ed", "DI-16"), ("did:x:other#pq", "DI-16"), ("did:x:issuer#gone", "DID-01")]
    {
        let mut changed = good.clone();
        changed["proof"]["secondVerificationMethod"] = json!(method);
        assert_eq!(code(changed, &ring(), &Profile::default()), Err(refused), "{method}");
    }
}
