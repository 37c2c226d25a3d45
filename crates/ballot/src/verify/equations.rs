//! What the left side of each equation is more than the right side.

use super::{Equation, Opened};
use crate::group::{Field, Group};
use crate::setting::Setting;

/// The five residuals; all are the identity when the proof holds.
pub(crate) fn residuals<G: Group>(setting: &Setting<G>, opened: &Opened<'_, G>) -> [(Equation, G::Point); 5] {
    [
        (Equation::Rows, rows(setting, opened)),
        (Equation::Alpha, alpha(setting, opened)),
        (Equation::Beta, beta(setting, opened)),
        (Equation::Ring, ring(setting, opened)),
        (Equation::Tag, tag(setting, opened)),
    ]
}

/// `x·B + A - Σ f_c·P_c - Σ f_c(x - f_c)·Q_c - zA·H`
// [BAL-11]
fn rows<G: Group>(setting: &Setting<G>, opened: &Opened<'_, G>) -> G::Point {
    let x = opened.challenge;
    let mut sum = Sum::<'_, G>::default();
    sum.add(x, &opened.points.rows);
    sum.add(G::Scalar::ONE, &opened.points.masks);
    for ((f, left), right) in opened.columns.iter().zip(&setting.public().left).zip(&setting.public().right) {
        sum.add(-*f, left);
        sum.add(-(*f * (x - *f)), right);
    }
    sum.add(-opened.ballot.responses.rows, &setting.public().blinding);
    sum.total()
}

/// `x·α + T0 - zρ·G`
// [BAL-12]
fn alpha<G: Group>(setting: &Setting<G>, opened: &Opened<'_, G>) -> G::Point {
    let mut sum = Sum::<'_, G>::default();
    sum.add(opened.challenge, &opened.points.alpha);
    sum.add(G::Scalar::ONE, &opened.points.alpha_first);
    sum.add(-opened.ballot.responses.encryption, &setting.public().base);
    sum.total()
}

/// `Σ_i e^i·(x·β_i) + T1 - (Σ_i e^i·f_i)·G - zρ·(Σ_i e^i·K_i)`
// [BAL-13]
fn beta<G: Group>(setting: &Setting<G>, opened: &Opened<'_, G>) -> G::Point {
    let options = setting.shape().options_of(&opened.columns);
    let keyed = opened.points.beta.iter().zip(&setting.public().keys).zip(options);
    let mut sum = Sum::<'_, G>::default();
    let mut votes = G::Scalar::ZERO;
    for (power, ((beta, key), f)) in opened.first.powers().zip(keyed) {
        sum.add(power * opened.challenge, beta);
        sum.add(-(power * opened.ballot.responses.encryption), key);
        votes += power * *f;
    }
    sum.add(G::Scalar::ONE, &opened.points.beta_first);
    sum.add(-votes, &setting.public().base);
    sum.total()
}

/// `Σ_k x^k·X_k + zs·Gs + zr·H - Σ_i (Π_j f_{j,i_j})·C_i`
// [BAL-14]
fn ring<G: Group>(setting: &Setting<G>, opened: &Opened<'_, G>) -> G::Point {
    let mut sum = Sum::<'_, G>::default();
    let Some(ring) = opened.ring else { return sum.total() };
    let digits: Vec<&[G::Scalar]> = setting.shape().digits_of(&opened.columns).collect();
    let weights = products(&digits, -G::Scalar::ONE);
    for (weight, member) in weights.iter().zip(ring.public()) {
        sum.add(*weight, member);
    }
    for (power, point) in powers(opened.challenge).zip(&opened.points.ring) {
        sum.add(power, point);
    }
    sum.add(opened.ballot.responses.tag, &setting.public().secret);
    sum.add(opened.ballot.responses.opening, &setting.public().blinding);
    sum.total()
}

/// `Y0 + zs·U - x^D·T`, with `x^1` in profile `token`.
// [BAL-15]
fn tag<G: Group>(setting: &Setting<G>, opened: &Opened<'_, G>) -> G::Point {
    let mut sum = Sum::<'_, G>::default();
    sum.add(G::Scalar::ONE, &opened.points.tag_first);
    sum.add(opened.ballot.responses.tag, &setting.public().tag);
    sum.add(-tag_power(setting, opened.challenge), &opened.points.tag);
    sum.total()
}

/// `x^D`, or `x` in profile `token`.
pub(crate) fn tag_power<G: Group>(setting: &Setting<G>, challenge: G::Scalar) -> G::Scalar {
    (0..setting.shape().digits().max(1)).fold(G::Scalar::ONE, |power, _| power * challenge)
}

/// `1, x, x², …`
pub(crate) fn powers<S: Field>(challenge: S) -> impl Iterator<Item = S> {
    std::iter::successors(Some(S::ONE), move |power| Some(*power * challenge))
}

/// `scale · Π_j f_{j,i_j}` for every position `i` of as many digits, the first digit the lowest.
pub(crate) fn products<S: Field>(digits: &[&[S]], scale: S) -> Vec<S> {
    digits.iter().rev().fold(vec![scale], |higher, row| {
        higher.iter().flat_map(|product| row.iter().map(move |f| *product * *f)).collect()
    })
}

/// A sum of products being collected.
#[derive(Debug)]
struct Sum<'p, G: Group> {
    scalars: Vec<G::Scalar>,
    points: Vec<&'p G::Public>,
}

impl<G: Group> Default for Sum<'_, G> {
    fn default() -> Self {
        Self { scalars: Vec::new(), points: Vec::new() }
    }
}

impl<'p, G: Group> Sum<'p, G> {
    fn add(&mut self, scalar: G::Scalar, point: &'p G::Public) {
        self.scalars.push(scalar);
        self.points.push(point);
    }

    fn total(&self) -> G::Point {
        G::sum_of_public(&self.scalars, &self.points)
    }
}
