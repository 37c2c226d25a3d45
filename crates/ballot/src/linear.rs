//! Equations that say "this sum is the neutral element", many of them checked at once.
//!
//! A batch adds the equations up, each times a random weight of its own. One false equation makes the sum wrong
//! but with probability 2^-128; then the batch is split until the false ones are named.

use crate::group::{Element, Field, Group};
use crate::weights::Weights;
use sinpyo_core::key::Entropy;

/// How many equations are added up at once: their points stay in the cache.
pub(crate) const BATCH: usize = 1024;

/// `Σ shared · bases + Σ own = neutral`, where the bases are those of the whole batch.
#[derive(Clone, Debug)]
pub(crate) struct Equation<G: Group> {
    /// One scalar for each base of the batch.
    pub(crate) shared: Vec<G::Scalar>,
    /// Terms of this equation alone.
    pub(crate) own: Vec<(G::Scalar, G::Public)>,
    /// A hash of everything that the equation was made from.
    pub(crate) digest: [u8; 64],
}

impl<G: Group> Equation<G> {
    /// Whether it holds.
    pub(crate) fn holds(&self, bases: &[G::Public]) -> bool {
        sum(bases, &[Weighted { place: 0, equation: self, weight: G::Scalar::ONE }]) == G::Point::identity()
    }
}

/// The places of the equations that do not hold, ascending.
///
/// The weights depend on the whole batch and on 32 bytes of the verifier's own randomness: who makes a batch
/// cannot know them.
pub(crate) fn failing<G: Group>(
    bases: &[G::Public],
    equations: &[Equation<G>],
    entropy: &mut dyn Entropy,
) -> Vec<usize> {
    let mut failing = Vec::new();
    for (number, batch) in equations.chunks(BATCH).enumerate() {
        // [BAL-16]
        let weights = Weights::new(batch.iter().map(|equation| equation.digest.as_slice()), entropy);
        let weighted: Vec<_> = batch
            .iter()
            .enumerate()
            .map(|(place, equation)| {
                let [weight, ..] = weights.of(place);
                let place = number.saturating_mul(BATCH).saturating_add(place);
                Weighted { place, equation, weight: G::Scalar::from(weight) }
            })
            .collect();
        split(bases, &weighted, sum(bases, &weighted), &mut failing);
    }
    failing
}

/// An equation with its weight, which it keeps.
struct Weighted<'e, G: Group> {
    place: usize,
    equation: &'e Equation<G>,
    weight: G::Scalar,
}

/// Halves a batch that fails; the second half's sum is what the first half's leaves of the whole. With `k` false
/// equations among `n` it costs about `k · log n` sums, and with all of them false half of `log n` times the work
/// for one batch.
fn split<G: Group>(
    bases: &[G::Public],
    batch: &[Weighted<'_, G>],
    total: G::Point,
    failing: &mut Vec<usize>,
) {
    if total == G::Point::identity() {
        return;
    }
    if let [alone] = batch {
        failing.push(alone.place);
        return;
    }
    let (left, right) = batch.split_at(batch.len() / 2);
    let first = sum(bases, left);
    split(bases, left, first, failing);
    split(bases, right, total - first, failing);
}

fn sum<G: Group>(bases: &[G::Public], equations: &[Weighted<'_, G>]) -> G::Point {
    let mut scalars = vec![G::Scalar::ZERO; bases.len()];
    let mut points: Vec<_> = bases.iter().collect();
    for Weighted { equation, weight, .. } in equations {
        for (total, shared) in scalars.iter_mut().zip(&equation.shared) {
            *total += *weight * *shared;
        }
        // Both lists stay equally long.
        for (scalar, point) in &equation.own {
            scalars.push(*weight * *scalar);
            points.push(point);
        }
    }
    G::sum_of_public(&scalars, &points)
}
