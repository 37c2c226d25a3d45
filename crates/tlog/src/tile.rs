//! The tree cut into tiles, as a log stores and serves it [C2SP tlog-tiles].
//!
//! A tile of level `l` holds up to 256 consecutive hashes of the tree's row `8·l`. The seven rows between
//! two tile levels are computed from them ([`ExpandedTile`]).

mod bundle;
mod resource;

pub use bundle::{BadBundle, EntryBundle, MAX_ENTRY};
pub use resource::Resource;

use crate::merkle::{Hash, NodeSource};
use std::{cell::RefCell, fmt, ops::Range, str::FromStr, sync::Arc};

/// Rows of the tree that one tile spans.
pub const HEIGHT: u32 = 8;

/// Hashes in a full tile.
pub const WIDTH: u16 = 256;

/// The highest level: 8 levels of 8 rows make a tree of 2^64 leaves. The paths of levels 8 to 63, which the format has
/// for larger trees, name no tile.
const MAX_LEVEL: u8 = 7;

/// Which tile, and how many of its hashes.
///
/// Printed and parsed as the path below the log's address: `tile/0/x001/067`, or `tile/0/x001/067.p/12` for
/// a partial one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u16,
}

impl TileId {
    /// The first `width` hashes of tile `index` on `level`; `None` unless `width` is 1 to 256 and a tree of
    /// at most 2^64 leaves has that tile.
    pub fn new(level: u8, index: u64, width: u16) -> Option<Self> {
        if level > MAX_LEVEL || !(1..=WIDTH).contains(&width) {
            return None;
        }
        let rows = HEIGHT * u32::from(level) + HEIGHT;
        let exists = rows >= u64::BITS && index == 0 || rows < u64::BITS && index < 1 << (u64::BITS - rows);
        exists.then_some(Self { level, index, width })
    }

    /// The tile that holds node `index` of tree row `8·level` in a tree of `size` leaves, as wide as that
    /// tree has it; `None` if the tree has no such node.
    pub fn holding(level: u8, index: u64, size: u64) -> Option<Self> {
        let row = size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
        if index >= row {
            return None;
        }
        let tile = index / u64::from(WIDTH);
        let width = (row - tile * u64::from(WIDTH)).min(u64::from(WIDTH));
        Self::new(level, tile, u16::try_from(width).ok()?)
    }

    /// The level, 0 for the tiles of leaf hashes.
    pub const fn level(self) -> u8 {
        self.level
    }

    /// The place among the tiles of the level.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// Number of hashes, 1 to 256.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether all 256 hashes are there, so that the tile never changes.
    pub const fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// Length of the tile's content in bytes.
    pub fn length(self) -> usize {
        usize::from(self.width) * 32
    }

    /// The hashes of row `8·level` that the tile holds.
    pub fn row_range(self) -> Range<u64> {
        let start = self.index * u64::from(WIDTH);
        start..start + u64::from(self.width)
    }

    /// The tiles that a tree has after growing from `range.start` to `range.end` leaves and did not have
    /// before, bottom level first.
    pub fn touched_by(range: Range<u64>) -> impl Iterator<Item = Self> {
        (0..=MAX_LEVEL).flat_map(move |level| {
            let rows = |size: u64| size >> (HEIGHT * u32::from(level));
            let (old, new) = (rows(range.start), rows(range.end));
            let tiles = if new > old { old / u64::from(WIDTH)..new.div_ceil(u64::from(WIDTH)) } else { 0..0 };
            tiles.filter_map(move |tile| Self::holding(level, tile * u64::from(WIDTH), range.end))
        })
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        self.write_place(f)
    }
}

impl TileId {
    /// The path after the level.
    fn write_place(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_index(f, self.index)?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }

    /// Reads what [`TileId::write_place`] wrote, and what only looks like it.
    fn parse_place(level: u8, place: &str) -> Option<Self> {
        let (index, width) = match place.split_once(".p/") {
            Some((index, width)) => (index, width.parse().ok()?),
            None => (place, WIDTH),
        };
        Self::new(level, parse_index(index)?, width)
    }
}

/// Three digits a folder, all but the last marked with `x`.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    while let Some(group) = groups.pop() {
        if groups.is_empty() {
            write!(f, "{group:03}")?;
        } else {
            write!(f, "x{group:03}/")?;
        }
    }
    Ok(())
}

impl FromStr for TileId {
    type Err = ParseTileError;

    fn from_str(path: &str) -> Result<Self, ParseTileError> {
        let (level, place) =
            path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(ParseTileError)?;
        let level = level.parse().map_err(|_| ParseTileError)?;
        let id = Self::parse_place(level, place).ok_or(ParseTileError)?;
        // One path per tile: no leading zeros, signs or superfluous groups. [LOG-29]
        if id.to_string() == path { Ok(id) } else { Err(ParseTileError) }
    }
}

