//! What a proven chain says about its leaf.

use crate::{
    ChainError,
    certificate::{Certificate, hosts, uris},
};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{VerifyingKey, hash::sha256};

/// A certificate whose chain was proven for a purpose at a time, and what it certifies.
#[derive(Clone, Debug)]
pub struct VerifiedLeaf {
    key: VerifyingKey,
    thumbprint: [u8; 32],
    validity: (Timestamp, Timestamp),
    dns_names: Box<[String]>,
    uris: Box<[String]>,
    country: Option<String>,
    state_or_province: Option<String>,
    authority_key_identifiers: Box<[Vec<u8>]>,
}

impl VerifiedLeaf {
    /// Reads a leaf whose chain is proven, with the `authorities` between it and the root.
    pub(crate) fn read(certificate: &Certificate, authorities: &[Certificate]) -> Result<Self, ChainError> {
        let chain = std::iter::once(certificate).chain(authorities);
        let identifiers = chain.filter_map(|one| one.authority_key_identifier().transpose());
        let spki = certificate.spki().ok_or(ChainError::Malformed)?;
        let names = certificate.names()?;
        Ok(Self {
            key: VerifyingKey::from_spki(&spki).map_err(ChainError::Key)?, // [X5C-14]
            thumbprint: sha256(&certificate.der),
            validity: certificate.validity().ok_or(ChainError::Malformed)?,
            dns_names: hosts(&names),
            uris: uris(&names),
            country: certificate.country(),
            state_or_province: certificate.state_or_province(),
            authority_key_identifiers: identifiers.collect::<Result<_, _>>()?,
        })
    }

    /// The certified key.
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// SHA-256 of the certificate's DER, as `x5t#S256` and `x509_hash` have it.
    pub const fn thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    /// First second of the certificate's validity.
    pub const fn not_before(&self) -> Timestamp {
        self.validity.0
    }

    /// Last second of the certificate's validity.
    pub const fn not_after(&self) -> Timestamp {
        self.validity.1
    }

    /// The host names of the subject alternative name extension, in lower case; without wildcards.
    pub const fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// The URIs of the subject alternative name extension.
    pub const fn uris(&self) -> &[String] {
        &self.uris
    }

    /// The subject's `countryName`, if there is exactly one.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// The subject's `stateOrProvinceName`, if there is exactly one.
    pub fn state_or_province(&self) -> Option<&str> {
        self.state_or_province.as_deref()
    }

    /// The key identifiers by which the certificates of the chain name their authorities, the leaf's first
    /// [RFC 5280 §4.2.1.1]: what OpenID4VP calls `aki`.
    pub const fn authority_key_identifiers(&self) -> &[Vec<u8>] {
        &self.authority_key_identifiers
    }
}
