//! Key binding: the holder's signature over what it shows [RFC 9901 §4.3, §7.3].

use super::{
    SdJwtError,
    parts::{Text, digest_algorithm},
};
use crate::{
    CLOCK_SKEW,
    binding::Wanted,
    jws::{self, TimeError, Times},
};
use serde_json::{Map, Value};
use sinpyo_core::{credential::Binding, jwk::PublicJwk, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::hazmat::Compact;

/// Checks the key binding token of an SD-JWT whose issuer-signed claims are `signed`.
///
/// The key comes from the plain `cnf.jwk` of the issuer's claims only.
pub(super) fn check(
    token: Compact,
    text: &Text,
    signed: &Map<String, Value>,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Binding, SdJwtError> {
    let claims =
        jws::verify(token, text.key_binding(), &holder_key(signed)?).map_err(SdJwtError::KeyBindingToken)?; // [SDJ-12]
    if text_claim(&claims, "sd_hash")? != digest_algorithm(signed)?.digest(text.bound()) {
        return Err(SdJwtError::SdHash); // [SDJ-03]
    }
    let audience = text_claim(&claims, "aud")?;
    if wanted.audience.is_some_and(|wanted| audience != wanted) {
        return Err(SdJwtError::Audience); // [SDJ-14]
    }
    let nonce = text_claim(&claims, "nonce")?;
    if wanted.nonce.is_some_and(|wanted| nonce != wanted) {
        return Err(SdJwtError::Nonce); // [SDJ-13]
    }
    let times = times(&claims, now)?;
    let signed_at = times.issued_at.ok_or(SdJwtError::KeyBindingClaim("iat"))?;
    if wanted.max_age.is_some_and(|age| signed_at < now.minus(age).minus(CLOCK_SKEW)) {
        return Err(SdJwtError::Stale); // [SDJ-15]
    }
    Ok(Binding { audience: audience.to_owned(), nonce: nonce.to_owned(), signed_at })
}

/// The times of the token, which admit `now`.
fn times(claims: &Map<String, Value>, now: Timestamp) -> Result<Times, SdJwtError> {
    let refuse = |error| match error {
        TimeError::Form(name) => SdJwtError::KeyBindingClaim(name), // [SDJ-16]
        _ => SdJwtError::Stale,                                     // [SDJ-15]
    };
    let times = Times::from_claims(claims).map_err(refuse)?;
    times.check(now).map_err(refuse)?;
    Ok(times)
}

/// The key that the issuer bound the credential to.
fn holder_key(signed: &Map<String, Value>) -> Result<VerifyingKey, SdJwtError> {
    let Some(Value::Object(jwk)) = signed.get("cnf").and_then(|cnf| cnf.get("jwk")) else {
        return Err(SdJwtError::HolderKey); // [SDJ-12]
    };
    let jwk = PublicJwk::from_members(jwk.clone()).map_err(|_| SdJwtError::HolderKey)?;
    VerifyingKey::from_jwk(&jwk).map_err(|_| SdJwtError::HolderKey) // [SDJ-12]
}

/// A text claim; an array of audiences is none.
fn text_claim<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, SdJwtError> {
    claims.get(name).and_then(Value::as_str).ok_or(SdJwtError::KeyBindingClaim(name)) // [SDJ-16]
}
