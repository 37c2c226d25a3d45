//! What a log serves, by its path.

use super::{ParseTileError, TileId};
use std::{fmt, str::FromStr};

/// One of the files of a log.
///
/// Printed and parsed as the path below the log's address: `checkpoint`, `tile/0/x001/067`, `tile/entries/x001/067.p/12`.
/// A path has one form and names nothing outside the log, whatever is in it: what parses may be joined to a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The newest signed checkpoint.
    Checkpoint,
    /// A tile of hashes.
    Tile(TileId),
    /// The entries of a tile of level 0.
    Entries(TileId),
}

impl Resource {
    /// The entries whose leaf hashes `tile` holds; `None` if it is not of level 0.
    pub fn entries_of(tile: TileId) -> Option<Self> {
        (tile.level() == 0).then_some(Self::Entries(tile))
    }

    /// The content type to serve it with.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Checkpoint => "text/plain; charset=utf-8",
            Self::Tile(_) | Self::Entries(_) => "application/octet-stream",
        }
    }

    /// Whether it never changes, so that it may be kept for ever.
    pub const fn is_immutable(&self) -> bool {
        !matches!(self, Self::Checkpoint)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Tile(id) => id.fmt(f),
            Self::Entries(id) => {
                f.write_str("tile/entries/")?;
                id.write_place(f)
            }
        }
    }
}

impl FromStr for Resource {
    type Err = ParseTileError;

    fn from_str(path: &str) -> Result<Self, ParseTileError> {
        if path == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        let Some(place) = path.strip_prefix("tile/entries/") else { return path.parse().map(Self::Tile) };
        let entries = TileId::parse_place(0, place).map(Self::Entries).ok_or(ParseTileError)?;
        if entries.to_string() == path { Ok(entries) } else { Err(ParseTileError) } // [LOG-29]
    }
}
