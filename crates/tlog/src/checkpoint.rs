//! A log's signed statement of its size and root [C2SP tlog-checkpoint].
//!
//! Three lines: the log's name, the number of entries, the root in base64. Extension lines are refused: the format
//! advises against them, ML-DSA-44 cosignatures do not cover them, and nobody here would act on them. A witness of
//! ours therefore answers a log that uses them with "400 Bad Request".

use crate::{
    cosignature::CosignerKey,
    merkle::{Hash, TreeHead},
    note::{LogKey, Note, NoteError, NoteSignature, Origin, SignNoteError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sinpyo_core::key::Signer;
use std::{fmt, str::FromStr};

/// A checkpoint as it arrives: well-formed, signatures not checked.
///
/// Printed and parsed as its signed note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    origin: Origin,
    head: TreeHead,
    note: Note,
}

impl SignedCheckpoint {
    /// States that the log of `key` has `head`.
    ///
    /// # Errors
    /// The signer refused, or holds another key.
    pub fn sign(head: TreeHead, key: &LogKey, signer: &dyn Signer) -> Result<Self, SignCheckpointError> {
        let text = format!("{}\n{}\n{}\n", key.name(), head.size, STANDARD.encode(head.root.as_bytes()));
        let signature = key.sign(&text, signer).map_err(SignCheckpointError::Signature)?;
        let note = Note::new(&text, vec![signature]).map_err(SignCheckpointError::Note)?;
        Ok(Self { origin: key.name().clone(), head, note })
    }

    /// The same statement with `signatures` below it as well: of a witness, or of the log's next key.
    ///
    /// A line takes the place of one that is said to be of the same key, so that none is there twice; of two cosignatures
    /// the later one stays. Nothing is checked.
    ///
    /// # Errors
    /// The note becomes too long.
    pub fn with_signatures(
        mut self,
        signatures: impl IntoIterator<Item = NoteSignature>,
    ) -> Result<Self, NoteError> {
        let mut lines = self.note.signatures().to_vec();
        for new in signatures {
            match lines.iter_mut().find(|line| line.is_of_same_key(&new)) {
                Some(line) if line.cosigned_at() > new.cosigned_at() => {}
                Some(line) => *line = new,
                None => lines.push(new),
            }
        }
        self.note = Note::new(self.note.unverified_text(), lines)?;
        Ok(self)
    }

    /// The signature lines, unchecked.
    pub fn signatures(&self) -> &[NoteSignature] {
        self.note.signatures()
    }

    /// The same statement without what is said to be signed by `cosigners`.
    pub(crate) fn without_signatures_of(&self, cosigners: &[CosignerKey]) -> Self {
        let kept = |line: &&NoteSignature| !cosigners.iter().any(|key| key.is_key_of(line));
        let lines = self.note.signatures().iter().filter(kept).cloned().collect();
        Self { note: self.note.with_lines(lines), ..self.clone() }
    }

    /// The log it claims to be about.
    pub const fn claimed_origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) const fn note(&self) -> &Note {
        &self.note
    }

    /// Size and root as the text claims them.
    pub const fn claimed_head(&self) -> TreeHead {
        self.head
    }

    /// Checks that the log of `key` made this statement.
    ///
    /// # Errors
    /// It is about another log, or that key's signature is missing or wrong.
    pub fn verify(&self, key: &LogKey) -> Result<Checkpoint, CheckpointError> {
        if self.origin != *key.name() {
            return Err(CheckpointError::Origin); // [LOG-18]
        }
        let _signed = key.verify(&self.note).map_err(CheckpointError::Note)?;
        Ok(Checkpoint { origin: self.origin.clone(), head: self.head })
    }

    /// Checks that the log of one of `keys` made this statement: at least one of them signed, and no line of any of
    /// them is wrong. Keys of other logs are passed over.
    ///
    /// # Errors
    /// It is about another log; none of the keys signed; a signature by one of them does not verify.
    pub fn verify_any<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k LogKey>,
    ) -> Result<Checkpoint, CheckpointError> {
        let mut result = Err(CheckpointError::Origin);
        for key in keys {
            match self.verify(key) {
                Ok(checkpoint) => result = Ok(checkpoint),
                Err(CheckpointError::Origin) => {}
                Err(unsigned @ CheckpointError::Note(NoteError::Unsigned)) => {
                    result = result.or(Err(unsigned));
                }
                Err(wrong) => return Err(wrong),
            }
        }
        result
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let note: Note = text.parse().map_err(CheckpointError::Note)?;
        let body = note.unverified_text().strip_suffix('\n').ok_or(CheckpointError::Body)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Body); // [LOG-17]
        };
        let origin = origin.parse().map_err(CheckpointError::Note)?;
        let number: u64 = size.parse().map_err(|_| CheckpointError::Body)?;
        let bytes = STANDARD.decode(root).map_err(|_| CheckpointError::Body)?;
        let root = Hash::try_from(bytes.as_slice()).map_err(|_| CheckpointError::Body)?;
        // One text per number, and one root for the empty log.
        if number.to_string() != size || number == 0 && root != Hash::of_empty_tree() {
            return Err(CheckpointError::Body);
        }
        Ok(Self { origin, head: TreeHead { size: number, root }, note })
    }
}

/// A log's own statement of its size and root. Made by [`SignedCheckpoint::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: Origin,
    head: TreeHead,
}

impl Checkpoint {
    /// The log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its size and root.
    pub const fn head(&self) -> TreeHead {
        self.head
    }
}

/// Why a checkpoint was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(NoteError),
    /// LOG-17: not the three lines of a checkpoint.
    #[error("not a checkpoint of name, size and root")]
    Body,
    /// LOG-18: it is about another log.
    #[error("the checkpoint is about another log")]
    Origin,
}

impl CheckpointError {
    /// The rule that was broken, as in `spec/checks/log.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Note(error) => error.code(),
            Self::Body => "LOG-17",
            Self::Origin => "LOG-18",
        }
    }
}

/// Why no checkpoint was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignCheckpointError {
    /// The signer refused or holds another key.
    #[error("the checkpoint was not signed")]
    Signature(#[source] SignNoteError),
    /// The note would break its own rules.
    #[error("the checkpoint is no note")]
    Note(#[source] NoteError),
}
