use super::{BallotError, Equation, Opened, equations};
use crate::ballot::{ParseBallotError, Token, UnverifiedBallot};
use crate::fixture::{CONTEXT, ELECTION, Repeating, World, secret};
use crate::generators::ElectionId;
use crate::group::{Group, Ristretto};
use crate::naive::{Proof, Stage, generator, point};
use crate::prove::{BallotSeed, Eligibility, prove};
use crate::setting::{Context, Setting, Shape};
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT as G, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use sinpyo_core::Secret;

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
fn decrypts(world: &World, ballot: &super::VerifiedBallot<Ristretto>, contests: &[usize], choices: &[u8]) {
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
    let (first, second) = (world.ballot(3, &[1, 0]), world.ballot(3, &[2, 0]));
    assert_eq!(first[..40], second[..40]);
    for (one, other) in first[40..].chunks(32).zip(second[40..].chunks(32)) {
        assert_ne!(one, other);
    }
}

// (E1) removed: one voter gives five votes, or takes one away. VOT-04.
#[test]
fn an_option_has_weight_one() {
    let world = World::new();
    for weight in [Scalar::from(2_u8), Scalar::from(100_u8), -Scalar::ONE] {
        let ballot = world.cheat(0, &[1, 2], &mut |stage, proof| {
            if stage == Stage::Chosen {
                let column = world.public(0).options()[0];
                proof.beta[0] += (weight - Scalar::ONE) * G;
                proof.sigma[column] = weight;
                proof.sigma[column - 1] = Scalar::ONE - weight;
            }
        });
        only(&world, &ballot, Equation::Rows);
    }
}

// (E1) removed: two options of one contest.
#[test]
fn a_contest_has_one_choice() {
    let world = World::new();
    let ballot = world.cheat(0, &[1, 2], &mut |stage, proof| {
        if stage == Stage::Chosen {
            let column = world.public(0).options()[0];
            proof.beta[1] += G;
            proof.sigma[column + 1] = Scalar::ONE;
            proof.sigma[column - 1] = -Scalar::ONE;
        }
    });
    only(&world, &ballot, Equation::Rows);
}

// (E2) removed: α has another randomness than β, so that who knows a key adds what he likes.
#[test]
fn alpha_has_the_randomness_of_beta() {
    let world = World::new();
    let ballot = world.cheat(1, &[1, 2], &mut |stage, proof| {
        if stage == Stage::Chosen {
            proof.alpha += Scalar::from(77_u8) * G;
        }
    });
    only(&world, &ballot, Equation::Alpha);
}

// (E3) removed: β encrypts more than its column says.
#[test]
fn beta_encrypts_its_column() {
    let world = World::new();
    let ballot = world.cheat(2, &[1, 2], &mut |stage, proof| {
        if stage == Stage::Chosen {
            proof.beta[4] += Scalar::from(7_u8) * G;
        }
    });
    only(&world, &ballot, Equation::Beta);
}

// (E4) removed: who is not in the ring votes.
#[test]
fn a_voter_stands_in_the_ring() {
    let world = World::new();
    let mut outsider = world.private(0, &[1, 2]);
    (outsider.s, outsider.r) = (Scalar::from(5_u8), Scalar::from(6_u8));
    let ballot = world.public(0).prove(&outsider, &mut |_, _| ());
    only(&world, &ballot, Equation::Ring);
    // Nor does a pad vote, nor a voter at another position.
    for position in [15, 1 + world.private(0, &[0, 0]).position % 13] {
        let ballot = world
            .public(0)
            .prove(&crate::naive::Private { position, ..world.private(0, &[1, 2]) }, &mut |_, _| ());
        only(&world, &ballot, Equation::Ring);
    }
}

// (E5) removed: one voter has as many tags as he likes.
#[test]
fn the_tag_is_that_of_the_commitment() {
    let world = World::new();
    let u = point("tag", &[&ELECTION.0]);
    let ballot = world.cheat(4, &[1, 2], &mut |stage, proof| {
        if stage == Stage::Chosen {
            proof.tag += u;
        }
    });
    only(&world, &ballot, Equation::Tag);
    // Nor is the tag of another base taken.
    let ballot = world.cheat(4, &[1, 2], &mut |stage, proof| {
        if stage == Stage::Chosen {
            proof.tag += generator("Gs", 0);
        }
    });
    only(&world, &ballot, Equation::Tag);
}

