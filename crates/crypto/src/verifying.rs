//! Public keys: parsed once, checked once, then only used.

use crate::{
    Algorithm,
    ecdsa::{self, Curve},
    ed25519,
    mldsa::{self, ParameterSet},
    multicodec,
};
use aws_lc_rs::signature::ParsedPublicKey;
use serde_json::{Map, Value};
use sinpyo_core::{
    encoding::{Multikey, from_base64url, to_base64url},
    jwk::PublicJwk,
    key::{AlgorithmName, Authentic, BadSignature, Verifier, hazmat},
};
use std::{borrow::Cow, fmt};

/// A public key that passed every check its algorithm asks for, ready to verify with.
///
/// Two are equal if they are the same point (or encoding) under the same algorithm. Keep the value where
/// many signatures of one signer are checked: parsing is the smaller part of a verification, but not free.
#[derive(Clone)]
pub struct VerifyingKey(Kind);

#[derive(Clone)]
enum Kind {
    Es256(ecdsa::PublicKey),
    Es384(ecdsa::PublicKey),
    Es512(ecdsa::PublicKey),
    Ed25519(ed25519_dalek::VerifyingKey),
    MlDsa44(ParsedPublicKey),
    MlDsa65(ParsedPublicKey),
}

impl VerifyingKey {
    /// Parses the key of a `Multikey` verification method or a did:key [CID 1.0 §2.2.2].
    ///
    /// # Errors
    /// A multicodec without an algorithm here, or key bytes that the algorithm refuses.
    pub fn from_multikey(key: &Multikey) -> Result<Self, ParseKeyError> {
        let algorithm = match key.code() {
            multicodec::ED25519_PUB => Algorithm::Ed25519,
            multicodec::P256_PUB => Algorithm::Es256,
            multicodec::P384_PUB => Algorithm::Es384,
            multicodec::P521_PUB => Algorithm::Es512,
            multicodec::MLDSA_44_PUB => Algorithm::MlDsa44,
            multicodec::MLDSA_65_PUB => Algorithm::MlDsa65,
            _ => return Err(ParseKeyError::Unsupported), // [KEY-01]
        };
        Self::from_bytes(algorithm, key.key())
    }

