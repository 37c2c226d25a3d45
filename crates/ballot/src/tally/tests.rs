//! Sums opened rightly, and everything that a trustee can do wrong with them.

use super::*;
use crate::ceremony::room::{Room, trustee};
use crate::ceremony::{Phase, Size, TrusteeKeys};
use crate::group::Ristretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use sinpyo_crypto::hash::sha512;
use sinpyo_testkit::TestEntropy;

const CONTEXT: [u8; 64] = [6; 64];

/// An election after its ceremony: five trustees, of which three decrypt, two options.
struct Election {
    joint: JointKeys<Ristretto>,
    keys: Vec<TrusteeKeys<Ristretto>>,
}

fn election(number: u8) -> Election {
    let room = Room::new(number, 5, Size { threshold: 3, keys: 2 }).until(Phase::Complaints);
    let keys = (1..=5).map(|number| room.keys(number).unwrap()).collect();
    Election { joint: room.ceremony.joint_keys().unwrap(), keys }
}

/// `counts` encrypted with a randomness of `rho`.
fn sum(joint: &JointKeys<Ristretto>, counts: &[i64], ballots: u64, rho: u64) -> Sum<Ristretto> {
    let rho = Scalar::from(rho);
    let count = |count: i64| {
        let size = Scalar::from(count.unsigned_abs());
        if count < 0 { -size } else { size }
    };
    let beta = counts
        .iter()
        .zip(joint.keys())
        .map(|(n, key)| RistrettoPoint::mul_base(&count(*n)) + key * rho)
        .collect();
    Sum::of_parts(RistrettoPoint::mul_base(&rho), beta, ballots)
}

impl Election {
    fn opening(&self, counts: &[i64], ballots: u64) -> Opening<'_, Ristretto> {
        Opening::new(&self.joint, CONTEXT, 2, sum(&self.joint, counts, ballots, 77), 1).unwrap()
    }

    fn share(&self, opening: &Opening<'_, Ristretto>, number: u32) -> TallyShare<Ristretto> {
        let keys = self.keys.iter().find(|keys| keys.trustee() == trustee(number)).unwrap();
        opening.share(keys, &mut TestEntropy::new(u64::from(number))).unwrap()
    }

    fn verified(&self, opening: &Opening<'_, Ristretto>, numbers: &[u32]) -> Vec<VerifiedShare<Ristretto>> {
        numbers.iter().map(|number| opening.verify(&self.share(opening, *number)).unwrap()).collect()
    }
}

fn parts(share: &TallyShare<Ristretto>) -> Vec<(Vec<u8>, Vec<u8>)> {
    share.cells().map(|(share, proof)| (share.to_vec(), proof)).collect()
}

fn rebuilt(number: u32, cells: &[(Vec<u8>, Vec<u8>)]) -> TallyShare<Ristretto> {
    let cells = cells.iter().map(|(share, proof)| (share.as_slice(), proof.as_slice()));
    TallyShare::from_bytes(trustee(number), cells).unwrap()
}

/// Alone and in a batch with a right share before and after it.
fn check(
    election: &Election,
    opening: &Opening<'_, Ristretto>,
    share: &TallyShare<Ristretto>,
) -> Result<(), ShareError> {
    let right = election.share(opening, 5);
    let alone = opening.verify(share).map(|_| ());
    let batch =
        verify_shares(&[(opening, &right), (opening, share), (opening, &right)], &mut TestEntropy::new(9));
    let [Ok(_), middle, Ok(_)] = batch.as_slice() else { panic!("a right share was refused") };
    assert_eq!(middle.as_ref().map(|_| ()).map_err(|error| *error), alone);
    alone
}

#[test]
fn any_threshold_of_trustees_open_the_same_counts_and_fewer_none() {
    let election = election(30);
    let counter = Counter::new(1000);
    let opening = election.opening(&[123, 0], 500);
    for (a, b, c) in (1..=3).flat_map(|a| (a + 1..=4).flat_map(move |b| (b + 1..=5).map(move |c| (a, b, c))))
    {
        let shares = election.verified(&opening, &[c, a, b]);
        assert_eq!(opening.count(&shares, &counter).unwrap(), [123, 0]);
        let two = opening.count(&shares[..2], &counter).unwrap_err();
        assert_eq!(two, CountError::Combine(CombineError::TooFew { shares: 2 }));
    }
    let all = election.verified(&opening, &[1, 2, 3, 4, 5]);
    assert_eq!(opening.count(&all, &counter).unwrap(), [123, 0]);
    assert_eq!(opening.combine(&[]).unwrap_err(), CombineError::TooFew { shares: 0 });
}

