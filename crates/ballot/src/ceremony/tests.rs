//! The ceremony, and everything that a trustee can do wrong in it.

use super::room::{Room, trustee};
use super::*;
use crate::group::{Group, Ristretto};
use curve25519_dalek::{RistrettoPoint, Scalar};
use sinpyo_core::Secret;
use sinpyo_crypto::hash::sha512;
use sinpyo_testkit::TestEntropy;

const THREE_OF_FIVE: Size = Size { threshold: 3, keys: 2 };
const TWO_OF_THREE: Size = Size { threshold: 2, keys: 1 };

/// `H` of the specification, from its text.
fn spec_hash(domain: &str, fields: &[&[u8]]) -> [u8; 64] {
    let mut bytes = Vec::new();
    for field in [[b"sinpyo-vote/1/", domain.as_bytes()].concat().as_slice()].iter().chain(fields) {
        bytes.extend_from_slice(&u32::try_from(field.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(field);
    }
    sha512(&bytes)
}

fn spec_scalar(domain: &str, fields: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&spec_hash(domain, fields))
}

/// The proof for one coefficient, from the specification's text.
fn spec_proof(election: [u8; 32], place: [u32; 3], secret: Scalar, mask: Scalar) -> Vec<u8> {
    let (commitment, announcement) = (RistrettoPoint::mul_base(&secret), RistrettoPoint::mul_base(&mask));
    let [dealer, key, coefficient] = place.map(u32::to_le_bytes);
    let (commitment, announcement) = (commitment.compress(), announcement.compress());
    let fields: [&[u8]; 6] =
        [&election, &dealer, &key, &coefficient, commitment.as_bytes(), announcement.as_bytes()];
    let response = mask + spec_scalar("ceremony-proof", &fields) * secret;
    [announcement.to_bytes(), response.to_bytes()].concat()
}

/// A commit to whatever is to be revealed.
fn commit_to(election: [u8; 32], dealer: u32, reveal: &Reveal) -> Message {
    let fields: [&[u8]; 4] = [&election, &dealer.to_le_bytes(), &reveal.commitments, &reveal.proofs];
    Message::Commit(Commit { commit: spec_hash("ceremony-commit", &fields), beacon: [0; 64] })
}

fn honest_reveal(room: &Room, number: u32) -> Reveal {
    let mut ahead = Ceremony::new(room.ceremony.parameters().clone());
    for other in &room.trustees {
        let owed = other.owed(&ahead, &room.boxes[other.number().place()]);
        ahead.apply(other.number(), &owed[0]).unwrap();
    }
    let place = trustee(number).place();
    let owed = room.trustees[place].owed(&ahead, &room.boxes[place]);
    let [Message::Reveal(reveal)] = owed.as_slice() else { panic!("a reveal is owed") };
    reveal.clone()
}

/// Trustee `number` commits to `reveal` and reveals it; the others do right. Gives its fault.
fn fault_of(mut room: Room, number: u32, reveal: &Reveal) -> Option<Fault> {
    let election = room.ceremony.parameters().election().0;
    room.apply(number, &commit_to(election, number, reveal)).unwrap();
    room.turn(&[number]);
    assert_eq!(room.ceremony.phase(), Phase::Reveal);
    room.apply(number, &Message::Reveal(reveal.clone())).unwrap();
    room.fault(number)
}

fn lagrange(numbers: &[u32]) -> Vec<Scalar> {
    let scalar = |number: u32| Scalar::from(number);
    let weight = |j: u32| -> Scalar {
        let others = numbers.iter().copied().filter(|i| *i != j);
        others.map(|i| scalar(i) * (scalar(i) - scalar(j)).invert()).product()
    };
    numbers.iter().copied().map(weight).collect()
}

fn secret_from(room: &Room, numbers: &[u32], key: usize) -> RistrettoPoint {
    let keys = numbers.iter().map(|number| room.keys(*number).unwrap());
    let secret: Scalar =
        lagrange(numbers).iter().zip(keys).map(|(weight, keys)| weight * keys.secrets()[key]).sum();
    RistrettoPoint::mul_base(&secret)
}

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

/// Adds the group's order to a scalar's encoding: the same scalar, not canonical.
fn add_order(scalar: &mut [u8]) {
    let order = (-Scalar::ONE).to_bytes();
    let mut carry = 1_u16;
    for (byte, add) in scalar.iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert_eq!(carry, 0);
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