    /// Parses an ECDSA key in the encoding of SEC 1 §2.3.3: `02‖x`, `03‖x` or `04‖x‖y`.
    ///
    /// # Errors
    /// `algorithm` is not ECDSA; another length or first byte; no point of the curve.
    pub fn from_sec1(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, ParseKeyError> {
        let (curve, kind): (_, fn(_) -> _) = match algorithm {
            Algorithm::Es256 => (Curve::P256, Kind::Es256),
            Algorithm::Es384 => (Curve::P384, Kind::Es384),
            Algorithm::Es512 => (Curve::P521, Kind::Es512),
            _ => return Err(ParseKeyError::Unsupported), // [KEY-01]
        };
        ecdsa::PublicKey::from_sec1(curve, bytes).map(kind).map(Self)
    }

    /// An ECDSA key as `04‖x‖y` [SEC 1 §2.3.3]; `None` for other algorithms.
    pub fn to_sec1(&self) -> Option<Vec<u8>> {
        match &self.0 {
            Kind::Es256(key) | Kind::Es384(key) | Kind::Es512(key) => Some(key.uncompressed()),
            Kind::Ed25519(_) | Kind::MlDsa44(_) | Kind::MlDsa65(_) => None,
        }
    }

    /// The key as a `Multikey`; curve points compressed.
    pub fn to_multikey(&self) -> Multikey {
        let code = match self.algorithm() {
            Algorithm::Es256 => multicodec::P256_PUB,
            Algorithm::Es384 => multicodec::P384_PUB,
            Algorithm::Es512 => multicodec::P521_PUB,
            Algorithm::Ed25519 => multicodec::ED25519_PUB,
            Algorithm::MlDsa44 => multicodec::MLDSA_44_PUB,
            Algorithm::MlDsa65 => multicodec::MLDSA_65_PUB,
        };
        Multikey::new(code, &self.to_bytes())
    }

    /// Parses a JSON Web Key: `EC` [RFC 7518 §6.2], `OKP` [RFC 8037 §2] or `AKP` [ML-DSA for JOSE §3].
    ///
    /// # Errors
    /// No algorithm here for the key type and curve; `alg`, `use` or `key_ops` reserve the key for something
    /// else; a member is missing or malformed; the algorithm refuses the key.
    pub fn from_jwk(jwk: &PublicJwk) -> Result<Self, ParseKeyError> {
        let algorithm = match (jwk.text("kty"), jwk.text("crv"), jwk.text("alg")) {
            (Some("EC"), Some("P-256"), _) => Algorithm::Es256,
            (Some("EC"), Some("P-384"), _) => Algorithm::Es384,
            (Some("EC"), Some("P-521"), _) => Algorithm::Es512,
            (Some("OKP"), Some("Ed25519"), _) => Algorithm::Ed25519,
            (Some("AKP"), None, Some("ML-DSA-44")) => Algorithm::MlDsa44,
            (Some("AKP"), None, Some("ML-DSA-65")) => Algorithm::MlDsa65,
            _ => return Err(ParseKeyError::Unsupported), // [KEY-01]
        };
        check_use(jwk, algorithm)?;
        let bytes = |name| {
            let text = jwk.text(name).ok_or(ParseKeyError::Member)?; // [KEY-07]
            from_base64url(text).map_err(|_| ParseKeyError::Member) // [KEY-07]
        };
        match algorithm {
            Algorithm::Es256 => {
                ecdsa::PublicKey::from_coordinates(Curve::P256, &bytes("x")?, &bytes("y")?).map(Kind::Es256)
            }
            Algorithm::Es512 => {
                ecdsa::PublicKey::from_coordinates(Curve::P521, &bytes("x")?, &bytes("y")?).map(Kind::Es512)
            }
            Algorithm::Es384 => {
                ecdsa::PublicKey::from_coordinates(Curve::P384, &bytes("x")?, &bytes("y")?).map(Kind::Es384)
            }
            Algorithm::Ed25519 => return Self::from_bytes(algorithm, &bytes("x")?),
            Algorithm::MlDsa44 | Algorithm::MlDsa65 => return Self::from_bytes(algorithm, &bytes("pub")?),
        }
        .map(Self)
    }

    /// The key as a JSON Web Key with the members that define it and no other, so that its RFC 7638
    /// thumbprint is the hash of exactly these members.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the members written here are a public key's"
    )]
    pub fn to_jwk(&self) -> PublicJwk {
        let mut members = Map::new();
        let mut put = |name: &str, text: &str| members.insert(name.to_owned(), Value::from(text));
        match &self.0 {
            Kind::Es256(key) | Kind::Es384(key) | Kind::Es512(key) => {
                let (x, y) = key.coordinates();
                put("kty", "EC");
                put("crv", key.curve().name());
                put("x", &to_base64url(x));
                put("y", &to_base64url(y));
            }
            Kind::Ed25519(key) => {
                put("kty", "OKP");
                put("crv", "Ed25519");
                put("x", &to_base64url(key.as_bytes()));
            }
            Kind::MlDsa44(key) | Kind::MlDsa65(key) => {
                put("kty", "AKP");
                put("alg", self.algorithm().jose());
                put("pub", &to_base64url(key.as_ref()));
            }
        }
        PublicJwk::from_members(members).expect("a public key")
    }

    /// The algorithm of every signature that this key accepts.
    pub const fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Es256(_) => Algorithm::Es256,
            Kind::Es384(_) => Algorithm::Es384,
            Kind::Es512(_) => Algorithm::Es512,
            Kind::Ed25519(_) => Algorithm::Ed25519,
            Kind::MlDsa44(_) => Algorithm::MlDsa44,
            Kind::MlDsa65(_) => Algorithm::MlDsa65,
        }
    }

    pub(crate) const fn ed25519(&self) -> Option<&ed25519_dalek::VerifyingKey> {
        match &self.0 {
            Kind::Ed25519(key) => Some(key),
            Kind::Es256(_) | Kind::Es384(_) | Kind::Es512(_) | Kind::MlDsa44(_) | Kind::MlDsa65(_) => None,
        }
    }

    /// Parses the bytes that follow the multicodec.
    pub(crate) fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, ParseKeyError> {
        match algorithm {
            Algorithm::Es256 => ecdsa::PublicKey::from_compressed(Curve::P256, bytes).map(Kind::Es256),
            Algorithm::Es384 => ecdsa::PublicKey::from_compressed(Curve::P384, bytes).map(Kind::Es384),
            Algorithm::Es512 => ecdsa::PublicKey::from_compressed(Curve::P521, bytes).map(Kind::Es512),
            Algorithm::Ed25519 => ed25519::parse(bytes).map(Kind::Ed25519),
            Algorithm::MlDsa44 => mldsa::parse(ParameterSet::MlDsa44, bytes).map(Kind::MlDsa44),
            Algorithm::MlDsa65 => mldsa::parse(ParameterSet::MlDsa65, bytes).map(Kind::MlDsa65),
        }
        .map(Self)
    }

    pub(crate) fn to_bytes(&self) -> Cow<'_, [u8]> {
        match &self.0 {
            Kind::Es256(key) | Kind::Es384(key) | Kind::Es512(key) => Cow::Owned(key.compressed()),
            Kind::Ed25519(key) => Cow::Borrowed(key.as_bytes()),
            Kind::MlDsa44(key) | Kind::MlDsa65(key) => Cow::Borrowed(key.as_ref()),
        }
    }
}

