//! What a chain is to be good for.

use std::{fmt, str::FromStr};
use x509_cert::der::oid::ObjectIdentifier;

/// What the leaf's key is about to be trusted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs mobile security objects: extended key usage 1.0.18013.5.1.2 and the country of its root
    /// [ISO/IEC 18013-5 §B.1.4].
    DocumentSigner,
    /// Authenticates requests of an mdoc reader: extended key usage 1.0.18013.5.1.6
    /// [ISO/IEC 18013-5 §B.1.7].
    Reader,
    /// Signs credentials, status lists or requests; a certificate for nothing but web servers, their
    /// clients or mdoc readers does not.
    Signer,
    /// As [`Purpose::Signer`], with the extended key usage that an ecosystem requires.
    SignerWith(ExtendedUsage),
}

impl Purpose {
    /// The extended key usage that the leaf must have.
    pub(crate) const fn usage(&self) -> Option<&ExtendedUsage> {
        match self {
            Self::DocumentSigner => Some(&ExtendedUsage::DOCUMENT_SIGNER),
            Self::Reader => Some(&ExtendedUsage::READER),
            Self::Signer => None,
            Self::SignerWith(usage) => Some(usage),
        }
    }
}

/// An object identifier of an extended key usage [RFC 5280 §4.2.1.12], written in dotted form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedUsage(pub(crate) ObjectIdentifier);

impl ExtendedUsage {
    const DOCUMENT_SIGNER: Self = Self(ObjectIdentifier::new_unwrap("1.0.18013.5.1.2"));
    const READER: Self = Self(ObjectIdentifier::new_unwrap("1.0.18013.5.1.6"));
    /// `serverAuth`, `clientAuth` and the mdoc reader's.
    pub(crate) const NOT_FOR_STATEMENTS: [Self; 3] = [
        Self(ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1")),
        Self(ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2")),
        Self::READER,
    ];
    pub(crate) const ANY: Self = Self(ObjectIdentifier::new_unwrap("2.5.29.37.0"));
}

impl FromStr for ExtendedUsage {
    type Err = ParseUsageError;

    fn from_str(dotted: &str) -> Result<Self, ParseUsageError> {
        ObjectIdentifier::new(dotted).map(Self).map_err(|_| ParseUsageError)
    }
}

impl fmt::Display for ExtendedUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is no object identifier in dotted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an object identifier in dotted form")]
pub struct ParseUsageError;
