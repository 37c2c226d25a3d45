//! `sinpyo-blind-rsa`: keys, blinded messages, answers, tokens, and what is kept between asking and the answer.

use super::{OK, target};
use crate::{Outcome, Target, run::unhex};
use serde_json::Value;
use sinpyo_blind_rsa::{
    Blinding, PublicKey, SecretKey, Variant,
    token::{AdmissionToken, PendingToken},
};
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    target("blind-rsa/spki", || keys("public", "spki"), read_public),
    target("blind-rsa/pkcs8", || keys("private", "pkcs8"), read_private),
    target("blind-rsa/blinded", blinded, sign),
    target("blind-rsa/answer", answers, finish),
    target("blind-rsa/blinding", blindings, restore),
    target("blind-rsa/token", tokens, admit),
];

/// Keys good and bad, made with other implementations.
static KEYS: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../blind-rsa/tests/blind_rsa/keys.json");
    serde_json::from_str(text).expect("JSON")
});

fn keys(kind: &str, form: &str) -> Vec<Vec<u8>> {
    let cases = KEYS.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    cases.iter().filter_map(|case| unhex(case.get(form)?.as_str()?)).collect()
}

/// A good public key.
pub(super) fn public_key() -> Vec<u8> {
    SIGNED.registrar.public().to_spki()
}

const ELECTION: [u8; 32] = [7; 32];

/// Somebody who wants a token, the registrar that signs it, and the token.
struct Signed {
    registrar: SecretKey,
    blinded: Vec<u8>,
    blinding: Blinding,
    pending: PendingToken,
    answer: Vec<u8>,
    token: Vec<u8>,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let first = keys("private", "pkcs8").swap_remove(0);
    let registrar = SecretKey::from_pkcs8(&Secret::new(first)).expect("the first key is a good one");
    let (blinded, pending) =
        PendingToken::request(registrar.public(), &ELECTION, &mut TestEntropy::new(1)).expect("a good key");
    let answer = registrar.blind_sign(blinded.as_bytes()).expect("a blinded message");
    let token = pending.finish(answer.as_bytes()).expect("the registrar's answer").to_bytes();
    let blinding = Blinding::restore(registrar.public(), &pending.to_secret()).expect("what was kept");
    let (blinded, answer) = (blinded.as_bytes().to_vec(), answer.as_bytes().to_vec());
    Signed { registrar, blinded, blinding, pending, answer, token }
});

/// A key has one form, and it is as long as it says.
fn read_public(input: &[u8]) -> Outcome {
    match PublicKey::from_spki(input) {
        Ok(key) => {
            assert_eq!(key.to_spki(), input, "a key has one form");
            assert!((256..=512).contains(&key.length()));
            // Whoever has the numbers can blind for them, or is told that they are no key.
            let prepared = Variant::PssRandomized.prepare(b"m", &mut TestEntropy::new(2));
            match key.blind(prepared, &mut TestEntropy::new(3)) {
                Ok((blinded, _)) => assert_eq!(blinded.as_bytes().len(), key.length()),
                Err(error) => return error.code(),
            }
            OK
        }
        Err(error) => error.code(),
    }
}

/// A private key has one form, and signs what its public half verifies.
pub(crate) fn read_private(input: &[u8]) -> Outcome {
    match SecretKey::from_pkcs8(&Secret::new(input.to_vec())) {
        Ok(key) => {
            assert_eq!(key.to_pkcs8().expect("a key").expose(), input, "a key has one form");
            assert_eq!(PublicKey::from_spki(&key.public().to_spki()).as_ref(), Ok(key.public()));
            let prepared = Variant::PssRandomized.prepare(b"m", &mut TestEntropy::new(2));
            let (blinded, blinding) =
                key.public().blind(prepared, &mut TestEntropy::new(3)).expect("two large primes");
            let answer = key.blind_sign(blinded.as_bytes()).expect("numbers that belong together");
            assert!(blinding.finalize(answer.as_bytes()).is_ok());
            OK
        }
        Err(error) => error.code(),
    }
}

