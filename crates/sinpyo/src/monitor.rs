//! A monitor: follows a log, replays what is new, and compares what different people are shown.

mod alarm;
mod sources;

pub(crate) use alarm::{Alarm, Alarms};
pub(crate) use sources::View;

use crate::{
    files::{self, Access},
    registry::replayed::Replayed,
    remote::tiles::TileServer,
};
use anyhow::{Context, Result};
use sinpyo_core::{encoding::to_base64url, time::Timestamp};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    equivocation::{EquivocationProof, FindEquivocationError},
    merkle::{Frontier, Hash, prove_consistency},
    note::Origin,
    policy::Policy,
    tile::TileNodes,
};
use std::{path::PathBuf, time::Duration};

const SEEN: &str = "seen";
const MAX_CHECKPOINT: u64 = 256 << 10;

/// A log under observation.
pub(crate) struct Monitor {
    pub(crate) log: TileServer,
    pub(crate) policy: Policy,
    /// Where the newest checkpoint and the proofs of equivocation are kept.
    pub(crate) folder: PathBuf,
    /// How old the witnesses' word may be.
    pub(crate) max_age: Duration,
    /// How long the log may be behind what others were shown: an answer on its way, a cache.
    pub(crate) grace: Duration,
    /// Other views of the log.
    pub(crate) views: Vec<View>,
    /// The entries replayed so far; `None` if only the tree is followed.
    pub(crate) replay: Option<Replay>,
}

/// The entries of a log, as far as they were replayed.
pub(crate) struct Replay {
    frontier: Frontier,
    replayed: Replayed,
}

impl Replay {
    /// Nothing yet.
    pub(crate) fn new(origin: &Origin) -> Self {
        Self { frontier: Frontier::new(), replayed: Replayed::new(origin) }
    }
}

/// What one look at a log found in order.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) replayed: u64,
}

