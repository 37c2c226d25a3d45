//! The log in a SQLite file.

mod cache;
mod committed;
mod known;
mod tables;
mod walk;
mod writer;

pub(crate) use tables::{FORMAT, has_root};
pub(crate) use walk::verify;
pub(crate) use writer::bounded;
pub use writer::{EntryTooLong, MAX_ENTRY};

use crate::{
    backup::Progress,
    commit::Committer,
    sqlite::{Durability, Lease, OpenError, Readers, StorageError, WriteLock, open_writer, storage},
    verify::{VerifyError, verify_log},
};
use cache::TileCache;
use committed::Committed;
use rusqlite::Connection;
use sinpyo_core::time::Clock;
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{
    AppendError, Appended, EngineError, LogEngine, MAX_SUBMISSION, PublishError, Sequencing, StateView,
};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{self, TreeHead},
    tile::{ExpandedTile, TileId, TileNodes},
};
use std::{ops::Range, path::Path, sync::Arc, time::Duration};
use tables::StoredHead;
use writer::{Submission, Writer};

/// Memory for expanded tiles, in bytes: the bottom row of a log of one million entries.
const TILE_CACHE: usize = 80 * 1024 * 1024;

/// A ledger's log in one SQLite file with write-ahead logging and `synchronous=FULL`.
///
/// What [`LogEngine::append`] acknowledged has been synced to the disk. One handle writes a file at a time;
/// a lock beside the file (`.lock`) ends with its process. Reads do not wait for writes.
///
/// After a commit that failed for another reason than a full disk, the log takes nothing more until it is
/// opened again; it still reads.
#[derive(Debug)]
pub struct SqliteLog {
    // In this order: closing the writer tidies up, unless it was abandoned, and the lock ends last.
    readers: Readers,
    writer: Committer<Writer>,
    committed: Arc<Committed>,
    cache: TileCache,
    _lock: WriteLock,
}

impl SqliteLog {
    /// Opens the log in the file `path`, creating it if there is none.
    ///
    /// `clock` gives ledger time, which never goes back even where the clock does. Takes time independent
    /// of the size of the log.
    ///
    /// # Errors
    /// The file is open for writing elsewhere, of another kind or newer; its head, tiles and entries do not
    /// agree; it published a checkpoint that it does not hold; it cannot be made durable or opened.
    pub fn open(
        path: &Path,
        sequencing: impl Sequencing + 'static,
        clock: impl Clock + 'static,
    ) -> Result<Self, OpenError> {
        Self::open_with(path, Box::new(sequencing), Box::new(clock), Durability::Full)
    }

    pub(crate) fn open_with(
        path: &Path,
        sequencing: Box<dyn Sequencing>,
        clock: Box<dyn Clock>,
        durability: Durability,
    ) -> Result<Self, OpenError> {
        let lock = WriteLock::take(path)?;
        let db = open_writer(path, FORMAT, durability)?;
        let size = StoredHead::load(&db)?.map_or(0, |stored| stored.head.size);
        check_published(&db, size)?;
        let writer = Writer::open(db, sequencing, clock)?.ok_or(OpenError::HeadMismatch { size })?; // [STO-05]
        let committed = writer.committed();
        Ok(Self {
            writer: Committer::start(writer).map_err(OpenError::File)?,
            readers: Readers::new(path),
            committed,
            cache: TileCache::new(TILE_CACHE),
            _lock: lock,
        })
    }

    /// Waits until the log has more than `since` entries, but no longer than `wait`; its head then.
    pub fn changed(&self, since: u64, wait: Duration) -> TreeHead {
        self.committed.beyond(since, wait)
    }

