//! Against integers of 256 bits that are added bit by bit.
#![expect(unsafe_code, reason = "calls what was compiled for what was detected")]

use super::*;
use crate::Lanes;
use crate::x86::curve::{D, TWICE_D};
use crate::x86::encoding::INVSQRT_A_MINUS_D;
use crate::x86::root::{SQRT_M1, inverse_roots};
use sinpyo_core::key::Entropy as _;
use sinpyo_testkit::TestEntropy;

type Number = [u64; 4];

const P: Number = [u64::MAX - 18, u64::MAX, u64::MAX, u64::MAX >> 1];

/// Of numbers whose sum is below 2^256.
fn plus(left: Number, right: Number) -> Number {
    let (mut sum, mut carry) = ([0; 4], false);
    for place in 0..4 {
        let (first, one) = left[place].overflowing_add(right[place]);
        let (second, other) = first.overflowing_add(u64::from(carry));
        (sum[place], carry) = (second, one || other);
    }
    assert!(!carry);
    reduced(sum)
}

fn reduced(mut number: Number) -> Number {
    while number.iter().rev().ge(P.iter().rev()) {
        let mut borrow = false;
        for place in 0..4 {
            let (first, one) = number[place].overflowing_sub(P[place]);
            let (second, other) = first.overflowing_sub(u64::from(borrow));
            (number[place], borrow) = (second, one || other);
        }
    }
    number
}

fn times(left: Number, right: Number) -> Number {
    let mut product = [0; 4];
    for bit in (0..256).rev() {
        product = plus(product, product);
        if right[bit / 64] >> (bit % 64) & 1 == 1 {
            product = plus(product, reduced(left));
        }
    }
    product
}

fn negative(number: Number) -> Number {
    times([P[0] - 1, P[1], P[2], P[3]], number)
}

/// `Σ limb · 2^(51i)`.
fn value(limbs: [u64; 5]) -> Number {
    limbs.iter().rev().fold([0; 4], |number, limb| plus(times(number, [1 << 51, 0, 0, 0]), [*limb, 0, 0, 0]))
}

fn number(bytes: [u8; 32]) -> Number {
    let words: Vec<_> = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
    words.try_into().unwrap()
}

