//! How far the check of one presentation has come.

use crate::{
    arrival::{Authentic, ClaimedIssuer, Issuer, Reading},
    error::VerifyError,
    fit, mobile,
    need::{Fact, Need},
    policy::WithoutStatus,
    presented::Wire,
    sd_jwt, status,
    w3c::{self, Container},
};
use sinpyo_core::{
    accreditation::Right,
    credential::{CredentialType, Presentation},
    did::KeyId,
    document::VerificationRelationship::AssertionMethod,
    resolved::VersionSelector,
    status::StatusEntry,
};
use sinpyo_dcql::Wanted;
use sinpyo_proof::{KeyError, KeyRing, Unverified};
use std::sync::Arc;

/// How far the check of one presentation has come. The cheap refusals come first, and nothing is fetched for a
/// presentation whose signatures do not hold.
#[derive(Debug)]
pub(crate) enum Stage {
    /// The holder's document is missing.
    Holder { presentation: Box<Unverified<Presentation>>, key: KeyId, container: Container },
    /// The document of the issuer as it stood when it issued is missing.
    Issuer { closed: Closed, issuer: ClaimedIssuer },
    /// The newest document of the issuer is missing.
    Newest(Box<Authentic>),
    /// Whether the issuer is accredited is not known, for these types.
    Rights { shown: Box<Authentic>, types: Vec<CredentialType> },
    /// Status lists are missing, for these entries.
    Status { shown: Box<Authentic>, entries: Vec<StatusEntry> },
    /// Nothing is missing.
    Done(Box<Authentic>),
}

/// What can be verified with the document of its issuer.
#[derive(Debug)]
pub(crate) enum Closed {
    SdJwt(Box<sd_jwt::Arrived>),
    W3c(Box<w3c::Enclosed>),
}

impl Stage {
    /// Takes apart what arrived, in the format that the query asks for and no other.
    pub(crate) fn begin(wire: &Wire, reading: &Reading<'_>) -> Result<Self, VerifyError> {
        let container = match &reading.asked.wanted {
            Wanted::SdJwtVc { .. } => {
                return match sd_jwt::begin(wire, reading)? {
                    sd_jwt::Begun::ByDid(arrived, issuer) => {
                        Ok(Self::Issuer { closed: Closed::SdJwt(arrived), issuer })
                    }
                    sd_jwt::Begun::Done(shown) => Self::signed(shown, reading),
                };
            }
            Wanted::Mdoc { doctype } => {
                return Self::signed(Box::new(mobile::verify(wire, doctype, reading)?), reading);
            }
            Wanted::JwtVc { .. } => Container::Token,
            Wanted::LdpVc { .. } => Container::Object,
            Wanted::Unknown { .. } => return Err(VerifyError::OtherFormat), // [VP-19]
        };
        Ok(match w3c::begin(wire, container, reading)? {
            w3c::Begun::Presented(presentation, key) => Self::Holder { presentation, key, container },
            w3c::Begun::Bare(enclosed, issuer) => Self::Issuer { closed: Closed::W3c(enclosed), issuer },
        })
    }

    /// What is missing.
    pub(crate) fn need(&self) -> Option<Need> {
        match self {
            Self::Holder { key, .. } => {
                Some(Need::Document { did: key.did(), version: VersionSelector::Latest })
            }
            Self::Issuer { issuer, .. } => {
                let version = issuer.issued_at.map_or(VersionSelector::Latest, VersionSelector::Time);
                Some(Need::Document { did: issuer.key.did(), version })
            }
            // A key that leaked is revoked in the newest document, whatever time its signatures claim.
            Self::Newest(shown) => {
                Some(Need::Document { did: shown.issuer.did()?, version: VersionSelector::Latest })
            }
            Self::Rights { shown, types } => Some(Need::Accreditation {
                subject: shown.issuer.did()?,
                right: Right::Issue(types.last()?.clone()),
                at: shown.credential.issued_at()?,
            }),
            Self::Status { shown, entries } => Some(status::need(shown, entries.last()?)),
            Self::Done(_) => None,
        }
    }

