//! Token Status Lists in JWT form [Token Status List §5.1].

use super::{Publication, Publisher, StatusError, VerifiedStatusList};
use crate::{
    Signatory,
    credential::IssueError,
    issuer_key::CertifiedSignatory,
    jws::{PreparedToken, Times, Typ},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{status::StatusList, time::Timestamp};
use sinpyo_jose::{JwtHeader, KeyHint};
use std::time::Duration;

/// Prepares a Token Status List in JWT form [Token Status List §5.1].
pub fn prepare(list: &StatusList, publication: &Publication, signatory: Signatory<'_>) -> PreparedToken {
    let header = JwtHeader::new(Typ::STATUS_LIST, KeyHint::Kid(signatory.key_id.as_str()));
    let claims = claims(list, publication, signatory.key_id.did().as_str());
    sinpyo_jose::prepare(header, &claims, signatory.key)
}

/// As [`prepare`], by `publisher`, with its certificates in the header [HAIP 1.0 §6.1].
///
/// # Errors
/// The certificate does not name the publisher.
pub fn prepare_certified(
    list: &StatusList,
    publication: &Publication,
    publisher: &str,
    signatory: CertifiedSignatory<'_>,
) -> Result<PreparedToken, IssueError> {
    if !signatory.speaks_for(publisher) {
        return Err(IssueError::Issuer); // [VCJ-06]
    }
    let claims = claims(list, publication, publisher);
    Ok(sinpyo_jose::prepare(signatory.header(Typ::STATUS_LIST), &claims, signatory.chain.key()))
}

fn claims(list: &StatusList, publication: &Publication, publisher: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    put("sub", json!(publication.uri));
    put("iss", json!(publisher));
    put("iat", json!(publication.issued_at.unix()));
    put("status_list", json!({"bits": list.bits(), "lst": list.to_lst()}));
    if let Some(expires) = publication.expires {
        put("exp", json!(expires.unix()));
    }
    if let Some(ttl) = publication.ttl {
        put("ttl", json!(ttl.as_secs()));
    }
    claims
}

/// Reads the claims of a Token Status List that is found at `uri`.
pub(super) fn read(
    claims: &Map<String, Value>,
    uri: &str,
    publisher: Publisher,
    now: Timestamp,
) -> Result<VerifiedStatusList, StatusError> {
    if claims.get("sub").and_then(Value::as_str) != Some(uri) {
        return Err(StatusError::OtherList); // [STL-02]
    }
    if claims.get("iss").is_some_and(|iss| iss.as_str() != Some(publisher.as_str())) {
        return Err(StatusError::Member("iss"));
    }
    let times = Times::from_claims(claims)?;
    times.check(now)?;
    let ttl = match claims.get("ttl").map(Value::as_u64) {
        None => None,
        Some(Some(seconds @ 1..)) => Some(Duration::from_secs(seconds)),
        Some(_) => return Err(StatusError::Member("ttl")), // [STL-03]
    };
    let packed = claims.get("status_list").ok_or(StatusError::Member("status_list"))?;
    let bits = packed.get("bits").and_then(Value::as_u64).and_then(|bits| u8::try_from(bits).ok());
    let text = packed.get("lst").and_then(Value::as_str).ok_or(StatusError::Member("lst"))?;
    let list =
        StatusList::from_lst(bits.ok_or(StatusError::Member("bits"))?, text).map_err(StatusError::List)?;
    let issued_at = times.issued_at.ok_or(StatusError::Member("iat"))?;
    let publication = Publication { uri: uri.to_owned(), issued_at, expires: times.expires, ttl };
    Ok(VerifiedStatusList { list, purpose: None, publisher, publication, at: now })
}
