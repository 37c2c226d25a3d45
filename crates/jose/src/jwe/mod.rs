//! JSON Web Encryption for one recipient: `ECDH-ES` on P-256, directly with AES-GCM [RFC 7516, RFC 7518 §4.6].
//!
//! That is what HAIP requires and all that is spoken here. Nothing is compressed: what is decompressed has no bounds
//! that its sender does not set. A message says nothing about its sender.

mod decrypt;
mod derive;
mod encrypt;
mod header;

pub use decrypt::{Decrypted, Decrypter, EncryptedMessage, JweError};
pub use encrypt::{EncryptError, Parties, Recipient, RecipientError, encrypt};

/// Longest message that is read or made, in bytes of its text.
pub const MAX_LENGTH: usize = 4 << 20;

/// The only way in which keys are agreed on.
pub const ALGORITHM: &str = "ECDH-ES";

/// How the content is encrypted [RFC 7518 §5.3].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentEncryption {
    /// AES-128-GCM, which a recipient that says nothing about it expects [OpenID4VP 1.0 §8.3].
    A128Gcm,
    /// AES-256-GCM.
    A256Gcm,
}

impl ContentEncryption {
    /// All, in the order in which we prefer them.
    pub const ALL: [Self; 2] = [Self::A256Gcm, Self::A128Gcm];

    /// The one that `enc` names in a header or in metadata.
    pub fn from_name(enc: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encryption| encryption.name() == enc)
    }

    /// Its name in headers and metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }
}
