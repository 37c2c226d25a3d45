//! Public keys as X.509 has them, beside AWS-LC's reading and writing of the same.
#![cfg(test)]

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey},
};
use sinpyo_crypto::{Algorithm, ParseKeyError, VerifyingKey};
use sinpyo_testkit::{from_hex, key};

/// RFC 8410 §10.1.
#[test]
fn the_ed25519_key_of_rfc_8410_is_read() {
    let der =
        from_hex("302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    let key = VerifyingKey::from_spki(&der).unwrap();
    assert_eq!(key.to_multikey().key(), &der[12..]);
    assert_eq!(key.to_spki(), Some(der));
}

#[test]
fn a_key_is_written_as_aws_lc_writes_it_and_read_back() {
    for seed in 0..8 {
        for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519] {
            let ours = key(algorithm, seed).verifying_key().clone();
            let raw = ours.to_sec1().unwrap_or_else(|| ours.to_multikey().key().to_vec());
            let theirs = match algorithm {
                Algorithm::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &raw),
                Algorithm::Es384 => ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &raw),
                _ => ParsedPublicKey::new(&ED25519, &raw),
            };
            let theirs: PublicKeyX509Der<'_> = theirs.unwrap().as_der().unwrap();
            assert_eq!(ours.to_spki().unwrap(), theirs.as_ref());
            assert_eq!(VerifyingKey::from_spki(theirs.as_ref()).unwrap(), ours);
        }
    }
    assert_eq!(key(Algorithm::MlDsa44, 1).verifying_key().to_spki(), None);
}

#[test]
fn a_compressed_point_is_read_too() {
    for (algorithm, header) in [
        (Algorithm::Es256, "3039301306072a8648ce3d020106082a8648ce3d030107032200"),
        (Algorithm::Es384, "3046301006072a8648ce3d020106052b81040022033200"),
    ] {
        let key = key(algorithm, 3).verifying_key().clone();
        let der = [&from_hex(header), key.to_multikey().key()].concat();
        assert_eq!(VerifyingKey::from_spki(&der).unwrap(), key);
        assert_eq!(VerifyingKey::from_sec1(algorithm, key.to_multikey().key()).unwrap(), key);
    }
}

#[test]
fn what_is_not_der_of_a_known_key_is_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519] {
        let der = key(algorithm, 1).verifying_key().to_spki().unwrap();
        for length in 0..der.len() {
            assert!(VerifyingKey::from_spki(&der[..length]).is_err(), "{algorithm} {length}");
        }
        assert_eq!(VerifyingKey::from_spki(&[&der[..], &[0]].concat()), Err(ParseKeyError::Unsupported));
        // Every byte before the key counts, the one that says "uncompressed" included.
        let point = if algorithm == Algorithm::Ed25519 { 12 } else { der.len() - key_width(algorithm) };
        for place in 0..point {
            let mut changed = der.clone();
            changed[place] ^= 1;
            assert!(VerifyingKey::from_spki(&changed).is_err(), "{algorithm} byte {place}");
        }
    }
    assert_eq!(VerifyingKey::from_spki(&[]), Err(ParseKeyError::Unsupported));
}

const fn key_width(algorithm: Algorithm) -> usize {
    if matches!(algorithm, Algorithm::Es256) { 64 } else { 96 }
}

/// 06 and 07 begin the hybrid form of SEC 1, which nobody needs.
#[test]
fn another_form_of_a_point_is_refused() {
    let key = key(Algorithm::Es256, 1).verifying_key().clone();
    let sec1 = key.to_sec1().unwrap();
    assert_eq!(VerifyingKey::from_sec1(Algorithm::Es256, &sec1).unwrap(), key);
    for first in [0, 1, 2, 3, 5, 6, 7] {
        let mut changed = sec1.clone();
        changed[0] = first;
        assert!(VerifyingKey::from_sec1(Algorithm::Es256, &changed).is_err(), "{first}");
    }
    let mut off_the_curve = sec1.clone();
    off_the_curve[64] ^= 1;
    assert_eq!(VerifyingKey::from_sec1(Algorithm::Es256, &off_the_curve), Err(ParseKeyError::NotOnCurve));
    assert_eq!(VerifyingKey::from_sec1(Algorithm::Es384, &sec1), Err(ParseKeyError::Length));
    assert_eq!(VerifyingKey::from_sec1(Algorithm::Ed25519, &sec1), Err(ParseKeyError::Unsupported));
    assert_eq!(VerifyingKey::from_sec1(Algorithm::Es256, &[]), Err(ParseKeyError::Length));
}
