//! The tables of a log, and what is read from them.

use crate::{
    admission::Tables,
    error::{PgError, Unfit},
    session::Session,
};
use sinpyo_core::time::Timestamp;
use sinpyo_tlog::{
    edge::Edge,
    merkle::{self, Frontier, Hash, TreeHead},
    tile::{ExpandedTile, TileId, TileNodes, TileSource, WIDTH},
};
use std::{collections::HashMap, ops::Range, sync::Arc};
use tokio_postgres::Row;

pub(crate) const TABLES: Tables = Tables {
    first: "head",
    format: "format",
    version: "SELECT version FROM format",
    known: 1,
    create: &[SCHEMA],
    upgrades: &[],
};

/// `head` has one row from the beginning, so that there is something to compare and set.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS format (version int NOT NULL);
    -- the committed tree; frontier is the concatenation of its subtree roots, time is Unix seconds
    CREATE TABLE IF NOT EXISTS head (
        one bool PRIMARY KEY CHECK (one), size bigint NOT NULL, root bytea NOT NULL, frontier bytea NOT NULL, time bigint
    );
    -- digest is SHA-256 of what was submitted
    CREATE TABLE IF NOT EXISTS entry (
        position bigint PRIMARY KEY, data bytea NOT NULL, digest bytea NOT NULL UNIQUE
    );
    -- place = level * 2^56 + index; the last tile of a level is partial
    CREATE TABLE IF NOT EXISTS tile (place bigint PRIMARY KEY, hashes bytea NOT NULL);
    -- hashes do not compress
    ALTER TABLE tile ALTER hashes SET STORAGE EXTERNAL;
    -- by digest, because an index takes no long keys
    CREATE TABLE IF NOT EXISTS state (key bytea NOT NULL, value bytea NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS state_key ON state (sha256(key));
    -- at most one row: what the log last published
    CREATE TABLE IF NOT EXISTS checkpoint (
        one bool PRIMARY KEY CHECK (one), size bigint NOT NULL, root bytea NOT NULL, note text NOT NULL
    );
    INSERT INTO head VALUES (true, 0, sha256(''), '', NULL) ON CONFLICT DO NOTHING;
    INSERT INTO format SELECT 1 WHERE NOT EXISTS (SELECT FROM format);";

pub(crate) const HEAD: &str = "SELECT size, root, frontier, time FROM head";
pub(crate) const KNOWN: &str = "SELECT digest, position FROM entry WHERE digest = ANY($1::bytea[])";

/// A value that the code which wrote it cannot have written.
pub(crate) const fn damaged(index: u64) -> PgError {
    PgError::Damaged { index }
}

/// PostgreSQL counts to 2^63 - 1; a log stays far below.
pub(crate) fn number(count: u64) -> Result<i64, PgError> {
    i64::try_from(count).map_err(|_| damaged(count))
}

pub(crate) fn count(number: i64) -> Result<u64, PgError> {
    u64::try_from(number).map_err(|_| damaged(0))
}

fn hash(bytes: &[u8]) -> Result<Hash, PgError> {
    Hash::try_from(bytes).map_err(|_| damaged(0))
}

/// A column by its place. Only tables that are not ours have another type there.
pub(crate) fn column<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    place: usize,
) -> Result<T, PgError> {
    row.try_get(place).map_err(|_| damaged(0))
}

/// The head row as it is stored: what it claims has not been compared with anything.
#[derive(Debug)]
pub(crate) struct StoredHead {
    pub(crate) head: TreeHead,
    time: Option<Timestamp>,
    subtrees: Vec<Hash>,
}

impl StoredHead {
    pub(crate) fn load(session: &Session) -> Result<Self, PgError> {
        Self::of(session.row(HEAD, &[])?.as_ref())
    }

    /// The head in a row of [`HEAD`].
    pub(crate) fn of(row: Option<&Row>) -> Result<Self, PgError> {
        let row = row.ok_or(damaged(0))?;
        let size = count(column(row, 0)?)?;
        let root = hash(column(row, 1)?)?;
        let subtrees = column::<&[u8]>(row, 2)?.chunks(32).map(hash).collect::<Result<_, _>>()?;
        let time: Option<i64> = column(row, 3)?;
        let time = time.map(|unix| Timestamp::from_unix(unix).ok_or(damaged(size))).transpose()?;
        Ok(Self { head: TreeHead { size, root }, time, subtrees })
    }

