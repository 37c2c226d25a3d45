//! How an operation changes the state of its DID.

use super::{
    DidHead, OperationError, document,
    keys::UpdateKey,
    operation::{DidOperation, Parameters, VersionId, entry_hash, self_certifying_id, shown_key},
    place::Place,
};
use crate::{
    engine::{Position, StateView, StateWrite},
    form,
    log_keys::OwnKeys,
};
use serde_json::{Map, Value};
use sinpyo_core::{document::DidDocument, json};

/// The state that the operation `op` at position `at` leads to.
pub(crate) fn apply(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
) -> Result<Vec<StateWrite>, OperationError> {
    let operation = DidOperation::read(op)?;
    let (signer, key) = UpdateKey::of_method(&form::signer(op)?)?;
    let current = DidHead::read(state, &operation.did).map_err(OperationError::Engine)?;
    let mut place = Place::find(state, &operation, current, &signer)?;
    check_chain(op, &operation, place.base())?;
    check_parameters(state, &operation, &place)?;
    if let Some(base) = place.base().filter(|_| !operation.parameters.deactivated) {
        document::check_continuity(base.document(), &operation.document)?;
    }
    check_authority(&operation, &place, &signer)?;
    check_separation(state, &operation)?;
    form::check_proof(op, &key, at.time)?;
    place.check_reach(state, at, &operation, op)?;

    let did = operation.did.clone();
    let Parameters { update_keys, recovery_keys, .. } = &operation.parameters;
    let shown = update_keys.iter().chain(recovery_keys).flatten().chain([&signer]);
    let mut writes: Vec<StateWrite> =
        shown.map(|key| StateWrite { key: shown_key(&did, &key.hash()), value: Some(Vec::new()) }).collect();
    let (head, moved) = place.succeed(state, at, operation).map_err(OperationError::Engine)?;
    writes.extend(moved);
    writes.push(head.write());
    Ok(writes)
}

/// Checks that the operation is chained to the version that it follows, or is the first by its own hash.
fn check_chain(
    op: &Map<String, Value>,
    operation: &DidOperation,
    base: Option<&DidHead>,
) -> Result<(), OperationError> {
    let scid = operation.did.method_specific_id();
    let previous = match base {
        None if self_certifying_id(op, scid) != scid => return Err(OperationError::Scid), // [TLOG-05]
        None => scid,
        Some(base) => base.version.as_str(),
    };
    if operation.version != VersionId::new(operation.version.number(), &entry_hash(op, previous)) {
        return Err(OperationError::Chain); // [TLOG-06]
    }
    Ok(())
}

/// Checks what the operation sets.
fn check_parameters(
    state: &dyn StateView,
    operation: &DidOperation,
    place: &Place,
) -> Result<(), OperationError> {
    let Parameters { update_keys, next_key_hashes, recovery_keys, deactivated } = &operation.parameters;
    let base = place.base();
    if *deactivated {
        let bare = base.is_some()
            && update_keys.as_ref().is_some_and(Vec::is_empty)
            && next_key_hashes.as_ref().is_none_or(Vec::is_empty)
            && recovery_keys.is_none()
            && operation.document == DidDocument::new(operation.did.clone());
        return if bare { Ok(()) } else { Err(OperationError::Deactivation) }; // [TLOG-18]
    }
    if update_keys.as_ref().is_some_and(Vec::is_empty) || base.is_none() && update_keys.is_none() {
        return Err(OperationError::Keys);
    }
    let recoverable = base.is_some_and(|base| !base.recovery_keys.is_empty());
    if recovery_keys.is_some() && recoverable && place.rank().is_none() {
        return Err(OperationError::RecoveryKeys); // [TLOG-29]
    }
    if place.rank().is_some() {
        // Nothing that a thief may have left behind stays in force by silence.
        if update_keys.is_none() || next_key_hashes.is_none() {
            return Err(OperationError::Unrenewed); // [TLOG-26]
        }
    } else {
        check_announced(base, update_keys.as_deref(), next_key_hashes.is_some())?;
    }
    let recovery = recovery_keys.as_ref().or_else(|| base.map(|base| &base.recovery_keys));
    let updating = update_keys.as_ref().or_else(|| base.map(|base| &base.update_keys));
    if updating.into_iter().flatten().any(|key| recovery.is_some_and(|recovery| recovery.contains(key))) {
        return Err(OperationError::Keys);
    }
    for hash in next_key_hashes.iter().flatten() {
        let listed_here = update_keys.iter().chain(recovery_keys).flatten().any(|key| key.hash() == *hash);
        let shown = state.get(&shown_key(&operation.did, hash)).map_err(OperationError::Engine)?.is_some();
        if listed_here || shown {
            return Err(OperationError::Reused); // [TLOG-15]
        }
    }
    Ok(())
}

/// Where keys were announced, checks that the operation lists them and no other.
fn check_announced(
    base: Option<&DidHead>,
    update_keys: Option<&[UpdateKey]>,
    announces: bool,
) -> Result<(), OperationError> {
    let announced = base.map_or(&[][..], |base| &base.next_key_hashes);
    if announced.is_empty() {
        return Ok(());
    }
    let (Some(keys), true) = (update_keys, announces) else {
        return Err(OperationError::Unlisted); // [TLOG-13]
    };
    if keys.iter().any(|key| !announced.contains(&key.hash())) {
        return Err(OperationError::Unannounced); // [TLOG-14]
    }
    Ok(())
}

/// Checks that `signer` may make this operation.
///
/// The first one is signed by a key that it lists itself. Afterwards a recovery key of the version before may sign, or
/// an update key of it; if that version announced keys, then one of those.
fn check_authority(
    operation: &DidOperation,
    place: &Place,
    signer: &UpdateKey,
) -> Result<(), OperationError> {
    let listed = operation.parameters.update_keys.iter().flatten().any(|key| key == signer);
    let allowed = match place.base() {
        None => listed,
        Some(_) if place.rank().is_some() => true,
        Some(base) if base.next_key_hashes.is_empty() => base.update_keys.contains(signer),
        Some(base) => {
            base.next_key_hashes.contains(&signer.hash()) && (listed || operation.parameters.deactivated)
        }
    };
    if allowed { Ok(()) } else { Err(OperationError::Stranger) } // [TLOG-12]
}

/// Refuses keys of the log itself: what signs checkpoints signs nothing else.
fn check_separation(state: &dyn StateView, operation: &DidOperation) -> Result<(), OperationError> {
    let ours = OwnKeys::read(state).map_err(OperationError::Engine)?;
    let Parameters { update_keys, recovery_keys, .. } = &operation.parameters;
    let mut keys = update_keys.iter().chain(recovery_keys).flatten();
    let shared = keys.any(|key| ours.contains(key.as_str())) || ours.are_in(&operation.document);
    if shared { Err(OperationError::LogKey) } else { Ok(()) } // [TLOG-38]
}

/// The name of the version that an entry makes.
pub(crate) fn version_in(entry: &[u8]) -> Option<VersionId> {
    json::parse_object(entry).ok()?.get("op")?.get("versionId")?.as_str()?.parse().ok()
}

/// The document in an entry that the fold accepted, and whether the entry takes the DID out of use.
pub(crate) fn document_of(entry: &[u8]) -> Option<(DidDocument, bool)> {
    let entry = json::parse_object(entry).ok()?;
    let op = entry.get("op")?;
    let deactivated = op.get("parameters")?.get("deactivated").is_some();
    DidDocument::from_json(op.get("document")?.as_object()?).ok().map(|document| (document, deactivated))
}
