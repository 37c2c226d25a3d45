//! Checkpoints: signed when there is something new, shown to the witnesses, and published.
//!
//! A new checkpoint is published as soon as the policy's quorum has cosigned it, or without it when that takes too long:
//! the log goes on when witnesses are down, and the operator is alarmed.

use super::metrics::Metrics;
use crate::{log_keys::LogSigners, published::Published};
use sinpyo_core::time::{Clock as _, Timestamp};
use sinpyo_registry::engine::{EngineError, LogEngine, PublishError};
use sinpyo_tlog::{
    checkpoint::{SignCheckpointError, SignedCheckpoint},
    note::NoteSignature,
    policy::Policy,
};
use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How often the log is looked at.
const PERIOD: Duration = Duration::from_millis(200);
/// How long a new checkpoint waits for its quorum. What was acknowledged is published within a second all the same.
const PATIENCE: Duration = Duration::from_millis(600);
/// How often witnesses are asked to look again at a log that does not grow, so that its checkpoint stays recent.
const REFRESH: Duration = Duration::from_secs(15);

/// Makes the checkpoints of one log.
pub(crate) struct Publisher {
    pub(super) engine: Arc<dyn LogEngine>,
    signers: Arc<LogSigners>,
    last: Published,
    pub(super) policy: Policy,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: crate::os::SharedClock,
    pub(super) news: watch::Sender<u64>,
    board: Mutex<Board>,
    changed: Condvar,
    publishing: Mutex<()>,
}

/// What the publisher and the witnesses' messengers share.
#[derive(Default)]
struct Board {
    newest: Option<Candidate>,
    /// Rises when the witnesses have something to look at.
    round: u64,
    stopped: bool,
}

struct Candidate {
    checkpoint: SignedCheckpoint,
    since: Instant,
    shown: Instant,
    published: bool,
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

impl Publisher {
    pub(super) fn new(
        engine: Arc<dyn LogEngine>,
        (signers, last): (Arc<LogSigners>, Published),
        policy: Policy,
        metrics: Arc<Metrics>,
        clock: crate::os::SharedClock,
    ) -> Self {
        let (news, board, changed) = (watch::Sender::new(0), Mutex::default(), Condvar::new());
        let publishing = Mutex::default();
        Self { engine, signers, last, policy, metrics, clock, news, board, changed, publishing }
    }

    /// Publishes until [`Publisher::stop`] is called, and a last time then.
    pub(super) fn run(&self) {
        while !self.board().stopped {
            if let Err(error) = self.look() {
                tracing::error!(%error, "no checkpoint was published");
            }
            let board = self.board();
            let _woken = self.changed.wait_timeout(board, PERIOD);
        }
        if let Err(error) = self.sign_newest().and_then(|checkpoint| self.publish(&checkpoint)) {
            tracing::error!(%error, "no last checkpoint was published");
        }
    }

    /// Ends [`Publisher::run`] and everybody who waits for a round.
    pub(super) fn stop(&self) {
        self.board().stopped = true;
        self.changed.notify_all();
    }

    /// The checkpoint that witnesses are to look at once the round is another than `last`; `None` when all is over.
    pub(super) fn next_round(&self, last: u64) -> Option<(u64, SignedCheckpoint)> {
        let board = self.board();
        let board = self.changed.wait_while(board, |board| !board.stopped && board.round == last);
        let board = board.unwrap_or_else(PoisonError::into_inner);
        if board.stopped {
            return None;
        }
        board.newest.as_ref().map(|newest| (board.round, newest.checkpoint.clone()))
    }

    /// Waits for `pause`, or less when all is over.
    pub(super) fn pause(&self, pause: Duration) {
        let waited = self.changed.wait_timeout_while(self.board(), pause, |board| !board.stopped);
        drop(waited);
    }