fn drawn(entropy: &mut TestEntropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// Numbers at the edges, in limbs below `bound`.
fn edges(bound: u64) -> Vec<[u64; 5]> {
    let mut all = vec![[bound - 1; 5], [0; 5], [MASK; 5]];
    // Around 0, p and 2^255.
    for distance in 0..24 {
        all.push([distance, 0, 0, 0, 0]);
        all.push([MASK - 23 + distance, MASK, MASK, MASK, MASK]);
        all.push([distance, 0, 0, 0, 1 << 51]);
        all.push([MASK + distance, MASK, MASK, MASK, MASK]);
    }
    let mut entropy = TestEntropy::new(bound);
    let some = [0, 1, 18, 19, MASK - 18, MASK - 1, MASK, 1 << 51, bound - 2, bound - 1];
    for _ in 0..200 {
        all.push([(); 5].map(|()| some[usize::try_from(drawn(&mut entropy) % 10).unwrap()]));
        all.push([(); 5].map(|()| drawn(&mut entropy) % bound));
    }
    while !all.len().is_multiple_of(8) {
        all.push([0; 5]);
    }
    all
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn registers(eight: &[[u64; 5]]) -> [__m512i; 5] {
    [0, 1, 2, 3, 4].map(|limb| {
        let mut lanes = [0; 8];
        lanes.iter_mut().zip(eight).for_each(|(lane, limbs)| *lane = limbs[limb]);
        load(&lanes)
    })
}

/// Each lane of `got` is what was expected, as bytes and in limbs within bounds.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn check(got: Element, expected: &[Number], what: &str) {
    assert!(within(&got.0, ELEMENT - 1), "{what}");
    for (bytes, expected) in got.to_bytes().into_iter().zip(expected) {
        assert_eq!(number(bytes), *expected, "{what}");
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn elements() {
    let all = edges(ELEMENT);
    for (round, eight) in all.chunks(8).enumerate() {
        let a = Element::of(registers(eight));
        let x: Vec<_> = eight.iter().map(|limbs| value(*limbs)).collect();
        check(a, &x, "value");
        let each = |change: &dyn Fn(Number) -> Number| x.iter().map(|x| change(*x)).collect::<Vec<_>>();
        check(a.square(), &each(&|x| times(x, x)), "square");
        check(a.negated(), &each(&negative), "negated");
        check(a.doubled().carried(), &each(&|x| plus(x, x)), "doubled");
        let odd = each(&|x| [x[0] & 1, 0, 0, 0]);
        let odd = odd.iter().rev().fold(0, |mask, odd| mask << 1 | u8::from(odd[0] == 1));
        assert_eq!(a.negative(), odd);
        check(a.absolute(), &each(&|x| if x[0] & 1 == 1 { negative(x) } else { x }), "absolute");
        check(
            a.negated_where(0x5A),
            &x.iter()
                .enumerate()
                .map(|(lane, x)| if 0x5A >> lane & 1 == 1 { negative(*x) } else { *x })
                .collect::<Vec<_>>(),
            "selected",
        );
        for step in [0, 1, 7] {
            let other = &all[(8 * (round * 5 + step)) % all.len()..][..8];
            let mut turned = other.to_vec();
            turned.rotate_left(step);
            let b = Element::of(registers(&turned));
            let y: Vec<_> = turned.iter().map(|limbs| value(*limbs)).collect();
            let both = |change: fn(Number, Number) -> Number| {
                x.iter().zip(&y).map(|(x, y)| change(*x, *y)).collect::<Vec<_>>()
            };
            check(a.mul(b), &both(times), "times");
            check(a.plus(b), &both(plus), "plus");
            check(a.minus(b), &both(|x, y| plus(x, negative(y))), "minus");
            check(a.times(b).plus(a.squared()), &both(|x, y| plus(times(x, y), times(x, x))), "wide plus");
            check(
                a.times(b).minus(a.squared()),
                &both(|x, y| plus(times(x, y), negative(times(x, x)))),
                "wide minus",
            );
            let same = x.iter().zip(&y).rev().fold(0, |mask, (x, y)| mask << 1 | u8::from(x == y));
            assert_eq!(a.equals(b), same);
        }
        assert_eq!(a.equals(a), 0xFF);
    }
    // Numbers that differ in one bit.
    for bit in 0..255 {
        let mut limbs = [0; 5];
        limbs[bit / 51] = 1 << (bit % 51);
        let (one, other) = (Element::splat(limbs), Element::zero());
        assert_eq!((one.equals(other), other.equals(one), one.equals(one)), (0, 0, 0xFF));
    }
    // One number in two forms.
    let (zero, p) = (Element::zero(), Element::splat([MASK - 18, MASK, MASK, MASK, MASK]));
    assert_eq!((zero.equals(p), p.equals(zero), p.negative()), (0xFF, 0xFF, 0));
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn products() {
    let all = edges(PRODUCT);
    for (eight, other) in all.chunks(8).zip(all.chunks(8).rev()) {
        let (a, b) = (Product::of(registers(eight)), Product::of(registers(other)));
        let x: Vec<_> = eight.iter().map(|limbs| value(*limbs)).collect();
        let y: Vec<_> = other.iter().map(|limbs| value(*limbs)).collect();
        let both = |change: fn(Number, Number) -> Number| {
            x.iter().zip(&y).map(|(x, y)| change(*x, *y)).collect::<Vec<_>>()
        };
        check(a.carried(), &x, "carried");
        check(a.plus(b), &both(plus), "plus");
        check(a.minus(b), &both(|x, y| plus(x, negative(y))), "minus");
        check(b.minus(a), &both(|x, y| plus(y, negative(x))), "minus");
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn constants() {
    let [d, i, root] = [D, SQRT_M1, INVSQRT_A_MINUS_D].map(value);
    assert_eq!(times(d, [121_666, 0, 0, 0]), negative([121_665, 0, 0, 0]));
    assert_eq!(value(TWICE_D), plus(d, d));
    let minus_one = negative([1, 0, 0, 0]);
    assert_eq!((times(i, i), i[0] & 1), (minus_one, 0));
    assert_eq!(times(times(root, root), plus(minus_one, negative(d))), [1, 0, 0, 0]);
    assert_eq!(root[0] & 1, 0);
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn roots() {
    for eight in edges(ELEMENT).chunks(8) {
        let v = Element::of(registers(eight));
        let i = Element::splat(SQRT_M1);
        // Of v and of i·v, one is a square and one is not, unless v is zero.
        let [(square, root), (other_square, other_root)] = inverse_roots([v, v.mul(i)]);
        let zero = v.equals(Element::zero());
        assert_eq!(square ^ other_square, !zero);
        assert_eq!(square & zero, 0);
        let one = v.mul(root.square()).equals(Element::one());
        assert_eq!(one, square);
        assert_eq!(v.mul(i).mul(other_root.square()).equals(Element::one()), other_square);
        assert_eq!(root.negative() | other_root.negative(), 0);
        assert_eq!(root.equals(Element::zero()), zero);
        // √(i/v) where v is no square.
        assert_eq!(v.mul(root.square()).equals(i), !square & !zero);
    }
}

fn run(test: unsafe fn()) {
    if Lanes::detect().is_none() {
        return eprintln!("skipped: this processor has no AVX-512 IFMA");
    }
    // SAFETY: the processor has the features that the test is compiled for.
    unsafe { test() }
}

#[test]
fn elements_are_numbers_modulo_p() {
    run(elements);
}

#[test]
fn products_are_numbers_modulo_p() {
    run(products);
}

#[test]
fn constants_are_what_they_are_called() {
    run(constants);
}

#[test]
fn inverse_square_roots_are_those_of_the_rfc() {
    run(roots);
}
