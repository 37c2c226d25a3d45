//! Public keys as `COSE_Key` [RFC 9052 §7, RFC 9053 §7, ML-DSA for COSE §4].

use crate::{
    cbor::{Map, Value},
    header::{algorithm_id, algorithm_of},
};
use serde_json::json;
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
};
use sinpyo_crypto::{Algorithm, ParseKeyError, VerifyingKey};

/// Labels and values of the COSE key registries.
mod id {
    pub(super) const KTY: i64 = 1;
    pub(super) const ALG: i64 = 3;
    pub(super) const KEY_OPS: i64 = 4;
    pub(super) const OKP: i64 = 1;
    pub(super) const EC2: i64 = 2;
    pub(super) const AKP: i64 = 7;
    /// Curve of EC2 and OKP; public key of AKP.
    pub(super) const CRV_OR_PUB: i64 = -1;
    /// x of EC2 and OKP; private key of AKP.
    pub(super) const X_OR_PRIV: i64 = -2;
    pub(super) const Y: i64 = -3;
    pub(super) const D: i64 = -4;
    pub(super) const P256: i64 = 1;
    pub(super) const P384: i64 = 2;
    pub(super) const P521: i64 = 3;
    pub(super) const ED25519: i64 = 6;
    pub(super) const VERIFY: i64 = 2;
}

/// Reads a public key.
///
/// # Errors
/// Not a map with the parameters of a supported public key, a private parameter, a key that reserves itself for another
/// algorithm or purpose, or one that the algorithm refuses.
pub fn from_value(value: &Value) -> Result<VerifyingKey, CoseKeyError> {
    let map = value.as_map().ok_or(CoseKeyError::Parameter)?; // [COS-22]
    let int = |label| map.get_int(label).and_then(Value::as_i64);
    let private = if int(id::KTY) == Some(id::AKP) { id::X_OR_PRIV } else { id::D };
    if map.get_int(private).is_some() {
        return Err(CoseKeyError::Private); // [COS-23]
    }
    let algorithm = match (int(id::KTY), int(id::CRV_OR_PUB), int(id::ALG)) {
        (Some(id::EC2), Some(id::P256), _) => Algorithm::Es256,
        (Some(id::EC2), Some(id::P384), _) => Algorithm::Es384,
        (Some(id::EC2), Some(id::P521), _) => Algorithm::Es512,
        (Some(id::OKP), Some(id::ED25519), _) => Algorithm::Ed25519,
        (Some(id::AKP), None, Some(alg)) => {
            let algorithm = algorithm_of(alg).ok_or(ParseKeyError::Unsupported)?;
            if !matches!(algorithm, Algorithm::MlDsa44 | Algorithm::MlDsa65) {
                return Err(CoseKeyError::Use); // [COS-24]
            }
            algorithm
        }
        _ => return Err(ParseKeyError::Unsupported.into()),
    };
    check_use(map, algorithm)?;
    let bytes = |label| map.get_int(label).and_then(Value::as_bytes).ok_or(CoseKeyError::Parameter); // [COS-22]
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
            point(map, algorithm, bytes(id::X_OR_PRIV)?)
        }
        Algorithm::Ed25519 => {
            from_jwk(json!({"kty": "OKP", "crv": "Ed25519", "x": to_base64url(bytes(id::X_OR_PRIV)?)}))
        }
        Algorithm::MlDsa44 | Algorithm::MlDsa65 => from_jwk(
            json!({"kty": "AKP", "alg": algorithm.jose(), "pub": to_base64url(bytes(id::CRV_OR_PUB)?)}),
        ),
    }
}

/// The key with the parameters that define it and no other.
pub fn to_value(key: &VerifyingKey) -> Value {
    let jwk = key.to_jwk();
    let bytes =
        |name| Value::Bytes(jwk.text(name).and_then(|text| from_base64url(text).ok()).unwrap_or_default());
    let mut map = Map::new();
    let mut ec2 = |curve: i64| {
        map.insert(id::KTY, id::EC2);
        map.insert(id::CRV_OR_PUB, curve);
        map.insert(id::X_OR_PRIV, bytes("x"));
        map.insert(id::Y, bytes("y"));
    };
    match key.algorithm() {
        Algorithm::Es256 => ec2(id::P256),
        Algorithm::Es384 => ec2(id::P384),
        Algorithm::Es512 => ec2(id::P521),
        Algorithm::Ed25519 => {
            map.insert(id::KTY, id::OKP);
            map.insert(id::CRV_OR_PUB, id::ED25519);
            map.insert(id::X_OR_PRIV, bytes("x"));
        }
        algorithm @ (Algorithm::MlDsa44 | Algorithm::MlDsa65) => {
            map.insert(id::KTY, id::AKP);
            map.insert(id::ALG, algorithm_id(algorithm));
            map.insert(id::CRV_OR_PUB, bytes("pub"));
        }
    }
    Value::Map(map)
}

/// `y` is a coordinate, or the sign bit of the compressed form [RFC 9053 §7.1.1].
fn point(map: &Map, algorithm: Algorithm, x: &[u8]) -> Result<VerifyingKey, CoseKeyError> {
    let sec1 = match map.get_int(id::Y) {
        Some(Value::Bytes(y)) if y.len() == x.len() => [&[4], x, y].concat(),
        Some(Value::Bytes(_)) => return Err(ParseKeyError::Length.into()),
        Some(Value::Bool(odd)) => [&[if *odd { 3 } else { 2 }], x].concat(),
        _ => return Err(CoseKeyError::Parameter), // [COS-22]
    };
    Ok(VerifyingKey::from_sec1(algorithm, &sec1)?)
}

fn from_jwk(members: serde_json::Value) -> Result<VerifyingKey, CoseKeyError> {
    let serde_json::Value::Object(members) = members else { return Err(CoseKeyError::Parameter) };
    let jwk = PublicJwk::from_members(members).map_err(|_| CoseKeyError::Parameter)?;
    Ok(VerifyingKey::from_jwk(&jwk)?)
}

/// Refuses a key that says it is for another algorithm or not for signatures [RFC 9052 §7.1].
fn check_use(map: &Map, algorithm: Algorithm) -> Result<(), CoseKeyError> {
    let alg = map.get_int(id::ALG).is_none_or(|alg| alg.as_i64().and_then(algorithm_of) == Some(algorithm));
    let verifies = |ops: &[Value]| ops.iter().any(|op| op.as_i64() == Some(id::VERIFY));
    let ops = map.get_int(id::KEY_OPS).is_none_or(|ops| ops.as_array().is_some_and(verifies));
    if alg && ops { Ok(()) } else { Err(CoseKeyError::Use) } // [COS-24]
}

/// Why a `COSE_Key` was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoseKeyError {
    /// COS-22: a parameter is missing or of another form.
    #[error("a parameter of the COSE key is missing or malformed")]
    Parameter,
    /// COS-23: a private parameter stands in what was offered as a public key.
    #[error("the COSE key holds a private parameter")]
    Private,
    /// COS-24: the key reserves itself for another algorithm or purpose.
    #[error("the COSE key is not meant for signatures of its algorithm")]
    Use,
    /// The key is of an unsupported kind or unsound.
    #[error(transparent)]
    Key(#[from] ParseKeyError),
}

impl CoseKeyError {
    /// The rule that was broken, as in `spec/checks/{cos,key}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Parameter => "COS-22",
            Self::Private => "COS-23",
            Self::Use => "COS-24",
            Self::Key(error) => error.code(),
        }
    }
}
