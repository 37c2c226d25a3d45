//! Ed25519 [RFC 8032 §5.1], by `ed25519-dalek`.
//!
//! **One acceptance rule**, that of dalek's `verify_strict`: S < L; A and R are canonical encodings of
//! points of large order; and `encode(S·B − k·A) = R` without multiplying by the cofactor. Libraries that
//! differ in these points accept different signatures for the same key and message (Chalkias, Garillot,
//! Nikolaenko 2020; their twelve cases and the 914 of C2SP CCTV are our tests), and two readers of one
//! ledger must never differ. The strict rule is the one under which a signature binds its message to one
//! key, and the only one of the twelve that it accepts is number 3.
//!
//! The batch form in [`crate::ed25519_batch`] gives the same verdicts; the usual batch equations do not.
//!
//! Korea's validated modules (KCMVP) do not offer Ed25519. It is an algorithm to verify others with and an
//! integrity layer for logs; issuers that fall under KCMVP sign with `ES256`.
//!
//! Two of the checks need no curve arithmetic per signature, which saves an eighth of dalek's time: A is
//! checked when the key is parsed, and R is compared with the encodings of the eight points of small
//! order. The equation compares R as bytes, so a non-canonical R is refused without being decoded.

use crate::verifying::ParseKeyError;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sinpyo_core::key::BadSignature;

/// Parses a public key, and refuses it unless A is canonical and of large order.
pub(crate) fn parse(bytes: &[u8]) -> Result<VerifyingKey, ParseKeyError> {
    let bytes: &[u8; 32] = bytes.try_into().map_err(|_| ParseKeyError::Length)?; // [KEY-02]
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| ParseKeyError::NotOnCurve)?; // [KEY-03]
    if key.is_weak() {
        return Err(ParseKeyError::SmallOrder); // [KEY-05]
    }
    if !is_canonical(bytes) {
        return Err(ParseKeyError::NonCanonical); // [KEY-04]
    }
    Ok(key)
}

/// Whether y is below p = 2^255 − 19. The other way to write a point twice, −0 for x, has small order.
pub(crate) fn is_canonical(encoded: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = encoded;
    *low < 0xed || middle.iter().any(|byte| *byte != 0xff) || high & 0x7f != 0x7f
}

/// Verifies by the rule of this module. `key` comes from [`parse`].
pub(crate) fn verify(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let signature = Signature::from_slice(signature).map_err(|_| BadSignature)?; // [KEY-10]
    if has_small_order(signature.r_bytes()) {
        return Err(BadSignature); // [KEY-13]
    }
    // Refuses S ≥ L and compares R as bytes. [KEY-12] [KEY-14]
    key.verify(message, &signature).map_err(|_| BadSignature)
}

/// The y-coordinates of the eight points whose order divides the cofactor; the sign bit of x is free.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    [0; 32], // order 4
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // neutral
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ], // order 2
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ], // order 8
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ], // order 8
];

pub(crate) fn has_small_order(encoded: &[u8; 32]) -> bool {
    let mut y = *encoded;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER_Y.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_point_of_small_order() {
        for mut encoded in SMALL_ORDER_Y {
            for sign in [0, 0x80] {
                encoded[31] |= sign;
                assert!(VerifyingKey::from_bytes(&encoded).unwrap().is_weak(), "{encoded:02x?}");
            }
        }
        // The eight multiples of a point of order 8 give five different y: y(P) = y(−P).
        let eighth = VerifyingKey::from_bytes(&SMALL_ORDER_Y[4]).unwrap().to_edwards();
        let mut multiple = eighth;
        for _ in 0..8 {
            assert!(has_small_order(multiple.compress().as_bytes()));
            multiple += eighth;
        }
        assert_eq!(multiple, eighth, "the order is 8");
        assert!(!has_small_order(&[2; 32]));
    }
}
