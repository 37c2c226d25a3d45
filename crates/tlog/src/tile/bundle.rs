//! Entries as a log serves them.

use super::{TileId, WIDTH};
use crate::merkle::Hash;

/// Longest entry, in bytes: what the length field of a bundle can say.
pub const MAX_ENTRY: usize = 65_535;

/// The entries of a tile of leaf hashes: 1 to 256, each of at most [`MAX_ENTRY`] bytes.
///
/// As bytes: each entry after its length in two big-endian bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryBundle(Vec<Vec<u8>>);

impl EntryBundle {
    /// The bundle of `entries`.
    ///
    /// # Errors
    /// There are none or more than 256, or one is too long.
    pub fn new(entries: Vec<Vec<u8>>) -> Result<Self, BadBundle> {
        let fits = (1..=usize::from(WIDTH)).contains(&entries.len())
            && entries.iter().all(|entry| entry.len() <= MAX_ENTRY);
        if fits { Ok(Self(entries)) } else { Err(BadBundle) }
    }

    /// Parses the bundle of tile `id`.
    ///
    /// # Errors
    /// A length exceeds what is left, or there are more or fewer entries than the tile has hashes.
    pub fn parse(id: TileId, bytes: &[u8]) -> Result<Self, BadBundle> {
        let mut entries = Vec::with_capacity(usize::from(id.width()));
        let mut rest = bytes;
        // What comes after the last entry is not looked at, but counts as a mistake.
        while entries.len() < usize::from(id.width()) {
            let (length, after) = rest.split_first_chunk().ok_or(BadBundle)?; // [LOG-28]
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, after) = after.split_at_checked(length).ok_or(BadBundle)?;
            entries.push(entry.to_vec());
            rest = after;
        }
        if rest.is_empty() { Ok(Self(entries)) } else { Err(BadBundle) }
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.iter().map(|entry| entry.len() + 2).sum());
        for entry in &self.0 {
            // `new` and `parse` admit no longer ones.
            let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
            bytes.extend(length.to_be_bytes());
            bytes.extend(entry);
        }
        bytes
    }

    /// The entries.
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// The entries, taken out.
    pub fn into_entries(self) -> Vec<Vec<u8>> {
        self.0
    }

    /// The content of the tile that the entries hash to.
    pub fn leaf_hashes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|entry| *Hash::leaf(entry).as_bytes()).collect()
    }
}

/// The bytes are no bundle of this tile's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the entries of a tile")]
pub struct BadBundle;

impl BadBundle {
    /// The rule that was broken, as in `spec/checks/log.toml`.
    pub const fn code(&self) -> &'static str {
        "LOG-28"
    }
}
