use super::search::few;
use super::{BATCH, batches, verify_batch};
use crate::ballot::UnverifiedBallot;
use crate::fixture::{Repeating, Verdict, World, secret};
use crate::group::{Group, Ristretto};
use crate::hazmat::bulk::{BallotSecrets, BulkProver, BulkRing};
use crate::naive::{Proof, Stage};
use crate::prove::{BallotSeed, Eligibility, prove};
use crate::setting::Shape;
use crate::verify::{BallotError, Equation, Opened};
use crate::weights::Weights;
use crate::wide::Wide;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use curve25519_dalek::scalar::Scalar;
use sinpyo_core::Secret;
use sinpyo_core::key::Entropy;
use sinpyo_testkit::TestEntropy;

type Change = fn(&mut Proof);

/// One way to break each equation alone.
fn changes() -> Vec<Change> {
    vec![
        |proof| proof.big_a += G,
        |proof| proof.t0 += G,
        |proof| proof.t1 += G,
        |proof| proof.x_points[0] += G,
        |proof| proof.y0 += G,
    ]
}

fn broken(world: &World, voter: u8, change: Change) -> Vec<u8> {
    let mut changed = false;
    world.cheat(voter, &[1, 2], &mut |stage, proof| {
        // T1 is made after `e`: a change before is the change of a proof that was never made.
        if stage == Stage::First && !changed {
            change(proof);
            changed = true;
        }
    })
}

fn batch(world: &World, ballots: &[Vec<u8>], entropy: &mut dyn Entropy) -> Vec<Verdict> {
    let parsed: Vec<_> = ballots.iter().map(|ballot| world.parse(ballot).unwrap()).collect();
    let rings: Vec<_> = world.rings.iter().collect();
    verify_batch(&world.setting, &rings, &parsed, entropy)
}

fn errors(verdicts: &[Verdict]) -> Vec<Option<BallotError>> {
    verdicts.iter().map(|verdict| verdict.as_ref().err().copied()).collect()
}

/// Good ballots of both rings, with bad ones of every kind at the places that `is_bad` names.
fn mixed(world: &World, is_bad: impl Fn(u8) -> bool) -> Vec<Vec<u8>> {
    let changes = changes();
    let ballot = |voter: u8| {
        if !is_bad(voter) {
            return world.ballot(voter, &[voter % 3, voter % 4]);
        }
        match usize::from(voter % 9) {
            kind @ 0..=4 => broken(world, voter, changes[kind]),
            kind => {
                let mut ballot = world.ballot(voter, &[0, 0]);
                match kind {
                    5 => ballot[8..40].fill(0),
                    6 => ballot[40..72].fill(0xFF),
                    7 => ballot[3] ^= 0x40,
                    _ => ballot[1] ^= 1,
                }
                ballot
            }
        }
    };
    (0..26).map(ballot).collect()
}

#[test]
fn a_batch_says_of_each_ballot_what_a_check_alone_says() {
    let world = World::new();
    let patterns: [fn(u8) -> bool; 6] = [
        |_| false,
        |_| true,
        |voter| voter == 17,
        |voter| voter % 2 == 0,
        |voter| voter < 3,
        |voter| voter % 7 == 3,
    ];
    for (number, is_bad) in patterns.into_iter().enumerate() {
        let ballots = mixed(&world, is_bad);
        let alone: Vec<Verdict> = ballots.iter().map(|ballot| world.verify(ballot)).collect();
        for seed in 0..3 {
            let verdicts = batch(&world, &ballots, &mut TestEntropy::new(seed));
            assert_eq!(errors(&verdicts), errors(&alone), "pattern {number}");
        }
        for (voter, error) in (0..).zip(errors(&alone)) {
            assert_eq!(error.is_some(), is_bad(voter), "pattern {number}, voter {voter}: {error:?}");
        }
        let verdicts = batch(&world, &ballots, &mut TestEntropy::new(9));
        for (together, alone) in verdicts.iter().flatten().zip(alone.iter().flatten()) {
            assert_eq!((together.tag(), together.digest()), (alone.tag(), alone.digest()));
            assert_eq!((together.alpha(), together.beta()), (alone.alpha(), alone.beta()));
        }
    }
    assert!(batch(&world, &[], &mut TestEntropy::new(1)).is_empty());
}

