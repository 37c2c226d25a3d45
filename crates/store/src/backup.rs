//! Copies of files in use, and the way back.
//!
//! A backup is one plain SQLite file: the content at one moment, while others go on writing. Neither backing up nor
//! restoring ever overwrites a file.

use crate::{
    log, persons,
    sqlite::{
        Format, OpenError, StorageError, WriteLock, create_private, open_reader, refuse_exposed, storage,
        sync_folder,
    },
    state,
    verify::{VerifyError, verify_file, verify_log},
    witnesses,
};
use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};
use sinpyo_registry::engine::Sequencing;
use sinpyo_tlog::merkle::TreeHead;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A ledger's log ([`crate::SqliteLog`]).
    Log,
    /// What services remember ([`crate::SqliteState`]).
    State,
    /// What a witness has cosigned ([`crate::SqliteWitnessStore`]).
    ///
    /// Restored from a backup, a witness has forgotten what it cosigned since: give it new keys.
    Witnesses,
    /// Operations and salts of persons ([`crate::SqlitePersonStore`]).
    Persons,
}

impl Kind {
    pub(crate) const fn format(self) -> Format {
        match self {
            Self::Log => log::FORMAT,
            Self::State => state::FORMAT,
            Self::Witnesses => witnesses::FORMAT,
            Self::Persons => persons::FORMAT,
        }
    }
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Units of work that are done: pages of a copy, entries of a log.
    pub done: u64,
    /// Units of work in all.
    pub total: u64,
}

/// Copies `from`, which may be in use by any process, to the new file `to`, and syncs it.
///
/// `to` gets its name when it is complete, and is its owner's alone; a backup of persons moreover lies in a folder that
/// nobody else may look into. If the process dies, `to.new` is left: the next backup to the same name replaces it, and
/// until then no erasure reaches it. What a backup holds has not been checked: [`verify_log`] and [`verify_file`]
/// do that. While the copy runs, the write-ahead log of `from` grows. `progress` counts pages.
///
/// # Errors
/// `to` exists; `from` is of another kind; reading or writing failed.
pub fn back_up(
    kind: Kind,
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    refuse_existing(to)?;
    if kind == Kind::Persons {
        refuse_exposed(to).map_err(BackupError::Open)?;
    }
    let draft = beside(to, ".new");
    let outcome = copy(kind, from, &draft, progress)
        .and_then(|()| fs::rename(&draft, to).and_then(|()| sync_folder(to)).map_err(BackupError::File));
    if outcome.is_err() {
        // What is left of a failed copy is of no use; the failure itself is what the caller hears of.
        let _ = fs::remove_file(&draft);
    }
    outcome
}

/// What a restored log must go on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// The largest head that the log published, as a mirror, a witness or a verifier holds it.
    Published(TreeHead),
    /// The operator states that heads which the backup lacks may have been published.
    ///
    /// Whoever has seen one refuses the restored log from its next entry on, as they must.
    Broken,
}

/// Verifies the backup `from` of a log and makes it the log `to`.
///
/// `progress` counts entries while verifying, then pages.
///
/// # Errors
/// The backup is damaged, or behind or beside what was published; `to` or a part of it exists or is in use;
/// reading or writing failed.
pub fn restore_log(
    (from, to): (&Path, &Path),
    sequencing: &dyn Sequencing,
    continuity: Continuity,
    progress: &mut dyn FnMut(Progress),
) -> Result<TreeHead, BackupError> {
    // Against a server that starts on the same file meanwhile.
    let _lock = WriteLock::take(to).map_err(BackupError::Open)?;
    refuse_existing(to)?;
    let head = verify_log(from, sequencing, progress).map_err(BackupError::Damaged)?;
    if let Continuity::Published(published) = continuity {
        let db = open_reader(from, Kind::Log.format()).map_err(BackupError::Open)?;
        if published.size > head.size {
            return Err(BackupError::Behind { published: published.size, size: head.size }); // [STO-29]
        }
        if !log::has_root(&db, published) {
            return Err(BackupError::Fork { published: published.size }); // [STO-29]
        }
    }
    back_up(Kind::Log, from, to, progress)?;
    Ok(head)
}

/// Verifies the backup `from` and makes it the file `to`.
///
/// For a log, [`restore_log`] also compares it with what was published.
///
/// # Errors
/// As [`restore_log`].
pub fn restore(
    kind: Kind,
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    refuse_existing(to)?;
    verify_file(from, kind).map_err(BackupError::Damaged)?;
    back_up(kind, from, to, progress)
}

/// A write-ahead log without its database counts too: SQLite would read it into the new one.
fn refuse_existing(to: &Path) -> Result<(), BackupError> {
    let parts = [to.to_owned(), beside(to, "-wal"), beside(to, "-shm"), beside(to, "-journal")];
    match parts.into_iter().find(|part| part.symlink_metadata().is_ok()) {
        Some(_) => Err(BackupError::Exists), // [STO-28]
        None => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Pages of 4 KiB between two calls of `progress`.
const STRIDE: i32 = 4_096;

fn copy(
    kind: Kind,
    from: &Path,
    draft: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    let source = open_reader(from, kind.format()).map_err(BackupError::Open)?;
    // An abandoned earlier attempt. A name that cannot be removed cannot be created either.
    let _ = fs::remove_file(draft);
    create_private(draft).map_err(BackupError::File)?;
    let mut target = Connection::open(draft)?;
    // The moment that is copied; without it, each commit of somebody else would start the copy anew.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    let pages = Backup::new(&source, &mut target)?;
    loop {
        let step = pages.step(STRIDE)?;
        let (total, left) = (pages.progress().pagecount, pages.progress().remaining);
        let number = |pages: i32| u64::try_from(pages).unwrap_or(0);
        progress(Progress { done: number(total - left), total: number(total) });
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(BackupError::Storage(StorageError::Busy)),
        }
    }
    drop(pages);
    // One file that can be read where nothing can be written.
    let mode: String = target.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(BackupError::Storage(StorageError::Busy));
    }
    target.close().map_err(|(_, error)| error)?;
    File::open(draft).and_then(|file| file.sync_all()).map_err(BackupError::File)
}

/// Why no backup was made, or none restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// STO-28: a file of that name, or a part of a database of that name, exists.
    #[error("there is a file already, which is not overwritten")]
    Exists,
    /// STO-29: the log has published more than the backup holds.
    #[error("the backup of size {size} is behind the published checkpoint of size {published}")]
    Behind {
        /// The published size.
        published: u64,
        /// The size of the backup.
        size: u64,
    },
    /// STO-29: the backup is of another history than the published one.
    #[error("the backup does not hold the published checkpoint of size {published}")]
    Fork {
        /// The published size.
        published: u64,
    },
    /// The backup contradicts itself.
    #[error("the backup is damaged")]
    Damaged(#[source] VerifyError),
    /// The file to copy is of another kind, in use by a writer, or could not be opened; the place of the copy is open to
    /// others.
    #[error("the file could not be opened")]
    Open(#[source] OpenError),
    /// The copy could not be created or named.
    #[error("the copy could not be written")]
    File(#[source] io::Error),
    /// A database failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl BackupError {
    /// The rule in `spec/checks/sto.toml` by which it was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Exists => Some("STO-28"),
            Self::Behind { .. } | Self::Fork { .. } => Some("STO-29"),
            Self::Damaged(error) => error.code(),
            Self::Open(error) => error.code(),
            Self::File(_) => None,
            Self::Storage(error) => error.code(),
        }
    }
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(storage(&error))
    }
}
