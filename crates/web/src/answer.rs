//! Answers, and the headers that they have in common.

use crate::site::Transport;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;
use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::sha256;

/// Of what never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
const TLS_ONLY: &str = "max-age=63072000";

/// `body`, called `media`.
pub fn with_type(media: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// `value`, as `application/json`.
pub fn json(status: StatusCode, value: &Value) -> Response<Vec<u8>> {
    let mut response = with_type("application/json", value.to_string().into_bytes());
    *response.status_mut() = status;
    response
}

/// A status without a body.
pub fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

/// Sends a browser, by GET, to `place`: a path of this server, or an address that the caller has checked.
///
/// # Errors
/// `place` has characters that no header holds.
pub fn see_other(place: &str) -> Result<Response<Vec<u8>>, HeaderError> {
    let mut response = empty(StatusCode::SEE_OTHER);
    response.headers_mut().insert(header::LOCATION, header_value(place)?);
    Ok(response)
}

/// A text that no header may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a header holds printable ASCII only")]
pub struct HeaderError;

impl HeaderError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        "HTTP-09"
    }
}

/// `text` as a header's value.
///
/// # Errors
/// It has a line break, another control, or is not ASCII.
pub fn header_value(text: &str) -> Result<HeaderValue, HeaderError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let value = is_plain.then(|| HeaderValue::from_str(text)); // [HTTP-09]
    value.and_then(Result::ok).ok_or(HeaderError)
}

/// Says that the answer never changes.
#[must_use]
pub fn for_ever(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    response
}

/// Says that the answer is to be asked for again each time, and how it is told from another.
#[must_use]
pub fn tagged(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let tag = format!("\"{}\"", to_base64url(&sha256(response.body())));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The answer without its body to those who have it already [RFC 9110 §13.1.2].
#[must_use]
pub fn unless_known(response: Response<Vec<u8>>, asked: &HeaderMap) -> Response<Vec<u8>> {
    let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()) else {
        return response;
    };
    let lists = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut known = lists.flat_map(|list| list.split(','));
    let same = |one: &str| one.trim().trim_start_matches("W/") == tag || one.trim() == "*";
    if !known.any(same) {
        return response;
    }
    let (mut parts, _) = response.into_parts(); // [HTTP-10]
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Vec::new())
}

/// To HEAD, the head of what GET gets.
#[must_use]
pub fn for_method(mut response: Response<Vec<u8>>, method: &Method) -> Response<Vec<u8>> {
    if method == Method::HEAD {
        let length = HeaderValue::from(response.body().len());
        response.body_mut().clear();
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    response
}

/// Nothing is guessed at, framed, referred from or, unless it says so, kept.
#[must_use]
pub fn secured<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value)); // [HTTP-11]
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::CONTENT_SECURITY_POLICY, NOTHING);
    put(header::CACHE_CONTROL, "no-store");
    response
}

/// As [`secured`], and by TLS, that the host is to be reached by TLS only.
#[must_use]
pub fn secured_for<B>(response: Response<B>, transport: Transport) -> Response<B> {
    let mut response = secured(response);
    if transport == Transport::Tls {
        let value = HeaderValue::from_static(TLS_ONLY); // [HTTP-11]
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// Public data: any page may read it, and none can bring its reader's cookies, which nobody here looks at.
pub fn allow_anyone<B>(response: &mut Response<B>) {
    let anyone = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anyone);
}
