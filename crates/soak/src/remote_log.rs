//! The log as everybody can read it: checkpoint, tiles and bundles of entries [C2SP tlog-tiles].

use crate::web;
use anyhow::{Context as _, Result, ensure};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::TreeHead,
    note::LogKey,
    tile::{ExpandedTile, TileId, TileSource, WIDTH},
};
use std::{
    cell::RefCell,
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// A log at the size of its checkpoint.
#[derive(Debug)]
pub(crate) struct RemoteLog {
    server: SocketAddr,
    head: TreeHead,
    tiles: RefCell<HashMap<TileId, Arc<ExpandedTile>>>,
}

/// Tiles held at once: 4 MiB.
const TILES: usize = 256;
/// How long the log has for a checkpoint over what it acknowledged, and for one answer under its rate limit.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN: Duration = Duration::from_millis(100);

impl RemoteLog {
    /// The log of `key` at `server` as soon as its checkpoint covers `size` entries, or as far as it gets.
    ///
    /// # Errors
    /// It shows no checkpoint that it signed.
    pub(crate) fn open(server: SocketAddr, key: &LogKey, size: u64) -> Result<Self> {
        let start = Instant::now();
        loop {
            let text = String::from_utf8(fetch(server, "/checkpoint")?)?;
            let checkpoint: SignedCheckpoint = text.parse().context("the last checkpoint")?;
            let head = checkpoint.verify(key).context("the last checkpoint")?.head();
            if head.size >= size || start.elapsed() > PATIENCE {
                return Ok(Self { server, head, tiles: RefCell::default() });
            }
            thread::sleep(BETWEEN);
        }
    }

    /// What the last checkpoint says.
    pub(crate) const fn head(&self) -> TreeHead {
        self.head
    }

    /// Hands each entry with its index to `take`, in order; one bundle is in memory at a time.
    ///
    /// # Errors
    /// The log does not have an entry of its own checkpoint; the first error of `take`.
    pub(crate) fn entries(&self, mut take: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        for first in (0..self.head.size).step_by(usize::from(WIDTH)) {
            let id = TileId::holding(0, first, self.head.size).context("no such bundle")?;
            let path = id.to_string().replacen("tile/0/", "/tile/entries/", 1);
            let bundle = fetch(self.server, &path)?;
            let mut rest = bundle.as_slice();
            for index in id.row_range() {
                let (length, after) = rest.split_first_chunk().context("a bundle is too short")?;
                let length = usize::from(u16::from_be_bytes(*length));
                let (entry, after) = after.split_at_checked(length).context("a bundle is too short")?;
                take(index, entry)?;
                rest = after;
            }
            ensure!(rest.is_empty(), "a bundle is too long");
        }
        Ok(())
    }
}

impl TileSource for RemoteLog {
    type Error = io::Error;

    fn expanded(&self, id: TileId) -> io::Result<Arc<ExpandedTile>> {
        if let Some(tile) = self.tiles.borrow().get(&id) {
            return Ok(Arc::clone(tile));
        }
        let content = fetch(self.server, &format!("/{id}"))?;
        let tile = ExpandedTile::from_content(id, &content).map(Arc::new).map_err(io::Error::other)?;
        let mut tiles = self.tiles.borrow_mut();
        if tiles.len() >= TILES {
            tiles.clear();
        }
        tiles.insert(id, Arc::clone(&tile));
        Ok(tile)
    }
}

fn fetch(server: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let start = Instant::now();
    loop {
        match web::get(server, path) {
            Ok(answer) if answer.status == 200 => return Ok(answer.body),
            Ok(answer) if start.elapsed() > PATIENCE => {
                return Err(io::Error::other(format!("{path}: status {}", answer.status)));
            }
            Ok(answer) => thread::sleep(answer.retry_after.unwrap_or(BETWEEN).min(PATIENCE)),
            Err(error) if start.elapsed() > PATIENCE => return Err(error),
            Err(_) => thread::sleep(BETWEEN),
        }
    }
}
