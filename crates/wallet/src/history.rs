//! What was shown to whom. It never leaves the wallet.

use crate::held::{CopyUse, HeldId};
use sinpyo_core::{
    accreditation::{LocalizedName, ServiceCode},
    claims::ClaimPath,
    credential::CredentialType,
    did::Did,
    time::Timestamp,
};

/// One answer to one verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentationRecord {
    /// When it was made.
    pub at: Timestamp,
    /// Who asked.
    pub verifier: Did,
    /// Its name, as accredited at that time.
    pub name: LocalizedName,
    /// Under which service code.
    pub service: ServiceCode,
    /// What was shown.
    pub shown: Vec<ShownCredential>,
}

/// One credential of a [`PresentationRecord`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCredential {
    /// The copy; it may be gone from the wallet since.
    pub held: HeldId,
    /// Its type.
    pub kind: CredentialType,
    /// The claims that the verifier asked for and the holder agreed to.
    pub claims: Vec<ClaimPath>,
    /// What showing this copy gave away.
    pub copy: CopyUse,
}
