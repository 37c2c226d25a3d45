//! Every byte of a ballot, and the encodings that are not taken.

use super::*;

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
            456..936 => &["BAL-05", "BAL-11", "BAL-12", "BAL-14"],
            _ => &["BAL-11"],
        };
        assert!(expected.contains(&error.code()), "byte {place}: {error:?}");
    }
    assert_eq!(ballot.len(), 8 + 32 * 14 + 32 * (6 + 5 + 4) + 32);
    for changed in [&ballot[..ballot.len() - 1], &[ballot.as_slice(), &[0]].concat(), &[]] {
        assert_eq!(world.verify(changed).unwrap_err(), BallotError::Encoding(ParseBallotError::Length));
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
    for scalar in 0..15 {
        let mut changed = ballot.clone();
        add_order(&mut changed[456 + 32 * scalar..488 + 32 * scalar]);
        assert_eq!(world.verify(&changed).unwrap_err(), BallotError::Encoding(ParseBallotError::Scalar));
    }
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
    let (setting, prepared) = world.by_token();
    let ballot = prepared.cast();
    let check = |ballot: &[u8]| {
        let parsed = UnverifiedBallot::parse(ballot, setting.shape()).map_err(BallotError::Encoding)?;
        verify(&setting, None, &parsed)
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
