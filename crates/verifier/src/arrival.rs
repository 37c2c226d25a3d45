//! What every presentation is read with, and what comes of it.

use crate::{error::VerifyError, expectation::Expectation, transaction_data::TransactionData};
use sinpyo_core::{
    credential::Credential,
    did::{Did, KeyId},
    time::Timestamp,
};
use sinpyo_dcql::{Candidate, CredentialQuery};
use sinpyo_proof::{KeyRing, Occasion};
use std::{sync::Arc, time::Duration};

/// What one presentation is read with.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) expectation: &'a Expectation,
    pub(crate) transaction_data: &'a TransactionData,
    /// The query for which it came.
    pub(crate) asked: &'a CredentialQuery,
    /// To whom it must be bound.
    pub(crate) audience: &'a str,
    pub(crate) now: Timestamp,
}

impl<'a> Reading<'a> {
    /// The occasion for which the holder must have signed: since the request was sent.
    pub(crate) fn occasion(&self) -> Occasion<'a> {
        let asked_at = self.expectation.issued_at;
        let age = u64::try_from(self.now.unix().saturating_sub(asked_at.unix())).unwrap_or(0);
        Occasion {
            audience: self.audience,
            nonce: &self.expectation.nonce,
            max_age: Duration::from_secs(age),
        }
    }
}

/// A DID's key that a presentation names for its issuer, and when it claims to have been issued.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedIssuer {
    pub(crate) key: KeyId,
    pub(crate) issued_at: Option<Timestamp>,
    /// Whether an accreditation must say so.
    pub(crate) accredited: bool,
}

impl ClaimedIssuer {
    /// What was looked up by the presenter's word must be what the issuer signed.
    pub(crate) fn check(&self, credential: &Credential) -> Result<(), VerifyError> {
        let same_time = self.issued_at.is_none() || credential.issued_at() == self.issued_at;
        if same_time && credential.issuer() == self.key.did().as_str() {
            Ok(())
        } else {
            Err(VerifyError::IssuerNotResolvable) // [VP-04]
        }
    }
}

/// A presentation whose signatures hold.
#[derive(Debug)]
pub(crate) struct Authentic {
    pub(crate) credential: Credential,
    pub(crate) candidate: Candidate,
    /// Positions of the transaction data that it authorises.
    pub(crate) authorised: Vec<usize>,
    pub(crate) issuer: Issuer,
}

/// Who signed a credential.
#[derive(Debug)]
pub(crate) enum Issuer {
    /// A DID, by a key that stood in `keys` when it signed.
    Did { claimed: ClaimedIssuer, keys: Arc<KeyRing> },
    /// Somebody whom an authority certified, and whom the transaction trusts.
    Certified,
}

impl Issuer {
    pub(crate) fn did(&self) -> Option<Did> {
        match self {
            Self::Did { claimed, .. } => Some(claimed.key.did()),
            Self::Certified => None,
        }
    }
}
