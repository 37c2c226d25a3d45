//! Arithmetic modulo p = 2^255 - 19, eight numbers at once.
//!
//! A number is five limbs of 51 bits, `Σ limb[i] · 2^(51i)`; limbs may be a little larger than that. The processor's
//! multiplication takes the low 52 bits of each operand **and silently drops the others**, so every operand must be
//! below 2^52. Two types keep the bounds apart, and only the smaller one can be multiplied:
//!
//! - [`Element`]: every limb is below [`ELEMENT`] = 2^51 + 2^15, which is below 2^52.
//! - [`Product`]: every limb is below [`PRODUCT`] = 2^59. What can be done with it is one addition or subtraction,
//!   and carrying, which gives an `Element`.
//!
//! Debug builds check both bounds of every value that is made.

use super::vector::{load, splat, store, within};
use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_setzero_si512, _mm512_slli_epi64,
    _mm512_srli_epi64, _mm512_sub_epi64, _mm512_test_epi64_mask,
};

/// The bits of a limb.
pub(super) const MASK: u64 = (1 << 51) - 1;
/// Above every limb of an [`Element`].
const ELEMENT: u64 = (1 << 51) + (1 << 15);
/// Above every limb of a [`Product`].
const PRODUCT: u64 = 1 << 59;
/// 512·p, with limbs between 2^59 and 2^60: no subtraction of a [`Product`] from it goes below zero.
const BIAS: [u64; 5] = [(MASK - 18) << 9, MASK << 9, MASK << 9, MASK << 9, MASK << 9];

/// Eight numbers whose limbs may be multiplied.
#[derive(Clone, Copy)]
pub(super) struct Element([__m512i; 5]);

/// Eight numbers before carrying.
#[derive(Clone, Copy)]
pub(super) struct Product([__m512i; 5]);

