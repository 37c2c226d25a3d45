//! Key agreement on P-256: ECDH with one value per pair of keys [SP 800-56A §5.7.1.2], by AWS-LC.
//!
//! The shared value is no key yet: derive one with [`crate::mac::hkdf_sha256`], as `EMacKey` of an mdoc is
//! [ISO/IEC 18013-5 §9.1.3.5].

use crate::{Algorithm, SigningKey, VerifyingKey};
use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use sinpyo_core::{Secret, key::Entropy};
use std::fmt;

/// A P-256 private key that agrees on secrets. AWS-LC wipes its memory when it is freed.
///
/// Made new for one session (ephemeral), or from the signing key of a device that authenticates by a MAC
/// (static). It does not sign.
pub struct AgreementKey {
    private: agreement::PrivateKey,
    public: VerifyingKey,
}

impl AgreementKey {
    /// Makes a new key.
    ///
    /// # Panics
    /// `entropy` broke its contract, as in [`SigningKey::generate`].
    #[expect(clippy::expect_used, reason = "every P-256 signing key is an agreement key")]
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        Self::from_signing_key(&SigningKey::generate(Algorithm::Es256, entropy)).expect("a P-256 key")
    }

    /// The same key in its other use; `None` unless it is a P-256 key.
    pub fn from_signing_key(key: &SigningKey) -> Option<Self> {
        if key.algorithm() != Algorithm::Es256 {
            return None;
        }
        let private = agreement::PrivateKey::from_private_key(&ECDH_P256, &key.private_bytes()).ok()?;
        Some(Self { private, public: key.verifying_key().clone() })
    }

    /// The public half, for the other side.
    pub const fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The x-coordinate of the shared point, big-endian. The owner of `peer` computes the same.
    ///
    /// # Errors
    /// `peer` is not a P-256 key.
    pub fn agree(&self, peer: &VerifyingKey) -> Result<Secret<[u8; 32]>, AgreeError> {
        if peer.algorithm() != Algorithm::Es256 {
            return Err(AgreeError); // [KEY-20]
        }
        let peer = UnparsedPublicKey::new(&ECDH_P256, peer.to_sec1().ok_or(AgreeError)?);
        agreement::agree(&self.private, peer, AgreeError, |shared| {
            shared.try_into().map(Secret::new).map_err(|_| AgreeError)
        })
    }
}

impl fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgreementKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// KEY-20: the other side's key is not on P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the other side's key is not a P-256 key")]
pub struct AgreeError;

impl AgreeError {
    /// The rule that was broken, as in `spec/checks/key.toml`.
    pub const fn code(&self) -> &'static str {
        "KEY-20"
    }
}
