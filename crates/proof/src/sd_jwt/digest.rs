//! The hash algorithms of `_sd_alg`.

use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::{sha256, sha384, sha512};

/// How disclosures are hashed [RFC 9901 §4.1.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DigestAlgorithm {
    /// `sha-256`, also where `_sd_alg` is absent.
    #[default]
    Sha256,
    /// `sha-384`
    Sha384,
    /// `sha-512`
    Sha512,
}

impl DigestAlgorithm {
    /// The name in the "Named Information Hash Algorithm" registry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The algorithm that `name` names.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The digest of `text` as the payload carries it.
    pub(super) fn digest(self, text: &str) -> String {
        match self {
            Self::Sha256 => to_base64url(&sha256(text.as_bytes())),
            Self::Sha384 => to_base64url(&sha384(text.as_bytes())),
            Self::Sha512 => to_base64url(&sha512(text.as_bytes())),
        }
    }
}
