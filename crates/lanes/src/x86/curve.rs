//! Points of edwards25519, -x² + y² = 1 + d·x²·y², eight at once.
//!
//! -1 is a square and d is not: the formulas for sums are complete [Hisil, Wong, Carter, Dawson 2008, §3.1], so equal
//! points, opposite points and the neutral one need no cases.

use super::field::Element;
use super::vector::{load, store, transpose};
use crate::{Point, Row};

/// d.
pub(super) const D: [u64; 5] = [
    0x0003_4dca_1359_78a3,
    0x0001_a828_3b15_6ebd,
    0x0005_e7a2_6001_c029,
    0x0007_39c6_63a0_3cbb,
    0x0005_2036_cee2_b6ff,
];
/// 2d.
pub(super) const TWICE_D: [u64; 5] = [
    0x0006_9b94_26b2_f159,
    0x0003_5050_762a_dd7a,
    0x0003_cf44_c003_8052,
    0x0006_738c_c740_7977,
    0x0002_406d_9dc5_6dff,
];

/// Eight points to be added: y + x, y - x, 2d·x·y.
#[derive(Clone, Copy)]
pub(super) struct Summands {
    plus: Element,
    minus: Element,
    product: Element,
}

/// Eight sums: x = X/Z, y = Y/Z, x·y = T/Z.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    pub(super) x: Element,
    pub(super) y: Element,
    pub(super) z: Element,
    pub(super) t: Element,
}

impl Summands {
    /// Of affine points.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn of_affine(x: Element, y: Element) -> Self {
        let product = x.mul(y).mul(Element::splat(TWICE_D));
        Self { plus: y.plus(x), minus: y.minus(x), product }
    }

    /// One point in each lane.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn gather(points: [&Point; 8]) -> Self {
        let mut first = [load(&[0; 8]); 8];
        let mut second = first;
        for ((first, second), point) in first.iter_mut().zip(&mut second).zip(points) {
            *first = load(&point.0[0]);
            *second = load(&point.0[1]);
        }
        let [p0, p1, p2, p3, p4, m0, m1, m2] = transpose(&first);
        let [m3, m4, t0, t1, t2, t3, t4, _] = transpose(&second);
        Self {
            plus: Element::of([p0, p1, p2, p3, p4]),
            minus: Element::of([m0, m1, m2, m3, m4]),
            product: Element::of([t0, t1, t2, t3, t4]),
        }
    }

    /// The points of the lanes.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn points(self) -> [Point; 8] {
        let [p0, p1, p2, p3, p4] = self.plus.limbs();
        let [m0, m1, m2, m3, m4] = self.minus.limbs();
        let [t0, t1, t2, t3, t4] = self.product.limbs();
        let first = transpose(&[p0, p1, p2, p3, p4, m0, m1, m2]);
        let second = transpose(&[m3, m4, t0, t1, t2, t3, t4, load(&[0; 8])]);
        let mut points = [Point::NEUTRAL; 8];
        for ((point, first), second) in points.iter_mut().zip(first).zip(second) {
            *point = Point([store(first), store(second)]);
        }
        points
    }
}

impl Sums {
    /// The neutral element in all lanes.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn neutral() -> Self {
        Self { x: Element::zero(), y: Element::one(), z: Element::one(), t: Element::zero() }
    }

    /// Adds a point in each lane, and subtracts it in the lanes of `negative`: the negative has y + x and y - x
    /// exchanged and the other sign of x·y, which exchanges F and G.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn add_signed(self, point: &Summands, negative: u8) -> Self {
        let plus = point.plus.or(negative, point.minus);
        let minus = point.minus.or(negative, point.plus);
        let a = self.y.minus(self.x).times(minus);
        let b = self.y.plus(self.x).times(plus);
        let c = self.t.times(point.product);
        let d = self.z.doubled();
        let (e, h) = (b.minus(a), b.plus(a));
        let (less, more) = (d.minus(c), d.plus(c));
        let (f, g) = (less.or(negative, more), more.or(negative, less));
        Self { x: e.mul(f), y: g.mul(h), z: f.mul(g), t: e.mul(h) }
    }

    /// The sums of two sums.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn add(self, other: Self) -> Self {
        let a = self.y.minus(self.x).times(other.y.minus(other.x));
        let b = self.y.plus(self.x).times(other.y.plus(other.x));
        let c = self.t.mul(Element::splat(TWICE_D)).times(other.t);
        let d = self.z.mul(other.z).doubled();
        let (e, h) = (b.minus(a), b.plus(a));
        let (f, g) = (d.minus(c), d.plus(c));
        Self { x: e.mul(f), y: g.mul(h), z: f.mul(g), t: e.mul(h) }
    }

    /// Twice each: E, F, G and H all with the other sign than in the paper's `dbl-2008-hwcd`, which cancels.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn double(self) -> Self {
        let (a, b) = (self.x.squared(), self.y.squared());
        let h = a.plus(b);
        let e = h.wide().minus(self.x.plus(self.y).squared());
        let g = a.minus(b);
        let f = self.z.square().doubled().plus(g.wide());
        Self { x: e.mul(f), y: g.mul(h), z: f.mul(g), t: e.mul(h) }
    }

    /// One sum in each lane.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn gather(rows: [&Row; 8]) -> Self {
        let mut pieces = [[load(&[0; 8]); 8]; 3];
        for (place, pieces) in pieces.iter_mut().enumerate() {
            for (piece, row) in pieces.iter_mut().zip(rows) {
                *piece = row.0.get(place).map_or_else(|| load(&[0; 8]), |words| load(words));
            }
        }
        let [x0, x1, x2, x3, x4, y0, y1, y2] = transpose(&pieces[0]);
        let [y3, y4, z0, z1, z2, z3, z4, t0] = transpose(&pieces[1]);
        let [t1, t2, t3, t4, ..] = transpose(&pieces[2]);
        Self {
            x: Element::of([x0, x1, x2, x3, x4]),
            y: Element::of([y0, y1, y2, y3, y4]),
            z: Element::of([z0, z1, z2, z3, z4]),
            t: Element::of([t0, t1, t2, t3, t4]),
        }
    }

    /// The sums of the lanes.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    #[inline]
    pub(super) fn rows(self) -> [Row; 8] {
        let [x0, x1, x2, x3, x4] = self.x.limbs();
        let [y0, y1, y2, y3, y4] = self.y.limbs();
        let [z0, z1, z2, z3, z4] = self.z.limbs();
        let [t0, t1, t2, t3, t4] = self.t.limbs();
        let zero = load(&[0; 8]);
        let first = transpose(&[x0, x1, x2, x3, x4, y0, y1, y2]);
        let second = transpose(&[y3, y4, z0, z1, z2, z3, z4, t0]);
        let third = transpose(&[t1, t2, t3, t4, zero, zero, zero, zero]);
        let mut rows = [Row::NEUTRAL; 8];
        for (((row, first), second), third) in rows.iter_mut().zip(first).zip(second).zip(third) {
            *row = Row([store(first), store(second), store(third)]);
        }
        rows
    }
}
