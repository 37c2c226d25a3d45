//! `GET /healthz`: whether the log takes operations.

use crate::{Call, problem};
use http::{Response, StatusCode};
use serde_json::json;
use sinpyo_registry::engine::AppendError;
use sinpyo_web::{answer, problem::Refusal};
use std::time::Duration;

/// Submits nothing. Every engine refuses that before it sequences anything, but by its writer: one that has stopped, or
/// cannot reach its disk or database, says so instead.
pub(crate) fn health(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let answered = call.api.engine.append(vec![Vec::new()]).pop();
    if matches!(answered, Some(Err(AppendError::Length))) {
        return Ok(answer::json(StatusCode::OK, &json!({"status": "ok"})));
    }
    let refusal = problem::refused(StatusCode::SERVICE_UNAVAILABLE, "RGA-21", &"the log takes no operations"); // [RGA-21]
    Err(refusal.retry_after(Duration::from_secs(5)))
}
