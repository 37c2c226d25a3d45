//! Keys of issuers that no DID names: by certificate, or published at `/.well-known/jwt-vc-issuer` [SD-JWT VC §3.5].
//!
//! Which way holds for an issuer is the verifier's decision, made before anything arrives and never by what arrives:
//! an issuer that is registered here is verified in its one way, one that is named by a DID through its DID, and every
//! other one by its certificate, if the verifier trusts in certificates at all ([`KeyRing::trust_certificates`]).

mod certified;
mod well_known;

use crate::{
    jws::JwsError,
    keys::{KeyError, KeyRing},
};
use sinpyo_core::{
    did::KeyId, document::VerificationRelationship::AssertionMethod, encoding::to_base64url, time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::Header;
use sinpyo_x509::{Chain, ChainError, Purpose, Roots, VerifiedLeaf};
use std::{borrow::Cow, sync::Arc};

pub use certified::CertifiedSignatory;
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
    /// The key with which `issuer` signed what makes the `claim`.
    fn find(
        &self,
        claim: &Claim<'_>,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Cow<'_, VerifyingKey>, IssuerKeyError> {
        match (self, &claim.certificates) {
            (Self::Published(_), Some(_)) => Err(JwsError::HeaderKey.into()), // [JWS-07]
            (Self::Published(keys), None) => {
                let key = keys.find(claim.kid).ok_or(IssuerKeyError::Unknown)?; // [JWS-23]
                Ok(Cow::Borrowed(key))
            }
            (Self::Certified(roots), _) => {
                let (key, _) = claim.certified(Some(issuer), roots, now)?;
                Ok(Cow::Owned(key))
            }
        }
    }
}

/// What something says about the key that signed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) kid: Option<&'a str>,
    pub(crate) key_id: Option<&'a KeyId>,
    pub(crate) certificates: Option<Certificates<'a>>,
}

/// Certificates as they came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Certificates<'a> {
    X5c(&'a [String]),
    X5chain(&'a [Vec<u8>]),
}

/// Who signed, by a key that was found.
#[derive(Debug)]
pub(crate) enum Signer {
    /// The controller of a verification method; unnamed if the caller was given the key itself.
    Method(Option<KeyId>),
    /// Somebody whose name the key was found by, or whom its certificate names.
    Named(String),
}

impl<'a> Claim<'a> {
    /// What a header says.
    pub(crate) fn of(header: &'a Header) -> Self {
        let certificates = header.x5c().map(Certificates::X5c);
        Self { kid: header.kid(), key_id: header.key_id().ok(), certificates }
    }

    /// The key with which `issuer` made this claim, in the one way that `keys` has for it.
    pub(crate) fn find<'k, E>(
        &self,
        issuer: Option<&str>,
        keys: &'k KeyRing,
        now: Timestamp,
    ) -> Result<(Cow<'k, VerifyingKey>, Signer), E>
    where
        E: From<KeyError> + From<IssuerKeyError>,
    {
        if let Some((issuer, way)) = issuer.and_then(|issuer| Some((issuer, keys.issuer_keys(issuer)?))) {
            return Ok((way.find(self, issuer, now)?, Signer::Named(issuer.to_owned())));
        }
        // A certificate beside a DID is for those who go by certificates.
        let by_did = issuer.map_or(self.key_id.is_some(), |issuer| issuer.starts_with("did:"));
        match keys.certified() {
            Some(roots) if !by_did => {
                let (key, name) = self.certified(issuer, roots, now)?;
                Ok((Cow::Owned(key), Signer::Named(name)))
            }
            None if !by_did && self.certificates.is_some() => {
                Err(IssuerKeyError::Token(JwsError::HeaderKey).into()) // [JWS-07]
            }
            _ => {
                let (key, method) = keys.named(self.key_id, AssertionMethod)?;
                Ok((Cow::Borrowed(key), Signer::Method(method)))
            }
        }
    }

    /// The certified key, and whose it is: `issuer`, or, where nobody is named, the certificate's first URI, or else the
    /// certificate itself [OpenID4VP 1.0 §5.9.3].
    pub(crate) fn certified(
        &self,
        issuer: Option<&str>,
        roots: &Roots,
        now: Timestamp,
    ) -> Result<(VerifyingKey, String), IssuerKeyError> {
        let chain = match self.certificates {
            None => return Err(IssuerKeyError::NoCertificate), // [JWS-25]
            Some(Certificates::X5c(texts)) => Chain::from_x5c(texts)?,
            Some(Certificates::X5chain(ders)) => Chain::from_x5chain(ders)?,
        };
        let leaf = chain.verify(roots, now, &Purpose::Signer)?;
        if issuer.is_some_and(|issuer| !names(leaf.uris(), leaf.dns_names(), issuer)) {
            return Err(IssuerKeyError::OtherName); // [JWS-24]
        }
        Ok((leaf.key().clone(), issuer.map_or_else(|| name_of(&leaf), str::to_owned)))
    }
}

fn name_of(leaf: &VerifiedLeaf) -> String {
    let hash = || format!("x509_hash:{}", to_base64url(leaf.thumbprint()));
    leaf.uris().first().cloned().unwrap_or_else(hash)
}

/// Whether a certificate for these names is for `issuer`: its URL or DID, or the host of its URL.
fn names(uris: &[String], dns_names: &[String], issuer: &str) -> bool {
    let host = issuer
        .strip_prefix("https://")
        .map(|rest| rest.split(['/', ':', '?', '#']).next().unwrap_or_default());
    uris.iter().any(|uri| uri == issuer)
        || host.is_some_and(|host| dns_names.iter().any(|name| name.eq_ignore_ascii_case(host)))
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