    /// Goes on with the `fact` that was missing.
    pub(crate) fn advance(self, fact: &Fact, reading: &Reading<'_>) -> Result<Self, VerifyError> {
        match (self, fact) {
            (Self::Holder { presentation, key, container }, Fact::Document(keys)) => {
                let (enclosed, issuer) = w3c::open(*presentation, (&key, keys), container, reading)?;
                Ok(Self::Issuer { closed: Closed::W3c(Box::new(enclosed)), issuer })
            }
            (Self::Issuer { closed, issuer }, Fact::Document(keys)) => {
                let keys = Arc::clone(keys);
                let shown = match closed {
                    Closed::SdJwt(arrived) => arrived.verify(issuer, keys, reading)?,
                    Closed::W3c(enclosed) => enclosed.verify(issuer, keys, reading)?,
                };
                Self::signed(Box::new(shown), reading)
            }
            (Self::Newest(shown), Fact::Document(newest)) => {
                check_key(&shown.issuer, newest)?;
                Self::in_use(shown, reading)
            }
            (Self::Rights { shown, mut types }, Fact::Accreditation(accreditation)) => {
                let kind = types.pop().ok_or(VerifyError::OtherFact)?;
                let at = shown.credential.issued_at().ok_or(VerifyError::IssuerNotResolvable)?;
                if accreditation.is_none() {
                    return Err(VerifyError::NotAccredited { kind, at }); // [VP-06]
                }
                Self::rights(shown, types, reading)
            }
            (Self::Status { shown, mut entries }, Fact::StatusList(list)) => {
                let entry = entries.pop().ok_or(VerifyError::OtherFact)?;
                status::check(&shown, &entry, list, reading.now)?;
                Ok(if entries.is_empty() { Self::Done(shown) } else { Self::Status { shown, entries } })
            }
            _ => Err(VerifyError::OtherFact), // [VP-17]
        }
    }

    /// The signatures hold; now what is shown must be what was asked for.
    fn signed(shown: Box<Authentic>, reading: &Reading<'_>) -> Result<Self, VerifyError> {
        fit::check(reading.asked, &shown.candidate)?;
        match shown.issuer {
            Issuer::Did { .. } => Ok(Self::Newest(shown)),
            Issuer::Certified => Self::trusted(shown, reading),
        }
    }

    /// The issuer's key is in use; now the issuer must have had the right.
    fn in_use(shown: Box<Authentic>, reading: &Reading<'_>) -> Result<Self, VerifyError> {
        match &shown.issuer {
            Issuer::Did { claimed, .. } if claimed.accredited => {
                if shown.credential.issued_at().is_none() {
                    return Err(VerifyError::IssuerNotResolvable); // [VP-04]
                }
                // For each of them: any may be the one that was asked for.
                let types = shown.credential.types().to_vec();
                Self::rights(shown, types, reading)
            }
            Issuer::Did { .. } | Issuer::Certified => Self::trusted(shown, reading),
        }
    }

    fn rights(
        shown: Box<Authentic>,
        types: Vec<CredentialType>,
        reading: &Reading<'_>,
    ) -> Result<Self, VerifyError> {
        if types.is_empty() { Self::trusted(shown, reading) } else { Ok(Self::Rights { shown, types }) }
    }

    /// The issuer is trusted; now the credential must not be withdrawn.
    fn trusted(shown: Box<Authentic>, reading: &Reading<'_>) -> Result<Self, VerifyError> {
        let entries: Vec<_> = status::entries(&shown.credential).cloned().collect();
        match (entries.is_empty(), reading.expectation.rules.without_status) {
            (false, _) => Ok(Self::Status { shown, entries }),
            (true, WithoutStatus::AcceptUntilExpiry) => Ok(Self::Done(shown)),
            (true, WithoutStatus::Refuse) => Err(VerifyError::NoStatus), // [VP-10]
        }
    }
}

/// The key must not have been withdrawn since.
fn check_key(issuer: &Issuer, newest: &KeyRing) -> Result<(), VerifyError> {
    let Issuer::Did { claimed, keys } = issuer else { return Ok(()) };
    let key = keys.authorised_key(&claimed.key, AssertionMethod).map_err(VerifyError::KeyWithdrawn)?;
    match newest.withdrawn(&claimed.key, key) {
        Some(KeyError::Unresolved) => Err(VerifyError::OtherFact),
        Some(why) => Err(VerifyError::KeyWithdrawn(why)),
        None => Ok(()),
    }
}
