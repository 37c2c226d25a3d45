//! Sums of products of scalars that are reduced once, at the end.

use crate::group::Group;

/// A sum of up to 2^64 products of two scalars below 2^255, as an integer of 576 bits.
///
/// Adding a product takes about 5 ns where a reduced multiplication takes 60; a ballot in a ring of 1,024 needs as
/// many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide([u64; 9]);

impl Wide {
    pub(crate) const ZERO: Self = Self([0; 9]);

    /// Adds `left · right`.
    pub(crate) fn add_product(&mut self, left: &[u64; 4], right: &[u64; 4]) {
        let [l0, l1, l2, l3] = *left;
        let [t0, t1, t2, t3, t4, t5, t6, t7, t8] = self.0;
        let (t0, high) = row(l0, right, [t0, t1, t2, t3]);
        let [t1, t2, t3, c4] = high;
        let (t1, high) = row(l1, right, [t1, t2, t3, c4]);
        let [t2, t3, c4, c5] = high;
        let (t2, high) = row(l2, right, [t2, t3, c4, c5]);
        let [t3, c4, c5, c6] = high;
        let (t3, [c4, c5, c6, c7]) = row(l3, right, [t3, c4, c5, c6]);
        let (t4, carry) = t4.carrying_add(c4, false);
        let (t5, carry) = t5.carrying_add(c5, carry);
        let (t6, carry) = t6.carrying_add(c6, carry);
        let (t7, carry) = t7.carrying_add(c7, carry);
        let (t8, _) = t8.carrying_add(0, carry);
        self.0 = [t0, t1, t2, t3, t4, t5, t6, t7, t8];
    }

    /// The sum, reduced.
    pub(crate) fn reduce<G: Group>(&self) -> G::Scalar {
        G::scalar_from_limbs(&self.0)
    }
}

/// `digit · right + low`: the lowest limb and the four above it. It fits: (2^64 - 1)·(2^256 - 1) + 2^256 - 1 < 2^320.
#[inline]
fn row(digit: u64, right: &[u64; 4], low: [u64; 4]) -> (u64, [u64; 4]) {
    let [r0, r1, r2, r3] = *right;
    let [t0, t1, t2, t3] = low;
    let (t0, carry) = digit.carrying_mul_add(r0, t0, 0);
    let (t1, carry) = digit.carrying_mul_add(r1, t1, carry);
    let (t2, carry) = digit.carrying_mul_add(r2, t2, carry);
    let (t3, carry) = digit.carrying_mul_add(r3, t3, carry);
    (t0, [t1, t2, t3, carry])
}
