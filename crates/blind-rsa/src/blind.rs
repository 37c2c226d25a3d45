//! What the one who wants a signature does: blinding and finalising.

use crate::{
    Prepared, PublicKey, Variant,
    number::is_below,
    pss,
    raw::{BackendError, Modulus},
};
use sinpyo_core::{
    Secret,
    key::{BadSignature, Entropy},
};
use std::fmt;
use zeroize::Zeroizing;

/// A message that its signer cannot read: uniformly distributed whatever the message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindedMessage(Vec<u8>);

impl BlindedMessage {
    /// The bytes to send, as long as the key's modulus.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What takes the blinding off again. Whoever has it can join the signature to the blinded message.
pub struct Blinding {
    key: PublicKey,
    prepared: Prepared,
    inverse: Secret<Vec<u8>>,
}

/// A signature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// The bytes, as many as the key's modulus has.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, as many as the key's modulus has.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Draws of which each is below the modulus with a probability of at least one half.
const DRAWS: usize = 256;

impl PublicKey {
    /// Blinds `prepared` for the holder of this key [RFC 9474 §4.2].
    ///
    /// # Errors
    /// The encoded message or the blinding factor shares a factor with the modulus: then the modulus is not the
    /// product of two large primes, and the key is not to be used.
    pub fn blind(
        &self,
        prepared: Prepared,
        entropy: &mut dyn Entropy,
    ) -> Result<(BlindedMessage, Blinding), BlindError> {
        let mut salt = vec![0; prepared.variant().salt_length()];
        entropy.fill(&mut salt);
        let encoded = pss::encode(prepared.as_bytes(), &salt, self.length());
        let modulus = Modulus::new(self.modulus())?;
        if !modulus.is_coprime(&encoded)? {
            return Err(BlindError::Factor); // [BRS-11]
        }
        // Drawn is the inverse: it is uniform exactly if the factor is.
        let inverse = draw_below(self.modulus(), entropy)?;
        let factor = modulus.invert(&inverse)?.ok_or(BlindError::Factor)?; // [BRS-11]
        let mask = self.key().raise_to_public(&factor)?;
        let blinded = modulus.multiply(&encoded, &mask)?;
        let blinding = Blinding { key: self.clone(), prepared, inverse: Secret::new(inverse.to_vec()) };
        Ok((BlindedMessage(blinded.to_vec()), blinding))
    }
}

/// A uniformly distributed number below `modulus`, whose first bit is set.
fn draw_below(modulus: &[u8], entropy: &mut dyn Entropy) -> Result<Zeroizing<Vec<u8>>, BlindError> {
    let mut number = Zeroizing::new(vec![0; modulus.len()]);
    for _ in 0..DRAWS {
        entropy.fill(&mut number);
        if is_below(&number, modulus) {
            return Ok(number);
        }
    }
    Err(BlindError::Entropy) // [BRS-13]
}

impl Blinding {
    /// Takes the blinding off the signer's answer and verifies what is left [RFC 9474 §4.4].
    ///
    /// May be tried again with another answer: a signature that does not verify tells its signer nothing.
    ///
    /// # Errors
    /// The answer has another length than the modulus, is not below it, or gives no signature of this message.
    pub fn finalize(&self, answer: &[u8]) -> Result<Signature, FinalizeError> {
        if answer.len() != self.key.length() || !is_below(answer, self.key.modulus()) {
            return Err(FinalizeError::Form); // [BRS-12]
        }
        let modulus = Modulus::new(self.key.modulus())?;
        let signature = modulus.multiply(answer, self.inverse.expose())?;
        // [BRS-10]
        let _signed = self.key.verify(&self.prepared, &signature).map_err(FinalizeError::Signature)?;
        Ok(Signature(signature.to_vec()))
    }

    /// The message that is to be signed, which the signature is verified with.
    pub const fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// The bytes to keep between asking and the answer: the variant, the inverse of the factor, the message.
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        let number = self.prepared.variant().number();
        // In one allocation: one that grows leaves copies behind.
        Secret::new([&[number], &self.inverse.expose()[..], self.prepared.as_bytes()].concat())
    }

    /// What [`Blinding::to_secret`] kept, under the same key.
    ///
    /// # Errors
    /// The bytes are not of this form, or of another key's length.
    pub fn restore(key: &PublicKey, kept: &Secret<Vec<u8>>) -> Result<Self, RestoreError> {
        let (number, rest) = kept.expose().split_first().ok_or(RestoreError)?;
        let variant = Variant::from_number(*number).ok_or(RestoreError)?;
        let (inverse, message) = rest.split_at_checked(key.length()).ok_or(RestoreError)?;
        if !is_below(inverse, key.modulus()) {
            return Err(RestoreError);
        }
        let prepared = Prepared::from_bytes(variant, message).ok_or(RestoreError)?;
        Ok(Self { key: key.clone(), prepared, inverse: Secret::new(inverse.to_vec()) })
    }
}

impl fmt::Debug for Blinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blinding").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Why a message was not blinded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlindError {
    /// BRS-11: a factor of the modulus turned up.
    #[error("the modulus has a small factor")]
    Factor,
    /// The source of randomness gives no number below the modulus.
    #[error("the randomness is not random")]
    Entropy,
    /// AWS-LC failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl BlindError {
    /// The rule that was broken [spec/checks/brs.toml].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Factor => "BRS-11",
            Self::Entropy | Self::Backend(_) => "BRS-13",
        }
    }
}

/// Why the signer's answer gave no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FinalizeError {
    /// BRS-12: the answer is not a number below the modulus, as long as it.
    #[error("the blind signature does not have the key's form")]
    Form,
    /// BRS-10: the signature does not verify.
    #[error("the blind signature is not one of this message")]
    Signature(#[source] BadSignature),
    /// AWS-LC failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl FinalizeError {
    /// The rule that was broken [spec/checks/brs.toml].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "BRS-12",
            Self::Signature(_) => "BRS-10",
            Self::Backend(_) => "BRS-13",
        }
    }
}

/// The bytes keep no blinding under this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no blinding under this key")]
pub struct RestoreError;
