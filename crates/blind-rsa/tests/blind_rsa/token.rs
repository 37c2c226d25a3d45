//! Admission tokens.

use sinpyo_blind_rsa::{
    KeySize, SecretKey, Variant,
    token::{Admission, AdmissionToken, PendingToken},
};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_crypto::hash::sha256;
use sinpyo_testkit::TestEntropy;

const ELECTION: [u8; 32] = [7; 32];

fn registrar() -> SecretKey {
    SecretKey::generate(KeySize::Bits2048).unwrap()
}

fn token(registrar: &SecretKey, entropy: &mut dyn Entropy) -> Vec<u8> {
    let (blinded, pending) = PendingToken::request(registrar.public(), &ELECTION, entropy).unwrap();
    let answer = registrar.blind_sign(blinded.as_bytes()).unwrap();
    pending.finish(answer.as_bytes()).unwrap().to_bytes()
}

fn spent(registrar: &SecretKey, bytes: &[u8]) -> Option<[u8; 32]> {
    let token = AdmissionToken::parse(bytes).unwrap();
    token.verify(registrar.public(), &ELECTION).ok().map(Admission::spent)
}

#[test]
fn a_token_is_spent_under_the_hash_of_what_was_signed() {
    let (registrar, mut entropy) = (registrar(), TestEntropy::new(1));
    let bytes = token(&registrar, &mut entropy);
    assert_eq!(bytes.len(), 32 + 32 + 256);
    // randomizer ‖ "sinpyo-vote/1/admission" ‖ 0 ‖ election ‖ value
    let signed = [&bytes[32..64], b"sinpyo-vote/1/admission\0", &ELECTION, &bytes[..32]].concat();
    assert_eq!(spent(&registrar, &bytes), Some(sha256(&signed)));
    let second = token(&registrar, &mut entropy);
    assert_ne!(spent(&registrar, &second), spent(&registrar, &bytes));
}

#[test]
fn a_token_with_any_byte_changed_is_refused() {
    let registrar = registrar();
    let bytes = token(&registrar, &mut TestEntropy::new(2));
    for index in 0..bytes.len() {
        let mut other = bytes.clone();
        other[index] ^= 1;
        assert_eq!(spent(&registrar, &other), None, "{index}");
    }
}

#[test]
fn a_token_of_another_election_key_or_purpose_is_refused() {
    let (registrar, mut entropy) = (registrar(), TestEntropy::new(3));
    let bytes = token(&registrar, &mut entropy);
    let parsed = || AdmissionToken::parse(&bytes).unwrap();
    assert!(parsed().verify(registrar.public(), &[8; 32]).is_err());
    assert!(parsed().verify(self::registrar().public(), &ELECTION).is_err());
    // A right signature of the same registrar over the same bytes, got for the profile `token`.
    let value = [9; 32];
    let message = [b"sinpyo-vote/1/token\0", &ELECTION[..], &value].concat();
    let prepared = Variant::PssRandomized.prepare(&message, &mut entropy);
    let randomizer = *prepared.randomizer().unwrap();
    let (blinded, blinding) = registrar.public().blind(prepared, &mut entropy).unwrap();
    let answer = registrar.blind_sign(blinded.as_bytes()).unwrap();
    let signature = blinding.finalize(answer.as_bytes()).unwrap();
    let other = [&value[..], &randomizer, signature.as_bytes()].concat();
    assert_eq!(spent(&registrar, &other), None);
}

#[test]
fn bytes_of_another_length_are_no_token() {
    for length in [0, 31, 64, 64 + 255, 64 + 513, 100_000] {
        assert_eq!(AdmissionToken::parse(&vec![1; length]).unwrap_err().code(), "BRS-14");
    }
    assert!(AdmissionToken::parse(&[1; 64 + 512]).is_ok());
    // A length that is allowed, but not for this key.
    let registrar = registrar();
    let bytes = token(&registrar, &mut TestEntropy::new(4));
    assert_eq!(spent(&registrar, &[&bytes[..], &[0]].concat()), None);
}

#[test]
fn a_pending_token_can_be_kept() {
    let (registrar, mut entropy) = (registrar(), TestEntropy::new(5));
    let (blinded, pending) = PendingToken::request(registrar.public(), &ELECTION, &mut entropy).unwrap();
    let kept = pending.to_secret();
    let restored = PendingToken::restore(registrar.public(), &kept).unwrap();
    let answer = registrar.blind_sign(blinded.as_bytes()).unwrap();
    let bytes = restored.finish(answer.as_bytes()).unwrap().to_bytes();
    assert_eq!(bytes, pending.finish(answer.as_bytes()).unwrap().to_bytes());
    assert!(spent(&registrar, &bytes).is_some());
    let longer = Secret::new([kept.expose(), &[0][..]].concat());
    assert!(PendingToken::restore(registrar.public(), &longer).is_err());
    let mut other = kept.expose().clone();
    other[0] = 1;
    assert!(PendingToken::restore(registrar.public(), &Secret::new(other)).is_err());
    assert_eq!(format!("{pending:?} {restored:?}"), "PendingToken(..) PendingToken(..)");
}
