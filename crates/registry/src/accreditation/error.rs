use crate::{
    engine::{EngineError, Refusal},
    form::FormError,
};

/// Why an operation on an accreditation was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccreditationError {
    /// The outer form, or the proof.
    #[error(transparent)]
    Form(FormError),
    /// ACC-01: the identifier is not the hash of the grant.
    #[error("the identifier does not fit the accreditation")]
    Id,
    /// ACC-02: not signed by a key with which the granting organisation may make statements now.
    #[error("the accreditation is not signed by the organisation that grants it")]
    Stranger,
    /// ACC-03: no chain of accreditations gives the granting organisation this power.
    #[error("the granting organisation may not give this right")]
    NotEntitled,
    /// ACC-04: the grant is empty, too long, or not of a known kind.
    #[error("the grant is malformed")]
    Grant,
    /// ACC-05: the name is missing, too long or not plain text.
    #[error("the organisation's name is malformed")]
    Name,
    /// ACC-06: begins more than a day before ledger time, or ends before it begins.
    #[error("the period of the accreditation is refused")]
    Period,
    /// ACC-07: this accreditation exists.
    #[error("the accreditation exists already")]
    Exists,
    /// ACC-08: there is no such accreditation.
    #[error("the log does not know the accreditation")]
    Unknown,
    /// ACC-09: the change does not follow the last one, or what it changes to is no change.
    #[error("the change of status does not follow the last one")]
    Order,
    /// ACC-10: it was ended or withdrawn, which is for good; what is ended can only be withdrawn.
    #[error("the accreditation was ended or withdrawn")]
    Final,
    /// ACC-11: the organisation gave the subject 64 accreditations that are not over.
    #[error("too many accreditations")]
    TooMany,
    /// ACC-15: longer than 8,192 bytes.
    #[error("the operation is longer than 8192 bytes")]
    TooLong,
    /// ACC-19: the accreditation has changed 100 times; it can still be ended and withdrawn.
    #[error("too many changes of the accreditation")]
    TooManyChanges,
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl From<FormError> for AccreditationError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl AccreditationError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Id => "ACC-01",
            Self::Stranger => "ACC-02",
            Self::NotEntitled => "ACC-03",
            Self::Grant => "ACC-04",
            Self::Name => "ACC-05",
            Self::Period => "ACC-06",
            Self::Exists => "ACC-07",
            Self::Unknown => "ACC-08",
            Self::Order => "ACC-09",
            Self::Final => "ACC-10",
            Self::TooMany => "ACC-11",
            Self::TooLong => "ACC-15",
            Self::TooManyChanges => "ACC-19",
            Self::Engine(_) => "LOG-19",
        }
    }
}

impl From<AccreditationError> for Refusal {
    fn from(error: AccreditationError) -> Self {
        match error {
            AccreditationError::Engine(error) => Self::Engine(error),
            error => Self::rule(error.code(), error),
        }
    }
}
