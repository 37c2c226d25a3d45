//! The ceremony, and everything that a trustee can do wrong in it.

mod keys;
mod order;
mod reveals;
mod shares;

use super::room::{Room, trustee};
use super::*;
use crate::fixture::add_order;
use crate::group::{Group, Ristretto};
use crate::naive::{hash as spec_hash, scalar as spec_scalar};
use curve25519_dalek::{RistrettoPoint, Scalar};
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;

const THREE_OF_FIVE: Size = Size { threshold: 3, keys: 2 };
const TWO_OF_THREE: Size = Size { threshold: 2, keys: 1 };

/// The proof for one coefficient, from the specification's text.
fn spec_proof(election: [u8; 32], place: [u32; 3], secret: Scalar, mask: Scalar) -> Vec<u8> {
    let (commitment, announcement) = (RistrettoPoint::mul_base(&secret), RistrettoPoint::mul_base(&mask));
    let [dealer, key, coefficient] = place.map(u32::to_le_bytes);
    let (commitment, announcement) = (commitment.compress(), announcement.compress());
    let fields: [&[u8]; 6] =
        [&election, &dealer, &key, &coefficient, commitment.as_bytes(), announcement.as_bytes()];
    let response = mask + spec_scalar("ceremony-proof", &fields) * secret;
    [announcement.to_bytes(), response.to_bytes()].concat()
}

/// A commit to whatever is to be revealed.
fn commit_to(election: [u8; 32], dealer: u32, reveal: &Reveal) -> Message {
    let fields: [&[u8]; 4] = [&election, &dealer.to_le_bytes(), &reveal.commitments, &reveal.proofs];
    Message::Commit(Commit { commit: spec_hash("ceremony-commit", &fields), beacon: [0; 64] })
}

fn honest_reveal(room: &Room, number: u32) -> Reveal {
    let mut ahead = Ceremony::new(room.ceremony.parameters().clone());
    for other in &room.trustees {
        let owed = other.owed(&ahead, &room.boxes[other.number().place()]);
        ahead.apply(other.number(), &owed[0]).unwrap();
    }
    let place = trustee(number).place();
    let owed = room.trustees[place].owed(&ahead, &room.boxes[place]);
    let [Message::Reveal(reveal)] = owed.as_slice() else { panic!("a reveal is owed") };
    reveal.clone()
}

/// Trustee `number` commits to `reveal` and reveals it; the others do right. Gives its fault.
fn fault_of(mut room: Room, number: u32, reveal: &Reveal) -> Option<Fault> {
    let election = room.ceremony.parameters().election().0;
    room.apply(number, &commit_to(election, number, reveal)).unwrap();
    room.turn(&[number]);
    assert_eq!(room.ceremony.phase(), Phase::Reveal);
    room.apply(number, &Message::Reveal(reveal.clone())).unwrap();
    room.fault(number)
}

fn lagrange(numbers: &[u32]) -> Vec<Scalar> {
    let scalar = |number: u32| Scalar::from(number);
    let weight = |j: u32| -> Scalar {
        let others = numbers.iter().copied().filter(|i| *i != j);
        others.map(|i| scalar(i) * (scalar(i) - scalar(j)).invert()).product()
    };
    numbers.iter().copied().map(weight).collect()
}

fn secret_from(room: &Room, numbers: &[u32], key: usize) -> RistrettoPoint {
    let keys = numbers.iter().map(|number| room.keys(*number).unwrap());
    let secret: Scalar =
        lagrange(numbers).iter().zip(keys).map(|(weight, keys)| weight * keys.secrets()[key]).sum();
    RistrettoPoint::mul_base(&secret)
}
