//! Text with signatures under it [C2SP signed-note].

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sinpyo_core::{
    encoding::Multikey,
    key::{BadSignature, SignError, Signer, Verifier as _},
};
use sinpyo_crypto::{Algorithm, VerifyingKey, hash::Sha256};
use std::{fmt, str::FromStr};

/// Longest note that is read, in bytes.
pub const MAX_NOTE: usize = 64 * 1024;

/// Most signature lines that are read.
pub const MAX_SIGNATURES: usize = 64;

const MARK: &str = "\u{2014} ";
/// Signature type of Ed25519 keys.
const ED25519: u8 = 1;
/// The multicodec of Ed25519 public keys.
const ED25519_PUB: u64 = 0xed;

/// The name of a log: a URL without scheme, such as `ledger.example.kr/2026` [C2SP tlog-checkpoint].
///
/// 1 to 255 printable ASCII characters without blanks and `+`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(Box<str>);

impl Origin {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let fine = (1..=255).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
            && !text.contains("://");
        if fine { Ok(Self(text.into())) } else { Err(NoteError::Origin) } // [LOG-16]
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key under which a log's checkpoints are checked; Ed25519, as the format has it.
///
/// Printed and parsed as `name+hash+key`: the name, the key id in hexadecimal, and the base64 of the signature
/// type and the public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    name: Origin,
    key: VerifyingKey,
    id: [u8; 4],
}

impl LogKey {
    /// The key `key` of the log `name`.
    ///
    /// # Errors
    /// [`NoteError::KeyType`] unless it is an Ed25519 key.
    pub fn new(name: Origin, key: VerifyingKey) -> Result<Self, NoteError> {
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(NoteError::KeyType);
        }
        // [LOG-15] The id binds the key to the name, so that one log's key does not speak for another.
        let mut hash = Sha256::new();
        hash.update(name.as_str().as_bytes());
        hash.update(&[b'\n', ED25519]);
        hash.update(key.to_multikey().key());
        let [a, b, c, d, ..] = hash.finish();
        Ok(Self { name, key, id: [a, b, c, d] })
    }

    /// The name of the log.
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// Signs `text` with the private half of this key, which `signer` holds.
    ///
    /// # Errors
    /// The signer refused, or it holds another key.
    pub fn sign(&self, text: &str, signer: &dyn Signer) -> Result<NoteSignature, SignNoteError> {
        let bytes = signer.sign(text.as_bytes()).map_err(SignNoteError::Signer)?;
        let signature = NoteSignature { name: self.name.as_str().into(), id: self.id, bytes };
        self.check(text, &signature).map_err(SignNoteError::AnotherKey)?;
        Ok(signature)
    }

    /// Checks that `note` carries a signature by this key. Lines of other keys are ignored.
    ///
    /// # Errors
    /// There is none, or it does not verify.
    pub fn verify<'n>(&self, note: &'n Note) -> Result<SignedText<'n>, NoteError> {
        let mut ours =
            note.signatures.iter().filter(|line| line.id == self.id && *line.name == *self.name.as_str());
        let signature = ours.next().ok_or(NoteError::Unsigned)?; // [LOG-13]
        self.check(&note.text, signature).map_err(|BadSignature| NoteError::Signature)?; // [LOG-14]
        Ok(SignedText(&note.text))
    }

    fn check(&self, text: &str, signature: &NoteSignature) -> Result<(), BadSignature> {
        self.key.verify(text.as_bytes(), &signature.bytes).map(|_| ())
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.to_multikey().key()].concat();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), STANDARD.encode(key))
    }
}

impl FromStr for LogKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::KeyText);
        };
        let bytes = STANDARD.decode(key).map_err(|_| NoteError::KeyText)?;
        let Some((&ED25519, key)) = bytes.split_first() else { return Err(NoteError::KeyType) };
        let key =
            VerifyingKey::from_multikey(&Multikey::new(ED25519_PUB, key)).map_err(|_| NoteError::KeyText)?;
        let parsed = Self::new(name.parse()?, key)?;
        let id_fits = format!("{:08x}", u32::from_be_bytes(parsed.id)) == id;
        if id_fits { Ok(parsed) } else { Err(NoteError::KeyText) }
    }
}

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
        if note.chars().any(|c| c.is_ascii_control() && c != '\n') {
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
    /// LOG-10: more than 64 KiB or more than 64 signatures.
    #[error("the note is too long")]
    TooLong,
    /// LOG-11: a control character other than a line feed.
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
