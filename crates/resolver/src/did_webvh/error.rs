use crate::web_location::LocationError;
use sinpyo_proof::data_integrity::VerifyProofError;

/// Why the history of a did:webvh was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebvhError {
    /// WVH-01: not `did:webvh:<scid>:<host>…`.
    #[error("the identifier is not one of did:webvh")]
    Identifier,
    /// The identifier names no place on the web.
    #[error("the identifier names no place on the web")]
    Location(#[source] LocationError),
    /// WVH-02: an entry is not strict JSON with the five members that an entry has.
    #[error("an entry of the log is malformed")]
    Entry,
    /// WVH-03: the identifier is not the hash of the first entry.
    #[error("the identifier does not certify the first entry")]
    Scid,
    /// WVH-04: an entry's hash does not chain it to the one before.
    #[error("an entry is not chained to the one before")]
    Chain,
    /// WVH-05: the numbers of the versions skip or repeat.
    #[error("the number of a version is not the next one")]
    Number,
    /// WVH-06: a time is not in UTC, not after the one before, or in the future.
    #[error("the time of a version is malformed or out of order")]
    Time,
    /// WVH-07: a version of the method that we do not know.
    #[error("the version of the method is not known")]
    Method,
    /// WVH-08: a parameter is unknown, malformed or not allowed here.
    #[error("parameter \"{0}\" is unknown, malformed or not allowed here")]
    Parameter(&'static str),
    /// WVH-09: a proof is missing, or does not verify.
    #[error("the proof of an entry is refused")]
    Proof(#[source] Option<VerifyProofError>),
    /// WVH-10: signed by a key that may not sign this entry.
    #[error("the signing key may not sign this entry")]
    Stranger,
    /// WVH-11: keys were announced, and the entry does not list them and the next announcements.
    #[error("the entry does not list announced keys and the next announcements")]
    PreRotation,
    /// WVH-12: fewer witnesses than required approved the entry.
    #[error("too few witnesses approved the entry")]
    Unwitnessed,
    /// WVH-13: the file of approvals is malformed.
    #[error("the file of witness proofs is malformed")]
    WitnessFile,
    /// WVH-14: the document's identifier has another hash, or moved without leave.
    #[error("the document is about another DID")]
    ForeignState,
    /// WVH-15: an entry follows the deactivation.
    #[error("an entry follows the deactivation")]
    Deactivated,
    /// WVH-16: no version of the history is about the DID.
    #[error("the history is that of another DID")]
    ForeignLog,
    /// WVH-17: no version meets what was asked for.
    #[error("the DID has no such version")]
    VersionNotFound,
    /// WVH-18: the log or the file of approvals is longer than 1 MiB.
    #[error("the history is longer than 1 MiB")]
    TooLong,
}

impl WebvhError {
    /// The rule that was broken, as in `spec/checks/wvh.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Identifier => "WVH-01",
            Self::Location(error) => error.code(),
            Self::Entry => "WVH-02",
            Self::Scid => "WVH-03",
            Self::Chain => "WVH-04",
            Self::Number => "WVH-05",
            Self::Time => "WVH-06",
            Self::Method => "WVH-07",
            Self::Parameter(_) => "WVH-08",
            Self::Proof(_) => "WVH-09",
            Self::Stranger => "WVH-10",
            Self::PreRotation => "WVH-11",
            Self::Unwitnessed => "WVH-12",
            Self::WitnessFile => "WVH-13",
            Self::ForeignState => "WVH-14",
            Self::Deactivated => "WVH-15",
            Self::ForeignLog => "WVH-16",
            Self::VersionNotFound => "WVH-17",
            Self::TooLong => "WVH-18",
        }
    }
}
