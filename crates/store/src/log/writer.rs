//! The one connection that appends.

use super::{
    committed::Committed,
    known::Known,
    tables::{self, StoredHead},
};
use crate::{
    commit::Transactional,
    sqlite::{damaged, storage},
};
use rusqlite::{Connection, params};
use sinpyo_core::time::Clock;
use sinpyo_registry::engine::{
    AppendError, Appended, EngineError, NewEntry, Position, PublishError, Refusal, Sequencing, StateView,
    StateWrite,
};
use sinpyo_tlog::edge::Edge;
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::{cell::Cell, fmt, sync::Arc};

/// Longest entry, in bytes: entry bundles give lengths in 16 bits [C2SP tlog-tiles].
pub const MAX_ENTRY: usize = 65_535;

/// STO-07: the sequencing made an entry that is too long for an entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry would have {length} bytes, more than 65,535")]
pub struct EntryTooLong {
    /// Length of the entry, in bytes.
    pub length: usize,
}

impl EntryTooLong {
    /// The rule in `spec/checks/sto.toml`.
    pub const fn code(&self) -> &'static str {
        "STO-07"
    }
}

/// Refuses an entry that no bundle can hold.
pub(crate) fn bounded(new: NewEntry) -> Result<NewEntry, Refusal> {
    let length = new.entry.len();
    if length > MAX_ENTRY {
        let reason = EntryTooLong { length };
        return Err(Refusal::Rule { code: reason.code(), reason: Box::new(reason) }); // [STO-07]
    }
    Ok(new)
}

/// A submission with the digest by which a repetition is known.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: [u8; 32],
}

/// What the committing thread owns.
pub(super) struct Writer {
    db: Connection,
    sequencing: Box<dyn Sequencing>,
    clock: Box<dyn Clock>,
    edge: Edge,
    known: Known,
    committed: Arc<Committed>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("edge", &self.edge).finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer that goes on where the file ends; `None` if its parts do not agree.
    pub(super) fn open(
        db: Connection,
        sequencing: Box<dyn Sequencing>,
        clock: Box<dyn Clock>,
    ) -> rusqlite::Result<Option<Self>> {
        let Some((edge, known)) = resume(&db)? else { return Ok(None) };
        let committed = Arc::new(Committed::new(edge.frontier.head()));
        Ok(Some(Self { db, sequencing, clock, edge, known, committed }))
    }

    /// The head after the last commit, for the readers.
    pub(super) fn committed(&self) -> Arc<Committed> {
        Arc::clone(&self.committed)
    }

    /// Appends or refuses one submission.
    ///
    /// # Errors
    /// The database failed, so that the transaction must be undone.
    pub(super) fn append(
        &mut self,
        submission: &Submission,
    ) -> rusqlite::Result<Result<Appended, AppendError>> {
        if let Some(index) = self.known.find(&self.db, &submission.digest)? {
            return Ok(Ok(Appended { index, repeated: true })); // [STO-08]
        }
        let at = Position { index: self.edge.frontier.size(), time: self.edge.next_time(self.clock.now()) };
        let new = match self.sequence(at, &submission.bytes)? {
            Ok(new) => new,
            Err(refusal) => return Ok(Err(AppendError::Refused(refusal))),
        };
        let position = tables::number(at.index)?;
        let db = &self.db;
        let mut insert = db.prepare_cached("INSERT INTO entry (position, data) VALUES (?1, ?2)")?;
        insert.execute(params![position, new.entry])?;
        self.known.add(db, submission.digest, at.index)?;
        for write in &new.writes {
            apply(db, write)?;
        }
        self.edge.append(Hash::leaf(&new.entry), |id, content| tables::save_tile(db, id, content))?;
        self.edge.time = Some(at.time);
        Ok(Ok(Appended { index: at.index, repeated: false }))
    }

    fn sequence(&self, at: Position, submission: &[u8]) -> rusqlite::Result<Result<NewEntry, Refusal>> {
        let state = PendingState { db: &self.db, failure: Cell::new(None) };
        let sequenced = self.sequencing.sequence(&state, at, submission).and_then(bounded);
        match state.failure.into_inner() {
            Some(failure) => Err(failure),
            None => Ok(sequenced),
        }
    }

    /// Replaces the published checkpoint by one that is not smaller.
    ///
    /// The caller has compared its root with the log.
    pub(super) fn publish(
        &mut self,
        head: TreeHead,
        note: &str,
    ) -> rusqlite::Result<Result<(), PublishError>> {
        let sql = "INSERT INTO checkpoint (one, size, root, note) VALUES (1, ?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note
                   WHERE excluded.size > size OR (excluded.size = size AND excluded.root = root)";
        let values = params![tables::number(head.size)?, head.root.as_bytes(), note];
        let changed = self.db.prepare_cached(sql)?.execute(values)?;
        Ok(if changed == 1 { Ok(()) } else { Err(PublishError::Shrinks) }) // [LOG-07]
    }
}

impl Transactional for Writer {
    fn begin(&mut self) -> rusqlite::Result<()> {
        self.db.begin()
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        for (id, content) in self.edge.take_changed() {
            tables::save_tile(&self.db, id, content)?;
        }
        let size = self.edge.frontier.size();
        let grown = size > self.committed.head().size;
        let head = if grown {
            self.known.index(&self.db, size)?;
            Some(tables::save_head(&self.db, &self.edge)?)
        } else {
            None
        };
        self.db.commit()?;
        if let Some(head) = head {
            self.committed.set(head);
        }
        Ok(())
    }

    fn roll_back(&mut self) -> rusqlite::Result<()> {
        self.db.roll_back()?;
        (self.edge, self.known) = resume(&self.db)?.ok_or_else(damaged)?;
        Ok(())
    }

    fn abandon(&mut self) {
        self.db.abandon();
    }
}

/// Reads from the file what appending goes on from; `None` if its parts do not agree.
pub(super) fn resume(db: &Connection) -> rusqlite::Result<Option<(Edge, Known)>> {
    let Some(stored) = StoredHead::load(db)? else {
        let empty = tables::has_last_entry(db, 0)?.then_some(Edge::empty());
        return empty.map(|edge| Ok((edge, Known::load(db)?))).transpose();
    };
    let known = Known::load(db)?;
    Ok(stored.into_edge(db)?.map(|edge| (edge, known)))
}

fn apply(db: &Connection, write: &StateWrite) -> rusqlite::Result<()> {
    match &write.value {
        Some(value) => db
            .prepare_cached("INSERT OR REPLACE INTO state (key, value) VALUES (?1, ?2)")?
            .execute(params![write.key, value])?,
        None => db.prepare_cached("DELETE FROM state WHERE key = ?1")?.execute([&write.key])?,
    };
    Ok(())
}

/// The state within the open transaction: with the writes of every earlier entry.
struct PendingState<'a> {
    db: &'a Connection,
    /// Kept, because a fold that cannot read must undo the transaction whatever it makes of the error.
    failure: Cell<Option<rusqlite::Error>>,
}

impl StateView for PendingState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        tables::state(self.db, key).map_err(|error| {
            let reported = EngineError::Storage(Box::new(storage(&error)));
            self.failure.set(Some(error));
            reported
        })
    }
}
