//! What a holder sends back, by query.

use crate::error::VerifyError;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};

/// Most presentations in an answer.
const MAX_PRESENTATIONS: usize = 64;

/// Longest answer that is read, in bytes of all its presentations.
pub(crate) const MAX_LENGTH: usize = 2 << 20;

/// Presentations by query, as they arrived: nothing of them is read yet [OpenID4VP 1.0 §8.1].
///
/// Debug output counts them.
pub struct Presented(pub(crate) BTreeMap<String, Vec<Wire>>);

/// One presentation as it arrived.
pub(crate) enum Wire {
    /// A token, an SD-JWT, or base64url.
    Text(String),
    /// A JSON object, as text.
    Object(String),
}

impl Wire {
    /// What arrived, as text.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Object(text) => text,
        }
    }

    pub(crate) fn into_string(self) -> String {
        match self {
            Self::Text(text) | Self::Object(text) => text,
        }
    }
}

impl Presented {
    /// Reads the value of `vp_token`, which has gone through `sinpyo_core::json::parse`.
    ///
    /// # Errors
    /// A query with anything but an array of presentations, each a text or an object; none, more than 64 altogether,
    /// or more than 2 MiB.
    pub fn parse(vp_token: &Map<String, Value>) -> Result<Self, VerifyError> {
        let mut read = Reading { count: 0, length: 0 };
        let queries = vp_token.iter().map(|(query, value)| Ok((query.clone(), read.array(value)?)));
        queries.collect::<Result<_, _>>().map(Self)
    }
}

/// How much was read so far.
struct Reading {
    count: usize,
    length: usize,
}

impl Reading {
    fn array(&mut self, value: &Value) -> Result<Vec<Wire>, VerifyError> {
        // Always an array, also for one; and no array for none.
        match value {
            Value::Array(elements) if !elements.is_empty() => {
                elements.iter().map(|element| self.presentation(element)).collect()
            }
            _ => Err(VerifyError::MalformedAnswer), // [VP-01]
        }
    }

    fn presentation(&mut self, value: &Value) -> Result<Wire, VerifyError> {
        let wire = match value {
            Value::String(text) => Wire::Text(text.clone()),
            Value::Object(_) => Wire::Object(value.to_string()),
            _ => return Err(VerifyError::MalformedAnswer), // [VP-01]
        };
        self.count = self.count.saturating_add(1);
        self.length = self.length.saturating_add(wire.as_str().len());
        if self.count > MAX_PRESENTATIONS || self.length > MAX_LENGTH {
            return Err(VerifyError::MalformedAnswer); // [VP-01]
        }
        Ok(wire)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Object(_) => "Object(..)",
        })
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.iter().map(|(query, presentations)| (query, presentations.len()));
        f.debug_map().entries(counts).finish()
    }
}
