//! The registry as its operator and its users see it.

use crate::{
    accreditation::{
        AccreditationChain, AccreditationId, AccreditationProof, AccreditationRecord, LookupError, find,
    },
    bundle::{BundleError, EntryProof},
    did_tlog::{DidHead, ResolutionProof, ResolveError, locate},
    engine::{AppendError, EngineError, LogEngine, PublishError},
    fold::Fold,
    operation::Operation,
    status_digest::StatusDigestRecord,
};
use sinpyo_core::{
    accreditation::Right,
    did::Did,
    key::Signer,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignCheckpointError, SignedCheckpoint},
    merkle::{Hash, TreeHead, root},
    note::{LogKey, Origin},
    tile::{TileNodeError, TileNodes},
};
use std::fmt;

/// A log whose engine runs [`Fold`], with the key that signs its checkpoints.
///
/// Everything it answers about DIDs is as of the published checkpoint; what was appended after it is ordered, but
/// not yet provable.
pub struct Ledger<'a> {
    engine: &'a dyn LogEngine,
    key: LogKey,
    signer: &'a dyn Signer,
}

impl fmt::Debug for Ledger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("origin", self.origin()).finish_non_exhaustive()
    }
}

/// Ordered and durable, but committed to by no checkpoint: not yet evidence.
#[derive(Debug)]
#[must_use]
pub struct Sequenced<T> {
    fact: T,
    index: u64,
    submission: Vec<u8>,
}

impl<T> Sequenced<T> {
    /// Index of the entry.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What the operation established.
    pub const fn get(&self) -> &T {
        &self.fact
    }
}

/// Committed to by a published checkpoint, with the proof.
#[derive(Debug)]
pub struct Anchored<T> {
    fact: T,
    index: u64,
    proof: EntryProof,
}

impl<T> Anchored<T> {
    /// Index of the entry.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What the operation established.
    pub const fn get(&self) -> &T {
        &self.fact
    }

    /// The proof, for those who do not have the log.
    pub const fn proof(&self) -> &EntryProof {
        &self.proof
    }

    /// What the operation established, without the statement that it is anchored.
    pub fn into_inner(self) -> T {
        self.fact
    }
}

impl<'a> Ledger<'a> {
    /// Opens the log of `key`, whose private half `signer` holds. A new log gets `root_accreditor` written into its
    /// first entry, and its first checkpoint.
    ///
    /// # Errors
    /// The log was opened with another root accreditor, its published checkpoint is not its own or ahead of it, or
    /// the signer holds another key.
    pub fn open(
        engine: &'a dyn LogEngine,
        key: LogKey,
        signer: &'a dyn Signer,
        root_accreditor: &Did,
    ) -> Result<Self, OpenLedgerError> {
        let ledger = Self { engine, key, signer };
        ledger.check_published()?;
        if ledger.engine.head().map_err(OpenLedgerError::Engine)?.size == 0 {
            let opening = Fold::new(ledger.origin().clone()).opening(root_accreditor);
            if let Some(Err(error)) = ledger.engine.append(vec![opening]).pop() {
                return Err(OpenLedgerError::Append(error));
            }
        }
        let state = ledger.engine.state().map_err(OpenLedgerError::Engine)?;
        if Fold::root(&*state).map_err(OpenLedgerError::Engine)?.as_ref() != Some(root_accreditor) {
            return Err(OpenLedgerError::AnotherRoot); // [LOG-21]
        }
        drop(state);
        ledger.checkpoint().map_err(OpenLedgerError::Checkpoint)?;
        Ok(ledger)
    }

    /// The name of the log.
    pub const fn origin(&self) -> &Origin {
        self.key.name()
    }

    /// The key that checks the log's checkpoints.
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// Appends `operation`; durable on return.
    ///
    /// # Errors
    /// The rule that the operation breaks, or the engine failed.
    pub fn submit<T>(&self, operation: Operation<T>) -> Result<Sequenced<T>, AppendError> {
        let (submission, fact) = operation.into_parts();
        let appended = self.engine.append(vec![submission.clone()]).pop();
        let appended = appended.unwrap_or(Err(AppendError::Engine(EngineError::Stopped)))?;
        Ok(Sequenced { fact, index: appended.index, submission })
    }

    /// Signs and publishes the log's present size and root.
    ///
    /// # Errors
    /// The signer refused, or the engine did not take the checkpoint.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, CheckpointFailed> {
        let head = self.engine.head().map_err(CheckpointFailed::Engine)?;
        let checkpoint =
            SignedCheckpoint::sign(head, &self.key, self.signer).map_err(CheckpointFailed::Sign)?;
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
        let proven = proof.verify(&self.key).map_err(AnchorError::Proof)?;
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

    /// The document of `did` in the version that `selector` means.
    ///
    /// # Errors
    /// The published checkpoint commits to no such version.
    pub fn resolve(&self, did: &Did, selector: &VersionSelector) -> Result<Resolved, ResolveError> {
        let size = self.published().map_err(ResolveError::Engine)?.claimed_head().size;
        let state = self.engine.state().map_err(ResolveError::Engine)?;
        let located = locate(&*state, did, selector, size)?;
        let entry = self.entry(located.index()).map_err(ResolveError::Engine)?;
        located.resolved(&entry)
    }

