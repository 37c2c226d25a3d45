//! The event store in a SQLite file.

use super::{
    AllocateError, AppendEventsError, IssueError, ListId, RedeemError, Snapshot, SnapshotError, SpendKey,
    StreamId, Version,
};
use crate::{
    commit::Committer,
    sqlite::{Durability, Format, OpenError, Readers, StorageError, damaged, open_writer},
};
use rusqlite::{Connection, OptionalExtension, params};
use sinpyo_core::time::Timestamp;
use std::path::Path;

pub(crate) const FORMAT: Format = Format {
    application: *b"SPev",
    version: 1,
    page: 4096,
    schema: "
        CREATE TABLE event (
            stream TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (stream, version)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE snapshot (
            stream TEXT PRIMARY KEY, version INTEGER NOT NULL, state BLOB NOT NULL
        ) STRICT;
        -- data is NULL once the record is redeemed
        CREATE TABLE single_use (
            key BLOB PRIMARY KEY, expires INTEGER NOT NULL, redeemed INTEGER NOT NULL, data BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX single_use_expiry ON single_use (expires);
        CREATE TABLE allocated (
            list TEXT NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (list, position)
        ) STRICT, WITHOUT ROWID;",
    upgrades: &[],
};

#[derive(Debug)]
pub(super) struct Events {
    // Closed before the writer, which tidies up.
    readers: Readers,
    writer: Committer<Connection>,
}

impl Events {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let db = open_writer(path, FORMAT, Durability::Full)?;
        let writer = Committer::start(db).map_err(OpenError::File)?;
        Ok(Self { writer, readers: Readers::new(path) })
    }

    pub(super) fn append(
        &self,
        stream: &StreamId,
        expected: Version,
        events: Vec<Vec<u8>>,
    ) -> Result<Version, AppendEventsError> {
        let stream = stream.clone();
        self.writer.call(move |db| {
            let actual = version(db, &stream)?;
            if actual != expected {
                return Ok(Err(AppendEventsError::Conflict { actual })); // [STO-16]
            }
            let mut insert =
                db.prepare_cached("INSERT INTO event (stream, version, data) VALUES (?1, ?2, ?3)")?;
            let mut last = actual.0;
            for data in events {
                last += 1;
                insert.execute(params![stream.0, number(last)?, data])?;
            }
            Ok(Ok(Version(last)))
        })?
    }

    pub(super) fn read(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StorageError> {
        // Beyond what SQLite counts to there is nothing.
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.readers.read(|db| {
            let sql = "SELECT data FROM event WHERE stream = ?1 AND version > ?2 ORDER BY version LIMIT ?3";
            let mut select = db.prepare_cached(sql)?;
            select.query_map(params![stream.0, after, limit], |row| row.get(0))?.collect()
        })
    }

    pub(super) fn save_snapshot(&self, stream: &StreamId, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let stream = stream.clone();
        self.writer.call(move |db| {
            let actual = version(db, &stream)?;
            if snapshot.version > actual {
                return Ok(Err(SnapshotError::Ahead { actual })); // [STO-17]
            }
            let sql = "INSERT INTO snapshot (stream, version, state) VALUES (?1, ?2, ?3)
                       ON CONFLICT DO UPDATE SET version = excluded.version, state = excluded.state
                       WHERE excluded.version > version";
            let values = params![stream.0, number(snapshot.version.0)?, snapshot.state];
            db.prepare_cached(sql)?.execute(values)?;
            Ok(Ok(()))
        })?
    }

    pub(super) fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StorageError> {
        self.readers.read(|db| {
            let mut select = db.prepare_cached("SELECT version, state FROM snapshot WHERE stream = ?1")?;
            let found = select.query_row([&stream.0], |row| {
                Ok(Snapshot { version: Version(count(row.get(0)?)?), state: row.get(1)? })
            });
            found.optional()
        })
    }

    pub(super) fn issue(&self, key: SpendKey, data: &[u8], expires: Timestamp) -> Result<(), IssueError> {
        let data = data.to_vec();
        let is_new = self.writer.call(move |db| {
            let sql = "INSERT INTO single_use (key, expires, redeemed, data) VALUES (?1, ?2, 0, ?3)
                       ON CONFLICT DO NOTHING";
            db.prepare_cached(sql)?.execute(params![key.0, expires.unix(), data])
        })?;
        if is_new == 1 { Ok(()) } else { Err(IssueError::Exists) } // [STO-18]
    }

    pub(super) fn redeem(&self, key: SpendKey, now: Timestamp) -> Result<Vec<u8>, RedeemError> {
        self.writer.call(move |db| {
            // Who changes the row has redeemed it; everything after this statement only explains or tidies.
            let sql = "UPDATE single_use SET redeemed = 1 WHERE key = ?1 AND redeemed = 0 AND expires > ?2
                       RETURNING data";
            let mut update = db.prepare_cached(sql)?;
            let spent = update.query_row(params![key.0, now.unix()], |row| row.get(0)).optional()?;
            if let Some(data) = spent {
                db.prepare_cached("UPDATE single_use SET data = NULL WHERE key = ?1")?.execute([key.0])?;
                return Ok(Ok(data));
            }
            let mut select = db.prepare_cached("SELECT redeemed FROM single_use WHERE key = ?1")?;
            let redeemed: Option<bool> = select.query_row([key.0], |row| row.get(0)).optional()?;
            Ok(Err(match redeemed {
                None => RedeemError::Unknown,               // [STO-12]
                Some(true) => RedeemError::AlreadyRedeemed, // [STO-13]
                Some(false) => RedeemError::Expired,        // [STO-14]
            }))
        })?
    }

    pub(super) fn sweep(&self, expired_by: Timestamp) -> Result<u64, StorageError> {
        self.writer.call(move |db| {
            let sql = "DELETE FROM single_use WHERE expires <= ?1";
            let forgotten = db.prepare_cached(sql)?.execute([expired_by.unix()])?;
            u64::try_from(forgotten).map_err(|_| damaged())
        })
    }

    pub(super) fn allocate(&self, list: &ListId, index: u64) -> Result<(), AllocateError> {
        let list = list.clone();
        let is_new = self.writer.call(move |db| {
            let sql = "INSERT INTO allocated (list, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            db.prepare_cached(sql)?.execute(params![list.0, index.cast_signed()])
        })?;
        if is_new == 1 { Ok(()) } else { Err(AllocateError::Taken) } // [STO-15]
    }
}

fn version(db: &Connection, stream: &StreamId) -> rusqlite::Result<Version> {
    let sql = "SELECT coalesce(max(version), 0) FROM event WHERE stream = ?1";
    let last = db.prepare_cached(sql)?.query_row([&stream.0], |row| row.get(0))?;
    Ok(Version(count(last)?))
}

fn number(count: u64) -> rusqlite::Result<i64> {
    i64::try_from(count).map_err(|_| damaged())
}

fn count(number: i64) -> rusqlite::Result<u64> {
    u64::try_from(number).map_err(|_| damaged())
}
