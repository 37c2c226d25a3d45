//! Tokens taken apart for whoever checks many signatures together. Anywhere else use [`crate::UnverifiedJwt`]: here the
//! claims can be had without a signature.

use crate::{Header, HeaderRules, JwsError, MAX_LENGTH, Typ};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::from_base64url, json};

/// A token that was taken apart; nothing of it is proven. The text stays with the caller.
#[derive(Debug)]
pub struct Compact {
    header: Header,
    payload: Map<String, Value>,
    signed_length: usize,
    signature: Vec<u8>,
}

impl Compact {
    /// Takes apart a token whose type must be one of `typs`; `rules` says what the header of each type may hold.
    ///
    /// # Errors
    /// The rule that the token breaks.
    pub fn parse(text: &str, typs: &[Typ], rules: impl Fn(Typ) -> HeaderRules) -> Result<Self, JwsError> {
        if text.len() > MAX_LENGTH {
            return Err(JwsError::TooLong); // [JWS-10]
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Malformed); // [JWS-01]
        };
        let decode = |part: &str| from_base64url(part).map_err(|_| JwsError::Malformed); // [JWS-01] [GEN-04]
        Ok(Self {
            signed_length: header.len() + 1 + payload.len(),
            header: Header::parse(&decode(header)?, typs, rules)?,
            payload: json::parse_object(&decode(payload)?).map_err(JwsError::Payload)?, // [JWS-12]
            signature: decode(signature)?,
        })
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Which of the expected types it is.
    pub const fn typ(&self) -> Typ {
        self.header.typ()
    }

    /// The claims, unproven.
    pub const fn claimed(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The bytes of `text`, from which this was parsed, that are signed.
    pub fn signed<'t>(&self, text: &'t str) -> &'t str {
        text.get(..self.signed_length).unwrap_or_default()
    }

    /// The signature over them.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The claims, proven only if the caller has checked the signature.
    pub fn into_claims(self) -> Map<String, Value> {
        self.payload
    }

    pub(crate) fn into_parts(self) -> (Header, Map<String, Value>) {
        (self.header, self.payload)
    }
}
