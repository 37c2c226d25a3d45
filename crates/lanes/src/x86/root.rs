//! Inverse square roots [RFC 9496 §4.2].

use super::field::Element;

/// √-1, the one that is not negative.
pub(super) const SQRT_M1: [u64; 5] = [
    0x0006_1b27_4a0e_a0b0,
    0x0000_d5a5_fc8f_189d,
    0x0007_ef5e_9cbd_0c60,
    0x0007_8595_a680_4c9e,
    0x0002_b832_4804_fc1d,
];
const ONE: [u64; 5] = [1, 0, 0, 0, 0];

/// `SQRT_RATIO_M1(1, v)` of each: the lanes in which `v` is a nonzero square, and there the root of `1/v` that is
/// not negative. Takes several at once, because each step of the power waits for the one before.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(super) fn inverse_roots<const COUNT: usize>(v: [Element; COUNT]) -> [(u8, Element); COUNT] {
    let mut cubes = v;
    let mut powers = v;
    for ((cube, power), v) in cubes.iter_mut().zip(&mut powers).zip(v) {
        *cube = v.square().mul(v);
        *power = cube.square().mul(v);
    }
    power_of_five_eighths(&mut powers);
    let mut roots = [(0, Element::zero()); COUNT];
    for (((root, cube), power), v) in roots.iter_mut().zip(cubes).zip(powers).zip(v) {
        *root = choose(v, cube.mul(power));
    }
    roots
}

/// The root out of `r = v³ · (v⁷)^((p-5)/8)`: `v·r²` is a fourth root of 1.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn choose(v: Element, r: Element) -> (u8, Element) {
    let check = v.mul(r.square());
    let (one, i) = (Element::splat(ONE), Element::splat(SQRT_M1));
    let correct = check.equals(one);
    let flipped = check.equals(one.negated());
    let flipped_i = check.equals(i.negated());
    let r = r.or(flipped | flipped_i, r.mul(i));
    (correct | flipped, r.absolute())
}

/// Raises each to (p-5)/8 = 2^252 - 3.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn power_of_five_eighths<const COUNT: usize>(bases: &mut [Element; COUNT]) {
    let x = *bases;
    let x2 = squares(x, 1);
    let x9 = products(squares(x2, 2), x);
    let x11 = products(x9, x2);
    // From here on `ones_n` is x to the power of 2^n - 1.
    let ones_5 = products(squares(x11, 1), x9);
    let ones_10 = products(squares(ones_5, 5), ones_5);
    let ones_20 = products(squares(ones_10, 10), ones_10);
    let ones_40 = products(squares(ones_20, 20), ones_20);
    let ones_50 = products(squares(ones_40, 10), ones_10);
    let ones_100 = products(squares(ones_50, 50), ones_50);
    let ones_200 = products(squares(ones_100, 100), ones_100);
    let ones_250 = products(squares(ones_200, 50), ones_50);
    *bases = products(squares(ones_250, 2), x);
}

/// Squares each as many times.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn squares<const COUNT: usize>(mut values: [Element; COUNT], times: usize) -> [Element; COUNT] {
    for _ in 0..times {
        for value in &mut values {
            *value = value.square();
        }
    }
    values
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[inline]
fn products<const COUNT: usize>(mut left: [Element; COUNT], right: [Element; COUNT]) -> [Element; COUNT] {
    for (left, right) in left.iter_mut().zip(right) {
        *left = left.mul(right);
    }
    left
}
