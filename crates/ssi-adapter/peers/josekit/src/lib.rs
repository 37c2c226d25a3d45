//! Keys of `josekit` as ours, and ours as those of `josekit`.
//!
//! They pass as text. An application that links `josekit` turns on `preserve_order` of `serde_json` for the whole
//! binary; our canonical JSON does not depend on it.
//!
//! ```
//! use josekit::jwk::{Jwk, alg::ec::EcCurve};
//! use sinpyo_core::key::Verifier;
//!
//! let theirs = Jwk::generate_ec_key(EcCurve::P256)?;
//! let ours = sinpyo_josekit_adapter::signing_key(&theirs)?;
//! let signature = ours.sign(b"a message")?;
//! assert!(sinpyo_josekit_adapter::public_key(&theirs)?.verify(b"a message", &signature).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use josekit::{JoseError, jwk::Jwk};
use sinpyo_core::{
    Secret,
    json::{self, JsonError},
    jwk::{JwkError, PublicJwk},
};
use sinpyo_crypto::{ImportKeyError, ParseKeyError, SigningKey, VerifyingKey};

/// The public half of a `josekit` key, private or not.
///
/// # Errors
/// A symmetric or RSA key, one of a curve that we do not have, or no sound key of its kind.
pub fn public_key(jwk: &Jwk) -> Result<VerifyingKey, FromJwkError> {
    let public = jwk.to_public_key().map_err(FromJwkError::NoPublicHalf)?;
    let members = json::parse_object(public.to_string().as_bytes()).map_err(FromJwkError::Json)?;
    VerifyingKey::from_jwk(&PublicJwk::from_members(members)?).map_err(FromJwkError::Key)
}

/// The key pair of a private `josekit` key.
///
/// # Errors
/// As [`public_key`]; the private half is missing, or belongs to another public one.
pub fn signing_key(jwk: &Jwk) -> Result<SigningKey, ImportKeyError> {
    SigningKey::from_private_jwk(&Secret::new(jwk.to_string()))
}

/// A public key for `josekit`.
///
/// # Errors
/// `josekit` does not read it.
pub fn to_josekit(key: &VerifyingKey) -> Result<Jwk, JoseError> {
    Jwk::from_map(key.to_jwk().members().clone())
}

/// A key pair for `josekit`, whose keys are not wiped from memory.
///
/// # Errors
/// `josekit` does not read it.
pub fn to_josekit_private(key: &SigningKey) -> Result<Jwk, JoseError> {
    Jwk::from_bytes(key.to_private_jwk().expose())
}

/// Why a key of `josekit` is none of ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FromJwkError {
    /// `josekit` has no public half for it.
    #[error("the key has no public half")]
    NoPublicHalf(#[source] JoseError),
    /// What `josekit` wrote is not strict JSON.
    #[error("the key is not strict JSON")]
    Json(#[source] JsonError),
    /// Not an asymmetric public key.
    #[error(transparent)]
    Jwk(#[from] JwkError),
    /// Of no kind that we have, or not sound.
    #[error(transparent)]
    Key(ParseKeyError),
}
