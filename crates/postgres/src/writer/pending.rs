//! What an open transaction will write.

use crate::{
    error::PgError,
    session::{Parameter, Session},
    tables::{self, number, place},
};
use sinpyo_registry::engine::{EngineError, MAX_ENTRY, NewEntry, Position, PublishError, Refusal, StateView};
use sinpyo_tlog::{
    edge::Edge,
    merkle::{Hash, TreeHead},
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
};

/// Entries in one statement, so that its parameters stay below the protocol's 1 GiB.
const CHUNK: usize = 4_096;

/// PGL-14: the sequencing made an entry that is too long for an entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry would have {length} bytes, more than 65,535")]
struct EntryTooLong {
    length: usize,
}

/// Refuses an entry that no bundle can hold.
pub(super) fn bounded(new: NewEntry) -> Result<NewEntry, Refusal> {
    let length = new.entry.len();
    if length > MAX_ENTRY { Err(Refusal::rule("PGL-14", EntryTooLong { length })) } else { Ok(new) } // [PGL-14]
}

/// The entries, tiles and state of an open transaction, written together at its end.
pub(super) struct Pending<'a> {
    session: &'a Session,
    before: TreeHead,
    edge: Edge,
    known: HashMap<[u8; 32], u64>,
    entries: Vec<Vec<u8>>,
    digests: Vec<[u8; 32]>,
    tiles: (Vec<i64>, Vec<Vec<u8>>),
    state: PendingState<'a>,
    /// Something is believed that this node does not know to be durable: a repetition, or the head it began with.
    unconfirmed: Cell<bool>,
}

impl<'a> Pending<'a> {
    pub(super) fn new(edge: Edge, known: HashMap<[u8; 32], u64>, session: &'a Session) -> Self {
        let state = PendingState {
            session,
            values: RefCell::default(),
            changed: BTreeSet::new(),
            failure: Cell::new(None),
        };
        let before = edge.frontier.head();
        let (entries, digests, tiles) = Default::default();
        Self { session, before, edge, known, entries, digests, tiles, state, unconfirmed: Cell::new(false) }
    }

    /// Has the transaction wait for standbys even if it writes nothing.
    pub(super) fn needs_confirmation(&self) {
        self.unconfirmed.set(true);
    }

