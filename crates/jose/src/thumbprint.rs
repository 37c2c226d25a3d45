//! Names of keys that follow from the keys themselves [RFC 7638].

use serde_json::{Map, Value};
use sinpyo_core::{jcs, jwk::PublicJwk};
use sinpyo_crypto::{ParseKeyError, VerifyingKey, hash::sha256};

/// SHA-256 over the members that define the key, in the order of their names and without spaces.
///
/// # Errors
/// A member that defines a key of this type is missing or no text, or nobody here knows the key type.
pub fn thumbprint(jwk: &PublicJwk) -> Result<[u8; 32], ParseKeyError> {
    let required: &[&str] = match jwk.text("kty") {
        Some("EC") => &["crv", "kty", "x", "y"],
        Some("OKP") => &["crv", "kty", "x"],
        Some("RSA") => &["e", "kty", "n"],
        Some("AKP") => &["alg", "kty", "pub"],
        _ => return Err(ParseKeyError::Unsupported), // [KEY-01]
    };
    let mut members = Map::new();
    for name in required {
        let text = jwk.text(name).ok_or(ParseKeyError::Member)?; // [KEY-07]
        members.insert((*name).to_owned(), text.into());
    }
    Ok(sha256(&jcs::canonicalize(&Value::Object(members))))
}

/// The thumbprint of a key that is known to be sound.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a key is written with the members that define it"
)]
pub fn key_thumbprint(key: &VerifyingKey) -> [u8; 32] {
    thumbprint(&key.to_jwk()).expect("a public key")
}