/// Refuses a key that says it is for another algorithm or not for signatures [RFC 7517 §4.2–4.4].
fn check_use(jwk: &PublicJwk, algorithm: Algorithm) -> Result<(), ParseKeyError> {
    let member = |name| jwk.members().get(name);
    let names_the_algorithm =
        |alg: &Value| alg.as_str().and_then(Algorithm::from_jose_or_fully_specified) == Some(algorithm);
    let allowed = member("alg").is_none_or(names_the_algorithm)
        && member("use").is_none_or(|usage| usage == "sig")
        && member("key_ops")
            .is_none_or(|ops| ops.as_array().is_some_and(|ops| ops.iter().any(|op| op == "verify")));
    if allowed { Ok(()) } else { Err(ParseKeyError::Use) } // [KEY-06]
}

impl Verifier for VerifyingKey {
    fn algorithm(&self) -> AlgorithmName {
        self.algorithm().name()
    }

    fn verify<'m>(&self, message: &'m [u8], signature: &[u8]) -> Result<Authentic<'m>, BadSignature> {
        match &self.0 {
            Kind::Es256(key) | Kind::Es384(key) | Kind::Es512(key) => key.verify(message, signature)?,
            Kind::Ed25519(key) => ed25519::verify(key, message, signature)?,
            Kind::MlDsa44(key) | Kind::MlDsa65(key) => mldsa::verify(key, message, signature)?,
        }
        Ok(hazmat::authentic(message))
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm() == other.algorithm() && self.to_bytes() == other.to_bytes()
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.to_multikey())
    }
}

/// Why a public key was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseKeyError {
    /// KEY-01: a key type, curve or multicodec without an algorithm here.
    #[error("no supported algorithm uses this kind of key")]
    Unsupported,
    /// KEY-02: the key, or a coordinate of it, does not have its algorithm's length.
    #[error("the key does not have the length that its algorithm requires")]
    Length,
    /// KEY-03: the bytes encode no point of the curve.
    #[error("the key is no point of its curve")]
    NotOnCurve,
    /// KEY-04: an Ed25519 key in another than its one canonical encoding.
    #[error("the key is not canonically encoded")]
    NonCanonical,
    /// KEY-05: an Ed25519 key of small order, for which signatures fit many messages.
    #[error("the key has small order")]
    SmallOrder,
    /// KEY-06: the JSON Web Key reserves itself for another algorithm or purpose.
    #[error("the key is not meant for signatures of its algorithm")]
    Use,
    /// KEY-07: a member of the JSON Web Key is missing or not base64url.
    #[error("a member of the JSON Web Key is missing or malformed")]
    Member,
}

impl ParseKeyError {
    /// The rule that was broken, as in `spec/checks/key.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsupported => "KEY-01",
            Self::Length => "KEY-02",
            Self::NotOnCurve => "KEY-03",
            Self::NonCanonical => "KEY-04",
            Self::SmallOrder => "KEY-05",
            Self::Use => "KEY-06",
            Self::Member => "KEY-07",
        }
    }
}
