//! Errors as clients see them, in both dialects [DID Resolution §10, did:key v0.9 §5].

use crate::{ResolveError, dereference::DereferenceError, did_key::KeyProblem, did_webvh::WebvhError};
use sinpyo_registry::did_tlog;

/// What went wrong. It names no internals; the operator's log gets the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The target is no DID, or not one of its method.
    #[error("the DID is invalid")]
    InvalidDid,
    /// The target is no DID URL.
    #[error("the DID URL is invalid")]
    InvalidDidUrl,
    /// An option is malformed.
    #[error("the options are invalid")]
    InvalidOptions,
    /// There is no such DID, version or resource.
    #[error("the resource was not found")]
    NotFound,
    /// None of the media types that the client accepts.
    #[error("the representation is not supported")]
    RepresentationNotSupported,
    /// What was found is no document of the DID.
    #[error("the DID document is invalid")]
    InvalidDidDocument,
    /// The method is not supported.
    #[error("the DID method is not supported")]
    MethodNotSupported,
    /// The answer cannot be given, for reasons of the server.
    #[error("the resolver failed")]
    InternalError,
    /// A did:key does not have the length of its kind.
    #[error("the public key does not have the length of its kind")]
    InvalidPublicKeyLength,
    /// A did:key holds no key of its kind.
    #[error("the public key is invalid")]
    InvalidPublicKey,
    /// A format of public keys that is not known, or does not fit the key.
    #[error("the public key type is not supported")]
    UnsupportedPublicKeyType,
    /// A format of public keys that only the option for experimental ones allows.
    #[error("the public key type is experimental")]
    InvalidPublicKeyType,
}

impl Problem {
    /// The type of the problem details. The problems of public keys have none of their own there: the DID is invalid.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::InvalidDidUrl => "https://www.w3.org/ns/did#INVALID_DID_URL",
            Self::InvalidOptions | Self::UnsupportedPublicKeyType | Self::InvalidPublicKeyType => {
                "https://www.w3.org/ns/did#INVALID_OPTIONS"
            }
            Self::NotFound => "https://www.w3.org/ns/did#NOT_FOUND",
            Self::RepresentationNotSupported => "https://www.w3.org/ns/did#REPRESENTATION_NOT_SUPPORTED",
            Self::InvalidDidDocument => "https://www.w3.org/ns/did#INVALID_DID_DOCUMENT",
            Self::MethodNotSupported => "https://www.w3.org/ns/did#METHOD_NOT_SUPPORTED",
            Self::InternalError => "https://www.w3.org/ns/did#INTERNAL_ERROR",
            Self::InvalidDid | Self::InvalidPublicKeyLength | Self::InvalidPublicKey => {
                "https://www.w3.org/ns/did#INVALID_DID"
            }
        }
    }

    /// The word of the older dialect.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InvalidDid => "invalidDid",
            Self::InvalidDidUrl => "invalidDidUrl",
            Self::InvalidOptions => "invalidOptions",
            Self::NotFound => "notFound",
            Self::RepresentationNotSupported => "representationNotSupported",
            Self::InvalidDidDocument => "invalidDidDocument",
            Self::MethodNotSupported => "methodNotSupported",
            Self::InternalError => "internalError",
            Self::InvalidPublicKeyLength => "invalidPublicKeyLength",
            Self::InvalidPublicKey => "invalidPublicKey",
            Self::UnsupportedPublicKeyType => "unsupportedPublicKeyType",
            Self::InvalidPublicKeyType => "invalidPublicKeyType",
        }
    }

    /// The HTTP status code.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidDid
            | Self::InvalidDidUrl
            | Self::InvalidOptions
            | Self::InvalidPublicKeyLength
            | Self::InvalidPublicKey
            | Self::UnsupportedPublicKeyType
            | Self::InvalidPublicKeyType => 400,
            Self::NotFound => 404,
            Self::RepresentationNotSupported => 406,
            Self::InvalidDidDocument | Self::InternalError => 500,
            Self::MethodNotSupported => 501,
        }
    }
}

impl From<&ResolveError> for Problem {
    fn from(error: &ResolveError) -> Self {
        match error {
            ResolveError::MethodNotSupported => Self::MethodNotSupported,
            ResolveError::NotFound
            | ResolveError::Absent
            | ResolveError::Webvh(WebvhError::VersionNotFound)
            | ResolveError::Log(did_tlog::ResolveError::NotFound | did_tlog::ResolveError::VersionNotFound) => {
                Self::NotFound
            }
            ResolveError::Version(_) => Self::InvalidOptions,
            ResolveError::Json(_) | ResolveError::Document(_) | ResolveError::ForeignDocument => {
                Self::InvalidDidDocument
            }
            // That is also the word that did:webvh 1.0 requires for whatever is wrong with a log.
            ResolveError::InvalidDid | ResolveError::Location(_) | ResolveError::Webvh(_) => Self::InvalidDid,
            ResolveError::Log(_) | ResolveError::Stale(_) => Self::InternalError,
        }
    }
}

impl From<DereferenceError> for Problem {
    fn from(error: DereferenceError) -> Self {
        match error {
            DereferenceError::Parameter(_) | DereferenceError::Version(_) | DereferenceError::RelativeRef => {
                Self::InvalidDidUrl
            }
            DereferenceError::NotFound => Self::NotFound,
            DereferenceError::Ambiguous | DereferenceError::Endpoint => Self::InvalidDidDocument,
        }
    }
}

impl From<KeyProblem> for Problem {
    fn from(problem: KeyProblem) -> Self {
        match problem {
            KeyProblem::Text | KeyProblem::Kind => Self::InvalidDid,
            KeyProblem::Length => Self::InvalidPublicKeyLength,
            KeyProblem::Value => Self::InvalidPublicKey,
            KeyProblem::Format => Self::UnsupportedPublicKeyType,
            KeyProblem::Experimental => Self::InvalidPublicKeyType,
        }
    }
}
