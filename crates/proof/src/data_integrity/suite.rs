//! The cryptosuites: how a document becomes the bytes that are signed.

use sinpyo_core::encoding::Base;
use sinpyo_crypto::{
    Algorithm,
    hash::{sha256, sha384},
};
use std::fmt;

/// A Data Integrity cryptosuite over the JSON Canonicalization Scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cryptosuite {
    /// `ecdsa-jcs-2019`: P-256 with SHA-256, P-384 with SHA-384 [VC-DI-ECDSA §3.3].
    EcdsaJcs2019,
    /// `eddsa-jcs-2022`: Ed25519 with SHA-256 [VC-DI-EDDSA §3.3].
    EddsaJcs2022,
    /// `mldsa44-jcs-2024`: ML-DSA-44 with SHA-256; a draft [VC-DI-Quantum-Resistant].
    MlDsa44Jcs2024,
}

impl Cryptosuite {
    /// Every suite.
    pub const ALL: [Self; 3] = [Self::EcdsaJcs2019, Self::EddsaJcs2022, Self::MlDsa44Jcs2024];

    /// The word in the proof.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::MlDsa44Jcs2024 => "mldsa44-jcs-2024",
        }
    }

    /// The suite that `name` names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// The suite for keys of `algorithm`; none for ML-DSA-65.
    pub const fn for_algorithm(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 => Some(Self::EcdsaJcs2019),
            Algorithm::Ed25519 => Some(Self::EddsaJcs2022),
            Algorithm::MlDsa44 => Some(Self::MlDsa44Jcs2024),
            Algorithm::MlDsa65 => None,
        }
    }

    /// How the suite writes `proofValue`.
    pub(crate) const fn base(self) -> Base {
        match self {
            Self::EcdsaJcs2019 | Self::EddsaJcs2022 => Base::Base58Btc,
            Self::MlDsa44Jcs2024 => Base::Base64Url,
        }
    }
}

impl fmt::Display for Cryptosuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The bytes that a key of `algorithm` signs: the hash of the proof's options, then that of the document.
pub(crate) fn hash_data(algorithm: Algorithm, options: &[u8], document: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Es384 => [sha384(options), sha384(document)].concat(),
        Algorithm::Es256 | Algorithm::Ed25519 | Algorithm::MlDsa44 | Algorithm::MlDsa65 => {
            [sha256(options), sha256(document)].concat()
        }
    }
}
