//! The service's secrets, and personal data at rest.

use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::{
    aead::SealingKey,
    mac::{HkdfContext, hkdf_sha256},
};
use sinpyo_state::{Key, Record, State, Unavailable};
use sinpyo_web::{sealed::SealedRecords, session::FormTokens};

/// What is made of the service's one key, the same on every node.
pub(crate) struct Vault {
    /// Of the protocols' nonces and records.
    pub(crate) protocol: Secret<[u8; 32]>,
    /// Of answers that are kept under an idempotency key.
    pub(crate) answers: SealingKey,
    /// Of webhooks' addresses and secrets.
    pub(crate) hooks: SealingKey,
    /// Of forms.
    pub(crate) forms: FormTokens,
    /// Of offers and of the keys that nodes share.
    pub(crate) records: SealedRecords,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        let derived = |label: &str| -> Secret<[u8; 32]> {
            let info = format!("sinpyo issuer service: {label}");
            hkdf_sha256(key, HkdfContext { salt: &[], info: info.as_bytes() })
        };
        Self {
            protocol: derived("protocol"),
            answers: SealingKey::new(&derived("answers")),
            hooks: SealingKey::new(&derived("webhooks")),
            forms: FormTokens::new(derived("forms")),
            records: SealedRecords::new(SealingKey::new(&derived("records"))),
        }
    }
}

/// `N` random bytes as base64url.
pub(crate) fn random<const N: usize>(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    to_base64url(&bytes)
}

/// The record of `key` even if it has expired: until it is swept, it stands in the way of another.
pub(crate) fn stale(state: &dyn State, key: &Key) -> Result<Option<Record>, Unavailable> {
    let Some(beginning) = Timestamp::from_unix(0) else { return Ok(None) };
    state.get(key, beginning)
}
