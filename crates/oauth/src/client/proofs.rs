//! What a wallet signs for a server.

use crate::proof_key::digest;
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::SigningKey;
use sinpyo_jose::{JwtHeader, KeyHint, SignError, Typ, prepare};

/// How long an assertion is good.
const ASSERTION_LIFE: std::time::Duration = std::time::Duration::from_mins(1);

/// A code verifier [RFC 7636 §4.1]: 256 random bits.
#[derive(Debug)]
pub struct Pkce(Secret<String>);

impl Pkce {
    /// A new one.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        Self(Secret::new(random::<32>(entropy)))
    }

    /// One that was kept.
    pub const fn from_verifier(verifier: Secret<String>) -> Self {
        Self(verifier)
    }

    /// The verifier, for the token request.
    pub fn verifier(&self) -> &str {
        self.0.expose()
    }

    /// The S256 challenge, for the authorization request.
    pub fn challenge(&self) -> String {
        digest(self.0.expose())
    }
}

/// A proof of possession for one request [RFC 9449 §4.2].
pub(super) fn dpop(
    key: &SigningKey,
    (method, url): (&str, &str),
    (token, nonce): (Option<&str>, Option<&str>),
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<String, SignError> {
    let address = url.split(['?', '#']).next().unwrap_or(url);
    let mut claims = once(now, entropy);
    let mut put = |name: &str, value: &str| drop(claims.insert(name.to_owned(), json!(value)));
    put("htm", method);
    put("htu", address);
    if let Some(token) = token {
        put("ath", &digest(token));
    }
    if let Some(nonce) = nonce {
        put("nonce", nonce);
    }
    signed(JwtHeader::new(Typ::DPOP, KeyHint::Jwk), &claims, key)
}

/// A proof that the attestation is the sender's own [Attestation-Based Client Authentication §5.2].
pub(super) fn attestation(
    key: &SigningKey,
    (client, audience): (&str, &str),
    challenge: Option<&str>,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<String, SignError> {
    let mut claims = once(now, entropy);
    let mut put = |name: &str, value: &str| drop(claims.insert(name.to_owned(), json!(value)));
    put("iss", client);
    put("aud", audience);
    if let Some(challenge) = challenge {
        put("challenge", challenge);
    }
    signed(JwtHeader::new(Typ::CLIENT_ATTESTATION_POP, KeyHint::None), &claims, key)
}

/// An assertion about the sender by itself [RFC 7523 §3].
pub(super) fn assertion(
    (key, kid): (&SigningKey, Option<&str>),
    (client, audience): (&str, &str),
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<String, SignError> {
    let mut claims = once(now, entropy);
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    put("iss", json!(client));
    put("sub", json!(client));
    put("aud", json!(audience));
    put("exp", json!(now.plus(ASSERTION_LIFE).unix()));
    let hint = kid.map_or(KeyHint::None, KeyHint::Kid);
    signed(JwtHeader::new(Typ::JWT, hint), &claims, key)
}

/// What every proof has that is good for one request.
fn once(now: Timestamp, entropy: &mut dyn Entropy) -> Map<String, Value> {
    let claims = [("jti", json!(random::<16>(entropy))), ("iat", json!(now.unix()))];
    claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn signed(header: JwtHeader<'_>, claims: &Map<String, Value>, key: &SigningKey) -> Result<String, SignError> {
    let token = prepare(header, claims, key.verifying_key());
    let signature = key.sign(token.signing_input())?;
    token.attach(&signature)
}

fn random<const N: usize>(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    to_base64url(&bytes)
}
