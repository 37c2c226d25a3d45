//! A checkpoint that satisfies a policy, and one that is recent too.

use crate::checkpoint::Checkpoint;
use sinpyo_core::time::Timestamp;
use std::time::Duration;

/// How far ahead of ours the clock of a witness may be.
pub const FUTURE_ALLOWANCE: Duration = Duration::from_mins(5);

/// A known log's statement that a quorum of witnesses cosigned. Made by [`super::Policy::verify`] only.
///
/// Says nothing about age: a log can keep showing an old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    checkpoint: Checkpoint,
    witnessed_at: Option<Timestamp>,
}

impl Witnessed {
    pub(super) const fn assert(checkpoint: Checkpoint, witnessed_at: Option<Timestamp>) -> Self {
        Self { checkpoint, witnessed_at }
    }

    /// The log's statement.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The latest time at which, or after which, a quorum had cosigned; `None` if the policy demands no witnesses.
    pub const fn witnessed_at(&self) -> Option<Timestamp> {
        self.witnessed_at
    }

    /// Demands that a quorum saw this checkpoint as the newest no longer than `max_age` before `now`.
    ///
    /// # Errors
    /// The policy demands no witnesses, so that nobody but the log vouches for a time; the time lies more than
    /// `max_age` in the past or more than [`FUTURE_ALLOWANCE`] in the future.
    pub fn not_older_than(&self, max_age: Duration, now: Timestamp) -> Result<Fresh, FreshnessError> {
        let at = self.witnessed_at.ok_or(FreshnessError::Unwitnessed)?; // [WIT-14]
        if at < now.minus(max_age) {
            return Err(FreshnessError::Old { witnessed_at: at }); // [WIT-14]
        }
        if at > now.plus(FUTURE_ALLOWANCE) {
            return Err(FreshnessError::Future { witnessed_at: at }); // [WIT-05]
        }
        Ok(Fresh { checkpoint: self.checkpoint.clone(), witnessed_at: at })
    }
}

/// A witnessed checkpoint that is recent. Made by [`Witnessed::not_older_than`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    checkpoint: Checkpoint,
    witnessed_at: Timestamp,
}

impl Fresh {
    /// The log's statement.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// When a quorum had seen it.
    pub const fn witnessed_at(&self) -> Timestamp {
        self.witnessed_at
    }
}

/// Why a checkpoint does not count as recent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FreshnessError {
    /// WIT-14: no witness vouches for a time.
    #[error("no witness vouches for the age of the checkpoint")]
    Unwitnessed,
    /// WIT-14: it was seen too long ago.
    #[error("the checkpoint was last witnessed at {witnessed_at}, too long ago")]
    Old {
        /// When a quorum had seen it.
        witnessed_at: Timestamp,
    },
    /// WIT-05: it was seen in the future.
    #[error("the checkpoint was witnessed at {witnessed_at}, in the future")]
    Future {
        /// When a quorum claims to have seen it.
        witnessed_at: Timestamp,
    },
}

impl FreshnessError {
    /// The rule that was broken, as in `spec/checks/wit.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unwitnessed | Self::Old { .. } => "WIT-14",
            Self::Future { .. } => "WIT-05",
        }
    }
}
