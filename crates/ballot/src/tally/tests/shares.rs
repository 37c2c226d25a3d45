//! Shares of a sum, and the proofs that they were made with the ceremony's keys.

use super::*;

/// From its text: `z·G = R1 + c·PK` and `z·α = R2 + c·D`.
#[test]
fn a_share_is_made_as_the_specification_says() {
    let election = election(31);
    let opening = election.opening(&[5, 6], 11);
    let public = election.joint.share_keys(trustee(4)).unwrap();
    let point = |bytes: &[u8]| Ristretto::decode(bytes.try_into().unwrap()).unwrap();
    for (option, (share, proof)) in parts(&election.share(&opening, 4)).into_iter().enumerate() {
        let number = u32::try_from(option).unwrap() + 1;
        let alpha = opening.sum().alpha().compress().to_bytes();
        let key = public[option].compress().to_bytes();
        let fields: [&[u8]; 9] = [
            &CONTEXT,
            &[4, 0, 0, 0],
            &[2, 0, 0, 0],
            &number.to_le_bytes(),
            &key,
            &alpha,
            &share,
            &proof[..32],
            &proof[32..64],
        ];
        let challenge = crate::naive::scalar("tally-share", &fields);
        let response = Scalar::from_canonical_bytes(proof[64..].try_into().unwrap()).unwrap();
        assert_eq!(RistrettoPoint::mul_base(&response), point(&proof[..32]) + public[option] * challenge);
        assert_eq!(opening.sum().alpha() * response, point(&proof[32..64]) + point(&share) * challenge);
    }
}

#[test]
fn every_byte_of_a_share_counts() {
    let election = election(32);
    let opening = election.opening(&[5, 6], 11);
    let right = parts(&election.share(&opening, 1));
    assert_eq!(check(&election, &opening, &rebuilt(1, &right)), Ok(()));
    for option in 0..2 {
        for place in 0..128 {
            let mut changed = right.clone();
            let (share, proof) = &mut changed[option];
            if place < 32 {
                share[place] ^= 1;
            } else {
                proof[place - 32] ^= 1;
            }
            let error = check(&election, &opening, &rebuilt(1, &changed)).unwrap_err();
            let named = u32::try_from(option).unwrap() + 1;
            assert!(
                [
                    ShareError::Encoding { trustee: trustee(1), option: named },
                    ShareError::Proof { trustee: trustee(1), option: named }
                ]
                .contains(&error),
                "{error:?}"
            );
        }
    }
}

#[test]
fn a_share_counts_for_one_statement() {
    let (election, other) = (election(33), election(34));
    let opening = election.opening(&[5, 6], 11);
    let share = election.share(&opening, 1);
    let wrong = |opening: &Opening<'_, Ristretto>, option| {
        let error = opening.verify(&share).unwrap_err();
        assert_eq!(error, ShareError::Proof { trustee: trustee(1), option });
    };
    let sum_of = |rho| sum(&election.joint, &[5, 6], 11, rho);
    for place in 0..64 {
        let mut context = CONTEXT;
        context[place] ^= 1;
        wrong(&Opening::new(&election.joint, context, 2, sum_of(77), 1).unwrap(), 1);
    }
    for bit in [0, 8, 16, 24] {
        wrong(&Opening::new(&election.joint, CONTEXT, 2 ^ (1 << bit), sum_of(77), 1).unwrap(), 1);
    }
    wrong(&Opening::new(&election.joint, CONTEXT, 2, sum_of(78), 1).unwrap(), 1);
    wrong(&Opening::new(&other.joint, CONTEXT, 2, sum_of(77), 1).unwrap(), 1);
    // The options cannot change places, and the share is nobody else's.
    let mut swapped = parts(&share);
    swapped.swap(0, 1);
    let error = check(&election, &opening, &rebuilt(1, &swapped)).unwrap_err();
    assert_eq!(error, ShareError::Proof { trustee: trustee(1), option: 1 });
    let error = check(&election, &opening, &rebuilt(2, &parts(&share))).unwrap_err();
    assert_eq!(error, ShareError::Proof { trustee: trustee(2), option: 1 });
}