impl Element {
    /// One number in all lanes, from limbs of 51 bits.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn splat(limbs: [u64; 5]) -> Self {
        let [l0, l1, l2, l3, l4] = limbs;
        Self::of([splat(l0), splat(l1), splat(l2), splat(l3), splat(l4)])
    }

    /// From limbs below [`ELEMENT`], those of [`Element::limbs`] or of 51 bits.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn of(limbs: [__m512i; 5]) -> Self {
        debug_assert!(within(&limbs, ELEMENT - 1), "limbs of an element");
        Self(limbs)
    }

    /// From limbs below [`ELEMENT`], each with its eight lanes.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn from_lanes([l0, l1, l2, l3, l4]: &[[u64; 8]; 5]) -> Self {
        Self::of([load(l0), load(l1), load(l2), load(l3), load(l4)])
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn zero() -> Self {
        Self([_mm512_setzero_si512(); 5])
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn one() -> Self {
        Self::splat([1, 0, 0, 0, 0])
    }

    /// The limbs, each below [`ELEMENT`].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn limbs(self) -> [__m512i; 5] {
        self.0
    }

    /// The same number as a sum's operand.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn wide(self) -> Product {
        Product::of(self.0)
    }

    /// Twice the number: limbs below 2·[`ELEMENT`], far below [`PRODUCT`].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn doubled(self) -> Product {
        Product::of(each(self.0, self.0, Combine::Add))
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn plus(self, other: Self) -> Self {
        self.wide().plus(other.wide())
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn minus(self, other: Self) -> Self {
        self.wide().minus(other.wide())
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn negated(self) -> Self {
        Self::zero().minus(self)
    }

    /// The product. A product of two limbs is below 2^102 + 2^68, so that its high part is at most 2^50 + 2^16; its
    /// low part is below 2^52. Column `k` has at most five of each, and high parts count twice (a limb has 51 bits,
    /// the high part begins at bit 52): with the columns above folded in, 19 times, the most is in column 0, one low
    /// part and 19 times column 5's four low and five high ones: 2^52 + 19·(4·2^52 + 10·(2^50 + 2^16)) < 125·2^52,
    /// below [`PRODUCT`] = 128·2^52.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "i and j are below 5, i + j + 1 below 10")]
    pub(super) fn times(self, other: Self) -> Product {
        let (a, b) = (self.0, other.0);
        let mut low = [_mm512_setzero_si512(); 10];
        let mut high = [_mm512_setzero_si512(); 10];
        for i in 0..5 {
            for j in 0..5 {
                low[i + j] = _mm512_madd52lo_epu64(low[i + j], a[i], b[j]);
                high[i + j + 1] = _mm512_madd52hi_epu64(high[i + j + 1], a[i], b[j]);
            }
        }
        fold(low, high)
    }

    /// The square: as [`Element::times`], but products of different limbs are computed once and doubled. Each is a
    /// sum of at most two, so doubling does not overflow, and the columns are the same numbers as there.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "i and j are below 5, i + j + 1 below 10")]
    pub(super) fn squared(self) -> Product {
        let a = self.0;
        let mut low = [_mm512_setzero_si512(); 10];
        let mut high = [_mm512_setzero_si512(); 10];
        for i in 0..5 {
            for j in i + 1..5 {
                low[i + j] = _mm512_madd52lo_epu64(low[i + j], a[i], a[j]);
                high[i + j + 1] = _mm512_madd52hi_epu64(high[i + j + 1], a[i], a[j]);
            }
        }
        for k in 1..8 {
            low[k] = _mm512_slli_epi64::<1>(low[k]);
            high[k + 1] = _mm512_slli_epi64::<1>(high[k + 1]);
        }
        for i in 0..5 {
            low[2 * i] = _mm512_madd52lo_epu64(low[2 * i], a[i], a[i]);
            high[2 * i + 1] = _mm512_madd52hi_epu64(high[2 * i + 1], a[i], a[i]);
        }
        fold(low, high)
    }

    /// `self · other`, carried.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn mul(self, other: Self) -> Self {
        self.times(other).carried()
    }

    /// `self²`, carried.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn square(self) -> Self {
        self.squared().carried()
    }

    /// The limbs of the number in 0 … p-1, each of 51 bits.
    ///
    /// The limbs' bound makes the number `v` less than 2^255 + 2^220, so less than 2p. Then `q = ⌊(v + 19)/2^255⌋`
    /// is 1 if v ≥ p and 0 otherwise, and `v - q·p = v + 19q - q·2^255`.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn canonical(self) -> [__m512i; 5] {
        let (v, nineteen, mask) = (self.0, splat(19), splat(MASK));
        let mut q = _mm512_srli_epi64::<51>(_mm512_add_epi64(v[0], nineteen));
        for limb in [v[1], v[2], v[3], v[4]] {
            q = _mm512_srli_epi64::<51>(_mm512_add_epi64(limb, q));
        }
        let r0 = _mm512_madd52lo_epu64(v[0], q, nineteen);
        let r1 = _mm512_add_epi64(v[1], _mm512_srli_epi64::<51>(r0));
        let r2 = _mm512_add_epi64(v[2], _mm512_srli_epi64::<51>(r1));
        let r3 = _mm512_add_epi64(v[3], _mm512_srli_epi64::<51>(r2));
        let r4 = _mm512_add_epi64(v[4], _mm512_srli_epi64::<51>(r3));
        masked([r0, r1, r2, r3, r4], mask)
    }

    /// The lanes whose number is `other`'s.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn equals(self, other: Self) -> u8 {
        let [d0, d1, d2, d3, d4] = self.minus(other).canonical();
        let zero = _mm512_setzero_si512();
        _mm512_cmpeq_epi64_mask(d0, zero)
            & _mm512_cmpeq_epi64_mask(d1, zero)
            & _mm512_cmpeq_epi64_mask(d2, zero)
            & _mm512_cmpeq_epi64_mask(d3, zero)
            & _mm512_cmpeq_epi64_mask(d4, zero)
    }

    /// The lanes whose number is negative: odd, in 0 … p-1 [RFC 9496 §3.1].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn negative(self) -> u8 {
        let [lowest, ..] = self.canonical();
        _mm512_test_epi64_mask(lowest, splat(1))
    }

    /// `other` in the lanes of `mask`, else `self`.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn or(self, mask: u8, other: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.0);
        Self([
            _mm512_mask_blend_epi64(mask, a0, b0),
            _mm512_mask_blend_epi64(mask, a1, b1),
            _mm512_mask_blend_epi64(mask, a2, b2),
            _mm512_mask_blend_epi64(mask, a3, b3),
            _mm512_mask_blend_epi64(mask, a4, b4),
        ])
    }

    /// The negative in the lanes of `mask`.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn negated_where(self, mask: u8) -> Self {
        self.or(mask, self.negated())
    }

    /// The absolute value: the one of ±x that is not negative.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn absolute(self) -> Self {
        self.negated_where(self.negative())
    }

    /// The canonical little-endian encodings.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    pub(super) fn to_bytes(self) -> [[u8; 32]; 8] {
        let [l0, l1, l2, l3, l4] = self.canonical();
        let (l0, l1, l2, l3, l4) = (store(l0), store(l1), store(l2), store(l3), store(l4));
        let mut all = [[0; 32]; 8];
        let lanes = l0.into_iter().zip(l1).zip(l2).zip(l3).zip(l4);
        for (bytes, ((((l0, l1), l2), l3), l4)) in all.iter_mut().zip(lanes) {
            let words = [l0 | l1 << 51, l1 >> 13 | l2 << 38, l2 >> 26 | l3 << 25, l3 >> 39 | l4 << 12];
            for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
        }
        all
    }
}

