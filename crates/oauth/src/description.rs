//! What a refusal says about itself to the peer.

use std::fmt;

/// Text for `error_description` or `event_description`: printable ASCII without `"` and `\` [RFC 6749 §5.2].
///
/// No other text can be held. What is meant for people, in their language, belongs on a page or into a member of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// `text`, in which every character that may not be sent has become an apostrophe.
    pub fn new(text: &impl fmt::Display) -> Self {
        let sendable = |c: char| if matches!(c, ' '..='~') && c != '"' && c != '\\' { c } else { '\'' };
        Self(text.to_string().chars().map(sendable).collect()) // [OAU-01]
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