    /// Whether this is the row that `edge` would be stored as.
    pub(crate) fn is_of(&self, edge: &Edge) -> bool {
        self.time == edge.time && self.is_at(&edge.frontier)
    }

    /// Whether this is the head of a tree with that right edge.
    pub(crate) fn is_at(&self, frontier: &Frontier) -> bool {
        self.head.size == frontier.size()
            && self.subtrees == frontier.subtrees()
            && self.head == frontier.head()
    }

    /// The edge to append at, if head, frontier, tiles and entries agree with each other.
    pub(crate) fn into_edge(self, session: &Session) -> Result<Edge, PgError> {
        let head = self.head;
        let mismatch = || PgError::Refused(Unfit::HeadMismatch { size: head.size }); // [PGL-09]
        let frontier = Frontier::from_parts(head.size, self.subtrees).ok_or_else(mismatch)?;
        let partial = partial_tiles(session, head.size)?;
        let held = HeldTiles(partial);
        let from_tiles = Frontier::read(&TileNodes::new(&held, head.size), head.size);
        let agrees = from_tiles.is_ok_and(|from_tiles| from_tiles == frontier);
        if !agrees || frontier.head() != head || !has_last_entry(session, head.size, &held)? {
            return Err(mismatch());
        }
        Edge::from_parts(frontier, self.time, |id| held.content(id)).ok_or_else(mismatch)
    }
}

/// The tiles that are not full in a log of `size` entries: all that the frontier is made of.
fn partial_tiles(session: &Session, size: u64) -> Result<HashMap<i64, Vec<u8>>, PgError> {
    let width = u64::from(WIDTH);
    let levels = (0_u8..8).map(|level| (level, size >> (8 * u32::from(level))));
    let partial =
        levels.filter_map(|(level, row)| TileId::new(level, row / width, u16::try_from(row % width).ok()?));
    let places: Vec<i64> = partial.map(place).collect::<Result<_, _>>()?;
    let rows = session.rows("SELECT place, hashes FROM tile WHERE place = ANY($1::bigint[])", &[&places])?;
    rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?))).collect()
}

/// Whether the entries end at `size` and the last one is the last leaf of the tree.
fn has_last_entry(session: &Session, size: u64, held: &HeldTiles) -> Result<bool, PgError> {
    let last = session.row("SELECT position, data FROM entry ORDER BY position DESC LIMIT 1", &[])?;
    let Some(row) = last else { return Ok(size == 0) };
    let (position, data) = (count(column(&row, 0)?)?, column::<&[u8]>(&row, 1)?);
    let Some(id) = TileId::holding(0, position, size).filter(|_| position + 1 == size) else {
        return Ok(false);
    };
    let leaves = match held.content(id) {
        Some(leaves) => leaves,
        None => tile(session, id)?.unwrap_or_default(),
    };
    Ok(leaves.last_chunk::<32>() == Some(Hash::leaf(data).as_bytes()))
}

/// Tiles that have been read already.
struct HeldTiles(HashMap<i64, Vec<u8>>);

impl HeldTiles {
    fn content(&self, id: TileId) -> Option<Vec<u8>> {
        self.0.get(&place(id).ok()?)?.get(..id.length()).map(<[u8]>::to_vec)
    }
}

impl TileSource for HeldTiles {
    type Error = PgError;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, PgError> {
        expand(id, self.content(id))
    }
}

/// The tiles as they are in the database.
pub(crate) struct StoredTiles<'a>(pub(crate) &'a Session);

impl TileSource for StoredTiles<'_> {
    type Error = PgError;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, PgError> {
        expand(id, tile(self.0, id)?)
    }
}

/// `content` as the tile `id`, with its inner rows.
pub(crate) fn expand(id: TileId, content: Option<Vec<u8>>) -> Result<Arc<ExpandedTile>, PgError> {
    let tile = content.and_then(|content| ExpandedTile::from_content(id, &content).ok());
    tile.map(Arc::new).ok_or(damaged(first_leaf(id)))
}

/// Whether the first `head.size` leaves of the stored tree, which is at least so large, have that root.
pub(crate) fn has_root(session: &Session, head: TreeHead) -> Result<bool, PgError> {
    match merkle::root(&TileNodes::new(&StoredTiles(session), head.size), head.size) {
        Ok(root) => Ok(root == head.root),
        // Missing tiles are no tree; only a failing connection is no answer.
        Err(_) if !session.is_open() => Err(PgError::late()),
        Err(_) => Ok(false),
    }
}

