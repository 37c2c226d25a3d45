//! A log as a folder of static files [C2SP tlog-tiles], to serve, to mirror and to audit.
//!
//! `checkpoint` · `tile/<level>/<index>` · `tile/entries/<index>`: per tile of leaf hashes a bundle of its
//! entries, each after its length as two big-endian bytes.

mod read;

pub use read::{Entries, Export, ReadExportError};

use crate::sqlite::sync_folder;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_tlog::{merkle::TreeHead, tile::TileId};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes what the published checkpoint covers into `folder`, which is created if it is absent.
///
/// Each file is complete and synced before it gets its name, and the checkpoint comes last: at every moment
/// the folder is a log whose checkpoint its files bear out. Full tiles that are there already never change
/// and are not written again.
///
/// # Errors
/// Nothing was published yet; the log could not be read; a file could not be written.
pub fn export(log: &dyn LogEngine, folder: &Path) -> Result<TreeHead, ExportError> {
    let checkpoint = log.checkpoint().map_err(ExportError::Log)?.ok_or(ExportError::NothingPublished)?;
    let head = checkpoint.claimed_head();
    let mut target = Target { root: folder, touched: BTreeSet::new() };
    target.create_folder_of(&folder.join("checkpoint")).map_err(ExportError::File)?;
    for id in TileId::touched_by(0..head.size) {
        target.write_once(id, &id.to_string(), || log.tile(id))?;
        if id.level() == 0 {
            target.write_once(id, &bundle_path(id), || bundle(&log.entries(id.row_range())?))?;
        }
    }
    target.sync()?;
    target.write("checkpoint", checkpoint.to_string().as_bytes())?;
    target.sync()?;
    Ok(head)
}

/// Where the entries of a tile of leaf hashes lie.
fn bundle_path(id: TileId) -> String {
    id.to_string().replacen("tile/0/", "tile/entries/", 1)
}

fn bundle(entries: &[Vec<u8>]) -> Result<Vec<u8>, EngineError> {
    let mut bundle = Vec::new();
    for entry in entries {
        // The log takes none that is longer. [STO-07]
        let length = u16::try_from(entry.len()).map_err(|_| EngineError::OutsideLog)?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

struct Target<'a> {
    root: &'a Path,
    /// Folders with new names in them that are not synced yet.
    touched: BTreeSet<PathBuf>,
}

impl Target<'_> {
    fn write_once(
        &mut self,
        id: TileId,
        name: &str,
        content: impl FnOnce() -> Result<Vec<u8>, EngineError>,
    ) -> Result<(), ExportError> {
        if id.is_full() && self.root.join(name).exists() {
            return Ok(());
        }
        let content = content().map_err(ExportError::Log)?;
        self.write(name, &content)
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        let path = self.root.join(name);
        self.create_folder_of(&path)
            .and_then(|()| write_atomically(&path, content))
            .map_err(ExportError::File)
    }

    fn create_folder_of(&mut self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(self.root);
        if !self.touched.contains(folder) {
            fs::create_dir_all(folder)?;
            // A folder's own name lies in the folder above it.
            let up_to_root = folder.ancestors().take_while(|above| above.starts_with(self.root));
            self.touched.extend(up_to_root.map(Path::to_path_buf));
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
    let mut file = File::create(&draft)?;
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
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[source] EngineError),
    /// A file or folder could not be written.
    #[error("the export could not be written")]
    File(#[source] io::Error),
}
