//! A chain as it arrived, and its proof.

use crate::{
    Purpose, Roots, VerifiedLeaf,
    certificate::{Certificate, ReadError},
    purpose::ExtendedUsage,
    roots::Root,
    signatures,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::ParseKeyError;
use std::time::Duration;
use webpki::{
    EndEntityCert, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeIdIter, RevocationOptions,
    RevocationOptionsBuilder, VerifiedPath,
};
use x509_cert::ext::pkix::KeyUsage;

/// Certificates as they arrived, the leaf first. Nothing in them is to be believed before
/// [`Chain::verify`], and nothing can be read.
#[derive(Clone, Debug)]
pub struct Chain {
    pub(crate) leaf: Certificate,
    pub(crate) authorities: Vec<Certificate>,
}

/// Our limit: certificates in a chain.
const MAX_CERTIFICATES: usize = 8;

/// Our limit as text: base64 of a certificate of 16 KiB.
const MAX_TEXT: usize = crate::certificate::MAX_LENGTH.div_ceil(3) * 4;

impl Chain {
    /// Reads an `x5c` header or member: base64 with padding, not base64url [RFC 7515 §4.1.6].
    ///
    /// # Errors
    /// No certificate or more than 8, one larger than 16 KiB, or one that is malformed.
    pub fn from_x5c<S: AsRef<str>>(texts: &[S]) -> Result<Self, ChainError> {
        if texts.is_empty() || texts.len() > MAX_CERTIFICATES {
            return Err(ChainError::Length); // [X5C-01]
        }
        let decode = |text: &S| {
            if text.as_ref().len() > MAX_TEXT {
                return Err(ChainError::Size); // [X5C-02]
            }
            STANDARD.decode(text.as_ref()).map_err(|_| ChainError::Malformed) // [X5C-03]
        };
        Self::from_x5chain(&texts.iter().map(decode).collect::<Result<Vec<_>, _>>()?)
    }

    /// Reads an `x5chain` header: one DER certificate each [RFC 9360 §2].
    ///
    /// # Errors
    /// No certificate or more than 8, one larger than 16 KiB, or one that is malformed.
    pub fn from_x5chain<D: AsRef<[u8]>>(ders: &[D]) -> Result<Self, ChainError> {
        let Some((leaf, authorities)) = ders.split_first().filter(|_| ders.len() <= MAX_CERTIFICATES) else {
            return Err(ChainError::Length); // [X5C-01]
        };
        let leaf = Certificate::read(leaf.as_ref())?;
        let authorities = authorities.iter().map(|der| Certificate::read(der.as_ref()));
        Ok(Self { leaf, authorities: authorities.collect::<Result<_, _>>()? })
    }

    /// Proves that the chain leads to one of `roots`, is valid at `now` and may serve `purpose`.
    ///
    /// # Errors
    /// Any rule of `spec/checks/x5c.toml` is broken; the error names it.
    pub fn verify(
        &self,
        roots: &Roots,
        now: Timestamp,
        purpose: &Purpose,
    ) -> Result<VerifiedLeaf, ChainError> {
        if self.leaf.is_self_issued() {
            return Err(ChainError::SelfSigned); // [X5C-04]
        }
        if roots.contains(&self.leaf) || self.authorities.iter().any(|authority| roots.contains(authority)) {
            return Err(ChainError::RootIncluded); // [X5C-05]
        }
        self.check_order()?;
        let root = self.check_path(roots, now)?;
        self.check_authorities(root)?;
        self.check_usage(purpose)?;
        if *purpose == Purpose::DocumentSigner {
            let (country, expected) = (self.leaf.country(), root.certificate.country());
            if country.is_none() || country != expected {
                return Err(ChainError::Country); // [X5C-16]
            }
        }
        VerifiedLeaf::read(&self.leaf, &self.authorities)
    }

    /// Each certificate is named as the issuer of the one before, and no two have the same name: with equal
    /// names the search for a path would try every order of them.
    pub(crate) fn check_order(&self) -> Result<(), ChainError> {
        let mut below = &self.leaf;
        for (place, authority) in self.authorities.iter().enumerate() {
            let repeated = self.authorities.iter().take(place).any(|other| other.same_subject(authority));
            if repeated || !below.names_as_issuer(authority) {
                return Err(ChainError::Order); // [X5C-07]
            }
            below = authority;
        }
        Ok(())
    }

    /// Signatures, validity, basic constraints, name constraints, critical extensions, revocation: by
    /// `webpki`. The path that it finds must use every certificate that was sent.
    fn check_path<'r>(&self, roots: &'r Roots, now: Timestamp) -> Result<&'r Root, ChainError> {
        let valid: Vec<&Root> = roots.valid_at(now).collect();
        let anchors: Vec<TrustAnchor<'_>> = valid.iter().map(|root| root.anchor.clone()).collect();
        let authorities: Vec<CertificateDer<'_>> =
            self.authorities.iter().map(|authority| authority.der.clone()).collect();
        let seconds = u64::try_from(now.unix()).map_err(|_| ChainError::Validity)?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let lists = roots.lists();

        let leaf = EndEntityCert::try_from(&self.leaf.der).map_err(ChainError::of_path)?;
        let path = leaf
            .verify_for_usage(
                signatures::ACCEPTED,
                &anchors,
                &authorities,
                now,
                AnyUsage,
                revocation(&lists),
                None,
            )
            .map_err(ChainError::of_path)?;
        if !path.intermediate_certificates().map(webpki::Cert::der).eq(authorities.iter().cloned()) {
            return Err(ChainError::Order); // [X5C-07]
        }
        root_of(&path, &valid).ok_or(ChainError::UnknownIssuer)
    }

    /// What `webpki` leaves to its caller about the certificates above the leaf.
    fn check_authorities(&self, root: &Root) -> Result<(), ChainError> {
        if root.path_length.is_some_and(|most| self.authorities.len() > usize::from(most)) {
            return Err(ChainError::Authority); // [X5C-09]
        }
        for authority in &self.authorities {
            if !authority.may(KeyUsage::key_cert_sign)? {
                return Err(ChainError::Authority); // [X5C-09]
            }
        }
        Ok(())
    }

    /// The leaf must have the extended key usage; an authority that lists some must list it too.
    fn check_usage(&self, purpose: &Purpose) -> Result<(), ChainError> {
        if !self.leaf.may(KeyUsage::digital_signature)? {
            return Err(ChainError::KeyUsage); // [X5C-13]
        }
        let Some(usage) = purpose.usage() else {
            // Whoever runs a web server or reads mdocs has a certificate for that alone, and issues nothing with it.
            let other = |usage: &ExtendedUsage| ExtendedUsage::NOT_FOR_STATEMENTS.contains(usage);
            let listed = self.leaf.extended_usages()?.unwrap_or_default();
            let fits = listed.is_empty() || !listed.iter().all(other);
            return if fits { Ok(()) } else { Err(ChainError::ExtendedUsage) }; // [X5C-12]
        };
        if !self.leaf.extended_usages()?.is_some_and(|listed| listed.contains(usage)) {
            return Err(ChainError::ExtendedUsage); // [X5C-12]
        }
        for authority in &self.authorities {
            let allows =
                |listed: Vec<ExtendedUsage>| listed.contains(usage) || listed.contains(&ExtendedUsage::ANY);
            if !authority.extended_usages()?.is_none_or(allows) {
                return Err(ChainError::ExtendedUsage); // [X5C-12]
            }
        }
        Ok(())
    }
}

