//! Reads a stored log from its first entry to its last.

use super::{
    first_leaf,
    tables::{self, StoredHead, count},
};
use crate::{backup::Progress, verify::VerifyError};
use rusqlite::Connection;
use sinpyo_registry::engine::{EngineError, Sequencing, StateView, StateWrite};
use sinpyo_tlog::{
    edge::Edge,
    merkle::{Hash, TreeHead},
    tile::{TileId, WIDTH},
};
use std::collections::BTreeMap;

/// Compares entries, tiles, head, checkpoint and state with each other, at one moment of the log.
pub(crate) fn verify(
    db: &Connection,
    sequencing: &dyn Sequencing,
    progress: &mut dyn FnMut(Progress),
) -> Result<TreeHead, VerifyError> {
    let moment = db.unchecked_transaction()?;
    let stored = StoredHead::load(&moment)?;
    let size = stored.as_ref().map_or(0, |stored| stored.head.size);
    let published = tables::checkpoint(&moment)?.map(|(published, _)| published);
    let mut walk = Walk {
        db: &moment,
        sequencing,
        size,
        published,
        edge: Edge::empty(),
        leaves: Vec::new(),
        state: Replayed::default(),
    };
    walk.check_published()?;
    walk.read(progress)?;
    walk.check_edge(stored.as_ref())?;
    walk.check_submissions()?;
    walk.check_state()?;
    Ok(walk.edge.frontier.head())
}

/// Entries between two calls of `progress`.
const STRIDE: u64 = 1 << 14;

/// What the entries read so far lead to.
struct Walk<'a> {
    db: &'a Connection,
    sequencing: &'a dyn Sequencing,
    /// What the stored head claims.
    size: u64,
    published: Option<TreeHead>,
    edge: Edge,
    /// The stored leaf hashes around the next entry.
    leaves: Vec<u8>,
    state: Replayed,
}

impl Walk<'_> {
    fn read(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), VerifyError> {
        let mut select = self.db.prepare("SELECT position, data FROM entry ORDER BY position")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let data = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            self.step(row.get(0)?, data)?;
            let done = self.edge.frontier.size();
            if done.is_multiple_of(STRIDE) {
                progress(Progress { done, total: self.size });
            }
        }
        let index = self.edge.frontier.size();
        if index < self.size {
            return Err(VerifyError::Entry { index }); // [STO-24]
        }
        progress(Progress { done: index, total: self.size });
        Ok(())
    }

    fn step(&mut self, position: i64, data: &[u8]) -> Result<(), VerifyError> {
        let index = self.edge.frontier.size();
        let leaf = Hash::leaf(data);
        if position != tables::number(index)? || index == self.size || self.stored_leaf(index)? != Some(leaf)
        {
            return Err(VerifyError::Entry { index }); // [STO-24]
        }
        let writes = self.sequencing.replay(&self.state, index, data);
        self.state.write(writes.map_err(|reason| VerifyError::Unlawful { index, reason })?); // [STO-25]
        let db = self.db;
        self.edge.append(leaf, |id, content| compare(db, id, content))?;
        self.check_published()
    }

    fn stored_leaf(&mut self, index: u64) -> rusqlite::Result<Option<Hash>> {
        let place = usize::try_from(index % u64::from(WIDTH)).unwrap_or(0);
        if place == 0 {
            let id = TileId::holding(0, index, self.size);
            let tile = id.map(|id| tables::tile(self.db, id)).transpose()?;
            self.leaves = tile.flatten().unwrap_or_default();
        }
        let leaf = self.leaves.get(place * 32..place * 32 + 32);
        Ok(leaf.and_then(|leaf| Hash::try_from(leaf).ok()))
    }

    fn check_published(&self) -> Result<(), VerifyError> {
        match self.published {
            Some(published) if published.size > self.size || self.departs_from(published) => {
                Err(VerifyError::Published { published: published.size }) // [STO-10]
            }
            _ => Ok(()),
        }
    }

    fn departs_from(&self, published: TreeHead) -> bool {
        let frontier = &self.edge.frontier;
        frontier.size() == published.size && frontier.head().root != published.root
    }

    fn check_edge(&mut self, stored: Option<&StoredHead>) -> Result<(), VerifyError> {
        let db = self.db;
        self.edge.take_changed().try_for_each(|(id, content)| compare(db, id, content))?;
        let fits = stored.is_none_or(|stored| stored.is_of(&self.edge.frontier));
        if fits { Ok(()) } else { Err(VerifyError::Head { size: self.size }) } // [STO-05]
    }

    fn check_submissions(&self) -> Result<(), VerifyError> {
        let number = |sql| self.db.query_row(sql, [], |row| count(row.get(0)?));
        let fits = number("SELECT count(*) FROM submission")? == self.size
            && number("SELECT coalesce(max(position) + 1, 0) FROM submission")? == self.size
            && number("SELECT coalesce(sum(length(rows)), 0) / 16 FROM bucket")?
                == number("SELECT coalesce(max(last) + 1, 0) FROM segment")?;
        if fits { Ok(()) } else { Err(VerifyError::Submissions) } // [STO-27]
    }

    fn check_state(&self) -> Result<(), VerifyError> {
        let mut select = self.db.prepare("SELECT key, value FROM state ORDER BY key")?;
        let mut rows = select.query([])?;
        let mut computed = self.state.0.iter();
        while let Some(row) = rows.next()? {
            let pair: (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            if computed.next() != Some((&pair.0, &pair.1)) {
                return Err(VerifyError::State); // [STO-26]
            }
        }
        if computed.next().is_none() { Ok(()) } else { Err(VerifyError::State) }
    }
}

/// Compares a stored tile with what the entries lead to.
fn compare(db: &Connection, id: TileId, computed: &[u8]) -> Result<(), VerifyError> {
    let stored = tables::tile(db, id)?.unwrap_or_default();
    let differs = |(ours, theirs): (&[u8], &[u8])| ours != theirs;
    let same = computed.chunks(32).zip(stored.chunks(32)).take_while(|pair| !differs(*pair)).count();
    if same * 32 == computed.len() {
        return Ok(());
    }
    let span = 8 * u32::from(id.level());
    let offset = u64::try_from(same).unwrap_or(u64::MAX) << span;
    Err(VerifyError::Entry { index: first_leaf(id) + offset }) // [STO-24]
}

/// The state that the entries lead to.
#[derive(Default)]
struct Replayed(BTreeMap<Vec<u8>, Vec<u8>>);

impl Replayed {
    fn write(&mut self, writes: Vec<StateWrite>) {
        for StateWrite { key, value } in writes {
            match value {
                Some(value) => drop(self.0.insert(key, value)),
                None => drop(self.0.remove(&key)),
            }
        }
    }
}

impl StateView for Replayed {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}
