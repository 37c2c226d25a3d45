//! Who signs events.

use std::fmt;

/// A role of §2 that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Calls the election.
    Host,
    /// Keeps the roll.
    Registrar,
    /// Keeps the log.
    Board,
    /// The trustee of that number, from 1.
    Trustee(u32),
}

impl Role {
    /// Reads `host`, `registrar`, `board` or `trustee/<number>`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "host" => Some(Self::Host),
            "registrar" => Some(Self::Registrar),
            "board" => Some(Self::Board),
            _ => {
                let role =
                    Self::Trustee(text.strip_prefix("trustee/")?.parse().ok().filter(|number| *number > 0)?);
                // One text per role.
                (role.to_string() == text).then_some(role)
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("host"),
            Self::Registrar => f.write_str("registrar"),
            Self::Board => f.write_str("board"),
            Self::Trustee(number) => write!(f, "trustee/{number}"),
        }
    }
}
