//! Responses.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// A response without content, which nobody may store.
pub(super) fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A response in JSON, which nobody may store.
pub(super) fn json(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    text(status, "application/json", body.to_string().into_bytes())
}

/// A response of another type, which nobody may store.
pub(super) fn text(status: StatusCode, media: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = empty(status);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    *response.body_mut() = body;
    response
}

/// Only `allow` is answered here.
pub(super) fn method_not_allowed(allow: &'static str) -> Response<Vec<u8>> {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// Again in `seconds`.
pub(super) fn retry_after(status: StatusCode, seconds: u64) -> Response<Vec<u8>> {
    let mut response = empty(status);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
