//! The JSON serialization of an SD-JWT [RFC 9901 §8].

use super::{SdJwtError, parts::MAX_DISCLOSURES};
use crate::jws;
use serde_json::{Map, Value};
use sinpyo_core::json;

/// The compact form of an SD-JWT in flattened or general JSON serialization.
///
/// Of several signatures the first is taken: its unprotected header carries the disclosures, and key binding is
/// computed over it [RFC 9901 §8.1].
///
/// # Errors
/// Not such a JSON object.
pub fn from_json_serialization(bytes: &[u8]) -> Result<String, SdJwtError> {
    if bytes.len() > jws::MAX_LENGTH {
        return Err(SdJwtError::TooLong); // [SDJ-21]
    }
    let object = json::parse_object(bytes).map_err(SdJwtError::Json)?;
    let signature = match object.get("signatures") {
        None => &object,
        Some(signatures) if !object.contains_key("signature") => {
            signatures.get(0).and_then(Value::as_object).ok_or(SdJwtError::Malformed)?
        }
        Some(_) => return Err(SdJwtError::Malformed), // [SDJ-01]
    };
    let header = match signature.get("header") {
        None => &Map::new(),
        Some(header) => header.as_object().ok_or(SdJwtError::Malformed)?,
    };
    let mut compact =
        [text(signature, "protected")?, text(&object, "payload")?, text(signature, "signature")?].join(".");
    compact.push('~');
    let disclosures = match header.get("disclosures") {
        None => &[][..],
        Some(disclosures) => disclosures.as_array().ok_or(SdJwtError::Malformed)?,
    };
    if disclosures.len() > MAX_DISCLOSURES {
        return Err(SdJwtError::TooMany); // [SDJ-21]
    }
    for disclosure in disclosures {
        compact.push_str(part(disclosure)?);
        compact.push('~');
    }
    if let Some(token) = header.get("kb_jwt") {
        compact.push_str(token.as_str().filter(|token| !token.contains('~')).ok_or(SdJwtError::Malformed)?);
    }
    Ok(compact)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, SdJwtError> {
    members.get(name).map_or(Err(SdJwtError::Malformed), part)
}

/// A text that does not change meaning between the separators of the compact form.
fn part(value: &Value) -> Result<&str, SdJwtError> {
    let text = value.as_str().filter(|text| !text.is_empty() && !text.contains(['.', '~']));
    text.ok_or(SdJwtError::Malformed)
}
