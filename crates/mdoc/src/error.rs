//! Why mdocs are refused, and why they are not made.

use sinpyo_cose::{CoseError, SignError, cbor::CborError, key::CoseKeyError};
use sinpyo_x509::ChainError;

/// Why bytes are not an mdoc, or not one that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseMdocError {
    /// Not CBOR that is read here.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// The issuer's signature has another form.
    #[error("the issuer's signature has another form than expected")]
    IssuerAuth(#[source] CoseError),
    /// The device's signature or MAC has another form.
    #[error("the device authentication has another form than expected")]
    DeviceAuth(#[source] CoseError),
    /// The key of the device cannot be used.
    #[error("the key of the device cannot be used")]
    DeviceKey(#[source] CoseKeyError),
    /// MDC-01: a member is missing or has another form.
    #[error("member \"{0}\" of the mdoc is missing or malformed")]
    Member(&'static str),
    /// MDC-02: another version than 1.0.
    #[error("the mdoc has another version than 1.0")]
    Version,
    /// MDC-03: elements are hashed with something that is not supported.
    #[error("the digest algorithm of the mdoc is not supported")]
    DigestAlgorithm,
    /// MDC-04: a namespace or identifier is not in Unicode Normalization Form C.
    #[error("a name in the mdoc is not in Unicode Normalization Form C")]
    Name,
    /// MDC-05: the random part of an element has fewer than 16 bytes.
    #[error("the random part of an element is shorter than 16 bytes")]
    Random,
    /// MDC-06: an element, or a digest identifier, occurs twice in a namespace.
    #[error("an element of the mdoc occurs twice")]
    Twice,
    /// MDC-07: the response does not hold exactly one document, or says that it failed.
    #[error("the response does not hold exactly one document")]
    Documents,
}

impl ParseMdocError {
    /// The rule that was broken, as in `spec/checks/{mdc,cos,key}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cbor(error) => error.code(),
            Self::IssuerAuth(error) | Self::DeviceAuth(error) => error.code(),
            Self::DeviceKey(error) => error.code(),
            Self::Member(_) => "MDC-01",
            Self::Version => "MDC-02",
            Self::DigestAlgorithm => "MDC-03",
            Self::Name => "MDC-04",
            Self::Random => "MDC-05",
            Self::Twice => "MDC-06",
            Self::Documents => "MDC-07",
        }
    }
}

/// Why an mdoc or a response is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyMdocError {
    /// What was signed is not what ISO 18013-5 says.
    #[error(transparent)]
    Parse(#[from] ParseMdocError),
    /// The issuer's certificate is not trusted.
    #[error("the certificate of the issuer is refused")]
    Chain(#[from] ChainError),
    /// MDC-08: the types in the document, in what the issuer signed and in the request differ.
    #[error("the mdoc is of another type than requested")]
    DocType,
    /// MDC-09: signed when the issuer's certificate was not valid.
    #[error("the mdoc was signed outside the validity of the issuer's certificate")]
    SignedWhen,
    /// MDC-10: not valid yet.
    #[error("the mdoc is not valid yet")]
    NotYet,
    /// MDC-11: no longer valid.
    #[error("the mdoc has expired")]
    Expired,
    /// MDC-12: the digest at an element's identifier is not that of the element.
    #[error("an element is not the one that the issuer signed")]
    Digest,
    /// MDC-13: the issuer's signature is refused.
    #[error("the signature of the issuer is refused")]
    IssuerAuth(#[source] CoseError),
    /// MDC-14: the device's signature or MAC is refused.
    #[error("the authentication of the device is refused")]
    DeviceAuth(#[source] CoseError),
    /// MDC-15: a MAC, for a session without a key to check it with.
    #[error("the authentication code of the device cannot be checked in this session")]
    MacKey,
    /// MDC-16: an element that nobody asked for.
    #[error("the response holds an element that was not requested")]
    NotRequested,
    /// MDC-17: an element that the device may not vouch for.
    #[error("the device signed an element without the issuer's authorization")]
    NotAuthorized,
    /// MDC-18: the issuing country or jurisdiction is not that of the issuer's certificate.
    #[error("the issuing country is not that of the issuer's certificate")]
    Country,
}

impl VerifyMdocError {
    /// The rule that was broken, as in `spec/checks/{mdc,x5c,cos}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Parse(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::DocType => "MDC-08",
            Self::SignedWhen => "MDC-09",
            Self::NotYet => "MDC-10",
            Self::Expired => "MDC-11",
            Self::Digest => "MDC-12",
            Self::IssuerAuth(_) => "MDC-13",
            Self::DeviceAuth(_) => "MDC-14",
            Self::MacKey => "MDC-15",
            Self::NotRequested => "MDC-16",
            Self::NotAuthorized => "MDC-17",
            Self::Country => "MDC-18",
        }
    }
}

/// Why an mdoc was not issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// MDC-19: the validity does not run from `signed` over `from` to `until`.
    #[error("the times of the validity are not in order")]
    Validity,
    /// MDC-20: there is nothing to issue.
    #[error("an mdoc without elements is not issued")]
    Empty,
}

impl IssueError {
    /// The rule that was broken, as in `spec/checks/mdc.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Validity => "MDC-19",
            Self::Empty => "MDC-20",
        }
    }
}

/// Why a response was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// MDC-21: the mdoc does not hold a selected element.
    #[error("the mdoc does not hold a selected element")]
    Unknown,
    /// MDC-17: the device may not vouch for an element.
    #[error("the issuer did not authorize the device to sign an element")]
    NotAuthorized,
    /// MDC-22: a MAC by a key that is not the mdoc's, or with a key that is not on its curve.
    #[error("the keys do not agree on an authentication code")]
    MacKey,
    /// The device's key did not sign, or another did.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl PresentError {
    /// The rule that was broken, as in `spec/checks/{mdc,cos}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "MDC-21",
            Self::NotAuthorized => "MDC-17",
            Self::MacKey => "MDC-22",
            Self::Sign(error) => error.code(),
        }
    }
}
