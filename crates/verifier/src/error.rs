//! Why a presentation is not accepted.

use sinpyo_core::{claims::ClaimPath, credential::CredentialType, request::BeyondScope, time::Timestamp};
use sinpyo_dcql::{AnswerError, QueryError};
use sinpyo_proof::{
    CredentialError, KeyError, PresentationError, StatusError,
    data_integrity::{ProofSetError, VerifyProofError},
    mdoc::MdocError,
    sd_jwt::SdJwtError,
};

/// Why a presentation is not accepted.
///
/// [`VerifyError::code`] names the rule; the holder is told no more than that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// VP-01: not presentations by query.
    #[error("the answer is not an array of presentations for each query")]
    MalformedAnswer,
    /// VP-02: an answer without a query.
    #[error("the answer has presentations for what was not asked")]
    OtherQueries,
    /// What was verified does not answer the whole query. The rule is that of the query language.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The verifier's own request cannot be put as a query.
    #[error(transparent)]
    Query(#[from] QueryError),
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
    /// The same for a mobile document.
    #[error(transparent)]
    Mdoc(#[from] MdocError),
    /// The newest document withdraws the key that signed: it may have leaked before anybody knew. The rule is that of the
    /// document.
    #[error("the issuer's key is not to be relied on any more")]
    KeyWithdrawn(#[source] KeyError),
    /// VP-04: the issuer, its key or the time of issuance is not named, or not by those who signed.
    #[error("the issuer is not named by a DID, with its key and the time of issuance")]
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
    /// VP-19: another credential format than the query asks for.
    #[error("the presentation is not in the format that was asked for")]
    OtherFormat,
    /// VP-20: an issuer in whom the transaction does not trust, in whatever way.
    #[error("the issuer is not among those who are trusted")]
    NotTrusted,
    /// VP-21: a presentation of no credential, or of several.
    #[error("the presentation does not hold exactly one credential")]
    OneCredential,
    /// VP-22: nobody can say which types the names are.
    #[error("the types of the credential have no meaning under contexts that are known")]
    Types,
    /// VP-23: the issuer stands under none of the authorities that the query names.
    #[error("the issuer does not stand under an authority that was asked for")]
    OtherAuthority,
    /// VP-24: the holder did not prove anything, or the credential is bound to nobody.
    #[error("the credential is not bound to whoever shows it")]
    Unbound,
    /// VP-25: the request's transaction data are such as no presentation could authorise.
    #[error("the transaction data of the request cannot be authorised")]
    TransactionData,
    /// VP-26: hashes of something else than was sent.
    #[error("the holder authorised something else than the transaction data that were sent")]
    TransactionHashes,
    /// VP-27: something that was sent is not authorised.
    #[error("the holder did not authorise all of the transaction data")]
    NotAuthorised,
}

impl VerifyError {
    /// The rule that was broken, as in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BeyondScope(error) => error.code(),
            Self::Answer(error) => error.code(),
            Self::Query(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Mdoc(error) => error.code(),
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
            Self::OtherFormat => "VP-19",
            Self::NotTrusted => "VP-20",
            Self::OneCredential => "VP-21",
            Self::Types => "VP-22",
            Self::OtherAuthority => "VP-23",
            Self::Unbound => "VP-24",
            Self::TransactionData => "VP-25",
            Self::TransactionHashes => "VP-26",
            Self::NotAuthorised => "VP-27",
        }
    }

    /// Whether the holder answered another challenge: then the whole answer was made for another request.
    pub(crate) const fn is_wrong_nonce(&self) -> bool {
        matches!(
            self,
            Self::Proof(
                PresentationError::Nonce
                    | PresentationError::Credential(CredentialError::SdJwt(SdJwtError::Nonce))
                    | PresentationError::Proof(ProofSetError::Proof(VerifyProofError::Challenge))
            )
        )
    }
}
