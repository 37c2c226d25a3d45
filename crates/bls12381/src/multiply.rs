//! Sums of multiples of points of the first group.

use crate::{point::G1, scalar::Scalar};
use blst::{
    blst_fp_cneg, blst_p1, blst_p1_add_or_double, blst_p1_add_or_double_affine, blst_p1_affine,
    blst_p1_double, blst_p1_from_affine, blst_p1s_to_affine,
};
use std::fmt;
use std::ptr;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// Odd multiples kept of each point: 1, 3, … 31.
const ODD_MULTIPLES: usize = 16;
/// Width of the sparse digits: odd and below 2^5 in magnitude, on average one in 7 bits.
const SPARSE_WIDTH: u32 = 6;
/// Width of the regular digits: odd and below 2^5 in magnitude, one in 5 bits, none of them zero.
const REGULAR_WIDTH: u32 = 5;
/// Regular digits of a 256-bit number.
const REGULAR_DIGITS: usize = 52;

/// A point that is multiplied often, with its small odd multiples (1.5 kB).
#[derive(Clone)]
pub struct FixedBase(Box<[blst_p1_affine; ODD_MULTIPLES]>);

impl FixedBase {
    /// Precomputes the multiples of `point`.
    pub fn new(point: &G1) -> Self {
        let mut multiples = [blst_p1::default(); ODD_MULTIPLES];
        let mut current = blst_p1::default();
        let mut twice = blst_p1::default();
        // SAFETY: every operand is an initialised point; outputs are valid for writes.
        unsafe {
            blst_p1_from_affine(&raw mut current, &raw const point.0);
            blst_p1_double(&raw mut twice, &raw const current);
        }
        for multiple in &mut multiples {
            *multiple = current;
            // SAFETY: as above; blst allows the output to be one of the inputs.
            unsafe { blst_p1_add_or_double(&raw mut current, &raw const current, &raw const twice) };
        }
        let mut affine = Box::new([blst_p1_affine::default(); ODD_MULTIPLES]);
        let list = [multiples.as_ptr(), ptr::null()];
        // SAFETY: a list of one pointer and null means contiguous points; both arrays have that many.
        unsafe { blst_p1s_to_affine(affine.as_mut_ptr(), list.as_ptr(), ODD_MULTIPLES) };
        Self(affine)
    }

    /// The point itself.
    pub fn point(&self) -> G1 {
        let [first, ..] = *self.0;
        G1(first)
    }
}

impl fmt::Debug for FixedBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FixedBase").field(&self.point()).finish()
    }
}

/// `Σ scalar · point`, for public scalars: its time depends on them.
pub fn sum_of_products(terms: &[(&FixedBase, &Scalar)]) -> G1 {
    let digits: Vec<_> = terms.iter().map(|(base, scalar)| (*base, SparseDigits::new(scalar))).collect();
    let mut sum = blst_p1::default();
    for position in (0..SparseDigits::COUNT).rev() {
        double(&mut sum);
        for (base, digits) in &digits {
            let Some(&Some(digit)) = digits.0.get(position) else { continue };
            if let Some(&multiple) = base.0.get(usize::from(digit.index)) {
                add(&mut sum, multiple, u8::from(digit.negative).into());
            }
        }
    }
    G1::from_projective(&sum)
}

/// `Σ scalar · point`, in constant time for the number of terms.
pub fn sum_of_products_secret(terms: &[(&FixedBase, &Scalar)]) -> G1 {
    let digits: Vec<_> = terms.iter().map(|(base, scalar)| (*base, regular_digits(scalar))).collect();
    let mut sum = blst_p1::default();
    for position in (0..REGULAR_DIGITS).rev() {
        (0..REGULAR_WIDTH).for_each(|_| double(&mut sum));
        for (base, digits) in &digits {
            let Some(&digit) = digits.get(position) else { continue };
            // 2d + 1 - 2^5 is negative when d's top bit is clear; then its magnitude runs backwards.
            let negative = digit >> (REGULAR_WIDTH - 1) ^ 1;
            let index = (digit ^ 0_u8.wrapping_sub(negative)) & ((1 << (REGULAR_WIDTH - 1)) - 1);
            add(&mut sum, select(&base.0, index), negative.into());
        }
    }
    G1::from_projective(&sum)
}

fn double(sum: &mut blst_p1) {
    // SAFETY: the library allows the output to be the input.
    unsafe { blst_p1_double(sum, sum) };
}

/// Adds `multiple`, negated if asked to; complete, so that no choice of points by a peer breaks it.
fn add(sum: &mut blst_p1, mut multiple: blst_p1_affine, negative: Choice) {
    // SAFETY: the library allows the outputs to be inputs; all operands are initialised points or coordinates.
    unsafe {
        blst_fp_cneg(&raw mut multiple.y, &raw const multiple.y, negative.into());
        blst_p1_add_or_double_affine(sum, sum, &raw const multiple);
    }
}

/// Reads every entry, so that memory accesses do not show which one is wanted.
fn select(multiples: &[blst_p1_affine; ODD_MULTIPLES], index: u8) -> blst_p1_affine {
    let mut found = blst_p1_affine::default();
    for (entry, position) in multiples.iter().zip(0_u8..) {
        let mask = 0_u64.wrapping_sub(u64::from(position.ct_eq(&index).unwrap_u8()));
        let limbs = found.x.l.iter_mut().chain(&mut found.y.l);
        for (limb, candidate) in limbs.zip(entry.x.l.iter().chain(&entry.y.l)) {
            *limb |= candidate & mask;
        }
    }
    found
}

/// A scalar as a sum of few odd digits: `Σ ±(2·index + 1) · 2^position`.
struct SparseDigits([Option<SparseDigit>; SparseDigits::COUNT]);

