//! The cryptosuites: how a document becomes the bytes that are signed, and by which keys.

use sinpyo_core::encoding::Base;
use sinpyo_crypto::{
    Algorithm,
    hash::{sha256, sha384},
};
use std::fmt;

/// A Data Integrity cryptosuite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cryptosuite {
    /// `ecdsa-jcs-2019`: P-256 with SHA-256, P-384 with SHA-384 [VC-DI-ECDSA §3.3].
    EcdsaJcs2019,
    /// `ecdsa-rdfc-2019`: the same over RDF [VC-DI-ECDSA §3.2].
    EcdsaRdfc2019,
    /// `ecdsa-sd-2023`: selective disclosure by a signature for every statement; P-256 [VC-DI-ECDSA §3.5].
    EcdsaSd2023,
    /// `eddsa-jcs-2022`: Ed25519 with SHA-256 [VC-DI-EDDSA §3.3].
    EddsaJcs2022,
    /// `eddsa-rdfc-2022`: the same over RDF [VC-DI-EDDSA §3.2].
    EddsaRdfc2022,
    /// `bbs-2023`: selective disclosure without linkability; BLS12-381 [VC-DI-BBS §3.2].
    Bbs2023,
    /// `mldsa44-jcs-2024`: ML-DSA-44 with SHA-256; a draft [VC-DI-Quantum-Resistant].
    MlDsa44Jcs2024,
    /// `sinpyo-ed25519-mldsa44-jcs-2026`: Ed25519 *and* ML-DSA-44 over the same bytes, which name both keys.
    ///
    /// Ours, and reviewed by nobody else. See [`crate::data_integrity::hybrid`].
    Ed25519MlDsa44Jcs2026,
    /// `Ed25519Signature2020`, a proof type of its own; verified under a legacy profile, never made.
    Ed25519Signature2020,
}

/// How a suite turns a document into bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformation {
    /// The JSON text in canonical form [RFC 8785].
    Jcs,
    /// The statements that it makes, in canonical form [RDFC-1.0].
    Rdfc,
    /// Statement by statement, so that the holder may withhold some.
    Selective,
}

impl Cryptosuite {
    /// Every suite.
    pub const ALL: [Self; 9] = [
        Self::EcdsaJcs2019,
        Self::EcdsaRdfc2019,
        Self::EcdsaSd2023,
        Self::EddsaJcs2022,
        Self::EddsaRdfc2022,
        Self::Bbs2023,
        Self::MlDsa44Jcs2024,
        Self::Ed25519MlDsa44Jcs2026,
        Self::Ed25519Signature2020,
    ];

    /// The word in the proof: its `cryptosuite`, or its `type` for the one suite from before there were any.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EcdsaSd2023 => "ecdsa-sd-2023",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::Bbs2023 => "bbs-2023",
            Self::MlDsa44Jcs2024 => "mldsa44-jcs-2024",
            Self::Ed25519MlDsa44Jcs2026 => "sinpyo-ed25519-mldsa44-jcs-2026",
            Self::Ed25519Signature2020 => "Ed25519Signature2020",
        }
    }

    /// The suite whose `cryptosuite` is `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| *suite != Self::Ed25519Signature2020 && suite.name() == name)
    }

    /// The suite over JSON for keys of `algorithm`; none for P-521 and ML-DSA-65.
    pub const fn for_algorithm(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 => Some(Self::EcdsaJcs2019),
            Algorithm::Ed25519 => Some(Self::EddsaJcs2022),
            Algorithm::MlDsa44 => Some(Self::MlDsa44Jcs2024),
            Algorithm::Es512 | Algorithm::MlDsa65 => None,
        }
    }

    /// Whether a key of `algorithm` signs under this suite, alone or as the one that the proof names first.
    pub const fn fits(self, algorithm: Algorithm) -> bool {
        match self {
            Self::EcdsaJcs2019 | Self::EcdsaRdfc2019 => {
                matches!(algorithm, Algorithm::Es256 | Algorithm::Es384)
            }
            Self::EcdsaSd2023 => matches!(algorithm, Algorithm::Es256),
            Self::EddsaJcs2022
            | Self::EddsaRdfc2022
            | Self::Ed25519Signature2020
            | Self::Ed25519MlDsa44Jcs2026 => matches!(algorithm, Algorithm::Ed25519),
            Self::MlDsa44Jcs2024 => matches!(algorithm, Algorithm::MlDsa44),
            Self::Bbs2023 => false,
        }
    }

    /// How the suite turns a document into bytes.
    pub const fn transformation(self) -> Transformation {
        match self {
            Self::EcdsaJcs2019 | Self::EddsaJcs2022 | Self::MlDsa44Jcs2024 | Self::Ed25519MlDsa44Jcs2026 => {
                Transformation::Jcs
            }
            Self::EcdsaRdfc2019 | Self::EddsaRdfc2022 | Self::Ed25519Signature2020 => Transformation::Rdfc,
            Self::EcdsaSd2023 | Self::Bbs2023 => Transformation::Selective,
        }
    }

    /// How the suite writes `proofValue`.
    pub(crate) const fn base(self) -> Base {
        match self {
            Self::EcdsaJcs2019
            | Self::EcdsaRdfc2019
            | Self::EddsaJcs2022
            | Self::EddsaRdfc2022
            | Self::Ed25519Signature2020 => Base::Base58Btc,
            Self::MlDsa44Jcs2024 | Self::Ed25519MlDsa44Jcs2026 | Self::EcdsaSd2023 | Self::Bbs2023 => {
                Base::Base64Url
            }
        }
    }
}

impl fmt::Display for Cryptosuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The hash of a suite, which follows the curve of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
}

impl Digest {
    /// The hash that keys of `algorithm` sign, if a suite has them sign any.
    pub(crate) const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Es384 => Self::Sha384,
            Algorithm::Es256
            | Algorithm::Es512
            | Algorithm::Ed25519
            | Algorithm::MlDsa44
            | Algorithm::MlDsa65 => Self::Sha256,
        }
    }

    /// The bytes that a key signs: the hash of the proof's options, then that of the document.
    pub(crate) fn of_both(self, options: &[u8], document: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => [sha256(options), sha256(document)].concat(),
            Self::Sha384 => [sha384(options), sha384(document)].concat(),
        }
    }
}
