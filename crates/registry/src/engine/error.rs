use std::error::Error;

/// The engine could not do its work. Nobody's submission is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The storage below failed: disk, database, connection.
    #[error("the log's storage failed")]
    Storage(#[source] Box<dyn Error + Send + Sync>),
    /// Something that the log had is missing or has another content than its hash.
    #[error("the log is damaged at entry {index}")]
    Corrupt {
        /// Index of the first entry concerned.
        index: u64,
    },
    /// The folded state holds something that the fold never writes.
    #[error("the folded state is damaged")]
    CorruptState,
    /// The log does not reach so far.
    #[error("the log does not reach that far")]
    OutsideLog,
    /// TLOG-49: what was asked for is more than one proof may hold.
    #[error("a proof of this would be longer than anybody reads")]
    TooMuch,
    /// An earlier write failed, so the engine takes no more until it is opened again.
    #[error("the log stopped after a failed write")]
    Stopped,
}

/// Why a submission did not become an entry, or an entry is no lawful successor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The submission breaks a rule.
    #[error("{reason}")]
    Rule {
        /// Id of the rule in `spec/checks/`.
        code: &'static str,
        /// What was found; a typed error of the fold that refused.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl Refusal {
    /// A refusal by rule `code` for `reason`.
    pub fn rule(code: &'static str, reason: impl Error + Send + Sync + 'static) -> Self {
        Self::Rule { code, reason: Box::new(reason) }
    }

    /// The rule that was broken; `None` if the engine failed.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Rule { code, .. } => Some(code),
            Self::Engine(_) => None,
        }
    }
}

/// Why a submission was not appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// LOG-06: no bytes, or more than [`super::MAX_SUBMISSION`].
    #[error("the submission is empty or longer than 65000 bytes")]
    Length,
    /// The sequencing refused it.
    #[error(transparent)]
    Refused(Refusal),
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
}

impl AppendError {
    /// The rule that was broken, as in `spec/checks/`; `None` if the engine failed.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Length => Some("LOG-06"),
            Self::Refused(refusal) => refusal.code(),
            Self::Engine(_) => None,
        }
    }
}

/// Why a checkpoint was not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// LOG-07: a larger one is out already.
    #[error("the log has published a larger checkpoint")]
    Shrinks,
    /// LOG-08: its root is not the root of the log's first `size` entries.
    #[error("the checkpoint has another root than the log at its size")]
    Fork,
    /// LOG-09: it speaks of entries that the log does not have.
    #[error("the checkpoint is ahead of the log")]
    Ahead,
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
}

impl PublishError {
    /// The rule that was broken, as in `spec/checks/log.toml`; `None` if the engine failed.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Shrinks => Some("LOG-07"),
            Self::Fork => Some("LOG-08"),
            Self::Ahead => Some("LOG-09"),
            Self::Engine(_) => None,
        }
    }
}
