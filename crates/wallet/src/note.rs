//! What an edge must not forget: an issuance in progress, an offer that was not taken yet.

use crate::wallet::Wallet;
use sinpyo_core::Secret;
use std::fmt;

/// Most notes, longest name and longest content, in bytes.
const MAX_NOTES: usize = 256;
const MAX_NAME: usize = 256;
const MAX_CONTENT: usize = 256 << 10;

/// Text that the wallet keeps and does not read. It may hold tokens.
pub(crate) struct Note(pub(crate) Secret<String>);

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Note(..)")
    }
}

impl Wallet {
    /// Keeps `content` under `name`, in place of what was there.
    ///
    /// # Errors
    /// There are 256 other notes, the name has more than 256 bytes, or the content more than 256 KiB.
    pub fn keep_note(&mut self, name: &str, content: Secret<String>) -> Result<(), NoteError> {
        let full = self.notes.len() >= MAX_NOTES && !self.notes.contains_key(name);
        if full || name.len() > MAX_NAME || content.expose().len() > MAX_CONTENT {
            return Err(NoteError); // [WAL-33]
        }
        self.notes.insert(name.to_owned(), Note(content));
        Ok(())
    }

    /// The notes by name.
    pub fn notes(&self) -> impl Iterator<Item = (&str, &Secret<String>)> {
        self.notes.iter().map(|(name, note)| (name.as_str(), &note.0))
    }

    /// What is kept under `name`.
    pub fn note(&self, name: &str) -> Option<&Secret<String>> {
        self.notes.get(name).map(|note| &note.0)
    }

    /// Forgets what is kept under `name`.
    pub fn drop_note(&mut self, name: &str) {
        self.notes.remove(name);
    }
}

/// WAL-33: there are too many notes, or this one is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are too many notes, or this one is too large")]
pub struct NoteError;

impl NoteError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        "WAL-33"
    }
}
