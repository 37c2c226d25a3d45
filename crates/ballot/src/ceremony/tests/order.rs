//! What is said in which phase, who stays silent, and what a trustee never says.

use super::*;

#[test]
fn events_out_of_place_are_refused() {
    let mut room = Room::new(12, 3, TWO_OF_THREE);
    let complaint = Message::Complaint { against: trustee(2) };
    let answer = Message::Answer(Answer { to: trustee(2), shares: vec![0; 32] });
    let at = |phase| Err(MisplacedError::Phase { at: phase });
    let reveal = Message::Reveal(honest_reveal(&room, 1));
    let [commit] = room.owed(1).try_into().unwrap();

    for message in [&reveal, &complaint, &answer, &Message::Shares(Vec::new())] {
        assert_eq!(room.apply(1, message), at(Phase::Commit));
    }
    assert_eq!(room.apply(4, &commit), Err(MisplacedError::Out { trustee: trustee(4) }));
    room.apply(1, &commit).unwrap();
    assert_eq!(room.apply(1, &commit), Err(MisplacedError::Again { trustee: trustee(1) }));
    room.turn(&[]);
    assert_eq!(room.apply(1, &commit), at(Phase::Reveal));
    room.apply(1, &reveal).unwrap();
    assert_eq!(room.apply(1, &reveal), Err(MisplacedError::Again { trustee: trustee(1) }));
    room.turn(&[]);
    let [shares] = room.owed(1).try_into().unwrap();
    room.apply(1, &shares).unwrap();
    assert_eq!(room.apply(1, &shares), Err(MisplacedError::Again { trustee: trustee(1) }));
    assert_eq!(room.apply(1, &complaint), at(Phase::Shares));
}

#[test]
fn complaints_and_answers_out_of_place_are_refused() {
    let mut room = Room::new(12, 3, TWO_OF_THREE).until(Phase::Complaints);
    let complaint = |against| Message::Complaint { against: trustee(against) };
    let answer = Message::Answer(Answer { to: trustee(2), shares: vec![0; 32] });
    assert_eq!(room.apply(1, &complaint(1)), Err(MisplacedError::Itself));
    assert_eq!(room.apply(1, &complaint(4)), Err(MisplacedError::Out { trustee: trustee(4) }));
    assert_eq!(room.apply(1, &answer), Err(MisplacedError::NoComplaint { to: trustee(2) }));
    room.apply(1, &complaint(2)).unwrap();
    assert_eq!(room.apply(1, &complaint(2)), Err(MisplacedError::Again { trustee: trustee(1) }));
    room.ceremony.advance(Phase::Answers).unwrap();
    assert_eq!(room.apply(1, &complaint(3)), Err(MisplacedError::Phase { at: Phase::Answers }));
    room.turn(&[]);
    assert_eq!(room.ceremony.joint_keys().unwrap().qualified().count(), 3);
}

#[test]
fn the_host_goes_on_one_phase_at_a_time() {
    let mut room = Room::new(13, 3, TWO_OF_THREE);
    for to in [Phase::Commit, Phase::Shares, Phase::Complaints, Phase::Answers] {
        assert_eq!(room.ceremony.advance(to), Err(MisplacedError::Phase { at: Phase::Commit }));
    }
    assert_eq!(room.ceremony.joint_keys().unwrap_err(), CeremonyError::Unfinished { at: Phase::Commit });
    room = room.until(Phase::Complaints);
    room.ceremony.advance(Phase::Answers).unwrap();
    for to in [Phase::Commit, Phase::Complaints, Phase::Answers] {
        assert_eq!(room.ceremony.advance(to), Err(MisplacedError::Phase { at: Phase::Answers }));
    }
}

#[test]
fn who_does_not_answer_is_out_and_the_rest_goes_on() {
    for (silent, next) in
        [(Phase::Commit, Phase::Reveal), (Phase::Reveal, Phase::Shares), (Phase::Shares, Phase::Complaints)]
    {
        let mut room = Room::new(14, 3, TWO_OF_THREE).until(silent);
        room.turn(&[2]);
        assert_eq!(room.ceremony.phase(), silent);
        assert_eq!(room.ceremony.waiting_for().collect::<Vec<_>>(), [trustee(2)]);
        room.ceremony.advance(next).unwrap();
        let room = room.until(Phase::Complaints);
        assert_eq!(
            room.ceremony.faults().collect::<Vec<_>>(),
            [(trustee(2), Fault::Absent { during: silent })]
        );
        let joint = room.ceremony.joint_keys().unwrap();
        assert_eq!(secret_from(&room, &[1, 3], 0), joint.keys()[0]);
        // Who is out cannot be complained about, and has no word.
        let mut ceremony = room.ceremony.clone();
        let out = Err(MisplacedError::Out { trustee: trustee(2) });
        assert_eq!(ceremony.apply(trustee(1), &Message::Complaint { against: trustee(2) }), out);
        assert_eq!(ceremony.apply(trustee(2), &Message::Complaint { against: trustee(1) }), out);
        assert_eq!(room.owed(2), Vec::new());
    }
}

