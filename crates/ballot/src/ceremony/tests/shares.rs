//! Dealing, complaints and answers.

use super::*;

#[test]
fn shares_go_to_each_other_trustee_that_is_in() {
    let mut room = Room::new(16, 4, TWO_OF_THREE).until(Phase::Reveal);
    room.turn(&[3]);
    room.ceremony.advance(Phase::Shares).unwrap();
    let Message::Shares(right) = room.owed(1).remove(0) else { panic!("shares are owed") };
    assert_eq!(right.iter().map(|share| share.to.number()).collect::<Vec<_>>(), [2, 4]);
    let to = |number, share: &SealedShare| SealedShare { to: trustee(number), ..share.clone() };
    let mut long = right[1].clone();
    long.ciphertext.push(0);
    for wrong in [to(1, &right[0]), to(3, &right[0]), to(5, &right[0]), long] {
        let shares = vec![right[0].clone(), wrong];
        assert_eq!(room.apply(1, &Message::Shares(shares)), Err(MisplacedError::Shares));
    }
    let again = Err(MisplacedError::Again { trustee: trustee(1) });
    assert_eq!(room.apply(1, &Message::Shares(vec![right[0].clone(), right[0].clone()])), again);
    // A list that was refused has left nothing behind, and the receivers can have an event each.
    for share in &right {
        assert!(room.ceremony.waiting_for().any(|waited| waited == trustee(1)));
        room.apply(1, &Message::Shares(vec![share.clone()])).unwrap();
        assert_eq!(room.apply(1, &Message::Shares(vec![share.clone()])), again);
    }
    assert_eq!(room.ceremony.waiting_for().collect::<Vec<_>>(), [trustee(2), trustee(4)]);
}

#[test]
fn who_was_interrupted_while_dealing_owes_the_rest() {
    let mut room = Room::new(25, 4, TWO_OF_THREE).until(Phase::Shares);
    let Message::Shares(all) = room.owed(2).remove(0) else { panic!("shares are owed") };
    room.apply(2, &Message::Shares(vec![all[1].clone()])).unwrap();
    assert_eq!(room.owed(2), [Message::Shares(vec![all[0].clone(), all[2].clone()])]);
    // Having dealt to some is not having dealt.
    room.turn(&[2]);
    room.ceremony.advance(Phase::Complaints).unwrap();
    assert_eq!(room.fault(2), Some(Fault::Absent { during: Phase::Shares }));
    assert_eq!(room.ceremony.joint_keys().unwrap().qualified().count(), 3);
}

/// Trustee 1 deals trustee 2 something else.
fn badly_dealt() -> Room {
    let mut room = Room::new(9, 3, TWO_OF_THREE).until(Phase::Shares);
    let Message::Shares(mut shares) = room.owed(1).remove(0) else { panic!("shares are owed") };
    shares[0].ciphertext[0] ^= 1;
    room.turn(&[1]);
    room.apply(1, &Message::Shares(shares)).unwrap();
    assert_eq!(room.ceremony.phase(), Phase::Complaints);
    room
}

#[test]
fn a_wrong_share_is_complained_about_and_the_answer_is_used() {
    let mut room = badly_dealt();
    let complaint = Message::Complaint { against: trustee(1) };
    assert_eq!(room.owed(2), std::slice::from_ref(&complaint));
    assert_eq!((room.owed(1), room.owed(3)), (Vec::new(), Vec::new()));
    assert!(matches!(room.keys(2), Err(FinishError::NoShares { dealer }) if dealer == trustee(1)));
    room.apply(2, &complaint).unwrap();
    assert_eq!(room.owed(2), Vec::new());
    assert_eq!(room.ceremony.joint_keys().unwrap_err(), CeremonyError::Unfinished { at: Phase::Complaints });
    let [answer] = room.owed(1).try_into().unwrap();
    room.apply(1, &answer).unwrap();

    assert_eq!(room.fault(1), None);
    let joint = room.ceremony.joint_keys().unwrap();
    assert_eq!(joint.qualified().count(), 3);
    assert_eq!(secret_from(&room, &[2, 3], 0), joint.keys()[0]);
    assert_eq!(room.apply(1, &answer), Err(MisplacedError::Again { trustee: trustee(1) }));
}

