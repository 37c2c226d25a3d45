//! What a key can do, whatever its algorithm and wherever it is kept.

use crate::did::KeyId;
use std::fmt;

/// Source of randomness, supplied by the edges.
///
/// An implementation that cannot deliver must end the process: a caller never sees weak randomness.
pub trait Entropy {
    /// Fills `out` with unpredictable bytes.
    fn fill(&mut self, out: &mut [u8]);
}

/// A signature algorithm by its registered JOSE name, such as `ES256` [RFC 7518 §3.1].
///
/// `core` gives the names no meaning; `sinpyo-crypto` knows which exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlgorithmName(pub &'static str);

impl fmt::Display for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Holds a private key, or the way to one (an HSM, a phone), and never hands it out.
///
/// A signer that cannot answer in one call (a phone that asks its owner) is served by the two-step
/// `prepare` → `attach` forms of `sinpyo-proof` instead.
pub trait Signer {
    /// The verification method under which others find the public key.
    fn key_id(&self) -> &KeyId;

    /// The algorithm of every signature this signer makes.
    fn algorithm(&self) -> AlgorithmName;

    /// Signs `message` (the message itself, not a digest of it).
    ///
    /// The signature has the fixed-length JOSE form: `r‖s` for ECDSA [RFC 7518 §3.4].
    ///
    /// # Errors
    /// The key store refused or failed.
    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError>;
}

impl<S: Signer + ?Sized> Signer for &S {
    fn key_id(&self) -> &KeyId {
        (**self).key_id()
    }

    fn algorithm(&self) -> AlgorithmName {
        (**self).algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        (**self).sign(message)
    }
}

/// The key store refused to sign. The reason stays with the key store.
#[derive(Debug, thiserror::Error)]
#[error("the key store refused to sign")]
pub struct SignError;

/// One public key under one algorithm and one acceptance rule.
pub trait Verifier {
    /// The algorithm of every signature this key accepts.
    fn algorithm(&self) -> AlgorithmName;

    /// Checks that `signature` was made over `message` with the private half of this key.
    ///
    /// # Errors
    /// [`BadSignature`] in every other case; an attacker learns nothing more.
    fn verify<'m>(&self, message: &'m [u8], signature: &[u8]) -> Result<Authentic<'m>, BadSignature>;
}

/// The signature was not made over this message by this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// Bytes that a key's owner is proven to have signed.
#[derive(Debug)]
#[must_use]
pub struct Authentic<'m>(&'m [u8]);

impl<'m> Authentic<'m> {
    /// The signed bytes.
    pub const fn bytes(&self) -> &'m [u8] {
        self.0
    }
}

/// For implementors of [`Verifier`]; anywhere else a call is a forgery.
pub mod hazmat {
    use super::Authentic;

    /// States that `message` was signed by the key at hand.
    pub const fn authentic(message: &[u8]) -> Authentic<'_> {
        Authentic(message)
    }
}
