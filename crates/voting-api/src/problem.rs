//! Refusals in our words.

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;
use sinpyo_registry::engine::EngineError;
use sinpyo_state::Unavailable;
use sinpyo_web::problem::Refusal;

/// There is no such thing.
pub(crate) fn absent(rule: &'static str, detail: &'static str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, rule, &detail)
}

/// The memory cannot be reached.
pub(crate) fn unavailable(error: Unavailable) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), &error)
        .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

/// The log cannot answer.
pub(crate) fn failed(error: &EngineError) -> Refusal {
    if matches!(error, EngineError::OutsideLog) {
        return absent("VTS-04", "the log does not reach that far"); // [VTS-04]
    }
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "VTS-05", &"the log cannot answer") // [VTS-05]
        .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

/// A refusal with the protocol's own word for it.
pub(crate) fn coded(
    status: StatusCode,
    code: &'static str,
    rule: &'static str,
    detail: &'static str,
) -> Refusal {
    Refusal::new(status, rule, &detail).with_member("code", Value::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_fails_is_said_to_fail() {
        for error in [EngineError::Stopped, EngineError::CorruptState, EngineError::Corrupt { index: 3 }] {
            let response = failed(&error).response(|_| None);
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{error}");
            assert!(response.headers().contains_key(header::RETRY_AFTER));
        }
        assert_eq!(failed(&EngineError::OutsideLog).status(), StatusCode::NOT_FOUND);
    }
}
