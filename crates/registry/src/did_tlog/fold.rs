//! The state of each DID, and how an operation changes it.

use super::{
    OperationError, document,
    keys::{KeyHash, UpdateKey},
    operation::{DidOperation, MAX_VERSIONS, Parameters, VersionId, entry_hash, self_certifying_id},
};
use crate::{
    engine::{EngineError, Position, StateView, StateWrite},
    form,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sinpyo_core::{did::Did, document::DidDocument, json, time::Timestamp};

/// The newest version of a DID: what the next operation has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidHead {
    pub(super) version: VersionId,
    pub(super) update_keys: Vec<UpdateKey>,
    pub(super) next_key_hashes: Vec<KeyHash>,
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

    /// Whether the DID is out of use for good.
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
        match state.get(&head_key(did))? {
            Some(bytes) => Self::from_bytes(&bytes).map(Some).ok_or(EngineError::CorruptState),
            None => Ok(None),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: HeadWire = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            version: wire.version.parse().ok()?,
            // Checked before they were written; parsing curve points again would slow every resolution.
            update_keys: wire.update_keys.into_iter().map(UpdateKey::from_state).collect(),
            next_key_hashes: wire.next_key_hashes.into_iter().map(KeyHash::from_state).collect(),
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
    deactivated: bool,
    document: Map<String, Value>,
}

/// Where one version of a DID stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionRecord {
    pub(crate) position: Position,
    pub(crate) id: VersionId,
}

impl VersionRecord {
    pub(crate) fn read(state: &dyn StateView, did: &Did, number: u64) -> Result<Option<Self>, EngineError> {
        let Some(bytes) = state.get(&version_key(did, number))? else { return Ok(None) };
        let text = str::from_utf8(&bytes).ok();
        let record = text.and_then(|text| {
            let mut fields = text.split(' ');
            let index = fields.next()?.parse().ok()?;
            let time = Timestamp::from_unix(fields.next()?.parse().ok()?)?;
            Some(Self { position: Position { index, time }, id: fields.next()?.parse().ok()? })
        });
        record.map(Some).ok_or(EngineError::CorruptState)
    }

    fn write(&self, did: &Did) -> StateWrite {
        let text = format!("{} {} {}", self.position.index, self.position.time.unix(), self.id);
        StateWrite { key: version_key(did, self.id.number()), value: Some(text.into_bytes()) }
    }
}

fn head_key(did: &Did) -> Vec<u8> {
    format!("did/{did}").into_bytes()
}

fn version_key(did: &Did, number: u64) -> Vec<u8> {
    format!("did/{did}/version/{number}").into_bytes()
}

fn shown_key(did: &Did, hash: &KeyHash) -> Vec<u8> {
    format!("did/{did}/shown/{hash}").into_bytes()
}

/// The state that the operation `op` at position `at` leads to.
pub(crate) fn apply(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
) -> Result<Vec<StateWrite>, OperationError> {
    let operation = DidOperation::read(op)?;
    let current = DidHead::read(state, &operation.did).map_err(OperationError::Engine)?;
    check_place(op, &operation, current.as_ref())?;
    let (signer, key) = UpdateKey::of_method(&form::signer(op)?)?;
    check_parameters(state, &operation, current.as_ref())?;
    if let Some(head) = current.as_ref().filter(|_| !operation.parameters.deactivated) {
        document::check_continuity(&head.document, &operation.document)?;
    }
    check_authority(&operation, current.as_ref(), &signer)?;
    form::check_proof(op, &key, at.time)?;

    let did = operation.did.clone();
    let shown = operation.parameters.update_keys.iter().flatten().chain([&signer]);
    let mut writes: Vec<StateWrite> =
        shown.map(|key| StateWrite { key: shown_key(&did, &key.hash()), value: Some(Vec::new()) }).collect();
    writes.push(VersionRecord { position: at, id: operation.version.clone() }.write(&did));
    let head = successor(operation, current);
    writes.push(StateWrite { key: head_key(&did), value: Some(head.to_bytes()) });
    Ok(writes)
}

