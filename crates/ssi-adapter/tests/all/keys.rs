//! Keys across the border.

use did_method_key::DIDKey;
use sinpyo_core::key::Verifier;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_ssi_adapter::key;
use sinpyo_testkit::key as test_key;
use ssi::JWK;

const SHARED: [Algorithm; 3] = [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384];

fn generated(algorithm: Algorithm) -> JWK {
    match algorithm {
        Algorithm::Ed25519 => JWK::generate_ed25519().unwrap(),
        Algorithm::Es256 => JWK::generate_p256(),
        _ => JWK::generate_p384(),
    }
}

#[test]
fn a_key_of_ssi_signs_here_and_one_of_ours_there() {
    for algorithm in SHARED {
        let theirs = generated(algorithm);
        let ours = key::signing_key(&theirs).unwrap();
        assert_eq!(ours.algorithm(), algorithm);
        assert_eq!(key::public_key(&theirs).unwrap(), *ours.verifying_key());
        let signed_here = ours.sign(b"message").unwrap();
        let alg = theirs.get_algorithm().unwrap();
        assert!(ssi::claims::jws::verify_bytes(alg, b"message", &theirs, &signed_here).is_ok());
        assert!(ssi::claims::jws::verify_bytes(alg, b"massage", &theirs, &signed_here).is_err());

        let back = key::to_ssi_private(&test_key(algorithm, 4)).unwrap();
        let signed_there = ssi::claims::jws::sign_bytes(alg, b"message", &back).unwrap();
        let public = test_key(algorithm, 4).verifying_key().clone();
        assert!(public.verify(b"message", &signed_there).is_ok());
        assert!(public.verify(b"massage", &signed_there).is_err());
        assert_eq!(key::to_ssi(&public).unwrap(), back.to_public());
    }
}

/// `did-method-key` and we derive one identifier from one key, and read each other's.
#[test]
fn both_call_a_key_by_the_same_did() {
    for algorithm in SHARED {
        let jwk = generated(algorithm);
        let theirs = DIDKey::generate_url(&jwk).unwrap();
        let ours = key::did_key(&jwk).unwrap();
        assert_eq!(ours.as_str(), theirs.as_str());
        assert_eq!(key::to_ssi_url(&ours).unwrap(), theirs);
        assert_eq!(key::to_ssi_did(&ours.did()).unwrap(), DIDKey::generate(&jwk).unwrap());
        let other = key::did_key(&generated(algorithm)).unwrap();
        assert_ne!(ours, other);
    }
}

#[test]
fn a_key_that_the_other_side_has_not_is_refused() {
    let pq = test_key(Algorithm::MlDsa44, 1);
    assert!(key::to_ssi(pq.verifying_key()).is_err());
    assert!(key::to_ssi_private(&pq).is_err());
    let symmetric: JWK = serde_json::from_str(r#"{"kty":"oct","k":"AAAA"}"#).unwrap();
    assert!(key::public_key(&symmetric).is_err());
    let k1 = r#"{"kty":"EC","crv":"secp256k1","x":"yclqMZ0MtyVkKm1eBh2AyaUtsqT0l5RJM3g4SzRT96A",
        "y":"yQzUwKnftWCJPGs-faGaHiYi1sxA6fGJVw2Px_LCNe8"}"#;
    let error = key::public_key(&serde_json::from_str(k1).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "no supported algorithm uses this kind of key");
}

#[test]
fn a_public_key_is_no_key_pair_and_halves_must_belong_together() {
    let jwk = generated(Algorithm::Es256);
    assert!(key::signing_key(&jwk.to_public()).is_err());
    let (other, mixed) = (generated(Algorithm::Es256), jwk.clone());
    let mut mixed = serde_json::to_value(mixed).unwrap();
    mixed["d"] = serde_json::to_value(other).unwrap()["d"].clone();
    let error = key::signing_key(&serde_json::from_value(mixed).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "the public members do not belong to the private one");
}

#[test]
fn no_error_shows_a_private_member() {
    let jwk = generated(Algorithm::Ed25519);
    let private = serde_json::to_value(&jwk).unwrap()["d"].as_str().unwrap().to_owned();
    let mut broken = serde_json::to_value(&jwk).unwrap();
    broken["x"] = broken["d"].clone();
    let error = key::signing_key(&serde_json::from_value(broken).unwrap()).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(&private));
    let _: SigningKey = key::signing_key(&jwk).unwrap();
}
