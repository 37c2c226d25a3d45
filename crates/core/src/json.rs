//! JSON as signed objects need it: one reading per text [RFC 7493].
//!
//! Two readers that disagree about a text would verify different things under one signature. Hence a
//! member named twice, an integer that a double cannot hold, and nesting beyond 64 levels are errors.

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::{cell::Cell, fmt};

/// Deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 64;

/// Longest text that is read, in bytes. Edges that expect less bound it before.
pub const MAX_LENGTH: usize = 16 << 20;

const MAX_INTEGER: u64 = 1 << 53;

/// Parses one JSON text by the strict rules of this module.
///
/// # Errors
/// The rule that the text breaks.
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    if text.len() > MAX_LENGTH {
        return Err(JsonError::TooLong); // [JSON-04]
    }
    let reading = Reading { text, broken: Cell::new(None), saw_float: Cell::new(false) };
    let rules = Rules { depth: 0, reading: &reading };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let syntax = |error: serde_json::Error| {
        reading.broken.get().unwrap_or(JsonError::Syntax { line: error.line(), column: error.column() })
    };
    let value = rules.deserialize(&mut deserializer).map_err(syntax)?;
    deserializer.end().map_err(syntax)?;
    // serde_json reads an integer beyond 64 bits as a double; only the text still tells.
    if reading.saw_float.get() && has_long_integer(text) {
        return Err(JsonError::UnsafeInteger);
    }
    Ok(value)
}

/// Parses a JSON text that must be an object.
///
/// # Errors
/// As [`parse`], and [`JsonError::NotAnObject`].
pub fn parse_object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match parse(text)? {
        Value::Object(members) => Ok(members),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Why a text is not JSON that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON [RFC 8259], including text that is not UTF-8 and numbers outside the doubles.
    #[error("not JSON at line {line}, column {column}")]
    Syntax {
        /// Line of the first offending byte, from 1.
        line: usize,
        /// Column of the first offending byte, from 1.
        column: usize,
    },
    /// JSON-01: an object names a member twice.
    #[error("an object names a member twice")]
    DuplicateMember,
    /// JSON-02: an integer beyond ±2^53, which a double does not hold exactly.
    #[error("an integer lies beyond 2^53")]
    UnsafeInteger,
    /// JSON-03: arrays or objects nested more than 64 deep.
    #[error("nested more than 64 levels deep")]
    TooDeep,
    /// JSON-04: longer than 16 MiB.
    #[error("the text is longer than 16 MiB")]
    TooLong,
    /// JSON, but no object.
    #[error("not a JSON object")]
    NotAnObject,
}

impl JsonError {
    /// The rule that was broken, as in `spec/checks/json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::NotAnObject => "JSON-06", // [JSON-06]
            Self::DuplicateMember => "JSON-01",
            Self::UnsafeInteger => "JSON-02",
            Self::TooDeep => "JSON-03",
            Self::TooLong => "JSON-04",
        }
    }
}

#[derive(Clone, Copy)]
struct Rules<'a> {
    depth: usize,
    reading: &'a Reading<'a>,
}

/// One text, and what was noticed in it.
struct Reading<'a> {
    text: &'a [u8],
    broken: Cell<Option<JsonError>>,
    saw_float: Cell<bool>,
}

impl Rules<'_> {
    fn breaks<E: serde::de::Error>(&self, rule: JsonError) -> E {
        self.reading.broken.set(Some(rule));
        E::custom(rule)
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.breaks(JsonError::TooDeep)); // [JSON-03]
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Rules<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rules<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_INTEGER {
            return Err(self.breaks(JsonError::UnsafeInteger)); // [JSON-02]
        }
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_INTEGER {
            return Err(self.breaks(JsonError::UnsafeInteger)); // [JSON-02]
        }
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.reading.saw_float.set(true);
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut next = match members.next_key_seed(FirstName { text: self.reading.text })? {
            Some(None) => return self.number(&members.next_value::<String>()?),
            first => first.flatten(),
        };
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = next {
            if object.insert(name, members.next_value_seed(inner)?).is_some() {
                return Err(A::Error::custom(self.breaks::<A::Error>(JsonError::DuplicateMember))); // [JSON-01]
            }
            next = members.next_key()?;
        }
        Ok(Value::Object(object))
    }
}

