//! W3C credentials secured with JOSE [VC-JOSE-COSE 1.0 §3.1.1].
//!
//! The payload is the credential itself. Presentations are in [`crate::vp`].

use crate::{
    Signatory,
    credential::{CredentialError, IssueError, check_validity},
    jws::{PreparedToken, Typ},
    profile::Profile,
    sd_jwt::{Subject, Visible},
    sd_jwt_vc,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep},
    credential::{Credential, CredentialBuilder, Holder},
    jwk::PublicJwk,
    key::Signer,
    time::Timestamp,
    vcdm::{self, VcdmError},
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint, hazmat::Compact};

/// Members that control whether a credential is accepted. In an SD-JWT they must not be selectively disclosable
/// [VC-JOSE-COSE §3.2.1].
const ALWAYS_VISIBLE: [&str; 14] = [
    "@context",
    "type",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialStatus",
    "credentialSchema",
    "relatedResource",
    "iss",
    "sub",
    "nbf",
    "exp",
    "cnf",
    "vc",
];

/// The same, with the subject.
pub(crate) const VISIBLE: Visible<'static> = Visible { claims: &ALWAYS_VISIBLE, subject: Subject::Decides };

/// Whether `path` leads to something that must not be selectively disclosable: a member of [`ALWAYS_VISIBLE`] or
/// anything in it, the subject or who that is.
pub(crate) fn is_always_visible(path: &ClaimPath) -> bool {
    let [ClaimStep::Name(first), rest @ ..] = path.steps() else { return true };
    match (first.as_str(), rest) {
        ("credentialSubject", [] | [ClaimStep::Index(_) | ClaimStep::Every]) => true,
        (
            "credentialSubject",
            [ClaimStep::Name(name)] | [ClaimStep::Index(_) | ClaimStep::Every, ClaimStep::Name(name)],
        ) => name == "id",
        (name, _) => ALWAYS_VISIBLE.contains(&name),
    }
}

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
    let header = JwtHeader::new(Typ::VC_JWT, KeyHint::Kid(signatory.key_id.as_str()));
    Ok(sinpyo_jose::prepare(header, &members, signatory.key))
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

/// Refuses a token that is no credential whatever its signature is.
pub(crate) fn check_form(token: &Compact) -> Result<(), CredentialError> {
    match token.header().cty() {
        None | Some("vc") => Ok(()),
        Some(_) => Err(CredentialError::Payload), // [VCJ-10]
    }
}

/// The credential that verified `claims` are.
pub(crate) fn credential_from(
    claims: &Map<String, Value>,
    profile: &Profile,
    now: Timestamp,
) -> Result<Credential, CredentialError> {
    let credential = vcdm::credential_from_json(claims, profile.data_model())?;
    check_validity(&credential, now)?;
    check_claims(claims)?;
    match sd_jwt_vc::holder(claims.get("cnf").cloned())? {
        Holder::Key(key) => bound_to(&credential, key),
        Holder::Did(_) | Holder::Bearer => Ok(credential),
    }
}

/// The credential for whoever holds `key`, which is more than being its subject; that one stays among the claims.
fn bound_to(credential: &Credential, key: PublicJwk) -> Result<Credential, CredentialError> {
    let (kind, others) = credential.types().split_first().ok_or(VcdmError::Member("type"))?;
    let mut bound = Credential::builder(kind.clone(), credential.issuer())
        .holder(Holder::Key(key))
        .valid(credential.validity())
        .claims(credential.claims().clone());
    if let Holder::Did(subject) = credential.holder() {
        bound = bound.claim("id", subject.as_str());
    }
    if let Some(id) = credential.id() {
        bound = bound.id(id.to_owned());
    }
    if let Some(issued_at) = credential.issued_at() {
        bound = bound.issued_at(issued_at);
    }
    bound = others.iter().cloned().fold(bound, CredentialBuilder::also);
    Ok(credential.status().iter().cloned().fold(bound, CredentialBuilder::status).build())
}

/// Compares the registered claims with the credential that they stand in.
pub(crate) fn check_claims(claims: &Map<String, Value>) -> Result<(), CredentialError> {
    if ["vc", "vp"].iter().any(|name| claims.contains_key(*name)) {
        return Err(CredentialError::Payload); // [VCJ-10]
    }
    sd_jwt_vc::holder(claims.get("cnf").cloned())?;
    let id_of = |name: &str| match claims.get(name)? {
        Value::Object(members) => members.get("id")?.as_str(),
        other => other.as_str(),
    };
    agrees(claims, "iss", id_of("issuer"))?;
    agrees(claims, "sub", id_of("credentialSubject"))?;
    agrees(claims, "jti", id_of("id"))
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
