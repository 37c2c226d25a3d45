//! The protected header of an encrypted message.

use super::{ALGORITHM, ContentEncryption, JweError};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::from_base64url, json, jwk::PublicJwk};
use sinpyo_crypto::{Algorithm, ParseKeyError, VerifyingKey};

/// What is used of a header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) encryption: ContentEncryption,
    pub(super) ephemeral: VerifyingKey,
    pub(super) kid: Option<String>,
    pub(super) cty: Option<String>,
    pub(super) apu: Vec<u8>,
    pub(super) apv: Vec<u8>,
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JweError> {
        let mut members = json::parse_object(bytes).map_err(JweError::Header)?; // [JOE-02]
        if members.contains_key("crit") {
            return Err(JweError::Critical); // [JOE-06]
        }
        if members.contains_key("zip") {
            return Err(JweError::Compression); // [JOE-05]
        }
        if members.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
            return Err(JweError::Algorithm); // [JOE-03]
        }
        let encryption = members.get("enc").and_then(Value::as_str).and_then(ContentEncryption::from_name);
        let Some(Value::Object(epk)) = members.remove("epk") else {
            return Err(JweError::EphemeralKey(ParseKeyError::Member)); // [JOE-08]
        };
        let epk = PublicJwk::from_members(epk).map_err(|_| ParseKeyError::Member);
        Ok(Self {
            encryption: encryption.ok_or(JweError::Encryption)?, // [JOE-04]
            ephemeral: epk.and_then(|epk| agreement_point(&epk)).map_err(JweError::EphemeralKey)?, // [JOE-08]
            kid: text(&mut members, "kid")?,
            cty: text(&mut members, "cty")?,
            apu: bytes_of(&mut members, "apu")?,
            apv: bytes_of(&mut members, "apv")?,
        })
    }
}

/// The point of a key for agreement on P-256, whatever the key says about its use.
pub(super) fn agreement_point(jwk: &PublicJwk) -> Result<VerifyingKey, ParseKeyError> {
    let point = ["kty", "crv", "x", "y"];
    let members =
        point.iter().filter_map(|name| Some(((*name).to_owned(), jwk.members().get(*name)?.clone())));
    let point = PublicJwk::from_members(members.collect()).map_err(|_| ParseKeyError::Unsupported)?;
    match VerifyingKey::from_jwk(&point)? {
        key if key.algorithm() == Algorithm::Es256 => Ok(key),
        _ => Err(ParseKeyError::Unsupported), // [KEY-01]
    }
}

fn text(members: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, JweError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JweError::Parameter(name)), // [JOE-02]
    }
}

fn bytes_of(members: &mut Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JweError> {
    let text = text(members, name)?.unwrap_or_default();
    from_base64url(&text).map_err(|_| JweError::Parameter(name)) // [JOE-02]
}
