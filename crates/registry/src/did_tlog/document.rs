//! Which DID documents the log keeps.

use super::OperationError;
use serde_json::{Map, Value};
use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
};
use sinpyo_crypto::VerifyingKey;
use std::collections::HashSet;

/// Most services of one document.
const MAX_SERVICES: usize = 16;

/// Reads the document of an operation on `did`.
///
/// The document must be exactly what its typed form prints: an organisation's keys, for itself, and services at
/// https addresses. Free text has no place in it, nor have keys that nobody here can use.
pub(super) fn read(members: &Map<String, Value>, did: &Did) -> Result<DidDocument, OperationError> {
    const REFUSED: OperationError = OperationError::Document;
    let document = DidDocument::from_json(members).map_err(|_| REFUSED)?; // [TLOG-17]
    if document.id() != did || document.to_json() != *members {
        return Err(REFUSED);
    }
    let own = |id: &str| {
        id.strip_prefix(did.as_str()).and_then(|rest| rest.strip_prefix('#')).is_some_and(is_label)
    };
    // What an id of the document leads to is one thing.
    let ids = || {
        let methods = document.methods().iter().map(|method| method.id.as_str());
        methods.chain(document.services().iter().map(|service| service.id.as_str()))
    };
    let fine = document.services().len() <= MAX_SERVICES
        && are_distinct(ids())
        && are_distinct(document.also_known_as().iter().map(|name| &**name))
        && document.also_known_as().iter().all(|name| is_uri(name))
        && document
            .methods()
            .iter()
            .all(|method| own(method.id.as_str()) && method.controller == *did && is_usable(&method.key))
        && VerificationRelationship::ALL.iter().all(|relationship| {
            // Every reference leads to a key of this document.
            let references = members.get(relationship.name()).and_then(Value::as_array).map_or(0, Vec::len);
            document.keys_for(*relationship).count() == references
        })
        && document.services().iter().all(|service| {
            own(&service.id) && is_label(&service.kind) && service.endpoint.as_str().is_some_and(is_uri)
        });
    if fine { Ok(document) } else { Err(REFUSED) }
}

/// Checks that `next` says of the keys of `previous`, the version before, nothing that a thief of the update key would
/// like to be forgotten.
///
/// It is enough to look one version back: a revoked key is in every version since.
pub(super) fn check_continuity(previous: &DidDocument, next: &DidDocument) -> Result<(), OperationError> {
    for old in previous.methods() {
        let new = next.methods().iter().find(|method| method.id == old.id);
        if let Some(revoked) = old.revoked {
            let kept = |new: &VerificationMethod| {
                new.key == old.key && new.revoked.is_some_and(|again| again <= revoked)
            };
            if !new.is_some_and(kept) {
                return Err(OperationError::Reinstated); // [TLOG-24]
            }
        } else if new.is_some_and(|new| new.key != old.key) {
            return Err(OperationError::Renamed); // [TLOG-25]
        }
    }
    Ok(())
}

/// A key of a supported algorithm, in the one form that this algorithm's keys have.
fn is_usable(key: &PublicKeyMaterial) -> bool {
    match key {
        PublicKeyMaterial::Multikey(key) => {
            VerifyingKey::from_multikey(key).is_ok_and(|parsed| parsed.to_multikey() == *key)
        }
        PublicKeyMaterial::Jwk(key) => {
            VerifyingKey::from_jwk(key).is_ok_and(|parsed| parsed.to_jwk().members() == key.members())
        }
    }
}

fn are_distinct<'a>(mut texts: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = HashSet::new();
    texts.all(|text| seen.insert(text))
}

fn is_label(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The address of an organisation's server, or another DID of it.
///
/// Without query, fragment and user information: what the log keeps for ever names places, and nothing that somebody
/// asked there.
fn is_uri(text: &str) -> bool {
    let place = |rest: &str| {
        let authority = rest.split('/').next().unwrap_or_default();
        !authority.is_empty() && !authority.contains('@')
    };
    text.len() <= 512
        // The characters of RFC 3986. Without braces, so that no second text has the same identifier.
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/[]@!$&'()*+,;=%".contains(&b))
        && (text.strip_prefix("https://").is_some_and(place) || text.parse::<Did>().is_ok())
}
