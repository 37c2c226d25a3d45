//! One SQLite file, opened so that a commit that returned is on the disk.

use crate::commit::Transactional;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use std::{
    fs::{File, TryLockError},
    io,
    ops::Deref,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The database could not do its work. The reason is for the operator; no caller can repair it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// No space is left. Nothing of the transaction was kept; a later one succeeds once there is space.
    #[error("no space left for the database")]
    Full,
    /// Another connection held the database for longer than we wait.
    #[error("the database is held by another connection")]
    Busy,
    /// The content of the file contradicts itself.
    #[error("the database file is damaged")]
    Damaged,
    /// STO-06: a commit failed earlier, so nothing is accepted until the file is opened again.
    #[error("stopped after a failed commit")]
    Stopped,
    /// Reading, writing or syncing failed, with SQLite's extended result code.
    #[error("the database failed with sqlite code {0}")]
    Failed(i32),
}

impl StorageError {
    /// The rule in `spec/checks/sto.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Stopped => Some("STO-06"),
            _ => None,
        }
    }

    /// Whether the database is as it was before the transaction and may be asked again.
    pub(crate) const fn is_passing(self) -> bool {
        matches!(self, Self::Full | Self::Busy)
    }
}

/// Classifies what SQLite said.
pub(crate) fn storage(error: &rusqlite::Error) -> StorageError {
    let Some(failure) = error.sqlite_error() else { return StorageError::Damaged };
    match failure.code {
        ErrorCode::DiskFull => StorageError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StorageError::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StorageError::Damaged,
        _ => StorageError::Failed(failure.extended_code),
    }
}

/// A value in the file that the code which wrote it cannot have written.
pub(crate) fn damaged() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), None)
}

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// STO-01: another process or handle writes this file.
    #[error("another process or handle has this ledger open for writing")]
    Locked,
    /// STO-02: a database of something else, or no database at all.
    #[error("the file is not of the expected kind")]
    Foreign,
    /// STO-03: written by a newer release.
    #[error("the file has format version {found}, this release knows {known}")]
    Newer {
        /// The version in the file.
        found: u32,
        /// The newest version this release can read.
        known: u32,
    },
    /// STO-04: the database refused write-ahead logging or `synchronous=FULL`.
    #[error("the database cannot be made durable at this place")]
    NotDurable,
    /// STO-05: the stored tree head, frontier, tiles and entries do not belong together.
    #[error("the tree head at size {size} does not match the stored entries")]
    HeadMismatch {
        /// The size that the stored head claims.
        size: u64,
    },
    /// STO-10: the log once published a head that it no longer holds.
    #[error("the published checkpoint of size {published} is not of this log of size {size}")]
    Rollback {
        /// The size of the published checkpoint.
        published: u64,
        /// The size of the log.
        size: u64,
    },
    /// STO-36: other users of this machine reach what is about persons.
    #[error("the folder is open to other users of this machine: chmod 700")]
    Exposed,
    /// The file or its folder could not be opened.
    #[error("the file could not be opened")]
    File(#[source] io::Error),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl OpenError {
    /// The rule in `spec/checks/sto.toml` by which the file was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Locked => Some("STO-01"),
            Self::Foreign => Some("STO-02"),
            Self::Newer { .. } => Some("STO-03"),
            Self::NotDurable => Some("STO-04"),
            Self::HeadMismatch { .. } => Some("STO-05"),
            Self::Rollback { .. } => Some("STO-10"),
            Self::Exposed => Some("STO-36"),
            Self::File(_) => None,
            Self::Storage(error) => error.code(),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match storage(&error) {
            // SQLite reads the header on the first statement: what is no database shows itself there.
            StorageError::Damaged if is_not_a_database(&error) => Self::Foreign, // [STO-02]
            other => Self::Storage(other),
        }
    }
}

fn is_not_a_database(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::NotADatabase)
}

/// What a file of one kind looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// SQLite's `application_id`: four letters.
    pub(crate) application: [u8; 4],
    /// SQLite's `user_version`: raised with each change of `schema`.
    pub(crate) version: u32,
    /// Bytes in a page.
    pub(crate) page: u32,
    /// The tables of an empty file.
    pub(crate) schema: &'static str,
    /// How a file of version 1 becomes one of version 2, and so on to `version`.
    pub(crate) upgrades: &'static [&'static str],
}

/// How much a returned commit is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The write-ahead log is synced before a commit returns.
    Full,
    /// Nothing is synced: only for the test that shows that the test for `Full` can fail.
    None,
}

/// Opens `path` for writing, creating it for its owner alone if it is absent. What SQLite writes beside it is as private.
pub(crate) fn open_writer(
    path: &Path,
    format: Format,
    durability: Durability,
) -> Result<Connection, OpenError> {
    let is_new = is_file_name(path) && create_unless_there(path).map_err(OpenError::File)?;
    let db = Connection::open_with_flags(path, FLAGS)?;
    db.busy_timeout(BUSY)?;
    check_kind(&db, format)?;
    // Counts for an empty file only.
    db.pragma_update(None, "page_size", format.page)?;
    make_durable(&db, durability)?;
    db.execute_batch(&format!(
        "PRAGMA cache_size = -{CACHE_KIB}; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};
         PRAGMA journal_size_limit = {WAL_BYTES};"
    ))?;
    create(&db, format)?;
    db.set_prepared_statement_cache_capacity(64);
    if is_new {
        sync_folder(path).map_err(OpenError::File)?;
    }
    Ok(db)
}

