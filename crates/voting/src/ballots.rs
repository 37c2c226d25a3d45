//! Ballots as a board takes them (§11), and all that they are checked under.

mod intake;
mod settings;

pub use intake::{Accepted, BallotBox, Turned};
pub use settings::{Settings, SettingsError};

use std::fmt;

/// Why a ballot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Header, length, or an encoding.
    Encoding,
    /// No such ring.
    Ring,
    /// No such style, or not that of the ring's district.
    Style,
    /// An equation of the proof does not hold.
    Proof,
    /// The tag is the neutral element.
    Tag,
    /// The voter's first ballot counts, and this is another.
    Duplicate,
}

impl Reason {
    const ALL: [Self; 6] = [Self::Encoding, Self::Ring, Self::Style, Self::Proof, Self::Tag, Self::Duplicate];

    /// The specification's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Ring => "ring",
            Self::Style => "style",
            Self::Proof => "proof",
            Self::Tag => "tag",
            Self::Duplicate => "duplicate",
        }
    }

    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
