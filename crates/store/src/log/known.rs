//! Which submissions the log already has.

use super::tables::{count, number};
use crate::sqlite::damaged;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Finds a submission by its SHA-256.
///
/// Digests are random, so that keeping an index up to date costs a page for each entry: more than the rest
/// of the append together. Therefore the table by position gets each digest at once, at its end, and the
/// index gets them later, many at a time and in its own order. What the index lacks is in memory; opening
/// reads it from the table.
#[derive(Debug)]
pub(super) struct Known {
    /// The index holds the submissions below this position.
    indexed: u64,
    recent: HashMap<[u8; 32], u64>,
}

/// Submissions that the index may lack: 3 MiB of memory, 20 ms when opening.
const MAX_RECENT: usize = 64 * 1024;

impl Known {
    /// Reads what the index lacks.
    pub(super) fn load(db: &Connection, indexed: u64) -> rusqlite::Result<Self> {
        let mut select = db.prepare("SELECT digest, position FROM submission WHERE position >= ?1")?;
        let rows = select.query_map([number(indexed)?], |row| Ok((row.get(0)?, count(row.get(1)?)?)))?;
        Ok(Self { indexed, recent: rows.collect::<rusqlite::Result<_>>()? })
    }

    /// The first position from which on submissions are not in the index.
    pub(super) const fn indexed(&self) -> u64 {
        self.indexed
    }

    /// Where the submission with `digest` went.
    pub(super) fn find(&self, db: &Connection, digest: &[u8; 32]) -> rusqlite::Result<Option<u64>> {
        if let Some(position) = self.recent.get(digest) {
            return Ok(Some(*position));
        }
        let mut select = db.prepare_cached("SELECT position FROM submission_index WHERE prefix = ?1")?;
        let mut candidates = select.query([prefix(digest)?])?;
        while let Some(row) = candidates.next()? {
            let position = row.get(0)?;
            let mut select = db.prepare_cached("SELECT digest FROM submission WHERE position = ?1")?;
            if select.query_row([position], |row| row.get::<_, [u8; 32]>(0))? == *digest {
                return count(position).map(Some);
            }
        }
        Ok(None)
    }

    /// Adds a submission that is not there yet.
    pub(super) fn add(&mut self, db: &Connection, digest: [u8; 32], position: u64) -> rusqlite::Result<()> {
        let sql = "INSERT INTO submission (position, digest) VALUES (?1, ?2)";
        db.prepare_cached(sql)?.execute(params![number(position)?, digest])?;
        self.recent.insert(digest, position);
        Ok(())
    }

    /// Brings the index up to date once enough has gathered. `size` is that of the log.
    pub(super) fn index(&mut self, db: &Connection, size: u64) -> rusqlite::Result<()> {
        if self.recent.len() < MAX_RECENT {
            return Ok(());
        }
        let rows = self.recent.iter().map(|(digest, position)| Ok((prefix(digest)?, number(*position)?)));
        let mut rows: Vec<(i64, i64)> = rows.collect::<rusqlite::Result<_>>()?;
        rows.sort_unstable();
        let mut insert =
            db.prepare_cached("INSERT INTO submission_index (prefix, position) VALUES (?1, ?2)")?;
        for row in rows {
            insert.execute(row)?;
        }
        self.recent.clear();
        self.indexed = size;
        Ok(())
    }
}

/// What the index knows of a digest. Two submissions may share it: the digest itself decides.
fn prefix(digest: &[u8; 32]) -> rusqlite::Result<i64> {
    digest.first_chunk().map(|first| i64::from_be_bytes(*first)).ok_or_else(damaged)
}
