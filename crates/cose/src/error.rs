//! Why messages are refused, and why they are not made.

use crate::cbor::CborError;
use sinpyo_core::key::SignError as KeyStoreRefused;

/// Why a COSE message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoseError {
    /// Not CBOR that is read here.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// COS-11: not the four parts of a message, or another kind of message.
    #[error("not a COSE message of the expected kind")]
    Structure,
    /// COS-12: a header parameter of another form than its definition says, or of one that is not supported.
    #[error("header parameter {0} has another form than expected")]
    Parameter(i64),
    /// COS-13: a parameter in the protected and in the unprotected header.
    #[error("a header parameter is both protected and unprotected")]
    TwoHeaders,
    /// COS-14: the header demands extensions.
    #[error("the message demands an extension")]
    Critical,
    /// COS-15: the protected header names no algorithm, or another than the key's.
    #[error("the message names another algorithm than that of the key")]
    Algorithm,
    /// COS-16: a message of another kind.
    #[error("the message is of another type than expected")]
    Type,
    /// COS-17: a payload where none is due, or none where one is due.
    #[error("the payload is not where it is expected")]
    Payload,
    /// COS-18: another key, or other bytes.
    #[error("the signature of the message does not verify")]
    Signature,
    /// COS-19: another key, or other bytes.
    #[error("the authentication code of the message does not verify")]
    Tag,
}

impl CoseError {
    /// The rule that was broken, as in `spec/checks/cos.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cbor(error) => error.code(),
            Self::Structure => "COS-11",
            Self::Parameter(_) => "COS-12",
            Self::TwoHeaders => "COS-13",
            Self::Critical => "COS-14",
            Self::Algorithm => "COS-15",
            Self::Type => "COS-16",
            Self::Payload => "COS-17",
            Self::Signature => "COS-18",
            Self::Tag => "COS-19",
        }
    }
}

/// Why a message was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// COS-20: the signature that came back does not verify with the public key that was announced.
    #[error("the signature does not fit the announced key")]
    ForeignSignature,
    /// COS-21: the key store refused or failed.
    #[error("the key store did not sign")]
    KeyStore(#[from] KeyStoreRefused),
}

impl SignError {
    /// The rule that was broken, as in `spec/checks/cos.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ForeignSignature => "COS-20",
            Self::KeyStore(_) => "COS-21", // [COS-21]
        }
    }
}
