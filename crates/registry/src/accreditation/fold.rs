//! How operations change accreditations.

use super::{
    AccreditationError, grant as form_of_grant,
    record::{self, AccreditationId, AccreditationRecord, AccreditationStatus, StatusChange},
    search::may_grant,
    shelf::{self, Source},
};
use crate::{
    engine::{Position, StateView, StateWrite},
    fold::{AssertionKeyError, assertion_key},
    form::{self, FormError, Members, multihash},
};
use serde_json::{Map, Value};
use sinpyo_core::{accreditation::Accreditation, did::Did, jcs};
use sinpyo_crypto::VerifyingKey;
use std::time::Duration;

/// Longest operation on an accreditation, in bytes. A search reads many of them.
const MAX_LENGTH: usize = 8_192;

/// Most accreditations that one organisation gives another and that are not over.
const MAX_CURRENT: usize = 64;

/// Most changes of one accreditation, its end and its withdrawal not counted.
const MAX_CHANGES: usize = 100;

/// How far a period may begin before ledger time: issuers round the times of what they issue down to the day.
const BACKDATING: Duration = Duration::from_hours(24);

/// The name of the accreditation that `op` states.
pub(super) fn id_of(op: &Map<String, Value>) -> String {
    let mut hashed = op.clone();
    hashed.remove("id");
    hashed.remove("proof");
    multihash(&jcs::canonicalize_object(&hashed))
}

/// The state that the accreditation `op` at position `at` leads to.
pub(crate) fn grant(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
    root: &Did,
) -> Result<Vec<StateWrite>, AccreditationError> {
    check_length(op)?;
    let accreditation = form_of_grant::read(Members(op))?;
    let id = Members(op).text("id")?;
    if id != id_of(op) {
        return Err(AccreditationError::Id); // [ACC-01]
    }
    let id: AccreditationId = id.parse().map_err(|_| AccreditationError::Id)?;
    let validity = accreditation.validity;
    let backdated = validity.from.is_none_or(|from| from < at.time.minus(BACKDATING));
    if backdated || validity.until.is_some_and(|until| validity.from.is_some_and(|from| until < from)) {
        return Err(AccreditationError::Period); // [ACC-06]
    }
    if AccreditationRecord::read(state, &id).map_err(AccreditationError::Engine)?.is_some() {
        return Err(AccreditationError::Exists); // [ACC-07]
    }
    // First what costs little: nobody makes the log search without a signature.
    let key = key_of(state, &accreditation.granted_by, op)?;
    form::check_proof(op, &key, at.time)?; // [ACC-18]
    let entitled = may_grant(state, root, &accreditation, at.time);
    if entitled.map_err(AccreditationError::Engine)?.is_none() {
        return Err(AccreditationError::NotEntitled); // [ACC-03]
    }
    let mut kept = op.clone();
    kept.remove("proof");
    let record = AccreditationRecord {
        id,
        accreditation,
        position: at,
        changes: Vec::new(),
        void: false,
        void_changes: Vec::new(),
        op: kept,
    };
    let Accreditation { granted_by, subject, .. } = &record.accreditation;
    let mut current = record::current(state, granted_by, subject).map_err(AccreditationError::Engine)?;
    current.retain(|record| !record.is_over(at.time));
    if current.len() >= MAX_CURRENT {
        return Err(AccreditationError::TooMany); // [ACC-11]
    }
    current.push(record.clone());
    let source = if granted_by == root { Source::Root } else { Source::Others };
    let mut writes = shelf::put(state, source, &record).map_err(AccreditationError::Engine)?;
    writes.extend([record.write(), record::write_current(granted_by, subject, &current)]);
    Ok(writes)
}

/// Refuses operations that would make others' searches slow.
fn check_length(op: &Map<String, Value>) -> Result<(), AccreditationError> {
    let length = jcs::canonicalize_object(op).len();
    if length > MAX_LENGTH { Err(AccreditationError::TooLong) } else { Ok(()) } // [ACC-15]
}

/// The state that the change of status `op` at position `at` leads to.
pub(crate) fn change(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
) -> Result<Vec<StateWrite>, AccreditationError> {
    check_length(op)?;
    let members =
        Members(op).exactly(&["type", "accreditation", "version", "status", "by", "log", "proof"], &[])?;
    let id: AccreditationId = members.parsed("accreditation")?;
    let by: Did = members.parsed("by")?;
    let status =
        AccreditationStatus::from_name(members.text("status")?).ok_or(FormError::Member("status"))?;
    let record = AccreditationRecord::read_whole(state, &id).map_err(AccreditationError::Engine)?;
    let mut record = record.filter(|record| !record.void).ok_or(AccreditationError::Unknown)?; // [ACC-08]
    if record.accreditation.granted_by != by {
        return Err(AccreditationError::Stranger); // [ACC-02]
    }
    let key = key_of(state, &by, op)?;
    form::check_proof(op, &key, at.time)?;
    let now = record.status();
    if now.is_final() && (now == AccreditationStatus::Revoked || status != AccreditationStatus::Revoked) {
        return Err(AccreditationError::Final); // [ACC-10]
    }
    if members.number("version")? != record.version() + 1 || status == now {
        return Err(AccreditationError::Order); // [ACC-09]
    }
    // To end it and to withdraw it is always possible.
    if record.changes.len() >= MAX_CHANGES && !status.is_final() {
        return Err(AccreditationError::TooManyChanges); // [ACC-19]
    }
    record.changes.push(StatusChange { status, position: at });
    Ok(vec![record.write()])
}

/// The key that the proof of `op` names, if `by` may make statements with it now.
fn key_of(
    state: &dyn StateView,
    by: &Did,
    op: &Map<String, Value>,
) -> Result<VerifyingKey, AccreditationError> {
    let signer = form::signer(op)?;
    if signer.did() != *by {
        return Err(AccreditationError::Stranger);
    }
    assertion_key(state, &signer).map_err(|error| match error {
        AssertionKeyError::Unauthorised => AccreditationError::Stranger,
        AssertionKeyError::Engine(error) => AccreditationError::Engine(error),
    })
}
