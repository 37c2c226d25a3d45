//! Making tokens.

use crate::Typ;
use serde_json::{Map, Value};
use sinpyo_core::{
    did::KeyId,
    encoding::{to_base64, to_base64url},
    key::{SignError as KeyStoreRefused, Signer, Verifier},
};
use sinpyo_crypto::VerifyingKey;
use std::fmt;

/// The public half of the key that will sign, and the name under which others find it.
#[derive(Clone, Copy, Debug)]
pub struct Signatory<'k> {
    /// The verification method.
    pub key_id: &'k KeyId,
    /// The public key.
    pub key: &'k VerifyingKey,
}

/// What a header says about the key that signed.
#[derive(Clone, Copy, Debug)]
pub enum KeyHint<'a> {
    /// Nothing: the reader knows the key.
    None,
    /// Its name.
    Kid(&'a str),
    /// The key itself.
    Jwk,
    /// Its certificates in DER, the key's own first, without the trust anchor [HAIP 1.0 §4.1]; for whom they were made
    /// is checked where the chain is configured, by `sinpyo_x509::SigningChain`.
    X5c(&'a [Vec<u8>]),
}

/// What a header says beside the algorithm.
#[derive(Clone, Debug)]
pub struct JwtHeader<'a> {
    /// The kind of token.
    pub typ: Typ,
    /// How the reader finds the key.
    pub hint: KeyHint<'a>,
    /// Further parameters, such as `key_attestation`; those above go before them.
    pub members: Map<String, Value>,
}

impl<'a> JwtHeader<'a> {
    /// A header without further parameters.
    pub fn new(typ: Typ, hint: KeyHint<'a>) -> Self {
        Self { typ, hint, members: Map::new() }
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

/// Prepares a token over `claims`, to be signed with the private half of `key`.
pub fn prepare(header: JwtHeader<'_>, claims: &Map<String, Value>, key: &VerifyingKey) -> PreparedToken {
    let JwtHeader { typ, hint, mut members } = header;
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("alg", key.algorithm().jose().into());
    if typ != Typ::ABSENT {
        put("typ", typ.as_str().into());
    }
    match hint {
        KeyHint::None => {}
        KeyHint::Kid(kid) => put("kid", kid.into()),
        KeyHint::Jwk => put("jwk", key.to_jwk().members().clone().into()),
        KeyHint::X5c(chain) => put("x5c", chain.iter().map(|der| to_base64(der)).collect()),
    }
    if let Some(content) = typ.content() {
        put("cty", content.into());
    }
    let signing_input = format!("{}.{}", part(&members), part(claims));
    PreparedToken { before: String::new(), signing_input, after: String::new(), key: key.clone() }
}

#[expect(clippy::expect_used, reason = "members with text for names can always be written as JSON")]
fn part(members: &Map<String, Value>) -> String {
    to_base64url(&serde_json::to_vec(members).expect("JSON"))
}

/// Signs a token over `claims` with `signer`, whose public half is `key`.
///
/// # Errors
/// The signer refused, or signed with another key.
pub fn sign(
    header: JwtHeader<'_>,
    claims: &Map<String, Value>,
    (signer, key): (&dyn Signer, &VerifyingKey),
) -> Result<String, SignError> {
    prepare(header, claims, key).sign(signer)
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
        check_own(&self.key, self.signing_input.as_bytes(), signature)?;
        let Self { before, signing_input, after, .. } = self;
        Ok(format!("{before}{signing_input}.{}{after}", to_base64url(signature)))
    }

    /// Signs with `signer`, whose public half was announced.
    ///
    /// # Errors
    /// The signer refused, or signed with another key.
    pub fn sign(self, signer: &dyn Signer) -> Result<String, SignError> {
        let signature = signer.sign(self.signing_input())?;
        self.attach(&signature)
    }

    /// Puts the signed token between `before` and `after`, as an SD-JWT has it.
    pub fn between(self, before: String, after: String) -> Self {
        Self { before, after, ..self }
    }
}

impl fmt::Debug for PreparedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedToken").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Why something was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// JWS-18: the proof has no form for keys of this algorithm.
    #[error("the proof cannot be made with a key of this algorithm")]
    Algorithm,
    /// JWS-19: the key store refused or failed.
    #[error("the key store did not sign")]
    KeyStore(#[from] KeyStoreRefused),
    /// JWS-17: the signature that came back does not verify with the public key that was announced. A faulty or
    /// tampered signer must not get its output published.
    #[error("the signature does not fit the announced key")]
    ForeignSignature,
}

impl SignError {
    /// The rule that was broken, as in `spec/checks/jws.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Algorithm => "JWS-18",
            Self::KeyStore(_) => "JWS-19", // [JWS-19]
            Self::ForeignSignature => "JWS-17",
        }
    }
}

/// Checks the signature that a signer made for us before anybody else sees it.
///
/// # Errors
/// JWS-17: it does not verify with `key`.
pub fn check_own(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
    match key.verify(message, signature) {
        Ok(_) => Ok(()),
        Err(_) => Err(SignError::ForeignSignature), // [JWS-17]
    }
}
