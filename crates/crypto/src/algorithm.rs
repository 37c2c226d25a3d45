//! The signature algorithms and their names.

use sinpyo_core::key::AlgorithmName;
use std::fmt;

/// A signature algorithm together with the curve or parameter set it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256, `ES256` [RFC 7518 §3.4].
    Es256,
    /// ECDSA on P-384 with SHA-384, `ES384` [RFC 7518 §3.4].
    Es384,
    /// ECDSA on P-521 with SHA-512, `ES512` [RFC 7518 §3.4]: to read others' JOSE, in no cryptosuite.
    Es512,
    /// Ed25519, written `EdDSA` [RFC 8037 §3.1] and read as `Ed25519` too [RFC 9864 §2.2].
    Ed25519,
    /// ML-DSA-44 [FIPS 204], `ML-DSA-44`.
    MlDsa44,
    /// ML-DSA-65 [FIPS 204], `ML-DSA-65`.
    MlDsa65,
}

impl Algorithm {
    /// Every algorithm, in the order in which we prefer them.
    pub const ALL: [Self; 6] =
        [Self::Es256, Self::Es384, Self::Ed25519, Self::MlDsa44, Self::MlDsa65, Self::Es512];

    /// The algorithm that `alg` names in a JOSE header; `None` for every other name, `none` included.
    ///
    /// `EdDSA` names a family; Ed25519 is its only member here. The fully specified name `Ed25519`
    /// [RFC 9864] is refused: see [`Algorithm::from_jose_or_fully_specified`].
    pub fn from_jose(alg: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.jose() == alg)
    }

    /// As [`Algorithm::from_jose`], and `Ed25519` [RFC 9864 §2.2] beside `EdDSA`.
    pub fn from_jose_or_fully_specified(alg: &str) -> Option<Self> {
        if alg == "Ed25519" { Some(Self::Ed25519) } else { Self::from_jose(alg) }
    }

    /// The name that we write into JOSE headers.
    pub const fn jose(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Ed25519 => "EdDSA",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
        }
    }

    /// [`Algorithm::jose`] as `core` carries it.
    pub const fn name(self) -> AlgorithmName {
        AlgorithmName(self.jose())
    }

    /// Length of every signature, in bytes.
    pub const fn signature_length(self) -> usize {
        match self {
            Self::Es256 | Self::Ed25519 => 64,
            Self::Es384 => 96,
            Self::Es512 => 132,
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.jose())
    }
}
