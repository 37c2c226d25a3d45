//! JSON bodies of requests.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use sinpyo_core::json::{JsonError, parse_object};

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// HTTP-14: the body is not called JSON, or is compressed.
    #[error("the body is not called application/json, or is compressed")]
    Media,
    /// HTTP-15: it is longer than is read.
    #[error("the body is longer than is read")]
    TooLong,
    /// It is not a JSON object by the strict rules.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl BodyError {
    /// The rule in `spec/checks/http.toml` or `spec/checks/json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Media => "HTTP-14",
            Self::TooLong => "HTTP-15",
            Self::Json(error) => error.code(),
        }
    }

    /// The status to answer with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Media => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Json(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// The object in a body of at most `limit` bytes that says that it is JSON, or one of its kinds (`application/…+json`).
///
/// # Errors
/// It does not say so, is compressed, too long, or not one object.
pub fn json_object(headers: &HeaderMap, body: &[u8], limit: usize) -> Result<Map<String, Value>, BodyError> {
    if !is_json(headers) || is_compressed(headers) {
        return Err(BodyError::Media); // [HTTP-14]
    }
    if body.len() > limit {
        return Err(BodyError::TooLong); // [HTTP-15]
    }
    Ok(parse_object(body)?)
}

/// Whether a body says that it is JSON, or one of its kinds.
pub fn is_json(headers: &HeaderMap) -> bool {
    let media = essence(headers);
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

/// The media type that a body claims, in small letters and without parameters; empty if there is none, or several.
pub fn essence(headers: &HeaderMap) -> String {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let media = types.next().filter(|_| types.next().is_none()).and_then(|value| value.to_str().ok());
    media.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a body is compressed: what it unfolds to is not looked at.
pub fn is_compressed(headers: &HeaderMap) -> bool {
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    !headers.get_all(header::CONTENT_ENCODING).iter().all(plain)
}
