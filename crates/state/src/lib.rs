//! What services remember: records that are changed together or not at all, and streams of events.
//!
//! A protocol reads records, decides, and hands back one list of [`Change`]s. The engine makes all of them or none,
//! durably, and refuses the list if anything it was decided upon has changed since ([`CommitError::Conflict`]): the
//! caller reads again and decides again ([`retrying`]). So a code is spent, a token made and an index given out in one
//! transition, on any number of nodes, and there is no read that a write must hope to follow in time.
//!
//! Engines: [`MemoryState`] here, SQLite in `sinpyo-store`, PostgreSQL in `sinpyo-postgres`; one suite runs on each.
//!
//! ```
//! use sinpyo_core::time::Timestamp;
//! use sinpyo_state::{Change, Key, MemoryState, Space, State};
//!
//! const CODE: Space = Space::new("example.code");
//! let state = MemoryState::new();
//! let at = |seconds| Timestamp::from_unix(seconds).expect("a year below 10,000");
//! // Under the digest of the code; the code itself is not kept.
//! let key = Key::secret(CODE, b"n-0S6_WzA2Mj");
//! state.commit(&[Change::insert(&key, b"for whom", Some(at(300)))])?;
//!
//! let found = state.get(&key, at(10))?.expect("it has not expired");
//! state.commit(&[Change::remove(&key, found.version)])?;
//! assert!(state.commit(&[Change::remove(&key, found.version)]).is_err(), "it is spent");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod change;
mod key;
mod memory;
mod owned;
mod retry;
#[cfg(feature = "suite")]
pub mod suite;

pub use change::{Change, CommitError, Unavailable};
pub use key::{Key, Space};
pub use memory::MemoryState;
pub use owned::OwnedChange;
pub use retry::retrying;

use sinpyo_core::time::Timestamp;

/// How often a record was changed, or how many events a stream holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

/// What is kept under a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Which version this is; a change to it must name it.
    pub version: Version,
    /// In its owner's encoding.
    pub data: Vec<u8>,
    /// From when on it counts as absent; the engine may then forget it.
    pub expires: Option<Timestamp>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Durable memory of a service. Several processes may work on one.
pub trait State: Send + Sync + std::fmt::Debug {
    /// The record of `key`, unless it has expired at `now`.
    ///
    /// # Errors
    /// The engine cannot answer.
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable>;

    /// At most `limit` records of `space` that have not expired at `now`, in the order of their names as bytes, leaving
    /// out those up to `after`.
    ///
    /// # Errors
    /// The engine cannot answer.
    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable>;

    /// At most `limit` events of `stream`, in order, leaving out the first `after`. An unknown stream is empty.
    ///
    /// # Errors
    /// The engine cannot answer.
    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable>;

    /// Makes all of `changes`, in their order, or none; they are durable when this returns.
    ///
    /// # Errors
    /// Something is not as one of the changes demands, or the engine failed: then whether they were made is unknown, and
    /// the caller must read before it answers for them.
    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError>;

    /// [`State::commit`] of changes that were collected.
    ///
    /// # Errors
    /// As [`State::commit`].
    fn commit_owned(&self, changes: &[OwnedChange]) -> Result<(), CommitError> {
        self.commit(&changes.iter().map(Change::from).collect::<Vec<_>>())
    }

    /// Forgets what had expired at `before`; says how many records.
    ///
    /// # Errors
    /// The engine cannot answer.
    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable>;
}
