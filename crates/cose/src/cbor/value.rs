//! The data model.

use super::{CborError, Form, Map, read, write};

/// Tag of a byte string whose content is CBOR again [RFC 8949 §3.4.5.1].
pub const ENCODED_CBOR: u64 = 24;

/// One data item [RFC 8949 §2]. Every value has exactly one deterministic encoding.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An integer from 0 to 2^64 − 1.
    Unsigned(u64),
    /// The integer −1 − n, for the n that is held.
    Negative(u64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string.
    Text(String),
    /// An array.
    Array(Vec<Self>),
    /// A map.
    Map(Map),
    /// A tag number and what it is about.
    Tag(u64, Box<Self>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A number that is not NaN, of 16, 32 or 64 bits.
    Float(f64),
}

impl Value {
    /// Reads one item in deterministic encoding, which must be all of `bytes`.
    ///
    /// # Errors
    /// Not such an item, or too large: see the module.
    pub fn parse(bytes: &[u8]) -> Result<Self, CborError> {
        Self::parse_as(bytes, Form::Deterministic)
    }

    /// Reads one item in the encoding that `form` asks for, which must be all of `bytes`.
    ///
    /// # Errors
    /// Not such an item, or too large: see the module.
    pub fn parse_as(bytes: &[u8], form: Form) -> Result<Self, CborError> {
        read::parse(bytes, form)
    }

    /// The deterministic encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write::value(&mut out, self);
        out
    }

    /// `tag 24` around the deterministic encoding of `inner`.
    pub fn encoded(inner: &Self) -> Self {
        Self::encoded_bytes(inner.to_bytes())
    }

    /// `tag 24` around bytes that are CBOR already.
    pub fn encoded_bytes(inner: Vec<u8>) -> Self {
        Self::tag(ENCODED_CBOR, Self::Bytes(inner))
    }

    /// `tag` around `inner`.
    pub fn tag(tag: u64, inner: Self) -> Self {
        Self::Tag(tag, Box::new(inner))
    }

    /// The number, if it is an integer from 0.
    pub const fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is an integer within 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(*number).ok(),
            Self::Negative(number) => i64::try_from(*number).ok().map(|number| -1 - number),
            _ => None,
        }
    }

    /// The content of a byte string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The content of a text string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub const fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// What `tag` is about, if the value has that tag.
    pub fn as_tagged(&self, tag: u64) -> Option<&Self> {
        match self {
            Self::Tag(number, inner) if *number == tag => Some(inner),
            _ => None,
        }
    }

    /// The bytes within `tag 24`.
    pub fn as_encoded(&self) -> Option<&[u8]> {
        self.as_tagged(ENCODED_CBOR)?.as_bytes()
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Unsigned(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        match u64::try_from(number) {
            Ok(number) => Self::Unsigned(number),
            Err(_) => Self::Negative((-1 - number).unsigned_abs()),
        }
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::Array(items)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}