#[test]
fn fewer_than_the_threshold_make_no_keys() {
    let mut room = Room::new(15, 3, TWO_OF_THREE);
    room.turn(&[2, 3]);
    room.ceremony.advance(Phase::Reveal).unwrap();
    let room = room.until(Phase::Complaints);
    assert_eq!(room.ceremony.joint_keys().unwrap_err(), CeremonyError::TooFew { qualified: 1 });
    // Nobody at all.
    let mut room = Room::new(15, 3, TWO_OF_THREE);
    room.ceremony.advance(Phase::Reveal).unwrap();
    assert_eq!(room.ceremony.phase(), Phase::Complaints);
    assert_eq!(room.ceremony.joint_keys().unwrap_err(), CeremonyError::TooFew { qualified: 0 });
}

#[test]
fn an_interrupted_trustee_says_the_same_again() {
    let mut room = Room::new(17, 3, TWO_OF_THREE);
    for phase in [Phase::Commit, Phase::Reveal, Phase::Shares, Phase::Complaints] {
        room = room.until(phase);
        if phase == Phase::Complaints {
            room.apply(2, &Message::Complaint { against: trustee(1) }).unwrap();
        }
        let seed = Secret::new(*room.trustees[0].seed().expose());
        let kept = Secret::new(*room.boxes[0].as_bytes().expose());
        let resumed = Trustee::<Ristretto>::resume(room.ceremony.parameters().clone(), trustee(1), seed);
        let owed = room.owed(1);
        assert_eq!(owed.len(), 1, "{phase:?}");
        assert_eq!(resumed.owed(&room.ceremony, &BoxSecret::from_bytes(kept)), owed);
    }
}

#[test]
fn nothing_is_revealed_that_was_not_committed_to() {
    let mut room = Room::new(18, 2, Size { threshold: 1, keys: 1 });
    // Somebody who has the trustee's signing key but not its seed.
    room.apply(1, &Message::Commit(Commit { commit: [0; 64], beacon: [0; 64] })).unwrap();
    room.turn(&[]);
    assert_eq!(room.ceremony.phase(), Phase::Reveal);
    assert_eq!(room.owed(1), Vec::new());
    assert_eq!(room.owed(2).len(), 1);
    // Somebody who changed the threshold meanwhile.
    let parameters = room.ceremony.parameters();
    let size = Size { threshold: 2, keys: 1 };
    let changed = Parameters::new(*parameters.election(), size, parameters.boxes.clone()).unwrap();
    room.ceremony = Ceremony::new(changed);
    assert_eq!(room.owed(2), Vec::new());
}

/// A host that puts another box into the manifest would read the shares, and make the trustee complain in public.
#[test]
fn a_trustee_whose_box_is_not_its_own_says_nothing() {
    for phase in [Phase::Commit, Phase::Reveal, Phase::Shares, Phase::Complaints] {
        let room = Room::new(41, 3, TWO_OF_THREE).until(phase);
        let stranger = BoxSecret::generate(&mut TestEntropy::new(7));
        assert_eq!(room.trustees[0].owed(&room.ceremony, &stranger), [], "{phase:?}");
        assert_eq!(room.trustees[0].owed(&room.ceremony, &room.boxes[1]), [], "{phase:?}");
        assert_eq!(room.owed(1).is_empty(), phase == Phase::Complaints);
    }
}

/// Under one seed another list of trustees, as a board with two logs would show it, is another ceremony altogether.
#[test]
fn one_seed_says_nothing_twice_of_itself() {
    let key = |number| BoxSecret::generate(&mut TestEntropy::new(number)).public();
    let of = |election: u8, size: Size, others: &[u64], number: u32| {
        let boxes = [1].iter().chain(others).map(|number| key(*number)).collect();
        let parameters = Parameters::new(ElectionId([election; 32]), size, boxes).unwrap();
        let ceremony = Ceremony::<Ristretto>::new(parameters.clone());
        let own = BoxSecret::generate(&mut TestEntropy::new(if number == 1 { 1 } else { others[0] }));
        let seed = Secret::new([5; 32]);
        let [Message::Commit(commit)] =
            Trustee::resume(parameters, trustee(number), seed).owed(&ceremony, &own)[..]
        else {
            panic!("a commit is owed")
        };
        commit
    };
    let commits = [
        of(1, TWO_OF_THREE, &[2, 3], 1),
        of(1, TWO_OF_THREE, &[2, 4], 1),
        of(1, TWO_OF_THREE, &[3, 2], 1),
        of(1, TWO_OF_THREE, &[2, 3, 4], 1),
        of(1, TWO_OF_THREE, &[2, 3], 2),
        of(2, TWO_OF_THREE, &[2, 3], 1),
        of(1, Size { threshold: 3, ..TWO_OF_THREE }, &[2, 3], 1),
        of(1, Size { keys: 2, ..TWO_OF_THREE }, &[2, 3], 1),
    ];
    for (place, commit) in commits.iter().enumerate() {
        for other in &commits[..place] {
            assert!(commit.commit != other.commit && commit.beacon != other.beacon, "{place}");
        }
    }
    assert_eq!(of(1, TWO_OF_THREE, &[2, 3], 1), commits[0]);
}
