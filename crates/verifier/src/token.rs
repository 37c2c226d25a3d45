//! What stands in a token, as text: for what its verification does not tell.

use serde_json::{Map, Value};
use sinpyo_core::{encoding::from_base64url, json};

/// The claims of `token`, which count only as far as it is verified elsewhere.
pub(crate) fn claims(token: &str) -> Option<Map<String, Value>> {
    part(token, 1)
}

/// Whether the header of `token` says that it is of type `typ`.
pub(crate) fn is_of_type(token: &str, typ: &str) -> bool {
    header(token).is_some_and(|header| header.get("typ").is_some_and(|name| name == typ))
}

/// The header of `token`, which counts only as far as it is verified elsewhere.
pub(crate) fn header(token: &str) -> Option<Map<String, Value>> {
    part(token, 0)
}

fn part(token: &str, place: usize) -> Option<Map<String, Value>> {
    let part = token.split('.').nth(place)?;
    json::parse_object(&from_base64url(part).ok()?).ok()
}
