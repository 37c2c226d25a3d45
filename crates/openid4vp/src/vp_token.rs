//! The presentations of a response, by query [OpenID4VP 1.0 §8.1].

use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};

/// Our limits: queries that are answered, and presentations for one of them.
const MAX_QUERIES: usize = 32;
const MAX_PRESENTATIONS: usize = 32;

/// What answers each query of a request; at least one presentation for each query that is there at all. Nothing of them
/// is read here.
#[derive(Clone, PartialEq, Eq)]
pub struct VpToken(BTreeMap<String, Vec<Value>>);

impl VpToken {
    /// Takes presentations by query id; a text or an object each.
    ///
    /// # Errors
    /// As [`VpToken::parse`].
    pub fn new(presentations: BTreeMap<String, Vec<Value>>) -> Result<Self, VpTokenError> {
        if presentations.is_empty() || presentations.len() > MAX_QUERIES {
            return Err(VpTokenError::Queries); // [VP-RSP-01b]
        }
        for list in presentations.values() {
            if list.is_empty() || list.len() > MAX_PRESENTATIONS {
                return Err(VpTokenError::Presentations); // [VP-RSP-01c]
            }
            let is_presentation = |value: &Value| value.is_object() || value.is_string();
            if !list.iter().all(is_presentation) {
                return Err(VpTokenError::Kind); // [VP-RSP-01d]
            }
        }
        Ok(Self(presentations))
    }

    /// Reads the member `vp_token`.
    ///
    /// # Errors
    /// It is no object, empty, or has something else than a non-empty array of texts and objects for a query.
    pub fn parse(value: Value) -> Result<Self, VpTokenError> {
        let Value::Object(members) = value else { return Err(VpTokenError::Shape) }; // [VP-RSP-01]
        let list = |(query, value)| match value {
            Value::Array(list) => Ok((query, list)),
            _ => Err(VpTokenError::Shape), // [VP-RSP-01]
        };
        Self::new(members.into_iter().map(list).collect::<Result<_, _>>()?)
    }

    /// The presentations by query id.
    pub const fn presentations(&self) -> &BTreeMap<String, Vec<Value>> {
        &self.0
    }

    /// The presentations by query id, for whoever checks them.
    pub fn into_presentations(self) -> BTreeMap<String, Vec<Value>> {
        self.0
    }

    /// As it is sent.
    pub fn to_json(&self) -> Map<String, Value> {
        self.0.iter().map(|(query, list)| (query.clone(), Value::Array(list.clone()))).collect()
    }
}

impl fmt::Debug for VpToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VpToken").field(&self.0.keys()).finish()
    }
}

/// Why a `vp_token` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VpTokenError {
    /// VP-RSP-01: not an object of arrays.
    #[error("vp_token is not an object with an array for each query")]
    Shape,
    /// VP-RSP-01b: no query, or more than 32.
    #[error("vp_token answers no query, or too many")]
    Queries,
    /// VP-RSP-01c: no presentation for a query, or more than 32.
    #[error("vp_token has no presentation for a query, or too many")]
    Presentations,
    /// VP-RSP-01d: a presentation that is neither text nor object.
    #[error("vp_token has a presentation that is neither text nor object")]
    Kind,
}

impl VpTokenError {
    /// The rule that was broken, as in `spec/checks/vp-rsp.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shape => "VP-RSP-01",
            Self::Queries => "VP-RSP-01b",
            Self::Presentations => "VP-RSP-01c",
            Self::Kind => "VP-RSP-01d",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_query_has_an_array() {
        let wire = json!({"a": ["x~"], "b": [{"type": []}, "y~"]});
        let token = VpToken::parse(wire.clone()).unwrap();
        assert_eq!(token.presentations()["b"].len(), 2);
        assert_eq!(Value::Object(token.to_json()), wire);
    }

    #[test]
    fn other_shapes_are_refused() {
        let many: Map<String, Value> = (0..33).map(|n| (n.to_string(), json!(["x"]))).collect();
        for (wire, code) in [
            (json!("x~"), "VP-RSP-01"),
            (json!(["x~"]), "VP-RSP-01"),
            (json!({"a": "x~"}), "VP-RSP-01"),
            (json!({"a": {"type": []}}), "VP-RSP-01"),
            (json!({"a": ["x~"], "b": null}), "VP-RSP-01"),
            (json!({}), "VP-RSP-01b"),
            (Value::Object(many), "VP-RSP-01b"),
            (json!({"a": []}), "VP-RSP-01c"),
            (json!({"a": vec!["x"; 33]}), "VP-RSP-01c"),
            (json!({"a": [["x~"]]}), "VP-RSP-01d"),
            (json!({"a": ["x~", null]}), "VP-RSP-01d"),
        ] {
            assert_eq!(VpToken::parse(wire).unwrap_err().code(), code);
        }
    }
}