    pub(super) const fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The state with the writes of every earlier entry.
    pub(super) const fn state(&self) -> &PendingState<'a> {
        &self.state
    }

    /// Fails if the state could not be read, whatever the sequencing made of it.
    pub(super) fn check_state(&self) -> Result<(), PgError> {
        self.state.failure.take().map_or(Ok(()), Err)
    }

    /// Where a submission went before.
    pub(super) fn find(&self, digest: &[u8; 32]) -> Option<u64> {
        let index = self.known.get(digest).copied();
        if index.is_some() {
            self.needs_confirmation();
        }
        index
    }

    pub(super) fn append(&mut self, new: NewEntry, at: Position, digest: [u8; 32]) -> Result<(), PgError> {
        let (places, contents) = &mut self.tiles;
        self.edge.append(Hash::leaf(&new.entry), |id, content| {
            places.push(place(id)?);
            contents.push(content.to_vec());
            Ok::<(), PgError>(())
        })?;
        self.edge.time = Some(at.time);
        for write in new.writes {
            self.state.changed.insert(write.key.clone());
            self.state.values.get_mut().insert(write.key, write.value);
        }
        self.entries.push(new.entry);
        self.digests.push(digest);
        self.known.insert(digest, at.index);
        Ok(())
    }

    /// Replaces the published checkpoint by one that is not smaller.
    ///
    /// The caller has compared its root with the log.
    pub(super) fn publish(&self, head: TreeHead, note: &str) -> Result<Result<(), PublishError>, PgError> {
        const PUBLISH: &str =
            "INSERT INTO checkpoint AS old (one, size, root, note) VALUES (true, $1, $2, $3)
             ON CONFLICT (one) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note
             WHERE excluded.size > old.size OR (excluded.size = old.size AND excluded.root = old.root)";
        let root = head.root.as_bytes().as_slice();
        let changed = self.session.execute(PUBLISH, &[&number(head.size)?, &root, &note])?;
        Ok(if changed == 1 { Ok(()) } else { Err(PublishError::Shrinks) }) // [LOG-07]
    }

    /// Writes it all; the edge is then that of the log, once this is committed.
    pub(super) fn write(mut self) -> Result<Edge, PgError> {
        if self.entries.is_empty() {
            if self.unconfirmed.get() {
                super::confirm(self.session)?; // [PGL-17]
            }
            return Ok(self.edge);
        }
        for (id, content) in self.edge.take_changed() {
            self.tiles.0.push(place(id)?);
            self.tiles.1.push(content.to_vec());
        }
        self.write_entries()?;
        self.write_state()?;
        self.write_tree()?;
        Ok(self.edge)
    }

    fn write_entries(&self) -> Result<(), PgError> {
        const APPEND: &str = "INSERT INTO entry (position, data, digest)
            SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])";
        let mut position = number(self.before.size)?;
        for (entries, digests) in self.entries.chunks(CHUNK).zip(self.digests.chunks(CHUNK)) {
            let positions: Vec<i64> = (position..).take(entries.len()).collect();
            let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
            self.session.execute(APPEND, &[&positions, &entries, &digests])?;
            position += number(u64::try_from(entries.len()).unwrap_or(u64::MAX))?;
        }
        Ok(())
    }

    fn write_state(&mut self) -> Result<(), PgError> {
        const SET: &str = "INSERT INTO state (key, value) SELECT * FROM unnest($1::bytea[], $2::bytea[])
            ON CONFLICT (sha256(key)) DO UPDATE SET value = excluded.value";
        const CLEAR: &str =
            "DELETE FROM state WHERE sha256(key) IN (SELECT sha256(gone) FROM unnest($1::bytea[]) AS gone)";
        let values = self.state.values.get_mut();
        let (mut keys, mut contents, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for key in &self.state.changed {
            match values.get(key) {
                Some(Some(value)) => {
                    keys.push(key.as_slice());
                    contents.push(value.as_slice());
                }
                _ => gone.push(key.as_slice()),
            }
        }
        if !keys.is_empty() {
            self.session.execute(SET, &[&keys, &contents])?;
        }
        if !gone.is_empty() {
            self.session.execute(CLEAR, &[&gone])?;
        }
        Ok(())
    }

    /// Tiles, and the head if it still is the one that this transaction began with.
    fn write_tree(&self) -> Result<(), PgError> {
        const TILES: &str = "INSERT INTO tile (place, hashes) SELECT * FROM unnest($1::bigint[], $2::bytea[])
            ON CONFLICT (place) DO UPDATE SET hashes = excluded.hashes";
        const MOVE: &str = "UPDATE head SET size = $1, root = $2, frontier = $3, time = $4
            WHERE size = $5 AND root = $6";
        let head = self.edge.frontier.head();
        let frontier: Vec<u8> =
            self.edge.frontier.subtrees().iter().flat_map(Hash::as_bytes).copied().collect();
        let time = self.edge.time.map(sinpyo_core::time::Timestamp::unix);
        let (size, root) = (number(head.size)?, head.root.as_bytes().as_slice());
        let (old_size, old_root) = (number(self.before.size)?, self.before.root.as_bytes().as_slice());
        let values: [Parameter<'_>; 6] = [&size, &root, &frontier, &time, &old_size, &old_root];
        let tiles: [Parameter<'_>; 2] = [&self.tiles.0, &self.tiles.1];
        let (write, advance) = (self.session.statement(TILES)?, self.session.statement(MOVE)?);
        let client = self.session.client();
        let (_, moved) = self.session.run(async {
            tokio::try_join!(biased; client.execute(&write, &tiles), client.execute(&advance, &values))
        })?;
        if moved == 1 { Ok(()) } else { Err(PgError::Contended) } // [PGL-08]
    }
}

/// The state within the open transaction.
pub(super) struct PendingState<'a> {
    session: &'a Session,
    /// What was read and what will be written.
    values: RefCell<HashMap<Vec<u8>, Option<Vec<u8>>>>,
    changed: BTreeSet<Vec<u8>>,
    /// Kept, because a fold that cannot read must undo the transaction whatever it makes of the error.
    failure: Cell<Option<PgError>>,
}

impl StateView for PendingState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        if let Some(value) = self.values.borrow().get(key) {
            return Ok(value.clone());
        }
        match tables::state(self.session, key) {
            Ok(value) => {
                self.values.borrow_mut().insert(key.to_vec(), value.clone());
                Ok(value)
            }
            Err(error) => {
                self.failure.set(Some(error.clone()));
                Err(error.into())
            }
        }
    }
}
