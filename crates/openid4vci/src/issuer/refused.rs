//! Why a request at an issuer's endpoints is refused, and the response that says so.

use super::{desk::DeskRefusal, reply};
use crate::{notification::NotificationError, proof::ProofError, refusal::ErrorCode, request::RequestError};
use http::{HeaderValue, Response, StatusCode, header};
use sinpyo_oauth::{NotAdmitted, Rule};
use sinpyo_state::Unavailable;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerRefusal {
    /// The access token, or its proof of possession.
    #[error("the access token is refused")]
    Token(#[source] Box<NotAdmitted>),
    /// The text of the request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// VCI-CRQ-01a: the request names what it wants in the other way than the token response did.
    #[error("the request names what it wants in another way than the token response did")]
    Naming,
    /// VCI-CRQ-06: what is asked for does not exist, or not for this token.
    #[error(transparent)]
    Wanted(#[from] WantedError),
    /// The proofs.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The encryption of request or response.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    /// VCI-CRS-01a: the desk made no credential, or more than there are keys. A fault of ours.
    #[error("the desk did not issue one credential for each key at most")]
    Desk,
    /// VCI-ERR-01g: nothing is issued.
    #[error("the request is denied")]
    Denied,
    /// The transaction of a deferred request.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The notification.
    #[error(transparent)]
    Notification(#[from] NotificationError),
    /// VCI-NOT-02a: no notification is expected under this identifier from this wallet.
    #[error("the notification_id is unknown")]
    NotificationId,
    /// The memory, or the desk, does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why what a request asks for is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WantedError {
    /// VCI-ERR-01b: there is no such configuration.
    #[error("the credential configuration is unknown")]
    Configuration,
    /// VCI-ERR-01c: there is no such dataset for this token.
    #[error("the credential identifier is unknown")]
    Identifier,
    /// VCI-CRQ-06: the configuration exists, and the token is not for it.
    #[error("the access token is not for this configuration")]
    NotGranted,
}

/// Why a request or the response to it cannot be encrypted or decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionError {
    /// VCI-ENC-03: the request must be encrypted.
    #[error("requests must be encrypted")]
    RequestInClear,
    /// VCI-ENC-03a: an encrypted response must be asked for.
    #[error("an encrypted response must be asked for")]
    ResponseInClear,
    /// VCI-CRQ-05: a key for the response came in a request that is not encrypted.
    #[error("a request with credential_response_encryption must be encrypted itself")]
    KeyInClear,
    /// VCI-ENC-01a: the request does not decrypt with a key of this issuer.
    #[error("the request cannot be decrypted")]
    Undecryptable,
    /// VCI-ENC-01b: the response cannot be encrypted in that way to that key.
    #[error("the response cannot be encrypted as asked for")]
    Unsupported,
}

/// Why there is nothing under a transaction identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// VCI-DEF-02: unknown, expired, fetched already, or another wallet's.
    #[error("the transaction_id is unknown")]
    Unknown,
    /// VCI-DEF-03: asked again too soon.
    #[error("it is too soon to ask again")]
    TooSoon {
        /// Seconds to wait.
        wait: u64,
    },
}

impl IssuerRefusal {
    /// The rule in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Request(error) => error.code(),
            Self::Naming => "VCI-CRQ-01a",
            Self::Wanted(WantedError::Configuration) => "VCI-ERR-01b",
            Self::Wanted(WantedError::Identifier) => "VCI-ERR-01c",
            Self::Wanted(WantedError::NotGranted) => "VCI-CRQ-06",
            Self::Proof(error) => error.code(),
            Self::Encryption(error) => error.code(),
            Self::Desk => "VCI-CRS-01a",
            Self::Denied => "VCI-ERR-01g",
            Self::Transaction(TransactionError::Unknown) => "VCI-DEF-02",
            Self::Transaction(TransactionError::TooSoon { .. }) => "VCI-DEF-03",
            Self::Notification(error) => error.code(),
            Self::NotificationId => "VCI-NOT-02a",
            Self::Unavailable(error) => error.code(),
        }
    }

    /// What the wallet is told, if the protocol has a word for it.
    pub const fn error(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::Request(error) => error.error(),
            Self::Naming => ErrorCode::InvalidCredentialRequest,
            Self::Wanted(WantedError::Configuration) => ErrorCode::UnknownCredentialConfiguration, // [VCI-ERR-01b]
            Self::Wanted(WantedError::Identifier) => ErrorCode::UnknownCredentialIdentifier, // [VCI-ERR-01c]
            Self::Proof(error) => error.error(),
            Self::Encryption(_) => ErrorCode::InvalidEncryptionParameters, // [VCI-ERR-01f]
            Self::Denied => ErrorCode::CredentialRequestDenied,            // [VCI-ERR-01g]
            Self::Transaction(TransactionError::Unknown) => ErrorCode::InvalidTransactionId,
            Self::Notification(_) => ErrorCode::InvalidNotificationRequest,
            Self::NotificationId => ErrorCode::InvalidNotificationId,
            Self::Token(_)
            | Self::Desk
            | Self::Wanted(WantedError::NotGranted)
            | Self::Transaction(TransactionError::TooSoon { .. })
            | Self::Unavailable(_) => return None,
        })
    }

    /// The response that says so; never encrypted.
    pub(super) fn response(&self) -> Response<Vec<u8>> {
        let mut response = self.plain_response();
        response.extensions_mut().insert(Rule(self.code()));
        response
    }

    fn plain_response(&self) -> Response<Vec<u8>> {
        if let Some(error) = self.error() {
            return reply::json(StatusCode::BAD_REQUEST, &error.body(self));
        }
        match self {
            Self::Token(refusal) => refusal.response(),
            Self::Wanted(_) => {
                let mut response = reply::empty(StatusCode::FORBIDDEN); // [VCI-CRQ-06]
                let challenge = HeaderValue::from_static("DPoP error=\"insufficient_scope\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                response
            }
            Self::Transaction(TransactionError::TooSoon { wait }) => {
                reply::retry_after(StatusCode::TOO_MANY_REQUESTS, *wait) // [VCI-DEF-03]
            }
            Self::Desk => reply::empty(StatusCode::INTERNAL_SERVER_ERROR),
            _ => reply::retry_after(StatusCode::SERVICE_UNAVAILABLE, 1),
        }
    }
}

impl EncryptionError {
    /// The rule in `spec/checks/vci-enc.toml` or `vci-crq.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RequestInClear => "VCI-ENC-03",
            Self::ResponseInClear => "VCI-ENC-03a",
            Self::KeyInClear => "VCI-CRQ-05",
            Self::Undecryptable => "VCI-ENC-01a",
            Self::Unsupported => "VCI-ENC-01b",
        }
    }
}

impl From<DeskRefusal> for IssuerRefusal {
    fn from(refusal: DeskRefusal) -> Self {
        match refusal {
            DeskRefusal::Denied => Self::Denied,
            DeskRefusal::Unavailable => Self::Unavailable(Unavailable),
        }
    }
}

impl From<NotAdmitted> for IssuerRefusal {
    fn from(refusal: NotAdmitted) -> Self {
        Self::Token(Box::new(refusal))
    }
}
