use crate::form::FormError;

/// The rule of §4 that a manifest breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A member is missing, malformed or unknown.
    #[error("the manifest is not of its form")]
    Form(#[source] FormError),
    /// A number is outside its bounds.
    #[error("\"{0}\" of the manifest is out of bounds")]
    Bound(&'static str),
    /// An id is not 1 to 64 letters, digits, `-`, `_` and `.`.
    #[error("an id in \"{0}\" of the manifest is malformed")]
    Id(&'static str),
    /// VOT-46: two roles have one key.
    #[error("two roles of the manifest have one key")]
    SameKey,
    /// Two of a kind have one id.
    #[error("two in \"{0}\" of the manifest are the same")]
    Same(&'static str),
    /// A name or title is missing or unreadable.
    #[error("a name or title in \"{0}\" of the manifest is missing or unreadable")]
    Words(&'static str),
    /// A key is none.
    #[error("the key \"{0}\" of the manifest is none")]
    Key(&'static str),
    /// A style or contest that is referred to is not there.
    #[error("\"{0}\" of the manifest refers to something that is not there")]
    Reference(&'static str),
    /// A contest asks for written names.
    #[error("write-in contests do not exist in this version")]
    WriteIn,
}

impl ManifestError {
    /// The rule that was broken, as in `spec/checks/vot.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SameKey => "VOT-46",
            _ => "VOT-45",
        }
    }
}
