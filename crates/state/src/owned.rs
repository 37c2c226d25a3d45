//! Changes that are collected here and made there.

use crate::{Change, Key, Version};
use sinpyo_core::time::Timestamp;
use std::fmt;

/// A [`Change`] that keeps its key and data itself, so that it can be handed on and made with others.
#[derive(Clone, PartialEq, Eq)]
pub enum OwnedChange {
    /// [`Change::Insert`].
    Insert {
        /// Where.
        key: Key,
        /// What.
        data: Vec<u8>,
        /// From when on it counts as absent.
        expires: Option<Timestamp>,
    },
    /// [`Change::Replace`].
    Replace {
        /// Where.
        key: Key,
        /// The version that was read.
        version: Version,
        /// What.
        data: Vec<u8>,
        /// From when on it counts as absent.
        expires: Option<Timestamp>,
    },
    /// [`Change::Remove`].
    Remove {
        /// Where.
        key: Key,
        /// The version that was read.
        version: Version,
    },
    /// [`Change::Keep`].
    Keep {
        /// Where.
        key: Key,
        /// The version that was read.
        version: Version,
    },
    /// [`Change::Append`].
    Append {
        /// Which stream.
        stream: Key,
        /// How many events it holds.
        after: Version,
        /// What happened.
        event: Vec<u8>,
    },
}

impl OwnedChange {
    /// [`Change::Insert`].
    pub fn insert(key: Key, data: impl Into<Vec<u8>>, expires: Option<Timestamp>) -> Self {
        Self::Insert { key, data: data.into(), expires }
    }

    /// [`Change::Replace`].
    pub fn replace(key: Key, version: Version, data: impl Into<Vec<u8>>, expires: Option<Timestamp>) -> Self {
        Self::Replace { key, version, data: data.into(), expires }
    }

    /// [`Change::Remove`].
    pub const fn remove(key: Key, version: Version) -> Self {
        Self::Remove { key, version }
    }

    /// [`Change::Keep`].
    pub const fn keep(key: Key, version: Version) -> Self {
        Self::Keep { key, version }
    }

    /// [`Change::Append`].
    pub fn append(stream: Key, after: Version, event: impl Into<Vec<u8>>) -> Self {
        Self::Append { stream, after, event: event.into() }
    }
}

impl<'a> From<&'a OwnedChange> for Change<'a> {
    fn from(owned: &'a OwnedChange) -> Self {
        match owned {
            OwnedChange::Insert { key, data, expires } => Self::insert(key, data, *expires),
            OwnedChange::Replace { key, version, data, expires } => {
                Self::replace(key, *version, data, *expires)
            }
            OwnedChange::Remove { key, version } => Self::remove(key, *version),
            OwnedChange::Keep { key, version } => Self::keep(key, *version),
            OwnedChange::Append { stream, after, event } => Self::append(stream, *after, event),
        }
    }
}

impl From<Change<'_>> for OwnedChange {
    fn from(change: Change<'_>) -> Self {
        match change {
            Change::Insert { key, data, expires } => Self::insert(key.clone(), data, expires),
            Change::Replace { key, version, data, expires } => {
                Self::replace(key.clone(), version, data, expires)
            }
            Change::Remove { key, version } => Self::remove(key.clone(), version),
            Change::Keep { key, version } => Self::keep(key.clone(), version),
            Change::Append { stream, after, event } => Self::append(stream.clone(), after, event),
        }
    }
}

impl fmt::Debug for OwnedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Change::from(self).fmt(f)
    }
}
