//! JSON Web Signatures in compact form, read by one strict rule [RFC 7515, RFC 8725].
//!
//! The key decides the algorithm; the header must agree. Parameters that let a sender choose the key, change the
//! payload's meaning or demand extensions are refused. A token's type is checked before its claims are read.

mod header;
mod sign;
mod times;
mod typ;

use crate::check::{Checked, Signature};
use serde_json::{Map, Value};
use sinpyo_core::{
    encoding::from_base64url,
    json::{self, JsonError},
    key::Verifier,
};
use sinpyo_crypto::VerifyingKey;

pub(crate) use header::Header;
pub use sign::PreparedToken;
pub(crate) use sign::{TokenHeader, prepare};
pub(crate) use times::Dates;
pub use times::{TimeError, Times};
pub use typ::Typ;

/// Longest token that is read, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// A token that was taken apart; nothing of it is proven.
#[derive(Debug)]
pub(crate) struct Compact {
    header: Header,
    payload: Map<String, Value>,
    signed_length: usize,
    signature: Vec<u8>,
}

impl Compact {
    /// Takes apart a token whose type must be one of `typs`.
    pub(crate) fn parse(text: &str, typs: &[Typ]) -> Result<Self, JwsError> {
        if text.len() > MAX_LENGTH {
            return Err(JwsError::TooLong); // [JWS-10]
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Malformed); // [JWS-01]
        };
        let decode = |part: &str| from_base64url(part).map_err(|_| JwsError::Malformed); // [JWS-01]
        Ok(Self {
            signed_length: header.len() + 1 + payload.len(),
            header: Header::parse(&decode(header)?, typs)?,
            payload: json::parse_object(&decode(payload)?).map_err(JwsError::Payload)?, // [JWS-12]
            signature: decode(signature)?,
        })
    }

    /// The header.
    pub(crate) const fn header(&self) -> &Header {
        &self.header
    }

    /// Which of the expected types it is.
    pub(crate) const fn typ(&self) -> Typ {
        self.header.typ()
    }

    /// The claims, unproven.
    pub(crate) const fn claimed(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The claims, once the signature over `text`, from which this was parsed, is found to be made with `key`.
    pub(crate) fn verify(self, text: &str, key: &VerifyingKey) -> Result<Map<String, Value>, JwsError> {
        self.header.check_algorithm(key.algorithm())?;
        let Signature { message, proof, .. } = self.signature(text, key);
        match key.verify(message, proof) {
            Ok(_) => Ok(self.payload),
            Err(_) => Err(JwsError::Signature), // [JWS-11]
        }
    }

    /// The signature over `text`, from which this was parsed, to be checked with `key`.
    pub(crate) fn signature<'a>(&'a self, text: &'a str, key: &'a VerifyingKey) -> Signature<'a> {
        let message = text.as_bytes().get(..self.signed_length).unwrap_or_default();
        Signature { key, message, proof: &self.signature }
    }

    /// The claims, whose signature was checked.
    pub(crate) fn into_claims(self, _: Checked) -> Map<String, Value> {
        self.payload
    }
}

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
    /// JWS-07: the header brings the key or says where to get it.
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
}

impl JwsError {
    /// The rule that was broken, as in `spec/checks/jws.toml`.
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
        }
    }
}
