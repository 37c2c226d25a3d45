//! How far an election is (§3).

use std::fmt;

/// The phases of an election, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Called; the manifest may still change.
    Draft,
    /// The trustees make the keys.
    Ceremony,
    /// The roll fills.
    Registration,
    /// The roll is fixed; beacon and rings follow.
    Frozen,
    /// Ballots are taken.
    Open,
    /// The last ballot is in; the trustees open the sums.
    Closed,
    /// The result is announced.
    Tallied,
    /// Kept until a day.
    Archived,
}

impl Phase {
    const ALL: [Self; 8] = [
        Self::Draft,
        Self::Ceremony,
        Self::Registration,
        Self::Frozen,
        Self::Open,
        Self::Closed,
        Self::Tallied,
        Self::Archived,
    ];

    /// The specification's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ceremony => "ceremony",
            Self::Registration => "registration",
            Self::Frozen => "frozen",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Tallied => "tallied",
            Self::Archived => "archived",
        }
    }

    /// The phase of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == name)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The steps of the key ceremony (§5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Trustees commit.
    Commit,
    /// Those who committed reveal.
    Reveal,
    /// Those who revealed rightly deal.
    Shares,
    /// Whoever misses a share or got a wrong one says so.
    Complaints,
    /// Those complained against answer.
    Answers,
}

impl Step {
    const ALL: [Self; 5] = [Self::Commit, Self::Reveal, Self::Shares, Self::Complaints, Self::Answers];

    /// The specification's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Reveal => "reveal",
            Self::Shares => "shares",
            Self::Complaints => "complaints",
            Self::Answers => "answers",
        }
    }

    /// The step of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }
}
