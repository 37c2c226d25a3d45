//! A chain of our own, to sign with.

use crate::{
    Chain, ChainError,
    certificate::{Certificate, hosts, uris},
};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{VerifyingKey, hash::sha256};

/// The certificates for a key of ours, as they go with what it signs: its own first, without the trust anchor.
///
/// That others follow the chain is for its owner to see to; here only what would always be refused is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningChain {
    key: VerifyingKey,
    validity: (Timestamp, Timestamp),
    ders: Box<[Vec<u8>]>,
    dns_names: Box<[String]>,
    uris: Box<[String]>,
}

impl SigningChain {
    /// Takes DER certificates, the one of `key` first.
    ///
    /// # Errors
    /// A certificate is malformed, self-signed, out of order or out of bounds; the first one is for another key.
    pub fn new(ders: Vec<Vec<u8>>, key: &VerifyingKey) -> Result<Self, ChainError> {
        let chain = Chain::from_x5chain(&ders)?;
        if chain.leaf.is_self_issued() {
            return Err(ChainError::SelfSigned); // [X5C-04]
        }
        if chain.authorities.iter().any(Certificate::is_self_issued) {
            return Err(ChainError::RootIncluded); // [X5C-05] [GEN-07]
        }
        chain.check_order()?;
        let spki = chain.leaf.spki().ok_or(ChainError::Malformed)?;
        if VerifyingKey::from_spki(&spki).map_err(ChainError::Key)? != *key {
            return Err(ChainError::OtherKey); // [X5C-22]
        }
        let names = chain.leaf.names()?;
        let validity = chain.leaf.validity().ok_or(ChainError::Malformed)?;
        let (dns_names, uris) = (hosts(&names), uris(&names));
        Ok(Self { key: key.clone(), validity, ders: ders.into(), dns_names, uris })
    }

    /// The key that is certified.
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// First second of the first certificate's validity.
    pub const fn not_before(&self) -> Timestamp {
        self.validity.0
    }

    /// Last second of the first certificate's validity.
    pub const fn not_after(&self) -> Timestamp {
        self.validity.1
    }

    /// The certificates in DER, as `x5c` and `x5chain` carry them.
    pub const fn ders(&self) -> &[Vec<u8>] {
        &self.ders
    }

    /// SHA-256 of the first certificate, as `x509_hash` has it.
    pub fn thumbprint(&self) -> [u8; 32] {
        sha256(self.ders.first().map_or(&[], Vec::as_slice))
    }

    /// The host names that the first certificate is for, in lower case; without wildcards.
    pub const fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// The URIs that the first certificate is for.
    pub const fn uris(&self) -> &[String] {
        &self.uris
    }
}
