//! Reading the maps of ISO 18013-5, whose members have fixed names.

use crate::ParseMdocError;
use sinpyo_core::time::Timestamp;
use sinpyo_cose::cbor::{Form, Map, Value};

/// Reads bytes that somebody else wrote. What is signed or hashed is the bytes themselves, so the order of keys and the
/// length of heads do not matter; indefinite lengths and doubled keys are refused all the same.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, ParseMdocError> {
    Ok(Value::parse_as(bytes, Form::AnyOrder)?)
}

/// A map whose members are taken out one by one.
pub(crate) struct Members(Map);

impl Members {
    /// Takes `value`, the member `of`, as a map.
    pub(crate) fn of(value: Value, of: &'static str) -> Result<Self, ParseMdocError> {
        match value {
            Value::Map(map) => Ok(Self(map)),
            _ => Err(ParseMdocError::Member(of)), // [MDC-01]
        }
    }

    pub(crate) fn optional(&mut self, name: &'static str) -> Option<Value> {
        self.0.remove(name)
    }

    pub(crate) fn required(&mut self, name: &'static str) -> Result<Value, ParseMdocError> {
        self.0.remove(name).ok_or(ParseMdocError::Member(name)) // [MDC-01]
    }

    pub(crate) fn map(&mut self, name: &'static str) -> Result<Self, ParseMdocError> {
        Self::of(self.required(name)?, name)
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, ParseMdocError> {
        match self.required(name)? {
            Value::Text(text) => Ok(text),
            _ => Err(ParseMdocError::Member(name)), // [MDC-01]
        }
    }

    pub(crate) fn unsigned(&mut self, name: &'static str) -> Result<u64, ParseMdocError> {
        self.required(name)?.as_u64().ok_or(ParseMdocError::Member(name)) // [MDC-01]
    }

    pub(crate) fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, ParseMdocError> {
        match self.required(name)? {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(ParseMdocError::Member(name)), // [MDC-01]
        }
    }

    /// The bytes within `tag 24`.
    pub(crate) fn encoded(&mut self, name: &'static str) -> Result<Vec<u8>, ParseMdocError> {
        encoded(self.required(name)?, name)
    }

    /// A `tdate`: tag 0 and an RFC 3339 text.
    pub(crate) fn time(&mut self, name: &'static str) -> Result<Timestamp, ParseMdocError> {
        let value = self.required(name)?;
        let text = value.as_tagged(0).and_then(Value::as_text);
        text.and_then(|text| text.parse().ok()).ok_or(ParseMdocError::Member(name)) // [MDC-01]
    }

    pub(crate) fn optional_time(&mut self, name: &'static str) -> Result<Option<Timestamp>, ParseMdocError> {
        if self.0.get_text(name).is_some() { self.time(name).map(Some) } else { Ok(None) }
    }

    /// The version of a structure, which must be 1.0.
    pub(crate) fn version(&mut self) -> Result<(), ParseMdocError> {
        if self.text("version")? == VERSION { Ok(()) } else { Err(ParseMdocError::Version) } // [MDC-02]
    }

    pub(crate) fn into_map(self) -> Map {
        self.0
    }
}

/// The version of every structure here.
pub(crate) const VERSION: &str = "1.0";

/// The bytes within `tag 24`.
pub(crate) fn encoded(value: Value, name: &'static str) -> Result<Vec<u8>, ParseMdocError> {
    match value {
        Value::Tag(sinpyo_cose::cbor::ENCODED_CBOR, inner) => match *inner {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(ParseMdocError::Member(name)), // [MDC-01]
        },
        _ => Err(ParseMdocError::Member(name)), // [MDC-01]
    }
}

/// A `tdate` without a fraction of a second, in UTC [ISO 18013-5 §7.1].
pub(crate) fn tdate(time: Timestamp) -> Value {
    Value::tag(0, Value::Text(time.to_string()))
}
