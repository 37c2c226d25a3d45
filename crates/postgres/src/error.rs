//! What can go wrong between a node and its database.

use sinpyo_registry::engine::EngineError;
use std::{error::Error, sync::Arc};
use tokio_postgres::error::SqlState;

/// The database could not do its work. One failure may be the answer to many callers.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PgError {
    /// No primary answered in time, or too many calls wait. Nothing of the call was written.
    #[error("the database is not available")]
    Unavailable(#[source] Option<Arc<tokio_postgres::Error>>),
    /// PGL-07: the commit was sent and not confirmed. The same bytes again are answered with the index they got.
    #[error("the database did not confirm the commit")]
    Unknown,
    /// No space is left on the server. Nothing of the call was written.
    #[error("no space left for the database")]
    Full,
    /// PGL-08: the head moved although this node held the lock. Nothing of the call was written.
    #[error("another writer moved the head of the log")]
    Contended,
    /// The content of the tables contradicts itself.
    #[error("the tables are damaged at entry {index}")]
    Damaged {
        /// Index of the first entry concerned, as far as it is known.
        index: u64,
    },
    /// The server, or what it holds, is refused.
    #[error(transparent)]
    Refused(#[from] Unfit),
    /// The server answered with an error that has no better name here.
    #[error("the database failed")]
    Failed(#[source] Arc<tokio_postgres::Error>),
}

impl PgError {
    /// The rule in `spec/checks/pgl.toml` by which this was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Unknown => Some("PGL-07"),
            Self::Contended => Some("PGL-08"),
            Self::Refused(unfit) => Some(unfit.code()),
            Self::Unavailable(_) | Self::Full | Self::Damaged { .. } | Self::Failed(_) => None,
        }
    }

    /// Whether the server says that it took back what it was asked for a reason that may have passed: two waited for each
    /// other, or the connection was ended.
    pub(crate) fn is_undone(&self) -> bool {
        let (Self::Unavailable(Some(error)) | Self::Failed(error)) = self else { return false };
        // Not a crash of the server: that may come when the commit is done.
        let passing =
            [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE, SqlState::ADMIN_SHUTDOWN];
        error.code().is_some_and(|state| passing.contains(state))
    }

    /// Whether the server has no connection left for this node now.
    pub(crate) fn is_crowded(&self) -> bool {
        let Self::Unavailable(Some(error)) = self else { return false };
        error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS)
    }

    /// A deadline passed before anything was committed.
    pub(crate) const fn late() -> Self {
        Self::Unavailable(None)
    }

    pub(crate) fn of(error: tokio_postgres::Error) -> Self {
        let error = Arc::new(error);
        let Some(state) = error.code() else { return Self::Unavailable(Some(error)) };
        if *state == SqlState::DISK_FULL {
            return Self::Full;
        }
        // 08 connection, 57 operator intervention, 53 resources, 55P03 the lock was not to be had, 25006 a standby.
        let class = state.code().get(..2).unwrap_or_default();
        let passing = ["08", "57", "53"].contains(&class)
            || [SqlState::LOCK_NOT_AVAILABLE, SqlState::READ_ONLY_SQL_TRANSACTION].contains(state);
        if passing { Self::Unavailable(Some(error)) } else { Self::Failed(error) }
    }
}

impl From<PgError> for EngineError {
    fn from(error: PgError) -> Self {
        match error {
            PgError::Damaged { index } => Self::Corrupt { index },
            error => Self::Storage(Box::new(error)),
        }
    }
}

/// Why a server, or the log that it holds, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// PGL-01: older than PostgreSQL 15.
    #[error("the server is PostgreSQL {major}, older than 15")]
    Version {
        /// Its major version.
        major: i32,
    },
    /// PGL-02: `synchronous_commit` lets a commit return before it is as durable as the mode asks.
    #[error("synchronous_commit lets commits return too early")]
    SynchronousCommit,
    /// PGL-03: `fsync` or `full_page_writes` is off, or `data_sync_retry` is on.
    #[error("the server setting {setting} gives up durability")]
    Flushing {
        /// Name of the setting.
        setting: &'static str,
    },
    /// PGL-04: `synchronous_standby_names` names no quorum, such as `ANY 1 (s1, s2)`; `*` is no name.
    #[error("synchronous_standby_names names no quorum of standbys")]
    NoQuorum,
    /// PGL-05: this node has seen a later timeline: the server was replaced by a standby.
    #[error("the server is on timeline {found}, after timeline {seen} was seen")]
    Superseded {
        /// Its timeline.
        found: u32,
        /// The latest seen.
        seen: u32,
    },
    /// PGL-06: the log does not hold a head that it published, or that this node has seen or was given.
    #[error("the log does not continue its head of size {size}")]
    Fork {
        /// Size of the head that is not its own.
        size: u64,
    },
    /// PGL-09: head, frontier, right-most tiles and last entry do not belong together.
    #[error("the tree head at size {size} does not match the stored entries")]
    HeadMismatch {
        /// The size that the stored head claims.
        size: u64,
    },
    /// PGL-10: the tables were made by a newer release, or are not those of a log.
    #[error("the tables have format {found}, this release knows {known}")]
    Format {
        /// The format found; 0 if there is none.
        found: i32,
        /// The format of this release.
        known: i32,
    },
}

impl Unfit {
    /// The rule in `spec/checks/pgl.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Version { .. } => "PGL-01",
            Self::SynchronousCommit => "PGL-02",
            Self::Flushing { .. } => "PGL-03",
            Self::NoQuorum => "PGL-04",
            Self::Superseded { .. } => "PGL-05",
            Self::Fork { .. } => "PGL-06",
            Self::HeadMismatch { .. } => "PGL-09",
            Self::Format { .. } => "PGL-10",
        }
    }
}

/// Why a log was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is not one, or names no host.
    #[error("the database URL is malformed")]
    Url(#[source] Option<tokio_postgres::Error>),
    /// The committing thread could not be started.
    #[error("the committing thread did not start")]
    Thread(#[source] std::io::Error),
    /// The database refused, was refused, or did not answer.
    #[error(transparent)]
    Database(#[from] PgError),
}

impl OpenError {
    /// The rule by which the log was refused, where it is a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Database(error) => error.code(),
            Self::Url(_) | Self::Thread(_) => None,
        }
    }
}

/// The [`PgError`] that an engine error carries, for those who answer differently by it.
impl PgError {
    /// The database failure behind `error`, if there is one.
    pub fn behind(error: &EngineError) -> Option<&Self> {
        error.source()?.downcast_ref()
    }
}
