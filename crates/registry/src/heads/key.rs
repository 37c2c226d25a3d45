use sinpyo_core::key::Signer;
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::note::{LogKey, Note, NoteError, NoteSignature, Origin, SignNoteError, SignedText};
use std::{fmt, str::FromStr};

/// What follows the log's name in the name of its heads key.
const SUFFIX: &str = "/heads";

/// The key under which a log states what is newest: Ed25519, named after the log with `/heads` behind.
///
/// Printed and parsed as a verifier key, `name+hash+key` [C2SP signed-note]. The log's own entries name it, so that a
/// verifier needs no further configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadsKey(LogKey);

impl HeadsKey {
    /// The heads key `key` of the log `origin`.
    ///
    /// # Errors
    /// Not an Ed25519 key, or the log's name leaves no room for the suffix.
    pub fn new(origin: &Origin, key: VerifyingKey) -> Result<Self, NoteError> {
        LogKey::new(format!("{origin}{SUFFIX}").parse()?, key).map(Self)
    }

    /// The public key.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        self.0.verifying_key()
    }

    /// Whether it is a heads key of the log `origin`.
    pub fn is_of(&self, origin: &Origin) -> bool {
        self.0.name().as_str().strip_suffix(SUFFIX) == Some(origin.as_str())
    }

    /// Whether a signature line is said to be of this key.
    pub(crate) fn is_key_of(&self, line: &NoteSignature) -> bool {
        self.0.is_key_of(line)
    }

    pub(crate) fn sign(&self, text: &str, signer: &dyn Signer) -> Result<NoteSignature, SignNoteError> {
        self.0.sign(text, signer)
    }

    pub(crate) fn verify<'n>(&self, note: &'n Note) -> Result<SignedText<'n>, NoteError> {
        self.0.verify(note)
    }
}

impl fmt::Display for HeadsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for HeadsKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let key: LogKey = text.parse()?;
        if key.name().as_str().ends_with(SUFFIX) { Ok(Self(key)) } else { Err(NoteError::KeyText) }
    }
}
