//! Signed events of others: hosts, registrars and trustees with keys of their own. The signature is the authority.

use crate::{call::Call, sign::refused};
use http::{Response, StatusCode};
use serde_json::json;
use sinpyo_core::key::Entropy;
use sinpyo_voting::{election::Submission, event::UnverifiedEvent};
use sinpyo_web::{answer, problem::Refusal};

/// `POST /e/{election}/events`.
pub(crate) fn append(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    call.expect_media("application/json")?;
    let (election, log) = call.log()?;
    let bytes = call.request.body();
    let unprocessable =
        |code, error: &dyn std::error::Error| Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, code, error);
    let event = UnverifiedEvent::parse(bytes).map_err(|error| unprocessable(error.code(), &error))?;
    call.service.check_whole(call, (&election, &*log), event, entropy)?;
    let submission = Submission::event(bytes.clone()).map_err(|error| unprocessable(error.code(), &error))?;
    let appended = log.append(vec![submission.into_bytes()]).pop();
    let appended = match appended {
        Some(appended) => appended.map_err(|error| refused(&error))?,
        None => return Err(crate::problem::failed(&sinpyo_registry::engine::EngineError::CorruptState)),
    };
    let status = if appended.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok(answer::json(status, &json!({"index": appended.index, "repeated": appended.repeated})))
}
