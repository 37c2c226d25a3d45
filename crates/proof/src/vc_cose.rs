//! W3C credentials and presentations secured with COSE [VC-JOSE-COSE 1.0 §3.3].
//!
//! The payload is the JSON text of the credential.

use crate::{
    Signatory,
    credential::{CredentialError, IssueError},
    vc_jwt,
};
use serde_json::{Map, Value};
use sinpyo_core::{credential::Credential, json, key::Signer};
use sinpyo_cose::{Expected, Header, Payload, Prepared, Sign1};
use sinpyo_crypto::VerifyingKey;

/// Type of a credential.
pub(crate) const CREDENTIAL: &str = "application/vc+cose";
/// Type of a presentation.
pub(crate) const PRESENTATION: &str = "application/vp+cose";

/// Prepares `credential` as `application/vc+cose` under the base context and `contexts`.
///
/// # Errors
/// The signing key is not the issuer's, or the credential has no form in the W3C data model.
pub fn prepare(
    credential: &Credential,
    contexts: &[&str],
    signatory: Signatory<'_>,
) -> Result<Prepared, IssueError> {
    Ok(prepare_object(
        &vc_jwt::document(credential, contexts, signatory)?,
        CREDENTIAL,
        (signatory.key_id.as_str(), signatory.key),
    ))
}

/// Issues `credential` as `application/vc+cose`, signed by `signer`, whose public half is `key`.
///
/// # Errors
/// As [`prepare`], and the signer refused or signed with another key.
pub fn issue(
    credential: &Credential,
    contexts: &[&str],
    (signer, key): (&dyn Signer, &VerifyingKey),
) -> Result<Vec<u8>, IssueError> {
    let prepared = prepare(credential, contexts, Signatory { key_id: signer.key_id(), key })?;
    Ok(prepared.sign(signer)?.to_bytes())
}

/// Prepares `members` as a message of type `typ`.
pub(crate) fn prepare_object(
    members: &Map<String, Value>,
    typ: &'static str,
    (kid, key): (&str, &VerifyingKey),
) -> Prepared {
    let header = Header {
        typ: Some(typ.to_owned()),
        content_type: Some(content_type(typ).to_owned()),
        kid: Some(kid.as_bytes().to_vec()),
        x5chain: Vec::new(),
    };
    let payload = Value::Object(members.clone()).to_string();
    Sign1::prepare(&header, Payload::Attached(payload.as_bytes()), &[], key)
}

/// The JSON object in a message of type `typ` that is signed with `key`.
pub(crate) fn open(
    message: &Sign1,
    key: &VerifyingKey,
    typ: &'static str,
) -> Result<Map<String, Value>, CredentialError> {
    let expected = Expected { typ: Some(typ), content_type: Some(content_type(typ)), external_aad: &[] };
    let signed = message.verify(key, &expected)?;
    json::parse_object(signed.payload()).map_err(CredentialError::Json)
}

fn content_type(typ: &'static str) -> &'static str {
    typ.strip_suffix("+cose").unwrap_or(typ)
}