    /// Adds cosignatures to the checkpoint that was shown as `shown`, if that is still the newest.
    pub(super) fn cosigned(&self, shown: &SignedCheckpoint, lines: Vec<NoteSignature>) {
        let mut board = self.board();
        let Some(newest) = &mut board.newest else { return };
        if newest.checkpoint.claimed_head() != shown.claimed_head() {
            return;
        }
        match newest.checkpoint.clone().with_signatures(lines) {
            Ok(more) => newest.checkpoint = more,
            Err(error) => return tracing::error!(%error, "a cosignature does not fit"),
        }
        // The looking is done by one thread: it publishes what is complete.
        let again = newest.published.then(|| newest.checkpoint.clone());
        drop(board);
        match again {
            Some(checkpoint) => {
                if let Err(error) = self.publish(&checkpoint) {
                    tracing::warn!(%error, "a later cosignature was not published");
                }
            }
            None => self.changed.notify_all(),
        }
    }

    /// Looks once: signs what is new, publishes what is ready.
    fn look(&self) -> Result<(), PublishFailed> {
        let head = self.engine.head().map_err(PublishFailed::Engine)?;
        let published = self.engine.checkpoint().map_err(PublishFailed::Engine)?;
        let out = published.as_ref().map_or(0, |published| published.claimed_head().size);
        // Also what another server on the same database published.
        if let Some(published) = &published {
            self.last.remember(published).map_err(PublishFailed::Remember)?;
        }
        self.metrics.entries.store(head.size, Relaxed);
        self.metrics.published.store(out, Relaxed);
        self.news.send_if_modified(|size| std::mem::replace(size, out) != out);
        let mut board = self.board();
        if let Some(newest) = &mut board.newest {
            let size = newest.checkpoint.claimed_head().size;
            if !newest.published && out <= size {
                let complete = self.policy.verify(&newest.checkpoint).is_ok();
                if !complete && newest.since.elapsed() < PATIENCE {
                    return Ok(());
                }
                if !complete {
                    self.metrics.unwitnessed.fetch_add(1, Relaxed);
                    tracing::warn!(size, "published without the quorum of witnesses");
                }
                newest.published = true;
                let checkpoint = newest.checkpoint.clone();
                drop(board);
                return self.publish(&checkpoint);
            }
        }
        let is_stale = |newest: &Candidate| newest.shown.elapsed() >= REFRESH;
        if head.size > out {
            drop(board);
            let checkpoint = self.sign_newest()?;
            let (since, shown) = (Instant::now(), Instant::now());
            self.board().newest = Some(Candidate { checkpoint, since, shown, published: false });
        } else if board.newest.as_ref().is_none_or(is_stale) {
            let Some(checkpoint) = published else { return Ok(()) };
            let (since, shown) = (Instant::now(), Instant::now());
            board.newest = Some(Candidate { checkpoint, since, shown, published: true });
            drop(board);
        } else {
            return Ok(());
        }
        self.board().round += 1;
        self.changed.notify_all();
        if self.policy.demands_witnesses() { Ok(()) } else { self.look_again() }
    }

    /// Without witnesses there is nothing to wait for.
    fn look_again(&self) -> Result<(), PublishFailed> {
        let waiting = {
            let mut board = self.board();
            let newest = board.newest.as_mut().filter(|newest| !newest.published);
            newest.map(|newest| {
                newest.published = true;
                newest.checkpoint.clone()
            })
        };
        waiting.map_or(Ok(()), |checkpoint| self.publish(&checkpoint))
    }

    /// States the newest size and root, and notes that before anybody sees it.
    fn sign_newest(&self) -> Result<SignedCheckpoint, PublishFailed> {
        let head = self.engine.head().map_err(PublishFailed::Engine)?;
        let checkpoint = self.signers.sign(head).map_err(PublishFailed::Sign)?;
        self.last.remember(&checkpoint).map_err(PublishFailed::Remember)?;
        Ok(checkpoint)
    }

