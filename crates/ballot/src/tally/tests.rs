//! Sums opened rightly, and everything that a trustee can do wrong with them.

mod counts;
mod shares;

use super::*;
use crate::ceremony::room::{Room, trustee};
use crate::ceremony::{Phase, Size, TrusteeKeys};
use crate::fixture::add_order;
use crate::group::Ristretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
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
    let beta: Vec<_> = counts
        .iter()
        .zip(joint.keys())
        .map(|(n, key)| RistrettoPoint::mul_base(&count(*n)) + key * rho)
        .collect();
    Sum::of_parts(RistrettoPoint::mul_base(&rho), &beta, ballots)
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
