//! Why a token is refused.

use sinpyo_core::{json::JsonError, jwk::JwkError};

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// JWS-01: not three parts of base64url without padding.
    #[error("the token is not three parts of base64url")]
    Malformed,
    /// JWS-02: the header is not a strict JSON object.
    #[error("the header of the token is refused")]
    Header(#[source] JsonError),
    /// JWS-03: the header names another algorithm than the key's.
    #[error("the token names another algorithm than that of the key")]
    Algorithm,
    /// JWS-04: a token of another kind.
    #[error("the token is of another type than expected")]
    Type,
    /// JWS-05: the header demands extensions.
    #[error("the token demands an extension")]
    Critical,
    /// JWS-06: the header says how the payload is encoded.
    #[error("the token changes the encoding of its payload")]
    UnencodedPayload,
    /// JWS-07: the header brings a key, or says where to get it, where the protocol has none there.
    #[error("the token brings its own key")]
    HeaderKey,
    /// JWS-08: the payload is compressed.
    #[error("the token is compressed")]
    Compression,
    /// JWS-09: the header does not name a verification method.
    #[error("the token names no verification method")]
    KeyId,
    /// JWS-10: longer than 1 MiB.
    #[error("the token is longer than 1 MiB")]
    TooLong,
    /// JWS-11: another key, or other bytes.
    #[error("the signature of the token does not verify")]
    Signature,
    /// JWS-12: the payload is not a strict JSON object.
    #[error("the payload of the token is refused")]
    Payload(#[source] JsonError),
    /// JWS-26: the key's algorithm is not among those that the use allows.
    #[error("the algorithm of the token is not allowed here")]
    NotAllowed,
    /// JWS-27: none or several of `kid`, `jwk` and `x5c` where the protocol has exactly one.
    #[error("the token has not exactly one hint at its key")]
    Hints,
    /// JSON-07, JSON-08: the key that it brings is no public key.
    #[error("the key that the token brings is refused")]
    Jwk(#[source] JwkError),
}

impl JwsError {
    /// The rule that was broken, as in `spec/checks/{jws,json}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JWS-01",
            Self::Header(_) => "JWS-02",
            Self::Algorithm => "JWS-03",
            Self::Type => "JWS-04",
            Self::Critical => "JWS-05",
            Self::UnencodedPayload => "JWS-06",
            Self::HeaderKey => "JWS-07",
            Self::Compression => "JWS-08",
            Self::KeyId => "JWS-09",
            Self::TooLong => "JWS-10",
            Self::Signature => "JWS-11",
            Self::Payload(_) => "JWS-12",
            Self::NotAllowed => "JWS-26",
            Self::Hints => "JWS-27",
            Self::Jwk(error) => error.code(),
        }
    }
}