#[test]
fn a_share_that_opens_but_does_not_fit_is_complained_about() {
    let mut room = Room::new(10, 2, Size { threshold: 2, keys: 1 }).until(Phase::Shares);
    let (from, to) = (trustee(1), trustee(2));
    let way = sealing::Way { election: ElectionId([10; 32]), from, to };
    let wrong = Secret::new(Scalar::from(5_u64).to_bytes().to_vec());
    let (encapsulated, ciphertext) =
        sealing::seal(&room.boxes[1].public(), &way, &wrong, Secret::new([0; 64])).unwrap();
    room.turn(&[1]);
    room.apply(1, &Message::Shares(vec![SealedShare { to, encapsulated, ciphertext }])).unwrap();
    assert_eq!(room.owed(2), [Message::Complaint { against: from }]);
}

#[test]
fn a_complaint_without_an_answer_puts_the_dealer_out() {
    let mut room = badly_dealt();
    room.turn(&[1]);
    assert_eq!(room.fault(1), None);
    room.ceremony.advance(Phase::Answers).unwrap();
    assert_eq!(room.fault(1), Some(Fault::Unanswered { by: trustee(2) }));
    let joint = room.ceremony.joint_keys().unwrap();
    assert_eq!(joint.qualified().map(TrusteeNumber::number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(joint.share_keys(trustee(1)), None);
    assert_eq!(secret_from(&room, &[2, 3], 0), joint.keys()[0]);
    assert!(matches!(room.keys(1), Err(FinishError::Keys(TrusteeKeysError::NotQualified { .. }))));
    // It can still answer until the host concludes.
    room.turn(&[]);
    assert_eq!(room.ceremony.joint_keys().unwrap().qualified().count(), 3);
}

#[test]
fn a_wrong_answer_puts_the_dealer_out() {
    let mut room = badly_dealt();
    room.turn(&[1]);
    let Message::Answer(right) = room.owed(1).remove(0) else { panic!("an answer is owed") };
    let mut aliased = right.shares.clone();
    add_order(&mut aliased);
    let wrong = [
        Scalar::from(5_u64).to_bytes().to_vec(),
        Vec::new(),
        right.shares[1..].to_vec(),
        [right.shares.clone(), vec![0; 32]].concat(),
        aliased,
    ];
    for shares in wrong {
        let mut ceremony = room.ceremony.clone();
        ceremony.apply(trustee(1), &Message::Answer(Answer { to: trustee(2), shares })).unwrap();
        assert_eq!(ceremony.fault(trustee(1)), Some(Fault::Answer { by: trustee(2) }));
        let qualified: Vec<_> = ceremony.joint_keys().unwrap().qualified().collect();
        assert_eq!(qualified, [trustee(2), trustee(3)]);
        // Who is out has no second word.
        let again = ceremony.apply(trustee(1), &Message::Answer(right.clone()));
        assert_eq!(again, Err(MisplacedError::Out { trustee: trustee(1) }));
    }
}

#[test]
fn a_lying_complaint_harms_nobody() {
    let mut room = Room::new(11, 3, TWO_OF_THREE).until(Phase::Complaints);
    for against in [1, 3] {
        room.apply(2, &Message::Complaint { against: trustee(against) }).unwrap();
    }
    room.turn(&[]);
    let joint = room.ceremony.joint_keys().unwrap();
    assert_eq!(joint.qualified().count(), 3);
    assert_eq!(secret_from(&room, &[1, 2], 0), joint.keys()[0]);
    // What is public now is not the key of who complained: its own part is missing.
    let answered = [1, 3].map(|dealer| room.ceremony.answered(trustee(2), trustee(dealer)).unwrap()[0]);
    assert_ne!(answered.iter().sum::<Scalar>(), room.keys(2).unwrap().secrets()[0]);
}

#[test]
fn a_complaint_stands_when_who_complained_goes_out() {
    let mut room = badly_dealt();
    room.turn(&[]);
    room.apply(3, &Message::Complaint { against: trustee(2) }).unwrap();
    let wrong = Answer { to: trustee(3), shares: vec![0; 32] };
    room.apply(2, &Message::Answer(wrong)).unwrap();
    assert_eq!(room.fault(2), Some(Fault::Answer { by: trustee(3) }));
    room.ceremony.advance(Phase::Answers).unwrap();
    assert_eq!(room.fault(1), Some(Fault::Unanswered { by: trustee(2) }));
    assert_eq!(room.ceremony.joint_keys().unwrap_err(), CeremonyError::TooFew { qualified: 1 });
}