/// Checks that the operation continues the DID's history, or begins it.
fn check_place(
    op: &Map<String, Value>,
    operation: &DidOperation,
    current: Option<&DidHead>,
) -> Result<(), OperationError> {
    let number = operation.version.number();
    let scid = operation.did.method_specific_id();
    let previous = match current {
        None if number > 1 => return Err(OperationError::UnknownDid), // [TLOG-09]
        None => {
            if self_certifying_id(op, scid) != scid {
                return Err(OperationError::Scid); // [TLOG-05]
            }
            scid
        }
        Some(head) if head.deactivated => return Err(OperationError::Deactivated), // [TLOG-10]
        Some(head) if number <= head.version.number() => return Err(OperationError::Stale), // [TLOG-08]
        Some(head) if number > head.version.number() + 1 => return Err(OperationError::Gap), // [TLOG-07]
        Some(_) if number > MAX_VERSIONS => return Err(OperationError::TooManyVersions), // [TLOG-19]
        Some(head) => head.version.as_str(),
    };
    if operation.version != VersionId::new(number, &entry_hash(op, previous)) {
        return Err(OperationError::Chain); // [TLOG-06]
    }
    Ok(())
}

/// Checks what the operation sets, whoever signed it.
fn check_parameters(
    state: &dyn StateView,
    operation: &DidOperation,
    current: Option<&DidHead>,
) -> Result<(), OperationError> {
    let Parameters { update_keys, next_key_hashes, deactivated } = &operation.parameters;
    if *deactivated {
        let bare = current.is_some()
            && update_keys.as_ref().is_some_and(Vec::is_empty)
            && next_key_hashes.as_ref().is_none_or(Vec::is_empty)
            && operation.document == DidDocument::new(operation.did.clone());
        return if bare { Ok(()) } else { Err(OperationError::Deactivation) }; // [TLOG-18]
    }
    if update_keys.as_ref().is_some_and(Vec::is_empty) || current.is_none() && update_keys.is_none() {
        return Err(OperationError::Keys);
    }
    let announced = current.map_or(&[][..], |head| &head.next_key_hashes);
    if !announced.is_empty() {
        let (Some(keys), Some(_)) = (update_keys, next_key_hashes) else {
            return Err(OperationError::Unlisted); // [TLOG-13]
        };
        if keys.iter().any(|key| !announced.contains(&key.hash())) {
            return Err(OperationError::Unannounced); // [TLOG-14]
        }
    }
    for hash in next_key_hashes.iter().flatten() {
        let listed_here = update_keys.iter().flatten().any(|key| key.hash() == *hash);
        let shown = state.get(&shown_key(&operation.did, hash)).map_err(OperationError::Engine)?.is_some();
        if listed_here || shown {
            return Err(OperationError::Reused); // [TLOG-15]
        }
    }
    Ok(())
}

/// Checks that `signer` may make this operation.
///
/// The first one is signed by a key that it lists itself. Afterwards the keys of the version before decide; if that
/// version announced keys, then those.
fn check_authority(
    operation: &DidOperation,
    current: Option<&DidHead>,
    signer: &UpdateKey,
) -> Result<(), OperationError> {
    let listed = operation.parameters.update_keys.iter().flatten().any(|key| key == signer);
    let allowed = match current {
        None => listed,
        Some(head) if head.next_key_hashes.is_empty() => head.update_keys.contains(signer),
        Some(head) => {
            head.next_key_hashes.contains(&signer.hash()) && (listed || operation.parameters.deactivated)
        }
    };
    if allowed { Ok(()) } else { Err(OperationError::Stranger) } // [TLOG-12]
}

fn successor(operation: DidOperation, current: Option<DidHead>) -> DidHead {
    let (old_keys, old_hashes) =
        current.map_or_else(Default::default, |head| (head.update_keys, head.next_key_hashes));
    let Parameters { update_keys, next_key_hashes, deactivated } = operation.parameters;
    DidHead {
        version: operation.version,
        update_keys: update_keys.unwrap_or(old_keys),
        next_key_hashes: if deactivated { Vec::new() } else { next_key_hashes.unwrap_or(old_hashes) },
        deactivated,
        document: operation.document,
    }
}

/// The document in an entry that the fold accepted.
pub(crate) fn document_of(entry: &[u8]) -> Option<DidDocument> {
    let entry = json::parse_object(entry).ok()?;
    DidDocument::from_json(entry.get("op")?.get("document")?.as_object()?).ok()
}