#[derive(Clone, Copy)]
struct SparseDigit {
    index: u8,
    negative: bool,
}

impl SparseDigits {
    /// 255 bits and a carry.
    const COUNT: usize = 256;

    fn new(scalar: &Scalar) -> Self {
        let limbs = scalar.to_limbs();
        let mut digits = [None; Self::COUNT];
        let mut carry = 0;
        let mut skip = 0;
        for (digit, position) in digits.iter_mut().zip(0_u32..) {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let window = bits(&limbs, position, SPARSE_WIDTH) + carry;
            if window & 1 == 0 {
                continue;
            }
            let negative = window >> (SPARSE_WIDTH - 1) == 1;
            let magnitude = if negative { (1 << SPARSE_WIDTH) - window } else { window };
            carry = u8::from(negative);
            *digit = Some(SparseDigit { index: magnitude >> 1, negative });
            skip = SPARSE_WIDTH - 1;
        }
        Self(digits)
    }
}

/// The 5-bit groups `d` with `scalar = Σ (2d + 1 − 2^5) · 2^(5·position)` modulo `r`, wiped when dropped.
fn regular_digits(scalar: &Scalar) -> Zeroizing<[u8; REGULAR_DIGITS]> {
    let limbs = odd_representative(scalar);
    // An odd k below 2^260 is Σ ±2^i over 260 places: 2d − (2^260 − 1), where d = (k − 1)/2 + 2^259.
    let mut digits = Zeroizing::new([0; REGULAR_DIGITS]);
    for (digit, position) in digits.iter_mut().zip((1_u32..).step_by(5)) {
        *digit = bits(&limbs, position, REGULAR_WIDTH);
    }
    if let Some(top) = digits.last_mut() {
        *top |= 1 << (REGULAR_WIDTH - 1);
    }
    digits
}

/// `scalar` if it is odd, else `scalar + r`: below 2^256.
fn odd_representative(scalar: &Scalar) -> Zeroizing<[u64; 4]> {
    /// The group order `r`, least significant limb first.
    const ORDER: [u64; 4] =
        [0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805, 0x73ed_a753_299d_7d48];
    let mut limbs = Zeroizing::new(scalar.to_limbs());
    let [low, ..] = *limbs;
    let mask = (low & 1).wrapping_sub(1);
    let mut carry = false;
    for (limb, order) in limbs.iter_mut().zip(ORDER) {
        let (sum, over) = limb.overflowing_add(order & mask);
        let (sum, over_again) = sum.overflowing_add(u64::from(carry));
        *limb = sum;
        carry = over | over_again;
    }
    limbs
}

/// The `width` bits (at most 7) from `position` on; which memory is read depends on `position` alone.
fn bits(limbs: &[u64; 4], position: u32, width: u32) -> u8 {
    let (limb, shift) = (usize::try_from(position / 64).unwrap_or(usize::MAX), position % 64);
    let low = limbs.get(limb).copied().unwrap_or(0) >> shift;
    let high = limbs.get(limb.saturating_add(1)).copied().unwrap_or(0).checked_shl(64 - shift).unwrap_or(0);
    let [byte, ..] = (low | high).to_le_bytes();
    byte & ((1 << width) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expander;

    fn point(n: u8) -> G1 {
        Expander::XmdSha256.hash_to_g1(&[n], b"sinpyo test points")
    }

    fn scalars() -> Vec<Scalar> {
        let small = (0..70).map(|n| Scalar::reduce(&[n]));
        let large = (0..70).map(|n| -&Scalar::reduce(&[n]));
        let random = (0..60).map(|n| Expander::XofShake256.hash_to_scalar(&[n], b"sinpyo test scalars"));
        small.chain(large).chain(random).collect()
    }

    #[test]
    fn both_sums_agree_with_single_multiplication() {
        let point = point(0);
        let base = FixedBase::new(&point);
        for scalar in scalars() {
            let expected = point.times(&scalar);
            assert_eq!(sum_of_products(&[(&base, &scalar)]), expected);
            assert_eq!(sum_of_products_secret(&[(&base, &scalar)]), expected);
        }
    }

    #[test]
    fn sums_distribute_over_the_terms() {
        // Σ s·(i·P) = (Σ s·i)·P, with equal and opposite points among the terms.
        let point = point(1);
        let factors = [1, 2, 1, 3, 5, 5].map(|n| Scalar::reduce(&[n]));
        let bases = factors.clone().map(|factor| FixedBase::new(&point.times(&factor)));
        for window in scalars().windows(factors.len()) {
            let terms: Vec<_> = bases.iter().zip(window).collect();
            let total = factors
                .iter()
                .zip(window)
                .fold(Scalar::reduce(&[]), |sum, (factor, scalar)| &sum + &(factor * scalar));
            assert_eq!(sum_of_products(&terms), point.times(&total));
            assert_eq!(sum_of_products_secret(&terms), point.times(&total));
        }
    }

    #[test]
    fn the_identity_is_neutral() {
        let scalar = Scalar::reduce(&[9]);
        let identity = sum_of_products(&[]);
        assert!(identity.is_identity());
        let bases = [FixedBase::new(&identity), FixedBase::new(&point(2))];
        let terms = [(&bases[0], &scalar), (&bases[1], &scalar)];
        assert_eq!(sum_of_products(&terms), point(2).times(&scalar));
        assert_eq!(sum_of_products_secret(&terms), point(2).times(&scalar));
        let minus = -&scalar;
        assert!(sum_of_products(&[(&bases[1], &scalar), (&bases[1], &minus)]).is_identity());
        assert!(sum_of_products_secret(&[(&bases[1], &scalar), (&bases[1], &minus)]).is_identity());
    }
}
