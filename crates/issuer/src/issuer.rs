//! The issuer: one key of one DID, and what it signs.

mod issue;
mod order;
mod publish;

pub use issue::IssueError;
pub use order::{Issued, Order, Recipient};
pub use publish::{Cadence, PublishError, PublishedList};

use sinpyo_core::{
    did::Did, document::VerificationRelationship::AssertionMethod, key::Signer, resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{KeyError, KeyRing};
use std::{num::NonZeroUsize, time::Duration};

/// In what form credentials are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// SD-JWT VC (`dc+sd-jwt`): the holder decides claim by claim.
    SdJwtVc,
    /// W3C credential as `vc+jwt`. Whoever sees it sees all of its claims, so held ones are left out.
    VcJwt,
    /// W3C credential with the JCS Data Integrity proof of the key's algorithm. Shows all, as `VcJwt`.
    DataIntegrity,
}

/// How an issuer issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerOptions {
    /// The form of its credentials.
    pub format: Format,
    /// Times in credentials are rounded down to multiples of this, so that they tell no copies apart. A credential
    /// that holds less than twelve times as long gets a twelfth of its term instead.
    pub time_unit: Duration,
    /// The hidden claims of a credential are as many as the profile has, filled up with decoys, and then up to a
    /// multiple of this number: the count tells neither which claims exist nor, if it is large, which profile.
    pub digest_unit: NonZeroUsize,
    /// No credential says that it was issued before this moment: the ledger time since which the issuer is
    /// accredited. Rounding would otherwise put the issue before the right to it.
    pub accredited_since: Option<Timestamp>,
}

impl Default for IssuerOptions {
    fn default() -> Self {
        Self {
            format: Format::SdJwtVc,
            time_unit: Duration::from_hours(1),
            digest_unit: NonZeroUsize::MIN,
            accredited_since: None,
        }
    }
}

/// One that issues credentials under its DID.
///
/// It stands for one version of its own document: make a new one when the document changes.
#[derive(Debug)]
pub struct Issuer<S> {
    signer: S,
    key: VerifyingKey,
    did: Did,
    /// Nothing is issued before this moment.
    floor: Option<Timestamp>,
    options: IssuerOptions,
}

impl<S: Signer> Issuer<S> {
    /// An issuer that signs with `signer`; `own` is the current version of its document.
    ///
    /// # Errors
    /// Verifiers would not accept what it signs: the document does not authorise the key for statements, is out of
    /// use, or was followed by another version.
    pub fn new(signer: S, own: &Resolved, options: IssuerOptions) -> Result<Self, NewIssuerError> {
        if own.metadata.deactivated || own.metadata.superseded.is_some() {
            return Err(NewIssuerError::OutOfDate); // [ISS-10]
        }
        let ring = KeyRing::of(own);
        let key = ring.authorised_key(signer.key_id(), AssertionMethod).map_err(NewIssuerError::Key)?; // [ISS-09]
        if key.algorithm().name() != signer.algorithm() {
            return Err(NewIssuerError::Algorithm); // [ISS-09]
        }
        let in_effect = own.metadata.updated.or(own.metadata.created);
        let floor = in_effect.max(options.accredited_since);
        Ok(Self { key: key.clone(), did: own.did().clone(), signer, floor, options })
    }

    /// Its DID.
    pub const fn did(&self) -> &Did {
        &self.did
    }
}

/// Why somebody cannot issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NewIssuerError {
    /// ISS-09: the document does not let the key make statements.
    #[error("the issuer's document does not authorise the signing key for statements")]
    Key(#[source] KeyError),
    /// ISS-09: the signer uses another algorithm than the key in the document.
    #[error("the signer does not use the algorithm of the key in the document")]
    Algorithm,
    /// ISS-10: the document is deactivated or superseded.
    #[error("the issuer's document is not the current one, or out of use")]
    OutOfDate,
}

impl NewIssuerError {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Key(_) | Self::Algorithm => "ISS-09",
            Self::OutOfDate => "ISS-10",
        }
    }
}
