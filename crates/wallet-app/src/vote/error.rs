//! Why a voter does not get on.

use crate::present::PresentFlowError;
use sinpyo_voting::voter::{BoothError, VoterError};
use sinpyo_wallet::{HoldError, NoteError, ReceiveError};

/// Why a voter does not get on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoteFlowError {
    /// The election, the registrar or the board.
    #[error(transparent)]
    Voter(#[from] VoterError),
    /// The ballot.
    #[error(transparent)]
    Booth(#[from] BoothError),
    /// What is to be shown.
    #[error(transparent)]
    Present(#[from] PresentFlowError),
    /// The credential that came does not verify.
    #[error(transparent)]
    Credential(#[from] ReceiveError),
    /// The wallet does not take it.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// The wallet keeps no more.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// WAP-25: the credential is not about this voter.
    #[error("the credential is not about this voter")]
    OtherCredential,
    /// WAP-02: nobody knows the keys of its issuer.
    #[error("the keys of the credential's issuer are not known")]
    UnknownIssuer,
    /// WAP-21: the wallet knows this election from somebody else.
    #[error("this election is known from another host or address")]
    OtherHost,
    /// WAP-26: an address that the wallet does not speak to.
    #[error("not an address that the wallet speaks to")]
    Address,
    /// The wallet knows no such election.
    #[error("no such election in this wallet")]
    Unknown,
    /// No code was typed.
    #[error("no code")]
    NoCode,
    /// Ballots are not taken now.
    #[error("the election is not open")]
    NotOpen,
    /// WAP-05: nobody answered.
    #[error("the service does not answer")]
    Unreachable,
    /// WAP-06: the flow is somewhere else.
    #[error("this is not what was asked for")]
    OutOfOrder,
}

impl VoteFlowError {
    /// The rule that was broken, as in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Voter(error) => error.code(),
            Self::Booth(error) => error.code(),
            Self::Present(error) => error.code(),
            Self::Credential(error) => error.code(),
            Self::Hold(error) => error.code(),
            Self::Note(error) => error.code(),
            Self::OtherCredential => "WAP-25",
            Self::UnknownIssuer => "WAP-02",
            Self::OtherHost => "WAP-21",
            Self::Address => "WAP-26",
            Self::Unreachable => "WAP-05",
            Self::Unknown | Self::NoCode | Self::NotOpen | Self::OutOfOrder => "WAP-06",
        }
    }

    /// Whether the same step may go well later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Voter(error) => error.is_passing(),
            Self::Present(error) => error.is_passing(),
            Self::Unreachable => true,
            _ => false,
        }
    }
}
