//! Authenticated encryption: AES-256-GCM [NIST SP 800-38D] with random 96-bit nonces.
//!
//! A sealed message is `nonce (12) ‖ ciphertext ‖ tag (16)`. With random nonces one key seals at most 2^32
//! messages [SP 800-38D §8.3]; a wallet file that is re-keyed from its password at each write is far below.
//!
//! [`ContentKey`] is for formats that carry nonce and tag in places of their own, such as JSON Web Encryption.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sinpyo_core::{Secret, key::Entropy};
use std::fmt;
use zeroize::Zeroize;

/// Length of the tag that ends a sealed message, in bytes.
const TAG: usize = 16;

/// An AES-256 key.
pub struct SealingKey(LessSafeKey);

impl SealingKey {
    /// Takes the 32 bytes of a key, from [`crate::mac::hkdf_sha256`] or [`crate::password`].
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "an AES-256 key is any 32 bytes")]
    pub fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose()).expect("32 bytes")))
    }

    /// Encrypts `plaintext`, and authenticates `aad` with it.
    ///
    /// # Errors
    /// `plaintext` is longer than the 2^36 − 32 bytes that one nonce can cover.
    pub fn seal(
        &self,
        entropy: &mut dyn Entropy,
        aad: &[u8],
        plaintext: &Secret<impl AsRef<[u8]> + Zeroize>,
    ) -> Result<Vec<u8>, SealError> {
        let plaintext = plaintext.expose().as_ref();
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(NONCE_LEN + plaintext.len() + TAG);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let (_, in_out) = sealed.split_at_mut(NONCE_LEN);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), in_out).map_err(|_| SealError)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Decrypts what [`SealingKey::seal`] made under the same `aad`.
    ///
    /// # Errors
    /// Another key, another `aad`, or one bit of `sealed` differs.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, OpenError> {
        let (nonce, ciphertext) = sealed.split_first_chunk().ok_or(OpenError)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut in_out = ciphertext.to_vec();
        // On failure AWS-LC leaves no plaintext in the buffer. [KEY-16]
        let length = self.0.open_in_place(nonce, Aad::from(aad), &mut in_out).map_err(|_| OpenError)?.len();
        in_out.truncate(length);
        Ok(Secret::new(in_out))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// An AES-GCM key for one message: it is spent by sealing or opening.
pub struct ContentKey(LessSafeKey);

impl ContentKey {
    /// An AES-128 key.
    pub fn aes_128(key: &Secret<[u8; 16]>) -> Self {
        Self::new(&AES_128_GCM, key.expose())
    }

    /// An AES-256 key.
    pub fn aes_256(key: &Secret<[u8; 32]>) -> Self {
        Self::new(&AES_256_GCM, key.expose())
    }

    #[expect(
        clippy::expect_used,
        reason = "each caller above names the algorithm and its key length together"
    )]
    fn new(algorithm: &'static Algorithm, key: &[u8]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(algorithm, key).expect("the algorithm's key length")))
    }

    /// Encrypts `content` where it stands and gives the tag, which also covers `aad`.
    ///
    /// # Errors
    /// `content` is longer than the 2^36 − 32 bytes that one nonce can cover.
    pub fn seal(
        self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        content: &mut [u8],
    ) -> Result<[u8; TAG], SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), content).map_err(|_| SealError)?;
        tag.as_ref().try_into().map_err(|_| SealError)
    }

    /// Decrypts `content`, which its tag of 16 bytes follows.
    ///
    /// # Errors
    /// Another key, another nonce or `aad`, or one bit of `content` differs.
    pub fn open(
        self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        mut content: Vec<u8>,
    ) -> Result<Vec<u8>, OpenError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        // On failure AWS-LC leaves no plaintext in the buffer. [KEY-16]
        let length = self.0.open_in_place(nonce, Aad::from(aad), &mut content).map_err(|_| OpenError)?.len();
        content.truncate(length);
        Ok(content)
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(..)")
    }
}

/// The plaintext is too long for one nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plaintext is longer than one nonce can cover")]
pub struct SealError;

/// KEY-16: the message was not sealed with this key and these authenticated data, or was changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed message does not open")]
pub struct OpenError;

impl OpenError {
    /// The rule that was broken, as in `spec/checks/key.toml`.
    pub const fn code(&self) -> &'static str {
        "KEY-16"
    }
}
