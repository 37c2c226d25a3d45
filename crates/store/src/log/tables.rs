//! The tables of a log and the statements on them that writer and readers share.

use crate::sqlite::{Format, damaged};
use rusqlite::{Connection, OptionalExtension, params};
use sinpyo_core::time::Timestamp;
use sinpyo_tlog::edge::Edge;
use sinpyo_tlog::{
    merkle::{self, Frontier, Hash, TreeHead},
    tile::{ExpandedTile, TileId, TileNodes, TileSource},
};
use std::{ops::Range, sync::Arc};

pub(crate) const FORMAT: Format = Format {
    application: *b"SPlg",
    version: 2,
    page: 4096,
    schema: "
        -- one row: the committed tree; `frontier` is the concatenation of its subtree roots
        CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
            frontier BLOB NOT NULL, time INTEGER
        ) STRICT;
        CREATE TABLE entry (position INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        -- SHA-256 of what was submitted
        CREATE TABLE submission (position INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT;
        -- an index on its first eight bytes, in stretches of positions that follow each other from 0 on; `rows` are
        -- sorted pairs of such a prefix and a position, eight bytes each
        CREATE TABLE segment (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, filter BLOB NOT NULL) STRICT;
        CREATE TABLE bucket (
            first INTEGER NOT NULL, part INTEGER NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (first, part)
        ) STRICT, WITHOUT ROWID;
        -- place = level * 2^56 + index; the last tile of a level is partial
        CREATE TABLE tile (place INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
        CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        -- at most one row: what the log last published
        CREATE TABLE checkpoint (
            one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
        ) STRICT;",
    upgrades: &["
        DROP TABLE submission_index;
        ALTER TABLE head DROP COLUMN indexed;
        CREATE TABLE segment (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, filter BLOB NOT NULL) STRICT;
        CREATE TABLE bucket (
            first INTEGER NOT NULL, part INTEGER NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (first, part)
        ) STRICT, WITHOUT ROWID;"],
};

/// SQLite counts to 2^63 - 1; a log stays far below.
pub(super) fn number(count: u64) -> rusqlite::Result<i64> {
    i64::try_from(count).map_err(|_| damaged())
}

pub(super) fn count(number: i64) -> rusqlite::Result<u64> {
    u64::try_from(number).map_err(|_| damaged())
}

fn hash(bytes: &[u8]) -> rusqlite::Result<Hash> {
    Hash::try_from(bytes).map_err(|_| damaged())
}

/// The head row as it is stored: what it claims has not been compared with anything.
#[derive(Debug)]
pub(super) struct StoredHead {
    pub(super) head: TreeHead,
    time: Option<Timestamp>,
    subtrees: Vec<Hash>,
}

impl StoredHead {
    /// Reads the head; `None` in a log that was never appended to.
    pub(super) fn load(db: &Connection) -> rusqlite::Result<Option<Self>> {
        let sql = "SELECT size, root, frontier, time FROM head";
        let row = db.prepare_cached(sql)?.query_row([], |row| {
            let size = count(row.get(0)?)?;
            let root = hash(row.get_ref(1)?.as_blob()?)?;
            let subtrees = row.get_ref(2)?.as_blob()?.chunks(32).map(hash).collect::<Result<_, _>>()?;
            let time: Option<i64> = row.get(3)?;
            let time = time.map(|unix| Timestamp::from_unix(unix).ok_or_else(damaged)).transpose()?;
            Ok(Self { head: TreeHead { size, root }, time, subtrees })
        });
        row.optional()
    }

    /// Whether this is the head of a tree with that right edge.
    pub(super) fn is_of(&self, frontier: &Frontier) -> bool {
        self.head == frontier.head() && self.subtrees == frontier.subtrees()
    }

    /// The edge to append at, if head, frontier, tiles and entries agree with each other.
    pub(super) fn into_edge(self, db: &Connection) -> rusqlite::Result<Option<Edge>> {
        let head = self.head;
        let Some(frontier) = Frontier::from_parts(head.size, self.subtrees) else { return Ok(None) };
        if frontier.head() != head || !has_last_entry(db, head.size)? {
            return Ok(None);
        }
        let from_tiles = Frontier::read(&TileNodes::new(&StoredTiles(db), head.size), head.size);
        if !from_tiles.is_ok_and(|from_tiles| from_tiles == frontier) {
            return Ok(None);
        }
        Ok(Edge::from_parts(frontier, self.time, |id| tile(db, id).ok().flatten()))
    }
}

/// Whether the entries end at `size` and the last one is the last leaf of the tree.
pub(super) fn has_last_entry(db: &Connection, size: u64) -> rusqlite::Result<bool> {
    let sql = "SELECT position, data FROM entry ORDER BY position DESC LIMIT 1";
    let last =
        db.query_row(sql, [], |row| Ok((count(row.get(0)?)?, row.get::<_, Vec<u8>>(1)?))).optional()?;
    let Some((position, data)) = last else { return Ok(size == 0) };
    let Some(id) = TileId::holding(0, position, size).filter(|_| position + 1 == size) else {
        return Ok(false);
    };
    let leaves = tile(db, id)?.unwrap_or_default();
    Ok(leaves.last_chunk::<32>() == Some(Hash::leaf(&data).as_bytes()))
}

pub(super) fn save_head(db: &Connection, edge: &Edge) -> rusqlite::Result<TreeHead> {
    let head = edge.frontier.head();
    let frontier: Vec<u8> = edge.frontier.subtrees().iter().flat_map(Hash::as_bytes).copied().collect();
    let sql = "INSERT OR REPLACE INTO head (one, size, root, frontier, time) VALUES (1, ?1, ?2, ?3, ?4)";
    let values = params![number(head.size)?, head.root.as_bytes(), frontier, edge.time.map(Timestamp::unix)];
    db.prepare_cached(sql)?.execute(values)?;
    Ok(head)
}

fn place(id: TileId) -> rusqlite::Result<i64> {
    number(u64::from(id.level()) << 56 | id.index())
}

pub(super) fn save_tile(db: &Connection, id: TileId, content: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO tile (place, hashes) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute(params![place(id)?, content]).map(drop)
}

/// The first hashes of a tile, as many as `id` names; `None` if there are fewer.
pub(super) fn tile(db: &Connection, id: TileId) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = db.prepare_cached("SELECT hashes FROM tile WHERE place = ?1")?;
    let content = select.query_row([place(id)?], |row| {
        let hashes = row.get_ref(0)?.as_blob()?;
        Ok(hashes.get(..id.length()).map(<[u8]>::to_vec))
    });
    Ok(content.optional()?.flatten())
}

/// The entries of `range` that there are.
pub(super) fn entries(db: &Connection, range: Range<u64>) -> rusqlite::Result<Vec<Vec<u8>>> {
    let sql = "SELECT data FROM entry WHERE position >= ?1 AND position < ?2 ORDER BY position";
    let mut select = db.prepare_cached(sql)?;
    let bounds = [number(range.start)?, number(range.end)?];
    select.query_map(bounds, |row| row.get(0))?.collect()
}

pub(super) fn state(db: &Connection, key: &[u8]) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = db.prepare_cached("SELECT value FROM state WHERE key = ?1")?;
    select.query_row([key], |row| row.get(0)).optional()
}

/// The published checkpoint: what it states, and its text.
pub(super) fn checkpoint(db: &Connection) -> rusqlite::Result<Option<(TreeHead, String)>> {
    let mut select = db.prepare_cached("SELECT size, root, note FROM checkpoint")?;
    let row = select.query_row([], |row| {
        let head = TreeHead { size: count(row.get(0)?)?, root: hash(row.get_ref(1)?.as_blob()?)? };
        Ok((head, row.get(2)?))
    });
    row.optional()
}

/// The tiles as they are in the file.
#[derive(Debug)]
pub(super) struct StoredTiles<'a>(pub(super) &'a Connection);

impl TileSource for StoredTiles<'_> {
    type Error = rusqlite::Error;

    fn expanded(&self, id: TileId) -> rusqlite::Result<Arc<ExpandedTile>> {
        let content = tile(self.0, id)?.ok_or_else(damaged)?;
        ExpandedTile::from_content(id, &content).map(Arc::new).map_err(|_| damaged())
    }
}

/// Whether the first `published.size` leaves of the stored tree have the published root.
pub(crate) fn has_root(db: &Connection, published: TreeHead) -> bool {
    let root = merkle::root(&TileNodes::new(&StoredTiles(db), published.size), published.size);
    root.is_ok_and(|root| root == published.root)
}
