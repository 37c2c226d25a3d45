//! What a service's answer says.

use super::{Refusal, VoterError};
use http::{Response, StatusCode, header};
use serde_json::{Map, Value};
use sinpyo_core::json;

/// The object of an answer that grants what was asked.
///
/// # Errors
/// It refuses, or is malformed.
pub(super) fn object(response: &Response<Vec<u8>>) -> Result<Map<String, Value>, VoterError> {
    match response.status() {
        StatusCode::OK | StatusCode::CREATED => {
            json::parse_object(response.body()).map_err(|_| VoterError::Answer)
        }
        status if status.is_client_error() && !is_passing(response) => Err(refusal(response)),
        status => Err(VoterError::Status(status.as_u16())),
    }
}

/// Whether the same is to be sent again later.
fn is_passing(response: &Response<Vec<u8>>) -> bool {
    response.status() == StatusCode::TOO_MANY_REQUESTS || response.headers().contains_key(header::RETRY_AFTER)
}

/// Why the service refuses for good [VTR-07], by the `code` of its problem document.
pub(super) fn refusal(response: &Response<Vec<u8>>) -> VoterError {
    // It refuses, whether it can say why or not.
    let body = json::parse_object(response.body()).ok();
    VoterError::Refused(match body.as_ref().and_then(|body| body.get("code")?.as_str()) {
        Some("code") => Refusal::Code,
        Some("nonce") => Refusal::Nonce,
        Some("presentation") => Refusal::Presentation,
        Some("closed" | "not_open") => Refusal::Closed,
        Some("duplicate") => Refusal::Duplicate,
        Some("token") => Refusal::Token,
        _ => Refusal::Other,
    })
}
