//! `/.well-known/jwt-vc-issuer`: what to fetch, and what to make of the answer [SD-JWT VC §5].

use serde_json::{Map, Value};
use sinpyo_core::{
    json::{self, JsonError},
    jwk::PublicJwk,
};
use sinpyo_crypto::VerifyingKey;

/// Most keys that an issuer may publish.
const MAX_KEYS: usize = 64;

/// Where the metadata of `issuer` are published: the well-known path goes between host and path.
///
/// # Errors
/// JWS-22: not an `https` URL of host and path alone.
pub fn metadata_url(issuer: &str) -> Result<String, IssuerMetadataError> {
    let rest = issuer.strip_prefix("https://").ok_or(IssuerMetadataError::Issuer)?; // [JWS-22]
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte));
    if host.is_empty() || !plain(rest) || path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(IssuerMetadataError::Issuer); // [JWS-22]
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    Ok(format!("https://{host}/.well-known/jwt-vc-issuer{path}"))
}

/// An issuer's answer.
#[derive(Clone, Debug)]
pub enum IssuerMetadata {
    /// The keys.
    Keys(PublishedKeys),
    /// Where the keys are: fetch it, and read it with [`PublishedKeys::parse`].
    Fetch(String),
}

impl IssuerMetadata {
    /// Reads what was found at the [`metadata_url`] of `issuer`.
    ///
    /// # Errors
    /// JWS-22: the metadata of another issuer, not exactly one of `jwks` and `jwks_uri`, or malformed keys.
    pub fn parse(issuer: &str, document: &[u8]) -> Result<Self, IssuerMetadataError> {
        let members = json::parse_object(document).map_err(IssuerMetadataError::Json)?;
        if members.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(IssuerMetadataError::OtherIssuer); // [JWS-22]
        }
        match (members.get("jwks"), members.get("jwks_uri")) {
            (Some(Value::Object(set)), None) => PublishedKeys::read(set).map(Self::Keys),
            (None, Some(Value::String(uri))) if uri.starts_with("https://") => Ok(Self::Fetch(uri.clone())),
            _ => Err(IssuerMetadataError::Keys), // [JWS-22]
        }
    }
}

/// The keys that an issuer publishes, by name.
#[derive(Clone, Debug)]
pub struct PublishedKeys(Vec<(Option<String>, VerifyingKey)>);

impl PublishedKeys {
    /// Reads a JSON Web Key Set. Keys of kinds that we do not use are passed over.
    ///
    /// # Errors
    /// JWS-22: not a set of public keys, two keys of one name, or more than 64.
    pub fn parse(document: &[u8]) -> Result<Self, IssuerMetadataError> {
        Self::read(&json::parse_object(document).map_err(IssuerMetadataError::Json)?)
    }

    fn read(set: &Map<String, Value>) -> Result<Self, IssuerMetadataError> {
        let listed = set.get("keys").and_then(Value::as_array).filter(|keys| keys.len() <= MAX_KEYS);
        let mut keys: Vec<(Option<String>, VerifyingKey)> = Vec::new();
        for jwk in listed.ok_or(IssuerMetadataError::Keys)? {
            let members = jwk.as_object().ok_or(IssuerMetadataError::Keys)?; // [JWS-22]
            // A private key in public view is nobody's any more; the set is not to be relied on.
            let jwk = PublicJwk::from_members(members.clone()).map_err(|_| IssuerMetadataError::Keys)?; // [JWS-22]
            let name = jwk.text("kid").map(str::to_owned);
            if name.is_some() && keys.iter().any(|(known, _)| *known == name) {
                return Err(IssuerMetadataError::Keys); // [JWS-22]
            }
            if let Ok(key) = VerifyingKey::from_jwk(&jwk) {
                keys.push((name, key));
            }
        }
        Ok(Self(keys))
    }

    /// The key called `name`; the only one if there is no name.
    pub(super) fn find(&self, name: Option<&str>) -> Option<&VerifyingKey> {
        match (name, self.0.as_slice()) {
            (Some(name), keys) => {
                keys.iter().find(|(known, _)| known.as_deref() == Some(name)).map(|(_, key)| key)
            }
            (None, [(_, only)]) => Some(only),
            (None, _) => None,
        }
    }
}

/// Why an issuer's metadata are refused; all of it is rule JWS-22.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerMetadataError {
    /// Not an `https` URL of host and path alone.
    #[error("the issuer is not an https url of host and path")]
    Issuer,
    /// Not strict JSON.
    #[error("the metadata of the issuer are refused")]
    Json(#[source] JsonError),
    /// They speak for another issuer.
    #[error("the metadata are those of another issuer")]
    OtherIssuer,
    /// Not exactly one place of keys, or keys that are malformed, private, of one name, or too many.
    #[error("the keys of the issuer are refused")]
    Keys,
}

impl IssuerMetadataError {
    /// The rule that was broken, as in `spec/checks/{jws,json}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Issuer | Self::OtherIssuer | Self::Keys => "JWS-22",
        }
    }
}
