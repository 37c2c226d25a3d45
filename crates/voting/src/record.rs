//! The public record of an election: its log's entries and its newest checkpoint, wherever they are read.

use sinpyo_registry::engine::LogEngine;
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    tile::{EntryBundle, TileId, WIDTH},
};
use std::{error::Error, ops::Range};

/// Where a record is read. A folder or an address is read at the edges.
///
/// An audit reads ballots, and what the board turned away, a second time. It ends with an error if they are others then:
/// whoever reads from somebody else's server had better keep what was read.
pub trait Record: Sync {
    /// The text of the newest checkpoint.
    ///
    /// # Errors
    /// It cannot be read.
    fn checkpoint(&self) -> Result<String, RecordError>;

    /// The entries whose leaf hashes tile `id` of level 0 holds, as a log serves them [C2SP tlog-tiles].
    ///
    /// # Errors
    /// They cannot be read.
    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError>;

    /// The bytes `range` of that bundle: an entry that was seen there before.
    ///
    /// # Errors
    /// They cannot be read.
    fn part(&self, id: TileId, range: Range<usize>) -> Result<Vec<u8>, RecordError> {
        let bundle = self.bundle(id)?;
        let part = bundle.get(range).map(<[u8]>::to_vec);
        part.ok_or_else(|| RecordError::missing(id.row_range().start))
    }

    /// The entry at `index`, which was seen at `range` of bundle `id` before. For records that know their entries by
    /// index; a file is read by [`Record::part`].
    ///
    /// # Errors
    /// It cannot be read.
    fn entry(&self, index: u64, (id, range): (TileId, Range<usize>)) -> Result<Vec<u8>, RecordError> {
        let _ = index;
        self.part(id, range)
    }
}

/// A record could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the record cannot be read at entry {position}")]
pub struct RecordError {
    /// The first entry concerned.
    pub position: u64,
    /// What was found.
    #[source]
    pub reason: Box<dyn Error + Send + Sync>,
}

impl RecordError {
    /// Reading failed at `position` for `reason`.
    pub fn new(position: u64, reason: impl Error + Send + Sync + 'static) -> Self {
        Self { position, reason: Box::new(reason) }
    }

    pub(crate) fn missing(position: u64) -> Self {
        Self::new(position, Missing)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the record does not have as many bytes there")]
struct Missing;

/// A record in memory.
#[derive(Clone, Debug)]
pub struct MemoryRecord {
    checkpoint: String,
    entries: Vec<Vec<u8>>,
}

impl MemoryRecord {
    /// The record of `entries` with a checkpoint, of which nothing is checked.
    pub const fn new(checkpoint: String, entries: Vec<Vec<u8>>) -> Self {
        Self { checkpoint, entries }
    }

    /// The entries.
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }
}

impl Record for MemoryRecord {
    fn checkpoint(&self) -> Result<String, RecordError> {
        Ok(self.checkpoint.clone())
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        let Range { start, end } = id.row_range();
        let place = |index: u64| usize::try_from(index).map_err(|_| RecordError::missing(start));
        let entries =
            self.entries.get(place(start)?..place(end)?).ok_or_else(|| RecordError::missing(start))?;
        bundle_of(start, entries.to_vec())
    }

    fn entry(&self, index: u64, _: (TileId, Range<usize>)) -> Result<Vec<u8>, RecordError> {
        let entry = usize::try_from(index).ok().and_then(|index| self.entries.get(index));
        entry.cloned().ok_or_else(|| RecordError::missing(index))
    }
}

/// The record that an engine holds, as of its published checkpoint.
pub struct EngineRecord<'a>(&'a dyn LogEngine);

impl std::fmt::Debug for EngineRecord<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EngineRecord(..)")
    }
}

impl<'a> EngineRecord<'a> {
    /// The record of `engine`.
    pub const fn new(engine: &'a dyn LogEngine) -> Self {
        Self(engine)
    }
}

impl Record for EngineRecord<'_> {
    fn checkpoint(&self) -> Result<String, RecordError> {
        let checkpoint = self.0.checkpoint().map_err(|error| RecordError::new(0, error))?;
        checkpoint.map(|checkpoint| checkpoint.to_string()).ok_or_else(|| RecordError::missing(0))
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        let range = id.row_range();
        let start = range.start;
        let entries = self.0.entries(range).map_err(|error| RecordError::new(start, error))?;
        bundle_of(start, entries)
    }

    fn entry(&self, index: u64, _: (TileId, Range<usize>)) -> Result<Vec<u8>, RecordError> {
        let entries = self.0.entries(index..index.saturating_add(1));
        let entry = entries.map_err(|error| RecordError::new(index, error))?.pop();
        entry.ok_or_else(|| RecordError::missing(index))
    }
}

fn bundle_of(start: u64, entries: Vec<Vec<u8>>) -> Result<Vec<u8>, RecordError> {
    let bundle = EntryBundle::new(entries).map_err(|error| RecordError::new(start, error))?;
    Ok(bundle.to_bytes())
}

/// An entry and where in its bundle it stands.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) index: u64,
    pub(crate) offset: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Reads bundle after bundle of the tree that a checkpoint claims.
pub(crate) struct Reader<'a> {
    record: &'a dyn Record,
    size: u64,
    next: u64,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(record: &'a dyn Record, size: u64) -> Self {
        Self { record, size, next: 0 }
    }

    /// The entries of the next bundle; none at the end.
    pub(crate) fn next_bundle(&mut self) -> Result<Vec<Found>, RecordError> {
        let Some(id) = TileId::holding(0, self.next, self.size) else { return Ok(Vec::new()) };
        let bundle = self.record.bundle(id)?;
        let parsed = EntryBundle::parse(id, &bundle).map_err(|error| RecordError::new(self.next, error))?;
        let mut offset = 0_u32;
        let mut found = Vec::with_capacity(usize::from(WIDTH));
        for (index, bytes) in (self.next..).zip(parsed.into_entries()) {
            offset = offset.saturating_add(2);
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            found.push(Found { index, offset, bytes });
            offset = offset.saturating_add(length);
        }
        self.next = id.row_range().end;
        Ok(found)
    }
}

/// Reads an entry again.
pub(crate) fn read_again(
    record: &dyn Record,
    size: u64,
    (index, offset, length): (u64, u32, u16),
) -> Result<Vec<u8>, RecordError> {
    let id = TileId::holding(0, index, size).ok_or_else(|| RecordError::missing(index))?;
    let start = usize::try_from(offset).map_err(|_| RecordError::missing(index))?;
    record.entry(index, (id, start..start.saturating_add(usize::from(length))))
}

/// The checkpoint of a record, unchecked.
pub(crate) fn checkpoint(
    record: &dyn Record,
) -> Result<Result<SignedCheckpoint, CheckpointError>, RecordError> {
    Ok(record.checkpoint()?.parse())
}
