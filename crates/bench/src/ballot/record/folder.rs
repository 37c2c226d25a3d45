//! A log as static files [C2SP tlog-tiles], written as it grows.

use anyhow::{Context as _, ensure};
use sinpyo_crypto::KeySigner;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    edge::Edge,
    merkle::{Hash, TreeHead},
    note::LogKey,
    tile::{EntryBundle, Resource, TileId, WIDTH},
};
use sinpyo_voting::record::{Record, RecordError};
use std::{
    fs::{self, File},
    io,
    ops::Range,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

/// The files of a record.
#[derive(Clone, Debug)]
pub(in crate::ballot) struct Folder(PathBuf);

impl Folder {
    pub(in crate::ballot) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn path(&self, resource: Resource) -> PathBuf {
        self.0.join(resource.to_string())
    }

    fn write(&self, resource: Resource, content: &[u8]) -> io::Result<()> {
        let path = self.path(resource);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, content)
    }
}

impl Record for Folder {
    fn checkpoint(&self) -> Result<String, RecordError> {
        fs::read_to_string(self.path(Resource::Checkpoint)).map_err(|error| RecordError::new(0, error))
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        fs::read(self.path(Resource::Entries(id)))
            .map_err(|error| RecordError::new(id.row_range().start, error))
    }

    fn part(&self, id: TileId, range: Range<usize>) -> Result<Vec<u8>, RecordError> {
        let read = || {
            let file = File::open(self.path(Resource::Entries(id)))?;
            let mut bytes = vec![0; range.len()];
            file.read_exact_at(&mut bytes, u64::try_from(range.start).map_err(io::Error::other)?)?;
            Ok::<_, io::Error>(bytes)
        };
        read().map_err(|error| RecordError::new(id.row_range().start, error))
    }
}

/// A log that grows in a folder.
#[derive(Debug)]
pub(super) struct GrowingLog {
    folder: Folder,
    edge: Edge,
    bundle: Vec<Vec<u8>>,
}

impl GrowingLog {
    /// An empty log in `folder`, which must not have one.
    pub(super) fn create(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        ensure!(!folder.join("tile").exists(), "{} holds a log already", folder.display());
        Ok(Self { folder: Folder::new(folder), edge: Edge::empty(), bundle: Vec::new() })
    }

    pub(super) const fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn head(&self) -> TreeHead {
        self.edge.frontier.head()
    }

    /// Appends an entry; its place.
    pub(super) fn append(&mut self, entry: Vec<u8>) -> anyhow::Result<u64> {
        let index = self.edge.frontier.size();
        let (leaf, folder) = (Hash::leaf(&entry), &self.folder);
        self.bundle.push(entry);
        let bundle = &mut self.bundle;
        self.edge.append(leaf, |id, hashes| {
            folder.write(Resource::Tile(id), hashes)?;
            if id.level() == 0 {
                folder.write(Resource::Entries(id), &EntryBundle::new(std::mem::take(bundle))?.to_bytes())?;
            }
            // What was published of it while it was not full.
            for path in [Some(Resource::Tile(id)), Resource::entries_of(id)].into_iter().flatten() {
                let partial = folder.path(path).with_added_extension("p");
                if partial.exists() {
                    fs::remove_dir_all(partial)?;
                }
            }
            anyhow::Ok(())
        })?;
        Ok(index)
    }

    /// Writes the tiles that are not full, and a checkpoint of all entries.
    pub(super) fn publish(&mut self, key: &LogKey, signer: &KeySigner) -> anyhow::Result<()> {
        for (id, hashes) in self.edge.take_changed() {
            self.folder.write(Resource::Tile(id), hashes)?;
        }
        let size = self.edge.frontier.size();
        let width = u16::try_from(self.bundle.len())?;
        if let Some(id) = TileId::new(0, size / u64::from(WIDTH), width).filter(|_| width > 0) {
            self.folder.write(Resource::Entries(id), &EntryBundle::new(self.bundle.clone())?.to_bytes())?;
        }
        let checkpoint = SignedCheckpoint::sign(self.head(), key, signer)?;
        Ok(self.folder.write(Resource::Checkpoint, checkpoint.to_string().as_bytes())?)
    }
}
