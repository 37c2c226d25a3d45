use crate::{
    engine::{EngineError, Refusal},
    form::FormError,
};

/// Why an operation on a DID was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The outer form.
    #[error(transparent)]
    Form(FormError),
    /// TLOG-05: the identifier is not the hash of the first operation.
    #[error("the identifier does not certify the first operation")]
    Scid,
    /// TLOG-06: the version's hash does not chain it to the version before.
    #[error("the version is not chained to the one before")]
    Chain,
    /// TLOG-07: the number skips versions.
    #[error("the version number skips versions")]
    Gap,
    /// TLOG-08: another operation made this version already.
    #[error("the version exists already")]
    Stale,
    /// TLOG-09: there is no such DID on this log.
    #[error("the log does not know the DID")]
    UnknownDid,
    /// TLOG-10: the DID is out of use for good.
    #[error("the DID is deactivated")]
    Deactivated,
    /// TLOG-12: signed by a key that may not sign this operation.
    #[error("the signing key is no update key of the DID")]
    Stranger,
    /// TLOG-13: keys were announced, and the operation does not list them and the next ones.
    #[error("the operation omits update keys or announcements although keys were announced")]
    Unlisted,
    /// TLOG-14: keys were announced, and this one is another.
    #[error("an update key was not announced")]
    Unannounced,
    /// TLOG-15: an announced key has been shown before.
    #[error("an announced key was used before")]
    Reused,
    /// TLOG-16: a list of keys or announcements is malformed, empty, too long or has equal elements.
    #[error("the update keys or announcements are malformed")]
    Keys,
    /// TLOG-17: the document is not of the form that the log keeps.
    #[error("the document is not of the form that the log keeps")]
    Document,
    /// TLOG-18: a deactivation leaves no keys behind, and nothing else is one.
    #[error("a deactivation leaves keys behind")]
    Deactivation,
    /// TLOG-19: the DID has 10,000 versions.
    #[error("the DID has too many versions")]
    TooManyVersions,
    /// TLOG-24: a revoked key was dropped, exchanged or taken back into use.
    #[error("a revoked key does not stay revoked")]
    Reinstated,
    /// TLOG-25: a name of the version before now means another key.
    #[error("the name of a key names another key")]
    Renamed,
    /// TLOG-26: signed with a recovery key, and update keys or announcements are left as they were.
    #[error("a recovery does not list update keys and announcements")]
    Unrenewed,
    /// TLOG-27: the operation to be set aside is older than 72 hours.
    #[error("the recovery comes too late")]
    TooLate,
    /// TLOG-28: an operation to be set aside was made with this recovery key or a higher one.
    #[error("the recovery key does not outrank what it would set aside")]
    Outranked,
    /// TLOG-29: the recovery keys would change without a recovery key's signature.
    #[error("only a recovery key changes the recovery keys")]
    RecoveryKeys,
    /// TLOG-49: the versions would be too much for one proof.
    #[error("the history of the DID would be too long for a proof")]
    TooHeavy,
    /// TLOG-30: 256 of the versions that it follows set something aside.
    #[error("the DID has too many recoveries")]
    TooManyRecoveries,
    /// TLOG-38: a key of the log itself.
    #[error("a key of the log itself is listed")]
    LogKey,
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl From<FormError> for OperationError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl OperationError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Scid => "TLOG-05",
            Self::Chain => "TLOG-06",
            Self::Gap => "TLOG-07",
            Self::Stale => "TLOG-08",
            Self::UnknownDid => "TLOG-09",
            Self::Deactivated => "TLOG-10",
            Self::Stranger => "TLOG-12",
            Self::Unlisted => "TLOG-13",
            Self::Unannounced => "TLOG-14",
            Self::Reused => "TLOG-15",
            Self::Keys => "TLOG-16",
            Self::Document => "TLOG-17",
            Self::Deactivation => "TLOG-18",
            Self::TooManyVersions => "TLOG-19",
            Self::Reinstated => "TLOG-24",
            Self::Renamed => "TLOG-25",
            Self::Unrenewed => "TLOG-26",
            Self::TooLate => "TLOG-27",
            Self::Outranked => "TLOG-28",
            Self::RecoveryKeys => "TLOG-29",
            Self::TooManyRecoveries => "TLOG-30",
            Self::TooHeavy => "TLOG-49",
            Self::LogKey => "TLOG-38",
            Self::Engine(_) => "LOG-19",
        }
    }
}

impl From<OperationError> for Refusal {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Engine(error) => Self::Engine(error), // [LOG-19]
            error => Self::rule(error.code(), error),
        }
    }
}
