//! What a check must be told, and by whom it does not care.

use sinpyo_core::{
    accreditation::{Accreditation, Right},
    did::Did,
    resolved::VersionSelector,
    status::StatusEntry,
    time::Timestamp,
};
use sinpyo_proof::{KeyRing, VerifiedStatusList};
use std::sync::Arc;

/// A fact that the caller must fetch. The verifier does no input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// The document of a DID.
    Document {
        /// Which DID.
        did: Did,
        /// Which version.
        version: VersionSelector,
    },
    /// What the registry says about a right.
    Accreditation {
        /// Whose right.
        subject: Did,
        /// The right.
        right: Right,
        /// When it must have been in force.
        at: Timestamp,
    },
    /// A status list, verified with the keys of its issuer.
    StatusList {
        /// The entry that will be read from it.
        entry: StatusEntry,
        /// Who must have signed it.
        issuer: Did,
    },
    /// A status list, verified with certificates that lead to the authorities whom the transaction trusts
    /// ([`crate::CertifiedIssuers::roots`]), and no others.
    CertifiedStatusList {
        /// The entry that will be read from it.
        entry: StatusEntry,
        /// Who must have signed it; anybody who is so certified, if this is the thumbprint of a certificate
        /// (`x509_hash:…`), as for mobile documents.
        issuer: String,
    },
}

/// An answer to a [`Need`]. Shared, so that one fact serves many checks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fact {
    /// The keys of the document.
    Document(Arc<KeyRing>),
    /// The accreditation that gives the right; none if there is none.
    Accreditation(Option<Arc<Accreditation>>),
    /// The list.
    StatusList(Arc<VerifiedStatusList>),
    /// It cannot be had at the moment.
    Unavailable,
}

/// A fact and its age.
#[derive(Clone, Debug)]
pub struct Known {
    /// The fact.
    pub fact: Fact,
    /// The moment for which the source vouches: that of the checkpoint, or of the fetch.
    pub as_of: Timestamp,
}
