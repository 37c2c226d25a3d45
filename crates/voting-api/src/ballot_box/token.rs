//! Tokens are spent on a ballot: the first whose proof is looked at.

use crate::service::Service;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::hash::sha256;
use sinpyo_state::{CommitError, Key, OwnedChange, Space, Unavailable};

const SPACE: Space = Space::new("voting.token");

/// Losses of a whole list to one that another node spent, after which each token is spent by itself.
const ROUNDS: usize = 8;

/// Spends each token on its ballot; which of them are spent on it now. One that was spent on the same bytes before is.
///
/// A token names one ballot from here on, so that whoever was not answered may post the same bytes again. Nothing of the
/// record says when it was made: it has no time and no address.
pub(super) fn spend(
    service: &Service,
    election: &ElectionId,
    pairs: &[([u8; 32], &[u8])],
    now: Timestamp,
) -> Result<Vec<bool>, Unavailable> {
    let state = &*service.settings.state;
    let bind = |(token, ballot): &([u8; 32], &[u8])| {
        let key = Key::secret(SPACE, &[&election.0[..], token].concat());
        (key, sha256(ballot))
    };
    let bound: Vec<(Key, [u8; 32])> = pairs.iter().map(bind).collect();
    let mut open: Vec<usize> = (0..bound.len()).collect();
    let mut spent = vec![false; bound.len()];
    let mut rounds = 0;
    while !open.is_empty() {
        // All together in one step: the usual case.
        let together = if rounds < ROUNDS { open.len() } else { 1 };
        rounds += 1;
        let now_open: Vec<usize> = open.iter().copied().take(together).collect();
        let insert = |place: &usize| {
            bound.get(*place).map(|(key, digest)| OwnedChange::insert(key.clone(), digest.to_vec(), None))
        };
        let changes: Vec<OwnedChange> = now_open.iter().filter_map(insert).collect();
        match state.commit_owned(&changes) {
            Ok(()) => {
                for place in &now_open {
                    mark(&mut spent, *place, true); // [VTS-12]
                }
                open.drain(..together.min(open.len()));
            }
            Err(CommitError::Conflict { index }) => {
                let Some(place) = now_open.get(index).copied() else { return Err(Unavailable) };
                let Some((key, digest)) = bound.get(place) else { return Err(Unavailable) };
                let record = state.get(key, now)?;
                mark(&mut spent, place, record.is_some_and(|record| record.data == digest)); // [VTS-12]
                open.retain(|other| *other != place);
            }
            Err(_) => return Err(Unavailable),
        }
    }
    Ok(spent)
}

fn mark(spent: &mut [bool], place: usize, value: bool) {
    if let Some(one) = spent.get_mut(place) {
        *one = value;
    }
}
