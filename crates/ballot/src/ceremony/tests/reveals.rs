//! Commitments to coefficients, and the proofs that they are known.

use super::*;

#[test]
fn a_proof_made_from_the_text_of_the_specification_is_accepted() {
    let room = Room::new(3, 3, TWO_OF_THREE);
    let secrets = [5_u64, 6].map(Scalar::from);
    let points = secrets.map(|secret| RistrettoPoint::mul_base(&secret).compress().to_bytes());
    let proofs = [
        spec_proof([3; 32], [2, 1, 0], secrets[0], Scalar::from(7_u64)),
        spec_proof([3; 32], [2, 1, 1], secrets[1], Scalar::from(8_u64)),
    ];
    let reveal = Reveal { commitments: points.concat(), proofs: proofs.concat() };
    assert_eq!(fault_of(room, 2, &reveal), None);
}

#[test]
fn a_key_chosen_from_the_keys_of_others_is_refused() {
    let fresh = || Room::new(4, 3, TWO_OF_THREE);
    // The last trustee even knows what the others are going to reveal, and wants the joint key to be 9·G.
    let others: Vec<Reveal> = [1, 2].map(|number| honest_reveal(&fresh(), number)).into();
    let first = |reveal: &Reveal| Ristretto::decode(reveal.commitments.first_chunk().unwrap()).unwrap();
    let rogue =
        RistrettoPoint::mul_base(&Scalar::from(9_u64)) - others.iter().map(first).sum::<RistrettoPoint>();
    let second = RistrettoPoint::mul_base(&Scalar::from(6_u64));
    let commitments = [rogue, second].map(|point| point.compress().to_bytes()).concat();
    let right_proof = spec_proof([4; 32], [3, 1, 1], Scalar::from(6_u64), Scalar::from(8_u64));
    let rogue_proof = Some(Fault::Proof { key: 1, coefficient: 0 });

    // Without a proof.
    let reveal = Reveal { commitments: commitments.clone(), proofs: Vec::new() };
    assert_eq!(fault_of(fresh(), 3, &reveal), Some(Fault::Encoding));
    // With a proof for a key that it knows, and with those of the others.
    let known = spec_proof([4; 32], [3, 1, 0], Scalar::from(9_u64), Scalar::from(7_u64));
    for proof in [known, others[0].proofs[..64].to_vec(), others[1].proofs[..64].to_vec()] {
        let reveal =
            Reveal { commitments: commitments.clone(), proofs: [proof, right_proof.clone()].concat() };
        assert_eq!(fault_of(fresh(), 3, &reveal), rogue_proof);
    }
    // Decided after the others have revealed.
    let mut room = fresh().until(Phase::Reveal);
    room.turn(&[3]);
    let reveal = Reveal { commitments, proofs: [others[0].proofs[..64].to_vec(), right_proof].concat() };
    room.apply(3, &Message::Reveal(reveal)).unwrap();
    assert_eq!(room.fault(3), Some(Fault::Commitment));
    // Without it the others go on.
    let room = room.until(Phase::Complaints);
    assert_eq!(room.ceremony.joint_keys().unwrap().qualified().count(), 2);
}

#[test]
fn what_another_trustee_reveals_cannot_be_revealed_again() {
    let room = Room::new(5, 3, TWO_OF_THREE);
    let copied = honest_reveal(&room, 1);
    assert_eq!(fault_of(room, 2, &copied), Some(Fault::Proof { key: 1, coefficient: 0 }));
    // The hash alone cannot be copied either: it names its trustee.
    let mut room = Room::new(5, 3, TWO_OF_THREE);
    let [commit] = room.owed(1).try_into().unwrap();
    room.apply(2, &commit).unwrap();
    room.turn(&[2]);
    room.apply(2, &Message::Reveal(copied)).unwrap();
    assert_eq!(room.fault(2), Some(Fault::Commitment));
}