fn parse_index(text: &str) -> Option<u64> {
    // 2^64 has seven groups of three digits.
    text.split('/').take(8).try_fold(0_u64, |index, group| {
        let group: u64 = group.trim_start_matches('x').parse().ok()?;
        index.checked_mul(1000)?.checked_add(group)
    })
}

/// The text is no path of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub struct ParseTileError;

impl ParseTileError {
    /// The rule that was broken, as in `spec/checks/log.toml`.
    pub const fn code(&self) -> &'static str {
        "LOG-29"
    }
}

/// A tile with the rows of the tree between it and the next level computed.
///
/// About 16 KiB for a full tile. Stores cache it: with it a proof costs no hashing inside full tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandedTile {
    /// The tile's own row first, then each row of complete subtrees above it.
    rows: Vec<Box<[Hash]>>,
}

impl ExpandedTile {
    /// Expands the content of tile `id`.
    ///
    /// # Errors
    /// `content` is not the tile's number of hashes long.
    pub fn from_content(id: TileId, content: &[u8]) -> Result<Self, BadTile> {
        if content.len() != id.length() {
            return Err(BadTile);
        }
        let bottom: Result<Box<[Hash]>, _> = content.chunks_exact(32).map(Hash::try_from).collect();
        let mut rows = vec![bottom.map_err(|_| BadTile)?];
        while let Some(row) = rows.last().filter(|row| row.len() > 1) {
            let pairs = row.chunks_exact(2).filter_map(|pair| match *pair {
                [left, right] => Some(Hash::node(left, right)),
                _ => None,
            });
            rows.push(pairs.collect());
        }
        Ok(Self { rows })
    }

    /// The root of complete subtree `index`, counted from the tile's left edge, `row` rows above the tile's
    /// own.
    pub fn node(&self, row: u32, index: u64) -> Option<Hash> {
        let row = self.rows.get(usize::try_from(row).ok()?)?;
        row.get(usize::try_from(index).ok()?).copied()
    }
}

/// The content does not have the length of its tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the content of a tile has the wrong length")]
pub struct BadTile;

/// Where tiles are read.
pub trait TileSource {
    /// Why a tile could not be read.
    type Error;

    /// The tile `id`, which the tree is large enough to have.
    ///
    /// # Errors
    /// The source failed or lost the tile.
    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, Self::Error>;
}

/// The nodes of a tree of a given size, read through tiles. Lives as long as one proof.
#[derive(Debug)]
pub struct TileNodes<'a, S: TileSource + ?Sized> {
    source: &'a S,
    size: u64,
    /// A proof visits at most a few tiles a level, and each many times.
    seen: RefCell<Vec<(TileId, Arc<ExpandedTile>)>>,
}

impl<'a, S: TileSource + ?Sized> TileNodes<'a, S> {
    /// The nodes of the tree of the first `size` leaves of `source`.
    pub const fn new(source: &'a S, size: u64) -> Self {
        Self { source, size, seen: RefCell::new(Vec::new()) }
    }

    fn tile(&self, id: TileId) -> Result<Arc<ExpandedTile>, S::Error> {
        if let Some((_, tile)) = self.seen.borrow().iter().find(|(seen, _)| *seen == id) {
            return Ok(Arc::clone(tile));
        }
        let tile = self.source.expanded(id)?;
        self.seen.borrow_mut().push((id, Arc::clone(&tile)));
        Ok(tile)
    }
}

/// Why a node could not be read through tiles.
#[derive(Debug, thiserror::Error)]
pub enum TileNodeError<E> {
    /// The tree of this size has no such complete subtree.
    #[error("the tree has no such node")]
    NoSuchNode,
    /// The tile could not be read.
    #[error("a tile could not be read")]
    Source(#[source] E),
}

impl<S: TileSource + ?Sized> NodeSource for TileNodes<'_, S> {
    type Error = TileNodeError<S::Error>;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let row = level % HEIGHT;
        let tile_level = u8::try_from(level / HEIGHT).map_err(|_| TileNodeError::NoSuchNode)?;
        // The tile that holds the subtree's rightmost hash, which is also the one with its leftmost.
        let last = (index << row) | ((1 << row) - 1);
        let id = TileId::holding(tile_level, last, self.size).ok_or(TileNodeError::NoSuchNode)?;
        let tile = self.tile(id).map_err(TileNodeError::Source)?;
        let first_in_tile = id.row_range().start >> row;
        tile.node(row, index - first_in_tile).ok_or(TileNodeError::NoSuchNode)
    }
}
