//! Which keys are read, and that they are written as they were read.

use crate::{appendix, appendix_key, hex};
use serde_json::Value;
use sinpyo_blind_rsa::{KeySize, ParseKeyError, PublicKey, SecretKey, Variant};
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;

fn keys() -> Value {
    serde_json::from_str(include_str!("keys.json")).unwrap()
}

/// Runs all cases of `kind` and returns the rules that refused.
fn run(kind: &str, read: impl Fn(&[u8]) -> Result<Vec<u8>, &'static str>) -> Vec<&'static str> {
    let keys = keys();
    let mut refused = Vec::new();
    for case in keys[kind].as_array().unwrap() {
        let member = if kind == "public" { "spki" } else { "pkcs8" };
        let der = hex(&case[member]);
        match (read(&der), case["refused"].as_str()) {
            (Ok(written), None) => assert_eq!(written, der, "{}", case["name"]),
            (Err(code), Some(expected)) => {
                assert_eq!(code, expected, "{}", case["name"]);
                refused.push(code);
            }
            (outcome, _) => panic!("{}: {outcome:?}", case["name"]),
        }
    }
    refused
}

#[test]
fn public_keys_are_read_if_they_are_allowed() {
    let refused =
        run("public", |der| PublicKey::from_spki(der).map(|key| key.to_spki()).map_err(|error| error.code()));
    for rule in ["BRS-01", "BRS-02", "BRS-03", "BRS-04"] {
        assert!(refused.contains(&rule), "{rule}");
    }
}

#[test]
fn private_keys_are_read_if_their_numbers_belong_together() {
    let refused = run("private", |der| {
        let key = SecretKey::from_pkcs8(&Secret::new(der.to_vec())).map_err(|error| error.code())?;
        Ok(key.to_pkcs8().unwrap().expose().clone())
    });
    for rule in ["BRS-02", "BRS-03", "BRS-05", "BRS-06"] {
        assert!(refused.contains(&rule), "{rule}");
    }
}

#[test]
fn a_public_key_with_any_byte_of_its_form_changed_is_refused() {
    let der = hex(&keys()["public"][0]["spki"]);
    // All but the modulus: 33 bytes before it and 5 after.
    for index in (0..33).chain(289..294) {
        for change in [1, 0x80] {
            let mut other = der.clone();
            other[index] ^= change;
            assert!(PublicKey::from_spki(&other).is_err(), "{index}");
        }
    }
    // A zero byte before a number that needs none.
    let mut other = der;
    other[33] &= 0x7f;
    assert_eq!(PublicKey::from_spki(&other), Err(ParseKeyError::Form));
}

#[test]
fn both_halves_of_a_key_are_those_of_the_appendix() {
    let (appendix, key) = (appendix(), appendix_key());
    assert_eq!(key.public().to_spki(), hex(&appendix["spki"]));
    assert_eq!(PublicKey::from_spki(&hex(&appendix["spki"])).as_ref(), Ok(key.public()));
    assert_eq!(key.public().length(), 512);
}

#[test]
fn generated_keys_have_their_size_and_can_be_kept() {
    let key = SecretKey::generate(KeySize::Bits3072).unwrap();
    assert_eq!(key.public().length(), 384);
    assert_ne!(key.public(), SecretKey::generate(KeySize::Bits3072).unwrap().public());
    let kept = SecretKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    assert_eq!(kept.public(), key.public());
    assert_eq!(kept.blind_sign(&[5; 384]), key.blind_sign(&[5; 384]));
}

#[test]
fn a_modulus_of_small_factors_is_noticed_when_blinding() {
    let key = PublicKey::from_spki(&hex(&keys()["smallFactors"])).unwrap();
    for seed in 0..8 {
        let mut entropy = TestEntropy::new(seed);
        let prepared = Variant::PssRandomized.prepare(b"a message", &mut entropy);
        assert_eq!(key.blind(prepared, &mut entropy).unwrap_err().code(), "BRS-11");
    }
}
