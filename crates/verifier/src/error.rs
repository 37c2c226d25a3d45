//! Why a presentation is not accepted.

use sinpyo_core::{claims::ClaimPath, credential::CredentialType, request::BeyondScope, time::Timestamp};
use sinpyo_proof::{KeyError, PresentationError, StatusError};

/// Why a presentation is not accepted.
///
/// [`VerifyError::code`] names the rule; the holder is told no more than that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// VP-01: not presentations by query.
    #[error("the answer is not one presentation for each query")]
    MalformedAnswer,
    /// VP-02: a query without an answer, or an answer without a query.
    #[error("the answer does not fit the queries of the request")]
    OtherQueries,
    /// VP-03: too late.
    #[error("the request expired at {at}")]
    RequestExpired {
        /// When it did.
        at: Timestamp,
    },
    /// The request itself asks beyond the verifier's service code.
    #[error(transparent)]
    BeyondScope(#[from] BeyondScope),
    /// A signature, time, digest or binding does not hold. The rule is that of the proof.
    #[error(transparent)]
    Proof(#[from] PresentationError),
    /// The newest document withdraws the key that signed: it may have leaked before anybody knew. The rule is that of the
    /// document.
    #[error("the issuer's key is not to be relied on any more")]
    KeyWithdrawn(#[source] KeyError),
    /// VP-04: no DID names the issuer, so nobody can be looked up.
    #[error("the issuer is not named by a DID")]
    IssuerNotResolvable,
    /// VP-05: another type than the request names.
    #[error("the credential is of a type that was not asked for")]
    OtherType,
    /// VP-06: nobody had accredited the issuer for this type when it issued.
    #[error("the issuer was not accredited for {kind} at {at}")]
    NotAccredited {
        /// The type.
        kind: CredentialType,
        /// When it issued.
        at: Timestamp,
    },
    /// VP-07: withdrawn for good.
    #[error("the credential was revoked")]
    Revoked,
    /// VP-08: withdrawn for the time being.
    #[error("the credential is suspended")]
    Suspended,
    /// VP-09: a status that is neither valid, revoked nor suspended.
    #[error("the credential has a status that is not valid")]
    NotValid,
    /// VP-10: no status where the policy requires one, or one that cannot be read.
    #[error("the credential names no status that can be checked")]
    NoStatus,
    /// VP-11: the status list is another one, another issuer's, or too old.
    #[error("the status list does not fit the credential")]
    OtherStatusList,
    /// The status list is refused, or ends before the credential's entry.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// VP-12: what is needed from the registry or an issuer cannot be had.
    #[error("a fact that the check needs is unavailable")]
    Unavailable,
    /// VP-13: what can be had is older than the policy allows.
    #[error("a fact that the check needs is older than the policy allows")]
    StaleFact,
    /// VP-14: a claim that was asked for is not shown.
    #[error("claim {0} is not disclosed")]
    NotDisclosed(ClaimPath),
    /// VP-15: a claim does not have a value that was asked for.
    #[error("claim {0} does not have a value that was asked for")]
    OtherValue(ClaimPath),
    /// VP-16: an age claim is false, which may have changed since issuance: refresh the credential and retry.
    #[error("claim {0} may have changed since the credential was issued")]
    MaybeStale(ClaimPath),
    /// VP-17: the caller supplied something else than what was needed, or finished too early.
    #[error("the check was not given what it needs")]
    OtherFact,
}

impl VerifyError {
    /// The rule that was broken, as in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BeyondScope(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Status(error) => error.code(),
            Self::KeyWithdrawn(error) => error.code(),
            Self::MalformedAnswer => "VP-01",
            Self::OtherQueries => "VP-02",
            Self::RequestExpired { .. } => "VP-03",
            Self::IssuerNotResolvable => "VP-04",
            Self::OtherType => "VP-05",
            Self::NotAccredited { .. } => "VP-06",
            Self::Revoked => "VP-07",
            Self::Suspended => "VP-08",
            Self::NotValid => "VP-09",
            Self::NoStatus => "VP-10",
            Self::OtherStatusList => "VP-11",
            Self::Unavailable => "VP-12",
            Self::StaleFact => "VP-13",
            Self::NotDisclosed(_) => "VP-14",
            Self::OtherValue(_) => "VP-15",
            Self::MaybeStale(_) => "VP-16",
            Self::OtherFact => "VP-17",
        }
    }
}
