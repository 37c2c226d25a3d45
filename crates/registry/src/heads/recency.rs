//! How recent an answer has to be.

use super::{Heads, HeadsError};
use sinpyo_core::time::Timestamp;
use sinpyo_tlog::{
    checkpoint::Checkpoint,
    policy::{FUTURE_ALLOWANCE, Witnessed},
};
use std::time::Duration;

/// How far a statement may be ahead of the verifier's clock.
const SKEW: Duration = Duration::from_mins(1);

/// What a verifier demands beyond "this was the newest at some checkpoint". By default nothing.
#[derive(Clone, Debug, Default)]
pub struct Recency<'a> {
    seen: Option<&'a Checkpoint>,
    age: Option<(Duration, Timestamp)>,
}

impl<'a> Recency<'a> {
    /// The checkpoint is not older than `seen`, which the verifier has from elsewhere: from the log itself, a witness, an
    /// earlier proof.
    #[must_use]
    pub const fn not_before(mut self, seen: &'a Checkpoint) -> Self {
        self.seen = Some(seen);
        self
    }

    /// At `now`, neither the statement nor, where witnesses are demanded, their word is older than `max_age`.
    #[must_use]
    pub const fn within(mut self, max_age: Duration, now: Timestamp) -> Self {
        self.age = Some((max_age, now));
        self
    }

    /// Checks a checkpoint alone, for a log that names no heads key: not before what was seen, no fork of it, and where
    /// witnesses are demanded, their word not older than demanded.
    ///
    /// # Errors
    /// It is older, or contradicts what was seen.
    pub fn check_checkpoint(&self, witnessed: &Witnessed) -> Result<(), StaleError> {
        let checkpoint = witnessed.checkpoint();
        if let Some(seen) = self.seen {
            let (old, new) = (seen.head(), checkpoint.head());
            if seen.origin() != checkpoint.origin() || new.size < old.size {
                return Err(StaleError::Checkpoint); // [TLOG-37]
            }
            if new.size == old.size && new.root != old.root {
                return Err(StaleError::Fork); // [LOG-08]
            }
        }
        let (Some((max_age, now)), Some(at)) = (self.age, witnessed.witnessed_at()) else { return Ok(()) };
        // [WIT-05] As for a checkpoint without a statement.
        let timely = at >= now.minus(max_age) && at <= now.plus(FUTURE_ALLOWANCE);
        if timely { Ok(()) } else { Err(StaleError::Age) }
    }

    /// Checks a statement and the checkpoint that it came with.
    pub(crate) fn check(&self, heads: &Heads, witnessed: &Witnessed) -> Result<(), StaleError> {
        self.check_checkpoint(witnessed)?;
        let Some((max_age, now)) = self.age else { return Ok(()) };
        let timely = heads.at() >= now.minus(max_age) && heads.at() <= now.plus(SKEW);
        if timely { Ok(()) } else { Err(StaleError::Age) }
    }
}

/// Why a genuine answer is too old to be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StaleError {
    /// TLOG-37: the log has stated something newer about it.
    #[error("this is not the newest that the log has about it")]
    Superseded,
    /// TLOG-37: the verifier has seen a larger checkpoint.
    #[error("the checkpoint is older than one that was seen")]
    Checkpoint,
    /// LOG-08: the verifier has seen another root at this size: two histories.
    #[error("the checkpoint contradicts one that was seen")]
    Fork,
    /// TLOG-37: the statement, or the witnesses' word, is older than the policy allows, or from the future.
    #[error("the statement is too old")]
    Age,
    /// TLOG-36: nothing says what is newest.
    #[error(transparent)]
    Heads(HeadsError),
}

impl StaleError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Superseded | Self::Checkpoint | Self::Age => "TLOG-37",
            Self::Fork => "LOG-08",
            Self::Heads(error) => error.code(),
        }
    }
}
