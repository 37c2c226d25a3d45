//! How a ledger is opened, and when not.

use super::{CheckpointFailed, Ledger};
use crate::{
    did_tlog::DidHead,
    engine::{AppendError, EngineError, LogEngine, StateView},
    fold::Fold,
    heads::HeadsKey,
    log_keys::{LogKeys, OwnKeys},
};
use sinpyo_core::{did::Did, key::Signer, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignCheckpointError, SignedCheckpoint},
    merkle::{Hash, TreeHead, root},
    note::{LogKey, NoteSignature},
    tile::{TileNodeError, TileNodes},
};
use std::{fmt, time::Duration};

/// The keys with which a log speaks.
#[derive(Clone)]
pub struct LedgerKeys<'a> {
    key: LogKey,
    signer: &'a dyn Signer,
    pub(super) heads: Option<(HeadsKey, &'a dyn Signer)>,
    also: Option<(LogKey, &'a dyn Signer)>,
}

impl fmt::Debug for LedgerKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerKeys").field("key", &self.key.to_string()).finish_non_exhaustive()
    }
}

impl<'a> LedgerKeys<'a> {
    /// Checkpoints are signed with `key`, whose private half `signer` holds.
    pub const fn new(key: LogKey, signer: &'a dyn Signer) -> Self {
        Self { key, signer, heads: None, also: None }
    }

    /// What is newest is stated with `key`.
    #[must_use]
    pub fn with_heads(mut self, key: HeadsKey, signer: &'a dyn Signer) -> Self {
        self.heads = Some((key, signer));
        self
    }

    /// Checkpoints are signed with `key` too: around a change of keys, the old one or the next.
    #[must_use]
    pub fn also_signing(mut self, key: LogKey, signer: &'a dyn Signer) -> Self {
        self.also = Some((key, signer));
        self
    }

    pub(super) const fn key(&self) -> &LogKey {
        &self.key
    }

    pub(super) fn sign(&self, head: TreeHead) -> Result<SignedCheckpoint, SignCheckpointError> {
        let checkpoint = SignedCheckpoint::sign(head, &self.key, self.signer)?;
        let Some((also, signer)) = &self.also else { return Ok(checkpoint) };
        let second = SignedCheckpoint::sign(head, also, *signer)?;
        checkpoint.with_signatures(second.signatures().iter().cloned()).map_err(SignCheckpointError::Note)
    }

    /// Whether `line` is said to be of one of the keys that sign checkpoints.
    pub(super) fn is_key_of(&self, line: &NoteSignature) -> bool {
        self.key.is_key_of(line) || self.also.as_ref().is_some_and(|(also, _)| also.is_key_of(line))
    }

    /// Refuses one key in two roles.
    fn check_separate(&self) -> Result<(), OpenLedgerError> {
        let also = self.also.as_ref().map(|(key, _)| key.verifying_key());
        let heads = self.heads.as_ref().map(|(key, _)| key.verifying_key());
        let mut keys: Vec<_> = [Some(self.key.verifying_key()), also, heads]
            .into_iter()
            .flatten()
            .map(|key: &VerifyingKey| key.to_multikey().to_string())
            .collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        if keys.len() == count { Ok(()) } else { Err(OpenLedgerError::SharedKey) } // [TLOG-38]
    }

    /// Refuses keys that are not those that the log names.
    fn check_named(&self, named: &LogKeys) -> Result<(), OpenLedgerError> {
        let ours = |key: &LogKey| *key == self.key || self.also.as_ref().is_some_and(|(also, _)| also == key);
        let heads = self.heads.as_ref().map(|(key, _)| key);
        let fits = named.log().is_none_or(ours)
            && named.heads().is_none_or(|named| heads.is_none_or(|ours| ours == named));
        if fits { Ok(()) } else { Err(OpenLedgerError::AnotherKey) } // [TLOG-40]
    }
}

impl<'a> Ledger<'a> {
    /// Opens the log of `key`, whose private half `signer` holds, without a key for statements of what is newest.
    ///
    /// # Errors
    /// As for [`Ledger::with_keys`].
    pub fn open(
        engine: &'a dyn LogEngine,
        key: LogKey,
        signer: &'a dyn Signer,
        root_accreditor: &Did,
    ) -> Result<Self, OpenLedgerError> {
        Self::with_keys(engine, LedgerKeys::new(key, signer), root_accreditor)
    }

