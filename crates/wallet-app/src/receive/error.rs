//! Why an offer comes to nothing.

use sinpyo_oauth::client::RedirectError;
use sinpyo_openid4vci::{offer::OfferError, wallet};
use sinpyo_wallet::{HoldError, ProveError, ReceiveError};

/// Why an offer does not end in the wallet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveFlowError {
    /// The link or the offer makes no sense.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// What is offered cannot be found out.
    #[error(transparent)]
    Discovery(#[from] wallet::DiscoveryError),
    /// The issuer does not give it.
    #[error(transparent)]
    Receiving(#[from] wallet::ReceiveError),
    /// What the issuer gave is refused.
    #[error(transparent)]
    Credential(#[from] ReceiveError),
    /// What the issuer gave is not for this wallet.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// A key of the wallet does not sign.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// WAP-01: another type than was offered.
    #[error("the issuer sent another type of credential than it offered")]
    OtherType,
    /// WAP-02: nobody knows the keys of the issuer.
    #[error("the keys of the issuer are not known")]
    UnknownIssuer,
    /// WAP-03: the issuer wants proofs, or has formats, that this wallet does not have.
    #[error("the issuer wants proofs that this wallet cannot make")]
    NoProof,
    /// WAP-04: the issuer asks its own page, and there is no browser.
    #[error("the issuer wants the holder at its page, and there is no browser")]
    NoBrowser,
    /// Nobody answered.
    #[error("the server does not answer")]
    Unreachable,
    /// The flow is somewhere else.
    #[error("this is not what was asked for")]
    OutOfOrder,
}

impl ReceiveFlowError {
    /// The rule that was broken, as in `spec/checks`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offer(error) => error.code(),
            Self::Discovery(error) => error.code(),
            Self::Receiving(error) => error.code(),
            Self::Credential(error) => error.code(),
            Self::Hold(error) => error.code(),
            Self::Prove(error) => error.code(),
            Self::OtherType => "WAP-01",
            Self::UnknownIssuer => "WAP-02",
            Self::NoProof => "WAP-03",
            Self::NoBrowser => "WAP-04",   // [WAP-04]
            Self::Unreachable => "WAP-05", // [WAP-05]
            Self::OutOfOrder => "WAP-06",  // [WAP-06]
        }
    }

    /// Whether the authorization server refused: where a code was typed, that may be why.
    pub(crate) const fn is_about_code(&self) -> bool {
        matches!(self, Self::Receiving(wallet::ReceiveError::Reply(_)))
    }

    /// Whether the issuer's page, or the holder there, said no.
    pub(crate) const fn is_declined(&self) -> bool {
        matches!(self, Self::Receiving(wallet::ReceiveError::Redirect(RedirectError::Declined(_))))
    }

    /// Whether the same step may go well later: nothing was decided.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Receiving(wallet::ReceiveError::Status(status)) => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}
