//! Decoding and encoding [RFC 9496 §§4.3.1, 4.3.2].

use super::curve::{D, Summands, Sums};
use super::field::{Element, MASK};
use super::root::{SQRT_M1, inverse_roots};
use crate::Point;

/// 1/√(a - d).
pub(super) const INVSQRT_A_MINUS_D: [u64; 5] = [
    0x0000_fdaa_805d_40ea,
    0x0002_eb48_2e57_d339,
    0x0000_0761_0274_bc58,
    0x0006_510b_613d_c8ff,
    0x0007_86c8_905c_faff,
];

/// How many registers of eight are decoded in step.
const STEP: usize = 2;

/// What the encodings stand for. The time depends on them.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(crate) fn decode(encodings: &[[u8; 32]]) -> Vec<Option<Point>> {
    let mut points = Vec::with_capacity(encodings.len());
    for chunk in encodings.chunks(8 * STEP) {
        let mut eights = [Undecoded::read(&[]); STEP];
        for (eight, chunk) in eights.iter_mut().zip(chunk.chunks(8)) {
            *eight = Undecoded::read(chunk);
        }
        let roots = inverse_roots(eights.map(|eight| eight.v.mul(eight.u2_squared)));
        for ((eight, (square, root)), chunk) in eights.into_iter().zip(roots).zip(chunk.chunks(8)) {
            let (right, decoded) = eight.decode(square, root);
            let decoded = decoded.points().into_iter().enumerate().take(chunk.len());
            points.extend(decoded.map(|(lane, point)| (right & 1 << lane != 0).then_some(point)));
        }
    }
    points
}

/// Eight encodings on their way: the names are those of the RFC.
#[derive(Clone, Copy)]
struct Undecoded {
    /// The lanes whose encoding is canonical and not negative.
    canonical: u8,
    s: Element,
    u1: Element,
    u2: Element,
    u2_squared: Element,
    v: Element,
}

impl Undecoded {
    /// Up to eight encodings; further lanes hold zero.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    fn read(encodings: &[[u8; 32]]) -> Self {
        let mut limbs = [[0; 8]; 5];
        let mut canonical = 0;
        for (lane, encoding) in encodings.iter().enumerate().take(8) {
            let [w0, w1, w2, w3] = words(encoding);
            if is_canonical([w0, w1, w2, w3]) && w0 & 1 == 0 {
                canonical |= 1 << lane;
            }
            let number = [w0, w0 >> 51 | w1 << 13, w1 >> 38 | w2 << 26, w2 >> 25 | w3 << 39, w3 >> 12];
            for (limb, number) in limbs.iter_mut().zip(number) {
                if let Some(limb) = limb.get_mut(lane) {
                    *limb = number & MASK;
                }
            }
        }
        let s = Element::from_lanes(&limbs);
        let ss = s.squared();
        let one = Element::one();
        let (u1, u2) = (one.wide().minus(ss), one.wide().plus(ss));
        let u2_squared = u2.square();
        // v = -(D·u1²) - u2²
        let v = Element::splat(D).times(u1.square()).plus(u2_squared.wide()).negated();
        Self { canonical, s, u1, u2, u2_squared, v }
    }

    /// The lanes that hold the encoding of a point, and the points; `root` is 1/√(v·u2²) in the lanes of `square`.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    fn decode(self, square: u8, root: Element) -> (u8, Summands) {
        let den_x = root.mul(self.u2);
        let den_y = root.mul(den_x).mul(self.v);
        let x = self.s.doubled().carried().mul(den_x).absolute();
        let y = self.u1.mul(den_y);
        let negative = x.mul(y).negative();
        let right = self.canonical & square & !negative & !y.equals(Element::zero());
        (right, Summands::of_affine(x, y))
    }
}

fn words(encoding: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(encoding.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Whether the number is below p = 2^255 - 19.
fn is_canonical([w0, w1, w2, w3]: [u64; 4]) -> bool {
    const TOP: u64 = u64::MAX >> 1;
    w3 < TOP || (w3 == TOP && !(w2 == u64::MAX && w1 == u64::MAX && w0 >= u64::MAX - 18))
}

/// The encodings of the sums. The time does not depend on them.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(super) fn encode(sums: Sums) -> [[u8; 32]; 8] {
    let Sums { x, y, z, t } = sums;
    let i = Element::splat(SQRT_M1);
    let u1 = z.plus(y).mul(z.minus(y));
    let u2 = x.mul(y);
    let [(_, root)] = inverse_roots([u1.mul(u2.square())]);
    let (den1, den2) = (root.mul(u1), root.mul(u2));
    let z_inverse = den1.mul(den2).mul(t);
    let rotate = t.mul(z_inverse).negative();
    let (x, y) = (x.or(rotate, y.mul(i)), y.or(rotate, x.mul(i)));
    let enchanted = den1.mul(Element::splat(INVSQRT_A_MINUS_D));
    let den_inverse = den2.or(rotate, enchanted);
    let y = y.negated_where(x.mul(z_inverse).negative());
    den_inverse.mul(z.minus(y)).absolute().to_bytes()
}
