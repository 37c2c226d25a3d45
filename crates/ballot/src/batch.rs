//! Many ballots checked together (§9).
//!
//! The five equations of all ballots, each times a random weight of its own, are added up to one sum; the bases that
//! ballots share (generators, keys, the commitments of a ring) occur in it once. A sum that is not the identity is
//! split until the false ballots are named.

mod search;
mod sum;

use crate::ballot::UnverifiedBallot;
use crate::group::Group;
use crate::ring::{Ring, RingIndex};
use crate::setting::Setting;
use crate::verify::{BallotError, Opened, VerifiedBallot, conclude};
use crate::weights::Weights;
use search::{Judged, search};
use sinpyo_core::key::Entropy;
use std::collections::BTreeMap;

/// Most ballots added up to one sum: their points (2.7 MB) stay in the cache.
const BATCH: usize = 1024;
/// Most rings in one sum: each adds its commitments and an accumulator for each of them.
const RINGS: usize = 16;

/// Checks ballots of one style. `rings` are those that they may name, none in profile `token`.
///
/// The results stand in the order of `ballots` and are those of [`crate::verify::verify`], but for a chance of 2^-128.
/// A batch of which `k` ballots are false costs about `k · log n` sums more, never much more than twice what checking
/// each one alone costs: nobody makes it expensive by false ballots in many rings.
pub fn verify_batch<G: Group>(
    setting: &Setting<G>,
    rings: &[&Ring<G>],
    ballots: &[UnverifiedBallot<G>],
    entropy: &mut dyn Entropy,
) -> Vec<Result<VerifiedBallot<G>, BallotError>> {
    let rings: BTreeMap<RingIndex, &Ring<G>> =
        rings.iter().map(|ring| (ring.roster().index(), *ring)).collect();
    // [BAL-16]
    let weights = Weights::new(ballots.iter().map(|ballot| ballot.digest.as_slice()), entropy);
    let mut results: Vec<(usize, Result<VerifiedBallot<G>, BallotError>)> = Vec::with_capacity(ballots.len());
    for batch in batches(ballots) {
        let mut opened = Vec::with_capacity(batch.len());
        // All together: decoding is fastest in long rows.
        let encodings: Vec<_> =
            batch.iter().flat_map(|(_, ballot)| ballot.encodings.iter().copied()).collect();
        let decoded = G::decode_public(&encodings);
        let mut decoded = decoded.as_slice();
        for (place, ballot) in batch {
            let ring = ballot.ring().and_then(|index| rings.get(&index).copied());
            let (own, others) = decoded.split_at(ballot.encodings.iter().count().min(decoded.len()));
            decoded = others;
            match Opened::of_decoded(setting, ring, ballot, own) {
                Ok(ballot) => opened.push((place, ballot)),
                Err(error) => results.push((place, Err(error))),
            }
        }
        let judged = search(setting, &weights, &opened);
        results.extend(opened.into_iter().zip(judged).map(|((place, ballot), judged)| match judged {
            Judged::Holds => (place, Ok(VerifiedBallot::assert(ballot))),
            // [BAL-17]
            Judged::Suspect => (place, conclude(setting, ballot)),
        }));
    }
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The ballots with their places, ring by ring, in lists of bounded length.
fn batches<G: Group>(ballots: &[UnverifiedBallot<G>]) -> Vec<Vec<(usize, &UnverifiedBallot<G>)>> {
    let mut sorted: Vec<_> = ballots.iter().enumerate().collect();
    sorted.sort_by_key(|(_, ballot)| ballot.ring());
    let mut batches = Vec::new();
    let mut batch: Vec<(usize, &UnverifiedBallot<G>)> = Vec::new();
    let mut rings = 0usize;
    for entry in sorted {
        let new_ring = batch.last().is_none_or(|(_, last)| last.ring() != entry.1.ring());
        if batch.len() == BATCH || (new_ring && rings == RINGS) {
            batches.push(std::mem::take(&mut batch));
            rings = 0;
        }
        if new_ring || batch.is_empty() {
            rings = rings.saturating_add(1);
        }
        batch.push(entry);
    }
    batches.push(batch);
    batches
}

#[cfg(test)]
mod tests;
