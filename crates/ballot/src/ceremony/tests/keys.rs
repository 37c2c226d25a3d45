//! What a ceremony gives: joint keys, kept keys, beacons; and its bounds.

use super::*;

#[test]
fn any_threshold_of_trustees_hold_the_joint_keys_and_fewer_do_not() {
    let room = Room::new(1, 5, THREE_OF_FIVE).until(Phase::Complaints);
    let joint = room.ceremony.joint_keys().unwrap();
    assert_eq!(joint.qualified().map(TrusteeNumber::number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(room.ceremony.faults().count(), 0);
    assert_eq!((joint.keys().len(), joint.threshold()), (2, 3));
    for (place, key) in joint.keys().iter().enumerate() {
        for (a, b, c) in
            (1..=3).flat_map(|a| (a + 1..=4).flat_map(move |b| (b + 1..=5).map(move |c| (a, b, c))))
        {
            assert_eq!(secret_from(&room, &[a, b, c], place), *key);
        }
        for (a, b) in (1..=4).flat_map(|a| (a + 1..=5).map(move |b| (a, b))) {
            assert_ne!(secret_from(&room, &[a, b], place), *key);
        }
    }
}

#[test]
fn the_ceremony_hash_is_made_as_the_specification_says() {
    let room = Room::new(2, 3, TWO_OF_THREE).until(Phase::Complaints);
    let joint = room.ceremony.joint_keys().unwrap();
    let encode = |point: &RistrettoPoint| point.compress().to_bytes();
    let shares: Vec<u8> = (1..=3)
        .flat_map(|number| joint.share_keys(trustee(number)).unwrap().iter().flat_map(encode))
        .collect();
    let fields: [&[u8]; 6] = [
        &[2; 32],
        &[2, 0, 0, 0],
        &[3, 0, 0, 0],
        &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0],
        &encode(&joint.keys()[0]),
        &shares,
    ];
    assert_eq!(joint.hash(), &spec_hash("ceremony", &fields));
}

#[test]
fn kept_keys_are_those_of_one_trustee_of_one_ceremony() {
    let room = Room::new(19, 3, TWO_OF_THREE).until(Phase::Complaints);
    let joint = room.ceremony.joint_keys().unwrap();
    let keys = room.keys(1).unwrap();
    let bytes = keys.to_bytes();
    let again = TrusteeKeys::from_bytes(&joint, trustee(1), &bytes).unwrap();
    assert_eq!((again.secrets(), again.beacon().expose()), (keys.secrets(), keys.beacon().expose()));

    let foreign = |joint: &JointKeys<Ristretto>, number| {
        let error = TrusteeKeys::from_bytes(joint, trustee(number), &bytes).unwrap_err();
        assert_eq!(error, TrusteeKeysError::Foreign { trustee: trustee(number) });
    };
    foreign(&joint, 2);
    foreign(&Room::new(20, 3, TWO_OF_THREE).until(Phase::Complaints).ceremony.joint_keys().unwrap(), 1);
    for length in 0..bytes.expose().len() {
        let short = Secret::new(bytes.expose()[..length].to_vec());
        assert!(TrusteeKeys::<Ristretto>::from_bytes(&joint, trustee(1), &short).is_err());
    }
    assert!(!format!("{keys:?} {:?}", room.trustees[0]).contains("secrets"));
}

#[test]
fn a_beacon_value_was_fixed_before_the_ceremony() {
    let room = Room::new(21, 3, TWO_OF_THREE).until(Phase::Complaints);
    let joint = room.ceremony.joint_keys().unwrap();
    let value = *room.keys(1).unwrap().beacon().expose();
    let revealed = joint.reveal_beacon(trustee(1), value).unwrap();
    assert_eq!((revealed.trustee(), revealed.value()), (trustee(1), &value));
    let committed = spec_hash("beacon-commit", &[&[21; 32], &[1, 0, 0, 0], &value]);
    assert_eq!(room.ceremony.commit_of(trustee(1)).unwrap().beacon, committed);
    assert_eq!(joint.reveal_beacon(trustee(2), value), None);
    assert_eq!(joint.reveal_beacon(trustee(4), value), None);
    for place in 0..32 {
        let mut other = value;
        other[place] ^= 1;
        assert_eq!(joint.reveal_beacon(trustee(1), other), None);
    }
}

#[test]
fn only_qualified_trustees_reveal_a_beacon() {
    let mut room = Room::new(22, 3, TWO_OF_THREE).until(Phase::Complaints);
    let value = *room.keys(1).unwrap().beacon().expose();
    room.apply(2, &Message::Complaint { against: trustee(1) }).unwrap();
    room.ceremony.advance(Phase::Answers).unwrap();
    assert_eq!(room.ceremony.joint_keys().unwrap().reveal_beacon(trustee(1), value), None);
}

#[test]
fn one_trustee_alone_can_hold_an_election() {
    let room = Room::new(23, 1, Size { threshold: 1, keys: 3 }).until(Phase::Complaints);
    let joint = room.ceremony.joint_keys().unwrap();
    let secrets = room.keys(1).unwrap();
    let public: Vec<_> = secrets.secrets().iter().map(RistrettoPoint::mul_base).collect();
    assert_eq!(joint.keys(), public);
}

#[test]
fn a_ceremony_has_bounds() {
    let boxes: Vec<_> =
        (0..33).map(|seed| BoxSecret::generate(&mut TestEntropy::new(seed)).public()).collect();
    let parameters = |count: usize, threshold, keys| {
        Parameters::new(ElectionId([0; 32]), Size { threshold, keys }, boxes[..count].to_vec())
    };
    assert!(parameters(32, 32, 8).is_ok());
    assert!(parameters(4, 4, 64).is_ok());
    assert_eq!(parameters(33, 3, 5), Err(ParametersError::Trustees));
    for (count, threshold) in [(0, 0), (0, 1), (5, 0), (5, 6)] {
        assert_eq!(parameters(count, threshold, 5), Err(ParametersError::Threshold));
    }
    for (threshold, keys) in [(1, 0), (1, 65), (5, 52), (2, u32::MAX)] {
        assert_eq!(parameters(5, threshold, keys), Err(ParametersError::Keys));
    }
    let twice = vec![boxes[0], boxes[1], boxes[0]];
    assert_eq!(Parameters::new(ElectionId([0; 32]), TWO_OF_THREE, twice), Err(ParametersError::SameBox));
    assert_eq!((TrusteeNumber::new(0), TrusteeNumber::new(33)), (None, None));
}

/// Keys whose dealers' parts cancel: nobody can make them on purpose, but a sum of zero must not become a key.
#[test]
fn a_neutral_joint_key_is_refused() {
    let mut room = Room::new(24, 2, Size { threshold: 1, keys: 1 });
    let reveals = [(1, Scalar::from(5_u64)), (2, -Scalar::from(5_u64))].map(|(number, secret)| {
        let commitments = RistrettoPoint::mul_base(&secret).compress().to_bytes().to_vec();
        let proofs = spec_proof([24; 32], [number, 1, 0], secret, Scalar::from(7_u64));
        (number, Reveal { commitments, proofs })
    });
    for (number, reveal) in &reveals {
        room.apply(*number, &commit_to([24; 32], *number, reveal)).unwrap();
    }
    for (number, reveal) in reveals {
        room.apply(number, &Message::Reveal(reveal)).unwrap();
    }
    for (from, to) in [(1, 2), (2, 1)] {
        let share = SealedShare { to: trustee(to), encapsulated: [0; 32], ciphertext: vec![0; 48] };
        room.apply(from, &Message::Shares(vec![share])).unwrap();
    }
    assert_eq!(room.ceremony.joint_keys().unwrap_err(), CeremonyError::Identity { key: 1 });
}
