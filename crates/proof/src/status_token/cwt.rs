//! Token Status Lists in CWT form [Token Status List §5.2].

use super::{Publication, Publisher, StatusError, VerifiedStatusList};
use crate::{Signatory, credential::IssueError, issuer_key::CertifiedSignatory, jws::Times};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    status::StatusList,
    time::Timestamp,
};
use sinpyo_cose::{
    Expected, Header, Payload, Prepared, Sign1,
    cbor::{Map, Value},
    cwt::{Claims, STATUS_LIST, TTL},
};
use sinpyo_crypto::VerifyingKey;
use std::time::Duration;

/// The type of the message.
pub(super) const TYP: &str = "application/statuslist+cwt";

/// Prepares a Token Status List in CWT form.
pub fn prepare_cwt(list: &StatusList, publication: &Publication, signatory: Signatory<'_>) -> Prepared {
    let kid = Some(signatory.key_id.as_str().as_bytes().to_vec());
    let header = Header { typ: Some(TYP.to_owned()), kid, ..Header::default() };
    let payload = payload(list, publication, signatory.key_id.did().as_str());
    Sign1::prepare(&header, Payload::Attached(&payload), &[], signatory.key)
}

/// As [`prepare_cwt`], by `publisher`, with its certificates in the header.
///
/// # Errors
/// The certificate does not name the publisher.
pub fn prepare_cwt_certified(
    list: &StatusList,
    publication: &Publication,
    publisher: &str,
    signatory: CertifiedSignatory<'_>,
) -> Result<Prepared, IssueError> {
    if !signatory.speaks_for(publisher) {
        return Err(IssueError::Issuer); // [VCJ-06]
    }
    let header = Header {
        typ: Some(TYP.to_owned()),
        kid: signatory.key_id.map(|key_id| key_id.as_str().as_bytes().to_vec()),
        x5chain: signatory.chain.ders().to_vec(),
        ..Header::default()
    };
    let payload = payload(list, publication, publisher);
    Ok(Sign1::prepare(&header, Payload::Attached(&payload), &[], signatory.chain.key()))
}

fn payload(list: &StatusList, publication: &Publication, publisher: &str) -> Vec<u8> {
    let (mut other, mut packed) = (Map::new(), Map::new());
    packed.insert("bits", u64::from(list.bits()));
    // The list knows its compressed form as text only.
    packed.insert("lst", from_base64url(&list.to_lst()).unwrap_or_default());
    other.insert(STATUS_LIST, packed);
    if let Some(ttl) = publication.ttl {
        other.insert(TTL, ttl.as_secs());
    }
    let claims = Claims {
        issuer: Some(publisher.to_owned()),
        subject: Some(publication.uri.clone()),
        issued_at: Some(publication.issued_at),
        expires: publication.expires,
        other,
        ..Claims::default()
    };
    claims.to_bytes()
}

/// Verifies and reads a Token Status List that is found at `uri`.
pub(super) fn read(
    message: &Sign1,
    key: &VerifyingKey,
    uri: &str,
    publisher: Publisher,
    now: Timestamp,
) -> Result<VerifiedStatusList, StatusError> {
    let expected = Expected { typ: Some(TYP), ..Expected::default() };
    let claims = Claims::parse(message.verify(key, &expected)?.payload())?;
    if claims.subject.as_deref() != Some(uri) {
        return Err(StatusError::OtherList); // [STL-02]
    }
    if claims.issuer.as_deref().is_some_and(|issuer| issuer != publisher.as_str()) {
        return Err(StatusError::Member("iss")); // [STL-03]
    }
    let Claims { issued_at, not_before, expires, .. } = claims;
    Times { issued_at, not_before, expires }.check(now)?;
    let ttl = match claims.other.get_int(TTL).map(Value::as_u64) {
        None => None,
        Some(Some(seconds @ 1..)) => Some(Duration::from_secs(seconds)),
        Some(_) => return Err(StatusError::Member("ttl")), // [STL-03]
    };
    let (bits, compressed) = claims.status_list()?;
    let list = StatusList::from_lst(bits, &to_base64url(compressed)).map_err(StatusError::List)?;
    let issued_at = issued_at.ok_or(StatusError::Member("iat"))?; // [STL-03]
    let publication = Publication { uri: uri.to_owned(), issued_at, expires, ttl };
    Ok(VerifiedStatusList { list, purpose: None, publisher, publication, at: now })
}
