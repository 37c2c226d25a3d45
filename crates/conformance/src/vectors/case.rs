//! One vector, as `test-vectors/README.md` describes it.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

/// The present of every case that has one: 2026-11-22T03:45:00Z.
pub(super) const NOW: i64 = 1_795_319_100;
pub(super) const NOW_TEXT: &str = "2026-11-22T03:45:00Z";

/// A case. Its members are printed in this order.
#[derive(Debug, Serialize)]
pub(super) struct Case {
    /// What it shows; the name of the file.
    #[serde(skip)]
    pub(super) name: &'static str,
    /// The section that it rests on.
    pub(super) source: &'static str,
    /// The rules that it touches.
    pub(super) checks: Vec<&'static str>,
    /// What is known beforehand.
    pub(super) given: Value,
    /// What arrives.
    pub(super) input: String,
    /// What must come of it.
    pub(super) expect: Value,
}

impl Case {
    /// The content of the file.
    pub(super) fn to_text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// It is accepted, and says `facts`.
pub(super) fn accepted(facts: impl Into<Value>) -> Value {
    json!({"accepted": facts.into()})
}

/// It is refused by `rule`.
pub(super) fn refused(rule: &str) -> Value {
    json!({"refused": rule})
}
