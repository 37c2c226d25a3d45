//! Operations and salts of persons, in a SQLite file from which they can be erased.

use crate::{
    commit::{Committer, Transactional},
    sqlite::{Durability, Format, OpenError, Readers, StorageError, damaged, open_writer, refuse_exposed},
};
use rusqlite::{Connection, OptionalExtension, ffi, params};
use sinpyo_registry::person::{PersonSecret, PersonStore, PersonStoreError};
use std::{path::Path, time::Duration};

pub(crate) const FORMAT: Format = Format {
    application: *b"SPpe",
    version: 1,
    // With padding in front that is longer than the part of a row that SQLite keeps within the tree, operation and
    // salt lie in pages of their own. Those are never copied when the tree is balanced, and are zeroed when freed.
    page: 512,
    schema: "
        CREATE TABLE person (
            entry INTEGER PRIMARY KEY, padding BLOB NOT NULL, salt BLOB NOT NULL, operation BLOB NOT NULL
        ) STRICT;",
    upgrades: &[],
};

/// Longer than the 477 bytes of a row that stay within the tree where pages have 512 [SQLite file format §1.6].
const PADDING: usize = 480;

/// How long an erasure waits for readers that still look at the write-ahead log.
const PATIENCE: Duration = Duration::from_secs(2);

/// The side store of persons in a file of its own.
///
/// What [`PersonStore::erase`] erased is neither in the file nor in its write-ahead log when the call returns, nor in
/// a backup made after it. Backups made before still have it, and so has what an interrupted one left (`.new`): opening a restored one ends with
/// [`sinpyo_registry::person::reconcile`], which erases again what the log says is erased.
///
/// What the file system or the disk keeps of blocks that were overwritten is beyond this store: put it on an
/// encrypted volume.
#[derive(Debug)]
pub struct SqlitePersonStore {
    // Closed before the writer, which tidies up.
    readers: Readers,
    writer: Committer<Erasing>,
}

impl SqlitePersonStore {
    /// Opens the store in the file `path`, creating it if there is none. Nobody but its owner may look into its folder.
    ///
    /// # Errors
    /// The folder is open to others; the file is something else or newer than this release, cannot be made durable, or cannot be opened; somebody
    /// else is reading it for so long that the write-ahead log cannot be emptied.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        refuse_exposed(path)?;
        let db = open_writer(path, FORMAT, Durability::Full)?;
        db.execute_batch("PRAGMA secure_delete = ON")?;
        db.busy_timeout(PATIENCE)?;
        // A process that died may have left an erasure half done.
        empty_write_ahead_log(&db)?;
        let writer = Committer::start(Erasing { db, dirty: false }).map_err(OpenError::File)?;
        Ok(Self { writer, readers: Readers::new(path) })
    }
}

impl PersonStore for SqlitePersonStore {
    fn put(&self, entry: u64, secret: &PersonSecret) -> Result<(), PersonStoreError> {
        let (operation, salt) = (secret.operation().expose().clone(), *secret.salt().expose());
        let kept = self.writer.call(move |erasing| {
            // Replacing erases what was there.
            erasing.delete(entry)?;
            let sql = "INSERT INTO person (entry, padding, salt, operation) VALUES (?1, ?2, ?3, ?4)";
            let values = params![entry.cast_signed(), [0_u8; PADDING], salt, operation];
            erasing.db.prepare_cached(sql)?.execute(values).map(drop)
        });
        kept.map_err(failed)
    }

    fn get(&self, entry: u64) -> Result<Option<PersonSecret>, PersonStoreError> {
        let found = self.readers.read(|db| {
            let mut select = db.prepare_cached("SELECT operation, salt FROM person WHERE entry = ?1")?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?));
            select.query_row([entry.cast_signed()], row).optional()
        });
        let Some((operation, salt)) = found.map_err(failed)? else { return Ok(None) };
        let salt = salt.try_into().map_err(|_| PersonStoreError::Damaged)?;
        PersonSecret::from_parts(operation, salt).map(Some).map_err(|_| PersonStoreError::Damaged)
    }

    fn erase(&self, entry: u64) -> Result<(), PersonStoreError> {
        let erased = self.writer.call(move |erasing| {
            erasing.delete(entry)?;
            // Also when there is nothing: an earlier erasure may have stopped short of this. [STO-35]
            erasing.dirty = true;
            Ok(())
        });
        erased.map_err(failed)
    }

    fn entries(&self) -> Result<Vec<u64>, PersonStoreError> {
        let entries = self.readers.read(|db| {
            let mut select = db.prepare_cached("SELECT entry FROM person ORDER BY entry < 0, entry")?;
            select.query_map([], |row| Ok(row.get::<_, i64>(0)?.cast_unsigned()))?.collect()
        });
        entries.map_err(failed)
    }
}

fn failed(error: StorageError) -> PersonStoreError {
    match error {
        StorageError::Damaged => PersonStoreError::Damaged,
        error => PersonStoreError::Storage(Box::new(error)),
    }
}

/// The writing connection; a commit that erased something ends with an empty write-ahead log.
#[derive(Debug)]
struct Erasing {
    db: Connection,
    dirty: bool,
}

impl Erasing {
    fn delete(&mut self, entry: u64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM person WHERE entry = ?1";
        let deleted = self.db.prepare_cached(sql)?.execute([entry.cast_signed()])?;
        self.dirty |= deleted > 0;
        Ok(())
    }
}

impl Transactional for Erasing {
    fn begin(&mut self) -> rusqlite::Result<()> {
        self.db.begin()
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        self.db.commit()?;
        if self.dirty {
            empty_write_ahead_log(&self.db)?;
            self.dirty = false;
        }
        Ok(())
    }

    fn roll_back(&mut self) -> rusqlite::Result<()> {
        self.db.roll_back()
    }

    fn abandon(&mut self) {
        self.db.abandon();
    }
}

/// Copies the write-ahead log into the file and cuts it to nothing.
fn empty_write_ahead_log(db: &Connection) -> rusqlite::Result<()> {
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    match busy {
        0 => Ok(()),
        1 => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)),
        _ => Err(damaged()),
    }
}
