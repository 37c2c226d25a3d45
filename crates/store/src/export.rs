//! A log as a folder of static files [C2SP tlog-tiles], to serve, to mirror and to audit.
//!
//! `checkpoint` · `tile/<level>/<index>` · `tile/entries/<index>`: per tile of leaf hashes a bundle of its entries.

mod read;

pub use read::{Entries, Export, ReadExportError};

use crate::{
    log::check_held,
    sqlite::{OpenError, WriteLock, sync_folder},
};
use sinpyo_registry::engine::{EngineError, LogEngine, PublishError};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::TreeHead,
    tile::{EntryBundle, Resource, TileId},
};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes what the published checkpoint covers into `folder`, which is created if it is absent.
///
/// Each file is complete and synced before it gets its name, and the checkpoint comes last: at every moment
/// the folder is a log whose checkpoint its files bear out. An export of the same log goes on from where it is:
/// only what is new is written, and partial tiles are removed once they are full.
///
/// # Errors
/// Nothing was published yet; the folder shows another log or a larger checkpoint, or somebody else is writing it;
/// the log could not be read; a file could not be written.
pub fn export(log: &dyn LogEngine, folder: &Path) -> Result<TreeHead, ExportError> {
    let checkpoint = log.checkpoint().map_err(ExportError::Log)?.ok_or(ExportError::NothingPublished)?;
    let head = checkpoint.claimed_head();
    let mut target = Target { root: folder, touched: BTreeSet::new() };
    target.create_folder_of(&folder.join("checkpoint")).map_err(ExportError::File)?;
    let _lock = WriteLock::take(&folder.join(".export")).map_err(|error| match error {
        OpenError::File(error) => ExportError::File(error),
        _ => ExportError::Busy, // [STO-32]
    })?;
    let from = shown(log, folder, &checkpoint)?;
    for id in TileId::touched_by(from..head.size) {
        target.write_new(&Resource::Tile(id).to_string(), &log.tile(id).map_err(ExportError::Log)?)?;
        if id.level() == 0 {
            target.write_new(&Resource::Entries(id).to_string(), &bundle(log, id)?.to_bytes())?;
        }
    }
    target.sync()?;
    target.write("checkpoint", checkpoint.to_string().as_bytes())?;
    target.sync()?;
    target.remove_outgrown(from..head.size)?;
    Ok(head)
}

/// The size of the checkpoint that the folder shows, which must be one of this log; 0 if it shows none.
fn shown(log: &dyn LogEngine, folder: &Path, published: &SignedCheckpoint) -> Result<u64, ExportError> {
    let shown = match Export::open(folder) {
        Ok(export) => export.checkpoint().clone(),
        Err(ReadExportError::Missing { .. }) => return Ok(0),
        Err(error) => return Err(ExportError::Shown(error)),
    };
    let head = shown.claimed_head();
    if head.size > published.claimed_head().size {
        return Err(ExportError::Ahead { shown: head.size }); // [STO-31]
    }
    let origin = |note: &SignedCheckpoint| note.to_string().lines().next().map(str::to_owned);
    match check_held(log, head) {
        Ok(()) if origin(&shown) == origin(published) => Ok(head.size),
        Ok(()) | Err(PublishError::Fork) => Err(ExportError::Foreign), // [STO-31]
        Err(PublishError::Engine(error)) => Err(ExportError::Log(error)),
        Err(_) => Err(ExportError::Ahead { shown: head.size }),
    }
}

fn bundle(log: &dyn LogEngine, id: TileId) -> Result<EntryBundle, ExportError> {
    let range = id.row_range();
    let entries = log.entries(range.clone()).map_err(ExportError::Log)?;
    // The log takes none that is longer. [STO-07]
    EntryBundle::new(entries).map_err(|_| ExportError::Log(EngineError::Corrupt { index: range.start }))
}

struct Target<'a> {
    root: &'a Path,
    /// Folders with new names in them that are not synced yet.
    touched: BTreeSet<PathBuf>,
}

impl Target<'_> {
    /// Writes `content` unless that is what is there.
    fn write_new(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        let path = self.root.join(name);
        let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
        if is_file && fs::read(path).is_ok_and(|found| found == content) {
            return Ok(());
        }
        self.write(name, content)
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        let path = self.root.join(name);
        self.create_folder_of(&path)
            .and_then(|()| write_atomically(&path, content))
            .map_err(ExportError::File)
    }

    fn create_folder_of(&mut self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(self.root);
        if self.touched.contains(folder) {
            return Ok(());
        }
        // A folder's own name lies in the folder above it.
        let up_to_root: Vec<_> =
            folder.ancestors().take_while(|above| above.starts_with(self.root)).collect();
        let is_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|found| found.is_symlink());
        if up_to_root.iter().any(|folder| *folder != self.root && is_link(folder)) {
            // What lies behind it is not this export's.
            return Err(io::ErrorKind::NotADirectory.into()); // [STO-33]
        }
        fs::create_dir_all(folder)?;
        self.touched.extend(up_to_root.into_iter().map(Path::to_path_buf));
        Ok(())
    }

    /// Removes the partial tiles and bundles that have become full [C2SP tlog-tiles, partial tiles].
    fn remove_outgrown(&self, grown: std::ops::Range<u64>) -> Result<(), ExportError> {
        for id in TileId::touched_by(grown).filter(|id| id.is_full()) {
            let bundle = Resource::entries_of(id);
            for name in [Some(Resource::Tile(id)), bundle].into_iter().flatten() {
                match fs::remove_dir_all(self.root.join(name.to_string()).with_added_extension("p")) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(ExportError::File(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), ExportError> {
        for folder in std::mem::take(&mut self.touched) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(ExportError::File)?;
        }
        sync_folder(self.root).map_err(ExportError::File)
    }
}

fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_added_extension("new");
    // One left by an export that was killed, or a link that leads elsewhere.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(draft, path)
}

/// Why a log was not exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// There is no checkpoint that the files could bear out.
    #[error("the log has not published a checkpoint")]
    NothingPublished,
    /// STO-31: the folder shows a larger checkpoint: this log has gone back, or is not the one exported here.
    #[error("the folder shows a checkpoint of size {shown}, which is larger than the published one")]
    Ahead {
        /// The size that the folder shows.
        shown: u64,
    },
    /// STO-31: the folder shows the checkpoint of another log or history.
    #[error("the folder shows the checkpoint of another log")]
    Foreign,
    /// The folder shows something that is no checkpoint.
    #[error("the checkpoint in the folder could not be read")]
    Shown(#[source] ReadExportError),
    /// STO-32: another process or thread exports into this folder.
    #[error("somebody else is exporting into this folder")]
    Busy,
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[source] EngineError),
    /// A file or folder could not be written.
    #[error("the export could not be written")]
    File(#[source] io::Error),
}

impl ExportError {
    /// The rule in `spec/checks/sto.toml` by which it was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Ahead { .. } | Self::Foreign => Some("STO-31"),
            Self::Shown(error) => error.code(),
            Self::Busy => Some("STO-32"),
            Self::NothingPublished | Self::Log(_) | Self::File(_) => None,
        }
    }
}
