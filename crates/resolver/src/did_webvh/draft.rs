//! Entries, drafted by those who control a DID.

use super::{
    DidLog, Entry, Parameters, VersionId, WebvhError,
    entry::{PLACEHOLDER, entry_hash, replaced, self_certifying_id},
    parameters::METHOD,
    witness::prepare_proof,
};
use serde_json::{Map, Value, json};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{SignError, data_integrity::PreparedProof};

/// An entry that nobody has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct DraftEntry {
    members: Map<String, Value>,
    id: VersionId,
    at: Timestamp,
}

/// The first entry of a new DID that is published at `place`, the part of the identifier that names host, port and path.
///
/// `document` gets the DID to write the document for, with a placeholder for the hash that is not yet known. To be
/// signed by one of `parameters.update_keys`.
///
/// # Errors
/// The parameters name no update key, or the document is not strict JSON.
pub fn create(
    place: &str,
    parameters: &Parameters,
    at: Timestamp,
    document: impl FnOnce(&str) -> Map<String, Value>,
) -> Result<DraftEntry, DraftError> {
    if parameters.update_keys.as_ref().is_none_or(Vec::is_empty) {
        return Err(DraftError::NoKeys);
    }
    let mut parameters = parameters.to_json();
    parameters.insert("method".to_owned(), json!(METHOD));
    parameters.insert("scid".to_owned(), json!(PLACEHOLDER));
    let state = document(&format!("did:webvh:{PLACEHOLDER}:{place}"));
    let members = assemble(PLACEHOLDER, parameters, state, at);
    let scid = self_certifying_id(&members, PLACEHOLDER).map_err(DraftError::Document)?;
    let members = replaced(&members, PLACEHOLDER, &scid).map_err(DraftError::Document)?;
    Ok(DraftEntry::new(members, 1, &scid, at))
}

impl DidLog {
    /// An entry that gives the DID another document, and sets what `parameters` say. To be signed by an update key of
    /// the newest version or, if keys were announced, by one of `parameters.update_keys`.
    ///
    /// # Errors
    /// The log is not valid to its end, or out of use.
    pub fn update(
        &self,
        parameters: &Parameters,
        document: Map<String, Value>,
        at: Timestamp,
    ) -> Result<DraftEntry, DraftError> {
        let newest = match (self.versions.last(), &self.broken) {
            (Some(newest), None) if !newest.active.deactivated => newest,
            _ => return Err(DraftError::Unusable),
        };
        let previous = newest.id();
        let members = assemble(previous.as_str(), parameters.to_json(), document, at);
        Ok(DraftEntry::new(members, previous.number().saturating_add(1), previous.as_str(), at))
    }

    /// An entry that takes the DID out of use for good, and leaves the document as it is.
    ///
    /// # Errors
    /// As [`DidLog::update`], or keys are announced: an entry that announces none must come first.
    pub fn deactivate(&self, at: Timestamp) -> Result<DraftEntry, DraftError> {
        let newest = self.versions.last().ok_or(DraftError::Unusable)?;
        if newest.active.announces() {
            return Err(DraftError::Announced);
        }
        let parameters =
            Parameters { update_keys: Some(Vec::new()), deactivated: Some(true), ..Parameters::default() };
        self.update(&parameters, newest.entry().state().clone(), at)
    }
}

fn assemble(
    version: &str,
    parameters: Map<String, Value>,
    state: Map<String, Value>,
    at: Timestamp,
) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("versionId".to_owned(), json!(version));
    members.insert("versionTime".to_owned(), json!(at.to_string()));
    members.insert("parameters".to_owned(), Value::Object(parameters));
    members.insert("state".to_owned(), Value::Object(state));
    members
}

impl DraftEntry {
    fn new(mut members: Map<String, Value>, number: u64, previous: &str, at: Timestamp) -> Self {
        let id = VersionId::new(number, &entry_hash(&members, previous));
        members.insert("versionId".to_owned(), json!(id.as_str()));
        Self { members, id, at }
    }

    /// The name of the version.
    pub const fn id(&self) -> &VersionId {
        &self.id
    }

    /// The document; that of a first entry names the real DID.
    pub fn state(&self) -> Option<&Map<String, Value>> {
        self.members.get("state").and_then(Value::as_object)
    }

    /// Computes what `key` has to sign.
    ///
    /// # Errors
    /// The key is no Ed25519 key.
    pub fn prepare(self, key: &VerifyingKey) -> Result<PreparedEntry, SignError> {
        prepare_proof(self.members, key, self.at).map(PreparedEntry)
    }
}

/// An entry that waits for its signature.
#[derive(Debug)]
#[must_use]
pub struct PreparedEntry(PreparedProof);

impl PreparedEntry {
    /// The bytes to sign, in full.
    pub fn signing_input(&self) -> &[u8] {
        self.0.signing_input()
    }

    /// The signed entry, for [`DidLog::start`] or [`DidLog::append`], which check whether it fits.
    ///
    /// # Errors
    /// The signature is not one by the announced key.
    pub fn attach(self, signature: &[u8]) -> Result<Entry, AttachError> {
        let mut members = self.0.attach(signature).map_err(AttachError::Signature)?;
        if let Some(proof) = members.remove("proof") {
            members.insert("proof".to_owned(), Value::Array(vec![proof]));
        }
        Entry::from_members(members).map_err(AttachError::Entry)
    }
}

/// Why no entry could be drafted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// A first entry needs an update key.
    #[error("a first entry needs an update key")]
    NoKeys,
    /// The log is not valid to its end, empty, or out of use.
    #[error("nothing can follow this log")]
    Unusable,
    /// Keys are announced, so that the next entry has to list them.
    #[error("the announcement of keys has to be ended first")]
    Announced,
    /// The document is not strict JSON.
    #[error("the document is refused")]
    Document(#[source] WebvhError),
}

/// Why a signature did not make an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// It is not one by the announced key.
    #[error("the signature is refused")]
    Signature(#[source] SignError),
    /// The draft had no form that an entry can have.
    #[error("the entry is malformed")]
    Entry(#[source] WebvhError),
}
