//! `GET /accreditations/{did}`: what an organisation may do, and by whose word.

use crate::{
    Call,
    did::{did_of, unstated},
    problem,
    query::malformed,
};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::{Grant, Right},
    credential::CredentialType,
    did::Did,
    time::Timestamp,
};
use sinpyo_registry::{
    ProveLatestError,
    accreditation::{AccreditationRecord, LookupError},
};
use sinpyo_web::{answer, problem::Refusal};

/// Most accreditations in a list: the newest.
const MOST: usize = 256;

/// All of them, or the chain and the proof of one right.
pub(crate) fn accreditations(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let subject = did_of(call.part("did"))?;
    let at = call.query.optional("at")?.unwrap_or(call.now);
    let body = match call.query.text("right") {
        Some(right) => chain(call, &subject, &right_of(right).ok_or_else(|| malformed("right"))?, at)?,
        None => list(call, &subject, at)?,
    };
    Ok(answer::json(StatusCode::OK, &body))
}

/// `issue:<type>` or `request:<service code>`.
fn right_of(text: &str) -> Option<Right> {
    match text.split_once(':')? {
        ("issue", kind) => kind.parse().ok().map(Right::Issue),
        ("request", service) => service.parse().ok().map(Right::Request),
        _ => None,
    }
}

/// The proof is what convinces, so it comes also with a right that is not in effect: what is suspended today may have been
/// good at the time that matters to somebody.
fn chain(call: &Call<'_>, subject: &Did, right: &Right, at: Timestamp) -> Result<Value, Refusal> {
    let ledger = call.api.ledger;
    let (chain, refused) = match ledger.accreditation(subject, right, at) {
        Ok(chain) => (chain.records().iter().map(|record| record_json(record, at)).collect(), None),
        Err(LookupError::Engine(error)) => return Err(problem::failed(&error)),
        Err(error) => (json!([]), Some(error.code())),
    };
    let proof = match ledger.prove_accreditation_latest(subject, right, call.now) {
        Err(ProveLatestError::NoKey) => {
            ledger.prove_accreditation(subject, right).map_err(|error| problem::unproven(&error))?
        }
        other => other.map_err(|error| unstated(&error))?,
    };
    let proof: Value = serde_json::from_str(&proof.to_string()).map_err(|error| problem::failed(&error))?;
    let at = at.to_string();
    Ok(json!({"subject": subject.as_str(), "at": at, "chain": chain, "refused": refused, "proof": proof}))
}

fn list(call: &Call<'_>, subject: &Did, at: Timestamp) -> Result<Value, Refusal> {
    let state = call.api.engine.state().map_err(|error| problem::failed(&error))?;
    let records = AccreditationRecord::of(&*state, subject).map_err(|error| problem::failed(&error))?;
    let newest: Value = records.iter().rev().take(MOST).map(|record| record_json(record, at)).collect();
    Ok(json!({"subject": subject.as_str(), "at": at.to_string(), "accreditations": newest}))
}

/// An accreditation as people read it; what proves it are the entries that it names.
fn record_json(record: &AccreditationRecord, at: Timestamp) -> Value {
    let accreditation = record.accreditation();
    let changes = record.changes().iter().map(|change| {
        let position = change.position;
        json!({"status": change.status.name(), "index": position.index, "time": position.time.to_string()})
    });
    json!({
        "id": record.id().as_str(),
        "subject": accreditation.subject.as_str(),
        "name": {"ko": accreditation.name.ko, "en": accreditation.name.en},
        "grantedBy": accreditation.granted_by.as_str(),
        "grant": grant_json(&accreditation.grant),
        "validFrom": accreditation.validity.from.map(|time| time.to_string()),
        "validUntil": accreditation.validity.until.map(|time| time.to_string()),
        "status": record.status_at(at).name(),
        "inEffect": record.is_in_effect(at),
        "index": record.position().index,
        "time": record.position().time.to_string(),
        "changes": changes.collect::<Value>(),
    })
}

fn grant_json(grant: &Grant) -> Value {
    let texts = |types: &[CredentialType]| types.iter().map(|kind| json!(kind.as_str())).collect::<Value>();
    match grant {
        Grant::Issue { types } => json!({"issue": texts(types)}),
        Grant::Accredit { types } => json!({"accredit": texts(types)}),
        Grant::Request { service, scope } => {
            let scope: Map<String, Value> = scope
                .iter()
                .map(|(kind, paths)| {
                    (kind.as_str().to_owned(), paths.iter().map(|path| json!(path.to_string())).collect())
                })
                .collect();
            json!({"request": service.as_str(), "scope": scope})
        }
    }
}
