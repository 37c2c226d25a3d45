//! From shares to counts.

use super::*;

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
    let three = Sum::of_parts(RistrettoPoint::identity(), &[RistrettoPoint::identity(); 3], 60);
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
