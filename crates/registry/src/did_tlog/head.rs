//! The newest version of a DID.

use super::{
    keys::{KeyHash, UpdateKey},
    operation::VersionId,
};
use crate::engine::{EngineError, StateView, StateWrite};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sinpyo_core::{did::Did, document::DidDocument};

/// The newest version of a DID: what the next operation has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidHead {
    pub(super) version: VersionId,
    pub(super) update_keys: Vec<UpdateKey>,
    pub(super) next_key_hashes: Vec<KeyHash>,
    pub(super) recovery_keys: Vec<UpdateKey>,
    /// The lowest version that the state still keeps in full; 0: none.
    pub(super) kept_from: u64,
    pub(super) deactivated: bool,
    pub(super) document: DidDocument,
}

impl DidHead {
    /// The DID.
    pub const fn did(&self) -> &Did {
        self.document.id()
    }

    /// The name of the version.
    pub const fn version(&self) -> &VersionId {
        &self.version
    }

    /// The keys that may sign the next operation, unless others were announced.
    pub fn update_keys(&self) -> &[UpdateKey] {
        &self.update_keys
    }

    /// The announcements of the next update keys; empty if pre-rotation is not in use.
    pub fn next_key_hashes(&self) -> &[KeyHash] {
        &self.next_key_hashes
    }

    /// The keys that may set operations aside, the highest first; empty if recovery is not in use.
    pub fn recovery_keys(&self) -> &[UpdateKey] {
        &self.recovery_keys
    }

    /// Whether the DID is out of use for good; except that a recovery key may set that aside, for 72 hours.
    pub const fn is_deactivated(&self) -> bool {
        self.deactivated
    }

    /// The document.
    pub const fn document(&self) -> &DidDocument {
        &self.document
    }

    /// The newest version of `did` in `state`.
    ///
    /// # Errors
    /// The engine failed, or the state is damaged.
    pub fn read(state: &dyn StateView, did: &Did) -> Result<Option<Self>, EngineError> {
        Self::read_key(state, &head_key(did))
    }

    /// Version `number` of `did`, if a recovery can still begin there.
    ///
    /// # Errors
    /// The engine failed, or the state is damaged.
    pub fn read_base(state: &dyn StateView, did: &Did, number: u64) -> Result<Option<Self>, EngineError> {
        Self::read_key(state, &base_key(did, number))
    }

    fn read_key(state: &dyn StateView, key: &[u8]) -> Result<Option<Self>, EngineError> {
        match state.get(key)? {
            Some(bytes) => Self::from_bytes(&bytes).map(Some).ok_or(EngineError::CorruptState),
            None => Ok(None),
        }
    }

    pub(super) fn write(&self) -> StateWrite {
        StateWrite { key: head_key(self.did()), value: Some(self.to_bytes()) }
    }

    /// Keeps this version, which is no longer the newest, for a recovery.
    pub(super) fn keep(&self) -> StateWrite {
        StateWrite { key: base_key(self.did(), self.version.number()), value: Some(self.to_bytes()) }
    }

    /// Keeps it no longer.
    pub(super) fn forget(did: &Did, number: u64) -> StateWrite {
        StateWrite { key: base_key(did, number), value: None }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: HeadWire = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            version: wire.version.parse().ok()?,
            // Checked before they were written; parsing curve points again would slow every resolution.
            update_keys: wire.update_keys.into_iter().map(UpdateKey::from_state).collect(),
            next_key_hashes: wire.next_key_hashes.into_iter().map(KeyHash::from_state).collect(),
            recovery_keys: wire.recovery_keys.into_iter().map(UpdateKey::from_state).collect(),
            kept_from: wire.kept_from,
            deactivated: wire.deactivated,
            document: DidDocument::from_json(&wire.document).ok()?,
        })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let texts = |keys: &[UpdateKey]| keys.iter().map(UpdateKey::as_str).collect::<Value>();
        let wire = json!({
            "version": self.version.as_str(),
            "update_keys": texts(&self.update_keys),
            "next_key_hashes": self.next_key_hashes.iter().map(KeyHash::as_str).collect::<Value>(),
            "recovery_keys": texts(&self.recovery_keys),
            "kept_from": self.kept_from,
            "deactivated": self.deactivated,
            "document": self.document.to_json(),
        });
        wire.to_string().into_bytes()
    }
}

#[derive(Deserialize)]
struct HeadWire {
    version: String,
    update_keys: Vec<String>,
    next_key_hashes: Vec<String>,
    // Absent in states that were written before there was recovery.
    #[serde(default)]
    recovery_keys: Vec<String>,
    #[serde(default)]
    kept_from: u64,
    deactivated: bool,
    document: Map<String, Value>,
}

fn head_key(did: &Did) -> Vec<u8> {
    format!("did/{did}").into_bytes()
}

fn base_key(did: &Did, number: u64) -> Vec<u8> {
    format!("did/{did}/base/{number}").into_bytes()
}
