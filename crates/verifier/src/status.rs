//! Whether a credential was withdrawn.

use crate::{
    arrival::{Authentic, Issuer},
    error::VerifyError,
    need::Need,
};
use sinpyo_core::{
    credential::Credential,
    status::{CredentialStatus, StatusEntry, StatusPurpose},
    time::Timestamp,
};
use sinpyo_proof::{VerifiedStatusList, status_token::Publisher};

/// The entries that may withdraw a credential: not those that only offer a newer one.
pub(crate) fn entries(credential: &Credential) -> impl Iterator<Item = &StatusEntry> {
    let offers = |entry: &&StatusEntry| {
        matches!(entry, StatusEntry::Bitstring { purpose: StatusPurpose::Refresh, .. })
    };
    credential.status().iter().filter(move |entry| !offers(entry))
}

/// The list of `entry`.
pub(crate) fn need(shown: &Authentic, entry: &StatusEntry) -> Need {
    let entry = entry.clone();
    match shown.issuer.did() {
        Some(issuer) => Need::StatusList { entry, issuer },
        None => Need::CertifiedStatusList { entry, issuer: shown.credential.issuer().to_owned() },
    }
}

/// Reads the status from the list, if it is the right one.
pub(crate) fn check(
    shown: &Authentic,
    entry: &StatusEntry,
    list: &VerifiedStatusList,
    now: Timestamp,
) -> Result<(), VerifyError> {
    let outdated = list.fresh_until().is_some_and(|until| until < now);
    if list.publication().uri != entry.list() || !may_publish(list.publisher(), shown) || outdated {
        return Err(VerifyError::OtherStatusList); // [VP-11]
    }
    match list.status(entry.index())? {
        CredentialStatus::Valid => Ok(()),
        CredentialStatus::Revoked => Err(VerifyError::Revoked), // [VP-07]
        CredentialStatus::Suspended => Err(VerifyError::Suspended), // [VP-08]
        CredentialStatus::Other(_) => Err(VerifyError::NotValid), // [VP-09]
    }
}

/// Whether `publisher` speaks for the issuer. A mobile document names its issuer by one of many certificates, and lists
/// are signed with another one of the same authorities.
fn may_publish(publisher: &Publisher, shown: &Authentic) -> bool {
    let issuer = shown.credential.issuer();
    match (&shown.issuer, publisher) {
        (Issuer::Did { .. }, Publisher::Did(did)) => did.as_str() == issuer,
        (Issuer::Certified, publisher) if !issuer.starts_with("x509_hash:") => publisher.as_str() == issuer,
        (Issuer::Certified, Publisher::Certified(_)) => true,
        (Issuer::Did { .. }, Publisher::Certified(_)) | (Issuer::Certified, Publisher::Did(_)) => false,
    }
}
