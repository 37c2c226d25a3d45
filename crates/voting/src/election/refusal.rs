//! Why an entry does not belong into an election's log.

use crate::{event::EventError, form::FormError, manifest::ManifestError, phase::Phase};
use sinpyo_ballot::{
    ceremony::{CeremonyError, MisplacedError, TrusteeNumber},
    credential::RegistrationError,
};
use sinpyo_registry::engine::EngineError;

/// What a refusal says to whoever sent the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The entry itself is wrong (400).
    Invalid,
    /// Not by the one who may (403).
    Forbidden,
    /// Not at this time (403).
    Closed,
    /// It contradicts what is in the log (409).
    Conflict,
    /// Nobody's fault but the log's (503).
    Unavailable,
}

impl Class {
    /// The HTTP status that says the same.
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Forbidden | Self::Closed => 403,
            Self::Conflict => 409,
            Self::Unavailable => 503,
        }
    }
}

/// The rule that an entry breaks.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// VOT-41 to VOT-44: the event's form or signature.
    #[error(transparent)]
    Event(EventError),
    /// VOT-10, VOT-47: made for another election.
    #[error("the event is for another election")]
    ForeignElection,
    /// VOT-47: entry 0, and no other, calls the election.
    #[error("entry 0 of the log is a manifest signed by the host's key in it")]
    NotCalled,
    /// VOT-48: the election is at another phase.
    #[error("this does not happen in phase {phase}")]
    Phase {
        /// The phase it is in.
        phase: Phase,
    },
    /// VOT-48: said before.
    #[error("this has been said before")]
    Again,
    /// VOT-49: the time went back.
    #[error("the time of the event lies before that of an earlier one")]
    TimeWentBack,
    /// VOT-49: the time lies ahead of the board's clock.
    #[error("the time of the event lies ahead of the board's clock")]
    TimeAhead,
    /// VOT-22: outside the time in which ballots are taken.
    #[error("ballots are taken from {opens} until before {closes}")]
    Hours {
        /// The first second.
        opens: sinpyo_core::time::Timestamp,
        /// The first second that is too late.
        closes: sinpyo_core::time::Timestamp,
    },
    /// VOT-22: closed before its time.
    #[error("the election does not close before {closes}")]
    Early {
        /// When it closes.
        closes: sinpyo_core::time::Timestamp,
    },
    /// VOT-45: the manifest breaks a bound.
    #[error(transparent)]
    Manifest(ManifestError),
    /// VOT-50: the manifest changes what is fixed.
    #[error("the manifest changes what is fixed by now")]
    Fixed,
    /// VOT-51: out of place in the key ceremony.
    #[error(transparent)]
    Misplaced(MisplacedError),
    /// VOT-52: not what the ceremony led to.
    #[error("keys or qualified trustees are not what the ceremony led to")]
    Keys,
    /// VOT-52: the ceremony led to nothing.
    #[error(transparent)]
    Ceremony(CeremonyError),
    /// VOT-53: a line of the roll breaks a rule.
    #[error(transparent)]
    Roll(RollError),
    /// VOT-54: the frozen roll is not the one in the log.
    #[error("the roll that is frozen is not the one in the log (district {district})")]
    Frozen {
        /// The district's place.
        district: u32,
    },
    /// VOT-55: more are registered than the legal roll has.
    #[error("more are registered than the legal roll has (district {district})")]
    Legal {
        /// The district's place.
        district: u32,
    },
    /// VOT-56: not the beacon value that the trustee had fixed.
    #[error("not the beacon value that trustee {trustee} had fixed")]
    BeaconValue {
        /// Who.
        trustee: u32,
    },
    /// VOT-57: rings that the roll and the beacon do not lead to.
    #[error("beacon, count or root of the rings is not what roll and beacon lead to")]
    Rings,
    /// VOT-58: not the context of this election.
    #[error("the context is not that of this election")]
    Context,
    /// VOT-07, VOT-08: the voter's first ballot counts, and this is another.
    #[error("the voter's ballot at {index} counts")]
    Duplicate {
        /// The ballot that counts.
        index: u64,
    },
    /// VOT-59: something refers to what the manifest does not have.
    #[error("there is no such option")]
    NoSuchOption,
    /// VOT-60: the closing entry counts otherwise than the log.
    #[error("the closing entry does not count what the log has")]
    Counts,
    /// VOT-15: a share by a trustee that is not qualified, or a second one for a group.
    #[error("trustee {trustee} is not qualified")]
    Unqualified {
        /// Who.
        trustee: u32,
    },
    /// VOT-42: an entry that is neither a ballot nor an event.
    #[error("the entry is neither a ballot nor an event")]
    Unknown,
    /// The log's engine failed, or its state is damaged.
    #[error(transparent)]
    Engine(EngineError),
}

