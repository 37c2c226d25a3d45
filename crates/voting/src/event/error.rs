use crate::{form::FormError, manifest::ManifestError};
use sinpyo_core::{json::JsonError, key::SignError};

/// Why bytes are no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// VOT-41: longer than a log takes.
    #[error("the event is longer than 65000 bytes")]
    TooLong,
    /// VOT-41: not strict JSON.
    #[error("the event is not strict JSON")]
    Json(#[source] JsonError),
    /// VOT-41: JSON, but not its canonical form.
    #[error("the event is not in canonical form")]
    NotCanonical,
    /// VOT-41: text outside NFC, or a number that is not whole.
    #[error("the event has text outside NFC or a number that is not whole")]
    NotNormal,
    /// VOT-42: a member is missing, malformed or unknown.
    #[error("the event is not of its form")]
    Form(#[source] FormError),
    /// VOT-42: a type that does not exist.
    #[error("there is no such type of event")]
    Type,
    /// VOT-43: the signature does not verify.
    #[error("the event's signature does not verify")]
    Signature,
    /// VOT-44: a role that does not send this type.
    #[error("this role does not send this type of event")]
    Role,
    /// VOT-45, VOT-46: the manifest breaks a bound.
    #[error("the manifest is refused")]
    Manifest(#[source] ManifestError),
}

impl EventError {
    /// The rule that was broken, as in `spec/checks/vot.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Json(_) | Self::NotCanonical | Self::NotNormal => "VOT-41",
            Self::Form(_) | Self::Type => "VOT-42",
            Self::Signature => "VOT-43",
            Self::Role => "VOT-44",
            Self::Manifest(error) => error.code(),
        }
    }
}

/// Why an event was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignEventError {
    /// The key cannot sign.
    #[error("the key did not sign")]
    Key(#[source] SignError),
    /// It would not fit into an entry.
    #[error("the event would be longer than 65000 bytes")]
    TooLong,
}