#[test]
fn every_byte_of_a_reveal_counts() {
    let fresh = || Room::new(6, 2, Size { threshold: 2, keys: 1 });
    let honest = honest_reveal(&fresh(), 2);
    assert_eq!(fault_of(fresh(), 2, &honest), None);
    for place in 0..honest.commitments.len() {
        let mut reveal = honest.clone();
        reveal.commitments[place] ^= 1;
        assert!(fault_of(fresh(), 2, &reveal).is_some(), "commitments, byte {place}");
    }
    for place in 0..honest.proofs.len() {
        let mut reveal = honest.clone();
        reveal.proofs[place] ^= 1;
        assert!(fault_of(fresh(), 2, &reveal).is_some(), "proofs, byte {place}");
    }
    let swapped = Reveal {
        commitments: [&honest.commitments[32..], &honest.commitments[..32]].concat(),
        proofs: [&honest.proofs[64..], &honest.proofs[..64]].concat(),
    };
    assert_eq!(fault_of(fresh(), 2, &swapped), Some(Fault::Proof { key: 1, coefficient: 0 }));
    assert!(fault_of(fresh(), 1, &honest).is_some());
}

#[test]
fn a_proof_counts_for_one_key_of_one_election() {
    let two_keys = || Room::new(7, 2, Size { threshold: 1, keys: 2 });
    let honest = honest_reveal(&two_keys(), 1);
    let same_twice = Reveal {
        commitments: [&honest.commitments[..32], &honest.commitments[..32]].concat(),
        proofs: [&honest.proofs[..64], &honest.proofs[..64]].concat(),
    };
    assert_eq!(fault_of(two_keys(), 1, &same_twice), Some(Fault::Proof { key: 2, coefficient: 0 }));
    for place in 0..32 {
        let mut election = [7; 32];
        election[place] ^= 1;
        let mut room = two_keys();
        let parameters = room.ceremony.parameters();
        let boxes = parameters.boxes.clone();
        let parameters = Parameters::new(ElectionId(election), parameters.size(), boxes).unwrap();
        room.trustees[1] = Trustee::begin(parameters.clone(), trustee(2), &mut TestEntropy::new(1));
        room.ceremony = Ceremony::new(parameters);
        assert_eq!(fault_of(room, 1, &honest), Some(Fault::Proof { key: 1, coefficient: 0 }));
    }
}

#[test]
fn the_neutral_element_and_strange_encodings_are_refused() {
    let fresh = || Room::new(8, 2, Size { threshold: 1, keys: 1 });
    let point = |secret: Scalar| RistrettoPoint::mul_base(&secret).compress().to_bytes().to_vec();
    let five = Scalar::from(5_u64);
    // A proof of knowing the logarithm of the neutral element holds, and one with a neutral announcement too.
    for (secret, mask) in [(Scalar::ZERO, five), (five, Scalar::ZERO)] {
        let proofs = spec_proof([8; 32], [1, 1, 0], secret, mask);
        assert_eq!(
            fault_of(fresh(), 1, &Reveal { commitments: point(secret), proofs }),
            Some(Fault::Identity)
        );
    }
    let right = spec_proof([8; 32], [1, 1, 0], five, Scalar::from(6_u64));
    let reveal = Reveal { commitments: point(five), proofs: right.clone() };
    assert_eq!(fault_of(fresh(), 1, &reveal), None);
    // A field element from 2^255 - 19 on, and a response from the group's order on.
    let not_a_point = Reveal { commitments: vec![0xff; 32], proofs: right.clone() };
    assert_eq!(fault_of(fresh(), 1, &not_a_point), Some(Fault::Encoding));
    let mut long = right.clone();
    add_order(&mut long[32..]);
    let aliased = Reveal { commitments: point(five), proofs: long };
    assert_eq!(fault_of(fresh(), 1, &aliased), Some(Fault::Encoding));
    for (commitments, proofs) in [(Vec::new(), right.clone()), (point(five), right[..63].to_vec())] {
        assert_eq!(fault_of(fresh(), 1, &Reveal { commitments, proofs }), Some(Fault::Encoding));
    }
    let longer = Reveal { commitments: [point(five), point(five)].concat(), proofs: right };
    assert_eq!(fault_of(fresh(), 1, &longer), Some(Fault::Encoding));
}
