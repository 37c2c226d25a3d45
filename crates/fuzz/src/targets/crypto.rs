//! `sinpyo-crypto`: keys in every form, signatures.

use super::{OK, SKIPPED, fixture, target};
use crate::{Outcome, Target};
use sinpyo_core::{Secret, encoding::Multikey, json, jwk::PublicJwk, key::Verifier};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use std::{str, sync::LazyLock};

pub(super) const TARGETS: &[Target] = &[
    target("crypto/multikey", multikeys, read_multikey),
    target("crypto/jwk", fixture::jwks, read_jwk),
    target("crypto/spki", spkis, read_spki),
    target("crypto/sec1", points, read_point),
    target("crypto/private-jwk", private_jwks, read_private_jwk),
    target("crypto/signature", signatures, verify_signature),
];

const MESSAGE: &[u8] = "신표".as_bytes();

static KEYS: LazyLock<Vec<SigningKey>> =
    LazyLock::new(|| Algorithm::ALL.into_iter().map(|algorithm| sinpyo_testkit::key(algorithm, 1)).collect());

fn of_each<T>(make: impl Fn(&VerifyingKey) -> T) -> Vec<T> {
    KEYS.iter().map(|key| make(key.verifying_key())).collect()
}

fn multikeys() -> Vec<Vec<u8>> {
    of_each(|key| key.to_multikey().to_string().into_bytes())
}

/// A key has one multikey.
fn read_multikey(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let Ok(multikey) = Multikey::parse(text) else { return "multikey" };
    match VerifyingKey::from_multikey(&multikey) {
        Ok(key) => {
            assert_eq!(key.to_multikey().to_string(), text);
            OK
        }
        Err(error) => error.code(),
    }
}

/// A key that was read as a JWK is written as one, and that is read as the same key.
fn read_jwk(input: &[u8]) -> Outcome {
    let Ok(members) = json::parse_object(input) else { return SKIPPED };
    let jwk = match PublicJwk::from_members(members) {
        Ok(jwk) => jwk,
        Err(error) => return error.code(),
    };
    match VerifyingKey::from_jwk(&jwk) {
        Ok(key) => {
            assert_eq!(VerifyingKey::from_jwk(&key.to_jwk()).as_ref(), Ok(&key));
            OK
        }
        Err(error) => error.code(),
    }
}

fn spkis() -> Vec<Vec<u8>> {
    of_each(VerifyingKey::to_spki).into_iter().flatten().collect()
}

fn read_spki(input: &[u8]) -> Outcome {
    match VerifyingKey::from_spki(input) {
        Ok(key) => {
            let again = key.to_spki().map(|der| VerifyingKey::from_spki(&der));
            assert_eq!(again, Some(Ok(key)));
            OK
        }
        Err(error) => error.code(),
    }
}

fn points() -> Vec<Vec<u8>> {
    of_each(VerifyingKey::to_sec1).into_iter().flatten().collect()
}

fn read_point(input: &[u8]) -> Outcome {
    let mut outcome = "none";
    for algorithm in Algorithm::ALL {
        if let Ok(key) = VerifyingKey::from_sec1(algorithm, input) {
            let again = key.to_sec1().map(|bytes| VerifyingKey::from_sec1(algorithm, &bytes));
            assert_eq!(again, Some(Ok(key)));
            outcome = OK;
        }
    }
    outcome
}

fn private_jwks() -> Vec<Vec<u8>> {
    KEYS.iter().map(|key| key.to_private_jwk().expose().as_bytes().to_vec()).collect()
}

/// A private key that is imported signs for the public key that stands beside it.
fn read_private_jwk(input: &[u8]) -> Outcome {
    match SigningKey::from_private_jwk(&Secret::new(input.to_vec())) {
        Ok(key) => {
            let signature = key.sign(MESSAGE).expect("an imported key signs");
            assert!(key.verifying_key().verify(MESSAGE, &signature).is_ok());
            OK
        }
        Err(error) => error.code(),
    }
}

static SIGNATURES: LazyLock<Vec<Box<[u8]>>> =
    LazyLock::new(|| KEYS.iter().map(|key| key.sign(MESSAGE).expect("a signature")).collect());

fn signatures() -> Vec<Vec<u8>> {
    SIGNATURES.iter().map(|signature| signature.to_vec()).collect()
}

/// No signature can be made from another one, but the mirror image that ECDSA has of each.
fn verify_signature(input: &[u8]) -> Outcome {
    let mut outcome = "refused";
    for (key, signature) in KEYS.iter().zip(SIGNATURES.iter()) {
        let key = key.verifying_key();
        if key.verify(MESSAGE, input).is_ok() {
            let signed = match key.algorithm() {
                Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => signature.len() / 2,
                _ => signature.len(),
            };
            assert_eq!(input.get(..signed), signature.get(..signed), "{:?}", key.algorithm());
            outcome = OK;
        }
    }
    outcome
}
