//! The errors of the protocol, as the other side is told them [VCI 1.0 §8.3.1, §9.3, §11.3].

use serde_json::{Value, json};
use sinpyo_oauth::description::Description;
use std::fmt;

/// What a wallet is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Malformed, or something is missing, repeated or not supported.
    InvalidCredentialRequest,
    /// The configuration does not exist.
    UnknownCredentialConfiguration,
    /// The identifier does not exist.
    UnknownCredentialIdentifier,
    /// A proof is missing or does not hold, or has no nonce.
    InvalidProof,
    /// A proof's nonce is not (or no longer) good: another one helps.
    InvalidNonce,
    /// Encryption is needed and missing, or not supported.
    InvalidEncryptionParameters,
    /// There will be no credential.
    CredentialRequestDenied,
    /// No credential waits under this identifier.
    InvalidTransactionId,
    /// No notification is expected under this identifier.
    InvalidNotificationId,
    /// The notification is malformed.
    InvalidNotificationRequest,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::InvalidCredentialRequest,
        Self::UnknownCredentialConfiguration,
        Self::UnknownCredentialIdentifier,
        Self::InvalidProof,
        Self::InvalidNonce,
        Self::InvalidEncryptionParameters,
        Self::CredentialRequestDenied,
        Self::InvalidTransactionId,
        Self::InvalidNotificationId,
        Self::InvalidNotificationRequest,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidCredentialRequest => "invalid_credential_request",
            Self::UnknownCredentialConfiguration => "unknown_credential_configuration",
            Self::UnknownCredentialIdentifier => "unknown_credential_identifier",
            Self::InvalidProof => "invalid_proof",
            Self::InvalidNonce => "invalid_nonce",
            Self::InvalidEncryptionParameters => "invalid_encryption_parameters",
            Self::CredentialRequestDenied => "credential_request_denied",
            Self::InvalidTransactionId => "invalid_transaction_id",
            Self::InvalidNotificationId => "invalid_notification_id",
            Self::InvalidNotificationRequest => "invalid_notification_request",
        }
    }

    /// The code that `name` stands for.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// The body of the response that says so.
    pub(crate) fn body(self, reason: &impl fmt::Display) -> Value {
        json!({ "error": self.name(), "error_description": Description::new(reason).as_str() }) // [VCI-ERR-01]
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_name_of_its_own() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.name()), Some(code));
        }
        assert_eq!(ErrorCode::parse("invalid_grant"), None);
    }
}
