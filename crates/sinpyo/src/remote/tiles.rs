//! A log as its files on a server [C2SP tlog-tiles]. What they hold is believed by its hashes only.

use super::peer::{PeerClient, base_url};
use anyhow::{Context, Result, bail};
use sinpyo_registry::audit::ExportedEntry;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::Hash,
    tile::{EntryBundle, ExpandedTile, Resource, TileId, TileSource},
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// Longest time for one file.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_CHECKPOINT: usize = 256 << 10;
/// A full bundle of longest entries.
const MAX_BUNDLE: usize = 256 * (65_535 + 2);

/// Where a log's files are served.
#[derive(Debug)]
pub(crate) struct TileServer {
    base: Url,
    client: PeerClient,
}

impl TileServer {
    /// The log at `url`. Nothing is asked yet.
    pub(crate) fn new(url: &str) -> Result<Self> {
        Ok(Self { base: base_url(url)?, client: PeerClient::new(PATIENCE)?.patient() })
    }

    /// Where it is.
    pub(crate) const fn url(&self) -> &Url {
        &self.base
    }

    /// The checkpoint that is shown now.
    pub(crate) fn checkpoint(&self) -> Result<SignedCheckpoint> {
        let text = self.file(&Resource::Checkpoint.to_string(), MAX_CHECKPOINT)?;
        let text = String::from_utf8(text).context("the checkpoint is no text")?;
        text.parse().with_context(|| format!("the checkpoint at {} is malformed", self.base))
    }

    /// The bundle of the entries below tile `id` of level 0, as it is served.
    pub(crate) fn bundle(&self, id: TileId) -> Result<Vec<u8>> {
        let resource = Resource::entries_of(id).context("the log has no such entry")?;
        self.file(&resource.to_string(), MAX_BUNDLE)
    }

    /// The entries from `from` to the end of the tile that it stands in, as a log of `size` entries has them, with
    /// their hashes as the tile has them.
    pub(crate) fn entries(&self, from: u64, size: u64) -> Result<Vec<ExportedEntry>> {
        let id = TileId::holding(0, from, size).context("the log has no such entry")?;
        let bundle = self.bundle(id)?;
        let bundle = EntryBundle::parse(id, &bundle)
            .with_context(|| format!("the entries from {from} are malformed"))?;
        let tile = self.file(&Resource::Tile(id).to_string(), id.length())?;
        if tile.len() != id.length() {
            bail!("{} has a wrong length", Resource::Tile(id));
        }
        let hashes = tile.chunks_exact(32).map(|hash| Hash::try_from(hash).context("not a hash"));
        let skipped = usize::try_from(from - id.row_range().start)?;
        let entries = bundle.into_entries().into_iter().zip(hashes).skip(skipped);
        entries.map(|(entry, leaf)| Ok(ExportedEntry { entry, leaf: leaf? })).collect()
    }

    fn file(&self, path: &str, limit: usize) -> Result<Vec<u8>> {
        let url = self.base.join(path).with_context(|| format!("{path} is no path"))?;
        let reply = self.client.get(&url, limit).with_context(|| format!("cannot read {url}"))?;
        if reply.status != 200 {
            bail!("{url}: status {}", reply.status);
        }
        Ok(reply.body)
    }
}

impl TileSource for TileServer {
    type Error = anyhow::Error;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>> {
        let content = self.file(&Resource::Tile(id).to_string(), id.length())?;
        let tile = ExpandedTile::from_content(id, &content);
        tile.map(Arc::new).with_context(|| format!("{} has a wrong length", Resource::Tile(id)))
    }
}
