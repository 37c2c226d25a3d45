//! Tokens of our own, and those by which clients authenticate: compact JWS with exactly the header that is expected.
//!
//! Credentials and presentations are read by `sinpyo-proof` alone.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json,
    key::{SignError, Signer, Verifier},
};
use sinpyo_crypto::{KeySigner, VerifyingKey};

/// Longest token that is read, in bytes.
const MAX_LENGTH: usize = 8192;

/// A signed token of type `typ`.
pub(crate) fn sign(typ: &str, claims: &Map<String, Value>, signer: &KeySigner) -> Result<String, SignError> {
    let mut header = Map::new();
    header.insert("alg".to_owned(), json!(signer.key().algorithm().jose()));
    header.insert("typ".to_owned(), json!(typ));
    header.insert("kid".to_owned(), json!(signer.key_id().as_str()));
    let part = |members: &Map<String, Value>| to_base64url(json!(members).to_string().as_bytes());
    let input = format!("{}.{}", part(&header), part(claims));
    let signature = signer.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", to_base64url(&signature)))
}

/// A token that was taken apart; nothing of it is proven.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    input: &'t str,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (input, signature) = text.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let members = |part: &str| json::parse_object(&from_base64url(part).ok()?).ok();
        let (header, claims) = (members(header)?, members(claims)?);
        Some(Self { header, claims, input, signature: from_base64url(signature).ok()? })
    }

    /// Who says to have made it: for finding the key.
    pub(crate) fn claimed_issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }

    /// The claims, if `key` signed the token and it is of one of `types`; the empty text stands for no type.
    pub(crate) fn verify(self, key: &VerifyingKey, types: &[&str]) -> Option<Map<String, Value>> {
        let text = |name: &str| self.header.get(name).map_or(Some(""), Value::as_str);
        let known = ["alg", "typ", "kid"];
        let plain = self.header.keys().all(|name| known.contains(&name.as_str()));
        if !plain || text("alg") != Some(key.algorithm().jose()) || !types.contains(&text("typ")?) {
            return None;
        }
        let _ = key.verify(self.input.as_bytes(), &self.signature).ok()?;
        Some(self.claims)
    }
}
