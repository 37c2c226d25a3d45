//! The headers that answers have in common.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;
use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::sha256;

/// Of what never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

pub(crate) fn with_type(media: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

pub(crate) fn json(status: StatusCode, value: &Value) -> Response<Vec<u8>> {
    let mut response = with_type("application/json", value.to_string().into_bytes());
    *response.status_mut() = status;
    response
}

/// Says that the answer never changes.
pub(crate) fn for_ever(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    response
}

/// Says that the answer is to be asked for again each time, and how it is told from another.
pub(crate) fn tagged(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let tag = format!("\"{}\"", to_base64url(&sha256(response.body())));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The answer without its body to those who have it already.
pub(crate) fn unless_known(response: Response<Vec<u8>>, asked: &HeaderMap) -> Response<Vec<u8>> {
    let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()) else {
        return response;
    };
    let lists = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut known = lists.flat_map(|list| list.split(','));
    let same = |one: &str| one.trim().trim_start_matches("W/") == tag || one.trim() == "*";
    if !known.any(same) {
        return response;
    }
    let (mut parts, _) = response.into_parts(); // [RGA-12]
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Vec::new())
}

/// To HEAD, the head of what GET gets.
pub(crate) fn for_method(mut response: Response<Vec<u8>>, method: &Method) -> Response<Vec<u8>> {
    if method == Method::HEAD {
        let length = HeaderValue::from(response.body().len());
        response.body_mut().clear();
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    response
}

/// Nothing is guessed at, framed, referred from or, unless it says so, kept.
pub(crate) fn secured<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value)); // [RGA-09]
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    put(header::CACHE_CONTROL, "no-store");
    response
}

/// Public data: any page may read it, and none can bring its reader's cookies, which nobody here looks at.
pub(crate) fn allow_anyone<B>(response: &mut Response<B>) {
    let anyone = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anyone); // [RGA-15]
}
