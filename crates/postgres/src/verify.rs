//! What in a log does not belong to the rest of it.

use crate::error::PgError;
use sinpyo_registry::engine::{EngineError, Refusal};

/// Why a log does not verify.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// PGL-15: an entry is missing, one too many, or not the one that the tiles have there.
    #[error("the log is damaged at entry {index}")]
    Entry {
        /// The first such entry.
        index: u64,
    },
    /// PGL-09: entries and tiles agree, but lead to another head than the stored one.
    #[error("the tree head at size {size} does not match the stored entries")]
    Head {
        /// The size that the stored head claims.
        size: u64,
    },
    /// PGL-18: the published checkpoint is unreadable, or not of this log.
    #[error("the published checkpoint of size {published} is not of this log")]
    Published {
        /// Its size.
        published: u64,
    },
    /// PGL-19: an entry could not have been sequenced where it is.
    #[error("entry {index} breaks a rule")]
    Unlawful {
        /// The first such entry.
        index: u64,
        /// Which rule.
        #[source]
        reason: Refusal,
    },
    /// PGL-20: the stored state is not what the entries lead to.
    #[error("the stored state is not what the entries lead to")]
    State,
    /// PGL-21: the digest by which a repetition is known is not that of the entry, or leads elsewhere.
    #[error("the submission of entry {index} would not be known again")]
    Submission {
        /// The first such entry.
        index: u64,
    },
    /// The database could not be read.
    #[error(transparent)]
    Database(PgError),
}

impl VerifyError {
    /// The rule in `spec/checks/pgl.toml` that is broken; `None` if the database could not be read.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Entry { .. } => Some("PGL-15"),
            Self::Head { .. } => Some("PGL-09"),
            Self::Published { .. } => Some("PGL-18"),
            Self::Unlawful { .. } => Some("PGL-19"),
            Self::State => Some("PGL-20"),
            Self::Submission { .. } => Some("PGL-21"),
            Self::Database(error) => error.code(),
        }
    }

    /// What the log answers from then on; `None` if nothing was found damaged.
    pub(crate) const fn damage(&self) -> Option<Damage> {
        match self {
            Self::Entry { index } | Self::Unlawful { index, .. } | Self::Submission { index } => {
                Some(Damage::From(*index))
            }
            Self::Head { size: index } | Self::Published { published: index } => Some(Damage::From(*index)),
            Self::State => Some(Damage::State),
            Self::Database(_) => None,
        }
    }
}

impl From<PgError> for VerifyError {
    fn from(error: PgError) -> Self {
        match error {
            PgError::Damaged { index } => Self::Entry { index },
            error => Self::Database(error),
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    From(u64),
    State,
}

impl From<Damage> for EngineError {
    fn from(damage: Damage) -> Self {
        match damage {
            Damage::From(index) => Self::Corrupt { index },
            Damage::State => Self::CorruptState,
        }
    }
}
