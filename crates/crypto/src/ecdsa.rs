//! ECDSA on P-256, P-384 and P-521 [FIPS 186-5 §6], by AWS-LC.
//!
//! Signatures have the fixed-length form `r‖s` [RFC 7518 §3.4]; DER is not read. AWS-LC checks
//! 1 ≤ r, s < n. Both (r, s) and (r, n − s) verify, as the standard has it: nothing here may rest on a
//! signature being the only one for its message.

use crate::verifying::ParseKeyError;
use aws_lc_rs::{
    agreement,
    encoding::{AsBigEndian, AsDer, EcPrivateKeyBin},
    error::KeyRejected,
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, KeyPair, ParsedPublicKey},
};
use sinpyo_core::key::{BadSignature, SignError};
use zeroize::Zeroizing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The `crv` member of a JSON Web Key.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Length of a coordinate and of a scalar, in bytes.
    pub(crate) const fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    const fn verification(self) -> &'static signature::EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::P384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::P521 => &signature::ECDSA_P521_SHA512_FIXED,
        }
    }

    const fn signing(self) -> &'static signature::EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
        }
    }

    const fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &agreement::ECDH_P256,
            Self::P384 => &agreement::ECDH_P384,
            Self::P521 => &agreement::ECDH_P521,
        }
    }
}

/// A point that was checked to lie on its curve.
#[derive(Clone)]
pub(crate) struct PublicKey {
    curve: Curve,
    parsed: ParsedPublicKey,
    /// `x‖y`.
    coordinates: Box<[u8]>,
}

impl PublicKey {
    /// Parses the compressed form `02‖x` or `03‖x` [SEC 1 §2.3.3].
    pub(crate) fn from_compressed(curve: Curve, bytes: &[u8]) -> Result<Self, ParseKeyError> {
        if bytes.len() != 1 + curve.width() {
            return Err(ParseKeyError::Length); // [KEY-02]
        }
        Self::parse(curve, bytes)
    }

    /// Takes the affine coordinates, each of the full width [RFC 7518 §6.2.1.2].
    pub(crate) fn from_coordinates(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, ParseKeyError> {
        if x.len() != curve.width() || y.len() != curve.width() {
            return Err(ParseKeyError::Length); // [KEY-02]
        }
        Self::parse(curve, &[&[4], x, y].concat())
    }

    /// Parses the compressed form or `04‖x‖y` [SEC 1 §2.3.3].
    pub(crate) fn from_sec1(curve: Curve, bytes: &[u8]) -> Result<Self, ParseKeyError> {
        match bytes.split_first() {
            Some((4, coordinates)) if coordinates.len() == 2 * curve.width() => Self::parse(curve, bytes),
            _ => Self::from_compressed(curve, bytes),
        }
    }

    fn parse(curve: Curve, sec1: &[u8]) -> Result<Self, ParseKeyError> {
        // [KEY-03]
        let not_on_curve = |_: KeyRejected| ParseKeyError::NotOnCurve;
        let parsed = ParsedPublicKey::new(curve.verification(), sec1).map_err(not_on_curve)?;
        // The key's X.509 form ends with the uncompressed point, whatever form it was parsed from.
        let der = parsed.as_der().map_err(|_| ParseKeyError::NotOnCurve)?;
        let der = der.as_ref();
        let start = der.len().saturating_sub(2 * curve.width());
        let coordinates = der.get(start..).unwrap_or_default().into();
        Ok(Self { curve, parsed, coordinates })
    }

    pub(crate) fn coordinates(&self) -> (&[u8], &[u8]) {
        self.coordinates.split_at(self.curve.width())
    }

    pub(crate) fn uncompressed(&self) -> Vec<u8> {
        [&[4], &*self.coordinates].concat()
    }

    pub(crate) fn compressed(&self) -> Vec<u8> {
        let (x, y) = self.coordinates();
        let y_is_odd = y.last().is_some_and(|byte| byte & 1 == 1);
        [&[if y_is_odd { 3 } else { 2 }], x].concat()
    }

    pub(crate) const fn curve(&self) -> Curve {
        self.curve
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        // A length other than twice the width, r or s of 0 or beyond n: all refused inside. [KEY-10] [KEY-11]
        self.parsed.verify_sig(message, signature).map_err(|_| BadSignature)
    }
}

/// Both halves of a key. AWS-LC wipes its memory when it is freed.
pub(crate) struct PrivateKey {
    curve: Curve,
    pair: EcdsaKeyPair,
}

impl PrivateKey {
    /// The key with this big-endian private scalar; `None` unless it has the full width and lies in 1..n.
    pub(crate) fn from_scalar(curve: Curve, scalar: &[u8]) -> Option<Self> {
        let half = agreement::PrivateKey::from_private_key(curve.agreement(), scalar).ok()?;
        let public = half.compute_public_key().ok()?;
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), scalar, public.as_ref()).ok()?;
        Some(Self { curve, pair })
    }

    pub(crate) fn public(&self) -> Result<PublicKey, ParseKeyError> {
        PublicKey::parse(self.curve, self.pair.public_key().as_ref())
    }

    #[expect(clippy::expect_used, reason = "every pair here has a private half")]
    pub(crate) fn scalar(&self) -> Zeroizing<Vec<u8>> {
        let scalar: EcPrivateKeyBin<'_> = self.pair.private_key().as_be_bytes().expect("a private half");
        Zeroizing::new(scalar.as_ref().to_vec())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        // AWS-LC draws the nonce from its own generator, whatever generator it is handed.
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| SignError)?;
        Ok(signature.as_ref().into())
    }
}
