//! Why a proof is not made, not derived or not accepted.

use crate::{PointerError, ProofValueError, statements::SelectError};
use sinpyo_jsonld::JsonLdError;
use sinpyo_rdf::CanonicalizeError;

/// Why a document has no statements to prove.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// SDI-01: not JSON-LD that we read.
    #[error("the document has no certain meaning as JSON-LD")]
    JsonLd(#[source] JsonLdError),
    /// SDI-02: no canonical form, or none within the work limit.
    #[error("the document has no canonical form within the work limit")]
    Canonical(#[source] CanonicalizeError),
    /// SDI-03: more than 2,000 statements.
    #[error("the document makes more than 2,000 statements")]
    TooManyStatements,
}

impl DocumentError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::JsonLd(_) => "SDI-01",
            Self::Canonical(_) => "SDI-02",
            Self::TooManyStatements => "SDI-03",
        }
    }
}

/// Why no base proof was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The document has no statements.
    #[error(transparent)]
    Document(DocumentError),
    /// A mandatory pointer selects nothing.
    #[error(transparent)]
    Pointer(PointerError),
    /// SDI-09: the mandatory parts, taken by themselves, say something that the document does not say.
    #[error("the selected parts say something that the whole document does not")]
    Inexpressible,
    /// The ephemeral key did not sign.
    #[error("the ephemeral key did not sign")]
    Sign(#[source] sinpyo_core::key::SignError),
}

impl PrepareError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`; none if the key failed.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Document(error) => Some(error.code()),
            Self::Pointer(error) => Some(error.code()),
            Self::Inexpressible => Some("SDI-09"),
            Self::Sign(_) => None,
        }
    }
}

/// SDI-19: a signature that does not have the length of its algorithm is not attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not have the length of its algorithm")]
pub struct AttachError;

impl AttachError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`.
    pub const fn code(&self) -> &'static str {
        "SDI-19"
    }
}

/// Why nothing was derived.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// The document has no statements.
    #[error(transparent)]
    Document(DocumentError),
    /// A pointer, mandatory or selective, selects nothing.
    #[error(transparent)]
    Pointer(PointerError),
    /// Not a base proof of this suite.
    #[error(transparent)]
    ProofValue(ProofValueError),
    /// SDI-07: there are neither mandatory nor selective pointers.
    #[error("nothing is selected and nothing is mandatory")]
    NothingSelected,
    /// SDI-08: the base proof was made over another document.
    #[error("the base proof is not over this document")]
    OtherDocument,
    /// SDI-09: the selected parts, taken by themselves, say something that the document does not say.
    #[error("the selected parts say something that the whole document does not")]
    Inexpressible,
    /// SDI-22: the base proof holds no BBS key or signature.
    #[error("the base proof holds no BBS key or signature")]
    Bbs,
}

impl DeriveError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(error) => error.code(),
            Self::Pointer(error) => error.code(),
            Self::ProofValue(error) => error.code(),
            Self::NothingSelected => "SDI-07",
            Self::OtherDocument => "SDI-08",
            Self::Inexpressible => "SDI-09",
            Self::Bbs => "SDI-22",
        }
    }
}

/// Why a proof was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The document has no statements.
    #[error(transparent)]
    Document(DocumentError),
    /// Not a proof of this suite and kind, or one whose components do not fit the document.
    #[error(transparent)]
    ProofValue(ProofValueError),
    /// SDI-08: the base proof was made over another document: its pointers do not fit.
    #[error("the base proof is not over this document")]
    OtherDocument,
    /// SDI-20: the issuer's key, or the ephemeral one, is no P-256 key.
    #[error("a key is not one of this cryptosuite")]
    Key,
    /// SDI-21: the issuer did not sign the mandatory statements, the options and the ephemeral key.
    #[error("the issuer's signature does not verify")]
    IssuerSignature,
    /// SDI-23: the statement of this number among those that are not mandatory was not signed.
    #[error("the signature of statement {0} does not verify")]
    StatementSignature(usize),
    /// SDI-24: the BBS proof does not verify.
    #[error("the BBS proof does not verify")]
    BbsProof,
}

impl VerifyError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(error) => error.code(),
            Self::ProofValue(error) => error.code(),
            Self::OtherDocument => "SDI-08",
            Self::Key => "SDI-20",
            Self::IssuerSignature => "SDI-21",
            Self::StatementSignature(_) => "SDI-23",
            Self::BbsProof => "SDI-24",
        }
    }
}

impl From<SelectError> for PrepareError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Document(error) => Self::Document(error),
            SelectError::Pointer(error) => Self::Pointer(error),
            SelectError::Inexpressible => Self::Inexpressible,
        }
    }
}

impl From<SelectError> for DeriveError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Document(error) => Self::Document(error),
            SelectError::Pointer(error) => Self::Pointer(error),
            SelectError::Inexpressible => Self::Inexpressible,
        }
    }
}

impl From<SelectError> for VerifyError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Document(error) => Self::Document(error),
            SelectError::Pointer(_) | SelectError::Inexpressible => Self::OtherDocument, // [SDI-08]
        }
    }
}

impl From<ProofValueError> for DeriveError {
    fn from(error: ProofValueError) -> Self {
        Self::ProofValue(error)
    }
}

impl From<ProofValueError> for VerifyError {
    fn from(error: ProofValueError) -> Self {
        Self::ProofValue(error)
    }
}

impl From<DocumentError> for VerifyError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}
