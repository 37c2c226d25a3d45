//! W3C credentials as SD-JWT [VC-JOSE-COSE 1.0 §3.2].
//!
//! The claims are the credential itself, some of them hidden. Presentations are in [`crate::vp`].

use crate::{
    Signatory,
    credential::IssueError,
    jws::{PreparedToken, Typ},
    sd_jwt::{self, Concealment},
    vc_jwt,
};
use sinpyo_core::{
    credential::Credential,
    key::{Entropy, Signer},
};
use sinpyo_crypto::VerifyingKey;

/// Prepares `credential` as `vc+sd-jwt` under the base context and `contexts`; the holder may withhold what
/// `concealment` says, by paths such as `credentialSubject.degree`.
///
/// # Errors
/// The signing key is not the issuer's, the credential has no form in the W3C data model, or a path is unusable.
pub fn prepare(
    credential: &Credential,
    contexts: &[&str],
    concealment: &Concealment<'_>,
    signatory: Signatory<'_>,
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, IssueError> {
    let members = vc_jwt::document(credential, contexts, signatory)?;
    if concealment.selective.iter().any(vc_jwt::is_always_visible) {
        return Err(IssueError::MustBeVisible); // [SDJ-10]
    }
    Ok(sd_jwt::prepare(Typ::VC_SD_JWT, members, concealment, signatory, entropy)?)
}

/// Issues `credential` as `vc+sd-jwt` signed by `signer`, whose public half is `key`.
///
/// # Errors
/// As [`prepare`], and the signer refused or signed with another key.
pub fn issue(
    credential: &Credential,
    contexts: &[&str],
    concealment: &Concealment<'_>,
    (signer, key): (&dyn Signer, &VerifyingKey),
    entropy: &mut dyn Entropy,
) -> Result<String, IssueError> {
    let signatory = Signatory { key_id: signer.key_id(), key };
    Ok(prepare(credential, contexts, concealment, signatory, entropy)?.sign(signer)?)
}
