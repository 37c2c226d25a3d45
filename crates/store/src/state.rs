//! What services remember, in a SQLite file.

use crate::{
    commit::Committer,
    sqlite::{Durability, Format, OpenError, Readers, StorageError, damaged, locked, open_writer},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sinpyo_core::time::Timestamp;
use sinpyo_state::{Change, CommitError, Key, OwnedChange, Record, Space, State, Unavailable, Version};
use std::{path::Path, sync::Mutex};

pub(crate) const FORMAT: Format = Format {
    application: *b"SPev",
    version: 2,
    page: 4096,
    schema: "
        CREATE TABLE record (
            space TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL, expires INTEGER,
            PRIMARY KEY (space, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX record_expiry ON record (expires) WHERE expires IS NOT NULL;
        CREATE TABLE event (
            space TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (space, name, version)
        ) STRICT, WITHOUT ROWID;",
    upgrades: &[UPGRADE],
};

/// Version 1 had streams, snapshots that nobody made, indexes given out, and single-use records under digests that
/// are made in another way now: what was asked before has to be asked again.
const UPGRADE: &str = "
    ALTER TABLE event RENAME TO event_1;
    CREATE TABLE record (
        space TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL, expires INTEGER,
        PRIMARY KEY (space, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX record_expiry ON record (expires) WHERE expires IS NOT NULL;
    CREATE TABLE event (
        space TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (space, name, version)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO event SELECT 'status', stream, version, data FROM event_1;
    INSERT INTO record SELECT 'status.index', list || '#' || position, 1, x'', NULL FROM allocated;
    DROP TABLE event_1; DROP TABLE snapshot; DROP TABLE single_use; DROP TABLE allocated;";

/// Most records that one transaction forgets, so that nobody waits long behind it.
const SWEPT: i64 = 1_000;

/// Durable memory of one service in one SQLite file with write-ahead logging and `synchronous=FULL`.
///
/// What [`State::commit`] acknowledges has been synced to the disk; lists that arrive while a commit runs share the next
/// one, and a conflict undoes its own list only. Reads do not wait for writes and see what was acknowledged. Several
/// handles and processes may hold one file open.
///
/// After a commit that failed for another reason than a full disk, nothing more is accepted until the file is opened
/// again; it can still be read.
///
/// ```
/// use sinpyo_core::time::Timestamp;
/// use sinpyo_state::{Change, Key, Space, State};
/// use sinpyo_store::SqliteState;
///
/// let folder = tempfile::tempdir()?;
/// let state = SqliteState::open(&folder.path().join("state.db"))?;
/// let key = Key::named(Space::new("example"), "first");
/// state.commit(&[Change::insert(&key, b"data", None)])?;
/// let now = Timestamp::from_unix(0).expect("a year below 10,000");
/// assert!(state.get(&key, now)?.is_some_and(|record| record.data == b"data"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteState {
    // Closed before the writer, which tidies up.
    readers: Readers,
    writer: Committer<Connection>,
    failure: Mutex<Option<StorageError>>,
}

impl SqliteState {
    /// Opens the memory in the file `path`, creating it if there is none.
    ///
    /// # Errors
    /// The file is something else or newer than this release, cannot be made durable, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let db = open_writer(path, FORMAT, Durability::Full)?;
        let writer = Committer::start(db).map_err(OpenError::File)?;
        Ok(Self { writer, readers: Readers::new(path), failure: Mutex::default() })
    }

    /// Why it could not answer when last it could not: for its operator.
    pub fn failure(&self) -> Option<StorageError> {
        *locked(&self.failure)
    }

    fn unavailable(&self, error: StorageError) -> Unavailable {
        *locked(&self.failure) = Some(error);
        Unavailable // [STA-02]
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Unavailable> {
        self.readers.read(read).map_err(|error| self.unavailable(error))
    }
}

impl State for SqliteState {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        self.read(|db| {
            let sql = "SELECT version, data, expires FROM record
                       WHERE space = ?1 AND name = ?2 AND (expires IS NULL OR expires > ?3)";
            let mut select = db.prepare_cached(sql)?;
            select.query_row(params![key.space().name(), key.name(), now.unix()], record).optional()
        })
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        self.read(|db| {
            // Text is compared by its bytes, and none is before the empty one.
            let sql = "SELECT version, data, expires, name FROM record
                       WHERE space = ?1 AND name >= ?2 AND name IS NOT ?3 AND (expires IS NULL OR expires > ?4)
                       ORDER BY name LIMIT ?5";
            let values = params![space.name(), after.unwrap_or(""), after, now.unix(), most(limit)];
            let entry = |row: &Row<'_>| Ok((Key::stored(space, row.get(3)?), record(row)?));
            db.prepare_cached(sql)?.query_map(values, entry)?.collect()
        })
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        // Beyond what SQLite counts to there is nothing.
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        self.read(|db| {
            let sql = "SELECT data FROM event WHERE space = ?1 AND name = ?2 AND version > ?3
                       ORDER BY version LIMIT ?4";
            let values = params![stream.space().name(), stream.name(), after, most(limit)];
            db.prepare_cached(sql)?.query_map(values, |row| row.get(0))?.collect()
        })
    }

    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        let changes: Vec<OwnedChange> = changes.iter().map(|change| OwnedChange::from(*change)).collect();
        let made = self.writer.call(move |db| make(db, &changes));
        match made.map_err(|error| self.unavailable(error))? {
            Ok(()) => Ok(()),                                   // [STA-07]
            Err(index) => Err(CommitError::Conflict { index }), // [STA-01]
        }
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        let mut forgotten = 0;
        loop {
            let swept = self.writer.call(move |db| sweep(db, before));
            let swept = swept.map_err(|error| self.unavailable(error))?;
            forgotten += swept;
            if swept == 0 {
                return Ok(forgotten);
            }
        }
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let expires = row.get::<_, Option<i64>>(2)?.map(|unix| Timestamp::from_unix(unix).ok_or_else(damaged));
    let version = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| damaged())?;
    Ok(Record { version: Version(version), data: row.get(1)?, expires: expires.transpose()? })
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Makes all of `changes`, or none and says which does not apply. The others of the group are not concerned.
fn make(db: &Connection, changes: &[OwnedChange]) -> rusqlite::Result<Result<(), usize>> {
    let run = |sql| db.prepare_cached(sql)?.execute([]).map(drop);
    run("SAVEPOINT list")?;
    for (index, change) in changes.iter().enumerate() {
        if apply(db, change)? != 1 {
            run("ROLLBACK TO list")?;
            run("RELEASE list")?;
            return Ok(Err(index));
        }
    }
    run("RELEASE list")?;
    Ok(Ok(()))
}

/// How many rows were changed, or kept: one, or none if the change does not apply. No row has a negative version, as which a
/// version beyond SQLite's numbers is looked for.
fn apply(db: &Connection, change: &OwnedChange) -> rusqlite::Result<usize> {
    let key = Change::from(change).key();
    let (space, name) = (key.space().name(), key.name());
    match change {
        OwnedChange::Insert { data, expires, .. } => {
            let sql = "INSERT INTO record (space, name, version, data, expires) VALUES (?1, ?2, 1, ?3, ?4)
                       ON CONFLICT DO NOTHING";
            db.prepare_cached(sql)?.execute(params![space, name, data, expires.map(Timestamp::unix)])
        }
        OwnedChange::Replace { version, data, expires, .. } => {
            let sql = "UPDATE record SET version = version + 1, data = ?4, expires = ?5
                       WHERE space = ?1 AND name = ?2 AND version = ?3";
            let expires = expires.map(Timestamp::unix);
            db.prepare_cached(sql)?.execute(params![space, name, version.0.cast_signed(), data, expires])
        }
        OwnedChange::Remove { version, .. } => {
            let sql = "DELETE FROM record WHERE space = ?1 AND name = ?2 AND version = ?3";
            db.prepare_cached(sql)?.execute(params![space, name, version.0.cast_signed()])
        }
        OwnedChange::Keep { version, .. } => {
            let sql = "SELECT 1 FROM record WHERE space = ?1 AND name = ?2 AND version = ?3";
            let values = params![space, name, version.0.cast_signed()];
            Ok(usize::from(db.prepare_cached(sql)?.exists(values)?)) // [STA-09]
        }
        OwnedChange::Append { after, event, .. } => {
            let sql = "INSERT INTO event (space, name, version, data) SELECT ?1, ?2, ?3 + 1, ?4 WHERE ?3 =
                       (SELECT coalesce(max(version), 0) FROM event WHERE space = ?1 AND name = ?2)";
            db.prepare_cached(sql)?.execute(params![space, name, after.0.cast_signed(), event])
        }
    }
}

fn sweep(db: &mut Connection, before: Timestamp) -> rusqlite::Result<u64> {
    let sql = "DELETE FROM record WHERE (space, name) IN
               (SELECT space, name FROM record WHERE expires <= ?1 LIMIT ?2)";
    let forgotten = db.prepare_cached(sql)?.execute(params![before.unix(), SWEPT])?;
    u64::try_from(forgotten).map_err(|_| damaged())
}