/// Random share; proof for another ciphertext; shifted exponent; the two logarithms not the same.
#[test]
fn a_wrong_share_is_refused_and_its_trustee_named() {
    let election = election(35);
    let opening = election.opening(&[5, 6], 11);
    let right = parts(&election.share(&opening, 3));
    let refused = |cells: &[(Vec<u8>, Vec<u8>)], option| {
        let error = check(&election, &opening, &rebuilt(3, cells)).unwrap_err();
        assert_eq!(error, ShareError::Proof { trustee: trustee(3), option });
    };
    let random = RistrettoPoint::mul_base(&Scalar::from(12_345_u64)).compress().to_bytes().to_vec();
    refused(&[right[0].clone(), (random.clone(), right[1].1.clone())], 2);
    let other = parts(&election.share(&election.opening(&[1, 2], 11), 3));
    let elsewhere =
        Opening::new(&election.joint, CONTEXT, 2, sum(&election.joint, &[5, 6], 11, 78), 1).unwrap();
    let elsewhere = parts(&election.share(&elsewhere, 3));
    refused(&[(right[0].0.clone(), elsewhere[0].1.clone()), right[1].clone()], 1);
    refused(&elsewhere, 1);
    // α is the same there: the proof of the same logarithm is right, whatever β says.
    assert_eq!(check(&election, &opening, &rebuilt(3, &other)), Ok(()));

    // D and z shifted together: the first equation fails. D = (k+1)·α, R2 fitted to it: the second fails or the
    // challenge changes.
    let alpha = opening.sum().alpha();
    let point = |bytes: &[u8]| Ristretto::decode(bytes.try_into().unwrap()).unwrap();
    let shifted = (point(&right[0].0) + alpha).compress().to_bytes().to_vec();
    refused(&[(shifted.clone(), right[0].1.clone()), right[1].clone()], 1);
    let mut proof = right[0].1.clone();
    let response = Scalar::from_canonical_bytes(proof[64..].try_into().unwrap()).unwrap() + Scalar::ONE;
    proof[64..].copy_from_slice(response.as_bytes());
    refused(&[(shifted, proof), right[1].clone()], 1);
}

/// A trustee that knows its key but wants another result: it makes the first equation hold, or the second, not both.
#[test]
fn both_equations_of_a_share_are_checked() {
    let election = election(36);
    let opening = election.opening(&[5, 6], 11);
    let right = parts(&election.share(&opening, 3));
    let (alpha, secret) = (*opening.sum().alpha(), election.keys[2].secrets()[0]);
    let public = election.joint.share_keys(trustee(3)).unwrap()[0];
    let lie = secret + Scalar::ONE;
    let (w, encode) = (Scalar::from(9_u64), |point: RistrettoPoint| point.compress().to_bytes());
    let share = encode(alpha * lie);
    let points = [public, alpha, alpha * lie, RistrettoPoint::mul_base(&w), alpha * w].map(encode);
    let challenge = opening.challenge(trustee(3), 1, &points).scalar::<Ristretto>();
    for response in [w + challenge * secret, w + challenge * lie] {
        let proof = [points[3], points[4], response.to_bytes()].concat();
        let cells = [(share.to_vec(), proof), right[1].clone()];
        let error = check(&election, &opening, &rebuilt(3, &cells)).unwrap_err();
        assert_eq!(error, ShareError::Proof { trustee: trustee(3), option: 1 });
    }
    // The same with the truth holds, so it is the lie that was refused.
    let points = [public, alpha, alpha * secret, RistrettoPoint::mul_base(&w), alpha * w].map(encode);
    let challenge = opening.challenge(trustee(3), 1, &points).scalar::<Ristretto>();
    let proof = [points[3], points[4], (w + challenge * secret).to_bytes()].concat();
    assert_eq!(
        check(&election, &opening, &rebuilt(3, &[(points[2].to_vec(), proof), right[1].clone()])),
        Ok(())
    );
}

/// Errors in two cells that cancel when they are added up without weights.
#[test]
fn errors_that_cancel_are_found_in_a_batch() {
    let election = election(37);
    let opening = election.opening(&[5, 6], 11);
    let shift = |number: u32, by: Scalar| {
        let mut cells = parts(&election.share(&opening, number));
        let proof = &mut cells[0].1;
        let response = Scalar::from_canonical_bytes(proof[64..].try_into().unwrap()).unwrap() + by;
        proof[64..].copy_from_slice(response.as_bytes());
        rebuilt(number, &cells)
    };
    let (first, second, third) = (shift(1, Scalar::ONE), shift(2, -Scalar::ONE), election.share(&opening, 3));
    let results = verify_shares(
        &[(&opening, &first), (&opening, &second), (&opening, &third)],
        &mut TestEntropy::new(1),
    );
    let named: Vec<_> = results.into_iter().map(|result| result.map(|_| ()).err()).collect();
    let proof = |number| Some(ShareError::Proof { trustee: trustee(number), option: 1 });
    assert_eq!(named, [proof(1), proof(2), None]);
}

