//! Claims and the paths that point at them.

use serde_json::{Map, Value};
use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;

/// A pointer to one or more claims: names, array positions, or all elements of an array [OpenID4VP 1.0 §7].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimPath(Vec<ClaimStep>);

/// One step of a [`ClaimPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimStep {
    /// The member of this name.
    Name(String),
    /// The array element at this position, from 0.
    Index(usize),
    /// Every array element (`null` on the wire).
    Every,
}

/// Deepest path that is read; credentials nest far less.
const MAX_STEPS: usize = 16;

impl ClaimPath {
    /// The path to a claim at the top level.
    pub fn name(name: &str) -> Self {
        Self(vec![ClaimStep::Name(name.to_owned())])
    }

    /// The path to the claim `name` within the object that this path selects.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.0.push(ClaimStep::Name(name.to_owned()));
        self
    }

    /// The steps, at least one.
    pub fn steps(&self) -> &[ClaimStep] {
        &self.0
    }

    /// Reads the wire form, an array such as `["address","locality"]`.
    ///
    /// # Errors
    /// Not an array of 1 to 16 strings, non-negative integers and nulls that begins with a string.
    pub fn from_json(value: &Value) -> Result<Self, ParsePathError> {
        let steps = value.as_array().ok_or(ParsePathError)?;
        let steps = steps.iter().map(ClaimStep::from_json).collect::<Result<Vec<_>, _>>()?;
        if steps.len() > MAX_STEPS || !matches!(steps.first(), Some(ClaimStep::Name(_))) {
            return Err(ParsePathError);
        }
        Ok(Self(steps))
    }

    /// The wire form.
    pub fn to_json(&self) -> Value {
        let step = |step: &ClaimStep| match step {
            ClaimStep::Name(name) => Value::from(name.as_str()),
            ClaimStep::Index(index) => Value::from(*index),
            ClaimStep::Every => Value::Null,
        };
        self.0.iter().map(step).collect()
    }

    /// Whether every claim that `self` selects lies at or below `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        let covers = |(mine, theirs): (&ClaimStep, &ClaimStep)| match theirs {
            ClaimStep::Every => !matches!(mine, ClaimStep::Name(_)),
            exact => mine == exact,
        };
        self.0.len() >= other.0.len() && self.0.iter().zip(&other.0).all(covers)
    }

    /// The values that the path selects in `claims`, in order; empty if there is none.
    pub fn select<'a>(&self, claims: &'a Map<String, Value>) -> Vec<&'a Value> {
        let Some((ClaimStep::Name(first), rest)) = self.0.split_first() else { return Vec::new() };
        let mut selected: Vec<&Value> = claims.get(first).into_iter().collect();
        for step in rest {
            selected = selected
                .into_iter()
                .flat_map(|value| match (step, value) {
                    (ClaimStep::Name(name), Value::Object(members)) => {
                        members.get(name).into_iter().collect()
                    }
                    (ClaimStep::Index(index), Value::Array(elements)) => {
                        elements.get(*index).into_iter().collect()
                    }
                    (ClaimStep::Every, Value::Array(elements)) => elements.iter().collect::<Vec<_>>(),
                    _ => Vec::new(),
                })
                .collect();
        }
        selected
    }
}

impl ClaimStep {
    fn from_json(value: &Value) -> Result<Self, ParsePathError> {
        match value {
            Value::Null => Ok(Self::Every),
            Value::String(name) => Ok(Self::Name(name.clone())),
            Value::Number(index) => {
                let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                index.map(Self::Index).ok_or(ParsePathError)
            }
            _ => Err(ParsePathError),
        }
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            let dot = if position > 0 { "." } else { "" };
            match step {
                ClaimStep::Name(name) => write!(f, "{dot}{name}")?,
                ClaimStep::Index(index) => write!(f, "[{index}]")?,
                ClaimStep::Every => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl FromStr for ClaimPath {
    type Err = ParsePathError;

    /// Reads names joined by dots, as people type them: `address.locality`.
    fn from_str(text: &str) -> Result<Self, ParsePathError> {
        let steps: Vec<_> = text.split('.').map(|name| ClaimStep::Name(name.to_owned())).collect();
        let bad = |step: &ClaimStep| matches!(step, ClaimStep::Name(name) if name.is_empty());
        if steps.len() > MAX_STEPS || steps.iter().any(bad) { Err(ParsePathError) } else { Ok(Self(steps)) }
    }
}

/// The text or array is no claim path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path to a claim")]
pub struct ParsePathError;

/// Unicode Normalization Form C, in which all text of claims is compared, hashed and signed.
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Whether two claim values are the same once all text is in NFC. Look-alikes stay different.
pub fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b || a.nfc().eq(b.nfc()),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_value(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(value: &Value) -> ClaimPath {
        ClaimPath::from_json(value).unwrap()
    }

    #[test]
    fn a_path_selects_as_the_specification_shows() {
        // OpenID4VP 1.0 §7.3.
        let claims = json!({"name":"Arthur Dent","address":{"street_address":"42 Market Street","locality":"Milliways"},
            "degrees":[{"type":"Bachelor of Science"},{"type":"Master of Science"}],"nationalities":["British","Betelgeusian"]});
        let claims = claims.as_object().unwrap();
        assert_eq!(path(&json!(["address", "street_address"])).select(claims), [&json!("42 Market Street")]);
        assert_eq!(path(&json!(["degrees", null, "type"])).select(claims).len(), 2);
        assert_eq!(path(&json!(["nationalities", 1])).select(claims), [&json!("Betelgeusian")]);
        assert!(path(&json!(["nationalities", "x"])).select(claims).is_empty());
    }

    #[test]
    fn malformed_paths_are_refused() {
        for value in [
            json!([]),
            json!("a"),
            json!([null]),
            json!([1]),
            json!(["a", -1]),
            json!(["a", 1.5]),
            Value::Array(vec![json!("a"); 17]),
        ] {
            assert_eq!(ClaimPath::from_json(&value), Err(ParsePathError), "{value}");
        }
        assert!("a..b".parse::<ClaimPath>().is_err());
    }

    #[test]
    fn a_path_lies_within_its_parents() {
        let address = ClaimPath::name("address");
        let street: ClaimPath = "address.street".parse().unwrap();
        assert!(street.is_within(&address) && street.is_within(&street) && !address.is_within(&street));
        assert!(path(&json!(["a", 1])).is_within(&path(&json!(["a", null]))));
        assert!(!path(&json!(["a", null])).is_within(&path(&json!(["a", 1]))));
    }

    #[test]
    fn hangul_is_equal_after_normalisation_and_look_alikes_are_not() {
        let (composed, decomposed) = (
            json!("김한별"),
            json!("\u{1100}\u{1175}\u{11b7}\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}"),
        );
        assert!(composed != decomposed && same_value(&composed, &decomposed));
        assert!(!same_value(&json!("가·나"), &json!("가ㆍ나")));
        assert!(!same_value(&json!("ㄱ"), &json!("\u{1100}")));
        assert!(same_value(&json!({"a":[composed]}), &json!({"a":[decomposed]})));
    }
}
