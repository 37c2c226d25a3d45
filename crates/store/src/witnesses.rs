//! What a witness has cosigned, in a SQLite file.

use crate::{
    commit::Committer,
    sqlite::{Durability, Format, OpenError, Readers, damaged, open_writer},
};
use rusqlite::{Connection, OptionalExtension, params};
use sinpyo_tlog::{
    merkle::{Hash, TreeHead},
    note::Origin,
    witness::{Advance, WitnessStore, WitnessStoreError},
};
use std::path::Path;

pub(crate) const FORMAT: Format = Format {
    application: *b"SPwt",
    version: 1,
    page: 4096,
    schema: "
        -- size: the 64 bits as a signed number; sizes are compared here for equality alone
        CREATE TABLE latest (
            origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;",
    upgrades: &[],
};

/// The latest head that a witness has cosigned of each log; one row each.
///
/// Moving on is one atomic comparison and change, on the disk before it returns; several handles and processes may
/// hold the file open.
#[derive(Debug)]
pub struct SqliteWitnessStore {
    // Closed before the writer, which tidies up.
    readers: Readers,
    writer: Committer<Connection>,
}

impl SqliteWitnessStore {
    /// Opens the store in the file `path`, creating it if there is none.
    ///
    /// A file from a backup has forgotten what was cosigned since: from it, the witness would cosign a fork that
    /// branches off in between.
    ///
    /// # Errors
    /// The file is something else or newer than this release, cannot be made durable, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let db = open_writer(path, FORMAT, Durability::Full)?;
        let writer = Committer::start(db).map_err(OpenError::File)?;
        Ok(Self { writer, readers: Readers::new(path) })
    }
}

impl WitnessStore for SqliteWitnessStore {
    fn latest(&self, origin: &Origin) -> Result<Option<TreeHead>, WitnessStoreError> {
        self.readers.read(|db| latest(db, origin)).map_err(WitnessStoreError::new)
    }

    fn advance(
        &self,
        origin: &Origin,
        from: Option<TreeHead>,
        to: TreeHead,
    ) -> Result<Advance, WitnessStoreError> {
        let origin = origin.clone();
        // Within one transaction that holds the write lock from its beginning. [STO-34]
        let advance = self.writer.call(move |db| {
            let latest = latest(db, &origin)?;
            if latest != from {
                return Ok(Advance::Overtaken { latest });
            }
            let sql = "INSERT OR REPLACE INTO latest (origin, size, root) VALUES (?1, ?2, ?3)";
            db.prepare_cached(sql)?.execute(params![
                origin.as_str(),
                to.size.cast_signed(),
                to.root.as_bytes()
            ])?;
            Ok(Advance::Done)
        });
        advance.map_err(WitnessStoreError::new)
    }
}

fn latest(db: &Connection, origin: &Origin) -> rusqlite::Result<Option<TreeHead>> {
    let mut select = db.prepare_cached("SELECT size, root FROM latest WHERE origin = ?1")?;
    let row = select.query_row([origin.as_str()], |row| {
        let root = Hash::try_from(row.get_ref(1)?.as_blob()?).map_err(|_| damaged())?;
        Ok(TreeHead { size: row.get::<_, i64>(0)?.cast_unsigned(), root })
    });
    row.optional()
}
