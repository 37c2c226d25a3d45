//! Reading an export back. The folder may come from anybody.

use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    edge::Edge,
    merkle::Hash,
    tile::{EntryBundle, MAX_ENTRY, Resource, TileId},
};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read},
    path::Path,
};

/// An exported log: its checkpoint, whose signature has not been checked, and its entries.
#[derive(Debug)]
pub struct Export {
    folder: Box<Path>,
    checkpoint: SignedCheckpoint,
}

/// Longest checkpoint read, in bytes: three lines and hundreds of signatures.
const MAX_CHECKPOINT: u64 = 1 << 20;

impl Export {
    /// Opens the export in `folder`.
    ///
    /// # Errors
    /// There is no checkpoint in it, or it is malformed.
    pub fn open(folder: &Path) -> Result<Self, ReadExportError> {
        let file = read_file(&folder.join("checkpoint"), MAX_CHECKPOINT);
        let bytes = file.map_err(|error| ReadExportError::file(0, error))?;
        let text = String::from_utf8(bytes).map_err(|_| ReadExportError::CheckpointText)?;
        let checkpoint = text.parse().map_err(ReadExportError::Checkpoint)?;
        Ok(Self { folder: folder.into(), checkpoint })
    }

    /// The checkpoint as it lies there.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The entries that the checkpoint claims, from the first on.
    ///
    /// An entry is handed out only after it and its neighbours were compared with the tiles. Whether they
    /// lead to the checkpoint's root is for the reader to compute.
    pub const fn entries(&self) -> Entries<'_> {
        Entries { export: self, edge: Edge::empty(), ready: VecDeque::new(), failed: false }
    }

    fn read(&self, name: &str, position: u64, limit: u64) -> Result<Vec<u8>, ReadExportError> {
        let file = read_file(&self.folder.join(name), limit);
        file.map_err(|error| ReadExportError::file(position, error))
    }
}

/// One byte more than `limit` at most, so that what is too long does not pass for complete.
fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// The entries of an export, in order; ends after the first error.
#[derive(Debug)]
pub struct Entries<'a> {
    export: &'a Export,
    edge: Edge,
    ready: VecDeque<Vec<u8>>,
    failed: bool,
}

impl Iterator for Entries<'_> {
    type Item = Result<Vec<u8>, ReadExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && !self.failed {
            // `None` once the checkpoint's size is reached.
            let id =
                TileId::holding(0, self.edge.frontier.size(), self.export.checkpoint.claimed_head().size)?;
            if let Err(error) = self.read_bundle(id) {
                self.failed = true;
                self.ready.clear();
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

impl Entries<'_> {
    fn read_bundle(&mut self, id: TileId) -> Result<(), ReadExportError> {
        let position = id.row_range().start;
        let limit = u64::from(id.width()) * (2 + u64::try_from(MAX_ENTRY).unwrap_or(u64::MAX));
        let content = self.export.read(&Resource::Entries(id).to_string(), position, limit)?;
        let bundle = EntryBundle::parse(id, &content).map_err(|_| ReadExportError::Bundle { position })?; // [STO-20]
        for entry in bundle.into_entries() {
            let export = self.export;
            self.edge.append(Hash::leaf(&entry), |id, content| compare(export, id, content))?;
            self.ready.push_back(entry);
        }
        if self.edge.frontier.size() == self.export.checkpoint.claimed_head().size {
            self.edge.take_changed().try_for_each(|(id, content)| compare(self.export, id, content))?;
        }
        Ok(())
    }
}

/// Compares a tile in the folder with what the entries lead to.
fn compare(export: &Export, id: TileId, computed: &[u8]) -> Result<(), ReadExportError> {
    let first_leaf = |hash: u64| (id.row_range().start + hash) << (8 * u32::from(id.level()));
    let limit = u64::try_from(id.length()).unwrap_or(u64::MAX);
    let stored = export.read(&Resource::Tile(id).to_string(), first_leaf(0), limit)?;
    let differs = |(ours, theirs): (&[u8], &[u8])| ours != theirs;
    match (0..).zip(computed.chunks(32).zip(stored.chunks(32))).find(|(_, pair)| differs(*pair)) {
        Some((hash, _)) => Err(ReadExportError::Mismatch { position: first_leaf(hash) }), // [STO-21]
        None if stored.len() != computed.len() => Err(ReadExportError::Mismatch { position: first_leaf(0) }),
        None => Ok(()),
    }
}

/// Why an export cannot be what a log published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadExportError {
    /// STO-19: a file of the layout is not there.
    #[error("the export lacks the file for position {position}")]
    Missing {
        /// The first entry concerned.
        position: u64,
    },
    /// STO-20: a bundle ends within an entry, or goes on after its last.
    #[error("the bundle from position {position} on is not made of as many entries as its tile has hashes")]
    Bundle {
        /// Its first entry.
        position: u64,
    },
    /// STO-21: a tile holds other hashes than the entries have.
    #[error("the tiles do not match the entries at position {position}")]
    Mismatch {
        /// The first entry under the first hash that differs.
        position: u64,
    },
    /// STO-22: the checkpoint is malformed.
    #[error("the checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
    /// STO-22: the checkpoint is not even text.
    #[error("the checkpoint is not UTF-8")]
    CheckpointText,
    /// A file could not be read.
    #[error("the export could not be read at position {position}")]
    File {
        /// The first entry concerned.
        position: u64,
        /// What the system said.
        #[source]
        error: io::Error,
    },
}

impl ReadExportError {
    fn file(position: u64, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing { position }, // [STO-19]
            _ => Self::File { position, error },
        }
    }

    /// The rule in `spec/checks/sto.toml` by which the export was refused; `None` if it could not be read.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some("STO-19"),
            Self::Bundle { .. } => Some("STO-20"),
            Self::Mismatch { .. } => Some("STO-21"),
            Self::Checkpoint(_) | Self::CheckpointText => Some("STO-22"), // [STO-22]
            Self::File { .. } => None,
        }
    }

    /// The first entry that is missing, damaged or in doubt; `None` if the checkpoint itself is.
    pub const fn position(&self) -> Option<u64> {
        match self {
            Self::Missing { position }
            | Self::Bundle { position }
            | Self::Mismatch { position }
            | Self::File { position, .. } => Some(*position),
            Self::Checkpoint(_) | Self::CheckpointText => None,
        }
    }
}