impl Rules<'_> {
    /// A number that arrived as its text.
    fn number<E: serde::de::Error>(self, number: &str) -> Result<Value, E> {
        let is_integer = number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-')) && number != "-0";
        match number.parse() {
            Ok(integer) if is_integer => self.visit_i64(integer),
            Err(_) if is_integer => Err(self.breaks(JsonError::UnsafeInteger)), // [JSON-02]
            _ => self.visit_f64(number.parse().map_err(E::custom)?),
        }
    }
}

/// Reads the name of an object's first member; none if what looks like an object is a number.
///
/// If anything in the binary turns on `arbitrary_precision` of `serde_json`, that shows a number which is no integer of
/// 64 bits as an object whose only member has a name of its own making. That name is none of the text's, by which it is
/// told from a real member that is called the same.
struct FirstName<'a> {
    text: &'a [u8],
}

impl<'de> DeserializeSeed<'de> for FirstName<'_> {
    type Value = Option<String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for FirstName<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        let in_text = self.text.as_ptr_range().contains(&name.as_ptr());
        Ok(if in_text || name != "$serde_json::private::Number" { Some(name.to_owned()) } else { None })
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Some(name.to_owned()))
    }
}

/// Whether a number without fraction and exponent has more than the 16 digits of 2^53.
fn has_long_integer(text: &[u8]) -> bool {
    let mut rest = text.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => skip_string(&mut rest),
            b'0'..=b'9' => {
                let mut digits = 1;
                while rest.next_if(u8::is_ascii_digit).is_some() {
                    digits += 1;
                }
                let continues = rest.next_if(|byte| matches!(byte, b'.' | b'e' | b'E')).is_some();
                while rest
                    .next_if(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'e' | b'E'))
                    .is_some()
                {}
                if digits > 16 && !continues {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn skip_string(rest: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(rest.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> JsonError {
        parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_member_named_twice_is_refused() {
        assert_eq!(refused(r#"{"a":1,"a":1}"#), JsonError::DuplicateMember);
        assert_eq!(refused(r#"[{"b":{"a":1,"\u0061":2}}]"#), JsonError::DuplicateMember);
        assert!(parse(br#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#).is_ok());
    }

    #[test]
    fn an_integer_beyond_2_53_is_refused() {
        assert!(parse(b"[9007199254740992,-9007199254740992,1e30,1.5,12345678901234567.5]").is_ok());
        for text in
            ["9007199254740993", "-9007199254740993", "18446744073709551616", "[1.5,100000000000000000000]"]
        {
            assert_eq!(refused(text), JsonError::UnsafeInteger, "{text}");
        }
        assert!(parse(br#"["100000000000000000000 \"100000000000000000000",1.5]"#).is_ok());
        assert!(matches!(refused("1e400"), JsonError::Syntax { .. }));
    }

    #[test]
    fn nesting_beyond_64_is_refused() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert_eq!(refused(&nested(65)), JsonError::TooDeep);
        assert_eq!(refused(&"[".repeat(100_000)), JsonError::TooDeep);
        assert_eq!(refused(&"{\"a\":".repeat(3_000)), JsonError::TooDeep);
    }

    #[test]
    fn a_text_beyond_the_limit_is_refused() {
        let long = vec![b' '; MAX_LENGTH + 1];
        assert_eq!(parse(&long), Err(JsonError::TooLong));
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        assert_eq!(refused("{\"a\":\n tru}"), JsonError::Syntax { line: 2, column: 5 });
        for text in ["", "{}{}", "[1,]", "'a'", "\"\\ud800\"", "NaN", "\u{feff}{}"] {
            assert!(matches!(refused(text), JsonError::Syntax { .. }), "{text}");
        }
        assert_eq!(parse_object(b"[]").unwrap_err(), JsonError::NotAnObject);
        assert!(matches!(parse(b"\"\xff\""), Err(JsonError::Syntax { .. })));
    }
}
