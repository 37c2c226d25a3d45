//! Compares everything in a file with everything else in it.
//!
//! Opening a file looks at its edges, so that it takes the same time at any size. What was changed in the middle
//! is found here, by reading it all.

use crate::{
    backup::{Kind, Progress},
    log,
    sqlite::{OpenError, StorageError, open_reader, storage},
};
use rusqlite::Connection;
use sinpyo_registry::engine::{Refusal, Sequencing};
use sinpyo_tlog::merkle::TreeHead;
use std::path::Path;

/// Recomputes the log in the file `path`, which may be in use or a backup, and returns its head.
///
/// Compared are SQLite's own structure, every entry with its leaf hash, every tile, frontier and root, the published
/// checkpoint, the positions of the submissions, and the folded state with what `sequencing` makes of the entries.
/// The state is built up in memory. `progress` counts entries.
///
/// # Errors
/// The first entry, or the part, that does not belong to the rest; the file is none of a log or could not be read.
pub fn verify_log(
    path: &Path,
    sequencing: &dyn Sequencing,
    progress: &mut dyn FnMut(Progress),
) -> Result<TreeHead, VerifyError> {
    let db = open_reader(path, Kind::Log.format()).map_err(VerifyError::Open)?;
    check_structure(&db)?;
    log::verify(&db, sequencing, progress)
}

/// Checks the structure of a file of `kind`, which may be in use or a backup.
///
/// # Errors
/// SQLite finds it damaged; it is of another kind or could not be read.
pub fn verify_file(path: &Path, kind: Kind) -> Result<(), VerifyError> {
    let db = open_reader(path, kind.format()).map_err(VerifyError::Open)?;
    check_structure(&db)
}

fn check_structure(db: &Connection) -> Result<(), VerifyError> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(VerifyError::Structure) } // [STO-23]
}

/// What in a file does not belong to the rest of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The file is of another kind, or could not be opened.
    #[error("the file could not be opened")]
    Open(#[source] OpenError),
    /// STO-23: SQLite itself finds the file damaged.
    #[error("the database file is damaged")]
    Structure,
    /// STO-24: an entry is missing, one too many, or not the one that the tiles have there.
    #[error("the log is damaged at entry {index}")]
    Entry {
        /// The first such entry.
        index: u64,
    },
    /// STO-05: entries and tiles agree, but lead to another head than the stored one.
    #[error("the tree head at size {size} does not match the stored entries")]
    Head {
        /// The size that the stored head claims.
        size: u64,
    },
    /// STO-10: the log is not the one that it published.
    #[error("the published checkpoint of size {published} is not of this log")]
    Published {
        /// The size of the published checkpoint.
        published: u64,
    },
    /// STO-25: an entry could not have been sequenced where it is.
    #[error("entry {index} breaks a rule")]
    Unlawful {
        /// The first such entry.
        index: u64,
        /// Which rule.
        #[source]
        reason: Refusal,
    },
    /// STO-26: the stored state is not what the entries lead to.
    #[error("the stored state is not what the entries lead to")]
    State,
    /// STO-27: the digests by which repetitions are known are not one for each entry.
    #[error("the record of submissions does not cover the log")]
    Submissions,
    /// The database could not be read.
    #[error(transparent)]
    Storage(StorageError),
}

impl VerifyError {
    /// The rule in `spec/checks/sto.toml` that is broken; `None` if the file could not be read.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Open(error) => error.code(),
            Self::Structure => Some("STO-23"),
            Self::Entry { .. } => Some("STO-24"),
            Self::Head { .. } => Some("STO-05"),
            Self::Published { .. } => Some("STO-10"),
            Self::Unlawful { .. } => Some("STO-25"),
            Self::State => Some("STO-26"),
            Self::Submissions => Some("STO-27"),
            Self::Storage(error) => error.code(),
        }
    }

    /// The first entry that is damaged; `None` if the damage is elsewhere.
    pub const fn index(&self) -> Option<u64> {
        match self {
            Self::Entry { index } | Self::Unlawful { index, .. } => Some(*index),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for VerifyError {
    fn from(error: rusqlite::Error) -> Self {
        match storage(&error) {
            StorageError::Damaged => Self::Structure,
            other => Self::Storage(other),
        }
    }
}
