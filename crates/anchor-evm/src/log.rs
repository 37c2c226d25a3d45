//! Reading the log: its checkpoint and the tiles that show how it grew.

use alloy::transports::http::reqwest::{self, Client, StatusCode};
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{Hash, ProveError, TreeHead, prove_consistency},
    note::MAX_NOTE,
    policy::{Policy, PolicyError, Witnessed},
    tile::{ExpandedTile, TileId, TileNodeError, TileNodes, TileSource, WIDTH},
};
use std::{cell::RefCell, collections::HashMap, io, path::PathBuf, sync::Arc};
use tokio::io::AsyncReadExt as _;
use url::Url;

/// Most tiles that one proof may ask for. A proof in a tree of 2^64 leaves visits two edges of eight levels.
const MAX_TILES: usize = 32;

/// Where a log is read.
#[derive(Clone, Debug)]
pub enum LogPlace {
    /// Below this address, by HTTP.
    Web(Url),
    /// A static export.
    Folder(PathBuf),
}

/// A log and the policy under which its checkpoints are believed.
#[derive(Debug)]
pub struct LogReader {
    place: LogPlace,
    policy: Policy,
    client: Client,
}

impl LogReader {
    /// Reads the log at `place` with `client`.
    pub const fn new(place: LogPlace, policy: Policy, client: Client) -> Self {
        Self { place, policy, client }
    }

    /// The log's latest checkpoint, checked under the policy.
    ///
    /// # Errors
    /// It could not be read, is no checkpoint, or does not meet the policy.
    pub async fn checkpoint(&self) -> Result<Witnessed, ReadLogError> {
        let bytes = self.read("checkpoint", MAX_NOTE).await?.ok_or(ReadLogError::Missing)?;
        let text = String::from_utf8(bytes).map_err(|_| ReadLogError::Checkpoint(CheckpointError::Body))?;
        self.check(&text)
    }

    /// Checks a checkpoint that came from elsewhere.
    ///
    /// # Errors
    /// It is no checkpoint or does not meet the policy.
    pub fn check(&self, text: &str) -> Result<Witnessed, ReadLogError> {
        let signed: SignedCheckpoint = text.parse().map_err(ReadLogError::Checkpoint)?;
        self.policy.verify(&signed).map_err(ReadLogError::Policy)
    }

    /// The hashes that show how the tree of `older` leaves became that of `newer`, made from the log's tiles.
    ///
    /// The tiles are not believed: whoever uses the proof checks it against both roots.
    ///
    /// # Errors
    /// A tile could not be read or has the wrong length.
    pub async fn growth(&self, older: TreeHead, newer: TreeHead) -> Result<Vec<Hash>, ReadLogError> {
        let tiles = Tiles::default();
        for _ in 0..MAX_TILES {
            let nodes = TileNodes::new(&tiles, newer.size);
            match prove_consistency(&nodes, older.size, newer.size) {
                Ok(path) => return Ok(path),
                Err(ProveError::Source(TileNodeError::Source(Absent(id)))) => {
                    let tile = self.tile(id).await?;
                    tiles.0.borrow_mut().insert(id, tile);
                }
                Err(_) => return Err(ReadLogError::Tile),
            }
        }
        Err(ReadLogError::Tile)
    }

    async fn tile(&self, id: TileId) -> Result<Arc<ExpandedTile>, ReadLogError> {
        let mut content = self.read(&id.to_string(), id.length()).await?;
        // A partial tile may be gone once the full one is there [C2SP tlog-tiles, partial tiles].
        if let (None, Some(full)) = (&content, TileId::new(id.level(), id.index(), WIDTH)) {
            content = self.read(&full.to_string(), full.length()).await?;
        }
        let content = content.ok_or(ReadLogError::Missing)?;
        let hashes = content.get(..id.length()).ok_or(ReadLogError::Tile)?;
        ExpandedTile::from_content(id, hashes).map(Arc::new).map_err(|_| ReadLogError::Tile)
    }

    /// What lies at `path`, at most `limit` bytes; `None` if nothing does.
    async fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, ReadLogError> {
        match &self.place {
            LogPlace::Web(base) => self.fetch(base, path, limit).await,
            LogPlace::Folder(folder) => match tokio::fs::File::open(folder.join(path)).await {
                Ok(file) => {
                    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
                    let mut content = Vec::new();
                    let _length =
                        file.take(most).read_to_end(&mut content).await.map_err(ReadLogError::File)?;
                    if content.len() > limit { Err(ReadLogError::TooLong) } else { Ok(Some(content)) }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(ReadLogError::File(error)),
            },
        }
    }

    async fn fetch(&self, base: &Url, path: &str, limit: usize) -> Result<Option<Vec<u8>>, ReadLogError> {
        let mut url = base.clone();
        url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
        let mut response = self.client.get(url).send().await.map_err(ReadLogError::Web)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            other => return Err(ReadLogError::Status(other.as_u16())),
        }
        let mut content = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(ReadLogError::Web)? {
            if content.len() + chunk.len() > limit {
                return Err(ReadLogError::TooLong);
            }
            content.extend_from_slice(&chunk);
        }
        Ok(Some(content))
    }
}

/// The tiles that were fetched so far.
#[derive(Debug, Default)]
struct Tiles(RefCell<HashMap<TileId, Arc<ExpandedTile>>>);

/// The proof needs a tile that was not fetched yet.
#[derive(Debug)]
struct Absent(TileId);

impl TileSource for Tiles {
    type Error = Absent;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, Absent> {
        self.0.borrow().get(&id).cloned().ok_or(Absent(id))
    }
}

/// Why the log could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadLogError {
    /// The server could not be reached.
    #[error("the log could not be reached")]
    Web(#[source] reqwest::Error),
    /// The server answered neither 200 nor 404.
    #[error("the log answered with status {0}")]
    Status(u16),
    /// The folder could not be read.
    #[error("the log's folder could not be read")]
    File(#[source] io::Error),
    /// There is no checkpoint or no such tile.
    #[error("the log lacks its checkpoint or a tile")]
    Missing,
    /// More bytes than what was asked for can have.
    #[error("the log's answer is too long")]
    TooLong,
    /// The bytes of a tile are no tile.
    #[error("a tile of the log is malformed")]
    Tile,
    /// What was read is no checkpoint.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// EVM-13: the checkpoint is not signed as the policy demands.
    #[error("the checkpoint does not meet the policy")]
    Policy(#[source] PolicyError),
}

impl ReadLogError {
    /// The rule that was broken, as in `spec/checks/`; `None` if the log could not be read.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Checkpoint(error) => Some(error.code()),
            Self::Policy(_) => Some("EVM-13"), // [EVM-13]
            Self::Web(_) | Self::Status(_) | Self::File(_) | Self::Missing | Self::TooLong | Self::Tile => {
                None
            }
        }
    }
}
