//! What the roles and services remember: events, single-use records, and indexes given out once.
//!
//! Each change is one atomic transition: there is no read that a caller must follow by a write. A returned
//! change is on the disk; changes that arrive while a commit runs share the next one.

mod disk;
mod memory;

pub(crate) use disk::FORMAT;

use crate::sqlite::{OpenError, StorageError};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::hash::Sha256;
use std::{fmt, path::Path, time::Duration};

/// Names one sequence of events, such as one issuance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(Box<str>);

impl StreamId {
    /// The stream of this name; any text is one.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

/// Names one set of indexes, such as a status list by its URI.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId(Box<str>);

impl ListId {
    /// The list of this name; any text is one.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

/// How many events a stream holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The state of a stream after its first `version` events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of events folded into `state`.
    pub version: Version,
    /// The folded state, in the owner's encoding.
    pub state: Vec<u8>,
}

/// Finds a single-use record. The store keeps this digest and never the nonce or code itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpendKey([u8; 32]);

impl SpendKey {
    /// The key for the value `secret` in its use as `purpose`: SHA-256 over the length of `purpose` as eight
    /// big-endian bytes, `purpose` and `secret`. A nonce of one purpose is unknown under another.
    pub fn new(purpose: &str, secret: &[u8]) -> Self {
        let mut digest = Sha256::new();
        let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX);
        digest.update(&length.to_be_bytes());
        digest.update(purpose.as_bytes());
        digest.update(secret);
        Self(digest.finish())
    }
}

/// Durable memory of one role or service, on SQLite or, for tests and demonstrations, in memory.
///
/// Several handles and processes may hold one file open: every rule below is kept by the database.
///
/// ```
/// use sinpyo_store::events::{EventStore, RedeemError, SpendKey};
/// use sinpyo_core::time::Timestamp;
///
/// let store = EventStore::in_memory();
/// let at = |seconds| Timestamp::from_unix(seconds).expect("a year below 10,000");
/// let challenge = SpendKey::new("challenge", b"n-0S6_WzA2Mj");
/// store.issue(challenge, b"what was asked for", at(300))?;
/// assert_eq!(store.redeem(challenge, at(10))?, b"what was asked for");
/// assert!(matches!(store.redeem(challenge, at(11)), Err(RedeemError::AlreadyRedeemed)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventStore(Backend);

#[derive(Debug)]
enum Backend {
    Disk(disk::Events),
    Memory(memory::Events),
}

