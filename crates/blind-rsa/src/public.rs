//! Public keys: parsing, verifying.

use crate::{
    Prepared, der,
    raw::{BackendError, Key},
};
use sinpyo_core::key::{Authentic, BadSignature, hazmat};
use sinpyo_crypto::hash::sha384;
use std::{ffi::c_int, fmt, sync::Arc};

/// A signer's public key, of 2,048 to 4,096 bits with the exponent 65537.
#[derive(Clone)]
pub struct PublicKey {
    modulus: Arc<[u8]>,
    spki: Arc<[u8]>,
    key: Arc<Key>,
}

/// Bytes of the least and the greatest modulus.
const LENGTHS: std::ops::RangeInclusive<usize> = 256..=512;

impl PublicKey {
    /// Parses the DER of a `SubjectPublicKeyInfo` under `rsaEncryption`.
    ///
    /// # Errors
    /// Another algorithm, other parameters, anything but DER; a size that is not a whole number of bytes from
    /// 2,048 to 4,096 bits; another exponent than 65537; an even modulus. That the modulus has two prime factors
    /// cannot be seen.
    pub fn from_spki(der: &[u8]) -> Result<Self, ParseKeyError> {
        let rest = der.strip_suffix(&der::EXPONENT).ok_or(ParseKeyError::Exponent)?; // [BRS-03]
        let (header, number) = rest.split_at_checked(der::PUBLIC_HEADER).ok_or(ParseKeyError::Form)?;
        let (_, modulus) = number.split_first().ok_or(ParseKeyError::Form)?;
        if !LENGTHS.contains(&modulus.len()) {
            return Err(ParseKeyError::Size); // [BRS-02]
        }
        if der::public_header(modulus.len()).is_none_or(|expected| expected != header) {
            return Err(ParseKeyError::Form); // [BRS-01]
        }
        match number {
            [0, 0x80..=0xff, ..] => Self::from_modulus(modulus),
            [1..0x80, ..] => Err(ParseKeyError::Size), // [BRS-02] bits of a byte more
            _ => Err(ParseKeyError::Form),             // [BRS-01] negative, or a zero too many
        }
    }

    /// The key as the DER of a `SubjectPublicKeyInfo`.
    pub fn to_spki(&self) -> Vec<u8> {
        self.spki.to_vec()
    }

    /// Bytes of the modulus, which is what every blinded message and every signature has.
    pub fn length(&self) -> usize {
        self.modulus.len()
    }

    /// Checks that `signature` was made over `prepared` by the holder of this key [RFC 9474 §4.5], and returns
    /// the signed bytes.
    ///
    /// # Errors
    /// [`BadSignature`] in every other case, another variant of the same message among them.
    pub fn verify<'m>(
        &self,
        prepared: &'m Prepared,
        signature: &[u8],
    ) -> Result<Authentic<'m>, BadSignature> {
        let salt_length = c_int::try_from(prepared.variant().salt_length()).map_err(|_| BadSignature)?;
        if self.key.verifies(&sha384(prepared.as_bytes()), salt_length, signature) {
            return Ok(hazmat::authentic(prepared.as_bytes()));
        }
        Err(BadSignature) // [BRS-10]
    }

    pub(crate) fn from_modulus(modulus: &[u8]) -> Result<Self, ParseKeyError> {
        // [BRS-02] A first bit that is not set would make the key smaller than it is long.
        if !LENGTHS.contains(&modulus.len()) || modulus.first().is_none_or(|first| *first < 0x80) {
            return Err(ParseKeyError::Size);
        }
        if modulus.last().is_none_or(|last| last % 2 == 0) {
            return Err(ParseKeyError::Even); // [BRS-04]
        }
        let header = der::public_header(modulus.len()).ok_or(ParseKeyError::Size)?;
        let spki = [&header[..], &[0], modulus, &der::EXPONENT].concat();
        let key = Arc::new(Key::from_modulus(modulus)?);
        Ok(Self { modulus: modulus.into(), spki: spki.into(), key })
    }

    pub(crate) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.modulus == other.modulus
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("bytes", &self.length()).finish_non_exhaustive()
    }
}

/// Why bytes are no public key that is used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseKeyError {
    /// BRS-01: not the DER of a `SubjectPublicKeyInfo` under `rsaEncryption`.
    #[error("not an RSA key in DER")]
    Form,
    /// BRS-02: the modulus has less than 2,048 or more than 4,096 bits, or no whole number of bytes.
    #[error("the key's size is not allowed")]
    Size,
    /// BRS-03: the key does not end with the public exponent 65537.
    #[error("the public exponent is not 65537")]
    Exponent,
    /// BRS-04: the modulus is even.
    #[error("the modulus is even")]
    Even,
    /// AWS-LC did not take the key.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl ParseKeyError {
    /// The rule that was broken [spec/checks/brs.toml].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "BRS-01",
            Self::Size => "BRS-02",
            Self::Exponent => "BRS-03",
            Self::Even => "BRS-04",
            Self::Backend(_) => "BRS-13",
        }
    }
}
