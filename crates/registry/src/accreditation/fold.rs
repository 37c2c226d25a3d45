//! How operations change accreditations.

use super::{
    AccreditationError, grant as form_of_grant,
    lookup::may_grant,
    record::{self, AccreditationId, AccreditationRecord, AccreditationStatus, StatusChange},
};
use crate::{
    engine::{Position, StateView, StateWrite},
    fold::{AssertionKeyError, assertion_key},
    form::{self, FormError, Members, multihash},
};
use serde_json::{Map, Value};
use sinpyo_core::{did::Did, jcs};
use sinpyo_crypto::VerifyingKey;
use std::time::Duration;

/// Most accreditations of one subject.
const MAX_OF_SUBJECT: usize = 256;

/// Most changes of one accreditation.
const MAX_CHANGES: usize = 1_000;

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
    let mut ids = record::ids_of(state, &accreditation.subject).map_err(AccreditationError::Engine)?;
    if ids.len() >= MAX_OF_SUBJECT {
        return Err(AccreditationError::TooMany); // [ACC-11]
    }
    let key = key_of(state, &accreditation.granted_by, op)?;
    let entitled = may_grant(state, root, &accreditation.granted_by, &accreditation.grant, at.time);
    if entitled.map_err(AccreditationError::Engine)?.is_none() {
        return Err(AccreditationError::NotEntitled); // [ACC-03]
    }
    form::check_proof(op, &key, at.time)?;
    ids.push(id.clone());
    let list = record::write_ids(&accreditation.subject, &ids);
    let mut kept = op.clone();
    kept.remove("proof");
    let record = AccreditationRecord { id, accreditation, position: at, changes: Vec::new(), op: kept };
    Ok(vec![record.write(), list])
}

/// The state that the change of status `op` at position `at` leads to.
pub(crate) fn change(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
) -> Result<Vec<StateWrite>, AccreditationError> {
    let members =
        Members(op).exactly(&["type", "accreditation", "version", "status", "by", "log", "proof"], &[])?;
    let id: AccreditationId = members.parsed("accreditation")?;
    let by: Did = members.parsed("by")?;
    let status =
        AccreditationStatus::from_name(members.text("status")?).ok_or(FormError::Member("status"))?;
    let record = AccreditationRecord::read(state, &id).map_err(AccreditationError::Engine)?;
    let mut record = record.ok_or(AccreditationError::Unknown)?; // [ACC-08]
    if record.accreditation.granted_by != by {
        return Err(AccreditationError::Stranger); // [ACC-02]
    }
    let key = key_of(state, &by, op)?;
    let now = record.changes.last().map_or(AccreditationStatus::Active, |change| change.status);
    if now == AccreditationStatus::Revoked {
        return Err(AccreditationError::Withdrawn); // [ACC-10]
    }
    if members.number("version")? != record.version() + 1 || status == now {
        return Err(AccreditationError::Order); // [ACC-09]
    }
    // A withdrawal is always possible.
    if record.changes.len() >= MAX_CHANGES && status != AccreditationStatus::Revoked {
        return Err(AccreditationError::TooMany);
    }
    form::check_proof(op, &key, at.time)?;
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
