//! The one acceptance rule for Ed25519, pinned by other people's edge cases.
#![cfg(test)]

use curve25519_dalek::{
    Scalar,
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
};
use proptest::prelude::*;
use serde_json::Value;
use sinpyo_core::{encoding::Multikey, key::Verifier};
use sinpyo_crypto::{Algorithm, ParseKeyError, VerifyingKey, hash::sha512};
use sinpyo_testkit::{from_hex, key, vectors};
use std::{fs, path::Path};

fn parse(public: &[u8]) -> Result<VerifyingKey, ParseKeyError> {
    VerifyingKey::from_multikey(&Multikey::new(0xed, public))
}

fn accepts(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    parse(public).is_ok_and(|key| key.verify(message, signature).is_ok())
}

/// What `verify_strict` of `ed25519-dalek` says, which our faster form must repeat.
fn strict(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = ed25519_dalek::VerifyingKey::from_bytes(public.try_into().unwrap());
    let signature = ed25519_dalek::Signature::from_slice(signature).unwrap();
    key.is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

fn cases(file: &Path) -> Vec<Value> {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn bytes(case: &Value, member: &str) -> Vec<u8> {
    from_hex(case[member].as_str().unwrap())
}

/// Chalkias, Garillot, Nikolaenko 2020, table 5: a strict verifier accepts case 3 only.
#[test]
fn of_the_speccheck_cases_only_number_3_is_accepted() {
    let Some(folder) = vectors("ed25519-speccheck") else { return };
    let cases = cases(&folder.join("cases.json"));
    let accepted: Vec<usize> = (0..cases.len())
        .filter(|&i| {
            let case = &cases[i];
            let (key, message) = (bytes(case, "pub_key"), bytes(case, "message"));
            accepts(&key, &message, &bytes(case, "signature"))
        })
        .collect();
    assert_eq!((cases.len(), accepted), (12, vec![3]));
}

/// C2SP CCTV: a low-order *component* in A or R is no reason to refuse, everything else it flags is.
#[test]
fn the_cctv_cases_fall_as_their_flags_say() {
    let Some(folder) = vectors("ed25519-cctv") else { return };
    let cases = cases(&folder.join("ed25519vectors.json"));
    assert_eq!(cases.len(), 914);
    let mut accepted = 0;
    for case in &cases {
        let flags = case["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let harmless = |flag: &Value| flag == "low_order_component_A" || flag == "low_order_component_R";
        let (public, signature) = (bytes(case, "key"), bytes(case, "sig"));
        let message = case["msg"].as_str().unwrap().as_bytes();
        let ours = accepts(&public, message, &signature);
        assert_eq!(ours, flags.iter().all(harmless), "case {}", case["number"]);
        // dalek's rule is ours, but for canonical A, which it leaves to the caller.
        if !flags.iter().any(|flag| flag == "non_canonical_A") {
            assert_eq!(ours, strict(&public, message, &signature), "case {}", case["number"]);
        }
        accepted += usize::from(ours);
    }
    assert!(accepted > 1, "{accepted} accepted");
}

/// The order of the base point, little-endian [RFC 8032 §5.1].
const L: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// `scalar` + L, little-endian, modulo 2^256.
fn plus_l(scalar: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let sum = scalar.iter().zip(from_hex(L)).map(|(a, b)| {
        let digit = u16::from(*a) + u16::from(b) + carry;
        carry = digit >> 8;
        digit.to_le_bytes()[0]
    });
    sum.collect()
}

#[test]
fn a_scalar_beyond_the_order_is_refused() {
    let key = key(Algorithm::Ed25519, 1);
    let signature = key.sign(b"message").unwrap();
    let (r, s) = signature.split_at(32);
    assert!(key.verifying_key().verify(b"message", &signature).is_ok());
    let once = plus_l(s);
    let twice = plus_l(&once);
    for s in [once, twice, from_hex(L), vec![0xff; 32]] {
        assert!(key.verifying_key().verify(b"message", &[r, &s].concat()).is_err());
    }
}

/// The eight points of small order in each of their encodings, canonical or not.
const SMALL_ORDER: [&str; 14] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn a_key_of_small_order_is_refused() {
    for text in SMALL_ORDER {
        assert_eq!(parse(&from_hex(text)), Err(ParseKeyError::SmallOrder), "{text}");
    }
    assert_eq!(ParseKeyError::SmallOrder.code(), "KEY-05");
}

/// y = p + 2 … p + 18 fit in 255 bits and name the same points as y − p.
#[test]
fn a_key_with_a_coordinate_beyond_the_field_is_refused() {
    let mut non_canonical = 0;
    for low in 0xef_u8..=0xff {
        for high in [0x7f, 0xff] {
            let mut encoded = [0xff; 32];
            (encoded[0], encoded[31]) = (low, high);
            let mut reduced = [0; 32];
            (reduced[0], reduced[31]) = (low - 0xed, high & 0x80);
            // The reduced form is a key exactly if the point exists; the long form never is one.
            match parse(&reduced) {
                Ok(_) => {
                    assert_eq!(parse(&encoded), Err(ParseKeyError::NonCanonical), "{low:x}");
                    non_canonical += 1;
                }
                Err(error) => assert_eq!((error, parse(&encoded)), (ParseKeyError::NotOnCurve, Err(error))),
            }
        }
    }
    assert!(non_canonical > 0);
}

#[test]
fn a_key_of_another_length_is_refused() {
    for length in [0, 31, 33, 64] {
        assert_eq!(parse(&vec![9; length]), Err(ParseKeyError::Length), "{length}");
    }
}

/// With A = a·B + T of order 8·L and S = k·a, the equation gives R = −k·T, a point of small order, without
/// the private key having signed anything: dalek's `verify` accepts these, its strict form does not.
#[test]
fn r_of_small_order_is_refused() {
    let a = Scalar::from(0x5eed_u64);
    let public = (ED25519_BASEPOINT_POINT * a + EIGHT_TORSION[1]).compress().to_bytes();
    for wanted in EIGHT_TORSION {
        let r = wanted.compress().to_bytes();
        let challenge =
            |message: &[u8]| Scalar::from_bytes_mod_order_wide(&sha512(&[&r[..], &public, message].concat()));
        let fits = |message: &[u8; 4]| -(EIGHT_TORSION[1] * challenge(message)) == wanted;
        let message = (0..1000_u32).map(u32::to_le_bytes).find(fits).unwrap();
        let signature = [r, (challenge(&message) * a).to_bytes()].concat();

        let theirs = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
        let parsed = ed25519_dalek::Signature::from_slice(&signature).unwrap();
        assert!(ed25519_dalek::Verifier::verify(&theirs, &message, &parsed).is_ok());
        assert!(!strict(&public, &message, &signature));
        assert!(!accepts(&public, &message, &signature));
    }
    assert!(parse(&public).is_ok(), "the key is not what refuses");
}

proptest! {
    /// Whatever happens to key, message or signature, the verdict is that of dalek's strict rule.
    #[test]
    fn the_verdict_is_that_of_verify_strict(
        seed in 0_u8..4, message in prop::collection::vec(any::<u8>(), 0..40),
        flip in prop::option::of((0_usize..64, 0_u8..8)),
    ) {
        let key = key(Algorithm::Ed25519, seed);
        let mut signature = key.sign(&message).unwrap().to_vec();
        if let Some((byte, bit)) = flip {
            signature[byte] ^= 1 << bit;
        }
        let public = key.verifying_key().to_multikey();
        let ours = accepts(public.key(), &message, &signature);
        prop_assert_eq!(ours, flip.is_none());
        prop_assert_eq!(ours, strict(public.key(), &message, &signature));
    }
}
