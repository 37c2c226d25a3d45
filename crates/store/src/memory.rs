//! The log without a file: for tests, demonstrations, and as the model of the one on disk.

use crate::{
    log::{bounded, check_held},
    sqlite::locked,
};
use sinpyo_core::time::{Clock, Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{
    AppendError, Appended, EngineError, LogEngine, MAX_SUBMISSION, Position, PublishError, Sequencing,
    StateView,
};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Frontier, Hash, TreeHead},
    tile::{TileId, WIDTH},
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    ops::Range,
    sync::{Arc, Mutex},
};

/// A ledger's log in memory. Everything is gone when it is dropped.
pub struct MemoryLog {
    sequencing: Box<dyn Sequencing>,
    clock: Box<dyn Clock>,
    tables: Mutex<Tables>,
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog")
            .field("head", &locked(&self.tables).frontier.head())
            .finish_non_exhaustive()
    }
}

struct Tables {
    entries: Vec<Vec<u8>>,
    /// By digest of the submission.
    positions: HashMap<[u8; 32], u64>,
    frontier: Frontier,
    /// Row `8·level` of the tree: what the tiles of a level hold together.
    rows: Vec<Vec<Hash>>,
    time: Option<Timestamp>,
    /// Shared with the views that were given out; copied before a change if there are any.
    state: Arc<BTreeMap<Vec<u8>, Vec<u8>>>,
    published: Option<SignedCheckpoint>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new(sequencing: impl Sequencing + 'static, clock: impl Clock + 'static) -> Self {
        let tables = Tables {
            entries: Vec::new(),
            positions: HashMap::new(),
            frontier: Frontier::new(),
            rows: Vec::new(),
            time: None,
            state: Arc::default(),
            published: None,
        };
        Self { sequencing: Box::new(sequencing), clock: Box::new(clock), tables: Mutex::new(tables) }
    }

    fn append_one(&self, tables: &mut Tables, submission: &[u8]) -> Result<Appended, AppendError> {
        if !(1..=MAX_SUBMISSION).contains(&submission.len()) {
            return Err(AppendError::Length);
        }
        let digest = sha256(submission);
        if let Some(&index) = tables.positions.get(&digest) {
            return Ok(Appended { index, repeated: true }); // [STO-08]
        }
        let (now, index) = (self.clock.now(), tables.frontier.size());
        let time = tables.time.map_or(now, |last| last.max(now)); // [STO-11]
        let view = View(Arc::clone(&tables.state));
        let new = self.sequencing.sequence(&view, Position { index, time }, submission);
        let new = new.and_then(bounded).map_err(AppendError::Refused)?;
        drop(view);
        let state = Arc::make_mut(&mut tables.state);
        for write in new.writes {
            match write.value {
                Some(value) => state.insert(write.key, value),
                None => state.remove(&write.key),
            };
        }
        let leaf = Hash::leaf(&new.entry);
        tables.frontier.append(leaf);
        push(&mut tables.rows, 0, leaf);
        tables.entries.push(new.entry);
        tables.positions.insert(digest, index);
        tables.time = Some(time);
        Ok(Appended { index, repeated: false })
    }
}

/// Appends to row `8·level`; with each 256th hash also to the row above.
fn push(rows: &mut Vec<Vec<Hash>>, level: usize, hash: Hash) {
    if rows.len() <= level {
        rows.push(Vec::new());
    }
    let Some(row) = rows.get_mut(level) else { return };
    row.push(hash);
    if row.len().is_multiple_of(usize::from(WIDTH)) {
        let mut subtree = Frontier::new();
        row.iter().skip(row.len() - usize::from(WIDTH)).for_each(|hash| subtree.append(*hash));
        let root = subtree.head().root;
        push(rows, level + 1, root);
    }
}

impl LogEngine for MemoryLog {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        let mut tables = locked(&self.tables);
        submissions.iter().map(|submission| self.append_one(&mut tables, submission)).collect()
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        Ok(locked(&self.tables).frontier.head())
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        let tables = locked(&self.tables);
        let bounds = place(range.start)..place(range.end);
        tables.entries.get(bounds).map(<[_]>::to_vec).ok_or(EngineError::OutsideLog)
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        let tables = locked(&self.tables);
        let range = id.row_range();
        let row = tables.rows.get(usize::from(id.level()));
        let hashes = row.and_then(|row| row.get(place(range.start)..place(range.end)));
        Ok(hashes.ok_or(EngineError::OutsideLog)?.iter().flat_map(Hash::as_bytes).copied().collect())
    }

    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        Ok(Box::new(View(Arc::clone(&locked(&self.tables).state))))
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        check_held(self, checkpoint.claimed_head())?;
        let mut tables = locked(&self.tables);
        let published = tables.published.as_ref().map_or(0, |published| published.claimed_head().size);
        if checkpoint.claimed_head().size < published {
            return Err(PublishError::Shrinks); // [LOG-07]
        }
        tables.published = Some(checkpoint.clone());
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        Ok(locked(&self.tables).published.clone())
    }
}

/// Beyond what memory can index there is nothing.
fn place(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The state at one moment.
struct View(Arc<BTreeMap<Vec<u8>, Vec<u8>>>);

impl StateView for View {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}