    /// The proof of what [`Ledger::resolve`] answers.
    ///
    /// # Errors
    /// As there.
    pub fn prove(&self, did: &Did, selector: &VersionSelector) -> Result<ResolutionProof, ResolveError> {
        let checkpoint = self.published().map_err(ResolveError::Engine)?;
        let state = self.engine.state().map_err(ResolveError::Engine)?;
        let located = locate(&*state, did, selector, checkpoint.claimed_head().size)?;
        ResolutionProof::collect(self.engine, &*state, checkpoint, did, &located)
            .map_err(ResolveError::Engine)
    }

    /// The newest version of `did`, anchored or not: what its next operation has to fit.
    ///
    /// # Errors
    /// The engine failed.
    pub fn head_of(&self, did: &Did) -> Result<Option<DidHead>, EngineError> {
        DidHead::read(&*self.engine.state()?, did)
    }

    /// The accreditations by which `subject` had `right` at ledger time `at`, by all that was appended.
    ///
    /// # Errors
    /// It did not, and why; or the engine failed.
    pub fn accreditation(
        &self,
        subject: &Did,
        right: &Right,
        at: Timestamp,
    ) -> Result<AccreditationChain, LookupError> {
        find(&*self.engine.state().map_err(LookupError::Engine)?, subject, right, at)
    }

    /// The proof by which others look up whether `subject` has `right`.
    ///
    /// # Errors
    /// The engine failed.
    pub fn prove_accreditation(
        &self,
        subject: &Did,
        right: &Right,
    ) -> Result<AccreditationProof, EngineError> {
        let checkpoint = (self.origin(), self.published()?);
        AccreditationProof::collect(self.engine, &*self.engine.state()?, checkpoint, subject, right)
    }

    /// The accreditation `id` with its history.
    ///
    /// # Errors
    /// The engine failed.
    pub fn accreditation_record(
        &self,
        id: &AccreditationId,
    ) -> Result<Option<AccreditationRecord>, EngineError> {
        AccreditationRecord::read(&*self.engine.state()?, id)
    }

    /// The newest digest of the status list that `by` publishes at `list`.
    ///
    /// # Errors
    /// The engine failed.
    pub fn status_digest(&self, by: &Did, list: &str) -> Result<Option<StatusDigestRecord>, EngineError> {
        StatusDigestRecord::read(&*self.engine.state()?, by, list)
    }

    fn entry(&self, index: u64) -> Result<Vec<u8>, EngineError> {
        self.engine.entries(index..index + 1)?.pop().ok_or(EngineError::OutsideLog)
    }

    /// The published checkpoint. There is one since the log was opened.
    fn published(&self) -> Result<SignedCheckpoint, EngineError> {
        self.engine.checkpoint()?.ok_or(EngineError::OutsideLog)
    }

    /// Refuses a log that was restored from before its own published checkpoint, or belongs to another key.
    fn check_published(&self) -> Result<(), OpenLedgerError> {
        let Some(published) = self.engine.checkpoint().map_err(OpenLedgerError::Engine)? else {
            return Ok(());
        };
        let published = published.verify(&self.key).map_err(OpenLedgerError::Published)?.head();
        let head = self.engine.head().map_err(OpenLedgerError::Engine)?;
        let same = published.size <= head.size && self.root_at(published.size)? == published.root;
        if same { Ok(()) } else { Err(OpenLedgerError::RolledBack { published, head }) } // [LOG-20]
    }

    fn root_at(&self, size: u64) -> Result<Hash, OpenLedgerError> {
        root(&TileNodes::new(self.engine, size), size).map_err(|error| {
            OpenLedgerError::Engine(match error {
                TileNodeError::Source(error) => error,
                TileNodeError::NoSuchNode => EngineError::OutsideLog,
            })
        })
    }
}

/// Why a ledger was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenLedgerError {
    /// The published checkpoint is not by this key.
    #[error("the published checkpoint is refused")]
    Published(#[source] CheckpointError),
    /// LOG-20: the log is not the one that the published checkpoint speaks of; for instance a restored backup.
    #[error("the log has {} entries and does not continue its published checkpoint of {}", head.size, published.size)]
    RolledBack {
        /// What was published.
        published: TreeHead,
        /// What is there.
        head: TreeHead,
    },
    /// LOG-21: the log was opened with another root accreditor.
    #[error("the log has another root accreditor")]
    AnotherRoot,
    /// The first entry was not appended.
    #[error("the log was not opened")]
    Append(#[source] AppendError),
    /// No checkpoint was published.
    #[error("no checkpoint was published")]
    Checkpoint(#[source] CheckpointFailed),
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
}

impl OpenLedgerError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Published(error) => error.code(),
            Self::RolledBack { .. } => "LOG-20",
            Self::AnotherRoot => "LOG-21",
            Self::Append(_) | Self::Checkpoint(_) | Self::Engine(_) => "LOG-19",
        }
    }
}

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

/// Why an operation is not anchored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError<T> {
    /// No published checkpoint commits to it yet; try again after the next one.
    #[error("no checkpoint commits to the operation yet")]
    NotYet(Sequenced<T>),
    /// The log's own proof is refused.
    #[error("the log's proof is refused")]
    Proof(#[source] BundleError),
    /// LOG-22: another entry stands in its place, or the engine failed.
    #[error(transparent)]
    Engine(EngineError),
}
