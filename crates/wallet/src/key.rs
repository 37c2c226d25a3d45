//! Holder keys: one for one copy of a credential.

use sinpyo_core::credential::CredentialType;
use sinpyo_crypto::{SigningKey, VerifyingKey};

/// A key to which one copy of a credential is, or will be, bound.
///
/// A copy owns its key, so that no key is ever bound to two.
#[derive(Debug)]
pub(crate) struct HolderKey {
    /// The only type of credential that may be bound to it.
    pub(crate) purpose: CredentialType,
    pub(crate) custody: Custody,
}

/// Where the private half is.
#[derive(Debug)]
pub(crate) enum Custody {
    /// In this wallet.
    Wallet(SigningKey),
    /// In a phone's secure element or another key store; this is the public half.
    Elsewhere(VerifyingKey),
}

impl HolderKey {
    pub(crate) const fn public(&self) -> &VerifyingKey {
        match &self.custody {
            Custody::Wallet(key) => key.verifying_key(),
            Custody::Elsewhere(key) => key,
        }
    }
}