pub(crate) fn first_leaf(id: TileId) -> u64 {
    id.row_range().start << (8 * u32::from(id.level()))
}

pub(crate) fn place(id: TileId) -> Result<i64, PgError> {
    number(u64::from(id.level()) << 56 | id.index())
}

/// The first hashes of a tile, as many as `id` names; `None` if there are fewer.
pub(crate) fn tile(session: &Session, id: TileId) -> Result<Option<Vec<u8>>, PgError> {
    let sql = "SELECT substr(hashes, 1, $2) FROM tile WHERE place = $1";
    let length = i32::try_from(id.length()).map_err(|_| damaged(first_leaf(id)))?;
    let row = session.row(sql, &[&place(id)?, &length])?;
    let hashes = row.map(|row| column::<Vec<u8>>(&row, 0)).transpose()?;
    Ok(hashes.filter(|hashes| hashes.len() == id.length()))
}

/// The entries of `range`, all of them.
pub(crate) fn entries(session: &Session, range: &Range<u64>) -> Result<Vec<Vec<u8>>, PgError> {
    let sql = "SELECT position, data FROM entry WHERE position >= $1 AND position < $2 ORDER BY position";
    let (start, end) = (number(range.start)?, number(range.end)?);
    let rows = session.rows(sql, &[&start, &end])?;
    let mut rows = rows.iter();
    let next = |index: u64| {
        let row = rows.next().ok_or(damaged(index))?;
        if count(column(row, 0)?)? == index { column(row, 1) } else { Err(damaged(index)) }
    };
    range.clone().map(next).collect()
}

/// An entry, with the digest of what was submitted, as they are stored.
pub(crate) struct StoredEntry {
    pub(crate) data: Vec<u8>,
    pub(crate) digest: Vec<u8>,
}

/// The entries of `range`, all of them, with their digests.
pub(crate) fn stored_entries(session: &Session, range: &Range<u64>) -> Result<Vec<StoredEntry>, PgError> {
    let sql =
        "SELECT position, data, digest FROM entry WHERE position >= $1 AND position < $2 ORDER BY position";
    let rows = session.rows(sql, &[&number(range.start)?, &number(range.end)?])?;
    let mut rows = rows.iter();
    let next = |index: u64| {
        let row = rows.next().ok_or(damaged(index))?;
        let there = count(column(row, 0)?)? == index;
        let entry = StoredEntry { data: column(row, 1)?, digest: column(row, 2)? };
        if there { Ok(entry) } else { Err(damaged(index)) }
    };
    range.clone().map(next).collect()
}

/// Whether there are entries that a log of `size` does not have.
pub(crate) fn has_others(session: &Session, size: u64) -> Result<bool, PgError> {
    let sql = "SELECT EXISTS (SELECT FROM entry WHERE position < 0 OR position >= $1)";
    let row = session.row(sql, &[&number(size)?])?.ok_or(PgError::late())?;
    column(&row, 0)
}

/// Shows every key and value of the state to `is_right`; whether it said yes to all.
pub(crate) fn each_state(
    session: &Session,
    mut is_right: impl FnMut(&[u8], &[u8]) -> bool,
) -> Result<bool, PgError> {
    const PAGE: usize = 1_000;
    let sql =
        "SELECT key, value, sha256(key) FROM state WHERE sha256(key) > $1 ORDER BY sha256(key) LIMIT 1000";
    let mut after: Vec<u8> = Vec::new();
    loop {
        let rows = session.rows(sql, &[&after])?;
        for row in &rows {
            if !is_right(column(row, 0)?, column(row, 1)?) {
                return Ok(false);
            }
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE => after = column(last, 2)?,
            _ => return Ok(true),
        }
    }
}

pub(crate) fn state(session: &Session, key: &[u8]) -> Result<Option<Vec<u8>>, PgError> {
    let row = session.row("SELECT value FROM state WHERE sha256(key) = sha256($1)", &[&key])?;
    row.map(|row| column(&row, 0)).transpose()
}

/// The published checkpoint: what it states, and its text.
pub(crate) fn checkpoint(session: &Session) -> Result<Option<(TreeHead, String)>, PgError> {
    let Some(row) = session.row("SELECT size, root, note FROM checkpoint", &[])? else { return Ok(None) };
    let head = TreeHead { size: count(column(&row, 0)?)?, root: hash(column(&row, 1)?)? };
    Ok(Some((head, column(&row, 2)?)))
}
