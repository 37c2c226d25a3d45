//! What every signing operation shares.

use sinpyo_core::{
    did::KeyId,
    key::{SignError as KeyStoreRefused, Verifier},
};
use sinpyo_crypto::VerifyingKey;

/// The public half of the key that will sign, and the name under which others find it.
#[derive(Clone, Copy, Debug)]
pub struct Signatory<'k> {
    /// The verification method.
    pub key_id: &'k KeyId,
    /// The public key.
    pub key: &'k VerifyingKey,
}

impl<'k> Signatory<'k> {
    /// The name as text, and the key.
    pub(crate) fn named(self) -> (&'k str, &'k VerifyingKey) {
        (self.key_id.as_str(), self.key)
    }
}

/// Why something was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// JWS-18: the proof has no form for keys of this algorithm.
    #[error("the proof cannot be made with a key of this algorithm")]
    Algorithm,
    /// JWS-19: the key store refused or failed.
    #[error("the key store did not sign")]
    KeyStore(#[from] KeyStoreRefused),
    /// JWS-17: the signature that came back does not verify with the public key that was announced. A faulty or
    /// tampered signer must not get its output published.
    #[error("the signature does not fit the announced key")]
    ForeignSignature,
}

impl SignError {
    /// The rule that was broken, as in `spec/checks/jws.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Algorithm => "JWS-18",
            Self::KeyStore(_) => "JWS-19", // [JWS-19]
            Self::ForeignSignature => "JWS-17",
        }
    }
}

/// Checks the signature that a signer made for us before anybody else sees it.
pub(crate) fn check_own(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
    match key.verify(message, signature) {
        Ok(_) => Ok(()),
        Err(_) => Err(SignError::ForeignSignature), // [JWS-17]
    }
}