/// Leaves extended key usages to [`Chain::check_usage`], which knows the leaf from the others.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// Every certificate of the path must be known not to be revoked, by a list that is current; nothing is
/// asked if there are no lists.
fn revocation<'a>(lists: &'a [&'a webpki::CertRevocationList<'a>]) -> Option<RevocationOptions<'a>> {
    let options = RevocationOptionsBuilder::new(lists).ok()?;
    Some(options.with_expiration_policy(ExpirationPolicy::Enforce).build())
}

fn root_of<'r>(path: &VerifiedPath<'_>, roots: &[&'r Root]) -> Option<&'r Root> {
    let anchor = path.anchor();
    roots.iter().copied().find(|root| {
        root.anchor.subject == anchor.subject
            && root.anchor.subject_public_key_info == anchor.subject_public_key_info
    })
}

/// Why a chain was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// X5C-01: no certificate, or more than 8.
    #[error("a chain has between 1 and 8 certificates")]
    Length,
    /// X5C-02: a certificate larger than 16 KiB.
    #[error("a certificate is larger than 16 KiB")]
    Size,
    /// X5C-03: not base64, or not a DER certificate of version 3.
    #[error("a certificate is malformed")]
    Malformed,
    /// X5C-04: the leaf names itself as its issuer.
    #[error("the leaf certificate is self-signed")]
    SelfSigned,
    /// X5C-05: the chain brings its own root along.
    #[error("the chain contains a root certificate")]
    RootIncluded,
    /// X5C-06: no configured root that is valid now stands behind the chain.
    #[error("the chain leads to no configured root")]
    UnknownIssuer,
    /// X5C-07: the certificates do not each certify the one before, or one is not needed.
    #[error("the chain is not in order")]
    Order,
    /// X5C-08: a certificate is expired or not yet valid.
    #[error("a certificate is not valid at this time")]
    Validity,
    /// X5C-09: an issuer may not issue certificates, or not that many levels of them; or the leaf may.
    #[error("a certificate was issued by one that must not issue it")]
    Authority,
    /// X5C-10: a name lies outside what an authority may certify.
    #[error("a name is outside the constraints of an issuer")]
    NameConstraints,
    /// X5C-11: a critical extension that is not understood.
    #[error("a certificate has an unknown critical extension")]
    CriticalExtension,
    /// X5C-12: the extended key usage does not cover the purpose.
    #[error("the extended key usage does not allow the purpose")]
    ExtendedUsage,
    /// X5C-13: the leaf's key usage lacks `digitalSignature`.
    #[error("the key usage does not allow signatures")]
    KeyUsage,
    /// X5C-14: no algorithm here for the leaf's key, or an unsound key.
    #[error("the certified key is not usable")]
    Key(#[source] ParseKeyError),
    /// X5C-16: the country of a document signer is missing or not that of its root.
    #[error("the country of the signer is not that of its root")]
    Country,
    /// X5C-19: a certificate is on a revocation list of its issuer.
    #[error("a certificate was revoked")]
    Revoked,
    /// X5C-20: revocation lists are configured, and none that is current and genuine covers a certificate.
    #[error("no current revocation list covers a certificate")]
    RevocationUnknown,
    /// X5C-21: a signature does not verify, or uses an algorithm that is not accepted.
    #[error("the signature of a certificate is not accepted")]
    Signature,
    /// X5C-22: a chain of our own whose first certificate is not for our key.
    #[error("the first certificate is for another key")]
    OtherKey,
}

impl ChainError {
    /// The rule that was broken, as in `spec/checks/x5c.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length => "X5C-01",
            Self::Size => "X5C-02",
            Self::Malformed => "X5C-03",
            Self::SelfSigned => "X5C-04",
            Self::RootIncluded => "X5C-05",
            Self::UnknownIssuer => "X5C-06",
            Self::Order => "X5C-07",
            Self::Validity => "X5C-08",
            Self::Authority => "X5C-09",
            Self::NameConstraints => "X5C-10",
            Self::CriticalExtension => "X5C-11",
            Self::ExtendedUsage => "X5C-12",
            Self::KeyUsage => "X5C-13",
            Self::Key(_) => "X5C-14",
            Self::Country => "X5C-16",
            Self::Revoked => "X5C-19",
            Self::RevocationUnknown => "X5C-20",
            Self::Signature => "X5C-21",
            Self::OtherKey => "X5C-22",
        }
    }

    /// What `webpki` found, as our rule.
    #[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
    fn of_path(error: webpki::Error) -> Self {
        use webpki::Error as E;
        match error {
            E::UnknownIssuer | E::MaximumPathDepthExceeded => Self::UnknownIssuer, // [X5C-06]
            E::CertExpired { .. } | E::CertNotValidYet { .. } | E::InvalidCertValidity => Self::Validity, // [X5C-08]
            E::CaUsedAsEndEntity | E::EndEntityUsedAsCa | E::PathLenConstraintViolated => Self::Authority, // [X5C-09]
            E::NameConstraintViolation | E::MalformedNameConstraint | E::InvalidNetworkMaskConstraint => {
                Self::NameConstraints // [X5C-10]
            }
            E::UnsupportedCriticalExtension => Self::CriticalExtension, // [X5C-11]
            E::CertRevoked => Self::Revoked,                            // [X5C-19]
            E::UnknownRevocationStatus
            | E::CrlExpired { .. }
            | E::InvalidCrlSignatureForPublicKey
            | E::IssuerNotCrlSigner => Self::RevocationUnknown, // [X5C-20]
            E::InvalidSignatureForPublicKey
            | E::SignatureAlgorithmMismatch
            | E::UnsupportedSignatureAlgorithmContext(_)
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Self::Signature, // [X5C-21]
            // Whatever else it finds is a certificate that is not well-formed.
            _ => Self::Malformed,
        }
    }
}

impl From<ReadError> for ChainError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Size => Self::Size,           // [X5C-02]
            ReadError::Malformed => Self::Malformed, // [X5C-03]
        }
    }
}
