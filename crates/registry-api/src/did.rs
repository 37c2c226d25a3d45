//! What the log knows of a DID: its document, its newest version, its status lists.

use crate::{Call, problem, query::malformed, route::Operation};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use sinpyo_core::{did::Did, encoding::to_base64url};
use sinpyo_registry::{ProveLatestError, did_tlog, heads::Topic};
use sinpyo_resolver::{
    ResolveError,
    http_binding::{Answer, Options, Question, Request, Step, start},
};
use sinpyo_web::{answer, problem::Refusal};

/// The DID of the path.
pub(crate) fn did_of(part: &str) -> Result<Did, Refusal> {
    // All that a careful client encodes in one.
    let text = part.replace("%3A", ":").replace("%3a", ":");
    text.parse().map_err(|_| malformed("did"))
}

/// `/1.0/identifiers/{did}`: the DID Resolution HTTP binding.
pub(crate) fn resolve(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let options = match call.routed.route.operation {
        Operation::ResolveWithOptions => Options::from_json(call.body).map_err(|_| malformed("body"))?,
        _ => call.query.0.clone(),
    };
    let accept = call.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let answer = match start(&Request { target: call.part("did"), options, accept }) {
        Step::Done(answer) => answer,
        Step::Ask(pending) => {
            let outcome = match pending.question() {
                Question::Log(query) => match call.api.ledger.resolve(query.did(), query.version()) {
                    Ok(resolved) => Ok(resolved),
                    Err(did_tlog::ResolveError::Engine(error)) => return Err(problem::failed(&error)),
                    Err(error) => Err(ResolveError::Log(error)),
                },
                // [RGA-17] A registry asks nobody, whatever the DID says where to look.
                Question::Fetch(_) => Err(ResolveError::MethodNotSupported),
            };
            pending.resolved(outcome)
        }
    };
    Ok(respond(answer))
}

fn respond(answer: Answer) -> Response<Vec<u8>> {
    let media = answer.content_type.unwrap_or("application/json");
    let mut response = answer::with_type(media, answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let location = answer.location.and_then(|location| HeaderValue::from_str(&location).ok());
    response.headers_mut().extend(location.map(|location| (header::LOCATION, location)));
    response
}

/// Why there is no such document.
pub(crate) fn unresolved(error: &did_tlog::ResolveError) -> Refusal {
    match error {
        did_tlog::ResolveError::Engine(error) => problem::unproven(error),
        other => problem::because(StatusCode::NOT_FOUND, other.code(), other),
    }
}

/// Why nothing is said to be the newest.
pub(crate) fn unstated(error: &ProveLatestError) -> Refusal {
    match error {
        ProveLatestError::NoKey => problem::absent("RGA-14", error), // [RGA-14]
        ProveLatestError::Resolve(error) => unresolved(error),
        ProveLatestError::Engine(error) => problem::unproven(error),
        other => problem::failed(other),
    }
}

/// `GET /heads/{did}`.
pub(crate) fn head(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let topic = Topic::Did(did_of(call.part("did"))?);
    let heads = call.api.ledger.state_heads([topic], call.now).map_err(|error| unstated(&error))?;
    Ok(answer::with_type("text/plain; charset=utf-8", heads.to_string().into_bytes()))
}

/// `GET /status-digests/{did}`.
pub(crate) fn status_digest(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let by = did_of(call.part("did"))?;
    let list = call.query.text("list").ok_or_else(|| malformed("list"))?;
    let record = call.api.ledger.status_digest(&by, list).map_err(|error| problem::failed(&error))?;
    let record = record.ok_or_else(|| problem::absent("RGA-01", &"no digest of this list is on the log"))?;
    let (digest, position) = (&record.digest, record.position);
    let ledger = call.api.ledger;
    let proof = match ledger.prove_status_digest_latest(&by, list, call.now) {
        Err(ProveLatestError::NoKey) => {
            ledger.prove_status_digest(&by, list).map_err(|error| problem::unproven(&error))?
        }
        other => other.map_err(|error| unstated(&error))?,
    };
    let proof: Value = serde_json::from_str(&proof.to_string()).map_err(|error| problem::failed(&error))?;
    let body = json!({
        "by": digest.by.as_str(),
        "list": digest.list,
        "version": digest.version,
        "sha256": to_base64url(&digest.sha256),
        "issuedAt": digest.issued_at.to_string(),
        "timeToLive": digest.time_to_live.as_secs(),
        "index": position.index,
        "time": position.time.to_string(),
        "proof": proof,
    });
    Ok(answer::json(StatusCode::OK, &body))
}
