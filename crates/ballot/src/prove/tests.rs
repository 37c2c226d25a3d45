use super::masks::{Masks, Published};
use super::{BallotSeed, Eligibility, ProveError, Statement, prove};
use crate::ballot::{CastKey, Header, Place, Token};
use crate::challenge::Binding;
use crate::credential::VoterSecret;
use crate::fixture::{CONTEXT, ELECTION, Repeating, World, secret};
use crate::generators::ElectionId;
use crate::group::{Group, Ristretto};
use crate::naive::{Proof, Public, Stage, generator, point};
use crate::ring::RingIndex;
use crate::setting::{Context, Setting};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use sinpyo_core::Secret;
use sinpyo_core::key::Entropy;
use sinpyo_testkit::TestEntropy;
use std::collections::BTreeSet;

fn attempt(
    world: &World,
    eligibility: Eligibility<'_, Ristretto>,
    voter: &VoterSecret<Ristretto>,
    choices: &[u8],
) -> Option<ProveError> {
    let seed = BallotSeed::new(Secret::new([1; 32]));
    prove(&world.setting, eligibility, voter, choices, seed, &mut Repeating(1)).err()
}

#[test]
fn a_ballot_is_made_only_for_its_own_voter_and_style() {
    let world = World::new();
    let (ring, position) = world.place(4);
    let own = Eligibility::Ring { ring, position };
    assert_eq!(attempt(&world, own, &secret(4), &[2, 3]), None);
    for choices in [&[3, 0][..], &[0, 4], &[0], &[0, 0, 0], &[]] {
        assert_eq!(attempt(&world, own, &secret(4), choices), Some(ProveError::Choices));
    }
    for other in (0..40).filter(|other| *other != position) {
        let elsewhere = Eligibility::Ring { ring, position: other };
        assert_eq!(attempt(&world, elsewhere, &secret(4), &[0, 0]), Some(ProveError::Opening), "{other}");
    }
    assert_eq!(attempt(&world, own, &secret(5), &[0, 0]), Some(ProveError::Opening));
    let elsewhere = VoterSecret::derive(&Secret::new([4; 32]), &ElectionId([1; 32]));
    assert_eq!(attempt(&world, own, &elsewhere, &[0, 0]), Some(ProveError::Election));
    let token = Token { randomizer: [0; 32], signature: vec![0; 256] };
    let token = Eligibility::Token { district: 2, token: &token };
    assert_eq!(attempt(&world, token, &secret(4), &[0, 0]), Some(ProveError::Eligibility));
    let setting = |districts: [u32; 1]| {
        Setting::new(&ELECTION, CONTEXT, 3, districts, world.setting.shape().clone(), world.setting.keys())
            .unwrap()
    };
    let other = World { setting: setting([9]), rings: Vec::new(), key_secrets: Vec::new() };
    assert_eq!(attempt(&other, own, &secret(4), &[0, 0]), Some(ProveError::Eligibility));
}

/// All secrets of a proof that is made with this seed and these fresh bytes.
fn secrets(
    world: &World,
    (seed, fresh): ([u8; 32], [u8; 32]),
    (context, ring, root, key): (Context, u32, [u8; 32], u8),
    choices: &[u8],
) -> Vec<[u8; 32]> {
    let header = Header { style: 3, place: Place::Ring(RingIndex(ring)) };
    let secret = secret(1);
    let statement = Statement {
        setting: &world.setting,
        binding: Binding {
            context: &context,
            header,
            lock: CastKey::new(Secret::new([key; 32])).lock(),
            root,
        },
        position: 2,
        choices,
        seed: &seed,
        fresh: &fresh,
        tag_secret: secret.tag_secret(),
    };
    let rho = *statement.encryption();
    let alpha = Ristretto::encode(&(rho * G));
    let beta = world.setting.keys().iter().map(|key| Ristretto::encode(&(rho * key))).collect();
    let mut masks = Masks::derive(&statement, &Published { tag: [3; 32], alpha, beta });
    masks.own_opening(secret.blinding());
    let drawn = masks.columns.iter().chain([
        &masks.mask_blinding,
        &masks.row_blinding,
        &masks.tag,
        &masks.encryption,
    ]);
    drawn.chain(&masks.ring).map(Scalar::to_bytes).collect()
}

/// VOTING §6.5: a retry, a crash, a second vote: no mask occurs in two proofs.
#[test]
fn no_mask_is_used_for_two_statements() {
    let world = World::new();
    let (same, plain) = (([1; 32], [2; 32]), (CONTEXT, 5, [7; 32], 1));
    let mut context = CONTEXT;
    context.0[63] ^= 1;
    let cases = [
        secrets(&world, same, plain, &[1, 2]),
        secrets(&world, same, plain, &[1, 3]),
        secrets(&world, same, plain, &[0, 2]),
        secrets(&world, same, (context, 5, [7; 32], 1), &[1, 2]),
        secrets(&world, same, (CONTEXT, 6, [7; 32], 1), &[1, 2]),
        secrets(&world, same, (CONTEXT, 5, [8; 32], 1), &[1, 2]),
        secrets(&world, same, (CONTEXT, 5, [7; 32], 2), &[1, 2]),
        secrets(&world, ([1; 32], [3; 32]), plain, &[1, 2]),
        secrets(&world, ([2; 32], [2; 32]), plain, &[1, 2]),
    ];
    assert_eq!(cases[0], secrets(&world, same, plain, &[1, 2]));
    let all: Vec<_> = cases.iter().flatten().collect();
    assert_eq!(all.len(), 9 * (8 + 7 + 4 + 2));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "a mask occurs twice");
}

