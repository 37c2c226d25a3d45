//! Private keys: generating, keeping, signing blindly.

use crate::{
    ParseKeyError, PublicKey, der,
    number::{is_below, is_zero_or_one, one_less},
    raw::{BackendError, Key},
};
use sinpyo_core::Secret;
use std::{ffi::c_int, fmt};
use subtle::ConstantTimeEq;

/// A signer's private key with its public half. Never printed, cloned or compared; wiped by AWS-LC when dropped.
pub struct SecretKey {
    public: PublicKey,
    key: Key,
}

/// Sizes in which keys are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeySize {
    /// 2,048 bits: 112 bits of security.
    Bits2048,
    /// 3,072 bits: 128 bits of security.
    Bits3072,
    /// 4,096 bits.
    Bits4096,
}

impl KeySize {
    const fn bits(self) -> c_int {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
        }
    }
}

impl SecretKey {
    /// A new key. AWS-LC draws the primes from the operating system's randomness.
    ///
    /// # Errors
    /// AWS-LC failed.
    pub fn generate(size: KeySize) -> Result<Self, GenerateError> {
        let key = Key::generate(size.bits()).map_err(GenerateError::Backend)?;
        Ok(Self { public: PublicKey::from_modulus(&key.modulus()).map_err(GenerateError::Key)?, key })
    }

    /// Parses the DER of a PKCS #8 `PrivateKeyInfo` under `rsaEncryption`, without attributes.
    ///
    /// # Errors
    /// Anything but DER, numbers that do not belong together, a public key that [`PublicKey`] refuses.
    pub fn from_pkcs8(der: &Secret<Vec<u8>>) -> Result<Self, ParseSecretKeyError> {
        let der = der.expose();
        let (header, content) = der.split_at_checked(der::PRIVATE_HEADER).ok_or(ParseSecretKeyError::Form)?;
        if der::private_header(content.len()).is_none_or(|expected| expected != header) {
            return Err(ParseSecretKeyError::Form); // [BRS-05]
        }
        let key = Key::from_private_der(content).map_err(|_| ParseSecretKeyError::Numbers)?; // [BRS-06]
        if !key.has_usual_exponent() {
            return Err(ParseKeyError::Exponent.into()); // [BRS-03]
        }
        let public = PublicKey::from_modulus(&key.modulus())?;
        // A key that AWS-LC would not write as it was read lacks a part that constant time or blinding need.
        let again = key.to_private_der().map_err(|_| ParseSecretKeyError::Numbers)?;
        if !bool::from(again.ct_eq(content)) {
            return Err(ParseSecretKeyError::Numbers); // [BRS-06]
        }
        Ok(Self { public, key })
    }

    /// The key as the DER of a PKCS #8 `PrivateKeyInfo`.
    ///
    /// # Errors
    /// AWS-LC failed.
    pub fn to_pkcs8(&self) -> Result<Secret<Vec<u8>>, BackendError> {
        let content = self.key.to_private_der()?;
        let header = der::private_header(content.len()).ok_or(BackendError)?;
        Ok(Secret::new([&header, &content[..]].concat()))
    }

    /// The public half.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a blinded message [RFC 9474 §4.3]. Whether its sender may have a signature, and has not had it yet,
    /// must have been decided before.
    ///
    /// 0, 1 and −1 are refused, against the letter of RFC 9474: their signatures are they themselves, and no
    /// message is blinded to them.
    ///
    /// # Errors
    /// The message has another length than the modulus or is not a number from 2 to the modulus − 2; or the
    /// result did not agree with the public key, and was thrown away.
    pub fn blind_sign(&self, blinded: &[u8]) -> Result<BlindSignature, BlindSignError> {
        if blinded.len() != self.public.length() {
            return Err(BlindSignError::Length); // [BRS-07]
        }
        if is_zero_or_one(blinded) || !is_below(blinded, &one_less(self.public.modulus())) {
            return Err(BlindSignError::Range); // [BRS-08]
        }
        let result = self.key.raise_to_private(blinded).map_err(BlindSignError::Backend)?;
        self.released(blinded, &result)
    }

    /// The result of the private operation, if the public one undoes it.
    ///
    /// AWS-LC checks this too, before it takes its own blinding off; here the number that leaves is checked.
    fn released(&self, blinded: &[u8], result: &[u8]) -> Result<BlindSignature, BlindSignError> {
        let check = self.public.key().raise_to_public(result).map_err(BlindSignError::Backend)?;
        if !bool::from(check.ct_eq(blinded)) {
            return Err(BlindSignError::Fault); // [BRS-09]
        }
        Ok(BlindSignature(result.to_vec()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// The signer's answer: as long as its key's modulus, and of no use to anybody but the one who blinded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindSignature(Vec<u8>);

impl BlindSignature {
    /// The bytes to send.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why no key was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// AWS-LC failed.
    #[error(transparent)]
    Backend(BackendError),
    /// AWS-LC made a key that is not used here.
    #[error("the generated key is not allowed")]
    Key(#[source] ParseKeyError),
}

/// Why bytes are no private key that is used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseSecretKeyError {
    /// BRS-05: not the DER of a `PrivateKeyInfo` under `rsaEncryption`.
    #[error("not an RSA private key in PKCS #8")]
    Form,
    /// BRS-06: the numbers of the key are not all there, or do not belong together.
    #[error("the private key is not consistent")]
    Numbers,
    /// The public half is refused.
    #[error("the public half is not allowed")]
    Public(#[from] ParseKeyError),
}

impl ParseSecretKeyError {
    /// The rule that was broken [spec/checks/brs.toml].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "BRS-05",
            Self::Numbers => "BRS-06",
            Self::Public(error) => error.code(),
        }
    }
}

/// Why a blinded message was not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlindSignError {
    /// BRS-07: the blinded message is not as long as the modulus.
    #[error("the blinded message has another length than the key")]
    Length,
    /// BRS-08: the blinded message is 0, 1, or not below the modulus − 1.
    #[error("the blinded message is out of range")]
    Range,
    /// BRS-09: the result did not verify; the machine or the key is broken.
    #[error("the signature did not verify and was not released")]
    Fault,
    /// AWS-LC failed.
    #[error(transparent)]
    Backend(BackendError),
}

impl BlindSignError {
    /// The rule that was broken [spec/checks/brs.toml].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length => "BRS-07",
            Self::Range => "BRS-08",
            Self::Fault | Self::Backend(_) => "BRS-09",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_result_of_the_private_operation_is_not_released() {
        let key = SecretKey::generate(KeySize::Bits2048).unwrap();
        let blinded = [3; 256];
        let right = key.blind_sign(&blinded).unwrap();
        // What one flipped bit, or one wrong half of the Chinese remainder theorem, would leave behind.
        for index in [0, 100, 255] {
            let mut wrong = right.as_bytes().to_vec();
            wrong[index] ^= 1;
            assert_eq!(key.released(&blinded, &wrong).unwrap_err().code(), "BRS-09");
        }
        assert_eq!(key.released(&blinded, right.as_bytes()), Ok(right.clone()));
    }
}
