//! What was proven.

use crate::{
    CLOCK_SKEW, ElementName, Elements, IssuerSigned, Validity, VerifyMdocError, issuer_signed::Item,
    mso::SecurityObject,
};
use sinpyo_core::time::Timestamp;
use sinpyo_cose::{Expected, Sign1, cbor::Value, cwt::StatusReference};
use sinpyo_crypto::VerifyingKey;
use sinpyo_x509::{Chain, Purpose, Roots, VerifiedLeaf};
use std::fmt;

/// Whose signature on an mdoc is believed.
#[derive(Clone, Copy, Debug)]
pub enum IssuerTrust<'a> {
    /// That of a document signer whose certificate leads to one of these roots (IACA).
    Roots(&'a Roots),
    /// That of this key, known by other means; certificates are not looked at.
    Key(&'a VerifyingKey),
}

/// Who signed an mdoc.
#[derive(Clone, Debug)]
pub enum MdocIssuer {
    /// A document signer, by its certificate.
    Certified(Box<VerifiedLeaf>),
    /// The key that the caller trusted.
    Key(VerifyingKey),
}

impl MdocIssuer {
    fn find(mdoc: &IssuerSigned, trust: IssuerTrust<'_>, now: Timestamp) -> Result<Self, VerifyMdocError> {
        match trust {
            IssuerTrust::Key(key) => Ok(Self::Key(key.clone())),
            IssuerTrust::Roots(roots) => {
                let chain = Chain::from_x5chain(&mdoc.hint().x5chain)?;
                Ok(Self::Certified(Box::new(chain.verify(roots, now, &Purpose::DocumentSigner)?)))
            }
        }
    }

    /// The key that the signature was verified with.
    pub fn key(&self) -> &VerifyingKey {
        match self {
            Self::Certified(leaf) => leaf.key(),
            Self::Key(key) => key,
        }
    }
}

/// An mdoc that its issuer signed and that is valid, each of its elements checked against its digest.
///
/// Nothing is said about who sent it: that is a [`VerifiedDocument`]. Made only by [`IssuerSigned::verify`].
pub struct VerifiedMdoc {
    pub(crate) items: Vec<Item>,
    pub(crate) issuer_auth: Sign1,
    pub(crate) object: SecurityObject,
    issuer: MdocIssuer,
    at: Timestamp,
}

impl IssuerSigned {
    /// Verifies what the issuer vouches for.
    ///
    /// # Errors
    /// The rule that the mdoc breaks.
    pub fn verify(self, trust: IssuerTrust<'_>, now: Timestamp) -> Result<VerifiedMdoc, VerifyMdocError> {
        let issuer = MdocIssuer::find(&self, trust, now)?;
        let signed = self.issuer_auth.verify(issuer.key(), &Expected::default());
        let signed = signed.map_err(VerifyMdocError::IssuerAuth)?; // [MDC-13]
        let object = SecurityObject::parse(signed.payload())?;
        check_validity(&object.validity, now)?;
        let Self { items, issuer_auth } = self;
        let verified = VerifiedMdoc { items, issuer_auth, object, issuer, at: now };
        verified.check_digests()?;
        verified.check_certificate()?;
        Ok(verified)
    }
}

fn check_validity(validity: &Validity, now: Timestamp) -> Result<(), VerifyMdocError> {
    if validity.signed.max(validity.from) > now.plus(CLOCK_SKEW) {
        return Err(VerifyMdocError::NotYet); // [MDC-10]
    }
    if now > validity.until.plus(CLOCK_SKEW) {
        return Err(VerifyMdocError::Expired); // [MDC-11]
    }
    Ok(())
}

impl VerifiedMdoc {
    fn check_digests(&self) -> Result<(), VerifyMdocError> {
        for item in &self.items {
            let digest =
                self.object.digest(&item.namespace, item.digest_id).ok_or(VerifyMdocError::Digest)?; // [MDC-12]
            if !self.object.digest_algorithm.fits(digest, &item.digested()) {
                return Err(VerifyMdocError::Digest); // [MDC-12]
            }
        }
        Ok(())
    }

    /// What the signer's certificate must agree with [ISO 18013-5 §9.3.1].
    fn check_certificate(&self) -> Result<(), VerifyMdocError> {
        let MdocIssuer::Certified(leaf) = &self.issuer else { return Ok(()) };
        if !(leaf.not_before()..=leaf.not_after()).contains(&self.object.validity.signed) {
            return Err(VerifyMdocError::SignedWhen); // [MDC-09]
        }
        let element = |identifier| self.get(ElementName { namespace: MDL, identifier });
        let differs = |value: Option<&Value>, certified: Option<&str>| {
            value.is_some_and(|value| value.as_text() != certified)
        };
        let jurisdiction = leaf.state_or_province();
        if differs(element("issuing_country"), leaf.country())
            || (jurisdiction.is_some() && differs(element("issuing_jurisdiction"), jurisdiction))
        {
            return Err(VerifyMdocError::Country); // [MDC-18]
        }
        Ok(())
    }

    /// The type, as `org.iso.18013.5.1.mDL`.
    pub fn doc_type(&self) -> &str {
        &self.object.doc_type
    }

    /// The value of `name`, if the issuer vouches for one here.
    pub fn get(&self, name: ElementName<'_>) -> Option<&Value> {
        self.items.iter().find(|item| item.name() == name).map(|item| &item.value)
    }

    /// What the issuer vouches for.
    pub fn elements(&self) -> impl Iterator<Item = (ElementName<'_>, &Value)> {
        self.items.iter().map(|item| (item.name(), &item.value))
    }

    /// When it may be accepted.
    pub const fn validity(&self) -> &Validity {
        &self.object.validity
    }

    /// Where its status stands; nothing here has looked it up.
    pub const fn status(&self) -> Option<&StatusReference> {
        self.object.status.as_ref()
    }

    /// The key that its device authenticates with.
    pub const fn device_key(&self) -> &VerifyingKey {
        &self.object.device_key
    }

    /// Who signed it.
    pub const fn issuer(&self) -> &MdocIssuer {
        &self.issuer
    }

    /// The moment for which it was checked.
    pub const fn verified_at(&self) -> Timestamp {
        self.at
    }
}

/// Namespace of mobile driving licences.
const MDL: &str = "org.iso.18013.5.1";

/// A [`VerifiedMdoc`] that its device presented in this session, with nothing that was not requested.
///
/// Made only by [`crate::DeviceResponse::verify`]. Debug output shows no value.
#[derive(Debug)]
pub struct VerifiedDocument {
    mdoc: VerifiedMdoc,
    device_elements: Elements,
}

impl VerifiedDocument {
    /// Every call site is an origin of trust.
    pub(crate) const fn assert(mdoc: VerifiedMdoc, device_elements: Elements) -> Self {
        Self { mdoc, device_elements }
    }

    /// What the issuer vouches for.
    pub const fn mdoc(&self) -> &VerifiedMdoc {
        &self.mdoc
    }

    /// What the device vouches for, by the issuer's leave.
    pub const fn device_elements(&self) -> &Elements {
        &self.device_elements
    }
}

impl fmt::Debug for VerifiedMdoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedMdoc").field("doc_type", &self.object.doc_type).finish_non_exhaustive()
    }
}