/// Two votes in the first contest, by a prover who knows every `k_i` and solves for `zρ`: the sum of (E2) and (E3)
/// holds, whatever fixed number one of them is multiplied by.
#[test]
fn who_knows_the_keys_votes_twice_only_under_a_merged_equation() {
    let world = World::new();
    let public = world.public(6);
    for factor in [Scalar::ONE, Scalar::from(12_345_u32)] {
        let ballot = world.two_votes(factor);
        let proof = public.read(&ballot).unwrap();
        let [e1, e2, e3, e4, e5] = public.residuals(&proof);
        let none = RistrettoPoint::identity();
        assert_eq!([e1, factor * e2 + e3, e4, e5], [none; 4], "the merged verifier is deceived");
        assert_ne!(e2, none);
        assert_eq!(broken(&world, &ballot), [Equation::Alpha, Equation::Beta]);
        assert_eq!(world.verify(&ballot).unwrap_err().code(), "BAL-12");
    }
}

/// Each first message and response, changed alone after everything else was made.
#[test]
fn every_field_is_checked_by_its_equation() {
    type Change = (Stage, fn(&mut Proof), Equation);
    let changes: [Change; 12] = [
        (Stage::First, |proof| proof.big_a += G, Equation::Rows),
        (Stage::First, |proof| proof.big_b += G, Equation::Rows),
        (Stage::First, |proof| proof.t0 += G, Equation::Alpha),
        (Stage::Second, |proof| proof.t1 += G, Equation::Beta),
        (Stage::First, |proof| proof.x_points[0] += G, Equation::Ring),
        (Stage::First, |proof| proof.x_points[1] += G, Equation::Ring),
        (Stage::First, |proof| proof.y0 += G, Equation::Tag),
        (Stage::Done, |proof| proof.za += Scalar::ONE, Equation::Rows),
        (Stage::Done, |proof| proof.zr += Scalar::ONE, Equation::Ring),
        (Stage::Done, |proof| proof.f[0] += Scalar::ONE, Equation::Rows),
        (Stage::Done, |proof| proof.zrho += Scalar::ONE, Equation::Alpha),
        (Stage::Done, |proof| proof.zs += Scalar::ONE, Equation::Ring),
    ];
    let world = World::new();
    for (number, (at, change, equation)) in changes.into_iter().enumerate() {
        let ballot = world.cheat(5, &[2, 3], &mut |stage, proof| {
            if stage == at {
                change(proof);
            }
        });
        assert_eq!(world.verify(&ballot).unwrap_err(), BallotError::Proof(equation), "change {number}");
        if number < 9 {
            only(&world, &ballot, equation);
        }
    }
}

#[test]
fn every_byte_of_a_ballot_counts() {
    let world = World::new();
    let ballot = world.ballot(8, &[1, 1]);
    for place in 0..ballot.len() {
        let mut changed = ballot.clone();
        changed[place] ^= 1 << (place % 8);
        let error = world.verify(&changed).unwrap_err();
        let expected: &[&str] = match place {
            0 | 7 => &["BAL-04"],
            1..=2 => &["BAL-09"],
            3..=6 => &["BAL-10", "BAL-11"],
            8..456 => &["BAL-06", "BAL-11"],
            _ => &["BAL-05", "BAL-11", "BAL-12", "BAL-14"],
        };
        assert!(expected.contains(&error.code()), "byte {place}: {error:?}");
    }
    assert_eq!(ballot.len(), 8 + 32 * 14 + 32 * (6 + 5 + 4));
    for changed in [&ballot[..ballot.len() - 1], &[ballot.as_slice(), &[0]].concat(), &[]] {
        assert_eq!(world.verify(changed).unwrap_err(), BallotError::Encoding(ParseBallotError::Length));
    }
}

