//! Private keys: made, used, and handed out only as [`Secret`].

use crate::{
    Algorithm, VerifyingKey,
    ecdsa::{self, Curve},
    mldsa,
};
use ed25519_dalek::Signer as _;
use ml_dsa::{MlDsa44, MlDsa65};
use sinpyo_core::{
    did::KeyId,
    key::{AlgorithmName, Entropy, SignError, Signer},
};
use std::fmt;
use zeroize::Zeroizing;

/// A key pair. The public half always comes from the private one, and no operation takes another.
///
/// Neither cloned, compared nor printed; wiped from memory when dropped. Ed25519 and ML-DSA sign
/// deterministically. ECDSA nonces are drawn by AWS-LC, so two signatures of one message differ.
pub struct SigningKey {
    private: Private,
    public: VerifyingKey,
}

/// Boxed where moving the value would leave copies of the key behind.
enum Private {
    Ecdsa(ecdsa::PrivateKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
    MlDsa65(Box<ml_dsa::SigningKey<MlDsa65>>),
}

/// Draws for one ECDSA key. Each fails with probability below 2^-32, so that needing two is news.
const ATTEMPTS: usize = 64;

impl SigningKey {
    /// Makes a new key.
    ///
    /// ECDSA scalars are drawn by rejection [FIPS 186-5 §A.2.2]; the others are 32-byte seeds.
    ///
    /// # Panics
    /// `entropy` broke its contract: 64 draws in a row lay outside the order of the curve.
    #[expect(clippy::expect_used, reason = "generating a key from constant bytes is worse than stopping")]
    pub fn generate(algorithm: Algorithm, entropy: &mut dyn Entropy) -> Self {
        let mut material = Zeroizing::new(vec![0; private_length(algorithm)]);
        (0..ATTEMPTS)
            .find_map(|_| {
                entropy.fill(&mut material);
                if let (Algorithm::Es512, Some(first)) = (algorithm, material.first_mut()) {
                    *first &= 1; // 521 bits in 66 bytes
                }
                Self::from_private_bytes(algorithm, &material)
            })
            .expect("unpredictable bytes")
    }

    /// The public half.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// The algorithm of every signature that this key makes.
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Signs `message` (not a digest of it); the signature has the fixed-length JOSE form.
    ///
    /// # Errors
    /// AWS-LC could not draw an ECDSA nonce, or ran out of memory.
    pub fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        match &self.private {
            Private::Ecdsa(key) => key.sign(message),
            Private::Ed25519(key) => Ok(key.sign(message).to_bytes().into()),
            Private::MlDsa44(key) => mldsa::sign(key, message),
            Private::MlDsa65(key) => mldsa::sign(key, message),
        }
    }

    /// The key with these private bytes: an ECDSA scalar (big-endian, full width) or a seed. `None` if they
    /// have another length or the scalar is not in 1..n.
    pub(crate) fn from_private_bytes(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        let (private, public) = match algorithm {
            Algorithm::Es256 => ecdsa_halves(Curve::P256, bytes)?,
            Algorithm::Es384 => ecdsa_halves(Curve::P384, bytes)?,
            Algorithm::Es512 => ecdsa_halves(Curve::P521, bytes)?,
            Algorithm::Ed25519 => {
                let key = Box::new(ed25519_dalek::SigningKey::from_bytes(bytes.try_into().ok()?));
                let public = key.verifying_key().to_bytes().to_vec();
                (Private::Ed25519(key), public)
            }
            Algorithm::MlDsa44 => {
                let key = Box::new(ml_dsa::SigningKey::from_seed(bytes.try_into().ok()?));
                let public = mldsa::public(&key);
                (Private::MlDsa44(key), public)
            }
            Algorithm::MlDsa65 => {
                let key = Box::new(ml_dsa::SigningKey::from_seed(bytes.try_into().ok()?));
                let public = mldsa::public(&key);
                (Private::MlDsa65(key), public)
            }
        };
        let public = VerifyingKey::from_bytes(algorithm, &public).ok()?;
        Some(Self { private, public })
    }

    /// What [`SigningKey::from_private_bytes`] takes.
    pub(crate) fn private_bytes(&self) -> Zeroizing<Vec<u8>> {
        match &self.private {
            Private::Ecdsa(key) => key.scalar(),
            Private::Ed25519(key) => Zeroizing::new(key.as_bytes().to_vec()),
            Private::MlDsa44(key) => Zeroizing::new(key.as_seed().to_vec()),
            Private::MlDsa65(key) => Zeroizing::new(key.as_seed().to_vec()),
        }
    }
}

const fn private_length(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Es384 => Curve::P384.width(),
        Algorithm::Es512 => Curve::P521.width(),
        Algorithm::Es256 | Algorithm::Ed25519 | Algorithm::MlDsa44 | Algorithm::MlDsa65 => 32,
    }
}

fn ecdsa_halves(curve: Curve, scalar: &[u8]) -> Option<(Private, Vec<u8>)> {
    let key = ecdsa::PrivateKey::from_scalar(curve, scalar)?;
    let public = key.public().ok()?.compressed();
    Some((Private::Ecdsa(key), public))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// A [`SigningKey`] under the name by which others find its public half.
#[derive(Debug)]
pub struct KeySigner {
    key_id: KeyId,
    key: SigningKey,
}

impl KeySigner {
    /// Binds `key` to the verification method `key_id`.
    pub const fn new(key_id: KeyId, key: SigningKey) -> Self {
        Self { key_id, key }
    }

    /// The key.
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }
}

impl Signer for KeySigner {
    fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    fn algorithm(&self) -> AlgorithmName {
        self.key.algorithm().name()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.key.sign(message)
    }
}
