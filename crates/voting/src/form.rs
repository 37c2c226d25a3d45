//! How the log writes things down: hexadecimal bytes, the members of an object, text in NFC.

use serde_json::{Map, Value};
use sinpyo_core::{claims::nfc, encoding::from_base64url, time::Timestamp};
use std::fmt::Write as _;

/// Lower-case hexadecimal text.
pub fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that lower-case hexadecimal text stands for; `None` for any other text, so that each value has one.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

/// Exactly `N` bytes in hexadecimal.
pub fn from_hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() == 2 * N { from_hex(text)?.try_into().ok() } else { None }
}

/// A member of an event is missing, malformed or unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Missing, of another type, or not in its one form.
    #[error("member \"{0}\" is missing or malformed")]
    Member(&'static str),
    /// Nobody knows what it means.
    #[error("a member that is not known here")]
    Unknown,
}

/// The members of an object, read one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Members<'a> {
    /// The members of `value`, which must be exactly `names`.
    pub(crate) fn of(value: &'a Value, names: &[&'static str]) -> Result<Self, FormError> {
        let members = value.as_object().map(Members).ok_or(FormError::Member("object"))?;
        members.exactly(names)
    }

    /// Refuses other members than `names`, and missing ones.
    pub(crate) fn exactly(self, names: &[&'static str]) -> Result<Self, FormError> {
        if let Some(missing) = names.iter().find(|name| !self.0.contains_key(**name)) {
            return Err(FormError::Member(missing));
        }
        if self.0.len() == names.len() { Ok(self) } else { Err(FormError::Unknown) }
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(self, name: &'static str) -> Result<&'a Value, FormError> {
        self.0.get(name).ok_or(FormError::Member(name))
    }

    pub(crate) fn text(self, name: &'static str) -> Result<&'a str, FormError> {
        self.value(name)?.as_str().ok_or(FormError::Member(name))
    }

    pub(crate) fn hex<const N: usize>(self, name: &'static str) -> Result<[u8; N], FormError> {
        from_hex_array(self.text(name)?).ok_or(FormError::Member(name))
    }

    pub(crate) fn hex_bytes(self, name: &'static str) -> Result<Vec<u8>, FormError> {
        from_hex(self.text(name)?).ok_or(FormError::Member(name))
    }

    pub(crate) fn base64url(self, name: &'static str) -> Result<Vec<u8>, FormError> {
        from_base64url(self.text(name)?).map_err(|_| FormError::Member(name))
    }

    /// A time in the one form that we print.
    pub(crate) fn time(self, name: &'static str) -> Result<Timestamp, FormError> {
        let text = self.text(name)?;
        let time: Timestamp = text.parse().map_err(|_| FormError::Member(name))?;
        if time.to_string() == text { Ok(time) } else { Err(FormError::Member(name)) }
    }

    pub(crate) fn number(self, name: &'static str) -> Result<u64, FormError> {
        self.value(name)?.as_u64().ok_or(FormError::Member(name))
    }

    pub(crate) fn small(self, name: &'static str) -> Result<u32, FormError> {
        u32::try_from(self.number(name)?).map_err(|_| FormError::Member(name))
    }

    pub(crate) fn truth(self, name: &'static str) -> Result<bool, FormError> {
        self.value(name)?.as_bool().ok_or(FormError::Member(name))
    }

    pub(crate) fn list(self, name: &'static str) -> Result<&'a [Value], FormError> {
        self.value(name)?.as_array().map(Vec::as_slice).ok_or(FormError::Member(name))
    }

    pub(crate) fn each<T>(
        self,
        name: &'static str,
        read: impl Fn(&'a Value) -> Result<T, FormError>,
    ) -> Result<Vec<T>, FormError> {
        self.list(name)?.iter().map(read).collect()
    }
}

/// A number of a list, such as that of a trustee.
pub(crate) fn small(value: &Value) -> Result<u32, FormError> {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).ok_or(FormError::Member("number"))
}

pub(crate) fn owned_text(value: &Value) -> Result<String, FormError> {
    value.as_str().map(str::to_owned).ok_or(FormError::Member("text"))
}

/// Whether all text in `value` is in NFC and every number an integer from 0 below 2^53.
pub(crate) fn is_normal(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => number.as_u64().is_some_and(|number| number < 1 << 53),
        Value::String(text) => is_nfc(text),
        Value::Array(elements) => elements.iter().all(is_normal),
        Value::Object(members) => members.iter().all(|(name, value)| is_nfc(name) && is_normal(value)),
    }
}

pub(crate) fn is_nfc(text: &str) -> bool {
    text.is_ascii() || nfc(text) == text
}

/// What every text that people read keeps to: 1 to `most` bytes without control characters.
pub(crate) fn is_readable(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_has_one_text_per_value() {
        assert_eq!(from_hex(&to_hex(&[0, 0x1f, 0xff])).unwrap(), [0, 0x1f, 0xff]);
        for text in ["0", "0F", "0g", " 0", "+1", "0x", "é"] {
            assert_eq!(from_hex(text), None, "{text}");
        }
        assert_eq!(from_hex_array::<2>("00"), None);
    }

    #[test]
    fn a_number_with_fraction_or_sign_is_no_number_of_an_event() {
        for (text, normal) in
            [("1", true), ("0", true), ("-1", false), ("1.5", false), ("9007199254740992", false)]
        {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(is_normal(&value), normal, "{text}");
        }
        assert!(!is_normal(&Value::from("e\u{301}")), "not in NFC");
    }
}
