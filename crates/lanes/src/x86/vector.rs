//! Eight numbers of 64 bits in one register.

use core::arch::x86_64::{
    __m512i, _mm512_cmple_epu64_mask, _mm512_set1_epi64, _mm512_shuffle_i64x2, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64,
};

/// A number in each lane.
#[expect(unsafe_code, reason = "an array into a register")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
pub(super) fn load(lanes: &[u64; 8]) -> __m512i {
    // SAFETY: both types have 64 bytes, and every bit pattern is a value of both.
    unsafe { core::mem::transmute::<[u64; 8], __m512i>(*lanes) }
}

/// The numbers of the lanes.
#[expect(unsafe_code, reason = "a register into an array")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
pub(super) fn store(vector: __m512i) -> [u64; 8] {
    // SAFETY: both types have 64 bytes, and every bit pattern is a value of both.
    unsafe { core::mem::transmute::<__m512i, [u64; 8]>(vector) }
}

/// One number in all lanes.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
pub(super) fn splat(number: u64) -> __m512i {
    _mm512_set1_epi64(number.cast_signed())
}

/// Whether no lane of `vectors` is above `bound`: what debug builds assert.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
pub(super) fn within(vectors: &[__m512i], bound: u64) -> bool {
    let bound = splat(bound);
    vectors.iter().all(|vector| _mm512_cmple_epu64_mask(*vector, bound) == 0xFF)
}

/// Rows into columns: lane `i` of the result's register `j` is lane `j` of register `i`.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
pub(super) fn transpose(rows: &[__m512i; 8]) -> [__m512i; 8] {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = *rows;
    let even = [
        _mm512_unpacklo_epi64(r0, r1),
        _mm512_unpacklo_epi64(r2, r3),
        _mm512_unpacklo_epi64(r4, r5),
        _mm512_unpacklo_epi64(r6, r7),
    ];
    let odd = [
        _mm512_unpackhi_epi64(r0, r1),
        _mm512_unpackhi_epi64(r2, r3),
        _mm512_unpackhi_epi64(r4, r5),
        _mm512_unpackhi_epi64(r6, r7),
    ];
    let [c0, c2, c4, c6] = transpose_pairs(even);
    let [c1, c3, c5, c7] = transpose_pairs(odd);
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// The same for four registers of four pairs.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn transpose_pairs([r0, r1, r2, r3]: [__m512i; 4]) -> [__m512i; 4] {
    // 0x88 takes pairs 0 and 2 of each operand, 0xDD pairs 1 and 3.
    let first_even = _mm512_shuffle_i64x2::<0x88>(r0, r1);
    let first_odd = _mm512_shuffle_i64x2::<0xDD>(r0, r1);
    let last_even = _mm512_shuffle_i64x2::<0x88>(r2, r3);
    let last_odd = _mm512_shuffle_i64x2::<0xDD>(r2, r3);
    [
        _mm512_shuffle_i64x2::<0x88>(first_even, last_even),
        _mm512_shuffle_i64x2::<0x88>(first_odd, last_odd),
        _mm512_shuffle_i64x2::<0xDD>(first_even, last_even),
        _mm512_shuffle_i64x2::<0xDD>(first_odd, last_odd),
    ]
}
