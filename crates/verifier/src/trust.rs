//! Whose credentials are believed.

use sinpyo_core::did::Did;
use sinpyo_x509::Roots;
use std::{collections::BTreeSet, sync::Arc};

/// Whose credentials are believed in one transaction.
///
/// How the keys of an issuer are found follows from its name and from this, never from what came with a credential: an
/// issuer that is named by a DID by its document, unless no issuer is believed by DID; every other one by its
/// certificate [SD-JWT VC §3.5].
#[derive(Clone, Debug)]
pub struct Trust {
    /// Of those who are named by a DID.
    pub by_did: DidIssuers,
    /// Of those whose keys are certified.
    pub by_certificate: Option<CertifiedIssuers>,
}

/// Which issuers that are named by a DID are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DidIssuers {
    /// None of them.
    None,
    /// Those who were accredited for the credential's types when they issued, as the registry recorded it.
    Accredited,
    /// Those of the accredited who are listed.
    AccreditedAmong(BTreeSet<Did>),
    /// Those who are listed, whatever a registry says.
    Listed(BTreeSet<Did>),
}

/// Which issuers with certified keys are believed: signers of SD-JWT VCs (`x5c`) and of mobile documents (`x5chain`).
#[derive(Clone, Debug)]
pub struct CertifiedIssuers {
    /// The authorities.
    pub roots: Arc<Roots>,
    /// The issuers, by the names under which [`crate::Shown::credential`] has them; all that the authorities certify if
    /// there is no list.
    pub names: Option<BTreeSet<String>>,
}

impl Trust {
    /// In accreditations of the registry alone.
    pub const fn in_accreditations() -> Self {
        Self { by_did: DidIssuers::Accredited, by_certificate: None }
    }

    /// In these issuers alone.
    pub fn in_issuers(issuers: impl IntoIterator<Item = Did>) -> Self {
        Self { by_did: DidIssuers::Listed(issuers.into_iter().collect()), by_certificate: None }
    }

    /// In those whom these authorities certify, alone.
    pub const fn in_roots(roots: Arc<Roots>) -> Self {
        Self { by_did: DidIssuers::None, by_certificate: Some(CertifiedIssuers { roots, names: None }) }
    }

    /// The way in which an issuer of this name is believed; none if it is not.
    pub(crate) fn way(&self, issuer: Option<&str>) -> Option<Way<'_>> {
        let did = issuer.and_then(|issuer| issuer.parse::<Did>().ok());
        match (did, &self.by_did, &self.by_certificate) {
            (Some(did), DidIssuers::Accredited, _) => Some(Way::Accredited(did)),
            (Some(did), DidIssuers::AccreditedAmong(listed), _) => {
                listed.contains(&did).then_some(Way::Accredited(did))
            }
            (Some(did), DidIssuers::Listed(listed), _) => listed.contains(&did).then_some(Way::Listed(did)),
            (_, _, Some(certified)) => Some(Way::Certified(certified)),
            (_, _, None) => None,
        }
    }
}

/// How one issuer is believed.
#[derive(Clone, Debug)]
pub(crate) enum Way<'a> {
    Accredited(Did),
    Listed(Did),
    Certified(&'a CertifiedIssuers),
}

impl CertifiedIssuers {
    /// Whether an issuer whom the authorities certified is believed.
    pub(crate) fn believes(&self, issuer: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(issuer))
    }
}
