//! Where a public record lies: in a folder, or at an address.

use crate::{files, remote::tiles::TileServer};
use anyhow::{Context, Result};
use sinpyo_tlog::tile::{Resource, TileId};
use sinpyo_voting::record::{Record, RecordError};
use std::{
    fs::File,
    io,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const MAX_CHECKPOINT: u64 = 1 << 20;
/// A full bundle of longest entries.
const MAX_BUNDLE: u64 = 256 * (65_535 + 2);

/// A public record.
#[derive(Debug)]
pub(crate) enum Place {
    /// A static export [C2SP tlog-tiles].
    Folder(Folder),
    /// A server of the same files.
    Server(Box<Mirror>),
}

impl Place {
    /// The record in a folder, or at the address of an election (`…/e/<id>`) or of its log.
    pub(crate) fn open(place: &str) -> Result<Self> {
        if !place.starts_with("https://") && !place.starts_with("http://") {
            let folder = Folder(PathBuf::from(place));
            folder.checkpoint_text().with_context(|| format!("{place} holds no record"))?;
            return Ok(Self::Folder(folder));
        }
        let server = TileServer::new(&log_of(place))?;
        // The head that is audited is the one of the beginning.
        let checkpoint = server.checkpoint()?.to_string();
        let cache = TempDir::new().context("cannot make a temporary folder")?;
        Ok(Self::Server(Box::new(Mirror { server, checkpoint, cache })))
    }
}

/// The log of the election at this address, which may name the log itself.
pub(super) fn log_of(address: &str) -> String {
    let address = address.trim_end_matches('/');
    if address.ends_with("/log") { address.to_owned() } else { format!("{address}/log") }
}

impl Record for Place {
    fn checkpoint(&self) -> Result<String, RecordError> {
        match self {
            Self::Folder(folder) => folder.checkpoint_text().map_err(|error| failed(0, error)),
            Self::Server(mirror) => Ok(mirror.checkpoint.clone()),
        }
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        match self {
            Self::Folder(folder) => folder.bundle(id).map_err(|error| failed(id.row_range().start, error)),
            Self::Server(mirror) => mirror.bundle(id).map_err(|error| failed(id.row_range().start, error)),
        }
    }

    fn part(&self, id: TileId, range: Range<usize>) -> Result<Vec<u8>, RecordError> {
        let path = match self {
            Self::Folder(folder) => folder.path(id).map_err(|error| failed(id.row_range().start, error))?,
            Self::Server(mirror) => mirror.kept(id),
        };
        part(&path, range).map_err(|error| RecordError::new(id.row_range().start, error))
    }
}

fn failed(position: u64, error: anyhow::Error) -> RecordError {
    RecordError { position, reason: error.into() }
}

/// Some bytes of a file, without reading the others.
fn part(path: &Path, range: Range<usize>) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let start = u64::try_from(range.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; range.len()];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}

/// A static export.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    fn checkpoint_text(&self) -> Result<String> {
        let text = files::read(&self.0.join(Resource::Checkpoint.to_string()), MAX_CHECKPOINT)?;
        String::from_utf8(text).context("the checkpoint is no text")
    }

    /// Where the entries are whose hashes are the tile.
    fn path(&self, id: TileId) -> Result<PathBuf> {
        let resource = Resource::entries_of(id).context("only tiles of level 0 have entries")?;
        Ok(self.0.join(resource.to_string()))
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>> {
        files::read(&self.path(id)?, MAX_BUNDLE)
    }
}

/// A server, whose bundles are kept on disk: ballots are read twice, the second time ring by ring.
#[derive(Debug)]
pub(crate) struct Mirror {
    server: TileServer,
    checkpoint: String,
    cache: TempDir,
}

impl Mirror {
    fn kept(&self, id: TileId) -> PathBuf {
        let range = id.row_range();
        self.cache.path().join(format!("{}-{}", range.start, range.end))
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>> {
        let path = self.kept(id);
        if path.exists() {
            return files::read(&path, MAX_BUNDLE);
        }
        let bundle = self.server.bundle(id)?;
        std::fs::write(&path, &bundle).context("cannot keep the record while it is read")?;
        Ok(bundle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_election_and_its_log_are_one_address() {
        for address in
            ["https://a.kr/e/00", "https://a.kr/e/00/", "https://a.kr/e/00/log", "https://a.kr/e/00/log/"]
        {
            assert_eq!(log_of(address), "https://a.kr/e/00/log");
        }
    }

    #[test]
    fn a_folder_without_a_checkpoint_is_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_str().unwrap();
        assert!(Place::open(place).is_err());
        std::fs::write(folder.path().join("checkpoint"), "text").unwrap();
        let record = Place::open(place).unwrap();
        assert_eq!(record.checkpoint().unwrap(), "text");
        let id = TileId::holding(0, 0, 3).unwrap();
        assert!(record.bundle(id).is_err());
        assert!(record.part(id, 0..1).is_err());
    }
}
