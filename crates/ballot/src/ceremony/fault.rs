//! Why something is out of place, somebody is out, or nothing came of it.

use super::{Phase, TrusteeNumber};

/// The manifest's numbers allow no ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParametersError {
    /// BAL-43: more trustees than there may be.
    #[error("there are too many trustees")]
    Trustees,
    /// BAL-43: the threshold is 0 or above the number of trustees.
    #[error("the threshold is not from 1 to the number of trustees")]
    Threshold,
    /// BAL-43: no keys, too many, or too many coefficients.
    #[error("the number of keys is out of bounds")]
    Keys,
    /// BAL-43: two trustees have one box key.
    #[error("two trustees have the same box key")]
    SameBox,
}

impl ParametersError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        "BAL-43"
    }
}

/// The event has no place in the ceremony: a board does not accept it, an auditor names it.
///
/// It changes nothing: whoever sent it can send the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MisplacedError {
    /// BAL-44: the ceremony is at another step.
    #[error("the ceremony is at another phase: {at:?}")]
    Phase {
        /// The step it is at.
        at: Phase,
    },
    /// BAL-45: there is no such trustee, or it is out.
    #[error("{trustee} takes no part")]
    Out {
        /// Who.
        trustee: TrusteeNumber,
    },
    /// BAL-46: the trustee has said this before.
    #[error("{trustee} has sent this before")]
    Again {
        /// Who.
        trustee: TrusteeNumber,
    },
    /// BAL-47: a share is not for another trustee that is in, or not of the right length.
    #[error("a share is not for another trustee that is in, or has a wrong length")]
    Shares,
    /// BAL-48: a trustee complains about itself.
    #[error("a trustee cannot complain about itself")]
    Itself,
    /// BAL-49: an answer to no complaint.
    #[error("there is no open complaint of {to}")]
    NoComplaint {
        /// Whose complaint would be answered.
        to: TrusteeNumber,
    },
}

impl MisplacedError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Phase { .. } => "BAL-44",
            Self::Out { .. } => "BAL-45",
            Self::Again { .. } => "BAL-46",
            Self::Shares => "BAL-47",
            Self::Itself => "BAL-48",
            Self::NoComplaint { .. } => "BAL-49",
        }
    }
}

/// Why a trustee is out of the ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// BAL-50: it did not send what the phase was for.
    #[error("nothing was sent in phase {during:?}")]
    Absent {
        /// The phase that went on without it.
        during: Phase,
    },
    /// BAL-51: it revealed something else than it had committed to.
    #[error("what was revealed is not what was committed to")]
    Commitment,
    /// BAL-52: a length is wrong, or an encoding is not canonical.
    #[error("what was revealed holds an encoding that is not canonical")]
    Encoding,
    /// BAL-53: a point is the neutral element.
    #[error("what was revealed holds the neutral element")]
    Identity,
    /// BAL-54: a proof of knowing a coefficient does not hold.
    #[error("the proof for coefficient {coefficient} of key {key} does not hold")]
    Proof {
        /// Which key, from 1.
        key: u32,
        /// Which coefficient, from 0.
        coefficient: u32,
    },
    /// BAL-55: a complaint was not answered.
    #[error("the complaint of {by} was not answered")]
    Unanswered {
        /// Who complained.
        by: TrusteeNumber,
    },
    /// BAL-56: the answer to a complaint does not fit the commitments.
    #[error("the answer to {by} does not fit the commitments")]
    Answer {
        /// Who complained.
        by: TrusteeNumber,
    },
}

impl Fault {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "BAL-50",
            Self::Commitment => "BAL-51",
            Self::Encoding => "BAL-52",
            Self::Identity => "BAL-53",
            Self::Proof { .. } => "BAL-54",
            Self::Unanswered { .. } => "BAL-55",
            Self::Answer { .. } => "BAL-56",
        }
    }
}

/// Why a ceremony gives no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    /// BAL-57: it is not at its end: somebody has not dealt, or a complaint is open and the host has not ended
    /// the phase of complaints.
    #[error("the ceremony is not at its end: {at:?}")]
    Unfinished {
        /// The step it is at.
        at: Phase,
    },
    /// BAL-58: fewer trustees are qualified than decrypt. This election cannot take place: a new one begins.
    #[error("only {qualified} trustees are qualified")]
    TooFew {
        /// How many.
        qualified: u32,
    },
    /// BAL-59: a joint key is the neutral element.
    #[error("joint key {key} is the neutral element")]
    Identity {
        /// Which key, from 1.
        key: u32,
    },
}

impl CeremonyError {
    /// The rule that was broken, as in `spec/checks/bal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unfinished { .. } => "BAL-57",
            Self::TooFew { .. } => "BAL-58",
            Self::Identity { .. } => "BAL-59",
        }
    }
}
