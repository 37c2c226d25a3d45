//! An operation on a DID, as it is signed.

use super::{
    OperationError, document,
    keys::{KeyHash, MAX_KEYS, UpdateKey},
};
use crate::form::{Members, did, is_multihash, multihash};
use serde_json::{Map, Value};
use sinpyo_core::{did::Did, document::DidDocument, jcs};
use std::{fmt, str::FromStr};

/// Most versions that one DID may have.
pub const MAX_VERSIONS: u64 = 10_000;

/// What stands for the identifier while it is being computed.
const PLACEHOLDER: &str = "{SCID}";

/// The name of one version of a DID: `<number>-<hash>`, chained to the version before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionId {
    number: u64,
    text: Box<str>,
}

impl VersionId {
    pub(super) fn new(number: u64, hash: &str) -> Self {
        Self { number, text: format!("{number}-{hash}").into() }
    }

    /// The number of the version, from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for VersionId {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let (number, hash) = text.split_once('-').ok_or(ParseVersionError)?;
        let value: u64 = number.parse().map_err(|_| ParseVersionError)?;
        let fine = value > 0 && value.to_string() == number && is_multihash(hash);
        if fine { Ok(Self { number: value, text: text.into() }) } else { Err(ParseVersionError) }
    }
}

/// The text names no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a version")]
pub struct ParseVersionError;

/// What an operation sets beside the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    /// `None`: as before.
    pub(super) update_keys: Option<Vec<UpdateKey>>,
    /// `None`: as before.
    pub(super) next_key_hashes: Option<Vec<KeyHash>>,
    /// `None`: as before. The highest first.
    pub(super) recovery_keys: Option<Vec<UpdateKey>>,
    pub(super) deactivated: bool,
}

/// An operation whose form is right and whose hashes fit it. Who signed it, and on what, is the fold's question.
#[derive(Debug)]
pub(super) struct DidOperation {
    pub(super) did: Did,
    pub(super) version: VersionId,
    pub(super) parameters: Parameters,
    pub(super) document: DidDocument,
}

impl DidOperation {
    pub(super) fn read(op: &Map<String, Value>) -> Result<Self, OperationError> {
        let members = Members(op)
            .exactly(&["type", "did", "versionId", "log", "parameters", "document", "proof"], &[])?;
        let did = did(members, "did")?;
        if did.method() != "tlog" || !is_multihash(did.method_specific_id()) {
            return Err(OperationError::Scid);
        }
        let document = document::read(members.object("document")?.0, &did)?;
        let parameters = Parameters::read(members.object("parameters")?)?;
        Ok(Self { version: members.parsed("versionId")?, parameters, document, did })
    }
}

impl Parameters {
    fn read(members: Members<'_>) -> Result<Self, OperationError> {
        let members =
            members.exactly(&[], &["updateKeys", "nextKeyHashes", "recoveryKeys", "deactivated"])?;
        let keys = |name| match members.texts(name, MAX_KEYS)? {
            Some(texts) => {
                let keys: Result<Vec<_>, OperationError> =
                    texts.into_iter().map(|text| UpdateKey::parse(text).map(|(key, _)| key)).collect();
                distinct(keys?).map(Some)
            }
            None => Ok(None),
        };
        let (update_keys, recovery_keys) = (keys("updateKeys")?, keys("recoveryKeys")?);
        let next_key_hashes = match members.texts("nextKeyHashes", MAX_KEYS)? {
            Some(texts) => {
                let hashes: Result<Vec<_>, _> = texts.into_iter().map(KeyHash::parse).collect();
                Some(distinct(hashes?)?)
            }
            None => None,
        };
        let deactivated = match members.0.get("deactivated") {
            None => false,
            // `false` is said by saying nothing, so that each operation has one spelling.
            Some(Value::Bool(true)) => true,
            Some(_) => return Err(OperationError::Deactivation),
        };
        Ok(Self { update_keys, next_key_hashes, recovery_keys, deactivated })
    }

    pub(super) fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        if let Some(keys) = &self.update_keys {
            members.insert("updateKeys".into(), keys.iter().map(UpdateKey::as_str).collect());
        }
        if let Some(hashes) = &self.next_key_hashes {
            members.insert("nextKeyHashes".into(), hashes.iter().map(KeyHash::as_str).collect());
        }
        if let Some(keys) = &self.recovery_keys {
            members.insert("recoveryKeys".into(), keys.iter().map(UpdateKey::as_str).collect());
        }
        if self.deactivated {
            members.insert("deactivated".into(), Value::Bool(true));
        }
        members
    }
}

fn distinct<T: Ord>(values: Vec<T>) -> Result<Vec<T>, OperationError> {
    let unequal =
        values.iter().enumerate().all(|(at, value)| values.iter().skip(at + 1).all(|other| other != value));
    if unequal { Ok(values) } else { Err(OperationError::Keys) }
}

/// The chain hash of an operation: over all but its proof, with the name of the version before in place of its own
/// (the identifier itself, for the first).
pub(super) fn entry_hash(op: &Map<String, Value>, previous: &str) -> String {
    let mut hashed = op.clone();
    hashed.remove("proof");
    hashed.insert("versionId".into(), Value::from(previous));
    multihash(&jcs::canonicalize_object(&hashed))
}

/// The identifier that the first operation of a DID gives itself: the hash of the operation with a placeholder
/// wherever the identifier, here written `scid`, stands.
pub(super) fn self_certifying_id(op: &Map<String, Value>, scid: &str) -> String {
    let mut hashed = op.clone();
    hashed.remove("proof");
    hashed.insert("versionId".into(), Value::from(PLACEHOLDER));
    let text = jcs::canonicalize_object(&hashed);
    // The schema's member names hold no identifier, so that replacing in the canonical text keeps it canonical.
    multihash(&replace(&text, scid.as_bytes(), PLACEHOLDER.as_bytes()))
}

/// `text` with every `from` made `to`.
pub(super) fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

/// Where the state remembers that a key of `did` was shown, so that it is not announced.
pub(super) fn shown_key(did: &Did, hash: &KeyHash) -> Vec<u8> {
    format!("did/{did}/shown/{hash}").into_bytes()
}
