//! Keys of issuers that no DID names: by certificate, or published at `/.well-known/jwt-vc-issuer` [SD-JWT VC §3.5].
//!
//! Which way holds for an issuer is the verifier's decision, made before anything arrives and never by what arrives:
//! an issuer that is registered here is verified in its one way, every other one through its DID.

mod well_known;

use crate::jws::{Header, JwsError};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::VerifyingKey;
use sinpyo_x509::{Chain, ChainError, Purpose, Roots, VerifiedLeaf};
use std::{borrow::Cow, sync::Arc};

pub use well_known::{IssuerMetadata, IssuerMetadataError, PublishedKeys, metadata_url};

/// The one way in which the keys of an issuer are found.
#[derive(Clone, Debug)]
pub enum IssuerKeys {
    /// Among these keys, which the issuer publishes under its name.
    Published(PublishedKeys),
    /// In the certificate that a credential brings (`x5c`), if it leads to one of these roots and names the issuer.
    Certified(Arc<Roots>),
}

impl IssuerKeys {
    /// The key with which `issuer` signed what has `header`.
    pub(crate) fn find(
        &self,
        header: &Header,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Cow<'_, VerifyingKey>, IssuerKeyError> {
        match (self, header.x5c()) {
            (Self::Published(_), Some(_)) => Err(JwsError::HeaderKey.into()), // [JWS-07]
            (Self::Published(keys), None) => {
                let key = keys.find(header.kid_text()).ok_or(IssuerKeyError::Unknown)?; // [JWS-23]
                Ok(Cow::Borrowed(key))
            }
            (Self::Certified(_), None) => Err(IssuerKeyError::NoCertificate), // [JWS-25]
            (Self::Certified(roots), Some(x5c)) => {
                let leaf = Chain::from_x5c(x5c)?.verify(roots, now, &Purpose::Signer)?;
                if !names(&leaf, issuer) {
                    return Err(IssuerKeyError::OtherName); // [JWS-24]
                }
                Ok(Cow::Owned(leaf.key().clone()))
            }
        }
    }
}

/// Whether the certificate was issued for `issuer`: its URL, or the host of it.
fn names(leaf: &VerifiedLeaf, issuer: &str) -> bool {
    let host = issuer
        .strip_prefix("https://")
        .map(|rest| rest.split(['/', ':', '?', '#']).next().unwrap_or_default());
    leaf.uris().iter().any(|uri| uri == issuer)
        || host.is_some_and(|host| leaf.dns_names().iter().any(|name| name.eq_ignore_ascii_case(host)))
}

/// Why no key of an issuer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerKeyError {
    /// The token says how to find its key in a way that does not hold for its issuer.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// The certificates are not accepted.
    #[error("the certificate of the issuer is refused")]
    Chain(#[from] ChainError),
    /// JWS-23: no published key has this name, or none is named and there are several.
    #[error("the issuer publishes no such key")]
    Unknown,
    /// JWS-24: certified for somebody else.
    #[error("the certificate does not name the issuer")]
    OtherName,
    /// JWS-25: no certificate where one is due.
    #[error("the token brings no certificate")]
    NoCertificate,
}

impl IssuerKeyError {
    /// The rule that was broken, as in `spec/checks/{jws,x5c}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Unknown => "JWS-23",
            Self::OtherName => "JWS-24",
            Self::NoCertificate => "JWS-25",
        }
    }
}
