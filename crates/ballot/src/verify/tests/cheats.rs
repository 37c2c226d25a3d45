//! Each of (E1) to (E5) is needed: provers who cheat where one of them is missing.

use super::*;

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