fn blinded() -> Vec<Vec<u8>> {
    let length = SIGNED.blinded.len();
    let small = |last: u8| [&vec![0; length - 1][..], &[last]].concat();
    vec![SIGNED.blinded.clone(), SIGNED.answer.clone(), small(0), small(1), small(2), vec![0xff; length]]
}

/// What is signed is as long as the key, and the same each time; what has one signature for everybody is not signed.
fn sign(input: &[u8]) -> Outcome {
    match SIGNED.registrar.blind_sign(input) {
        Ok(answer) => {
            assert_eq!(answer.as_bytes().len(), input.len());
            assert_ne!(answer.as_bytes(), input, "its own signature");
            assert_eq!(SIGNED.registrar.blind_sign(input).as_ref(), Ok(&answer));
            assert_eq!(answer.as_bytes() == SIGNED.answer, input == SIGNED.blinded, "two of one signature");
            OK
        }
        Err(error) => error.code(),
    }
}

fn answers() -> Vec<Vec<u8>> {
    vec![SIGNED.answer.clone(), SIGNED.blinded.clone()]
}

/// One answer finishes a token: the registrar's.
fn finish(input: &[u8]) -> Outcome {
    match SIGNED.blinding.finalize(input) {
        Ok(signature) => {
            assert_eq!(input, SIGNED.answer, "the registrar did not answer this");
            let prepared = SIGNED.blinding.prepared();
            assert!(SIGNED.registrar.public().verify(prepared, signature.as_bytes()).is_ok());
            OK
        }
        Err(error) => {
            assert!(SIGNED.pending.finish(input).is_err());
            error.code()
        }
    }
}

fn blindings() -> Vec<Vec<u8>> {
    let kept = SIGNED.blinding.to_secret().expose().clone();
    let rest = kept.get(1..).unwrap_or_default();
    let mut all: Vec<Vec<u8>> = (0..=4_u8).map(|variant| [&[variant], rest].concat()).collect();
    all.push(kept);
    all
}

/// What was kept is written as it was read; a token is taken out of one that asked for a token only.
fn restore(input: &[u8]) -> Outcome {
    let kept = Secret::new(input.to_vec());
    let key = SIGNED.registrar.public();
    let pending = PendingToken::restore(key, &kept);
    match Blinding::restore(key, &kept) {
        Ok(blinding) => {
            assert_eq!(blinding.to_secret().expose(), input, "what is kept has one form");
            let variant = blinding.prepared().variant();
            assert!(pending.is_err() || variant == Variant::PssRandomized);
            if let Ok(pending) = pending {
                assert_eq!(pending.to_secret().expose(), input);
            }
            let finished = blinding.finalize(&SIGNED.answer);
            // The first byte says how the message was prepared, which is past: it alone may differ.
            let is_own = input.get(1..) == SIGNED.pending.to_secret().expose().get(1..);
            assert!(finished.is_err() || is_own, "another's token");
            OK
        }
        Err(_) => {
            assert!(pending.is_err());
            "refused"
        }
    }
}

fn tokens() -> Vec<Vec<u8>> {
    vec![SIGNED.token.clone(), vec![0; 64 + 512]]
}

/// A token has one form, and the one that the registrar signed is the only one, in this election only.
fn admit(input: &[u8]) -> Outcome {
    let read = || AdmissionToken::parse(input);
    let (token, again) = match (read(), read()) {
        (Ok(token), Ok(again)) => (token, again),
        (Err(error), _) | (_, Err(error)) => return error.code(),
    };
    assert_eq!(token.to_bytes(), input, "a token has one form");
    let key = SIGNED.registrar.public();
    assert!(again.verify(key, &[8; 32]).is_err(), "for another election");
    match token.verify(key, &ELECTION) {
        Ok(admission) => {
            assert_eq!(input, SIGNED.token, "nobody signed this");
            assert_ne!(admission.spent(), [0; 32]);
            OK
        }
        Err(_) => "BRS-15",
    }
}
