//! ristretto255 [RFC 9496], by `curve25519-dalek`.

use super::{Element, Field, Group};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoBasepointTable, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, MultiscalarMul, VartimeMultiscalarMul};

/// The group ristretto255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ristretto;

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
    type Table = RistrettoBasepointTable;
    type PointBytes = [u8; 32];
    type ScalarBytes = [u8; 32];

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

    fn scalar_from_uniform(bytes: &[u8; 64]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(bytes)
    }

    fn point_from_uniform(bytes: &[u8; 64]) -> RistrettoPoint {
        RistrettoPoint::from_uniform_bytes(bytes)
    }
}
