//! CBOR as JSON, for queries that are written in JSON.

use super::{Key, Value};
use serde_json::{Map, Number, Value as Json};
use sinpyo_core::encoding::to_base64url;

impl Value {
    /// What JSON says instead [RFC 8949 §6.1]: byte strings and byte keys as base64url, integer keys in decimal,
    /// infinities as `null`, tags left out.
    ///
    /// `None` if two keys of a map become the same, or an integer lies below −2^63.
    pub fn to_json(&self) -> Option<Json> {
        Some(match self {
            Self::Unsigned(number) => Json::from(*number),
            Self::Negative(_) => Json::from(self.as_i64()?),
            Self::Bytes(bytes) => Json::String(to_base64url(bytes)),
            Self::Text(text) => Json::String(text.clone()),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?),
            Self::Map(map) => {
                let mut members = Map::new();
                for (key, value) in map {
                    if members.insert(member_name(key), value.to_json()?).is_some() {
                        return None;
                    }
                }
                Json::Object(members)
            }
            Self::Tag(_, inner) => inner.to_json()?,
            Self::Bool(value) => Json::Bool(*value),
            Self::Null => Json::Null,
            Self::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        })
    }
}

fn member_name(key: &Key) -> String {
    match key {
        Key::Unsigned(number) => number.to_string(),
        Key::Negative(number) => (-1 - i128::from(*number)).to_string(),
        Key::Bytes(bytes) => to_base64url(bytes),
        Key::Text(text) => text.clone(),
    }
}
