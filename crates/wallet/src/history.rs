//! What was shown to whom. It never leaves the wallet.

use crate::{
    asked::Accredited,
    asker::Asker,
    held::{CopyUse, HeldId},
};
use sinpyo_core::{claims::ClaimPath, credential::CredentialType, time::Timestamp};

/// One answer to one verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentationRecord {
    /// When it was made.
    pub at: Timestamp,
    /// Who asked.
    pub asker: Asker,
    /// What a registry said about the asker at that time.
    pub accredited: Option<Accredited>,
    /// What was shown.
    pub shown: Vec<ShownCredential>,
    /// The transaction data that was authorised, as it arrived.
    pub transactions: Vec<String>,
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
