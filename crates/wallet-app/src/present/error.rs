//! Why a request is not answered.

use crate::misbehave::MisbehaveError;
use sinpyo_openid4vp::{TransactionDataError, wallet};
use sinpyo_proof::ParseWireError;
use sinpyo_wallet::{AskError, ConsentError, ParseAskerError, PresentError, ReviewError};

/// Why a request is not put to the holder, or not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresentFlowError {
    /// The link holds no request.
    #[error(transparent)]
    Invitation(#[from] wallet::InvitationError),
    /// The request cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] wallet::FetchError),
    /// The request is not by whom it says, or makes no sense.
    #[error(transparent)]
    Refused(#[from] wallet::RequestRefused),
    /// The file holds no request.
    #[error(transparent)]
    Parse(#[from] ParseWireError),
    /// There is something to authorise that cannot be shown.
    #[error(transparent)]
    Transaction(#[from] TransactionDataError),
    /// More is asked for than may be.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The wallet has no answer.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// What the holder chose is not on offer.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// The presentation cannot be made.
    #[error(transparent)]
    Present(#[from] PresentError),
    /// The response cannot be made.
    #[error(transparent)]
    Answer(#[from] wallet::AnswerError),
    /// The verifier does not take the response.
    #[error(transparent)]
    Posted(#[from] wallet::PostError),
    /// The response cannot be wrong in this way.
    #[error(transparent)]
    Misbehave(#[from] MisbehaveError),
    /// WAP-07: it asks under a service code for which it is not registered.
    #[error("the verifier is not registered for the service that it names")]
    NotRegistered,
    /// WAP-08: nobody knows the keys of the verifier.
    #[error("the keys of the verifier are not known")]
    UnknownVerifier,
    /// WAP-05: nobody answered.
    #[error("the server does not answer")]
    Unreachable,
    /// WAP-06: the flow is somewhere else.
    #[error("this is not what was asked for")]
    OutOfOrder,
}

impl From<ParseAskerError> for PresentFlowError {
    fn from(_: ParseAskerError) -> Self {
        Self::UnknownVerifier
    }
}

impl PresentFlowError {
    /// The rule that was broken, as in `spec/checks`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invitation(error) => error.code(),
            Self::Fetch(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Parse(error) => error.code(),
            Self::Transaction(error) => error.code(),
            Self::Ask(error) => error.code(),
            Self::Review(error) => error.code(),
            Self::Consent(error) => error.code(),
            Self::Present(error) => error.code(),
            Self::Answer(error) => error.code(),
            Self::Posted(error) => error.code(),
            Self::Misbehave(error) => error.code(),
            Self::NotRegistered => "WAP-07",
            Self::UnknownVerifier => "WAP-08",
            Self::Unreachable => "WAP-05",
            Self::OutOfOrder => "WAP-06",
        }
    }

    /// Whether the same step may go well later: nothing was decided.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable)
    }
}