/// Masks that are used twice give the secret away: the attack, and that it does not work on two ballots of ours.
#[test]
fn two_ballots_of_one_seed_do_not_give_the_secret_away() {
    let world = World::new();
    let public = world.public(1);
    let solve = |one: &Proof, other: &Proof| {
        let square = |proof: &Proof| proof.x * proof.x;
        (one.zs - other.zs) * (square(one) - square(other)).invert()
    };
    let read = |ballot: &[u8]| public.read(ballot).unwrap();
    let own = secret(1);
    let (first, second) = (read(&world.ballot(1, &[1, 1])), read(&world.ballot(1, &[2, 1])));
    assert_ne!(solve(&first, &second), *own.tag_secret());
    // The same with a prover that reuses its masks: T1 differs, everything else is kept.
    let again = read(&world.cheat(1, &[1, 1], &mut |stage, proof| {
        if stage == Stage::Second {
            proof.t1 += G;
        }
    }));
    assert_eq!(solve(&first, &again), *own.tag_secret());
}

/// Draws a conversation without any secret (§9.1), for challenges that are known before.
fn simulate(public: &Public, entropy: &mut TestEntropy) -> Proof {
    let mut draw = || {
        let mut bytes = [0; 64];
        entropy.fill(&mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    };
    // A proof of the right shape, all of whose numbers are replaced.
    let ballot = public.prove(&world_private(), &mut |_, _| ());
    let mut proof = public.read(&ballot).unwrap();
    for point in proof.beta.iter_mut().chain([&mut proof.tag, &mut proof.alpha, &mut proof.big_b]) {
        *point = draw() * G;
    }
    proof.x_points.iter_mut().skip(1).for_each(|point| *point = draw() * G);
    proof.f.iter_mut().for_each(|f| *f = draw());
    (proof.za, proof.zrho, proof.zs, proof.zr) = (draw(), draw(), draw(), draw());
    (proof.e, proof.x) = (draw(), draw());
    let none = RistrettoPoint::identity();
    (proof.big_a, proof.t0, proof.t1, proof.y0, proof.x_points[0]) = (none, none, none, none, none);
    let [e1, e2, e3, e4, e5] = public.residuals(&proof);
    (proof.big_a, proof.t0, proof.t1, proof.x_points[0], proof.y0) = (-e1, -e2, -e3, e4, e5);
    proof
}

fn world_private() -> crate::naive::Private {
    World::new().private(1, &[1, 1])
}

/// Who may choose the challenges needs no secret, and the answers look the same: nothing is learnt from a proof.
#[test]
fn a_proof_can_be_simulated() {
    let world = World::new();
    let public = world.public(1);
    let mut entropy = TestEntropy::new(11);
    let bits = |proofs: &[Proof]| {
        let scalars = proofs
            .iter()
            .flat_map(|proof| proof.f.iter().chain([&proof.za, &proof.zrho, &proof.zs, &proof.zr]));
        let bytes: Vec<[u8; 32]> = scalars.map(Scalar::to_bytes).collect();
        // The share of ones in each of the lower 248 bits.
        (0..248)
            .map(|bit| {
                let ones = bytes.iter().filter(|bytes| bytes[bit / 8] >> (bit % 8) & 1 == 1).count();
                ones * 1000 / bytes.len()
            })
            .collect::<Vec<usize>>()
    };
    let simulated: Vec<_> = (0..40).map(|_| simulate(&public, &mut entropy)).collect();
    for proof in &simulated {
        assert_eq!(public.residuals(proof), [RistrettoPoint::identity(); 5]);
    }
    let real: Vec<_> = (0..40)
        .map(|number| {
            let mut own = world.private(1, &[1, 1]);
            own.b = [number; 32];
            public.read(&public.prove(&own, &mut |_, _| ())).unwrap()
        })
        .collect();
    // 360 scalars: the deviation is 26 thousandths, six of them are allowed.
    for share in bits(&simulated).into_iter().chain(bits(&real)) {
        assert!((342..=658).contains(&share), "{share}");
    }
    // The challenges of a ballot are not chosen: a simulated one is refused.
    let ballot = world.cheat(1, &[1, 1], &mut |stage, proof| {
        if stage == Stage::Done {
            let Proof { e, x, .. } = *proof;
            *proof = Proof { e, x, ..simulated[0].clone() };
        }
    });
    assert_eq!(world.verify(&ballot).unwrap_err().code(), "BAL-11");
}

#[test]
fn generators_are_those_of_the_specification() {
    let world = World::new();
    let bases = &world.setting.bases;
    assert_eq!(bases.secret, generator("Gs", 0));
    assert_eq!(bases.blinding, generator("H", 0));
    assert_eq!(bases.tag, point("tag", &[&ELECTION.0]));
    assert_eq!((bases.left.len(), bases.right.len()), (15, 15));
    for column in 0..15 {
        assert_eq!(bases.left[column], generator("P", column));
        assert_eq!(bases.right[column], generator("Q", column));
    }
    let all: Vec<_> = bases.row_points().into_iter().chain([bases.secret, bases.tag, bases.base]).collect();
    let distinct: BTreeSet<_> = all.iter().map(Ristretto::encode).collect();
    assert_eq!(distinct.len(), 34);
}
