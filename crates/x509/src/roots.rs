//! The certificates that a caller trusts without proof.

use crate::certificate::{Certificate, ReadError};
use rustls_pki_types::TrustAnchor;
use sinpyo_core::time::Timestamp;
use std::fmt;
use webpki::{CertRevocationList, OwnedCertRevocationList, anchor_from_trusted_cert};
use x509_cert::ext::pkix::KeyUsage;

/// Certificates of authorities that the operator chose to trust, and the revocation lists at hand.
///
/// Without revocation lists none is looked for. With at least one, every certificate of a chain must be
/// covered by a current list of its issuer, and not be on it.
#[derive(Default)]
pub struct Roots {
    roots: Vec<Root>,
    lists: Vec<CertRevocationList<'static>>,
}

/// One trusted authority.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) certificate: Certificate,
    pub(crate) anchor: TrustAnchor<'static>,
    /// How many authorities may stand between this one and a leaf.
    pub(crate) path_length: Option<u8>,
    validity: (Timestamp, Timestamp),
}

impl Roots {
    /// Reads the roots, one DER certificate each.
    ///
    /// # Errors
    /// One of them is no certificate, or none of an authority.
    pub fn new<D: AsRef<[u8]>>(certificates: impl IntoIterator<Item = D>) -> Result<Self, RootError> {
        let roots = certificates.into_iter().map(|der| Root::read(der.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { roots, lists: Vec::new() })
    }

    /// Adds revocation lists, in DER [RFC 5280 §5].
    ///
    /// # Errors
    /// One of them is no version 2 list, or is a delta or indirect one.
    pub fn with_revocation_lists<D: AsRef<[u8]>>(
        mut self,
        lists: impl IntoIterator<Item = D>,
    ) -> Result<Self, RootError> {
        for der in lists {
            let list = OwnedCertRevocationList::from_der(der.as_ref());
            self.lists.push(list.map_err(|_| RootError::RevocationList)?.into()); // [X5C-18]
        }
        Ok(self)
    }

    /// The roots whose own certificate is valid at `now`.
    pub(crate) fn valid_at(&self, now: Timestamp) -> impl Iterator<Item = &Root> {
        self.roots.iter().filter(move |root| root.validity.0 <= now && now <= root.validity.1)
    }

    pub(crate) fn contains(&self, certificate: &Certificate) -> bool {
        self.roots.iter().any(|root| root.certificate.same_subject_and_key(certificate))
    }

    pub(crate) fn lists(&self) -> Vec<&CertRevocationList<'static>> {
        self.lists.iter().collect()
    }
}

impl Root {
    fn read(der: &[u8]) -> Result<Self, RootError> {
        let certificate = Certificate::read(der)?;
        let constraints = certificate.basic_constraints()?.filter(|constraints| constraints.ca);
        let constraints = constraints.ok_or(RootError::NoAuthority)?; // [X5C-17]
        if !certificate.may(KeyUsage::key_cert_sign)? {
            return Err(RootError::NoAuthority); // [X5C-17]
        }
        let anchor = anchor_from_trusted_cert(&certificate.der).map_err(|_| RootError::Malformed)?.to_owned();
        let validity = certificate.validity().ok_or(RootError::Malformed)?;
        Ok(Self { anchor, path_length: constraints.path_len_constraint, validity, certificate })
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({} certificates, {} revocation lists)", self.roots.len(), self.lists.len())
    }
}

/// Why a certificate or revocation list was not taken as trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// X5C-02: larger than 16 KiB.
    #[error("a root certificate is larger than 16 KiB")]
    Size,
    /// X5C-03: not a DER certificate.
    #[error("a root is no X.509 certificate")]
    Malformed,
    /// X5C-17: not the certificate of an authority: no `cA`, or a key usage without `keyCertSign`.
    #[error("a root is not the certificate of an authority")]
    NoAuthority,
    /// X5C-18: not a complete DER revocation list.
    #[error("not a complete X.509 revocation list")]
    RevocationList,
}

impl RootError {
    /// The rule that was broken, as in `spec/checks/x5c.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Size => "X5C-02",
            Self::Malformed => "X5C-03",
            Self::NoAuthority => "X5C-17",
            Self::RevocationList => "X5C-18",
        }
    }
}

impl From<ReadError> for RootError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Size => Self::Size,
            ReadError::Malformed => Self::Malformed,
        }
    }
}
