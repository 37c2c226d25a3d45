//! Degenerate ECDSA signatures and unsound points.
#![cfg(test)]

use proptest::prelude::*;
use sinpyo_core::{
    encoding::{Multikey, to_base64url},
    key::Verifier,
};
use sinpyo_crypto::{Algorithm, ParseKeyError, VerifyingKey};
use sinpyo_testkit::{from_hex, key};

const P256_PUB: u64 = 0x1200;
const P384_PUB: u64 = 0x1201;

/// The orders of P-256 and P-384 [SP 800-186 §3.2.1].
const N256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const N384: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

#[test]
fn a_degenerate_signature_is_refused() {
    for (algorithm, n) in [(Algorithm::Es256, from_hex(N256)), (Algorithm::Es384, from_hex(N384))] {
        let width = n.len();
        let key = key(algorithm, 1);
        let signature = key.sign(b"message").unwrap();
        let (r, s) = signature.split_at(width);
        let zero = vec![0; width];
        let one = [&zero[1..], &[1]].concat();
        for (r, s) in [
            (&zero[..], &zero[..]), // CVE-2022-21449
            (&one, &zero),
            (&zero, &one),
            (&zero, s),
            (r, &zero),
            (&n, s),
            (r, &n),
            (&n, &n),
            (s, r),
        ] {
            assert!(
                key.verifying_key().verify(b"message", &[r, s].concat()).is_err(),
                "{algorithm} {r:02x?} {s:02x?}"
            );
        }
        assert!(key.verifying_key().verify(b"message", &signature).is_ok());
    }
}

/// DER of the same two integers.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |value: &[u8]| [&[2, 33, 0], value].concat();
    [&[0x30, 70][..], &integer(r), &integer(s)].concat()
}

#[test]
fn another_form_than_two_integers_of_full_width_is_refused() {
    let key = key(Algorithm::Es256, 1);
    // Some signature in which both integers have their top bit set, so that the DER above is well-formed.
    let signature = (0..1000)
        .map(|_| key.sign(b"message").unwrap())
        .find(|signature| signature[0] & 0x80 != 0 && signature[32] & 0x80 != 0)
        .unwrap();
    let (r, s) = signature.split_at(32);
    assert!(key.verifying_key().verify(b"message", &signature).is_ok());
    for form in [
        &signature[..63],
        &signature[1..],
        &[&signature[..], &[0]].concat(),
        &[&[0], &signature[..]].concat(),
        &[&[0], r, &[0], s].concat(),
        &der(r, s),
        &[],
    ] {
        assert!(key.verifying_key().verify(b"message", form).is_err(), "{form:02x?}");
    }
    assert!(p256::ecdsa::Signature::from_der(&der(r, s)).is_ok(), "the DER offered was sound");
}

/// Python `cryptography` 48 (OpenSSL): the private scalar 0x0102…30, the message "message".
#[test]
fn an_es384_signature_of_openssl_verifies() {
    let public = from_hex(
        "03c76f2283dda95cd49b0ed9e733d2904474e37216f124e13d2c9ab4cf01021c49ad9cabb3d0b97499aef2f0ab313fa028",
    );
    let signature = from_hex(
        "d81eefa30588891dc5e7bb795d0541149c84b5afc9370be6302f92c52022ecbf822dae61cb856b8b303909e261ea1e43\
         37de0299f3b89ac8499a0e0004bbfc600b5166074be761bb60be56f488f8c6479a3b33434b2e0b0a3ea92ba4ca57d5b7",
    );
    let key = VerifyingKey::from_multikey(&Multikey::new(P384_PUB, &public)).unwrap();
    assert!(key.verify(b"message", &signature).is_ok());
    assert!(key.verify(b"massage", &signature).is_err());
}

#[test]
fn what_is_no_compressed_point_is_refused() {
    let parse = |bytes: &[u8]| VerifyingKey::from_multikey(&Multikey::new(P256_PUB, bytes));
    let good = key(Algorithm::Es256, 1).verifying_key().to_multikey();
    assert!(parse(good.key()).is_ok());
    let with_prefix = |prefix: u8| [&[prefix], &good.key()[1..]].concat();
    // x = p, the first value that is no field element.
    let p = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let beyond = [&[2], &p[..]].concat();
    for bytes in [with_prefix(0), with_prefix(1), with_prefix(4), with_prefix(6), with_prefix(0x30), beyond] {
        assert_eq!(parse(&bytes), Err(ParseKeyError::NotOnCurve), "{bytes:02x?}");
    }
    // The point at infinity, x alone, the uncompressed form, and a P-384 length.
    for length in [0, 1, 32, 34, 49, 65] {
        assert_eq!(parse(&vec![2; length]), Err(ParseKeyError::Length), "{length}");
    }
}

proptest! {
    /// `p256` agrees on which x belong to points of the curve (about half), and on their y.
    #[test]
    fn the_points_are_those_of_p256(x in any::<[u8; 32]>(), odd in any::<bool>()) {
        let compressed = [&[if odd { 3 } else { 2 }], &x[..]].concat();
        let ours = VerifyingKey::from_multikey(&Multikey::new(P256_PUB, &compressed));
        if let Ok(theirs) = p256::PublicKey::from_sec1_bytes(&compressed) {
            let point = p256::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&theirs, false);
            let jwk = ours.unwrap().to_jwk();
            let [x, y] = [point.x().unwrap(), point.y().unwrap()].map(|bytes| to_base64url(bytes));
            prop_assert_eq!((jwk.text("x"), jwk.text("y")), (Some(&*x), Some(&*y)));
        } else {
            prop_assert_eq!(ours, Err(ParseKeyError::NotOnCurve));
        }
    }

    /// What we sign, `p256` verifies; what it signs is covered by the deterministic signer of the testkit.
    #[test]
    fn p256_verifies_our_signatures(seed in 0_u8..4, message in prop::collection::vec(any::<u8>(), 0..40)) {
        use p256::ecdsa::signature::Verifier as _;
        let key = key(Algorithm::Es256, seed);
        let theirs = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.verifying_key().to_multikey().key()).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(&key.sign(&message).unwrap()).unwrap();
        prop_assert!(theirs.verify(&message, &signature).is_ok());
    }
}
