//! SD-JWT VC: credentials as SD-JWTs [draft-ietf-oauth-sd-jwt-vc-19].

use crate::{
    Signatory,
    credential::{CredentialError, IssueError},
    issuer_key::CertifiedSignatory,
    jws::{PreparedToken, Times, Typ},
    sd_jwt::{self, Concealment, Subject, Visible},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, CredentialType, Holder, Validity},
    jwk::PublicJwk,
    key::{Entropy, Signer},
    status::StatusEntry,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint};
use std::time::Duration;

/// Claims that control whether a credential is accepted. They must not be selectively disclosable [SD-JWT VC §3.2.2.2].
const ALWAYS_VISIBLE: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

/// The same, for whoever verifies.
pub(crate) const VISIBLE: Visible<'static> = Visible { claims: &ALWAYS_VISIBLE, subject: Subject::Absent };

/// Prepares `credential` as an SD-JWT VC in which the holder may withhold what `concealment` says.
///
/// # Errors
/// The credential has no form as SD-JWT VC, or a path in `concealment` is unusable.
pub fn prepare(
    credential: &Credential,
    concealment: &Concealment<'_>,
    signatory: Signatory<'_>,
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, IssueError> {
    if credential.issuer() != signatory.key_id.did().as_str() {
        return Err(IssueError::Issuer); // [VCJ-06]
    }
    let header = JwtHeader::new(Typ::SD_JWT_VC, KeyHint::Kid(signatory.key_id.as_str()));
    prepare_under(header, credential, concealment, signatory.key, entropy)
}

/// As [`prepare`], with the issuer's certificates in the header [HAIP 1.0 §6.1].
///
/// # Errors
/// As [`prepare`]; the certificate does not name the credential's issuer.
pub fn prepare_certified(
    credential: &Credential,
    concealment: &Concealment<'_>,
    signatory: CertifiedSignatory<'_>,
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, IssueError> {
    if !signatory.speaks_for(credential.issuer()) {
        return Err(IssueError::Issuer); // [VCJ-06]
    }
    let header = signatory.header(Typ::SD_JWT_VC);
    prepare_under(header, credential, concealment, signatory.chain.key(), entropy)
}

fn prepare_under(
    header: JwtHeader<'_>,
    credential: &Credential,
    concealment: &Concealment<'_>,
    key: &VerifyingKey,
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, IssueError> {
    let hides_control = concealment
        .selective
        .iter()
        .any(|path| ALWAYS_VISIBLE.iter().any(|name| path.is_within(&ClaimPath::name(name))));
    if hides_control {
        return Err(IssueError::MustBeVisible); // [SDJ-10]
    }
    let claims = claims_of(credential)?;
    Ok(sd_jwt::prepare_under(header, claims, concealment, key, entropy)?)
}

/// Issues `credential` as an SD-JWT VC signed by `signer`, whose public half is `key`.
///
/// # Errors
/// As [`prepare`], and the signer refused or signed with another key.
pub fn issue(
    credential: &Credential,
    concealment: &Concealment<'_>,
    (signer, key): (&dyn Signer, &VerifyingKey),
    entropy: &mut dyn Entropy,
) -> Result<String, IssueError> {
    let signatory = Signatory { key_id: signer.key_id(), key };
    Ok(prepare(credential, concealment, signatory, entropy)?.sign(signer)?)
}

/// The claims of `credential` under their registered names.
fn claims_of(credential: &Credential) -> Result<Map<String, Value>, IssueError> {
    let mut claims = credential.claims().clone();
    if ALWAYS_VISIBLE.iter().chain(&["iat", "jti"]).any(|name| claims.contains_key(*name)) {
        return Err(IssueError::Form("claims")); // [VCJ-11]
    }
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    let [kind] = credential.types() else { return Err(IssueError::Form("types")) };
    put("vct", json!(kind.as_str()));
    put("iss", json!(credential.issuer()));
    let validity = credential.validity();
    for (name, time) in [
        ("iat", credential.issued_at()),
        ("nbf", validity.from),
        ("exp", validity.until.map(first_moment_after)),
    ] {
        if let Some(time) = time {
            put(name, json!(time.unix()));
        }
    }
    if let Some(id) = credential.id() {
        put("jti", json!(id));
    }
    match credential.holder() {
        Holder::Key(jwk) => put("cnf", json!({"jwk": jwk.members()})),
        Holder::Did(_) => return Err(IssueError::Form("holder")),
        Holder::Bearer => {}
    }
    match credential.status() {
        [] => {}
        [StatusEntry::Token { list, index }] => {
            put("status", json!({"status_list": {"idx": index, "uri": list}}));
        }
        _ => return Err(IssueError::Form("status")),
    }
    Ok(claims)
}

/// The credential that verified `claims` state.
pub(crate) fn credential_from(
    mut claims: Map<String, Value>,
    times: Times,
) -> Result<Credential, CredentialError> {
    let kind: CredentialType =
        text(&mut claims, "vct")?.parse().map_err(|_| CredentialError::Claim("vct"))?; // [VCJ-07]
    let issuer = text(&mut claims, "iss")?;
    let holder = holder(claims.remove("cnf"))?;
    let status = status(claims.remove("status"))?;
    let id = if claims.contains_key("jti") { Some(text(&mut claims, "jti")?) } else { None };
    for name in ["iat", "nbf", "exp"] {
        claims.remove(name);
    }
    let validity = Validity { from: times.not_before, until: times.expires.map(last_moment) };
    let mut builder = Credential::builder(kind, &issuer).holder(holder).valid(validity).claims(claims);
    if let Some(issued_at) = times.issued_at {
        builder = builder.issued_at(issued_at);
    }
    if let Some(id) = id {
        builder = builder.id(id);
    }
    if let Some(status) = status {
        builder = builder.status(status);
    }
    Ok(builder.build())
}

/// `exp` is the first moment at which a token is no longer good [RFC 7519 §4.1.4]; a validity ends with its last.
fn first_moment_after(until: Timestamp) -> Timestamp {
    until.plus(Duration::from_secs(1))
}

fn last_moment(expires: Timestamp) -> Timestamp {
    expires.minus(Duration::from_secs(1))
}

fn text(claims: &mut Map<String, Value>, name: &'static str) -> Result<String, CredentialError> {
    match claims.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(CredentialError::Claim(name)), // [VCJ-07]
    }
}

/// Whom the credential is bound to. Confirmation by anything but a key is refused, not taken for none.
pub(crate) fn holder(cnf: Option<Value>) -> Result<Holder, CredentialError> {
    let Some(mut cnf) = cnf else { return Ok(Holder::Bearer) };
    match cnf.get_mut("jwk").map(Value::take) {
        Some(Value::Object(jwk)) => {
            let jwk = PublicJwk::from_members(jwk).map_err(|_| CredentialError::Claim("cnf"))?; // [VCJ-07]
            Ok(Holder::Key(jwk))
        }
        _ => Err(CredentialError::Claim("cnf")), // [VCJ-07]
    }
}

/// Where its status stands. A mechanism that we do not know is refused, also beside one that we know: its answer
/// might be "revoked".
fn status(status: Option<Value>) -> Result<Option<StatusEntry>, CredentialError> {
    let Some(status) = status else { return Ok(None) };
    let only = status.as_object().filter(|mechanisms| mechanisms.len() == 1);
    let entry = only.and_then(|mechanisms| mechanisms.get("status_list"));
    let entry = entry.ok_or(CredentialError::StatusMechanism)?; // [VCJ-08]
    let list = entry.get("uri").and_then(Value::as_str);
    match (list, entry.get("idx").and_then(Value::as_u64)) {
        (Some(list), Some(index)) => Ok(Some(StatusEntry::Token { list: list.to_owned(), index })),
        _ => Err(CredentialError::Claim("status")), // [VCJ-07]
    }
}
