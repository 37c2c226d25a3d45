//! Why a DID was not resolved.

use crate::{VersionError, did_webvh::WebvhError, web_location::LocationError};
use sinpyo_core::{document::DocumentError, json::JsonError};
use sinpyo_registry::{did_tlog, heads::StaleError};

/// Why a DID was not resolved [DID Resolution §10].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// RES-01: the identifier is not one of its method.
    #[error("the identifier is not one of its method")]
    InvalidDid,
    /// The identifier names no place on the web.
    #[error("the identifier names no place on the web")]
    Location(#[source] LocationError),
    /// RES-04: no such method here.
    #[error("the DID method is not supported")]
    MethodNotSupported,
    /// RES-05: the DID has no such version.
    #[error("the DID has no such version")]
    NotFound,
    /// RES-10: the version asked for makes no sense.
    #[error("the version asked for makes no sense")]
    Version(#[source] VersionError),
    /// WEB-07: the server has no such document.
    #[error("nothing is published for the DID")]
    Absent,
    /// WEB-05: what was fetched is longer than [`crate::MAX_ANSWER`] or not strict JSON.
    #[error("the document is not strict JSON")]
    Json(#[source] JsonError),
    /// WEB-05: JSON, but no DID document.
    #[error("what was fetched is no DID document")]
    Document(#[source] DocumentError),
    /// WEB-06: the document is about another DID.
    #[error("the document is about another DID")]
    ForeignDocument,
    /// The history of a did:webvh does not prove it.
    #[error("the history of the DID is refused")]
    Webvh(#[source] WebvhError),
    /// The log does not prove it.
    #[error(transparent)]
    Log(did_tlog::ResolveError),
    /// It is genuine, but the log does not state it to be the newest, or not lately enough.
    #[error("what the log shows of the DID is stale")]
    Stale(#[source] StaleError),
}

impl From<did_tlog::ResolveError> for ResolveError {
    fn from(error: did_tlog::ResolveError) -> Self {
        match error {
            did_tlog::ResolveError::Stale(error) => Self::Stale(error),
            error => Self::Log(error),
        }
    }
}

impl ResolveError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidDid => "RES-01",
            Self::Location(error) => error.code(),
            Self::MethodNotSupported => "RES-04",
            Self::NotFound => "RES-05",
            Self::Version(_) => "RES-10",
            Self::Absent => "WEB-07",
            Self::Json(_) | Self::Document(_) => "WEB-05",
            Self::ForeignDocument => "WEB-06",
            Self::Webvh(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Stale(error) => error.code(),
        }
    }
}
