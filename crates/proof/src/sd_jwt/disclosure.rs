//! Disclosures: the claims that a holder may show or not [RFC 9901 §4.2].

use super::SdJwtError;
use serde_json::{Value, json};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json,
    key::Entropy,
};

/// Names that the format itself uses.
pub(super) const DIGESTS: &str = "_sd";
pub(super) const ALGORITHM: &str = "_sd_alg";
pub(super) const ELEMENT: &str = "...";

/// One disclosure as it came.
#[derive(Debug)]
pub(super) struct Disclosure {
    /// The member's name; none for an array element.
    pub(super) name: Option<String>,
    pub(super) value: Value,
}

impl Disclosure {
    pub(super) fn parse(text: &str) -> Result<Self, SdJwtError> {
        let bytes = from_base64url(text).map_err(|_| SdJwtError::Malformed)?; // [SDJ-01]
        let Value::Array(parts) = json::parse(&bytes).map_err(SdJwtError::Json)? else {
            return Err(SdJwtError::Kind); // [SDJ-08]
        };
        let mut parts = parts.into_iter();
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
                if is_reserved(&name) {
                    return Err(SdJwtError::ReservedName); // [SDJ-07]
                }
                Ok(Self { name: Some(name), value })
            }
            (Some(Value::String(_)), Some(value), None, None) => Ok(Self { name: None, value }),
            _ => Err(SdJwtError::Kind), // [SDJ-08]
        }
    }
}

/// Whether a claim of this name would be read as part of the format.
pub(super) fn is_reserved(name: &str) -> bool {
    matches!(name, DIGESTS | ALGORITHM | ELEMENT)
}

/// Makes the text of a disclosure with a fresh salt of 128 bits.
pub(super) fn disclosure_text(name: Option<&str>, value: &Value, entropy: &mut dyn Entropy) -> String {
    let salt = salt(entropy);
    let parts = match name {
        Some(name) => json!([salt, name, value]),
        None => json!([salt, value]),
    };
    to_base64url(parts.to_string().as_bytes())
}

/// 128 random bits in base64url.
pub(super) fn salt(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    to_base64url(&bytes)
}
