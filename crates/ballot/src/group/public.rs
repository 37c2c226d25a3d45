//! Public elements of ristretto255: eight at once where the processor can (`sinpyo-lanes`), else by `curve25519-dalek`.
//!
//! A program's public elements are all of one kind, because the processor is asked; where kinds are mixed nonetheless,
//! the sum is `curve25519-dalek`'s.

use super::{Group, Ristretto, Totals};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use sinpyo_lanes::Lanes;

/// An element that everybody may know.
#[derive(Clone, Copy, Debug)]
pub struct PublicPoint(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Lanes(Lanes, sinpyo_lanes::Point),
    Portable(RistrettoPoint),
}

impl PublicPoint {
    pub(super) fn new(point: &RistrettoPoint) -> Self {
        let lanes = Lanes::detect().and_then(|lanes| {
            let decoded = lanes.decode_public(&[Ristretto::encode(point)]);
            decoded.into_iter().next().flatten().map(|point| Kind::Lanes(lanes, point))
        });
        Self(lanes.unwrap_or(Kind::Portable(*point)))
    }

    pub(super) fn decode(encodings: &[[u8; 32]]) -> Vec<Option<Self>> {
        let Some(lanes) = Lanes::detect() else { return Self::decode_portable(encodings) };
        let decoded = lanes.decode_public(encodings).into_iter();
        decoded.map(|point| point.map(|point| Self(Kind::Lanes(lanes, point)))).collect()
    }

    fn decode_portable(encodings: &[[u8; 32]]) -> Vec<Option<Self>> {
        let decoded = encodings.iter().map(Ristretto::decode);
        decoded.map(|point| point.map(|point| Self(Kind::Portable(point)))).collect()
    }

    pub(super) fn sum_of_products(scalars: &[Scalar], points: &[&Self]) -> RistrettoPoint {
        let pairs = scalars.len().min(points.len());
        if let Some((lanes, points)) = in_lanes(points.iter().copied()) {
            let scalars: Vec<_> = scalars.iter().map(Ristretto::scalar_limbs).collect();
            return decompressed(lanes.public_sum_of_products(&scalars, &points));
        }
        let points = points.iter().map(|point| point.portable());
        RistrettoPoint::vartime_multiscalar_mul(scalars.iter().take(pairs), points.take(pairs))
    }

    fn portable(&self) -> RistrettoPoint {
        match &self.0 {
            Kind::Lanes(lanes, point) => {
                decompressed(lanes.public_sum_of_products(&[[1, 0, 0, 0]], &[point]))
            }
            Kind::Portable(point) => *point,
        }
    }
}

/// The points, if there is one and all are of this kind.
fn in_lanes<'p>(
    points: impl ExactSizeIterator<Item = &'p PublicPoint>,
) -> Option<(Lanes, Vec<&'p sinpyo_lanes::Point>)> {
    let mut found = None;
    let mut own = Vec::with_capacity(points.len());
    for PublicPoint(kind) in points {
        let Kind::Lanes(lanes, point) = kind else { return None };
        found = Some(*lanes);
        own.push(point);
    }
    found.map(|lanes| (lanes, own))
}

/// What was computed in lanes.
#[expect(
    clippy::expect_used,
    reason = "the encoding was computed here; accepting anything else would be worse"
)]
fn decompressed(encoding: [u8; 32]) -> RistrettoPoint {
    CompressedRistretto(encoding).decompress().expect("sums are encoded as RFC 9496 says")
}

/// Sums of public elements.
#[derive(Clone, Debug)]
pub struct PublicTotals(TotalsKind);

#[derive(Clone, Debug)]
enum TotalsKind {
    Lanes(Lanes, sinpyo_lanes::Totals),
    Portable(Vec<RistrettoPoint>),
}

impl PublicTotals {
    fn add_portable(&mut self, points: impl Iterator<Item = RistrettoPoint>) {
        if let TotalsKind::Lanes(..) = &self.0 {
            self.0 = TotalsKind::Portable(self.points());
        }
        if let TotalsKind::Portable(totals) = &mut self.0 {
            totals.iter_mut().zip(points).for_each(|(total, point)| *total += point);
        }
    }
}

impl Totals<Ristretto> for PublicTotals {
    fn zero(columns: usize) -> Self {
        Self(match Lanes::detect() {
            Some(lanes) => TotalsKind::Lanes(lanes, sinpyo_lanes::Totals::zero(columns)),
            None => TotalsKind::Portable(vec![RistrettoPoint::identity(); columns]),
        })
    }

    fn columns(&self) -> usize {
        match &self.0 {
            TotalsKind::Lanes(_, totals) => totals.columns(),
            TotalsKind::Portable(totals) => totals.len(),
        }
    }

    fn add(&mut self, elements: &[PublicPoint]) {
        match (&mut self.0, in_lanes(elements.iter())) {
            (TotalsKind::Lanes(lanes, totals), Some((_, points))) => lanes.add_public(totals, &points),
            _ => self.add_portable(elements.iter().map(PublicPoint::portable)),
        }
    }

    fn merge(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (TotalsKind::Lanes(lanes, totals), TotalsKind::Lanes(_, others)) => {
                lanes.merge_public(totals, others);
            }
            _ => self.add_portable(other.points().into_iter()),
        }
    }

    fn points(&self) -> Vec<RistrettoPoint> {
        match &self.0 {
            TotalsKind::Lanes(lanes, totals) => {
                lanes.encode_public(totals).into_iter().map(decompressed).collect()
            }
            TotalsKind::Portable(totals) => totals.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
