//! The values of elements, in JSON and CBOR.
//!
//! What JSON has no form for is an object of one member: `{"date":"2020-01-31"}`, `{"dateTime":"2020-01-31T00:00:00Z"}`
//! and `{"bytes":"…"}` in base64url.

use super::super::{answer::Refusal, arguments::wrong};
use serde_json::{Map, Number, Value as Json, json};
use sinpyo_core::encoding::{from_base64url, to_base64url};
use sinpyo_cose::cbor::{Key, Map as CborMap, Value as Cbor};

/// Tag of a date and time as text [RFC 8949 §3.4.1].
const DATE_TIME: u64 = 0;
/// Tag of a date as text [RFC 8943].
const FULL_DATE: u64 = 1004;

/// The CBOR form of `value`.
pub(super) fn from_json(value: &Json) -> Result<Cbor, Refusal> {
    Ok(match value {
        Json::Null => Cbor::Null,
        Json::Bool(value) => Cbor::Bool(*value),
        Json::Number(number) => from_number(number)?,
        Json::String(text) => Cbor::from(text.as_str()),
        Json::Array(list) => Cbor::Array(list.iter().map(from_json).collect::<Result<_, _>>()?),
        Json::Object(members) => {
            if let Some(value) = special(members)? {
                return Ok(value);
            }
            let mut map = CborMap::new();
            for (name, value) in members {
                map.insert(name.as_str(), from_json(value)?);
            }
            Cbor::Map(map)
        }
    })
}

fn from_number(number: &Number) -> Result<Cbor, Refusal> {
    if let Some(value) = number.as_u64() {
        return Ok(Cbor::from(value));
    }
    if let Some(value) = number.as_i64() {
        return Ok(Cbor::from(value));
    }
    number.as_f64().map(Cbor::Float).ok_or_else(|| wrong("namespaces"))
}

fn special(members: &Map<String, Json>) -> Result<Option<Cbor>, Refusal> {
    let mut members = members.iter();
    let (Some((name, Json::String(text))), None) = (members.next(), members.next()) else { return Ok(None) };
    Ok(match name.as_str() {
        "date" => Some(Cbor::tag(FULL_DATE, Cbor::from(text.as_str()))),
        "dateTime" => Some(Cbor::tag(DATE_TIME, Cbor::from(text.as_str()))),
        "bytes" => Some(Cbor::from(from_base64url(text)?)),
        _ => None,
    })
}

/// The JSON form of `value`; a tag that has none is left out.
pub(super) fn to_json(value: &Cbor) -> Json {
    match value {
        Cbor::Unsigned(value) => json!(value),
        Cbor::Negative(value) => json!(-1 - i128::from(*value)),
        Cbor::Bytes(bytes) => json!({"bytes": to_base64url(bytes)}),
        Cbor::Text(text) => json!(text),
        Cbor::Array(list) => list.iter().map(to_json).collect(),
        Cbor::Map(map) => map.iter().map(|(key, value)| (name(key), to_json(value))).collect(),
        Cbor::Tag(FULL_DATE, inner) => json!({"date": to_json(inner)}),
        Cbor::Tag(DATE_TIME, inner) => json!({"dateTime": to_json(inner)}),
        Cbor::Tag(_, inner) => to_json(inner),
        Cbor::Bool(value) => json!(value),
        Cbor::Null => Json::Null,
        Cbor::Float(value) => json!(value),
    }
}

fn name(key: &Key) -> String {
    key.as_text().map_or_else(|| format!("{key:?}"), str::to_owned)
}
