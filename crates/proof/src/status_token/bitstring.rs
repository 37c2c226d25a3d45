//! Bitstring Status Lists, which are W3C credentials [BSL 1.0 §2.2].

use super::{MIN_BITSTRING_ENTRIES, Publication, Publisher, StatusError, VerifiedStatusList};
use serde_json::{Value, json};
use sinpyo_core::{
    credential::{Credential, CredentialType, Holder, Validity},
    did::Did,
    status::{StatusList, StatusPurpose, StatusSize},
    time::Timestamp,
};
use std::time::Duration;

/// The credential that holds a Bitstring Status List, to be issued by [`crate::vc_jwt`] or [`crate::vc_di`].
///
/// # Errors
/// STL-05: the list is shorter than [`MIN_BITSTRING_ENTRIES`].
pub fn bitstring_credential(
    list: &StatusList,
    purpose: StatusPurpose,
    publication: &Publication,
    issuer: &Did,
) -> Result<Credential, StatusError> {
    if list.len() < MIN_BITSTRING_ENTRIES {
        return Err(StatusError::TooShort); // [STL-05]
    }
    let kind: CredentialType = BITSTRING.parse().map_err(|_| StatusError::Member("type"))?;
    let validity = Validity { from: Some(publication.issued_at), until: publication.expires };
    let mut builder = Credential::builder(kind, issuer.as_str())
        .holder(Holder::Bearer)
        .valid(validity)
        .id(publication.uri.clone())
        .issued_at(publication.issued_at)
        .claim("type", "BitstringStatusList")
        .claim("statusPurpose", purpose.name())
        .claim("encodedList", list.to_encoded_list());
    if let Some(ttl) = publication.ttl {
        // Milliseconds here, seconds in a Token Status List.
        builder = builder.claim("ttl", json!(ttl.as_millis().min(u128::from(u32::MAX))));
    }
    Ok(builder.build())
}

const BITSTRING: &str = "BitstringStatusListCredential";

/// Reads a Bitstring Status List credential that is found at `uri`.
pub(super) fn read(
    credential: &Credential,
    uri: &str,
    (purpose, size): (StatusPurpose, StatusSize),
    now: Timestamp,
) -> Result<VerifiedStatusList, StatusError> {
    if !credential.types().iter().any(|kind| kind.as_str() == BITSTRING) {
        return Err(StatusError::Kind); // [STL-01]
    }
    // Its identifier is optional in the data model. Without it any list of the publisher would pass for this one.
    if credential.id() != Some(uri) {
        return Err(StatusError::OtherList); // [STL-02]
    }
    let claims = credential.claims();
    if claims.get("type").and_then(Value::as_str) != Some("BitstringStatusList") {
        return Err(StatusError::Member("type")); // [STL-03]
    }
    let purposes = match claims.get("statusPurpose") {
        Some(Value::Array(purposes)) => purposes.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    if !purposes.iter().any(|name| name == purpose.name()) {
        return Err(StatusError::Purpose); // [STL-04]
    }
    let ttl = match claims.get("ttl").map(Value::as_u64) {
        None => None,
        Some(Some(milliseconds)) => Some(Duration::from_millis(milliseconds)),
        Some(None) => return Err(StatusError::Member("ttl")), // [STL-03]
    };
    let encoded = claims.get("encodedList").and_then(Value::as_str);
    let encoded = encoded.ok_or(StatusError::Member("encodedList"))?;
    let list = StatusList::from_encoded_list(size, encoded).map_err(StatusError::List)?;
    if list.len() < MIN_BITSTRING_ENTRIES {
        return Err(StatusError::TooShort); // [STL-05]
    }
    let publication = Publication {
        uri: uri.to_owned(),
        issued_at: credential.issued_at().unwrap_or(now),
        expires: credential.validity().until,
        ttl,
    };
    let publisher = Publisher::of_name(credential.issuer());
    Ok(VerifiedStatusList { list, purpose: Some(purpose), publisher, publication, at: now })
}