/// What is wrong with a line of the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RollError {
    /// No such district, or not the slot's.
    #[error("there is no such district for this slot")]
    District,
    /// The profile of the election registers otherwise.
    #[error("the election registers in another profile")]
    Profile,
    /// Whether the slot has a commitment is not as the event says.
    #[error("whether the slot has a commitment already is not as the event says")]
    Slot,
    /// The commitment has been registered before.
    #[error("the commitment has been registered before")]
    Commitment,
    /// The commitment or its proof is refused.
    #[error("the commitment or its proof is refused")]
    Proof(#[source] RegistrationError),
}

impl From<EngineError> for Refused {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<EventError> for Refused {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Manifest(error) => Self::Manifest(error),
            error => Self::Event(error),
        }
    }
}

impl From<FormError> for Refused {
    fn from(error: FormError) -> Self {
        Self::Event(EventError::Form(error))
    }
}

impl Refused {
    /// The rule that was broken, as in `spec/checks/vot.toml`; `None` if the engine failed.
    pub const fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Event(error) => error.code(),
            Self::ForeignElection => "VOT-10",
            Self::NotCalled => "VOT-47",
            Self::Phase { .. } | Self::Again => "VOT-48",
            Self::TimeWentBack | Self::TimeAhead => "VOT-49",
            Self::Hours { .. } | Self::Early { .. } => "VOT-22",
            Self::Manifest(error) => error.code(),
            Self::Fixed => "VOT-50",
            Self::Misplaced(_) => "VOT-51",
            Self::Keys | Self::Ceremony(_) => "VOT-52",
            Self::Roll(_) => "VOT-53",
            Self::Frozen { .. } => "VOT-54",
            Self::Legal { .. } => "VOT-55",
            Self::BeaconValue { .. } => "VOT-56",
            Self::Rings => "VOT-57",
            Self::Context => "VOT-58",
            Self::Duplicate { .. } => "VOT-08",
            Self::NoSuchOption => "VOT-59",
            Self::Counts => "VOT-60",
            Self::Unqualified { .. } => "VOT-15",
            Self::Unknown => "VOT-42",
            Self::Engine(_) => return None,
        })
    }

    /// What to tell whoever sent it.
    pub const fn class(&self) -> Class {
        match self {
            Self::Event(EventError::Signature | EventError::Role) | Self::Unqualified { .. } => {
                Class::Forbidden
            }
            Self::Phase { .. } | Self::Hours { .. } | Self::Early { .. } => Class::Closed,
            Self::Again | Self::TimeWentBack | Self::Fixed | Self::Duplicate { .. } | Self::Misplaced(_) => {
                Class::Conflict
            }
            Self::Roll(RollError::Slot | RollError::Commitment) | Self::Counts => Class::Conflict,
            Self::Engine(_) => Class::Unavailable,
            _ => Class::Invalid,
        }
    }

    /// The trustee that is at fault, if one is.
    pub const fn trustee(&self) -> Option<u32> {
        match self {
            Self::BeaconValue { trustee } | Self::Unqualified { trustee } => Some(*trustee),
            Self::Misplaced(MisplacedError::Out { trustee } | MisplacedError::Again { trustee }) => {
                Some(TrusteeNumber::number(*trustee))
            }
            _ => None,
        }
    }
}