/// From its text: `z·G = R1 + c·PK` and `z·α = R2 + c·D`.
#[test]
fn a_share_is_made_as_the_specification_says() {
    let election = election(31);
    let opening = election.opening(&[5, 6], 11);
    let public = election.joint.share_keys(trustee(4)).unwrap();
    let point = |bytes: &[u8]| Ristretto::decode(bytes.try_into().unwrap()).unwrap();
    for (option, (share, proof)) in parts(&election.share(&opening, 4)).into_iter().enumerate() {
        let mut bytes = Vec::new();
        let number = u32::try_from(option).unwrap() + 1;
        let alpha = opening.sum().alpha().compress().to_bytes();
        let key = public[option].compress().to_bytes();
        let fields: [&[u8]; 10] = [
            b"sinpyo-vote/1/tally-share",
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
        for field in fields {
            bytes.extend_from_slice(&u32::try_from(field.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(field);
        }
        let challenge = Scalar::from_bytes_mod_order_wide(&sha512(&bytes));
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
    let mut carry = 1;
    for (byte, add) in aliased[1].1[64..].iter_mut().zip((-Scalar::ONE).to_bytes()) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
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
fn a_trustee_counts_once_and_for_one_sum() {
    let election = election(42);
    let opening = election.opening(&[5, 6], 11);
    let shares = election.verified(&opening, &[1, 2, 1]);
    assert_eq!(opening.combine(&shares).unwrap_err(), CombineError::Duplicate { trustee: trustee(1) });
    let elsewhere = election.opening(&[5, 7], 12);
    let mut mixed = election.verified(&opening, &[1, 2]);
    mixed.extend(election.verified(&elsewhere, &[3]));
    assert_eq!(opening.combine(&mixed).unwrap_err(), CombineError::Foreign { trustee: trustee(3) });
}

#[test]
fn a_sum_below_the_floor_is_not_opened() {
    let election = election(43);
    let open = |ballots, floor| {
        Opening::new(&election.joint, CONTEXT, 0, sum(&election.joint, &[1, 2], ballots, 7), floor)
            .map(|_| ())
    };
    assert_eq!(open(49, 50), Err(OpeningError::BelowFloor { ballots: 49 }));
    assert_eq!(open(50, 50), Ok(()));
    assert_eq!(open(0, 0), Err(OpeningError::BelowFloor { ballots: 0 }));
    assert_eq!(open(1, 0), Ok(()));
    let three = Sum::of_parts(RistrettoPoint::identity(), vec![RistrettoPoint::identity(); 3], 60);
    assert_eq!(Opening::new(&election.joint, CONTEXT, 0, three, 50).unwrap_err(), OpeningError::Options);
}

#[test]
fn a_count_beyond_the_ballots_is_refused() {
    let election = election(44);
    let counter = Counter::new(100);
    let count = |counts: &[i64], ballots| {
        let opening = election.opening(counts, ballots);
        opening.count(&election.verified(&opening, &[1, 3, 5]), &counter)
    };
    assert_eq!(count(&[0, 11], 11).unwrap(), [0, 11]);
    assert_eq!(count(&[12, 0], 11).unwrap_err(), CountError::OutOfRange { option: 1 });
    assert_eq!(count(&[0, -1], 11).unwrap_err(), CountError::OutOfRange { option: 2 });
    assert_eq!(count(&[0, i64::MAX], 11).unwrap_err(), CountError::OutOfRange { option: 2 });
    // A table that was made for fewer still counts.
    assert_eq!(count(&[5000, 9999], 10_000).unwrap(), [5000, 9999]);
}

#[test]
fn every_small_logarithm_is_found() {
    for most in [0, 1, 2, 15, 16, 17, 1000] {
        let counter = Counter::<Ristretto>::new(most);
        let mut point = RistrettoPoint::identity();
        for number in 0..=70 {
            assert_eq!(counter.count(&point, 70), Some(number), "{number} with a table for {most}");
            assert_eq!(counter.count(&point, number), Some(number));
            if number > 0 {
                assert_eq!(counter.count(&point, number - 1), None);
            }
            point += RistrettoPoint::mul_base(&Scalar::ONE);
        }
    }
    let counter = Counter::<Ristretto>::new(10_000_000);
    for number in [0, 1, 3162, 3163, 9_999_999, 10_000_000_u64] {
        assert_eq!(counter.count(&RistrettoPoint::mul_base(&Scalar::from(number)), 10_000_000), Some(number));
    }
    let beyond = RistrettoPoint::mul_base(&Scalar::from(10_000_001_u64));
    assert_eq!(counter.count(&beyond, 10_000_000), None);
}

#[test]
fn sums_of_parts_are_the_sum_of_the_whole() {
    let election = election(45);
    let of = |counts: &[i64], ballots, rho| sum(&election.joint, counts, ballots, rho);
    let mut total = Sum::empty(2);
    total.merge(&of(&[1, 2], 4, 10)).unwrap();
    total.merge(&of(&[3, 5], 9, 20)).unwrap();
    let whole = of(&[4, 7], 13, 30);
    assert_eq!((total.alpha(), total.beta(), total.ballots()), (whole.alpha(), whole.beta(), 13));
    let before = total.clone();
    assert_eq!(total.merge(&of(&[1], 1, 10)), Err(SumError));
    assert_eq!((total.beta(), total.ballots()), (before.beta(), before.ballots()));
}

/// The sum's randomness cancels: α is neutral, the counts lie open, and everything still works.
#[test]
fn a_neutral_alpha_is_opened_like_any_other() {
    let election = election(46);
    let opening = Opening::new(&election.joint, CONTEXT, 0, sum(&election.joint, &[2, 3], 5, 0), 1).unwrap();
    let shares = election.verified(&opening, &[2, 3, 4]);
    assert_eq!(opening.count(&shares, &Counter::new(5)).unwrap(), [2, 3]);
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