    /// Opens a log. A new one gets its root accreditor and its keys written into its first entry, and its first
    /// checkpoint.
    ///
    /// # Errors
    /// The log was opened with another root accreditor or names other keys, one key has two roles, its published
    /// checkpoint is not its own or ahead of it, or a signer holds another key.
    pub fn with_keys(
        engine: &'a dyn LogEngine,
        keys: LedgerKeys<'a>,
        root_accreditor: &Did,
    ) -> Result<Self, OpenLedgerError> {
        let ledger = Self::reopened(engine, keys);
        ledger.keys.check_separate()?;
        ledger.check_published()?;
        if ledger.engine.head().map_err(OpenLedgerError::Engine)?.size == 0 {
            let heads = ledger.keys.heads.as_ref().map(|(key, _)| key);
            let opening = Fold::new(ledger.origin().clone()).opening(root_accreditor, ledger.key(), heads);
            if let Some(Err(error)) = ledger.engine.append(vec![opening]).pop() {
                return Err(OpenLedgerError::Append(error));
            }
        }
        let state = ledger.engine.state().map_err(OpenLedgerError::Engine)?;
        if Fold::root(&*state).map_err(OpenLedgerError::Engine)?.as_ref() != Some(root_accreditor) {
            return Err(OpenLedgerError::AnotherRoot); // [LOG-21]
        }
        ledger.check_keys(&*state, root_accreditor)?;
        drop(state);
        ledger.checkpoint().map_err(OpenLedgerError::Checkpoint)?;
        Ok(ledger)
    }

    /// A log that [`Ledger::with_keys`] opened in this process before, with the same keys: checks nothing and writes
    /// nothing, so that each request can have its own.
    pub const fn reopened(engine: &'a dyn LogEngine, keys: LedgerKeys<'a>) -> Self {
        Self { engine, keys }
    }

    /// How far the clock `now` is ahead of the last entry, if that is no more than `max_step`.
    ///
    /// To be asked before anything is submitted: an entry with a time from the far future holds ledger time there for
    /// good. Whoever knows that the log has rested that long opens it without asking.
    ///
    /// # Errors
    /// [`OpenLedgerError::ClockAhead`]; the engine failed.
    pub fn check_clock(&self, now: Timestamp, max_step: Duration) -> Result<Duration, OpenLedgerError> {
        let state = self.engine.state().map_err(OpenLedgerError::Engine)?;
        let last = Fold::last_time(&*state).map_err(OpenLedgerError::Engine)?.unwrap_or(now);
        if now > last.plus(max_step) {
            return Err(OpenLedgerError::ClockAhead { last, now }); // [TLOG-45]
        }
        Ok(Duration::from_secs(u64::try_from(now.unix() - last.unix()).unwrap_or(0)))
    }

    fn check_keys(&self, state: &dyn StateView, root: &Did) -> Result<(), OpenLedgerError> {
        let named = LogKeys::read(state).map_err(OpenLedgerError::Engine)?;
        self.keys.check_named(&named)?;
        let root = DidHead::read(state, root).map_err(OpenLedgerError::Engine)?;
        let own = OwnKeys::read(state).map_err(OpenLedgerError::Engine)?;
        let shared = root.is_some_and(|root| own.are_in(root.document()));
        if shared { Err(OpenLedgerError::SharedKey) } else { Ok(()) }
    }

    /// Refuses a log that was restored from before its own published checkpoint, or belongs to another key.
    fn check_published(&self) -> Result<(), OpenLedgerError> {
        let Some(published) = self.engine.checkpoint().map_err(OpenLedgerError::Engine)? else {
            return Ok(());
        };
        let verified = published.verify(self.key()).or_else(|error| match &self.keys.also {
            Some((also, _)) => published.verify(also),
            None => Err(error),
        });
        let published = verified.map_err(OpenLedgerError::Published)?.head();
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
    /// TLOG-38: one key in two roles.
    #[error("a key of the log has another role as well")]
    SharedKey,
    /// TLOG-40: the log names other keys than these.
    #[error("the log names other keys")]
    AnotherKey,
    /// TLOG-45: the clock is further ahead of the last entry than allowed.
    #[error("the clock says {now}, far ahead of the last entry of {last}")]
    ClockAhead {
        /// Ledger time of the last entry.
        last: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
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
            Self::SharedKey => "TLOG-38",
            Self::AnotherKey => "TLOG-40",
            Self::ClockAhead { .. } => "TLOG-45",
            Self::Append(_) | Self::Checkpoint(_) | Self::Engine(_) => "LOG-19",
        }
    }
}