/// VOT-01: the proof is kept, each byte of what it is about is changed.
#[test]
fn the_proof_is_bound_to_every_byte_of_its_public_input() {
    let world = World::new();
    let ballot = world.ballot(8, &[1, 1]);
    let keys = world.setting.keys().to_vec();
    let under = |election: &ElectionId, context: Context, keys: &[RistrettoPoint]| {
        let shape = world.setting.shape().clone();
        let setting = Setting::new(election, context, 3, [2], shape, keys).unwrap();
        World { setting, rings: world.rings.clone(), key_secrets: Vec::new() }.verify(&ballot).map(|_| ())
    };
    under(&ELECTION, CONTEXT, &keys).unwrap();
    for place in 0..64 {
        let mut context = CONTEXT;
        context.0[place] ^= 1;
        assert_eq!(under(&ELECTION, context, &keys).unwrap_err(), BallotError::Proof(Equation::Rows));
    }
    for place in 0..32 {
        let mut election = ELECTION;
        election.0[place] ^= 1;
        assert_eq!(under(&election, CONTEXT, &keys).unwrap_err(), BallotError::Proof(Equation::Tag));
    }
    for option in 0..keys.len() {
        let mut keys = keys.clone();
        keys[option] += G;
        assert_eq!(under(&ELECTION, CONTEXT, &keys).unwrap_err(), BallotError::Proof(Equation::Beta));
    }
    // A ballot that was made for another root or another ring with the same number.
    for place in 0..32 {
        let mut public = world.public(8);
        public.root[place] ^= 1;
        let ballot = public.prove(&world.private(8, &[1, 1]), &mut |_, _| ());
        assert_eq!(world.verify(&ballot).unwrap_err(), BallotError::Proof(Equation::Rows));
    }
    for member in 0..16 {
        let mut public = world.public(8);
        public.ring[member] += G;
        let ballot = public.prove(&world.private(8, &[1, 1]), &mut |_, _| ());
        only(&world, &ballot, Equation::Ring);
    }
}

#[test]
fn an_identity_is_refused() {
    let world = World::new();
    let ballot = world.ballot(8, &[1, 1]);
    for (place, error) in [(8, BallotError::Tag), (40, BallotError::Alpha)] {
        let mut changed = ballot.clone();
        changed[place..place + 32].fill(0);
        assert_eq!(world.verify(&changed).unwrap_err(), error);
    }
    // A voter whose secret is 0 has the identity as tag, and a proof that holds.
    let mut zero = world.private(0, &[1, 2]);
    zero.s = Scalar::ZERO;
    let mut public = world.public(0);
    public.ring[zero.position] = zero.r * generator("H", 0);
    let ballot = public.prove(&zero, &mut |_, _| ());
    assert_eq!(public.residuals(&public.read(&ballot).unwrap()), [RistrettoPoint::identity(); 5]);
    assert_eq!(world.verify(&ballot).unwrap_err(), BallotError::Tag);
    // ρ = 0: the votes are readable.
    let ballot = world.cheat(0, &[1, 2], &mut |stage, proof| {
        if stage == Stage::Chosen {
            proof.rho = Scalar::ZERO;
            proof.alpha = RistrettoPoint::identity();
            proof.beta = world.public(0).options().iter().map(|column| proof.sigma[*column] * G).collect();
        }
    });
    assert_eq!(world.verify(&ballot).unwrap_err(), BallotError::Alpha);
}

