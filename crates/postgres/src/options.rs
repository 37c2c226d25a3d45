//! How a log is opened.

use sinpyo_tlog::merkle::TreeHead;
use std::{fmt, str::FromStr, time::Duration};

/// How many machines an acknowledged append must be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The server alone: what it flushed is acknowledged, and lost with its disk.
    Single,
    /// The server and a quorum of its standbys (`synchronous_standby_names = 'ANY n (…)'`).
    HighlyAvailable,
}

/// Reads from an entry what was submitted; `None` if it is none of the log's entries.
pub(crate) type SubmissionOf = fn(&[u8]) -> Option<Vec<u8>>;

/// How a log is opened.
#[derive(Clone, Debug)]
pub struct PgOptions {
    pub(crate) mode: Mode,
    pub(crate) schema: SchemaName,
    pub(crate) patience: Duration,
    pub(crate) continues: Option<TreeHead>,
    pub(crate) submission_of: Option<SubmissionOf>,
}

impl PgOptions {
    /// The schema `sinpyo`, and ten seconds of patience.
    pub fn new(mode: Mode) -> Self {
        let schema = SchemaName("sinpyo".into());
        Self { mode, schema, patience: Duration::from_secs(10), continues: None, submission_of: None }
    }

    /// Keeps the log in another schema: one log each.
    #[must_use]
    pub fn schema(self, schema: SchemaName) -> Self {
        Self { schema, ..self }
    }

    /// How long the server may take for a step, and an append for all, before the caller is told that it failed.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// A head that the world has seen, from a witness or an own note: a log that does not hold it is refused.
    #[must_use]
    pub fn continues(self, head: TreeHead) -> Self {
        Self { continues: Some(head), ..self }
    }

    /// How an entry of the sequencing shows what was submitted, so that [`crate::PgLog::verify`] can recompute the
    /// digests by which repetitions are known. Without it, they are compared with each other only.
    #[must_use]
    pub fn submissions(self, submission_of: fn(&[u8]) -> Option<Vec<u8>>) -> Self {
        Self { submission_of: Some(submission_of), ..self }
    }
}

/// Name of a schema: 1 to 48 lower-case letters, digits and `_`, not starting with a digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaName(String);

impl SchemaName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SchemaName {
    type Err = InvalidSchemaName;

    fn from_str(name: &str) -> Result<Self, InvalidSchemaName> {
        let fits = (1..=48).contains(&name.len())
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && !name.starts_with("pg_")
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if fits { Ok(Self(name.to_owned())) } else { Err(InvalidSchemaName) } // [PGL-12]
    }
}

/// PGL-12: not a [`SchemaName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a schema name: lower-case letters, digits and underscores, at most 48")]
pub struct InvalidSchemaName;

impl InvalidSchemaName {
    /// The rule in `spec/checks/pgl.toml`.
    pub const fn code(&self) -> &'static str {
        "PGL-12"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_name_cannot_carry_sql() {
        for good in ["sinpyo", "_a", "election_2026", "a".repeat(48).as_str()] {
            assert_eq!(good.parse::<SchemaName>().unwrap().to_string(), good);
        }
        for bad in ["", "1a", "A", "a b", "a\"", "a;drop", "pg_x", "é", "a-b", "a".repeat(49).as_str()] {
            assert_eq!(bad.parse::<SchemaName>().unwrap_err().code(), "PGL-12", "{bad}");
        }
    }
}