    /// Publishes `checkpoint` with the cosignatures that another server may have added to the same one.
    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishFailed> {
        // Messengers bring cosignatures of the same checkpoint at the same time: none of them is to be lost.
        let _one_at_a_time = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.engine.checkpoint().map_err(PublishFailed::Engine)?;
        let same = before.filter(|before| before.claimed_head() == checkpoint.claimed_head());
        let whole = match same {
            Some(before) => before
                .with_signatures(checkpoint.signatures().iter().cloned())
                .map_err(|error| PublishFailed::Sign(SignCheckpointError::Note(error)))?,
            None => checkpoint.clone(),
        };
        match self.engine.publish(&whole) {
            // Another server was faster with a larger one: that one covers ours.
            Ok(()) | Err(PublishError::Shrinks) => {}
            Err(error) => return Err(PublishFailed::Publish(error)),
        }
        let size = whole.claimed_head().size;
        self.metrics.published.fetch_max(size, Relaxed);
        self.metrics.published_at.store(self.now().unix(), Relaxed);
        self.news.send_if_modified(|seen| std::mem::replace(seen, size) != size);
        Ok(())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why no checkpoint was published.
#[derive(Debug, thiserror::Error)]
pub(super) enum PublishFailed {
    #[error("the checkpoint was not signed")]
    Sign(#[source] SignCheckpointError),
    #[error("what is published could not be noted beside the log's key: {0:#}")]
    Remember(anyhow::Error),
    #[error("the log did not take the checkpoint: {0}")]
    Publish(PublishError),
    #[error(transparent)]
    Engine(EngineError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::{SharedClock, SystemClock};
    use sinpyo_core::encoding::to_base64;
    use sinpyo_registry::engine::{AppendError, Appended, Opaque, StateView};
    use sinpyo_store::MemoryLog;
    use sinpyo_tlog::{
        merkle::TreeHead,
        tile::{ExpandedTile, TileId},
    };
    use std::ops::Range;

    /// A log that takes its time between reading and publishing.
    struct Slow(MemoryLog);

    impl LogEngine for Slow {
        fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
            self.0.append(submissions)
        }

        fn head(&self) -> Result<TreeHead, EngineError> {
            self.0.head()
        }

        fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
            self.0.entries(range)
        }

        fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
            self.0.tile(id)
        }

        fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, EngineError> {
            self.0.expanded(id)
        }

        fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
            self.0.state()
        }

        fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
            std::thread::sleep(Duration::from_millis(20));
            self.0.publish(checkpoint)
        }

        fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
            self.0.checkpoint()
        }
    }

    #[test]
    fn cosignatures_that_come_at_the_same_time_are_all_published() {
        let folder = tempfile::tempdir().unwrap();
        let signers = LogSigners::open(folder.path(), &"log.example/1".parse().unwrap()).unwrap();
        let log = MemoryLog::new(Opaque, SystemClock);
        log.append(vec![b"a".to_vec()]).pop().unwrap().unwrap();
        let policy = Policy::of_log(signers.key.clone());
        let voice = (Arc::new(signers), Published::in_folder(folder.path()).unwrap());
        let clock = SharedClock::new(SystemClock);
        let publisher = Publisher::new(Arc::new(Slow(log)), voice, policy, Arc::default(), clock);
        let signed = publisher.sign_newest().unwrap();
        // Noted before anybody sees it.
        assert_eq!(Published::in_folder(folder.path()).unwrap().head(), Some(signed.claimed_head()));
        std::thread::scope(|scope| {
            for number in 0..8_u8 {
                let line = to_base64(&[number; 76]);
                let cosigned = format!("{signed}\u{2014} w{number}.example {line}\n").parse().unwrap();
                let publisher = &publisher;
                scope.spawn(move || publisher.publish(&cosigned).unwrap());
            }
        });
        let published = publisher.engine.checkpoint().unwrap().unwrap();
        assert_eq!(published.signatures().len(), 1 + 8);
    }
}