/// Two ballots whose errors sum to zero, and one ballot two of whose equations do: they pass every check that adds
/// equations up with equal weights.
#[test]
fn errors_that_cancel_are_found() {
    let world = World::new();
    let opposite: [(Change, Change, Equation); 5] = [
        (|proof| proof.big_a += G, |proof| proof.big_a -= G, Equation::Rows),
        (|proof| proof.t0 += G, |proof| proof.t0 -= G, Equation::Alpha),
        (|proof| proof.t1 += G, |proof| proof.t1 -= G, Equation::Beta),
        (|proof| proof.x_points[0] += G, |proof| proof.x_points[0] -= G, Equation::Ring),
        (|proof| proof.y0 += G, |proof| proof.y0 -= G, Equation::Tag),
    ];
    for (plus, minus, equation) in opposite {
        let ballots = [broken(&world, 1, plus), world.ballot(2, &[1, 1]), broken(&world, 3, minus)];
        let sum = [(1, &ballots[0]), (3, &ballots[2])].map(|(voter, ballot)| {
            let public = world.public(voter);
            public.residuals(&public.read(ballot).unwrap())
        });
        for (one, other) in sum[0].iter().zip(&sum[1]) {
            assert_eq!(*one, -other, "the errors cancel");
        }
        let error = Some(BallotError::Proof(equation));
        assert_eq!(errors(&batch(&world, &ballots, &mut TestEntropy::new(4))), [error, None, error]);
    }
    let within = broken(&world, 1, |proof| {
        proof.t0 += G;
        proof.y0 += G;
        proof.t1 -= G + G;
    });
    let public = world.public(1);
    let [_, e2, e3, _, e5] = public.residuals(&public.read(&within).unwrap());
    // The residual of (E5) has the other sign in the slow implementation.
    assert_eq!(e2 + e3 - e5, Scalar::ZERO * G);
    let verdicts = batch(&world, &[within, world.ballot(2, &[1, 1])], &mut TestEntropy::new(4));
    assert_eq!(errors(&verdicts), [Some(BallotError::Proof(Equation::Alpha)), None]);
}

#[test]
fn two_votes_are_not_hidden_in_a_batch() {
    let world = World::new();
    let ballots: Vec<_> =
        [world.ballot(1, &[1, 1]), world.two_votes(Scalar::ONE), world.ballot(2, &[0, 0])].into();
    let refused = Some(BallotError::Proof(Equation::Alpha));
    assert_eq!(errors(&batch(&world, &ballots, &mut TestEntropy::new(5))), [None, refused, None]);
}

