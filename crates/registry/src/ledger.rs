//! The registry as its operator and its users see it.

mod answers;
mod latest;
mod open;
mod outcome;

pub use latest::ProveLatestError;
pub use open::{LedgerKeys, OpenLedgerError};
pub use outcome::{AnchorError, Anchored, Sequenced};

use crate::{
    bundle::EntryProof,
    did_tlog::Recoveries,
    engine::{AppendError, EngineError, LogEngine, PublishError, Refusal},
    fold::split,
    log_keys::LogKeys,
    operation::Operation,
};
use sinpyo_core::did::Did;
use sinpyo_tlog::{
    checkpoint::{SignCheckpointError, SignedCheckpoint},
    note::{LogKey, NoteSignature, Origin},
};
use std::fmt;

/// A log whose engine runs [`crate::Fold`], with the keys that sign its checkpoints and its statements of what is newest.
///
/// Everything it answers about DIDs is as of the published checkpoint; what was appended after it is ordered, but
/// not yet provable.
pub struct Ledger<'a> {
    engine: &'a dyn LogEngine,
    keys: LedgerKeys<'a>,
}

impl fmt::Debug for Ledger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("origin", self.origin()).finish_non_exhaustive()
    }
}

impl Ledger<'_> {
    /// The name of the log.
    pub const fn origin(&self) -> &Origin {
        self.key().name()
    }

    /// The key that checks the log's checkpoints.
    pub const fn key(&self) -> &LogKey {
        self.keys.key()
    }

    /// The keys that the log names itself.
    ///
    /// # Errors
    /// The engine failed.
    pub fn log_keys(&self) -> Result<LogKeys, EngineError> {
        LogKeys::read(&*self.engine.state()?)
    }

    /// Appends `operation`; durable on return.
    ///
    /// # Errors
    /// The rule that the operation breaks, or the engine failed. TLOG-48 if the same bytes were appended before and count
    /// for nothing since: they do not count by being sent again.
    pub fn submit<T>(&self, operation: Operation<T>) -> Result<Sequenced<T>, AppendError> {
        let (submission, fact) = operation.into_parts();
        let appended = self.engine.append(vec![submission.clone()]).pop();
        let appended = appended.unwrap_or(Err(AppendError::Engine(EngineError::Stopped)))?;
        if appended.repeated && self.is_void(appended.index).map_err(AppendError::Engine)? {
            return Err(AppendError::Refused(Refusal::rule("TLOG-48", Void))); // [TLOG-48]
        }
        Ok(Sequenced { fact, index: appended.index, submission })
    }

    /// Whether the operation in entry `index` counts for nothing, because who made it was recovered from a thief since.
    ///
    /// # Errors
    /// The log has no such entry, or the engine failed.
    pub fn is_void(&self, index: u64) -> Result<bool, EngineError> {
        let (op, _) = split(&self.entry(index)?).map_err(|_| EngineError::Corrupt { index })?;
        let author = ["by", "did"].iter().find_map(|name| op.get(*name)?.as_str()?.parse::<Did>().ok());
        let Some(author) = author else { return Ok(false) };
        Ok(Recoveries::read(&*self.engine.state()?, &author)?.void(index))
    }

    /// Signs and publishes the log's present size and root. What others signed below the published checkpoint stays if
    /// that is about the same; without anything new to say, nothing is published.
    ///
    /// # Errors
    /// The signer refused, or the engine did not take the checkpoint.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, CheckpointFailed> {
        let head = self.engine.head().map_err(CheckpointFailed::Engine)?;
        let mut checkpoint = self.keys.sign(head).map_err(CheckpointFailed::Sign)?;
        let published = self.engine.checkpoint().map_err(CheckpointFailed::Engine)?;
        if let Some(published) = published.filter(|published| published.claimed_head() == head) {
            let keys = self.log_keys().map_err(CheckpointFailed::Engine)?;
            let ours = |line: &NoteSignature| self.keys.is_key_of(line);
            let theirs = published.signatures().iter().filter(|line| !ours(line));
            let theirs = theirs.filter(|line| !keys.is_former(line, self.origin())).cloned();
            // A note that has no room for more keeps what it has.
            checkpoint = checkpoint.clone().with_signatures(theirs).unwrap_or(checkpoint);
            let same = |line: &NoteSignature| published.signatures().contains(line);
            let lines = (checkpoint.signatures().len(), published.signatures().len());
            if lines.0 == lines.1 && checkpoint.signatures().iter().all(same) {
                return Ok(published);
            }
        }
        self.engine.publish(&checkpoint).map_err(CheckpointFailed::Publish)?;
        Ok(checkpoint)
    }

    /// Proves `sequenced` against the published checkpoint.
    ///
    /// # Errors
    /// The sequenced operation comes back if no checkpoint commits to it yet.
    pub fn anchored<T>(&self, sequenced: Sequenced<T>) -> Result<Anchored<T>, AnchorError<T>> {
        let checkpoint = self.published().map_err(AnchorError::Engine)?;
        if checkpoint.claimed_head().size <= sequenced.index {
            return Err(AnchorError::NotYet(sequenced));
        }
        let proof =
            EntryProof::collect(self.engine, checkpoint, sequenced.index).map_err(AnchorError::Engine)?;
        let proven = proof.verify(self.key()).map_err(AnchorError::Proof)?;
        let ours = proven
            .entry()
            .strip_prefix(b"{\"op\":")
            .is_some_and(|rest| rest.starts_with(&sequenced.submission));
        if !ours {
            return Err(AnchorError::Engine(EngineError::Corrupt { index: sequenced.index })); // [LOG-22]
        }
        Ok(Anchored { fact: sequenced.fact, index: sequenced.index, proof })
    }

    /// The proof that entry `index` stands in the log.
    ///
    /// # Errors
    /// The published checkpoint does not reach so far, or the engine failed.
    pub fn prove_entry(&self, index: u64) -> Result<EntryProof, EngineError> {
        EntryProof::collect(self.engine, self.published()?, index)
    }

    fn entry(&self, index: u64) -> Result<Vec<u8>, EngineError> {
        self.engine.entries(index..index + 1)?.pop().ok_or(EngineError::OutsideLog)
    }

    /// The published checkpoint. There is one since the log was opened.
    fn published(&self) -> Result<SignedCheckpoint, EngineError> {
        self.engine.checkpoint()?.ok_or(EngineError::OutsideLog)
    }
}

/// What was appended before counts for nothing, because who made it was recovered from a thief since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operation was appended before and counts for nothing since a recovery")]
struct Void;

/// Why no checkpoint was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointFailed {
    /// It was not signed.
    #[error("the checkpoint was not signed")]
    Sign(#[source] SignCheckpointError),
    /// The engine did not take it.
    #[error("the checkpoint was not published")]
    Publish(#[source] PublishError),
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
}
