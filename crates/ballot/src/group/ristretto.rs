//! ristretto255 [RFC 9496], by `curve25519-dalek`.

use super::{Additive, Element, Field, Group, PublicPoint, PublicTotals};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoBasepointTable, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, MultiscalarMul, VartimeMultiscalarMul};

/// The group ristretto255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ristretto;

impl Additive for Scalar {}

impl Additive for RistrettoPoint {}

impl Field for Scalar {
    const ZERO: Self = Self::ZERO;
    const ONE: Self = Self::ONE;

    fn inverse(&self) -> Self {
        self.invert()
    }
}

impl Element for RistrettoPoint {
    fn identity() -> Self {
        Identity::identity()
    }
}

impl Group for Ristretto {
    type Scalar = Scalar;
    type Point = RistrettoPoint;
    type Public = PublicPoint;
    type Totals = PublicTotals;
    type Table = RistrettoBasepointTable;
    type PointBytes = [u8; 32];
    type ScalarBytes = [u8; 32];

    const IDENTITY: [u8; 32] = [0; 32];

    fn base() -> RistrettoPoint {
        RISTRETTO_BASEPOINT_POINT
    }

    fn mul_base(scalar: &Scalar) -> RistrettoPoint {
        RistrettoPoint::mul_base(scalar)
    }

    fn mul(point: &RistrettoPoint, scalar: &Scalar) -> RistrettoPoint {
        point * scalar
    }

    fn table(point: &RistrettoPoint) -> RistrettoBasepointTable {
        RistrettoBasepointTable::create(point)
    }

    fn mul_table(base: &RistrettoBasepointTable, scalar: &Scalar) -> RistrettoPoint {
        base * scalar
    }

    fn sum_of_products(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
        let pairs = scalars.len().min(points.len());
        RistrettoPoint::multiscalar_mul(scalars.iter().take(pairs), points.iter().take(pairs))
    }

    fn public_sum_of_products(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
        let pairs = scalars.len().min(points.len());
        RistrettoPoint::vartime_multiscalar_mul(scalars.iter().take(pairs), points.iter().take(pairs))
    }

    fn decode_public(encodings: &[[u8; 32]]) -> Vec<Option<PublicPoint>> {
        PublicPoint::decode(encodings)
    }

    fn publish(point: &RistrettoPoint) -> PublicPoint {
        PublicPoint::new(point)
    }

    fn sum_of_public(scalars: &[Scalar], elements: &[&PublicPoint]) -> RistrettoPoint {
        PublicPoint::sum_of_products(scalars, elements)
    }

    fn encode(point: &RistrettoPoint) -> [u8; 32] {
        point.compress().to_bytes()
    }

    fn decode(bytes: &[u8; 32]) -> Option<RistrettoPoint> {
        CompressedRistretto(*bytes).decompress()
    }

    fn encode_scalar(scalar: &Scalar) -> [u8; 32] {
        scalar.to_bytes()
    }

    fn decode_scalar(bytes: &[u8; 32]) -> Option<Scalar> {
        Scalar::from_canonical_bytes(*bytes).into()
    }

    fn scalar_limbs(scalar: &Scalar) -> [u64; 4] {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(scalar.as_bytes().as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        limbs
    }

    fn scalar_from_limbs(limbs: &[u64; 9]) -> Scalar {
        let (low, high) = limbs.split_at(8);
        if high == [0] {
            return wide(low);
        }
        // The ninth limb counts 2^512.
        let half = wide(&[0, 0, 0, 0, 1]);
        wide(low) + wide(high) * half * half
    }

    fn scalar_from_uniform(bytes: &[u8; 64]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(bytes)
    }

    fn point_from_uniform(bytes: &[u8; 64]) -> RistrettoPoint {
        RistrettoPoint::from_uniform_bytes(bytes)
    }
}

/// Up to eight limbs, reduced.
fn wide(limbs: &[u64]) -> Scalar {
    let mut bytes = [0; 64];
    for (chunk, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(limbs) {
        *chunk = limb.to_le_bytes();
    }
    Scalar::from_bytes_mod_order_wide(&bytes)
}
