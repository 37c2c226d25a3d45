//! Text with signatures under it [C2SP signed-note].

mod key;

pub use key::{LogKey, Origin};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sinpyo_core::key::{BadSignature, SignError};
use std::{fmt, str::FromStr};

/// Longest note that is read, in bytes: as many ML-DSA-44 cosignatures of 3.3 kB as there may be signatures.
pub const MAX_NOTE: usize = 256 * 1024;

/// Most signature lines that are read.
pub const MAX_SIGNATURES: usize = 64;

/// Lengths of the signatures in cosignatures, which begin with a time [C2SP tlog-cosignature].
const ED25519_SIGNATURE: usize = 64;
const ML_DSA_44_SIGNATURE: usize = 2_420;

const MARK: &str = "\u{2014} ";

/// The text of a note that a known key signed. Made by [`LogKey::verify`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct SignedText<'n>(&'n str);

impl<'n> SignedText<'n> {
    /// The text, with the line feed it ends with.
    pub const fn as_str(self) -> &'n str {
        self.0
    }
}

/// One line below the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: Box<str>,
    id: [u8; 4],
    bytes: Box<[u8]>,
}

impl NoteSignature {
    pub(crate) fn new(name: &str, id: [u8; 4], bytes: Box<[u8]>) -> Self {
        Self { name: name.into(), id, bytes }
    }

    /// The name of the key that is said to have signed.
    pub const fn key_name(&self) -> &str {
        &self.name
    }

    /// The id of that key.
    pub const fn key_id(&self) -> [u8; 4] {
        self.id
    }

    /// What the key made, unchecked.
    pub(crate) const fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The time that it states if it has the length of a cosignature, in seconds since 1970; unchecked.
    pub(crate) fn cosigned_at(&self) -> Option<u64> {
        let (at, signature) = self.bytes.split_first_chunk()?;
        matches!(signature.len(), ED25519_SIGNATURE | ML_DSA_44_SIGNATURE).then(|| u64::from_be_bytes(*at))
    }

    /// Whether both lines are said to be of one key.
    pub fn is_of_same_key(&self, other: &Self) -> bool {
        self.id == other.id && self.name == other.name
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MARK}{} {}", self.name, STANDARD.encode([&self.id[..], &self.bytes].concat()))
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    /// Parses the line without its line feed.
    fn from_str(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix(MARK).ok_or(NoteError::SignatureLine)?;
        let (name, blob) = rest.split_once(' ').ok_or(NoteError::SignatureLine)?;
        let blob = STANDARD.decode(blob).map_err(|_| NoteError::SignatureLine)?;
        let (id, bytes) = blob.split_first_chunk().ok_or(NoteError::SignatureLine)?;
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') || bytes.is_empty() {
            return Err(NoteError::SignatureLine);
        }
        Ok(Self { name: name.into(), id: *id, bytes: bytes.into() })
    }
}

/// A text and its signature lines, none of which has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: Box<str>,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// The unchecked text, for those who store or route notes.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The signature lines, unchecked.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The lines that are said to be of the key `id` called `name`.
    pub(crate) fn signatures_of<'n>(
        &'n self,
        name: &'n str,
        id: [u8; 4],
    ) -> impl Iterator<Item = &'n NoteSignature> {
        self.signatures.iter().filter(move |line| line.id == id && *line.name == *name)
    }

    /// The same text with fewer lines below it.
    pub(crate) fn with_lines(&self, signatures: Vec<NoteSignature>) -> Self {
        Self { text: self.text.clone(), signatures }
    }

    /// `text`, which ends with a line feed, with `signatures`.
    ///
    /// # Errors
    /// As for parsing.
    pub fn new(text: &str, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        let note = Self { text: text.into(), signatures };
        note.to_string().parse()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::TooLong); // [LOG-10]
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Control); // [LOG-11]
        }
        let blank = note.rfind("\n\n").ok_or(NoteError::Structure)?;
        let (text, rest) = note.split_at_checked(blank + 1).ok_or(NoteError::Structure)?;
        let lines = rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or(NoteError::Structure)?; // [LOG-12]
        let signatures: Vec<NoteSignature> =
            lines.split('\n').take(MAX_SIGNATURES + 1).map(str::parse).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::TooLong);
        }
        Ok(Self { text: text.into(), signatures })
    }
}

/// Why a note, a key or a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// LOG-10: more than 256 KiB or more than 64 signatures.
    #[error("the note is too long")]
    TooLong,
    /// LOG-11: a character below U+0020 other than a line feed.
    #[error("the note holds a control character")]
    Control,
    /// LOG-12: no text, blank line and signature lines, each ended by a line feed.
    #[error("the note is not text, a blank line and signature lines")]
    Structure,
    /// LOG-12: a signature line is not a dash, a name and base64.
    #[error("a signature line is malformed")]
    SignatureLine,
    /// LOG-13: the key at hand did not sign.
    #[error("the note has no signature by the log's key")]
    Unsigned,
    /// LOG-14: the signature by the key at hand does not verify.
    #[error("the log's signature does not verify")]
    Signature,
    /// LOG-15: the key's text is not `name+hash+key` with the hash of its name and key.
    #[error("not a verifier key of a log")]
    KeyText,
    /// LOG-15: another kind of key than Ed25519.
    #[error("a log's key is an Ed25519 key")]
    KeyType,
    /// LOG-16: the name is no URL without scheme.
    #[error("not the name of a log")]
    Origin,
}

impl NoteError {
    /// The rule that was broken, as in `spec/checks/log.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "LOG-10",
            Self::Control => "LOG-11",
            Self::Structure | Self::SignatureLine => "LOG-12",
            Self::Unsigned => "LOG-13",
            Self::Signature => "LOG-14",
            Self::KeyText | Self::KeyType => "LOG-15",
            Self::Origin => "LOG-16",
        }
    }
}

/// Why a note was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignNoteError {
    /// The key store refused.
    #[error("the log's key did not sign")]
    Signer(#[source] SignError),
    /// LOG-15: the signature does not verify under the log's public key.
    #[error("the signer holds another key than the log's")]
    AnotherKey(#[source] BadSignature),
}
