//! Keys.

use crate::suite::Suite;
use sinpyo_bls12381::{DecodePointError, G1, G2, PreparedG2, Scalar};
use sinpyo_core::{Secret, encoding::Multikey, key::Entropy};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// `bls12_381-g2-pub` in the multicodec table.
const MULTICODEC: u64 = 0xeb;
/// Bytes of randomness that make one scalar without bias.
const SCALAR_SEED: usize = 48;

/// A signer's key pair; the secret is a scalar that is not zero, wiped when dropped.
pub struct SecretKey {
    pub(crate) scalar: Scalar,
    pub(crate) public: PublicKey,
}

impl SecretKey {
    /// Length of the encoding in bytes.
    pub const BYTES: usize = Scalar::BYTES;

    /// A new key.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        loop {
            let scalar = random_scalar(entropy);
            if !scalar.is_zero() {
                return Self::pair(scalar);
            }
        }
    }

    /// The key that `material` determines; `info` tells apart keys from one material [§3.4.1, `KeyGen`].
    ///
    /// # Errors
    /// Less than 32 bytes of material, or more than 65,535 bytes of `info`.
    pub fn derive(suite: Suite, material: &Secret<Vec<u8>>, info: &[u8]) -> Result<Self, KeyGenError> {
        // [BBS-09]
        if material.expose().len() < 32 {
            return Err(KeyGenError::Material);
        }
        let length = u16::try_from(info.len()).map_err(|_| KeyGenError::Info)?;
        let input = Zeroizing::new([material.expose(), &length.to_be_bytes()[..], info].concat());
        let scalar = suite.expander().hash_to_scalar(&input, &suite.separator("KEYGEN_DST_"));
        if scalar.is_zero() { Err(KeyGenError::Material) } else { Ok(Self::pair(scalar)) }
    }

    /// Reads the 32-byte big-endian form.
    ///
    /// # Errors
    /// Another length, or a number outside 1 … r − 1.
    pub fn from_octets(octets: &[u8]) -> Result<Self, ParseKeyError> {
        // [BBS-10]
        let octets = octets.try_into().map_err(|_| ParseKeyError::Secret)?;
        match Scalar::from_be_bytes(octets) {
            Ok(scalar) if !scalar.is_zero() => Ok(Self::pair(scalar)),
            _ => Err(ParseKeyError::Secret),
        }
    }

    /// The 32-byte big-endian form, for the store that keeps it.
    pub fn to_octets(&self) -> Secret<[u8; Self::BYTES]> {
        Secret::new(self.scalar.to_be_bytes())
    }

    /// The public half [§3.4.2, `SkToPk`].
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn pair(scalar: Scalar) -> Self {
        let public = PublicKey::prepare(&G2::generator_times(&scalar));
        Self { scalar, public }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A signer's public key, checked once and prepared for pairings (20 kB, shared by its clones).
///
/// It does not say with which suite it is used; its owner's document, or the cryptosuite, does.
#[derive(Clone)]
pub struct PublicKey {
    octets: [u8; Self::BYTES],
    prepared: Arc<PreparedG2>,
}

impl PublicKey {
    /// Length of the encoding in bytes.
    pub const BYTES: usize = G2::BYTES;

    /// Reads the compressed form [§4.2.4.6, `octets_to_pubkey`].
    ///
    /// # Errors
    /// Another length, another encoding of the point, a point outside the subgroup, or the identity.
    pub fn from_octets(octets: &[u8]) -> Result<Self, ParseKeyError> {
        // [BBS-01]
        let octets = octets.try_into().map_err(|_| ParseKeyError::Length)?;
        Ok(Self::prepare(&G2::from_compressed(octets).map_err(ParseKeyError::Point)?))
    }

    /// The compressed form.
    pub const fn to_octets(&self) -> &[u8; Self::BYTES] {
        &self.octets
    }

    /// Reads the key of a `Multikey` verification method [CID 1.0 §2.2.2, VC-DI-BBS §2.1.1].
    ///
    /// # Errors
    /// A key of another kind, or as [`PublicKey::from_octets`].
    pub fn from_multikey(key: &Multikey) -> Result<Self, ParseKeyError> {
        // [BBS-11]
        if key.code() == MULTICODEC { Self::from_octets(key.key()) } else { Err(ParseKeyError::Kind) }
    }

    /// The key as a `Multikey` (`zUC7…`).
    pub fn to_multikey(&self) -> Multikey {
        Multikey::new(MULTICODEC, &self.octets)
    }

    pub(crate) fn prepared(&self) -> &PreparedG2 {
        &self.prepared
    }

    fn prepare(point: &G2) -> Self {
        Self { octets: point.to_compressed(), prepared: Arc::new(PreparedG2::new(point)) }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.to_multikey())
    }
}

/// A scalar that nobody can predict.
pub(crate) fn random_scalar(entropy: &mut dyn Entropy) -> Scalar {
    let mut seed = Zeroizing::new([0; SCALAR_SEED]);
    entropy.fill(&mut *seed);
    Scalar::reduce(&*seed)
}

/// Reads a point of a signature or proof, which is never the identity.
pub(crate) fn read_point(octets: &mut &[u8]) -> Result<G1, DecodePointError> {
    let (point, rest) = octets.split_first_chunk().ok_or(DecodePointError::Encoding)?;
    *octets = rest;
    G1::from_compressed(point)
}

/// Reads a scalar of a signature or proof, which is never zero.
pub(crate) fn read_scalar(octets: &mut &[u8]) -> Option<Scalar> {
    let (scalar, rest) = octets.split_first_chunk()?;
    *octets = rest;
    Scalar::from_be_bytes(scalar).ok().filter(|scalar| !scalar.is_zero())
}

/// Why no key was derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyGenError {
    /// BBS-09: fewer than 32 bytes of key material.
    #[error("the key material is shorter than 32 bytes")]
    Material,
    /// BBS-09: the key information does not fit its length prefix.
    #[error("the key information is longer than 65,535 bytes")]
    Info,
}

impl KeyGenError {
    /// The rule that refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Material | Self::Info => "BBS-09",
        }
    }
}

/// Why bytes are not a BBS key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseKeyError {
    /// BBS-01: not 96 bytes.
    #[error("a public key has 96 bytes")]
    Length,
    /// BBS-01: not a usable point.
    #[error("the public key is not a point of the group")]
    Point(#[source] DecodePointError),
    /// BBS-10: not a secret key.
    #[error("the secret key is not 32 bytes with a number from 1 to r - 1")]
    Secret,
    /// BBS-11: a Multikey of another kind.
    #[error("not a multikey of the kind bls12_381-g2-pub")]
    Kind,
}

impl ParseKeyError {
    /// The rule that refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length | Self::Point(_) => "BBS-01",
            Self::Secret => "BBS-10",
            Self::Kind => "BBS-11",
        }
    }
}
