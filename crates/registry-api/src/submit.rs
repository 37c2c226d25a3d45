//! `POST /operations`: an operation on its way into the log.

use crate::{Call, admission, problem};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use sinpyo_core::json;
use sinpyo_registry::engine::{AppendError, EngineError, Refusal as Broken};
use sinpyo_web::{answer, problem::Refusal};

/// What the log needs to know about the operation it took to name it in the answer.
const NAMES: [&str; 6] = ["type", "did", "versionId", "id", "accreditation", "version"];

/// Appends the body; returns when it is durable.
pub(crate) fn submit(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let media =
        call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(problem::media("an operation is application/json")); // [RGA-04]
    }
    admission::check(call)?;
    let appended = call.api.engine.append(vec![call.body.to_vec()]).pop();
    let appended = appended.unwrap_or(Err(AppendError::Engine(EngineError::Stopped)));
    let appended = appended.map_err(|error| refusal(&error))?;
    // Accepted, so that it is strict JSON.
    let operation = json::parse_object(call.body).unwrap_or_default();
    let named = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), operation.get(*name)?.clone())));
    let mut members: Map<String, Value> = named.collect();
    members.insert("index".to_owned(), json!(appended.index));
    members.insert("repeated".to_owned(), json!(appended.repeated));
    let status = if appended.repeated { StatusCode::OK } else { StatusCode::CREATED }; // [RGA-16]
    let mut response = answer::json(status, &Value::Object(members));
    let proof = format!("/operations/{}/proof", appended.index);
    if let Ok(proof) = HeaderValue::from_str(&proof) {
        response.headers_mut().insert(header::LOCATION, proof);
    }
    Ok(response)
}

fn refusal(error: &AppendError) -> Refusal {
    match error {
        AppendError::Refused(Broken::Rule { code, reason }) => {
            problem::because(status(code), code, &**reason)
        }
        AppendError::Refused(Broken::Engine(error)) | AppendError::Engine(error) => problem::failed(error),
        other => problem::because(StatusCode::BAD_REQUEST, other.code().unwrap_or("RGA-11"), other),
    }
}

/// Whether the operation is not readable, came too late, or is wrong.
fn status(rule: &str) -> StatusCode {
    match rule {
        "TLOG-01" | "TLOG-02" => StatusCode::BAD_REQUEST,
        "TLOG-06" | "TLOG-07" | "TLOG-08" | "TLOG-10" => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
