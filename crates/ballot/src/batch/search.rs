//! Finding the false ballots of a batch.

use super::sum::BatchSum;
use crate::group::{Element, Group};
use crate::setting::Setting;
use crate::verify::Opened;
use crate::weights::Weights;

/// So few ballots of a ring are checked one by one: a sum over their ring would cost as much.
const ALONE: usize = 2;

/// What a batch says of one of its ballots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Its equations hold.
    Holds,
    /// It is one of few of which one is false.
    Suspect,
}

/// Judges ballots, each with its place in the whole batch.
pub(super) fn search<G: Group>(
    setting: &Setting<G>,
    weights: &Weights,
    ballots: &[(usize, Opened<'_, G>)],
) -> Vec<Judged> {
    let mut judged = Vec::with_capacity(ballots.len());
    let total = total(setting, weights, ballots);
    split(setting, weights, ballots, total, &mut judged);
    judged
}

/// Halves what does not add up. Every ballot keeps its weights, so the second half's sum is what the first half's
/// leaves of the whole: one sum for each halving.
fn split<G: Group>(
    setting: &Setting<G>,
    weights: &Weights,
    ballots: &[(usize, Opened<'_, G>)],
    sum: G::Point,
    judged: &mut Vec<Judged>,
) {
    if sum == G::Point::identity() {
        judged.extend(ballots.iter().map(|_| Judged::Holds));
    } else if few(ballots) {
        judged.extend(ballots.iter().map(|_| Judged::Suspect));
    } else {
        let (left, right) = ballots.split_at(ballots.len() / 2);
        let first = total(setting, weights, left);
        split(setting, weights, left, first, judged);
        split(setting, weights, right, sum - first, judged);
    }
}

fn total<G: Group>(setting: &Setting<G>, weights: &Weights, ballots: &[(usize, Opened<'_, G>)]) -> G::Point {
    let mut sum = BatchSum::new(setting);
    for (place, ballot) in ballots {
        sum.add(ballot, weights.of(*place));
    }
    sum.total()
}

/// Whether halving costs more than it finds: every sum goes over all commitments of the rings that occur in it.
pub(super) fn few<G: Group>(ballots: &[(usize, Opened<'_, G>)]) -> bool {
    // Ballots of one ring stand together.
    let rings = ballots.chunk_by(|(_, left), (_, right)| left.ballot.ring() == right.ballot.ring());
    ballots.len() <= rings.count().saturating_mul(ALONE)
}
