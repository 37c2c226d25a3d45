//! Why a wallet stops.

use crate::{
    address::AddressError, metadata::MetadataError, offer::OfferError, refusal::ErrorCode,
    response::ResponseError,
};
use sinpyo_jose::{JwsError, TimeError};
use sinpyo_oauth::{
    client::{self, RedirectError, ReplyError},
    url::UrlError,
};
use sinpyo_x509::ChainError;

/// Why an offer comes to nothing before the user is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The offer, or the link to it.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// VCI-OFF-07: the offer, or metadata, cannot be fetched.
    #[error("the document cannot be fetched")]
    Fetch,
    /// The issuer's metadata.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The authorization server's metadata.
    #[error("the metadata of the authorization server are refused")]
    Server(#[source] client::MetadataError),
    /// The authorization server has no acceptable address.
    #[error("the authorization server has no acceptable address")]
    ServerAddress(#[source] UrlError),
    /// VCI-OFF-05: the offer names an authorization server that the metadata do not let it choose.
    #[error("the offer names an authorization server that the issuer does not have")]
    AuthorizationServer,
    /// VCI-OFF-02a: the offer names a configuration that the metadata do not have, or not in a form that can be used.
    #[error("the offer names a configuration that the issuer does not have")]
    Configuration,
    /// VCI-MET-04a: the signer of the metadata is not trusted.
    #[error("the signer of the metadata is not trusted")]
    Signer(#[source] ChainError),
    /// VCI-MET-04b: the signed metadata are refused.
    #[error("the signed metadata are refused")]
    Signed(#[source] JwsError),
    /// The signed metadata are not valid now.
    #[error("the signed metadata are not valid now")]
    Time(#[source] TimeError),
    /// VCI-MET-04d: the metadata are not signed.
    #[error("the metadata are not signed")]
    Unsigned,
    /// VCI-MET-04c: the signed metadata are about another issuer.
    #[error("the signed metadata are about another issuer")]
    Subject,
}

impl DiscoveryError {
    /// The rule in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Offer(error) => error.code(),
            Self::Fetch => "VCI-OFF-07",
            Self::Metadata(error) => error.code(),
            Self::Server(error) => error.code(),
            Self::ServerAddress(error) => error.code(),
            Self::AuthorizationServer => "VCI-OFF-05",
            Self::Configuration => "VCI-OFF-02a",
            Self::Signer(_) => "VCI-MET-04a",
            Self::Signed(_) => "VCI-MET-04b",
            Self::Time(error) => error.code(),
            Self::Unsigned => "VCI-MET-04d",
            Self::Subject => "VCI-MET-04c",
        }
    }
}

impl From<AddressError> for DiscoveryError {
    fn from(error: AddressError) -> Self {
        Self::Offer(error.into())
    }
}

/// Why nothing (more) is received.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// VCI-OFF-03: the offer does not have the grant that was chosen, or its server does not.
    #[error("the grant is not offered")]
    Grant,
    /// VCI-OFF-06: a transaction code is needed and missing, or was given and is not needed.
    #[error("the offer needs a transaction code, or needs none")]
    TxCode,
    /// VCI-OFF-02a: a configuration that is not offered.
    #[error("the configuration is not offered")]
    Configuration,
    /// A request cannot be made.
    #[error(transparent)]
    Request(#[from] client::RequestError),
    /// The authorization server refuses, or answers something else.
    #[error(transparent)]
    Reply(ReplyError),
    /// VCI-TOK-10: anybody can use the token, and it is by a server that is not the issuer's own.
    #[error("the token of a foreign server is not bound to the wallet's key")]
    Bearer,
    /// The browser brought back no code.
    #[error(transparent)]
    Redirect(#[from] RedirectError),
    /// The issuer's response cannot be read.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// VCI-CRS-01b: more credentials than keys, or in a form that their format does not have.
    #[error("the credentials are not those that were asked for")]
    Credentials,
    /// VCI-ENC-04: encryption is needed and not possible, or the response is not encrypted as was asked.
    #[error("the exchange cannot be encrypted, or the response was not")]
    Encryption,
    /// The issuer refuses.
    #[error("the issuer refuses: {0}")]
    Refused(ErrorCode),
    /// VCI-CRQ-06a: the issuer refuses the token, or answers with an error that the protocol does not have.
    #[error("the issuer refuses with status {0}")]
    Status(u16),
    /// VCI-ERR-02: the machine was given something that it had not asked for.
    #[error("this is not what was asked for")]
    OutOfOrder,
}

impl ReceiveError {
    /// The rule in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Grant => "VCI-OFF-03",
            Self::TxCode => "VCI-OFF-06",
            Self::Configuration => "VCI-OFF-02a",
            Self::Request(error) => error.code(),
            Self::Reply(error) => error.code(),
            Self::Bearer => "VCI-TOK-10",
            Self::Redirect(error) => error.code(),
            Self::Response(error) => error.code(),
            Self::Credentials => "VCI-CRS-01b",
            Self::Encryption => "VCI-ENC-04",
            Self::Refused(_) => "VCI-ERR-01",
            Self::Status(_) => "VCI-CRQ-06a",
            Self::OutOfOrder => "VCI-ERR-02",
        }
    }
}
