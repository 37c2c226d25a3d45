//! The growing side of a log: what must be known to append, and the tiles that are not yet full.

use crate::{
    merkle::{Frontier, Hash},
    tile::{TileId, WIDTH},
};
use sinpyo_core::time::Timestamp;

/// Frontier, latest ledger time, and the last tile of each level.
#[derive(Debug)]
pub struct Edge {
    /// Size and root, and what is needed to append.
    pub frontier: Frontier,
    /// Ledger time of the last entry; `None` while there is none.
    pub time: Option<Timestamp>,
    levels: Vec<Level>,
}

#[derive(Debug, Default)]
struct Level {
    /// Number of full tiles to the left.
    full: u64,
    /// The hashes of the tile after them, 32 bytes each, fewer than 256.
    hashes: Vec<u8>,
    changed: bool,
}

impl Edge {
    /// The edge of an empty log.
    pub const fn empty() -> Self {
        Self { frontier: Frontier::new(), time: None, levels: Vec::new() }
    }

    /// The edge that was stored; `None` if the parts do not fit each other or their contents lead to
    /// another root.
    ///
    /// `partial` gives the content of a tile that is not full; `None` if it is not stored.
    pub fn from_parts(
        frontier: Frontier,
        time: Option<Timestamp>,
        mut partial: impl FnMut(TileId) -> Option<Vec<u8>>,
    ) -> Option<Self> {
        let mut levels = Vec::new();
        let mut row = frontier.size();
        for level in 0.. {
            if row == 0 {
                break;
            }
            let full = row / u64::from(WIDTH);
            let width = u16::try_from(row % u64::from(WIDTH)).ok()?;
            let hashes = match TileId::new(level, full, width) {
                Some(id) => partial(id).filter(|content| content.len() == id.length())?,
                None => Vec::new(),
            };
            levels.push(Level { full, hashes, changed: false });
            row = full;
        }
        Some(Self { frontier, time, levels })
    }

    /// Appends a leaf and hands each tile that it completes to `full`, once.
    ///
    /// # Errors
    /// `full` failed.
    pub fn append<E>(
        &mut self,
        leaf: Hash,
        mut full: impl FnMut(TileId, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { frontier, levels, .. } = self;
        let mut outcome = Ok(());
        // Every eighth height is a row of tiles; its nodes are hashed once, here.
        frontier.append_telling(leaf, |height, hash| {
            if height % ROWS_OF_A_TILE == 0 && outcome.is_ok() {
                outcome = push(levels, height / ROWS_OF_A_TILE, hash, &mut full);
            }
        });
        outcome
    }

    /// The tiles that grew since the last call and are not full.
    pub fn take_changed(&mut self) -> impl Iterator<Item = (TileId, &[u8])> {
        (0..).zip(&mut self.levels).filter_map(|(level, row)| {
            let width = u16::try_from(row.hashes.len() / 32).ok()?;
            let changed = std::mem::take(&mut row.changed);
            let id = TileId::new(level, row.full, width).filter(|_| changed)?;
            Some((id, row.hashes.as_slice()))
        })
    }

    /// Ledger time for an entry that is appended at `now`: the clock's, unless that went back.
    pub fn next_time(&self, now: Timestamp) -> Timestamp {
        self.time.map_or(now, |last| last.max(now)) // [STO-11]
    }
}

/// Heights from one row of tiles to the next.
const ROWS_OF_A_TILE: u32 = 8;

/// Appends to one level, and hands over the tile that is full with it.
fn push<E>(
    levels: &mut Vec<Level>,
    level: u32,
    hash: Hash,
    full: &mut impl FnMut(TileId, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    // A tree of 2^64 leaves has nine rows of tiles.
    let (Ok(place), Ok(level)) = (usize::try_from(level), u8::try_from(level)) else { return Ok(()) };
    if levels.len() <= place {
        levels.push(Level::default());
    }
    let Some(row) = levels.get_mut(place) else { return Ok(()) };
    row.hashes.extend_from_slice(hash.as_bytes());
    row.changed = true;
    let id = TileId::new(level, row.full, WIDTH).filter(|id| id.length() == row.hashes.len());
    if let Some(id) = id {
        full(id, &row.hashes)?;
        *row = Level { full: row.full + 1, hashes: Vec::new(), changed: false };
    }
    Ok(())
}
