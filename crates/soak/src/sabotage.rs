//! Damage done to the log behind the server's back, so that the harness can be seen to notice.

use crate::{
    server::{Installation, Server, copy_folder},
    soak::Stage,
};
use anyhow::{Context as _, Result, anyhow};
use sinpyo_core::time::{Clock, Timestamp};
use sinpyo_registry::{
    Fold,
    engine::{LogEngine, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite},
};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::note::Origin;
use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, UNIX_EPOCH},
};

/// A way to break the log's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// The data folder is put back to an older copy of itself.
    Lose,
    /// An entry is appended a second time, and signed for.
    Double,
    /// Clients are led to an older copy that goes on by itself under the same key, and then back.
    Fork,
}

impl Sabotage {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Lose, Self::Double, Self::Fork];

    /// As on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lose => "lose",
            Self::Double => "double",
            Self::Fork => "fork",
        }
    }

    /// Whether it needs a copy of the folder from half-time.
    pub(crate) const fn needs_copy(self) -> bool {
        matches!(self, Self::Lose | Self::Fork)
    }

    /// Does it; clients still submit.
    ///
    /// # Errors
    /// The server does not start, or the log is not where it should be.
    pub(crate) fn commit(self, stage: &mut Stage<'_>) -> Result<()> {
        match self {
            Self::Lose => {
                stage.stop()?;
                let data = &stage.installation.data;
                fs::remove_dir_all(data)?;
                copy_folder(&stage.copy(), data)?;
                stage.start()
            }
            Self::Double => {
                stage.stop()?;
                double(&stage.installation.data, stage.key.name())?;
                stage.start()
            }
            Self::Fork => {
                stage.stop()?;
                let other = Installation { data: stage.copy(), ..stage.installation.clone() };
                let forked = Server::start(&other)?;
                stage.proxy.lead_to(forked.address());
                stage.admits().context("the fork takes nothing")?;
                thread::sleep(FORK);
                forked.stop()?;
                stage.start()
            }
        }
    }
}

/// Long enough that clients look at a checkpoint of the fork.
const FORK: Duration = Duration::from_secs(3);

/// Appends the entry in the middle of the log again.
pub(crate) fn double(data: &Path, origin: &Origin) -> Result<()> {
    let sequencing = Doubling(Fold::new(origin.clone()));
    let log = SqliteLog::open(&data.join("ledger.db"), sequencing, WallClock)?;
    again(&log)
}

/// Appends the entry in the middle of `log`, sequenced by [`Doubling`], again.
pub(crate) fn again(log: &dyn LogEngine) -> Result<()> {
    let middle = log.head()?.size / 2;
    let entry = log.entries(middle..middle + 1)?.pop().context("the log is empty")?;
    let answer = log.append(vec![[AGAIN, entry.as_slice()].concat()]).pop();
    answer.context("no answer")?.map_err(|error| anyhow!(error)).map(drop)
}

const AGAIN: &[u8] = b"again:";

/// The registry's rules, and a back door.
#[derive(Debug)]
pub(crate) struct Doubling(pub(crate) Fold);

impl Sequencing for Doubling {
    fn sequence(&self, state: &dyn StateView, at: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        match submission.strip_prefix(AGAIN) {
            Some(entry) => Ok(NewEntry { entry: entry.to_vec(), writes: Vec::new() }),
            None => self.0.sequence(state, at, submission),
        }
    }

    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        self.0.replay(state, index, entry)
    }
}

/// The machine's clock.
#[derive(Debug)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let seconds = UNIX_EPOCH.elapsed().ok().and_then(|since| i64::try_from(since.as_secs()).ok());
        seconds.and_then(Timestamp::from_unix).unwrap_or_else(|| {
            eprintln!("error: the system clock is out of range");
            std::process::exit(1)
        })
    }
}
