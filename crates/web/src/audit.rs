//! What an operator can say later about who did what, without personal data.

mod log;

pub use log::{Entry, Log};

use serde_json::{Map, Value, json};
use sinpyo_core::time::Timestamp;
use std::fmt;

/// A word for a log: a name of the operator's own making, never what a request said.
///
/// At most 128 letters, digits and `-_.:/`: a client's id, a credential type, a rule, an identifier that we drew. A text of
/// a person (a name with a space, an address with `@`) is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogWord(String);

/// Not a word for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a word for a log")]
pub struct LogWordError;

impl LogWordError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        "HTTP-20"
    }
}

impl LogWord {
    /// A word of ours.
    ///
    /// # Errors
    /// It has other characters, or too many.
    pub fn parse(text: &str) -> Result<Self, LogWordError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
        let is_word = !text.is_empty() && text.len() <= 128 && text.bytes().all(plain);
        is_word.then(|| Self(text.to_owned())).ok_or(LogWordError) // [HTTP-20]
    }
}

impl fmt::Display for LogWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of an audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// Who: a client or an operator by the name that the operator gave.
    pub who: LogWord,
    /// What was done: a word of the service, as `offer.made`.
    pub did: &'static str,
    /// To what, by names of ours.
    pub about: Vec<(&'static str, LogWord)>,
    /// Whether it was done, or the rule that forbade it.
    pub outcome: Outcome,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// This rule forbade it.
    Refused(&'static str),
}

impl AuditLine {
    /// As one line of JSON.
    pub fn to_json(&self) -> String {
        let about = self.about.iter().map(|(name, word)| ((*name).to_owned(), json!(word.0)));
        let mut line: Map<String, Value> = about.collect();
        line.insert("at".to_owned(), json!(self.at.to_string()));
        line.insert("who".to_owned(), json!(self.who.0));
        line.insert("did".to_owned(), json!(self.did));
        match self.outcome {
            Outcome::Done => line.insert("outcome".to_owned(), json!("done")),
            Outcome::Refused(rule) => line.insert("refused".to_owned(), json!(rule)),
        };
        Value::Object(line).to_string()
    }
}
