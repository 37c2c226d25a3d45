//! How recent an answer has to be.

use super::{Heads, HeadsError};
use sinpyo_core::time::Timestamp;
use sinpyo_tlog::{checkpoint::Checkpoint, policy::Witnessed};
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

    /// Checks a statement and the checkpoint that it came with.
    pub(crate) fn check(&self, heads: &Heads, witnessed: &Witnessed) -> Result<(), StaleError> {
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
        let Some((max_age, now)) = self.age else { return Ok(()) };
        let oldest = now.minus(max_age);
        let witnesses = witnessed.witnessed_at();
        if heads.at() < oldest || heads.at() > now.plus(SKEW) || witnesses.is_some_and(|at| at < oldest) {
            return Err(StaleError::Age);
        }
        Ok(())
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