    /// As [`crate::verify::verify_log`] for this log; after damage was found, nothing more is accepted.
    ///
    /// # Errors
    /// The first entry, or the part, that does not belong to the rest; the file could not be read.
    pub fn verify(
        &self,
        sequencing: &dyn Sequencing,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<TreeHead, VerifyError> {
        let verified = verify_log(self.readers.path(), sequencing, progress);
        if verified.as_ref().is_err_and(|error| error.code().is_some()) {
            self.writer.stop(); // [STO-30]
        }
        verified
    }
}

/// Refuses a log that has gone back behind what it told the world, such as one from a backup.
fn check_published(db: &Connection, size: u64) -> Result<(), OpenError> {
    match tables::checkpoint(db)? {
        Some((published, _)) if published.size > size || !has_root(db, published) => {
            Err(OpenError::Rollback { published: published.size, size }) // [STO-10]
        }
        _ => Ok(()),
    }
}

impl LogEngine for SqliteLog {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        let count = submissions.len();
        let submissions: Vec<_> = submissions.into_iter().map(prepare).collect();
        let answers = self.writer.call(move |writer| {
            let append = |submission: Option<Submission>| match submission {
                Some(submission) => writer.append(&submission),
                None => Ok(Err(AppendError::Length)),
            };
            submissions.into_iter().map(append).collect::<rusqlite::Result<Vec<_>>>()
        });
        answers.unwrap_or_else(|error| (0..count).map(|_| Err(AppendError::Engine(engine(error)))).collect())
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        Ok(self.committed.head())
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        if range.start > range.end || range.end > self.head()?.size {
            return Err(EngineError::OutsideLog);
        }
        let entries = self.readers.read(|db| tables::entries(db, range.clone())).map_err(engine)?;
        let found = range.start + u64::try_from(entries.len()).unwrap_or(u64::MAX);
        if found == range.end { Ok(entries) } else { Err(EngineError::Corrupt { index: found }) }
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        let last = id.row_range().end - 1;
        let reached = TileId::holding(id.level(), last, self.head()?.size);
        if reached.is_none() {
            return Err(EngineError::OutsideLog);
        }
        let content = self.readers.read(|db| tables::tile(db, id)).map_err(engine)?;
        content.ok_or(EngineError::Corrupt { index: first_leaf(id) })
    }

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, EngineError> {
        if let Some(tile) = self.cache.find(id) {
            return Ok(tile);
        }
        let content = self.tile(id)?;
        let tile = ExpandedTile::from_content(id, &content).map(Arc::new);
        let tile = tile.map_err(|_| EngineError::Corrupt { index: first_leaf(id) })?;
        self.cache.keep(id, Arc::clone(&tile));
        Ok(tile)
    }

    // A view is for one answer: while it lives, the write-ahead log grows.
    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        let view = self.readers.lease().and_then(|db| {
            // The first read fixes what all later ones see.
            db.execute_batch("BEGIN; SELECT size FROM head")?;
            Ok(CommittedState(db))
        });
        Ok(Box::new(view.map_err(|error| engine(storage(&error)))?))
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        let head = checkpoint.claimed_head();
        check_held(self, head)?;
        let note = checkpoint.to_string();
        let published = self.writer.call(move |writer| writer.publish(head, &note));
        published.unwrap_or_else(|error| Err(PublishError::Engine(engine(error))))
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        let stored = self.readers.read(tables::checkpoint).map_err(engine)?;
        let Some((head, note)) = stored else { return Ok(None) };
        // Written by `publish`, so that only a damaged file holds another text.
        let note = note.parse().map_err(|_| EngineError::Corrupt { index: head.size })?;
        Ok(Some(note))
    }
}

/// Refuses a head that is not one that the log has or had. What a log held at a size never changes, so that
/// the answer is still right when the checkpoint is written.
pub(crate) fn check_held(log: &dyn LogEngine, head: TreeHead) -> Result<(), PublishError> {
    if head.size > log.head().map_err(PublishError::Engine)?.size {
        return Err(PublishError::Ahead); // [LOG-09]
    }
    match merkle::root(&TileNodes::new(log, head.size), head.size) {
        Ok(root) if root == head.root => Ok(()),
        Ok(_) => Err(PublishError::Fork), // [LOG-08]
        Err(error) => Err(PublishError::Engine(EngineError::Storage(Box::new(error)))),
    }
}

fn first_leaf(id: TileId) -> u64 {
    id.row_range().start << (8 * u32::from(id.level()))
}

/// Hashes in the caller's thread; `None` for what no log takes.
fn prepare(bytes: Vec<u8>) -> Option<Submission> {
    let fits = (1..=MAX_SUBMISSION).contains(&bytes.len());
    fits.then(|| Submission { digest: sha256(&bytes), bytes })
}

fn engine(error: StorageError) -> EngineError {
    match error {
        StorageError::Stopped => EngineError::Stopped,
        error => EngineError::Storage(Box::new(error)),
    }
}

/// The state at one moment; later commits do not show.
struct CommittedState<'a>(Lease<'a>);

impl StateView for CommittedState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        tables::state(&self.0, key).map_err(|error| engine(storage(&error)))
    }
}