impl EventStore {
    /// Opens the store in the file `path`, creating it if there is none.
    ///
    /// # Errors
    /// The file is something else or newer than this release, cannot be made durable, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self(Backend::Disk(disk::Events::open(path)?)))
    }

    /// A store that forgets everything when it is dropped.
    pub fn in_memory() -> Self {
        Self(Backend::Memory(memory::Events::default()))
    }

    /// Appends `events` to `stream` if it holds exactly `expected` events, and returns its new version.
    ///
    /// # Errors
    /// Somebody else appended first; or the database failed.
    pub fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<Vec<u8>>,
    ) -> Result<Version, AppendEventsError> {
        match &self.0 {
            Backend::Disk(stored) => stored.append(stream, expected, events),
            Backend::Memory(stored) => stored.append(stream, expected, events),
        }
    }

    /// At most `limit` events of `stream`, in order, leaving out the first `after`. An unknown stream is empty.
    ///
    /// # Errors
    /// The database failed.
    pub fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StorageError> {
        match &self.0 {
            Backend::Disk(events) => events.read(stream, after, limit),
            Backend::Memory(events) => Ok(events.read(stream, after, limit)),
        }
    }

    /// Keeps `snapshot` in place of an older one; a newer one stays.
    ///
    /// # Errors
    /// It claims events that the stream does not have; or the database failed.
    pub fn save_snapshot(&self, stream: &StreamId, snapshot: Snapshot) -> Result<(), SnapshotError> {
        match &self.0 {
            Backend::Disk(events) => events.save_snapshot(stream, snapshot),
            Backend::Memory(events) => events.save_snapshot(stream, snapshot),
        }
    }

    /// The newest snapshot of `stream`.
    ///
    /// # Errors
    /// The database failed.
    pub fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StorageError> {
        match &self.0 {
            Backend::Disk(events) => events.snapshot(stream),
            Backend::Memory(events) => Ok(events.snapshot(stream)),
        }
    }

    /// Creates a record that can be redeemed once, before `expires`, for `data`.
    ///
    /// # Errors
    /// There is or was a record of this key; or the database failed.
    pub fn issue(&self, key: SpendKey, data: &[u8], expires: Timestamp) -> Result<(), IssueError> {
        match &self.0 {
            Backend::Disk(events) => events.issue(key, data, expires),
            Backend::Memory(events) => events.issue(key, data, expires),
        }
    }

    /// Spends the record of `key` and returns its data, which the store then no longer has.
    ///
    /// Of any number of simultaneous calls, through any number of handles, exactly one succeeds.
    ///
    /// # Errors
    /// There is no such record, it is spent, `now` is not before its expiry; or the database failed.
    pub fn redeem(&self, key: SpendKey, now: Timestamp) -> Result<Vec<u8>, RedeemError> {
        match &self.0 {
            Backend::Disk(events) => events.redeem(key, now),
            Backend::Memory(events) => events.redeem(key, now),
        }
    }

    /// Forgets the records, spent or not, that expired `retention` or longer before `now`; says how many.
    ///
    /// Until then a spent record answers [`RedeemError::AlreadyRedeemed`].
    ///
    /// # Errors
    /// The database failed.
    pub fn sweep(&self, now: Timestamp, retention: Duration) -> Result<u64, StorageError> {
        match &self.0 {
            Backend::Disk(events) => events.sweep(now.minus(retention)),
            Backend::Memory(events) => Ok(events.sweep(now.minus(retention))),
        }
    }

    /// Gives out `index` of `list`, which the caller drew at random; each index is given out once.
    ///
    /// # Errors
    /// It was given out before (draw another); or the database failed.
    pub fn allocate(&self, list: &ListId, index: u64) -> Result<(), AllocateError> {
        match &self.0 {
            Backend::Disk(events) => events.allocate(list, index),
            Backend::Memory(events) => events.allocate(list, index),
        }
    }
}

/// Why events were not appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendEventsError {
    /// STO-16: the stream has moved on (or never got that far). Read it, decide again.
    #[error("the stream is at version {actual}")]
    Conflict {
        /// The version the stream has.
        actual: Version,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AppendEventsError {
    /// The rule in `spec/checks/sto.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Conflict { .. } => Some("STO-16"),
            Self::Storage(error) => error.code(),
        }
    }
}

/// Why a snapshot was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// STO-17: it claims more events than the stream has.
    #[error("the stream is only at version {actual}")]
    Ahead {
        /// The version the stream has.
        actual: Version,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl SnapshotError {
    /// The rule in `spec/checks/sto.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Ahead { .. } => Some("STO-17"),
            Self::Storage(error) => error.code(),
        }
    }
}

/// Why a single-use record was not created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// STO-18: the key is in use, or was and is remembered as spent.
    #[error("a record of this key exists")]
    Exists,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl IssueError {
    /// The rule in `spec/checks/sto.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Exists => Some("STO-18"),
            Self::Storage(error) => error.code(),
        }
    }
}

/// Why a single-use record was not redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedeemError {
    /// STO-12: nobody issued it, or it was forgotten after its retention.
    #[error("no such record")]
    Unknown,
    /// STO-13: it was redeemed before.
    #[error("the record was already redeemed")]
    AlreadyRedeemed,
    /// STO-14: its time has passed.
    #[error("the record has expired")]
    Expired,
    /// The database failed. Whether the record is spent is not known.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl RedeemError {
    /// The rule in `spec/checks/sto.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Unknown => Some("STO-12"),
            Self::AlreadyRedeemed => Some("STO-13"),
            Self::Expired => Some("STO-14"),
            Self::Storage(error) => error.code(),
        }
    }
}

/// Why an index was not given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AllocateError {
    /// STO-15: it belongs to somebody else.
    #[error("the index is taken")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AllocateError {
    /// The rule in `spec/checks/sto.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Taken => Some("STO-15"),
            Self::Storage(error) => error.code(),
        }
    }
}
