//! One certificate: its bytes, and what they say.

use crate::purpose::ExtendedUsage;
use rustls_pki_types::CertificateDer;
use sinpyo_core::time::Timestamp;
use x509_cert::{
    der::{Decode, Encode, oid::ObjectIdentifier},
    ext::pkix::{
        AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName,
        name::{GeneralName, GeneralNames},
    },
    name::Name,
    time::Time,
};

/// A certificate that parses, of an accepted size. Nothing else is known about it.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) der: CertificateDer<'static>,
    parsed: x509_cert::Certificate,
}

/// Why bytes are no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    Size,
    Malformed,
}

/// Our limit: the largest certificate read, in bytes. A P-256 certificate has about 600.
pub(crate) const MAX_LENGTH: usize = 16 * 1024;

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const STATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.8");

impl Certificate {
    pub(crate) fn read(der: &[u8]) -> Result<Self, ReadError> {
        if der.len() > MAX_LENGTH {
            return Err(ReadError::Size);
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| ReadError::Malformed)?;
        Ok(Self { der: CertificateDer::from(der.to_vec()), parsed })
    }

    /// Whether issuer and subject have the same name.
    pub(crate) fn is_self_issued(&self) -> bool {
        let content = self.parsed.tbs_certificate();
        content.issuer() == content.subject()
    }

    /// Whether `issuer` has the name of this certificate's issuer.
    pub(crate) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate().issuer() == issuer.parsed.tbs_certificate().subject()
    }

    pub(crate) fn same_subject(&self, other: &Self) -> bool {
        self.parsed.tbs_certificate().subject() == other.parsed.tbs_certificate().subject()
    }

    /// Whether both certify the same key for the same name.
    pub(crate) fn same_subject_and_key(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.parsed.tbs_certificate(), other.parsed.tbs_certificate());
        self.same_subject(other) && ours.subject_public_key_info() == theirs.subject_public_key_info()
    }

    /// Both ends are inside.
    pub(crate) fn validity(&self) -> Option<(Timestamp, Timestamp)> {
        let validity = self.parsed.tbs_certificate().validity();
        Some((timestamp(validity.not_before)?, timestamp(validity.not_after)?))
    }

    pub(crate) fn spki(&self) -> Option<Vec<u8>> {
        self.parsed.tbs_certificate().subject_public_key_info().to_der().ok()
    }

    pub(crate) fn basic_constraints(&self) -> Result<Option<BasicConstraints>, ReadError> {
        self.extension()
    }

    /// Whether the key usage extension, if there is one, has `bit`.
    pub(crate) fn may(&self, bit: fn(&KeyUsage) -> bool) -> Result<bool, ReadError> {
        Ok(self.extension::<KeyUsage>()?.is_none_or(|usage| bit(&usage)))
    }

    /// The extended key usages; `None` without the extension.
    pub(crate) fn extended_usages(&self) -> Result<Option<Vec<ExtendedUsage>>, ReadError> {
        let usages = self.extension::<ExtendedKeyUsage>()?;
        Ok(usages.map(|usages| usages.0.into_iter().map(ExtendedUsage).collect()))
    }

    /// The subject alternative names.
    pub(crate) fn names(&self) -> Result<GeneralNames, ReadError> {
        Ok(self.extension::<SubjectAltName>()?.map(|names| names.0).unwrap_or_default())
    }

    /// What identifies the key of the authority that issued this certificate, if it says so.
    pub(crate) fn authority_key_identifier(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let named =
            self.extension::<AuthorityKeyIdentifier>()?.and_then(|authority| authority.key_identifier);
        Ok(named.map(|identifier| identifier.as_bytes().to_vec()))
    }

    pub(crate) fn country(&self) -> Option<String> {
        attribute(self.parsed.tbs_certificate().subject(), COUNTRY)
    }

    pub(crate) fn state_or_province(&self) -> Option<String> {
        attribute(self.parsed.tbs_certificate().subject(), STATE)
    }

    fn extension<'a, T>(&'a self) -> Result<Option<T>, ReadError>
    where
        T: Decode<'a> + x509_cert::der::oid::AssociatedOid,
    {
        let found = self.parsed.tbs_certificate().get_extension::<T>().map_err(|_| ReadError::Malformed)?;
        Ok(found.map(|(_critical, extension)| extension))
    }
}

/// The host names among `names`, in lower case. A wildcard names no host. [X5C-15]
pub(crate) fn hosts(names: &GeneralNames) -> Box<[String]> {
    let host = |name: &GeneralName| match name {
        GeneralName::DnsName(name) if !name.as_str().contains('*') => {
            Some(name.as_str().to_ascii_lowercase())
        }
        _ => None,
    };
    names.iter().filter_map(host).collect()
}

/// The URIs among `names`, as they stand.
pub(crate) fn uris(names: &GeneralNames) -> Box<[String]> {
    let uri = |name: &GeneralName| match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    };
    names.iter().filter_map(uri).collect()
}

/// The text of the attribute, if the name has it exactly once.
fn attribute(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    let mut found = name.iter().filter(|attribute| attribute.oid == kind);
    let only = found.next().filter(|_| found.next().is_none())?;
    String::from_utf8(only.value.value().to_vec()).ok()
}

fn timestamp(time: Time) -> Option<Timestamp> {
    i64::try_from(time.to_unix_duration().as_secs()).ok().and_then(Timestamp::from_unix)
}
