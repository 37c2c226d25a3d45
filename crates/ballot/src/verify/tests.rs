//! Ballots, right and wrong.

mod cheats;
mod encodings;

use super::{BallotError, Equation, Opened, VerifiedBallot, equations, verify};
use crate::ballot::{ParseBallotError, UnverifiedBallot};
use crate::fixture::{CONTEXT, ELECTION, World, add_order, secret};
use crate::generators::ElectionId;
use crate::group::{Group, Ristretto};
use crate::naive::{Proof, Stage, generator, point};
use crate::setting::{Context, Setting, Shape};
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT as G, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use sinpyo_testkit::TestEntropy;

const EQUATIONS: [Equation; 5] =
    [Equation::Rows, Equation::Alpha, Equation::Beta, Equation::Ring, Equation::Tag];

/// The equations that a ballot breaks, by the verifier's own residuals.
fn broken(world: &World, ballot: &[u8]) -> Vec<Equation> {
    let ballot = world.parse(ballot).unwrap();
    let ring = world.rings.iter().find(|ring| Some(ring.roster().index()) == ballot.ring());
    let opened = Opened::new(&world.setting, ring, &ballot).unwrap();
    let residuals = equations::residuals(&world.setting, &opened);
    let identity = RistrettoPoint::identity();
    residuals
        .into_iter()
        .filter(|(_, residual)| *residual != identity)
        .map(|(equation, _)| equation)
        .collect()
}

/// Refused, and exactly because of `equation`: without it the cheat would succeed.
fn only(world: &World, ballot: &[u8], equation: Equation) {
    assert_eq!(broken(world, ballot), [equation]);
    assert_eq!(world.verify(ballot).unwrap_err(), BallotError::Proof(equation));
}

#[test]
fn a_ballot_is_what_the_specification_says() {
    let shapes = [(vec![2, 3], 4, 2), (vec![1], 2, 5), (vec![3], 4, 3), (vec![1, 1, 1], 8, 2)];
    for (contests, base, digits) in shapes {
        let world = World::of(Shape::ring(&contests, base, digits).unwrap());
        for voter in [0, 11, 25] {
            let choices: Vec<u8> =
                contests.iter().map(|options| voter % u8::try_from(options + 1).unwrap()).collect();
            let ballot = world.ballot(voter, &choices);
            assert_eq!(
                ballot,
                world.cheat(voter, &choices, &mut |_, _| ()),
                "{contests:?} {base} {digits} {voter}"
            );
            let public = world.public(voter);
            let residuals = public.residuals(&public.read(&ballot).unwrap());
            assert_eq!(residuals, [RistrettoPoint::identity(); 5]);
            let verified = world.verify(&ballot).unwrap();
            let tag = secret(voter).tag_secret() * point("tag", &[&ELECTION.0]);
            assert_eq!(*verified.tag(), Ristretto::encode(&tag));
            decrypts(&world, &verified, &contests, &choices);
        }
    }
}

/// `β_i - k_i·α` is `G` for what was chosen and the identity for the rest.
fn decrypts(world: &World, ballot: &VerifiedBallot<Ristretto>, contests: &[usize], choices: &[u8]) {
    let expected = contests.iter().zip(choices).flat_map(|(options, choice)| {
        (1..=*options).map(move |option| u64::from(option == usize::from(*choice)))
    });
    for ((beta, secret), vote) in ballot.beta().iter().zip(&world.key_secrets).zip(expected) {
        assert_eq!(beta - secret * ballot.alpha(), Scalar::from(vote) * G);
    }
}

#[test]
fn two_ballots_of_a_voter_have_one_tag_and_nothing_else_in_common() {
    let world = World::new();
    let made = |choices: &[u8], seed| world.prepare_with(3, choices, &mut TestEntropy::new(seed)).cast();
    let (first, second) = (made(&[1, 0], 1), made(&[2, 0], 2));
    assert_eq!(first[..40], second[..40]);
    for (one, other) in first[40..].chunks(32).zip(second[40..].chunks(32)) {
        assert_ne!(one, other);
    }
}

#[test]
fn style_and_ring_must_fit() {
    let world = World::new();
    let (ring, _) = world.place(8);
    let other = world.rings.iter().find(|other| other.roster().index() != ring.roster().index()).unwrap();
    let ballot = world.ballot(8, &[1, 1]);
    let parsed = world.parse(&ballot).unwrap();
    let check = |ring| verify(&world.setting, ring, &parsed).map(|_| ()).unwrap_err();
    assert_eq!(check(Some(other)), BallotError::Ring);
    assert_eq!(check(None), BallotError::Ring);
    // The ring's district has another style, or the ballot says another one.
    let setting = |style, district| {
        Setting::new(
            &ELECTION,
            CONTEXT,
            style,
            [district],
            world.setting.shape().clone(),
            world.setting.keys(),
        )
        .unwrap()
    };
    for setting in [setting(3, 9), setting(4, 2)] {
        assert_eq!(verify(&setting, Some(ring), &parsed).map(|_| ()).unwrap_err(), BallotError::Style);
    }
    verify(&setting(3, 2), Some(ring), &parsed).unwrap();
    // A ballot of one ring moved to the other.
    let mut moved = ballot.clone();
    moved[3..7].copy_from_slice(&other.roster().index().0.to_le_bytes());
    assert_eq!(world.verify(&moved).unwrap_err(), BallotError::Proof(Equation::Rows));
}

/// VOT-05: another voter cannot take a ballot over, whole or in part.
#[test]
fn a_ballot_is_not_copied() {
    let world = World::new();
    let (alice, bob) = (world.ballot(8, &[1, 1]), world.ballot(9, &[2, 2]));
    let mut copy = alice.clone();
    copy[8..40].copy_from_slice(&bob[8..40]);
    assert_eq!(world.verify(&copy).unwrap_err().code(), "BAL-11");
    // Alice's ciphertext, made randomly anew with her proof kept.
    let mut again = alice.clone();
    let parsed = world.parse(&alice).unwrap();
    let parts = parsed.encodings.try_map(Ristretto::decode).unwrap();
    let alpha = parts.alpha + RISTRETTO_BASEPOINT_TABLE * &Scalar::from(3_u8);
    again[40..72].copy_from_slice(alpha.compress().as_bytes());
    assert_eq!(world.verify(&again).unwrap_err().code(), "BAL-11");
    // Options permuted.
    let mut permuted = alice.clone();
    permuted[72..104].copy_from_slice(&alice[104..136]);
    permuted[104..136].copy_from_slice(&alice[72..104]);
    assert_eq!(world.verify(&permuted).unwrap_err().code(), "BAL-11");
}

#[test]
fn errors_name_rules_and_reasons() {
    let codes: Vec<_> = EQUATIONS.map(|equation| BallotError::Proof(equation).code()).to_vec();
    assert_eq!(codes, ["BAL-11", "BAL-12", "BAL-13", "BAL-14", "BAL-15"]);
    let reasons = [
        BallotError::Encoding(ParseBallotError::Length),
        BallotError::Point,
        BallotError::Style,
        BallotError::Ring,
        BallotError::Tag,
        BallotError::Alpha,
    ];
    assert_eq!(
        reasons.map(|error| error.reason()),
        ["encoding", "encoding", "style", "ring", "tag", "proof"]
    );
}
