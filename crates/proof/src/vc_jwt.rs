//! W3C credentials secured with JOSE [VC-JOSE-COSE 1.0 §3.1.1].
//!
//! The payload is the credential itself. Presentations are in [`crate::vp`].

use crate::{
    credential::{CredentialError, IssueError, check_validity},
    jws::{self, Compact, PreparedToken, Times, TokenHeader, Typ},
    signing::Signatory,
    unverified::Profile,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::{Credential, Holder},
    key::Signer,
    time::Timestamp,
    vcdm,
};
use sinpyo_crypto::VerifyingKey;

/// Prepares `credential` as `vc+jwt` under the base context and `contexts`.
///
/// # Errors
/// The signing key is not the issuer's, or the credential has no form in the W3C data model.
pub fn prepare(
    credential: &Credential,
    contexts: &[&str],
    signatory: Signatory<'_>,
) -> Result<PreparedToken, IssueError> {
    let members = document(credential, contexts, signatory)?;
    let header = TokenHeader { cty: Some("vc"), ..TokenHeader::new(Typ::VC_JWT, signatory) };
    Ok(jws::prepare(header, &members, signatory.key))
}

/// Issues `credential` as `vc+jwt` signed by `signer`, whose public half is `key`.
///
/// # Errors
/// As [`prepare`], and the signer refused or signed with another key.
pub fn issue(
    credential: &Credential,
    contexts: &[&str],
    (signer, key): (&dyn Signer, &VerifyingKey),
) -> Result<String, IssueError> {
    Ok(prepare(credential, contexts, Signatory { key_id: signer.key_id(), key })?.sign(signer)?)
}

/// The W3C form of a credential that `signatory` may sign.
pub(crate) fn document(
    credential: &Credential,
    contexts: &[&str],
    signatory: Signatory<'_>,
) -> Result<Map<String, Value>, IssueError> {
    if credential.issuer() != signatory.key_id.did().as_str() {
        return Err(IssueError::Issuer); // [VCJ-06]
    }
    if matches!(credential.holder(), Holder::Key(_)) {
        return Err(IssueError::Form("holder")); // [VCJ-11]
    }
    let members = vcdm::credential_to_json(credential, contexts);
    // What does not survive the round trip would be lost in silence: a Token Status List entry, for one.
    let again = vcdm::credential_from_json(&members, vcdm::Version::V2)?;
    if again.status().len() != credential.status().len() {
        return Err(IssueError::Form("status")); // [VCJ-11]
    }
    Ok(members)
}

/// The credential in a `vc+jwt` that is signed with `key`.
pub(crate) fn open(
    text: &str,
    token: Compact,
    key: &VerifyingKey,
    profile: Profile,
    now: Timestamp,
) -> Result<Credential, CredentialError> {
    if token.header().cty().is_some_and(|cty| cty != "vc") {
        return Err(CredentialError::Payload); // [VCJ-10]
    }
    let claims = token.verify(text, key)?;
    if claims.contains_key("vc") {
        return Err(CredentialError::Payload); // [VCJ-10]
    }
    Times::from_claims(&claims)?.check(now)?;
    let credential = vcdm::credential_from_json(&claims, profile.data_model())?;
    check_validity(&credential, now)?;
    let subject = match credential.holder() {
        Holder::Did(did) => Some(did.as_str()),
        Holder::Key(_) | Holder::Bearer => {
            claims.get("credentialSubject").and_then(|subject| subject.get("id")?.as_str())
        }
    };
    agrees(&claims, "iss", Some(credential.issuer()))?;
    agrees(&claims, "sub", subject)?;
    agrees(&claims, "jti", credential.id())?;
    Ok(credential)
}

/// A registered claim may repeat what the credential says, not say something else.
fn agrees(
    claims: &Map<String, Value>,
    name: &'static str,
    member: Option<&str>,
) -> Result<(), CredentialError> {
    match claims.get(name) {
        None => Ok(()),
        Some(Value::String(claim)) if Some(claim.as_str()) == member => Ok(()),
        Some(_) => Err(CredentialError::Contradiction(name)), // [VCJ-09]
    }
}
