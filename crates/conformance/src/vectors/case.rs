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
    source: &'static str,
    /// The rules that it touches.
    checks: Vec<&'static str>,
    /// What is known beforehand.
    given: Value,
    /// What arrives.
    input: String,
    /// What must come of it.
    expect: Value,
}

impl Case {
    /// A case that is accepted and establishes `facts`. The title is its name, the rules and the section.
    pub(super) fn accepted(
        (name, checks, source): (&'static str, &[&'static str], &'static str),
        given: Value,
        input: String,
        facts: impl Into<Value>,
    ) -> Self {
        let expect = json!({"accepted": facts.into()});
        Self { name, source, checks: checks.to_vec(), given, input, expect }
    }

    /// A case that is refused by one rule. The title is its name, the rule and the section.
    pub(super) fn refused(
        (name, rule, source): (&'static str, &'static str, &'static str),
        given: Value,
        input: String,
    ) -> Self {
        Self { name, source, checks: vec![rule], given, input, expect: json!({"refused": rule}) }
    }

    /// The content of the file.
    pub(super) fn to_text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
