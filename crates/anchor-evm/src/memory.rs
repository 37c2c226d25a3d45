//! The last head that the anchorer found consistent, kept over restarts.
//!
//! The chain remembers for us unless it is replaced or its node lies; the file does not depend on either.

use sinpyo_tlog::{
    merkle::{Hash, TreeHead},
    note::Origin,
};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A file of three lines: the log's name, size and root in hexadecimal.
#[derive(Debug)]
pub struct Memory {
    path: PathBuf,
    origin: Origin,
}

impl Memory {
    /// The memory of the log `origin` in the file `path`, which need not exist yet.
    pub const fn new(path: PathBuf, origin: Origin) -> Self {
        Self { path, origin }
    }

    /// The head that was kept; `None` before the first one.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn recall(&self) -> Result<Option<TreeHead>, MemoryError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(MemoryError::File(error)),
        };
        self.parse(&text).map(Some).ok_or(MemoryError::Content)
    }

    fn parse(&self, text: &str) -> Option<TreeHead> {
        let [origin, size, root] = text.lines().collect::<Vec<_>>().try_into().ok()?;
        let root: [u8; 32] = alloy::primitives::hex::decode_to_array(root).ok()?;
        let head = TreeHead { size: size.parse().ok()?, root: Hash::from(root) };
        (origin == self.origin.as_str()).then_some(head)
    }

    /// Keeps `head` in place of the former one, durably.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(&self, head: TreeHead) -> Result<(), MemoryError> {
        let text = format!("{}\n{}\n{}\n", self.origin, head.size, head.root);
        replace(&self.path, text.as_bytes()).map_err(MemoryError::File)
    }
}

/// Writes a file so that readers, and a power cut, find the old or the new content and nothing between.
///
/// # Errors
/// The operating system refused.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Why the memory could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The file could not be read or written.
    #[error("the file with the last head could not be used")]
    File(#[source] io::Error),
    /// Not the three lines of this log.
    #[error("the file with the last head holds something else")]
    Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_kept_and_only_for_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("last");
        let memory = Memory::new(path.clone(), "log.example".parse().unwrap());
        assert_eq!(memory.recall().unwrap(), None);
        for size in 1..4 {
            let head = TreeHead { size, root: Hash::leaf(&[0]) };
            memory.keep(head).unwrap();
            assert_eq!(memory.recall().unwrap(), Some(head));
        }
        let other = Memory::new(path.clone(), "other.example".parse().unwrap());
        assert!(matches!(other.recall(), Err(MemoryError::Content)));
        for text in ["", "log.example\n1\n", "log.example\nx\n00\n", "log.example\n1\n00\n"] {
            fs::write(&path, text).unwrap();
            assert!(matches!(memory.recall(), Err(MemoryError::Content)), "{text:?}");
        }
    }
}
