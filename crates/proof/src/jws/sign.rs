//! Making tokens.

use super::Typ;
use crate::signing::{self, SignError, Signatory};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::to_base64url, key::Signer};
use sinpyo_crypto::VerifyingKey;
use std::fmt;

/// What a header says beside the algorithm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenHeader<'a> {
    pub(crate) typ: Typ,
    pub(crate) kid: Option<&'a str>,
    pub(crate) cty: Option<&'static str>,
}

impl<'a> TokenHeader<'a> {
    /// A header that names a verification method by `kid`, as it stands.
    pub(crate) fn of(typ: Typ, kid: &'a str) -> Self {
        Self { typ, kid: Some(kid), cty: typ.content() }
    }

    /// A header that names the verification method.
    pub(crate) fn new(typ: Typ, signatory: Signatory<'a>) -> Self {
        Self::of(typ, signatory.key_id.as_str())
    }
}

/// A token that waits for its signature.
///
/// Debug output shows the key and nothing of the token.
#[must_use]
pub struct PreparedToken {
    before: String,
    signing_input: String,
    after: String,
    key: VerifyingKey,
}

pub(crate) fn prepare(
    header: TokenHeader<'_>,
    payload: &Map<String, Value>,
    key: &VerifyingKey,
) -> PreparedToken {
    let mut members = Map::new();
    let mut put = |name: &str, value: &str| drop(members.insert(name.to_owned(), value.into()));
    put("alg", key.algorithm().jose());
    put("typ", header.typ.as_str());
    if let Some(kid) = header.kid {
        put("kid", kid);
    }
    if let Some(cty) = header.cty {
        put("cty", cty);
    }
    let header = Value::Object(members).to_string();
    let payload = Value::Object(payload.clone()).to_string();
    let signing_input = format!("{}.{}", to_base64url(header.as_bytes()), to_base64url(payload.as_bytes()));
    PreparedToken { before: String::new(), signing_input, after: String::new(), key: key.clone() }
}

impl PreparedToken {
    /// The bytes to sign, in full (not a digest of them).
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The wire form.
    ///
    /// # Errors
    /// `signature` was not made over [`PreparedToken::signing_input`] with the key that was announced.
    pub fn attach(self, signature: &[u8]) -> Result<String, SignError> {
        signing::check_own(&self.key, self.signing_input.as_bytes(), signature)?;
        let Self { before, signing_input, after, .. } = self;
        Ok(format!("{before}{signing_input}.{}{after}", to_base64url(signature)))
    }

    /// Signs with `signer`, whose public half was announced.
    pub(crate) fn sign(self, signer: &dyn Signer) -> Result<String, SignError> {
        let signature = signer.sign(self.signing_input())?;
        self.attach(&signature)
    }

    /// Puts the signed token between `before` and `after`.
    pub(crate) fn between(self, before: String, after: String) -> Self {
        Self { before, after, ..self }
    }
}

impl fmt::Debug for PreparedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedToken").field("key", &self.key).finish_non_exhaustive()
    }
}
