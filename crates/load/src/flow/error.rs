//! Why a flow ends before its end.

use crate::web::SendError;
use sinpyo_openid4vci::{
    offer::OfferError,
    wallet::{DiscoveryError, ReceiveError},
};
use sinpyo_openid4vp::{
    VpTokenError,
    wallet::{AnswerError, FetchError, InvitationError, PostError, RequestRefused},
};
use sinpyo_wallet as role;

/// Why a flow ends before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// No answer came.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The link is no offer.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// What is offered cannot be found out.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// The issuer or its server refused, or answered something else.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// The credential is refused by the wallet.
    #[error(transparent)]
    Credential(#[from] Box<role::ReceiveError>),
    /// The credential is not bound to the wallet's key.
    #[error(transparent)]
    Hold(#[from] role::HoldError),
    /// A key of the wallet did not sign.
    #[error(transparent)]
    Prove(#[from] role::ProveError),
    /// What is offered, or came, is not a credential of a form that these wallets have.
    #[error("the issuer offers or sends what these wallets do not know")]
    Unknown,
    /// The link is no request.
    #[error(transparent)]
    Invitation(#[from] Box<InvitationError>),
    /// The request cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The one who asks is not proven.
    #[error(transparent)]
    Refused(#[from] Box<RequestRefused>),
    /// The wallet does not answer such a question.
    #[error(transparent)]
    Ask(#[from] role::AskError),
    /// Nothing in the wallet answers the question.
    #[error(transparent)]
    Review(#[from] role::ReviewError),
    /// The presentation cannot be made.
    #[error(transparent)]
    Present(#[from] role::PresentError),
    /// The presentations make no `vp_token`.
    #[error(transparent)]
    VpToken(#[from] VpTokenError),
    /// The response cannot be made.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The verifier refused the response.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The page that a browser was sent to is not as expected.
    #[error("the page answered {0} with something else than was expected")]
    Page(u16),
    /// The flow takes longer than it may.
    #[error("the flow does not end")]
    Endless,
}

impl From<InvitationError> for FlowError {
    fn from(error: InvitationError) -> Self {
        Self::Invitation(Box::new(error))
    }
}

impl From<RequestRefused> for FlowError {
    fn from(error: RequestRefused) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<role::ReceiveError> for FlowError {
    fn from(error: role::ReceiveError) -> Self {
        Self::Credential(Box::new(error))
    }
}
