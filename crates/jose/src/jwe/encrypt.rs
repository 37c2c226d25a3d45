//! Making an encrypted message.

use super::{
    ALGORITHM, ContentEncryption, MAX_LENGTH,
    derive::{Context, content_key},
    header::agreement_point,
};
use serde_json::{Map, Value};
use sinpyo_core::{encoding::to_base64url, jwk::PublicJwk, key::Entropy};
use sinpyo_crypto::{ParseKeyError, VerifyingKey, agreement::AgreementKey};

/// For whom a message is encrypted, and how.
#[derive(Clone, Debug)]
pub struct Recipient {
    key: VerifyingKey,
    kid: Option<String>,
    encryption: ContentEncryption,
}

impl Recipient {
    /// The owner of `jwk`, for whom contents are encrypted by `encryption`.
    ///
    /// Recipients may offer keys that we do not speak: those are to be passed over, not refused as a whole
    /// [OpenID4VP 1.0 §8.3].
    ///
    /// # Errors
    /// JOE-11: the key is not one of P-256 that says that it is for `ECDH-ES`.
    pub fn from_jwk(jwk: &PublicJwk, encryption: ContentEncryption) -> Result<Self, RecipientError> {
        if jwk.text("alg") != Some(ALGORITHM) {
            return Err(RecipientError::Algorithm); // [JOE-11]
        }
        if jwk.members().get("use").is_some_and(|usage| usage != "enc") {
            return Err(RecipientError::Use); // [JOE-11]
        }
        let key = agreement_point(jwk).map_err(RecipientError::Key)?; // [JOE-11]
        Ok(Self { key, kid: jwk.text("kid").map(str::to_owned), encryption })
    }

    /// The key, as the handover of an mdoc names it.
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// How contents are encrypted.
    pub const fn encryption(&self) -> ContentEncryption {
        self.encryption
    }
}

/// What sender and recipient bind the key to, beside the algorithm [RFC 7518 §4.6.1.2]. Mostly nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parties<'a> {
    /// About the sender (`apu`).
    pub apu: &'a [u8],
    /// About the recipient (`apv`).
    pub apv: &'a [u8],
}

/// Encrypts `payload` for `recipient`, with a key pair that is made for this message alone.
///
/// # Errors
/// The message would be longer than [`MAX_LENGTH`].
pub fn encrypt(
    payload: &[u8],
    recipient: &Recipient,
    parties: Parties<'_>,
    entropy: &mut dyn Entropy,
) -> Result<String, EncryptError> {
    let ephemeral = AgreementKey::generate(entropy);
    let mut nonce = [0; 12];
    entropy.fill(&mut nonce);
    let Parties { apu, apv } = parties;
    let protected = protected(recipient, parties, ephemeral.public());

    let shared = ephemeral.agree(&recipient.key).map_err(|_| EncryptError)?;
    let key = content_key(&shared, recipient.encryption, Context { apu, apv });
    let mut content = payload.to_vec();
    let tag = key.seal(nonce, protected.as_bytes(), &mut content).map_err(|_| EncryptError)?;
    let [nonce, content, tag] = [&nonce, content.as_slice(), &tag].map(to_base64url);
    let message = format!("{protected}..{nonce}.{content}.{tag}");
    if message.len() > MAX_LENGTH {
        return Err(EncryptError); // [JOE-12]
    }
    Ok(message)
}

/// The header as it is sent and authenticated.
fn protected(recipient: &Recipient, parties: Parties<'_>, ephemeral: &VerifyingKey) -> String {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("alg", ALGORITHM.into());
    put("enc", recipient.encryption.name().into());
    put("epk", ephemeral.to_jwk().members().clone().into());
    if let Some(kid) = &recipient.kid {
        put("kid", kid.as_str().into());
    }
    for (name, value) in [("apu", parties.apu), ("apv", parties.apv)] {
        if !value.is_empty() {
            put(name, to_base64url(value).into());
        }
    }
    to_base64url(Value::Object(members).to_string().as_bytes())
}

/// JOE-12: the message would be longer than 4 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message would be longer than 4 MiB")]
pub struct EncryptError;

impl EncryptError {
    /// The rule that was broken, as in `spec/checks/joe.toml`.
    pub const fn code(&self) -> &'static str {
        "JOE-12"
    }
}

/// Why nothing can be encrypted for a key; all of it is rule JOE-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// It does not say that it is for `ECDH-ES`. A key without `alg` cannot be used [OpenID4VCI 1.0 §10].
    #[error("the key is not one for ECDH-ES")]
    Algorithm,
    /// It says that it is for something else than encryption.
    #[error("the key is not one for encryption")]
    Use,
    /// Another kind of key, or no point of P-256.
    #[error("the key is not a sound key of P-256")]
    Key(#[source] ParseKeyError),
}

impl RecipientError {
    /// The rule that was broken, as in `spec/checks/joe.toml`.
    pub const fn code(&self) -> &'static str {
        "JOE-11"
    }
}
