//! Both kinds of public points say the same, alone and mixed.

use super::*;
use sinpyo_core::key::Entropy;
use sinpyo_testkit::TestEntropy;

fn points(count: usize) -> (Vec<Scalar>, Vec<RistrettoPoint>) {
    let mut entropy = TestEntropy::new(5);
    let mut draw = || {
        let mut bytes = [0; 64];
        entropy.fill(&mut bytes);
        bytes
    };
    (0..count)
        .map(|_| (Ristretto::scalar_from_uniform(&draw()), Ristretto::point_from_uniform(&draw())))
        .unzip()
}

fn portable(points: &[RistrettoPoint]) -> Vec<PublicPoint> {
    points.iter().map(|point| PublicPoint(Kind::Portable(*point))).collect()
}

/// Lists of as many points: as this machine has them, all portable, and each second one.
fn kinds(points: &[RistrettoPoint]) -> [Vec<PublicPoint>; 3] {
    let own: Vec<_> = points.iter().map(PublicPoint::new).collect();
    let portable = portable(points);
    let mixed = own.iter().zip(&portable).enumerate();
    let mixed = mixed.map(|(place, (own, portable))| if place % 2 == 0 { *own } else { *portable }).collect();
    [own, portable, mixed]
}

#[test]
fn encodings_are_taken_alike() {
    let (_, points) = points(40);
    let mut encodings: Vec<_> = points.iter().map(Ristretto::encode).collect();
    encodings[3][0] ^= 1;
    encodings[17] = [0; 32];
    encodings[39] = [0xFF; 32];
    let value = |decoded: Vec<Option<PublicPoint>>| -> Vec<_> {
        decoded.iter().map(|point| point.as_ref().map(PublicPoint::portable)).collect()
    };
    let expected: Vec<_> = encodings.iter().map(Ristretto::decode).collect();
    assert_eq!(expected.iter().filter(|point| point.is_none()).count(), 2);
    assert_eq!(value(PublicPoint::decode(&encodings)), expected);
    assert_eq!(value(PublicPoint::decode_portable(&encodings)), expected);
    assert_eq!(expected[17], Some(RistrettoPoint::identity()));
    assert_eq!(Ristretto::IDENTITY, Ristretto::encode(&RistrettoPoint::identity()));
}

#[test]
fn sums_of_products_are_alike() {
    for count in [0, 1, 2, 30] {
        let (scalars, points) = points(count);
        let expected = Ristretto::public_sum_of_products(&scalars, &points);
        for kind in kinds(&points) {
            let kind: Vec<_> = kind.iter().collect();
            assert_eq!(PublicPoint::sum_of_products(&scalars, &kind), expected);
            // The shorter list counts.
            assert_eq!(PublicPoint::sum_of_products(&scalars, &[]), RistrettoPoint::identity());
            if let Some((_, fewer)) = scalars.split_first() {
                let expected = Ristretto::public_sum_of_products(fewer, &points);
                assert_eq!(PublicPoint::sum_of_products(fewer, &kind), expected);
            }
        }
    }
}

#[test]
fn totals_are_alike() {
    let (_, points) = points(6);
    let doubled: Vec<_> = points.iter().map(|point| point + point).collect();
    let begun =
        [PublicTotals::zero(6), PublicTotals(TotalsKind::Portable(vec![RistrettoPoint::identity(); 6]))];
    for kind in kinds(&points) {
        for zero in &begun {
            let mut totals = zero.clone();
            totals.add(&kind);
            assert_eq!((totals.columns(), totals.points()), (6, points.clone()));
            for other in &begun {
                let mut merged = other.clone();
                merged.add(&portable(&points));
                merged.merge(&totals);
                assert_eq!(merged.points(), doubled);
                let mut merged = totals.clone();
                merged.merge(other);
                assert_eq!(merged.points(), points);
            }
        }
    }
}
