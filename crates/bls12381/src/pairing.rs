//! The pairing equation.

use crate::point::{G1, G2};
use blst::{
    blst_fp6, blst_fp12, blst_fp12_finalverify, blst_miller_loop_lines, blst_p2_affine_generator,
    blst_precompute_lines,
};
use std::fmt;
use std::sync::OnceLock;

/// Line functions of one Miller loop: the doublings and additions of the curve's 64-bit parameter.
const LINES: usize = 68;

/// A point of the second group, prepared as one side of a pairing (20 kB).
#[derive(Clone)]
pub struct PreparedG2(Box<[blst_fp6]>); // LINES of them

impl PreparedG2 {
    /// Precomputes what a pairing needs of `point`.
    pub fn new(point: &G2) -> Self {
        let mut lines = vec![blst_fp6::default(); LINES].into_boxed_slice();
        // SAFETY: the function writes exactly 68 elements; `point.0` is a point of the subgroup, only read.
        unsafe { blst_precompute_lines(lines.as_mut_ptr(), &raw const point.0) };
        Self(lines)
    }

    /// The group's standard generator `P2`.
    pub fn generator() -> &'static Self {
        static GENERATOR: OnceLock<PreparedG2> = OnceLock::new();
        GENERATOR.get_or_init(|| {
            // SAFETY: the library returns a pointer to a constant.
            Self::new(&G2(unsafe { *blst_p2_affine_generator() }))
        })
    }
}

impl fmt::Debug for PreparedG2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedG2").finish_non_exhaustive()
    }
}

/// Whether `e(left.0, left.1) = e(right.0, right.1)`; one final exponentiation.
pub fn pairings_are_equal(left: (&G1, &PreparedG2), right: (&G1, &PreparedG2)) -> bool {
    let (left, right) = (miller_loop(left), miller_loop(right));
    // SAFETY: both are initialised and only read.
    unsafe { blst_fp12_finalverify(&raw const left, &raw const right) }
}

fn miller_loop((point, prepared): (&G1, &PreparedG2)) -> blst_fp12 {
    let mut value = blst_fp12::default();
    // With the identity on one side the pairing is 1, which is the default; the loop's formulas exclude it.
    if !point.is_identity() {
        // SAFETY: 68 lines are read, as many as every prepared point has; `point.0` is only read; `value` is valid for writes.
        unsafe { blst_miller_loop_lines(&raw mut value, prepared.0.as_ptr(), &raw const point.0) };
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expander, Scalar, sum_of_products};

    #[test]
    fn scalars_move_between_the_sides_and_nothing_else_does() {
        let point = Expander::XmdSha256.hash_to_g1(b"point", b"test");
        let (a, b) = (Scalar::reduce(b"a"), Scalar::reduce(b"b"));
        let prepared = |scalar: &Scalar| PreparedG2::new(&G2::generator_times(scalar));
        // e(a·P, b·Q) = e(ab·P, Q)
        let product = point.times(&(&a * &b));
        assert!(pairings_are_equal((&point.times(&a), &prepared(&b)), (&product, PreparedG2::generator())));
        assert!(!pairings_are_equal((&point.times(&a), &prepared(&a)), (&product, PreparedG2::generator())));
        assert!(!pairings_are_equal(
            (&point.times(&-&a), &prepared(&b)),
            (&product, PreparedG2::generator())
        ));
    }

    #[test]
    fn the_identity_pairs_to_one() {
        let point = Expander::XmdSha256.hash_to_g1(b"point", b"test");
        let identity = sum_of_products(&[]);
        let other = PreparedG2::new(&G2::generator_times(&Scalar::reduce(b"x")));
        assert!(pairings_are_equal((&identity, &other), (&identity, PreparedG2::generator())));
        assert!(!pairings_are_equal((&identity, &other), (&point, PreparedG2::generator())));
        assert!(!pairings_are_equal((&point, &other), (&identity, PreparedG2::generator())));
    }
}