impl Monitor {
    /// Looks once: at the log, at its new entries, at the other views. Whatever is wrong goes to `alarms`.
    ///
    /// # Errors
    /// The log could not be read; that too is reported to `alarms` by the caller.
    pub(crate) fn look(&mut self, alarms: &mut Alarms, now: Timestamp) -> Result<Looked> {
        let signed = self.log.checkpoint()?;
        let checkpoint = match signed.verify_any(self.policy.log_keys()) {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                alarms.raise(&Alarm::Forged { reason: error.to_string() })?;
                return Err(error).context("the log's checkpoint is refused");
            }
        };
        self.check_witnesses(&signed, alarms, now)?;
        let seen = self.seen()?;
        let grown = match &seen {
            Some(seen) => match self.compare(seen, &signed, alarms) {
                Ok(true) => true,
                refused => {
                    // Whatever it is, it is the other half of the evidence, and may not be shown again. [CLI-24]
                    self.keep_shown(&signed)?;
                    refused?
                }
            },
            None => true,
        };
        if grown {
            self.replay(&checkpoint, alarms)?;
            files::replace(&self.folder.join(SEEN), signed.to_string().as_bytes(), Access::Public)?;
        }
        let newest = self.seen()?.unwrap_or(signed);
        let mut views = std::mem::take(&mut self.views);
        let shown = checkpoint.head().size;
        let compared =
            views.iter_mut().try_for_each(|view| self.compare_with(view, (&newest, shown), alarms, now));
        self.views = views;
        compared?;
        let replayed = self.replay.as_ref().map_or(0, |replay| replay.frontier.size());
        Ok(Looked { checkpoint, replayed })
    }

    fn compare_with(
        &self,
        view: &mut View,
        (newest, shown): (&SignedCheckpoint, u64),
        alarms: &mut Alarms,
        now: Timestamp,
    ) -> Result<()> {
        let Some(other) = view.ask(&self.policy, alarms)? else { return Ok(()) };
        match self.log_against((newest, &other), shown, alarms) {
            Ok(Compared::Later) => {
                if view.is_ahead(&other, self.grace, alarms, now)? {
                    self.keep_shown(&other)?;
                }
            }
            Ok(Compared::Consistent | Compared::Alarmed) => view.is_level(),
            Err(error) => {
                self.keep_shown(&other)?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Whether somebody was shown more than the log shows, and it is not yet time to say so.
    pub(crate) fn is_behind(&self) -> bool {
        self.views.iter().any(View::may_catch_up)
    }

    /// The checkpoint that was accepted last.
    fn seen(&self) -> Result<Option<SignedCheckpoint>> {
        let path = self.folder.join(SEEN);
        if !path.exists() {
            return Ok(None);
        }
        let text =
            String::from_utf8(files::read(&path, MAX_CHECKPOINT)?).context("the checkpoint is no text")?;
        Ok(Some(text.parse().with_context(|| format!("{} is damaged", path.display()))?))
    }

    fn check_witnesses(&self, signed: &SignedCheckpoint, alarms: &mut Alarms, now: Timestamp) -> Result<()> {
        let reason = match self.policy.verify(signed) {
            Ok(_) if !self.policy.demands_witnesses() => return Ok(()),
            Ok(witnessed) => match witnessed.not_older_than(self.max_age, now) {
                Ok(_) => return Ok(()),
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        alarms.raise(&Alarm::Unwitnessed { reason })
    }

    /// Whether `new` may take the place of `seen`.
    fn compare(&self, seen: &SignedCheckpoint, new: &SignedCheckpoint, alarms: &mut Alarms) -> Result<bool> {
        let (old, next) = (seen.claimed_head(), new.claimed_head());
        if old == next {
            return Ok(true);
        }
        if next.size < old.size {
            alarms.raise(&Alarm::RolledBack { from: old.size, to: next.size })?;
        }
        // The log has to have the tiles of what it shows: of nothing else is it asked how many there are. [CLI-25]
        match self.log_against((seen, new), next.size, alarms)? {
            Compared::Alarmed | Compared::Later => Ok(false),
            Compared::Consistent => Ok(next.size >= old.size),
        }
    }

    /// Whether two checkpoints of the log, which showed a checkpoint of size `shown`, can both be true, by its tiles.
    fn log_against(
        &self,
        (one, other): (&SignedCheckpoint, &SignedCheckpoint),
        shown: u64,
        alarms: &mut Alarms,
    ) -> Result<Compared> {
        let (a, b) = (one.claimed_head(), other.claimed_head());
        if a == b || a.size == 0 || b.size == 0 {
            return Ok(Compared::Consistent);
        }
        let size = a.size.max(b.size);
        if a.size != b.size && size > shown {
            return Ok(Compared::Later);
        }
        let nodes = TileNodes::new(&self.log, size);
        match EquivocationProof::from_tree(one.clone(), other.clone(), &nodes) {
            Ok(proof) => {
                let _proven = proof
                    .verify_by(&self.policy)
                    .context("two checkpoints contradict each other, under two keys")?;
                alarms.raise(&Alarm::Equivocation { file: self.keep(&proof)? })?;
                Ok(Compared::Alarmed)
            }
            Err(FindEquivocationError::None(_)) => confirm(one, other, &nodes, alarms),
            Err(error) => Err(anyhow::anyhow!("{error}")).context("the log's tiles could not be compared"),
        }
    }

    /// Keeps a checkpoint that was not accepted, beside the one that was.
    fn keep_shown(&self, checkpoint: &SignedCheckpoint) -> Result<()> {
        let head = checkpoint.claimed_head();
        let root: String = to_base64url(head.root.as_bytes()).chars().take(16).collect();
        let path = self.folder.join(format!("shown-{}-{root}.txt", head.size));
        files::replace(&path, checkpoint.to_string().as_bytes(), Access::Public)
    }

    fn keep(&self, proof: &EquivocationProof) -> Result<PathBuf> {
        let sizes = (proof.older().claimed_head().size, proof.newer().claimed_head().size);
        let path = self.folder.join(format!("equivocation-{}-{}.txt", sizes.0, sizes.1));
        files::replace(&path, proof.to_string().as_bytes(), Access::Public)?;
        Ok(path)
    }

    /// Replays the entries up to `checkpoint`, and compares its root.
    fn replay(&mut self, checkpoint: &Checkpoint, alarms: &mut Alarms) -> Result<()> {
        let Some(replay) = &mut self.replay else { return Ok(()) };
        let head = checkpoint.head();
        while replay.frontier.size() < head.size {
            for entry in self.log.entries(replay.frontier.size(), head.size)? {
                let index = replay.frontier.size();
                if Hash::leaf(&entry.entry) != entry.leaf {
                    return alarms.raise(&Alarm::Tiles { size: index });
                }
                if let Err(error) = replay.replayed.replay(index, &entry.entry) {
                    alarms.raise(&Alarm::Unlawful { index, code: error.code() })?;
                }
                replay.frontier.append(entry.leaf);
            }
        }
        if replay.frontier.head() != head {
            alarms.raise(&Alarm::Tiles { size: head.size })?;
        }
        Ok(())
    }
}

/// That no contradiction was found is worth something only if the tiles lead to the larger checkpoint.
fn confirm(
    one: &SignedCheckpoint,
    other: &SignedCheckpoint,
    nodes: &TileNodes<'_, TileServer>,
    alarms: &mut Alarms,
) -> Result<Compared> {
    let (old, new) =
        if one.claimed_head().size < other.claimed_head().size { (one, other) } else { (other, one) };
    let (old, new) = (old.claimed_head(), new.claimed_head());
    let path: Vec<Hash> = prove_consistency(nodes, old.size, new.size)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .context("the log's tiles could not be compared")?;
    if new.verify_consistency(old, &path).is_ok() {
        return Ok(Compared::Consistent);
    }
    alarms.raise(&Alarm::Tiles { size: new.size })?;
    Ok(Compared::Alarmed)
}

/// How two checkpoints stand to each other.
enum Compared {
    /// One continues the other.
    Consistent,
    /// The log does not show that many entries yet.
    Later,
    /// They do not go together; an alarm was raised.
    Alarmed,
}
