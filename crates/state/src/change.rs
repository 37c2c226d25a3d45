//! What is to be changed, and why it was not.

use crate::{Key, Version};
use sinpyo_core::time::Timestamp;
use std::fmt;

/// One of several changes that are made together.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// A record where there is none, not even an expired one that has not been forgotten.
    Insert {
        /// Where.
        key: &'a Key,
        /// What.
        data: &'a [u8],
        /// From when on it counts as absent.
        expires: Option<Timestamp>,
    },
    /// Other data for a record, which gets the next version.
    Replace {
        /// Where.
        key: &'a Key,
        /// The version that was read.
        version: Version,
        /// What.
        data: &'a [u8],
        /// From when on it counts as absent.
        expires: Option<Timestamp>,
    },
    /// No record any more. Its version numbers may come again: what must never come again needs a record of its own.
    Remove {
        /// Where.
        key: &'a Key,
        /// The version that was read.
        version: Version,
    },
    /// Nothing: the record stays as it was read. Lists that keep a record do not stand in each other's way; one that
    /// changes it and one that keeps it do, whichever comes first. Absence cannot be kept, as there is nothing that
    /// engines could lock: insert a record instead.
    Keep {
        /// Where.
        key: &'a Key,
        /// The version that was read.
        version: Version,
    },
    /// One more event of a stream. Streams are not forgotten.
    Append {
        /// Which stream.
        stream: &'a Key,
        /// How many events it holds.
        after: Version,
        /// What happened.
        event: &'a [u8],
    },
}

impl<'a> Change<'a> {
    /// [`Change::Insert`].
    pub const fn insert(key: &'a Key, data: &'a [u8], expires: Option<Timestamp>) -> Self {
        Self::Insert { key, data, expires }
    }

    /// [`Change::Replace`].
    pub const fn replace(key: &'a Key, version: Version, data: &'a [u8], expires: Option<Timestamp>) -> Self {
        Self::Replace { key, version, data, expires }
    }

    /// [`Change::Remove`].
    pub const fn remove(key: &'a Key, version: Version) -> Self {
        Self::Remove { key, version }
    }

    /// [`Change::Keep`].
    pub const fn keep(key: &'a Key, version: Version) -> Self {
        Self::Keep { key, version }
    }

    /// [`Change::Append`].
    pub const fn append(stream: &'a Key, after: Version, event: &'a [u8]) -> Self {
        Self::Append { stream, after, event }
    }

    /// Which record or stream it changes.
    pub const fn key(&self) -> &'a Key {
        match *self {
            Self::Insert { key, .. }
            | Self::Replace { key, .. }
            | Self::Remove { key, .. }
            | Self::Keep { key, .. } => key,
            Self::Append { stream, .. } => stream,
        }
    }
}

impl fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Insert { .. } => "Insert",
            Self::Replace { .. } => "Replace",
            Self::Remove { .. } => "Remove",
            Self::Keep { .. } => "Keep",
            Self::Append { .. } => "Append",
        };
        f.debug_tuple(name).field(self.key()).finish()
    }
}

/// The engine cannot answer. Why, it tells its operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the service's memory cannot be reached")]
pub struct Unavailable;

impl Unavailable {
    /// The rule in `spec/checks/sta.toml`.
    pub const fn code(&self) -> &'static str {
        "STA-02"
    }
}

/// Why changes were not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// STA-01: what the change at this index of the list was decided upon is not so (any more). Nothing was changed.
    #[error("change {index} does not apply to what is there")]
    Conflict {
        /// Its place in the list, counted from 0.
        index: usize,
    },
    /// Whether the changes were made is unknown.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl CommitError {
    /// The rule in `spec/checks/sta.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "STA-01",
            Self::Unavailable(error) => error.code(),
        }
    }
}