/// No URIs: a path is a path. No mutex: one thread at a time has a connection.
const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
const BUSY: Duration = Duration::from_secs(10);
const CACHE_KIB: u32 = 64 * 1024;
/// Pages of 4 KiB in the write-ahead log before they are copied into the file.
const CHECKPOINT_PAGES: u32 = 4_000;
/// What a write-ahead log that once was longer is cut to, so that it does not slow down opening for ever.
const WAL_BYTES: u32 = 32 * 1024 * 1024;

fn check_kind(db: &Connection, format: Format) -> Result<(), OpenError> {
    let application: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != i32::from_be_bytes(format.application) && !(application == 0 && tables == 0) {
        return Err(OpenError::Foreign); // [STO-02]
    }
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > format.version {
        return Err(OpenError::Newer { found, known: format.version }); // [STO-03]
    }
    Ok(())
}

fn make_durable(db: &Connection, durability: Durability) -> Result<(), OpenError> {
    let (wanted, level) = match durability {
        Durability::Full => ("FULL", 2),
        Durability::None => ("OFF", 0),
    };
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    // On Apple systems a plain fsync leaves the data in the drive's cache.
    db.execute_batch(&format!("PRAGMA synchronous = {wanted}; PRAGMA fullfsync = ON;"))?;
    let synchronous: i64 = db.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if mode != "wal" || synchronous != level {
        return Err(OpenError::NotDurable); // [STO-04]
    }
    Ok(())
}

// In one transaction, so that a file has either all of its tables and its mark or is as it was.
fn create(db: &Connection, format: Format) -> rusqlite::Result<()> {
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == format.version {
        return Ok(());
    }
    db.execute_batch("BEGIN IMMEDIATE")?;
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match usize::try_from(version).ok().and_then(|version| version.checked_sub(1)) {
        None => db.execute_batch(format.schema)?,
        Some(done) => format.upgrades.iter().skip(done).try_for_each(|upgrade| db.execute_batch(upgrade))?,
    }
    let application = i32::from_be_bytes(format.application);
    db.execute_batch(&format!(
        "PRAGMA application_id = {application}; PRAGMA user_version = {}; COMMIT",
        format.version
    ))
}

/// Whether SQLite takes `path` for a file. What it keeps in memory is refused as not durable.
fn is_file_name(path: &Path) -> bool {
    path != Path::new(":memory:")
}

/// Whether there was no file at `path`; there is one now.
fn create_unless_there(path: &Path) -> io::Result<bool> {
    match create_private(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates the file `path`, which is absent, for its owner alone.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path) // [STO-36]
}

/// Refuses a place that other users of this machine can look into.
pub(crate) fn refuse_exposed(path: &Path) -> Result<(), OpenError> {
    let folder = folder_of(path).metadata().map_err(OpenError::File)?;
    match folder.mode() & 0o077 {
        0 => Ok(()),
        _ => Err(OpenError::Exposed), // [STO-36]
    }
}

/// Makes the names in the folder of `path` durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The right to write one ledger; ends with the value, or with the process however it dies.
#[derive(Debug)]
pub(crate) struct WriteLock {
    _file: File,
}

impl WriteLock {
    /// Takes the lock that lies beside `path`.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let file =
            File::options().create(true).append(true).open(Path::new(&name)).map_err(OpenError::File)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked), // [STO-01]
            Err(TryLockError::Error(error)) => Err(OpenError::File(error)),
        }
    }
}

/// Connections that only read. Each sees the last commit; none waits for a writer.
#[derive(Debug)]
pub(crate) struct Readers {
    path: Box<Path>,
    idle: Mutex<Vec<Connection>>,
}

/// Connections kept open while nobody reads.
const IDLE_READERS: usize = 8;
const READER_CACHE_KIB: u32 = 8 * 1024;

impl Readers {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.into(), idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `read` on a connection of its own.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        self.lease().and_then(|db| read(&db)).map_err(|error| storage(&error))
    }

    /// A connection that returns to the others when it is dropped.
    pub(crate) fn lease(&self) -> rusqlite::Result<Lease<'_>> {
        let idle = locked(&self.idle).pop();
        let db = idle.map_or_else(|| self.connect(), Ok)?;
        Ok(Lease { readers: self, db: Some(db) })
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        connect(&self.path)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // Not read-only: the first reader after a crash may have to recover.
    let mut db = Connection::open_with_flags(path, FLAGS)?;
    db.abandon();
    db.busy_timeout(BUSY)?;
    db.execute_batch(&format!("PRAGMA query_only = ON; PRAGMA cache_size = -{READER_CACHE_KIB};"))?;
    db.set_prepared_statement_cache_capacity(32);
    Ok(db)
}

/// Opens the file `path` of the kind `format`, which must be there, for reading alone.
pub(crate) fn open_reader(path: &Path, format: Format) -> Result<Connection, OpenError> {
    // SQLite says of a file that is absent only that it cannot be opened.
    File::open(path).map_err(OpenError::File)?;
    let db = connect(path)?;
    check_kind(&db, format)?;
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == format.version { Ok(db) } else { Err(OpenError::Foreign) } // [STO-02]
}

/// A reading connection, borrowed from [`Readers`].
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    readers: &'a Readers,
    /// `None` only while it is dropped.
    db: Option<Connection>,
}

impl Deref for Lease<'_> {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "the connection leaves in `drop` only")]
    fn deref(&self) -> &Connection {
        self.db.as_ref().expect("a lease holds its connection")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(mut db) = self.db.take() else { return };
        let mut idle = locked(&self.readers.idle);
        if idle.len() < IDLE_READERS && db.roll_back().is_ok() {
            idle.push(db);
        }
    }
}

/// The content of `mutex`, also after a panic of another holder: what we guard is whole at every step.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