#[test]
fn an_encoding_that_is_not_canonical_is_refused() {
    // RFC 9496 appendix A.2: not canonical, negative, not square.
    let typed = [
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    ];
    let world = World::new();
    let ballot = world.ballot(8, &[1, 1]);
    for point in 0..14 {
        for bad in typed {
            let mut changed = ballot.clone();
            changed[8 + 32 * point..40 + 32 * point].copy_from_slice(&sinpyo_testkit::from_hex(bad));
            assert_eq!(world.verify(&changed).unwrap_err(), BallotError::Point);
        }
    }
    // The order itself, added to a scalar.
    let order = sinpyo_testkit::from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for scalar in 0..15 {
        let mut changed = ballot.clone();
        let mut carry = 0_u16;
        for (byte, add) in changed[456 + 32 * scalar..488 + 32 * scalar].iter_mut().zip(&order) {
            let sum = u16::from(*byte) + u16::from(*add) + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert_eq!(world.verify(&changed).unwrap_err(), BallotError::Encoding(ParseBallotError::Scalar));
    }
}

#[test]
fn style_and_ring_must_fit() {
    let world = World::new();
    let (ring, _) = world.place(8);
    let other = world.rings.iter().find(|other| other.roster().index() != ring.roster().index()).unwrap();
    let ballot = world.ballot(8, &[1, 1]);
    let parsed = world.parse(&ballot).unwrap();
    let check = |ring| super::verify(&world.setting, ring, &parsed).map(|_| ()).unwrap_err();
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
        assert_eq!(super::verify(&setting, Some(ring), &parsed).map(|_| ()).unwrap_err(), BallotError::Style);
    }
    super::verify(&setting(3, 2), Some(ring), &parsed).unwrap();
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

/// VOT-02: a proof is chosen first and the ciphertext or the tag solved for it: they stand in the challenges.
#[test]
fn a_statement_is_not_fitted_to_a_proof() {
    let world = World::new();
    let public = world.public(8);
    let solved: [fn(&mut Proof, [RistrettoPoint; 5]); 3] = [
        |proof, [_, e2, ..]| proof.alpha -= proof.x.invert() * e2,
        |proof, [_, _, e3, ..]| proof.beta[0] -= (proof.x * proof.e).invert() * e3,
        |proof, [.., e5]| proof.tag -= (proof.x * proof.x).invert() * e5,
    ];
    for (number, solve) in solved.into_iter().enumerate() {
        let mut fitted = false;
        let ballot = world.cheat(8, &[1, 1], &mut |stage, proof| {
            if stage == Stage::Done {
                (proof.zrho, proof.zs) = (proof.zrho + Scalar::ONE, proof.zs + Scalar::ONE);
                let residuals = public.residuals(proof);
                solve(proof, residuals);
                let again = public.residuals(proof);
                fitted = again[[1, 2, 4][number]] == RistrettoPoint::identity();
            }
        });
        assert!(fitted, "for the challenges of before the equation holds");
        assert_eq!(world.verify(&ballot).unwrap_err().code(), "BAL-11");
        assert_eq!(broken(&world, &ballot).len(), 5);
    }
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

#[test]
fn bad_encodings_of_the_rfc_are_refused() {
    let Some(folder) = sinpyo_testkit::vectors("ristretto255") else { return };
    let file = std::fs::read(folder.join("rfc9496_invalid.json")).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let kinds = file["must_reject"].as_object().unwrap();
    let world = World::new();
    let ballot = world.ballot(8, &[1, 1]);
    let mut count = 0;
    for bad in kinds.values().flat_map(|kind| kind.as_array().unwrap()) {
        count += 1;
        for point in 0..14 {
            let mut changed = ballot.clone();
            let bad = sinpyo_testkit::from_hex(bad.as_str().unwrap());
            changed[8 + 32 * point..40 + 32 * point].copy_from_slice(&bad);
            assert_eq!(world.verify(&changed).unwrap_err(), BallotError::Point);
        }
    }
    assert_eq!(count, 29);
}

/// Profile `token`: the same proof without a ring, bound to district and token.
#[test]
fn every_byte_of_a_token_ballot_counts() {
    let world = World::new();
    let shape = Shape::token(&[2, 3], 256).unwrap();
    let setting = Setting::<Ristretto>::new(&ELECTION, CONTEXT, 3, [2], shape, world.setting.keys()).unwrap();
    let token = Token { randomizer: [5; 32], signature: vec![6; 256] };
    let eligibility = Eligibility::Token { district: 2, token: &token };
    let seed = BallotSeed::new(Secret::new([1; 32]));
    let ballot = prove(&setting, eligibility, &secret(1), &[1, 2], seed, &mut Repeating(7)).unwrap().cast();
    let check = |ballot: &[u8]| {
        let parsed = UnverifiedBallot::parse(ballot, setting.shape()).map_err(BallotError::Encoding)?;
        super::verify(&setting, None, &parsed)
    };
    let verified = check(&ballot).unwrap();
    decrypts(&world, &verified, &[2, 3], &[1, 2]);
    let tag = secret(1).tag_secret() * point("tag", &[&ELECTION.0]);
    assert_eq!(*verified.tag(), Ristretto::encode(&tag));
    for place in 0..ballot.len() {
        let mut changed = ballot.clone();
        changed[place] ^= 1 << (place % 8);
        let code = check(&changed).unwrap_err().code();
        let expected: &[&str] = match place {
            0 | 7 => &["BAL-04"],
            1..=6 => &["BAL-09"],
            8..392 => &["BAL-06", "BAL-11"],
            392..648 => &["BAL-05", "BAL-11", "BAL-12", "BAL-15"],
            _ => &["BAL-11"],
        };
        assert!(expected.contains(&code), "byte {place}: {code}");
    }
}
