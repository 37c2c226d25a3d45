//! Why a voter's wallet stops.

use crate::event::EventError;
use sinpyo_tlog::policy::PolicyError;

/// Why a voter's wallet stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoterError {
    /// VTR-06: not a link of an election.
    #[error("not the address of an election")]
    Link,
    /// VTR-05: the kept record is damaged.
    #[error("the voter's record is damaged")]
    Record,
    /// The service answered with this status, and may do better later.
    #[error("the service answered with status {0}")]
    Status(u16),
    /// The service refuses, for a reason of its own.
    #[error("the service refuses: {0}")]
    Refused(Refusal),
    /// VTR-07: the service answered something else than was asked.
    #[error("the service's answer is malformed")]
    Answer,
    /// VTR-01: the service sends more than an election has.
    #[error("the service sends too much")]
    TooMuch,
    /// VTR-02, VTR-03: tiles, entries and head do not fit together.
    #[error("the log's files do not fit its head")]
    Log,
    /// VTR-02: the log or its witnesses did not sign the head.
    #[error("the head of the log is not signed as it must be")]
    Head(#[source] PolicyError),
    /// VTR-04: the log is shorter than it was.
    #[error("the log went back")]
    WentBack,
    /// VTR-04: the log is another one than it was.
    #[error("the log does not continue what was seen of it")]
    Forked,
    /// An event in the log is malformed or not signed by its role.
    #[error("an event of the election is wrong")]
    Event(#[source] EventError),
    /// VTR-08: somebody else called this election, or it is another one.
    #[error("the election is not the one that was asked for")]
    OtherElection,
    /// VTR-09: the keys do not follow from the trustees' ceremony.
    #[error("the trustees' ceremony does not hold")]
    Ceremony,
    /// VTR-10: manifest, keys, roll and context do not belong together.
    #[error("the election was not opened with this manifest, these keys and this roll")]
    Context,
    /// VTR-11: the registrar's answer is not for this voter.
    #[error("the registrar's answer does not fit the request")]
    Registrar,
    /// VTR-12: the own commitment is not in the roll, or not once in the rings.
    #[error("the own commitment is not exactly once in the rings of the roll")]
    NotInRoll,
    /// VTR-13: the receipt is not for this ballot.
    #[error("the receipt is not for this ballot")]
    Receipt,
    /// VTR-13: no published head has the ballot yet.
    #[error("the ballot is not under a published head yet")]
    NotYet,
    /// VTR-14: the package does not make the ballot that was shown, or not a valid one.
    #[error("the package does not make a valid ballot")]
    Package,
    /// VTR-15: no admission token is left.
    #[error("no admission token is left")]
    NoToken,
    /// VTR-18: the address of the relay could name the voter, or it is the board's own.
    #[error("the address of the relay is not one that is the same for all voters")]
    Relay,
    /// VTR-18: ballots are to go another way than the voter has seen.
    #[error("ballots are to be sent another way than before")]
    OtherWay,
    /// A step was taken before its turn.
    #[error("this is not the turn of that step")]
    OutOfOrder,
}

/// Why the service refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The code is wrong, or was used.
    #[error("the code is wrong or was used")]
    Code,
    /// It took too long: begin again.
    #[error("the request took too long")]
    Nonce,
    /// What was shown is not enough.
    #[error("what was shown does not give the right to vote")]
    Presentation,
    /// The election is not in the phase for it.
    #[error("the election is not in the phase for that")]
    Closed,
    /// A ballot of this voter counts already and cannot be replaced.
    #[error("this voter has voted already")]
    Duplicate,
    /// The admission token is spent or wrong.
    #[error("the admission token is spent or wrong")]
    Token,
    /// What was sent is wrong in another way.
    #[error("what was sent is refused")]
    Other,
}

impl VoterError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMuch => "VTR-01",
            Self::Log => "VTR-03",
            Self::Head(error) => error.code(),
            Self::WentBack | Self::Forked => "VTR-04",
            Self::Record => "VTR-05",
            Self::Link => "VTR-06",
            Self::Answer | Self::Status(_) | Self::Refused(_) | Self::OutOfOrder => "VTR-07",
            Self::Event(error) => error.code(),
            Self::OtherElection => "VTR-08",
            Self::Ceremony => "VTR-09",
            Self::Context => "VTR-10",
            Self::Registrar => "VTR-11",
            Self::NotInRoll => "VTR-12",
            Self::Receipt | Self::NotYet => "VTR-13",
            Self::Package => "VTR-14",
            Self::NoToken => "VTR-15",
            Self::Relay | Self::OtherWay => "VTR-18",
        }
    }

    /// Whether the same step may go well later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Status(_) | Self::NotYet)
    }
}
