//! The ballot box: takes ballots of nobody in particular, checks them together, answers when they are durable.
//!
//! What arrives is looked at for as much as costs nothing, and waits. Workers take batches: they bind each ballot's token
//! to it, check all proofs together, and append what holds. Each ballot is refused or accepted on its own, and is told so
//! once that is in the log; until then the same bytes may be posted again. Who sent it is neither asked nor noted.

mod arrive;
mod batch;
mod booth;
mod token;

pub(crate) use arrive::arrived;

use crate::{
    problem::coded,
    queue::{Full, Lane, Queue, Reply, Waiting},
    service::Service,
};
use http::StatusCode;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_voting::ballots as voting;
use sinpyo_web::problem::Refusal;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The ballots that wait, and what is needed to check them.
#[derive(Debug, Default)]
pub(crate) struct BallotBox {
    queue: Mutex<Queue>,
    booths: Mutex<BTreeMap<ElectionId, Arc<voting::BallotBox>>>,
}

impl BallotBox {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A ballot that arrived and may wait.
pub struct Cast {
    lane: Lane,
    ring: u32,
    bytes: Vec<u8>,
    token: Option<[u8; 32]>,
}

impl fmt::Debug for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cast").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl Service {
    /// Puts a ballot among those that wait; `reply` gets the answer, from this thread or a worker's.
    pub fn cast(&self, cast: Cast, reply: Reply) {
        let Cast { lane, ring, bytes, token } = cast;
        let put = self.ballots.queue().push(lane, Waiting { ring, bytes, token, reply });
        match put {
            Ok(()) => self.settings.workers.wake(),
            Err((full, waiting)) => {
                let refusal = match full {
                    Full::Busy => busy(),
                    Full::Token => spent(),
                };
                (waiting.reply)(self.refused(&refusal));
            }
        }
    }

    /// Checks and appends one batch; whether there was one. To be called by workers, again and again until there is none.
    pub fn work(&self, now: Timestamp, entropy: &mut dyn Entropy) -> bool {
        let Some((lane, batch)) = self.ballots.queue().take() else { return false };
        let tokens: Vec<[u8; 32]> = batch.iter().filter_map(|waiting| waiting.token).collect();
        batch::settle(self, lane, batch, (now, entropy));
        self.ballots.queue().done(lane.election, &tokens);
        true
    }
}

/// Too many wait, or this one does.
fn busy() -> Refusal {
    coded(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        "VTS-11",
        "too many ballots wait, or this one waits already; post the same bytes again",
    )
    .retry_after(Duration::from_secs(2)) // [VTS-11]
}

/// The log did not take what was to be written: nothing was decided about the ballot, and its token is good for it.
fn unwritten() -> Refusal {
    coded(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        "VTS-05",
        "the log cannot be written to now; post the same bytes again",
    )
    .retry_after(Duration::from_secs(2)) // [VTS-05]
}

/// The token was spent on another ballot.
fn spent() -> Refusal {
    coded(StatusCode::FORBIDDEN, "token", "VTS-12", "the token was spent on another ballot") // [VTS-12]
}