#[test]
fn weights_depend_on_the_verifier_and_on_every_item() {
    let items: [&[u8]; 3] = [b"one", b"two", b"three"];
    let weights =
        |items: &[&'static [u8]], secret| Weights::new(items.iter().copied(), &mut Repeating(secret));
    let first = weights(&items, 1);
    assert_eq!(first.of(0), weights(&items, 1).of(0));
    let mut all: Vec<u128> = (0..100).flat_map(|item| first.of(item)).collect();
    for other in [
        weights(&items, 2),
        weights(&items[..2], 1),
        weights(&[b"one", b"two", b"thref"], 1),
        weights(&[b"onet", b"wo", b"three"], 1),
    ] {
        all.extend((0..100).flat_map(|item| other.of(item)));
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "no weight occurs twice");
    assert!(all.iter().all(|weight| *weight > 1 << 80), "128 bits are drawn");
}

#[test]
fn unreduced_sums_are_sums() {
    let largest = -Scalar::ONE;
    let mut entropy = TestEntropy::new(3);
    let mut draw = || {
        let mut bytes = [0; 64];
        entropy.fill(&mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    };
    let (mut wide, mut sum) = (Wide::ZERO, Scalar::ZERO);
    for round in 0..5000 {
        let (left, right) = if round % 2 == 0 { (draw(), draw()) } else { (largest, largest) };
        wide.add_product(&Ristretto::scalar_limbs(&left), &Ristretto::scalar_limbs(&right));
        sum += left * right;
        assert_eq!(wide.reduce::<Ristretto>(), sum, "round {round}");
    }
    // Limbs of all ones: the largest carries. (2^256 - 1)² · 7.
    let (mut wide, mut expected) = (Wide::ZERO, Scalar::ZERO);
    let power = (0..256).fold(Scalar::ONE, |power, _| power + power) - Scalar::ONE;
    for _ in 0..7 {
        wide.add_product(&[u64::MAX; 4], &[u64::MAX; 4]);
        expected += power * power;
        assert_eq!(wide.reduce::<Ristretto>(), expected);
    }
}

#[test]
fn batches_are_bounded_and_whole() {
    let world = World::new();
    let ballot = world.ballot(1, &[0, 0]);
    let parsed: Vec<UnverifiedBallot<Ristretto>> = (0..40_u32)
        .map(|ring| {
            let mut ballot = ballot.clone();
            ballot[3..7].copy_from_slice(&ring.to_le_bytes());
            world.parse(&ballot).unwrap()
        })
        .collect();
    let many: Vec<_> = parsed.iter().cycle().take(2500).cloned().collect();
    let batches = batches(&many);
    let mut places: Vec<_> = batches.iter().flatten().map(|(place, _)| *place).collect();
    places.sort_unstable();
    assert_eq!(places, (0..2500).collect::<Vec<_>>());
    for batch in &batches {
        assert!(batch.len() <= BATCH);
        let rings: std::collections::BTreeSet<_> = batch.iter().map(|(_, ballot)| ballot.ring()).collect();
        assert!(rings.len() <= 16, "{}", rings.len());
    }
}

/// A batch of profile `token` has no rings.
#[test]
fn tokens_are_checked_in_batches_too() {
    let world = World::of(Shape::ring(&[2], 4, 2).unwrap());
    let shape = Shape::token(&[2], 256).unwrap();
    let setting = crate::setting::Setting::new(
        &crate::fixture::ELECTION,
        crate::fixture::CONTEXT,
        3,
        [2],
        shape,
        world.setting.keys(),
    )
    .unwrap();
    let ballots: Vec<_> = (0..5)
        .map(|voter| {
            let token = crate::ballot::Token { randomizer: [voter; 32], signature: vec![voter; 256] };
            let eligibility = Eligibility::Token { district: 2, token: &token };
            let seed = BallotSeed::new(Secret::new([voter; 32]));
            let mut ballot =
                prove(&setting, eligibility, &secret(voter), &[1], seed, &mut Repeating(1)).unwrap().cast();
            let last = ballot.len() - 1;
            ballot[last] ^= u8::from(voter == 3);
            UnverifiedBallot::<Ristretto>::parse(&ballot, setting.shape()).unwrap()
        })
        .collect();
    let verdicts = verify_batch(&setting, &[], &ballots, &mut TestEntropy::new(1));
    let refused = Some(BallotError::Proof(Equation::Rows));
    assert_eq!(errors(&verdicts), [None, None, None, refused, None]);
}

#[test]
fn a_long_batch_names_its_culprits() {
    let world = World::new();
    let prover = BulkProver::new(&world.setting);
    let (ring, _) = world.place(1);
    let bulk = BulkRing::new(ring, |commitment| {
        (0..26).map(secret).find(|voter| Ristretto::encode(&voter.commitment()) == *commitment)
    });
    let mut ballots: Vec<_> = (0..1300_u32)
        .map(|number| {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            let secrets = BallotSecrets { seed, fresh: [1; 32], key: [2; 32] };
            prover.prove(&bulk, number % 13, &[1, 2], &secrets).unwrap()
        })
        .collect();
    let bad = [0, 511, 512, 1023, 1024, 1299];
    for place in bad {
        let response = ballots[place].len() - 64;
        ballots[place][response] ^= 1;
    }
    let verdicts = batch(&world, &ballots, &mut TestEntropy::new(1));
    let named: Vec<_> = (0..1300).filter(|place| verdicts[*place].is_err()).collect();
    assert_eq!(named, bad);
}

/// False ballots in as many rings would make every halving as expensive as a check of each of its ballots alone.
#[test]
fn false_ballots_in_many_rings_are_checked_one_by_one() {
    let world = World::new();
    let parsed: Vec<_> = (0..26).map(|voter| world.parse(&world.ballot(voter, &[0, 0])).unwrap()).collect();
    let opened = |number: usize, count: usize| {
        let ring = &world.rings[number];
        let own = parsed.iter().filter(|ballot| ballot.ring() == Some(ring.roster().index()));
        own.take(count).map(|ballot| (0, Opened::new(&world.setting, Some(ring), ballot).unwrap()))
    };
    let cases =
        [(1, 0, true), (2, 0, true), (3, 0, false), (1, 1, true), (2, 2, true), (3, 1, true), (3, 2, false)];
    for (first, second, expected) in cases {
        let ballots: Vec<_> = opened(0, first).chain(opened(1, second)).collect();
        assert_eq!(ballots.len(), first + second);
        assert_eq!(few(&ballots), expected, "{first} and {second}");
    }
}
