use crate::{
    engine::{EngineError, Refusal},
    form::FormError,
};

/// Why an operation about a person was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonError {
    /// The outer form, or the proof.
    #[error(transparent)]
    Form(FormError),
    /// TLOG-41: not a commitment.
    #[error("not a commitment")]
    Commitment,
    /// TLOG-42: not signed by whoever may say this.
    #[error("the signer may not say this")]
    Stranger,
    /// TLOG-43: the log has this commitment.
    #[error("the log has this commitment already")]
    Exists,
    /// TLOG-44: no person was admitted there, or was erased already.
    #[error("there is no such person to erase")]
    Unknown,
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl PersonError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Commitment => "TLOG-41",
            Self::Stranger => "TLOG-42",
            Self::Exists => "TLOG-43",
            Self::Unknown => "TLOG-44",
            Self::Engine(_) => "LOG-19",
        }
    }
}

impl From<PersonError> for Refusal {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Engine(error) => Self::Engine(error),
            error => Self::rule(error.code(), error),
        }
    }
}
