use super::{Beacon, Ring, RingError, RingIndex, RingPlan, Roster, pad};
use crate::fixture::ELECTION;
use crate::generators::ElectionId;
use crate::group::{Group, Ristretto};
use crate::naive::{hash, le32, point};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::scalar::Scalar;
use std::collections::BTreeSet;

fn commitments(count: u32) -> Vec<[u8; 32]> {
    (1..=count)
        .map(|number| Ristretto::encode(&(RISTRETTO_BASEPOINT_TABLE * &Scalar::from(number))))
        .collect()
}

fn rings(count: u32, size: usize, beacon: u8) -> Vec<Roster<Ristretto>> {
    let plan = RingPlan { election: ELECTION, beacon: Beacon([beacon; 32]), size };
    plan.rings(3, RingIndex(10), &commitments(count)).unwrap()
}

#[test]
fn a_district_is_spread_evenly_over_as_few_rings_as_can_be() {
    for (voters, size) in [(0, 4), (1, 4), (4, 4), (5, 4), (9, 4), (16, 16), (17, 16), (50, 16), (33, 32)] {
        let rings = rings(voters, size, 1);
        assert_eq!(rings.len(), usize::try_from(voters).unwrap().div_ceil(size));
        let counts: Vec<_> = rings.iter().map(Roster::voters).collect();
        assert_eq!(counts.iter().sum::<usize>(), usize::try_from(voters).unwrap());
        if let (Some(least), Some(most)) = (counts.iter().min(), counts.iter().max()) {
            assert!(most - least <= 1, "{counts:?}");
        }
        let mut seen = BTreeSet::new();
        for (number, ring) in (10..).zip(&rings) {
            assert_eq!(
                (ring.index(), ring.district(), ring.commitments().len()),
                (RingIndex(number), 3, size)
            );
            seen.extend(ring.commitments()[..ring.voters()].iter().copied());
        }
        assert_eq!(seen, commitments(voters).into_iter().collect());
    }
    // §7's own formula, where it matters which ring has one voter more: ⌊k·v/R⌋.
    let counts: Vec<_> = rings(10, 4, 1).iter().map(Roster::voters).collect();
    assert_eq!(counts, [3, 3, 4]);
}

#[test]
fn the_order_is_that_of_the_beacon() {
    let members: Vec<_> = rings(16, 16, 1)[0].commitments().to_vec();
    let mut expected = commitments(16);
    expected.sort_by_key(|commitment| hash("shuffle", &[&[1; 32], commitment]));
    assert_eq!(members, expected);
    assert_ne!(members, rings(16, 16, 2)[0].commitments());
    // It does not depend on the order in which voters registered.
    let plan = RingPlan { election: ELECTION, beacon: Beacon([1; 32]), size: 16 };
    let mut reversed = commitments(16);
    reversed.reverse();
    assert_eq!(plan.rings::<Ristretto>(3, RingIndex(10), &reversed).unwrap(), rings(16, 16, 1));
}

#[test]
fn pads_are_hashes_of_their_place() {
    let ring = &rings(5, 16, 1)[0];
    for position in 5..16 {
        let expected = point("pad", &[&ELECTION.0, &le32(10), &le32(position)]);
        assert_eq!(ring.commitments()[position], Ristretto::encode(&expected));
    }
    let distinct: BTreeSet<_> = [(10, 5), (10, 6), (11, 5)]
        .map(|(ring, position)| Ristretto::encode(&pad::<Ristretto>(&ELECTION, RingIndex(ring), position)))
        .into();
    assert_eq!(distinct.len(), 3);
    assert_ne!(
        pad::<Ristretto>(&ELECTION, RingIndex(1), 1),
        pad::<Ristretto>(&ElectionId([0; 32]), RingIndex(1), 1)
    );
}

#[test]
fn the_root_covers_district_number_and_every_member() {
    let ring = &rings(5, 16, 1)[0];
    let root = hash("ring", &[&ELECTION.0, &le32(3), &le32(10), &ring.commitments().concat()]);
    assert_eq!(ring.root()[..], root[..32]);
    assert_eq!(ring.leaf()[..], [&le32(3)[..], &le32(10), &root[..32]].concat());
    let plan = RingPlan { election: ELECTION, beacon: Beacon([1; 32]), size: 16 };
    let others = [(4, 10, 5), (3, 11, 5), (3, 10, 6)];
    for (district, first, count) in others {
        let other = plan.rings::<Ristretto>(district, RingIndex(first), &commitments(count)).unwrap();
        assert_ne!(other[0].root(), ring.root());
    }
}

#[test]
fn a_commitment_stands_once() {
    let plan = RingPlan { election: ELECTION, beacon: Beacon([1; 32]), size: 4 };
    let mut twice = commitments(6);
    twice.push(twice[2]);
    assert_eq!(plan.rings::<Ristretto>(0, RingIndex(0), &twice).unwrap_err(), RingError::Duplicate);
    assert_eq!(
        plan.rings::<Ristretto>(0, RingIndex(u32::MAX), &commitments(6)).unwrap_err(),
        RingError::TooMany
    );
    let ring = &rings(6, 16, 1)[0];
    for (position, commitment) in ring.commitments().iter().enumerate() {
        assert_eq!(ring.position_of(commitment), Some(position));
    }
    assert_eq!(ring.position_of(&[0; 32]), None);
    let mut bad = commitments(6);
    bad[3] = [0xFF; 32];
    let roster = plan.rings::<Ristretto>(0, RingIndex(0), &bad).unwrap();
    let errors = roster.into_iter().filter_map(|roster| Ring::new(roster).err()).collect::<Vec<_>>();
    assert_eq!(errors, [RingError::Encoding]);
}

#[test]
fn the_beacon_covers_roll_and_values() {
    let live = [([1; 16], [2; 32]), ([3; 16], [4; 32])];
    let values = [(1, [5; 32]), (3, [6; 32])];
    let beacon = Beacon::new::<Ristretto>(&ELECTION, &live, &values);
    let roll = [&[1; 16][..], &[2; 32], &[3; 16], &[4; 32]].concat();
    let revealed = [&le32(1)[..], &[5; 32], &le32(3), &[6; 32]].concat();
    assert_eq!(beacon.0[..], hash("beacon", &[&ELECTION.0, &roll, &revealed])[..32]);
    let others = [
        Beacon::new::<Ristretto>(&ElectionId([0; 32]), &live, &values),
        Beacon::new::<Ristretto>(&ELECTION, &live[..1], &values),
        Beacon::new::<Ristretto>(&ELECTION, &live, &values[..1]),
        Beacon::new::<Ristretto>(&ELECTION, &live, &[(1, [5; 32]), (2, [6; 32])]),
    ];
    assert!(others.iter().all(|other| *other != beacon));
}
