//! Keys of the one as keys of the other.
//!
//! They pass as JSON Web Keys in text: both sides check what they read, and no type of a third crate has to be shared.

use serde_json::Value;
use sinpyo_core::{
    Secret,
    did::{Did, KeyId, ParseDidError},
    json::{self, JsonError},
    jwk::{JwkError, PublicJwk},
};
use sinpyo_crypto::{ImportKeyError, ParseKeyError, SigningKey, VerifyingKey};
use ssi::{
    JWK,
    dids::{DIDBuf, DIDURLBuf, InvalidDID, InvalidDIDURL},
};

/// The public half of an `ssi` key, private or not.
///
/// # Errors
/// A symmetric or RSA key, one of a curve that we do not have, or no sound key of its kind.
pub fn public_key(jwk: &JWK) -> Result<VerifyingKey, FromJwkError> {
    let text = serde_json::to_vec(&jwk.to_public()).map_err(FromJwkError::Write)?;
    let members = json::parse_object(&text).map_err(FromJwkError::Json)?;
    VerifyingKey::from_jwk(&PublicJwk::from_members(members)?).map_err(FromJwkError::Key)
}

/// The key pair of a private `ssi` key.
///
/// # Errors
/// As [`public_key`]; the private half is missing, or belongs to another public one.
pub fn signing_key(jwk: &JWK) -> Result<SigningKey, FromJwkError> {
    // One allocation: growing would leave copies of the private member behind.
    let mut text = Vec::with_capacity(4096);
    let written = serde_json::to_writer(&mut text, jwk);
    let text = Secret::new(text);
    written.map_err(FromJwkError::Write)?;
    SigningKey::from_private_jwk(&text).map_err(FromJwkError::Import)
}

/// A public key for `ssi`.
///
/// # Errors
/// `ssi` has no keys of this kind (ML-DSA).
pub fn to_ssi(key: &VerifyingKey) -> Result<JWK, ToJwkError> {
    let text = Value::Object(key.to_jwk().members().clone()).to_string();
    read(&text)
}

/// A key pair for `ssi`, whose readers leave copies of the private half in memory.
///
/// # Errors
/// `ssi` has no keys of this kind (ML-DSA).
pub fn to_ssi_private(key: &SigningKey) -> Result<JWK, ToJwkError> {
    read(key.to_private_jwk().expose())
}

fn read(text: &str) -> Result<JWK, ToJwkError> {
    // Nothing of the refused text: it may hold a private member.
    let jwk: JWK = serde_json::from_str(text).map_err(|_| ToJwkError)?;
    if jwk.get_algorithm().is_some() { Ok(jwk) } else { Err(ToJwkError) }
}

/// The did:key of an `ssi` key and the name of its one verification method, as we write them.
///
/// # Errors
/// As [`public_key`].
pub fn did_key(jwk: &JWK) -> Result<KeyId, FromJwkError> {
    let key = public_key(jwk)?;
    let did = sinpyo_resolver::did_key::did_of(&key);
    did.key(did.method_specific_id()).map_err(FromJwkError::Did)
}

/// A DID for `ssi`.
///
/// # Errors
/// `ssi` takes fewer characters for a DID.
pub fn to_ssi_did(did: &Did) -> Result<DIDBuf, InvalidDID<String>> {
    DIDBuf::from_string(did.as_str().to_owned())
}

/// The name of a verification method for `ssi`.
///
/// # Errors
/// `ssi` takes fewer characters for a DID URL.
pub fn to_ssi_url(id: &KeyId) -> Result<DIDURLBuf, InvalidDIDURL<String>> {
    DIDURLBuf::from_string(id.as_str().to_owned())
}

/// Why a key of `ssi` is none of ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FromJwkError {
    /// `ssi` could not write it.
    #[error("the key cannot be written as JSON")]
    Write(#[source] serde_json::Error),
    /// What `ssi` wrote is not strict JSON.
    #[error("the key is not strict JSON")]
    Json(#[source] JsonError),
    /// Not an asymmetric public key.
    #[error(transparent)]
    Jwk(#[from] JwkError),
    /// Of no kind that we have, or not sound.
    #[error(transparent)]
    Key(ParseKeyError),
    /// No private key.
    #[error(transparent)]
    Import(ImportKeyError),
    /// It has no did:key.
    #[error(transparent)]
    Did(ParseDidError),
}

/// `ssi` has no keys of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ssi has no keys of this kind")]
pub struct ToJwkError;