#[test]
fn who_is_not_qualified_decrypts_nothing() {
    let mut room = Room::new(38, 3, Size { threshold: 2, keys: 1 }).until(Phase::Complaints);
    let before = room.ceremony.joint_keys().unwrap();
    let opening = Opening::new(&before, CONTEXT, 0, sum(&before, &[3], 5, 7), 1).unwrap();
    let share = opening.share(&room.keys(1).unwrap(), &mut TestEntropy::new(1)).unwrap();
    opening.verify(&share).unwrap();
    let kept = room.keys(1).unwrap();
    room.apply(2, &crate::ceremony::Message::Complaint { against: trustee(1) }).unwrap();
    room.ceremony.advance(Phase::Answers).unwrap();
    let after = room.ceremony.joint_keys().unwrap();
    let opening = Opening::new(&after, CONTEXT, 0, sum(&after, &[3], 5, 7), 1).unwrap();
    assert_eq!(opening.verify(&share).unwrap_err(), ShareError::NotQualified { trustee: trustee(1) });
    assert_eq!(opening.share(&kept, &mut TestEntropy::new(1)), Err(DecryptError { trustee: trustee(1) }));
    let absent = rebuilt(9, &parts(&share));
    assert_eq!(opening.verify(&absent).unwrap_err(), ShareError::NotQualified { trustee: trustee(9) });
}

#[test]
fn a_foreign_key_decrypts_nothing() {
    let (election, other) = (election(39), election(40));
    let opening = election.opening(&[5, 6], 11);
    let error = opening.share(&other.keys[0], &mut TestEntropy::new(1)).unwrap_err();
    assert_eq!(error, DecryptError { trustee: trustee(1) });
    let theirs = other.opening(&[5, 6], 11);
    let share = other.share(&theirs, 1);
    assert_eq!(
        check(&election, &opening, &share).unwrap_err(),
        ShareError::Proof { trustee: trustee(1), option: 1 }
    );
}

#[test]
fn a_share_has_a_cell_for_each_option() {
    let election = election(41);
    let opening = election.opening(&[5, 6], 11);
    let right = parts(&election.share(&opening, 1));
    for cells in [Vec::new(), right[..1].to_vec(), [right.clone(), right[..1].to_vec()].concat()] {
        let error = check(&election, &opening, &rebuilt(1, &cells)).unwrap_err();
        assert_eq!(error, ShareError::Options { trustee: trustee(1) });
    }
    for (share, proof) in [(31, 96), (33, 96), (32, 95), (32, 97), (0, 0)] {
        let (share, proof) = (vec![0; share], vec![0; proof]);
        let cells = [(share.as_slice(), proof.as_slice())];
        assert!(TallyShare::<Ristretto>::from_bytes(trustee(1), cells).is_none());
    }
    // A neutral announcement, with a response that fits: z = c·k.
    let (alpha, secret) = (*opening.sum().alpha(), election.keys[0].secrets()[0]);
    let neutral = RistrettoPoint::identity();
    let public = election.joint.share_keys(trustee(1)).unwrap()[0];
    let points = [public, alpha, alpha * secret, neutral, neutral].map(|point| point.compress().to_bytes());
    let response = opening.challenge(trustee(1), 1, &points).scalar::<Ristretto>() * secret;
    let proof = [points[3], points[4], response.to_bytes()].concat();
    let cells = [(points[2].to_vec(), proof), right[1].clone()];
    let error = check(&election, &opening, &rebuilt(1, &cells)).unwrap_err();
    assert_eq!(error, ShareError::Identity { trustee: trustee(1), option: 1 });
}

#[test]
fn a_share_that_is_not_canonical_is_refused() {
    let election = election(48);
    let opening = election.opening(&[5, 6], 11);
    let right = parts(&election.share(&opening, 1));
    // The response plus the group's order is the same number.
    let mut aliased = right.clone();
    add_order(&mut aliased[1].1[64..]);
    // RFC 9496 A.3: a negative field element.
    let bad = sinpyo_testkit::from_hex("0100000000000000000000000000000000000000000000000000000000000000");
    let (mut share, mut announcement) = (right.clone(), right);
    share[1].0.clone_from(&bad);
    announcement[1].1[32..64].copy_from_slice(&bad);
    for cells in [aliased, share, announcement] {
        let error = check(&election, &opening, &rebuilt(1, &cells)).unwrap_err();
        assert_eq!(error, ShareError::Encoding { trustee: trustee(1), option: 2 });
    }
}

#[test]
fn a_generator_that_repeats_itself_repeats_no_mask() {
    struct Stuck;
    impl sinpyo_core::key::Entropy for Stuck {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(0);
        }
    }
    let election = election(47);
    let openings = [election.opening(&[1, 2], 5), election.opening(&[1, 3], 5)];
    let masks: std::collections::BTreeSet<_> = openings
        .iter()
        .flat_map(|opening| (0..2).map(move |place| (opening, place)))
        .flat_map(|(opening, place)| parts(&opening.share(&election.keys[place], &mut Stuck).unwrap()))
        .map(|(_, proof)| proof[..32].to_vec())
        .collect();
    assert_eq!(masks.len(), 8);
}
