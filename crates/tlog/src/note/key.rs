//! Who signs as a log.

use super::{Note, NoteError, NoteSignature, SignNoteError, SignedText};
use crate::vkey::{self, VkeyWire};
use sinpyo_core::{
    encoding::Multikey,
    key::{BadSignature, Signer, Verifier as _},
};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use std::{fmt, str::FromStr};

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
        let id = vkey::key_id(name.as_str(), ED25519, key.to_multikey().key()); // [LOG-15]
        Ok(Self { name, key, id })
    }

    /// The name of the log.
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// The public key.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether `line` is said to be of this key.
    pub fn is_key_of(&self, line: &NoteSignature) -> bool {
        line.key_id() == self.id && line.key_name() == self.name.as_str()
    }

    /// Signs `text` with the private half of this key, which `signer` holds.
    ///
    /// # Errors
    /// The signer refused, or it holds another key.
    pub fn sign(&self, text: &str, signer: &dyn Signer) -> Result<NoteSignature, SignNoteError> {
        let bytes = signer.sign(text.as_bytes()).map_err(SignNoteError::Signer)?;
        let signature = NoteSignature::new(self.name.as_str(), self.id, bytes);
        self.check(text, &signature).map_err(SignNoteError::AnotherKey)?;
        Ok(signature)
    }

    /// Checks that `note` carries a signature by this key, and none that is wrong. Lines of other keys are ignored.
    ///
    /// # Errors
    /// There is none, or one does not verify.
    pub fn verify<'n>(&self, note: &'n Note) -> Result<SignedText<'n>, NoteError> {
        let mut signed = Err(NoteError::Unsigned); // [LOG-13]
        for line in note.signatures_of(self.name.as_str(), self.id) {
            self.check(&note.text, line).map_err(|BadSignature| NoteError::Signature)?; // [LOG-14]
            signed = Ok(SignedText(&note.text));
        }
        signed
    }

    fn check(&self, text: &str, signature: &NoteSignature) -> Result<(), BadSignature> {
        self.key.verify(text.as_bytes(), signature.bytes()).map(|_| ())
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        vkey::print(f, self.name.as_str(), ED25519, self.key.to_multikey().key())
    }
}

impl FromStr for LogKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let wire = VkeyWire::parse(text).ok_or(NoteError::KeyText)?;
        if wire.kind != ED25519 {
            return Err(NoteError::KeyType);
        }
        let key = VerifyingKey::from_multikey(&Multikey::new(ED25519_PUB, &wire.key))
            .map_err(|_| NoteError::KeyText)?;
        Self::new(wire.name.parse()?, key)
    }
}
