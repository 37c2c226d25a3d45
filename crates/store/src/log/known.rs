//! Which submissions the log already has.

mod filter;
mod segment;

use super::tables::{count, number};
use rusqlite::{Connection, params};
use segment::{Row, Segment};
use std::collections::HashMap;

/// Finds a submission by its SHA-256.
///
/// Digests are random, so that an ordered index over all of them would have to touch a page for each entry: more
/// than the rest of the append together. Therefore the table by position gets each digest at once, at its end, and
/// the index consists of sorted segments that never change: each takes the digests of some ten thousand entries,
/// and four of a size are merged. A filter in memory tells for almost every new submission that no segment holds
/// it. What is in no segment yet is in memory; opening reads it from the table.
#[derive(Debug)]
pub(super) struct Known {
    /// The segments hold the submissions below this position, in order.
    segments: Vec<Segment>,
    recent: HashMap<[u8; 32], u64>,
}

/// Submissions that no segment has: 3 MiB of memory, 20 ms when opening.
const MAX_RECENT: usize = 64 * 1024;

/// Segments of a size that become one.
const MERGED: usize = 4;

/// The most rows in a segment that is merged further, so that the largest merge stays below a second.
const MAX_MERGED: u64 = 1 << 21;

impl Known {
    /// Reads what the index lacks, and the filters.
    pub(super) fn load(db: &Connection) -> rusqlite::Result<Self> {
        let segments = Segment::load_all(db)?;
        let indexed = segments.last().map_or(0, Segment::end);
        let mut select = db.prepare("SELECT digest, position FROM submission WHERE position >= ?1")?;
        let rows = select.query_map([number(indexed)?], |row| Ok((row.get(0)?, count(row.get(1)?)?)))?;
        Ok(Self { segments, recent: rows.collect::<rusqlite::Result<_>>()? })
    }

    /// Where the submission with `digest` went.
    pub(super) fn find(&self, db: &Connection, digest: &[u8; 32]) -> rusqlite::Result<Option<u64>> {
        if let Some(position) = self.recent.get(digest) {
            return Ok(Some(*position));
        }
        for segment in &self.segments {
            for position in segment.find(db, digest)? {
                let mut select = db.prepare_cached("SELECT digest FROM submission WHERE position = ?1")?;
                // Two submissions may share what the segment keeps of a digest: the digest itself decides.
                if select.query_row([number(position)?], |row| row.get::<_, [u8; 32]>(0))? == *digest {
                    return Ok(Some(position));
                }
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

    /// Moves what has gathered into a segment, once it is enough. `size` is that of the log.
    pub(super) fn index(&mut self, db: &Connection, size: u64) -> rusqlite::Result<()> {
        if self.recent.len() < MAX_RECENT {
            return Ok(());
        }
        let first = self.segments.last().map_or(0, Segment::end);
        let mut rows: Vec<Row> =
            self.recent.iter().map(|(digest, position)| Row::new(digest, *position)).collect();
        rows.sort_unstable();
        self.segments.push(Segment::create(db, first..size, &rows)?);
        self.recent.clear();
        while let Some(four) = self.mergeable() {
            let merged = Segment::merge(db, self.segments.drain(four..))?;
            self.segments.push(merged);
        }
        Ok(())
    }

    /// From where on the last segments are of one size and not too large yet.
    fn mergeable(&self) -> Option<usize> {
        let start = self.segments.len().checked_sub(MERGED)?;
        let last = self.segments.get(start..)?;
        let smallest = last.iter().map(Segment::len).min()?;
        let alike = last.iter().all(|segment| segment.len() < 2 * smallest && segment.len() < MAX_MERGED);
        alike.then_some(start)
    }
}
