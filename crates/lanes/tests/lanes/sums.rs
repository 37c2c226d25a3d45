//! Sums of points and of products.

use super::{Random, decoded, lanes};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use sinpyo_lanes::{Lanes, Point, Totals};

/// l, the order of the group.
const ORDER: [u64; 4] = [0x5812_631A_5CF5_D3ED, 0x14DE_F9DE_A2F7_9CD6, 0, 0x1000_0000_0000_0000];

fn limbs(scalar: &Scalar) -> [u64; 4] {
    let words: Vec<_> =
        scalar.as_bytes().as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
    words.try_into().unwrap()
}

/// An integer of 256 bits, reduced.
fn reduced(limbs: &[u64; 4]) -> Scalar {
    let mut bytes = [0; 32];
    for (bytes, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(limbs) {
        *bytes = limb.to_le_bytes();
    }
    Scalar::from_bytes_mod_order(bytes)
}

fn check(lanes: Lanes, scalars: &[[u64; 4]], (points, own): (&[RistrettoPoint], &[Point]), what: &str) {
    let sum = lanes.public_sum_of_products(scalars, &own.iter().collect::<Vec<_>>());
    let expected = RistrettoPoint::vartime_multiscalar_mul(scalars.iter().map(reduced), points);
    assert_eq!(sum, expected.compress().to_bytes(), "{what}");
}

fn small(random: &mut Random) -> [u64; 4] {
    [random.next(), random.next(), 0, 0]
}

#[test]
fn sums_of_products_are_those_of_dalek() {
    let Some(lanes) = lanes() else { return };
    let mut random = Random::new(1);
    for size in [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 100, 1000, 5000, 20_000] {
        let points: Vec<_> = (0..size).map(|_| random.point()).collect();
        let own = decoded(lanes, &points);
        let both = (points.as_slice(), own.as_slice());
        let long: Vec<_> = (0..size).map(|_| limbs(&random.scalar())).collect();
        check(lanes, &long, both, &format!("{size} long"));
        let short: Vec<_> = (0..size).map(|_| small(&mut random)).collect();
        check(lanes, &short, both, &format!("{size} short"));
        let mixed: Vec<_> =
            (0..size).map(|place| if place % 3 == 0 { short[place] } else { long[place] }).collect();
        check(lanes, &mixed, both, &format!("{size} mixed"));
    }
}

#[test]
fn sums_of_products_have_no_exceptions() {
    let Some(lanes) = lanes() else { return };
    let mut random = Random::new(2);
    let edges: [[u64; 4]; 9] = [
        [0; 4],
        [1, 0, 0, 0],
        limbs(&-Scalar::ONE),
        ORDER,
        [ORDER[0] + 1, ORDER[1], 0, ORDER[3]],
        [u64::MAX, u64::MAX, 0, 0],
        [u64::MAX; 4],
        [0, 0, 0, 1 << 63],
        [1 << 63, 0, 0, 0],
    ];
    let point = random.point();
    for size in [1, 2, 7, 8, 9, 100, 5000] {
        let kinds: [Vec<RistrettoPoint>; 5] = [
            (0..size).map(|_| random.point()).collect(),
            vec![point; size],
            (0..size).map(|place| if place % 2 == 0 { point } else { -point }).collect(),
            vec![RistrettoPoint::identity(); size],
            (0..size).map(|place| if place % 3 == 0 { RistrettoPoint::identity() } else { G }).collect(),
        ];
        for (kind, points) in kinds.iter().enumerate() {
            let own = decoded(lanes, points);
            let both = (points.as_slice(), own.as_slice());
            for (number, edge) in edges.iter().enumerate() {
                check(lanes, &vec![*edge; size], both, &format!("{size} {kind} {number}"));
            }
            let all: Vec<_> = edges.iter().cycle().take(size).copied().collect();
            check(lanes, &all, both, &format!("{size} {kind}"));
        }
    }
}

/// The representative of a sum lies in another coset of the torsion than the one that is decoded to: twelve points
/// whose sum is neutral, in all representatives that come up.
#[test]
fn the_neutral_element_is_found_in_every_coset() {
    let Some(lanes) = lanes() else { return };
    let mut random = Random::new(3);
    for _ in 0..200 {
        let mut points: Vec<_> = (0..11).map(|_| random.point()).collect();
        points.push(-points.iter().sum::<RistrettoPoint>());
        let own = decoded(lanes, &points);
        let own: Vec<_> = own.iter().collect();
        assert_eq!(lanes.public_sum_of_products(&[[1, 0, 0, 0]; 12], &own), [0; 32]);
        let mut total = Totals::zero(1);
        for point in &own {
            lanes.add_public(&mut total, &[point]);
        }
        assert_eq!(lanes.encode_public(&total), [[0; 32]]);
        // l times a point is a point of the torsion.
        assert_eq!(lanes.public_sum_of_products(&[ORDER], &own[..1]), [0; 32]);
        // One of them left out, or once more.
        assert_ne!(lanes.public_sum_of_products(&[[1, 0, 0, 0]; 11], &own), [0; 32]);
        assert_ne!(lanes.public_sum_of_products(&[[2, 0, 0, 0], [1, 0, 0, 0]], &[own[0], own[0]]), [0; 32]);
    }
}

#[test]
fn what_is_beyond_the_shorter_list_is_left_out() {
    let Some(lanes) = lanes() else { return };
    let own = decoded(lanes, &[G, G + G]);
    let sum = |scalars: &[[u64; 4]], count: usize| {
        lanes.public_sum_of_products(scalars, &own.iter().take(count).collect::<Vec<_>>())
    };
    assert_eq!(sum(&[[1, 0, 0, 0]; 3], 1), G.compress().to_bytes());
    assert_eq!(sum(&[[1, 0, 0, 0]; 1], 2), G.compress().to_bytes());
    assert_eq!(sum(&[], 2), [0; 32]);
}

#[test]
fn totals_are_sums_of_columns() {
    let Some(lanes) = lanes() else { return };
    let mut random = Random::new(4);
    for columns in [0, 1, 6, 8, 9, 17] {
        let (mut totals, mut other) = (Totals::zero(columns), Totals::zero(columns));
        assert_eq!(totals.columns(), columns);
        let mut expected = vec![RistrettoPoint::identity(); columns];
        for round in 0..50 {
            let mut points: Vec<_> = (0..columns).map(|_| random.point()).collect();
            if round % 5 == 4 {
                points = expected.iter().map(|sum| if round % 2 == 0 { *sum } else { -sum }).collect();
            }
            expected.iter_mut().zip(&points).for_each(|(sum, point)| *sum += point);
            let own = decoded(lanes, &points);
            let into = if round % 3 == 0 { &mut other } else { &mut totals };
            lanes.add_public(into, &own.iter().collect::<Vec<_>>());
            let mut both = totals.clone();
            lanes.merge_public(&mut both, &other);
            let encodings: Vec<_> = expected.iter().map(|sum| sum.compress().to_bytes()).collect();
            assert_eq!(lanes.encode_public(&both), encodings, "{columns} {round}");
        }
        // A sum merged with itself.
        for sums in [&mut totals, &mut other] {
            let itself = sums.clone();
            lanes.merge_public(sums, &itself);
        }
        lanes.merge_public(&mut totals, &other);
        let doubled: Vec<_> = expected.iter().map(|sum| (sum + sum).compress().to_bytes()).collect();
        assert_eq!(lanes.encode_public(&totals), doubled);
    }
}
