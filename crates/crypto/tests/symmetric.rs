//! Hashes, MACs, sealing and passwords: known answers and refusals.
#![cfg(test)]

use proptest::prelude::*;
use sinpyo_core::Secret;
use sinpyo_crypto::{
    aead::{OpenError, SealingKey},
    hash::{Sha256, sha256, sha384, sha512},
    mac::equal,
    password::{Cost, Parameters, PasswordError, derive_key},
};
use sinpyo_testkit::{TestEntropy, from_hex};

/// FIPS 180-4 examples: the message "abc".
#[test]
fn the_digests_of_abc() {
    assert_eq!(
        sha256(b"abc")[..],
        from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    );
    assert_eq!(
        sha384(b"abc")[..],
        from_hex(
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        )
    );
    assert_eq!(
        sha512(b"abc")[..],
        from_hex(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        )
    );
}

#[test]
fn equality_needs_length_and_content() {
    assert!(equal(b"", b"") && equal(b"tag", b"tag"));
    assert!(!equal(b"tag", b"tab") && !equal(b"tag", b"tagg") && !equal(b"", b"t"));
}

fn sealing_key(byte: u8) -> SealingKey {
    SealingKey::new(&Secret::new([byte; 32]))
}

#[test]
fn what_was_sealed_opens_for_the_same_key_and_context_only() {
    let plaintext = Secret::new(b"seed phrase".to_vec());
    let sealed = sealing_key(1).seal(&mut TestEntropy::new(1), b"header", &plaintext).unwrap();
    assert_eq!(sealed.len(), 12 + 11 + 16);
    assert_eq!(sealing_key(1).open(b"header", &sealed).unwrap().expose(), b"seed phrase");

    assert_eq!(sealing_key(2).open(b"header", &sealed).unwrap_err(), OpenError);
    assert_eq!(sealing_key(1).open(b"heade", &sealed).unwrap_err().code(), "KEY-16");
    for length in 0..sealed.len() {
        assert!(sealing_key(1).open(b"header", &sealed[..length]).is_err(), "{length} bytes");
    }
    for byte in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[byte] ^= 0x10;
        assert!(sealing_key(1).open(b"header", &changed).is_err(), "byte {byte}");
    }
}

#[test]
fn each_sealing_draws_its_nonce() {
    let (plaintext, mut entropy) = (Secret::new(vec![0; 8]), TestEntropy::new(1));
    let first = sealing_key(1).seal(&mut entropy, b"", &plaintext).unwrap();
    let second = sealing_key(1).seal(&mut entropy, b"", &plaintext).unwrap();
    assert_ne!(first[..12], second[..12]);
}

/// Expected values: OpenSSL's argon2id, through Python `cryptography` 48.
#[test]
fn argon2id_agrees_with_openssl() {
    let mut salt = [0; 16];
    salt.iter_mut().zip(0..).for_each(|(byte, index)| *byte = index);
    let password = Secret::new("correct horse 배터리".to_owned());
    let four_lanes = Cost::parse(Parameters { lanes: 4, ..Cost::DEFAULT.parameters() }).unwrap();
    for (cost, expected) in [
        (Cost::DEFAULT, "525eb5b51d5dafe4acb78df7758287d3bdb3a87294d6c2a2244cb91fec021c38"),
        (four_lanes, "22f7264da69168469cb8f58c24fe2d381e9cf37b63f42315fef4e38b0ab72962"),
    ] {
        assert_eq!(derive_key(&password, &salt, cost).unwrap().expose()[..], from_hex(expected));
    }
}

#[test]
fn a_cost_out_of_bounds_is_refused() {
    let parse = |memory_kib, passes, lanes| Cost::parse(Parameters { memory_kib, passes, lanes });
    assert_eq!(parse(65_536, 3, 1), Ok(Cost::DEFAULT));
    assert!(parse(1_048_576, 16, 16).is_ok());
    for (memory_kib, passes, lanes) in [(65_535, 3, 1), (65_536, 2, 1), (65_536, 3, 0), (0, 0, 0)] {
        assert_eq!(parse(memory_kib, passes, lanes), Err(PasswordError::TooCheap));
    }
    for (memory_kib, passes, lanes) in [(1_048_577, 3, 1), (65_536, 17, 1), (65_536, 3, 17), (u32::MAX, 3, 1)]
    {
        assert_eq!(parse(memory_kib, passes, lanes), Err(PasswordError::TooExpensive));
    }
}

#[test]
fn an_endless_password_is_refused() {
    let password = Secret::new("가".repeat(1366));
    let error = derive_key(&password, &[0; 16], Cost::DEFAULT).unwrap_err();
    assert_eq!((error, error.code()), (PasswordError::TooLong, "KEY-19"));
}

#[test]
fn secrets_are_not_printed() {
    let printed = format!("{:?} {:?}", sealing_key(7), Sha256::new());
    assert_eq!(printed, "SealingKey(..) Sha256(..)");
}

proptest! {
    #[test]
    fn pieces_hash_like_the_whole(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..6)) {
        let mut hash = Sha256::new();
        for piece in &pieces {
            hash.update(piece);
        }
        prop_assert_eq!(hash.finish(), sha256(&pieces.concat()));
    }
}
