//! Equations that say "this sum is the neutral element", many of them checked at once.
//!
//! A batch adds the equations up, each times a random weight of its own. One false equation makes the sum wrong
//! but with probability 2^-128; then the batch is split until the false ones are named.

use crate::group::{Element, Field, Group};
use crate::hash::Transcript;
use sinpyo_core::{Secret, key::Entropy};

/// How many equations are added up at once: their points stay in the cache.
pub(crate) const BATCH: usize = 1024;

/// `Σ shared · bases + Σ own = neutral`, where the bases are those of the whole batch.
#[derive(Clone, Debug)]
pub(crate) struct Equation<G: Group> {
    /// One scalar for each base of the batch.
    pub(crate) shared: Vec<G::Scalar>,
    /// Terms of this equation alone.
    pub(crate) own: Vec<(G::Scalar, G::Point)>,
    /// A hash of everything that the equation was made from.
    pub(crate) digest: [u8; 64],
}

impl<G: Group> Equation<G> {
    /// Whether it holds.
    pub(crate) fn holds(&self, bases: &[G::Point]) -> bool {
        sum(bases, std::iter::once((self, G::Scalar::ONE))) == G::Point::identity()
    }
}

/// The places of the equations that do not hold, ascending.
///
/// The weights depend on the whole batch and on 32 bytes of the verifier's own randomness: who makes a batch
/// cannot know them.
pub(crate) fn failing<G: Group>(
    bases: &[G::Point],
    equations: &[Equation<G>],
    entropy: &mut dyn Entropy,
) -> Vec<usize> {
    let mut failing = Vec::new();
    for (number, batch) in equations.chunks(BATCH).enumerate() {
        let mut weights = Weights::new(batch.iter().map(|equation| equation.digest), entropy);
        split(bases, batch, number.saturating_mul(BATCH), &mut weights, &mut failing);
    }
    failing
}

/// Halves a batch that fails. With `k` false equations among `n` it costs about `k · log n` sums, and with all
/// of them false `log n` times the work for one batch.
fn split<G: Group>(
    bases: &[G::Point],
    batch: &[Equation<G>],
    offset: usize,
    weights: &mut Weights,
    failing: &mut Vec<usize>,
) {
    let weighted = batch.iter().map(|equation| (equation, weights.next_scalar::<G>()));
    if sum(bases, weighted) == G::Point::identity() {
        return;
    }
    if batch.len() == 1 {
        failing.push(offset);
        return;
    }
    let half = batch.len() / 2;
    let (left, right) = batch.split_at(half);
    split(bases, left, offset, weights, failing);
    split(bases, right, offset.saturating_add(half), weights, failing);
}

fn sum<'e, G: Group>(
    bases: &[G::Point],
    equations: impl Iterator<Item = (&'e Equation<G>, G::Scalar)>,
) -> G::Point {
    let mut scalars = vec![G::Scalar::ZERO; bases.len()];
    let mut points = bases.to_vec();
    for (equation, weight) in equations {
        for (total, shared) in scalars.iter_mut().zip(&equation.shared) {
            *total += weight * *shared;
        }
        // `extend` keeps the two lists equally long.
        for (scalar, point) in &equation.own {
            scalars.push(weight * *scalar);
            points.push(*point);
        }
    }
    G::public_sum_of_products(&scalars, &points)
}

/// Random 128-bit numbers.
struct Weights {
    seed: Secret<[u8; 64]>,
    drawn: u32,
}

impl Weights {
    fn new(digests: impl Iterator<Item = [u8; 64]>, entropy: &mut dyn Entropy) -> Self {
        let mut fresh = [0; 32];
        entropy.fill(&mut fresh);
        let begun = Transcript::secret("batch-weights").field(&fresh);
        let seed = digests.fold(begun, |all, digest| all.field(&digest));
        Self { seed: Secret::new(seed.hash()), drawn: 0 }
    }

    fn next_scalar<G: Group>(&mut self) -> G::Scalar {
        let hash = Transcript::secret("batch-weight").field(self.seed.expose()).number(self.drawn).hash();
        self.drawn = self.drawn.wrapping_add(1);
        let [low, ..] = hash.as_chunks::<16>().0 else { return G::Scalar::ONE };
        G::Scalar::from(u128::from_le_bytes(*low))
    }
}