impl Product {
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    fn of(limbs: [__m512i; 5]) -> Self {
        debug_assert!(within(&limbs, PRODUCT - 1), "limbs of a product");
        Self(limbs)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn carried(self) -> Element {
        carried(self.0)
    }

    /// The sum: limbs below 2^60 before carrying.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn plus(self, other: Self) -> Element {
        carried(each(self.0, other.0, Combine::Add))
    }

    /// The difference: with [`BIAS`] added, limbs are above zero and below 2^59 + 2^60 before carrying.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn minus(self, other: Self) -> Element {
        let [b0, b1, b2, b3, b4] = BIAS;
        let bias = [splat(b0), splat(b1), splat(b2), splat(b3), splat(b4)];
        carried(each(each(self.0, bias, Combine::Add), other.0, Combine::Subtract))
    }
}

/// What is done to two limbs.
#[derive(Clone, Copy)]
enum Combine {
    Add,
    Subtract,
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn each(a: [__m512i; 5], b: [__m512i; 5], combine: Combine) -> [__m512i; 5] {
    let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (a, b);
    match combine {
        Combine::Add => [
            _mm512_add_epi64(a0, b0),
            _mm512_add_epi64(a1, b1),
            _mm512_add_epi64(a2, b2),
            _mm512_add_epi64(a3, b3),
            _mm512_add_epi64(a4, b4),
        ],
        Combine::Subtract => [
            _mm512_sub_epi64(a0, b0),
            _mm512_sub_epi64(a1, b1),
            _mm512_sub_epi64(a2, b2),
            _mm512_sub_epi64(a3, b3),
            _mm512_sub_epi64(a4, b4),
        ],
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn masked([a0, a1, a2, a3, a4]: [__m512i; 5], mask: __m512i) -> [__m512i; 5] {
    [
        _mm512_and_si512(a0, mask),
        _mm512_and_si512(a1, mask),
        _mm512_and_si512(a2, mask),
        _mm512_and_si512(a3, mask),
        _mm512_and_si512(a4, mask),
    ]
}

/// Columns 5 to 9 folded into 0 to 4: 2^255 = 19 modulo p.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
#[expect(clippy::indexing_slicing, reason = "k is below 5")]
fn fold(low: [__m512i; 10], high: [__m512i; 10]) -> Product {
    let mut limbs = [_mm512_setzero_si512(); 5];
    for k in 0..5 {
        let column = _mm512_add_epi64(low[k], _mm512_slli_epi64::<1>(high[k]));
        let above = _mm512_add_epi64(low[k + 5], _mm512_slli_epi64::<1>(high[k + 5]));
        // 19 = 16 + 3; `above` is below 2^56.
        let thrice = _mm512_add_epi64(_mm512_slli_epi64::<1>(above), above);
        limbs[k] = _mm512_add_epi64(_mm512_add_epi64(column, thrice), _mm512_slli_epi64::<4>(above));
    }
    Product::of(limbs)
}

/// One step of carrying for limbs below 2^61: what goes to the next limb is below 2^10, and 19 times that, which goes
/// from the highest to the lowest, below 2^15.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn carried(limbs: [__m512i; 5]) -> Element {
    debug_assert!(within(&limbs, (1 << 61) - 1), "limbs before carrying");
    let [a0, a1, a2, a3, a4] = limbs;
    let [r0, r1, r2, r3, r4] = masked(limbs, splat(MASK));
    Element::of([
        _mm512_madd52lo_epu64(r0, _mm512_srli_epi64::<51>(a4), splat(19)),
        _mm512_add_epi64(r1, _mm512_srli_epi64::<51>(a0)),
        _mm512_add_epi64(r2, _mm512_srli_epi64::<51>(a1)),
        _mm512_add_epi64(r3, _mm512_srli_epi64::<51>(a2)),
        _mm512_add_epi64(r4, _mm512_srli_epi64::<51>(a3)),
    ])
}

#[cfg(test)]
mod tests;
