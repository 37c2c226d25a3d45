//! Sorted digests of a stretch of the log.

use super::filter::Filter;
use crate::{
    log::tables::{count, number},
    sqlite::damaged,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::ops::Range;

/// What a segment keeps of a submission: the first eight bytes of its digest, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    prefix: u64,
    position: u64,
}

impl Row {
    pub(super) fn new(digest: &[u8; 32], position: u64) -> Self {
        Self { prefix: prefix(digest), position }
    }
}

fn prefix(digest: &[u8; 32]) -> u64 {
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// An immutable part of the index.
#[derive(Debug)]
pub(super) struct Segment {
    range: Range<u64>,
    filter: Filter,
}

/// Rows in a bucket on average: with 16 bytes each, several buckets fit a page.
const BUCKET: u64 = 64;

impl Segment {
    /// Reads the filters of every segment, in the order of their positions.
    pub(super) fn load_all(db: &Connection) -> rusqlite::Result<Vec<Self>> {
        let mut select = db.prepare("SELECT first, last, filter FROM segment ORDER BY first")?;
        let mut rows = select.query([])?;
        let mut segments: Vec<Self> = Vec::new();
        while let Some(row) = rows.next()? {
            let range = count(row.get(0)?)?..count(row.get(1)?)? + 1;
            let filter = Filter::from_bytes(row.get_ref(2)?.as_blob()?).ok_or_else(damaged)?;
            if segments.last().map_or(0, Self::end) != range.start {
                return Err(damaged());
            }
            segments.push(Self { range, filter });
        }
        Ok(segments)
    }

    /// Writes the segment of `rows`, which are sorted.
    pub(super) fn create(db: &Connection, range: Range<u64>, rows: &[Row]) -> rusqlite::Result<Self> {
        let segment = Self { filter: Filter::of(rows.len(), rows.iter().map(|row| row.prefix)), range };
        let last = segment.range.end.checked_sub(1).ok_or_else(damaged)?;
        let insert = "INSERT INTO segment (first, last, filter) VALUES (?1, ?2, ?3)";
        let values = params![number(segment.range.start)?, number(last)?, segment.filter.as_bytes()];
        db.prepare_cached(insert)?.execute(values)?;
        let mut insert = db.prepare_cached("INSERT INTO bucket (first, part, rows) VALUES (?1, ?2, ?3)")?;
        for bucket in rows.chunk_by(|left, right| segment.part(left.prefix) == segment.part(right.prefix)) {
            let part = bucket.first().map_or(0, |row| segment.part(row.prefix));
            let content: Vec<u8> = bucket
                .iter()
                .flat_map(|row| [row.prefix.to_be_bytes(), row.position.to_be_bytes()])
                .flatten()
                .collect();
            insert.execute(params![number(segment.range.start)?, number(part)?, content])?;
        }
        Ok(segment)
    }

    /// Replaces neighbours by the one segment of all their rows.
    pub(super) fn merge(db: &Connection, parts: impl Iterator<Item = Self>) -> rusqlite::Result<Self> {
        let (mut rows, mut range) = (Vec::new(), None::<Range<u64>>);
        for part in parts {
            part.take_rows(db, &mut rows)?;
            range = Some(range.map_or(part.range.start, |before| before.start)..part.range.end);
        }
        // Sorts stretches that are sorted already, which is cheap.
        rows.sort();
        Self::create(db, range.ok_or_else(damaged)?, &rows)
    }

    /// Moves the rows from the file to the end of `rows`.
    fn take_rows(&self, db: &Connection, rows: &mut Vec<Row>) -> rusqlite::Result<()> {
        let first = number(self.range.start)?;
        let mut select = db.prepare_cached("SELECT rows FROM bucket WHERE first = ?1 ORDER BY part")?;
        let mut buckets = select.query([first])?;
        while let Some(bucket) = buckets.next()? {
            decode(bucket.get_ref(0)?.as_blob()?, rows)?;
        }
        db.prepare_cached("DELETE FROM bucket WHERE first = ?1")?.execute([first])?;
        db.prepare_cached("DELETE FROM segment WHERE first = ?1")?.execute([first])?;
        Ok(())
    }

    /// After the last position of the stretch.
    pub(super) const fn end(&self) -> u64 {
        self.range.end
    }

    /// Positions of the stretch.
    pub(super) const fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// The positions of the submissions that may have `digest`.
    pub(super) fn find(&self, db: &Connection, digest: &[u8; 32]) -> rusqlite::Result<Vec<u64>> {
        let prefix = prefix(digest);
        if !self.filter.may_hold(prefix) {
            return Ok(Vec::new());
        }
        let mut select = db.prepare_cached("SELECT rows FROM bucket WHERE first = ?1 AND part = ?2")?;
        let key = [number(self.range.start)?, number(self.part(prefix))?];
        let mut rows = Vec::new();
        select.query_row(key, |row| decode(row.get_ref(0)?.as_blob()?, &mut rows)).optional()?;
        Ok(rows.iter().filter(|row| row.prefix == prefix).map(|row| row.position).collect())
    }

    /// The bucket of `prefix`: the prefixes are spread evenly over as many as the segment's length calls for.
    fn part(&self, prefix: u64) -> u64 {
        let parts = self.len().div_ceil(BUCKET);
        u64::try_from((u128::from(prefix) * u128::from(parts)) >> 64).unwrap_or(0)
    }
}

fn decode(content: &[u8], rows: &mut Vec<Row>) -> rusqlite::Result<()> {
    let (pairs, rest) = content.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(damaged());
    }
    rows.extend(pairs.iter().map(|pair| {
        let both = u128::from_be_bytes(*pair);
        let half = |both: u128| u64::try_from(both & u128::from(u64::MAX)).unwrap_or(0);
        Row { prefix: half(both >> 64), position: half(both) }
    }));
    Ok(())
}
