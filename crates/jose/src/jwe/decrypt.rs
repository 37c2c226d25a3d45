//! Reading an encrypted message.

use super::{
    ALGORITHM, ContentEncryption, MAX_LENGTH,
    derive::{Context, content_key},
    header::Header,
};
use crate::key_thumbprint;
use sinpyo_core::{encoding::from_base64url, json::JsonError, jwk::PublicJwk};
use sinpyo_crypto::{ParseKeyError, SigningKey, agreement::AgreementKey};
use std::fmt;

/// A message that arrived. Readable is only for which key it is.
pub struct EncryptedMessage {
    header: Header,
    /// The header as sent: authenticated with the content.
    protected: String,
    nonce: [u8; 12],
    content: Vec<u8>,
}

impl EncryptedMessage {
    /// Takes apart a compact message of at most [`MAX_LENGTH`] bytes.
    ///
    /// # Errors
    /// It has not the one form that is spoken here.
    pub fn parse(text: &str) -> Result<Self, JweError> {
        if text.len() > MAX_LENGTH {
            return Err(JweError::TooLong); // [JOE-09]
        }
        let parts: Vec<&str> = text.splitn(6, '.').collect();
        // With direct agreement there is no encrypted key.
        let [protected, "", nonce, content, tag] = *parts.as_slice() else {
            return Err(JweError::Malformed); // [JOE-01]
        };
        let decode = |part: &str| from_base64url(part).map_err(|_| JweError::Malformed); // [JOE-01]
        let header = Header::parse(&decode(protected)?)?;
        let nonce = decode(nonce)?.try_into().map_err(|_| JweError::Malformed)?; // [JOE-01]
        let tag: [u8; 16] = decode(tag)?.try_into().map_err(|_| JweError::Malformed)?; // [JOE-01]
        let mut content = decode(content)?;
        content.extend_from_slice(&tag);
        Ok(Self { header, protected: protected.to_owned(), nonce, content })
    }

    /// The name of the key that it claims to be for: good for finding the key, for nothing else.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Decrypts it with the key of `decrypter`.
    ///
    /// # Errors
    /// It is for another key, encrypted in a way that was not offered, or was changed.
    pub fn decrypt(self, decrypter: &Decrypter) -> Result<Decrypted, JweError> {
        let Header { encryption, ephemeral, kid, cty, apu, apv } = self.header;
        if !decrypter.allowed.contains(&encryption) {
            return Err(JweError::Encryption); // [JOE-04]
        }
        if decrypter.kid.is_some() && kid != decrypter.kid {
            return Err(JweError::OtherKey); // [JOE-07]
        }
        let shared = decrypter.key.agree(&ephemeral).map_err(|_| JweError::Content)?;
        let key = content_key(&shared, encryption, Context { apu: &apu, apv: &apv });
        let opened = key.open(self.nonce, self.protected.as_bytes(), self.content);
        let payload = opened.map_err(|_| JweError::Content)?; // [JOE-10]
        Ok(Decrypted { payload, cty, apu, apv, encryption })
    }
}

impl fmt::Debug for EncryptedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptedMessage").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

/// A private key for messages to us, and how they may be encrypted.
///
/// Made from a signing key of P-256, which [`SigningKey::to_private_jwk`] writes for keeping; one key has one use, so
/// that it must not sign anything.
#[derive(Debug)]
pub struct Decrypter {
    key: AgreementKey,
    kid: Option<String>,
    allowed: Box<[ContentEncryption]>,
}

impl Decrypter {
    /// Reads messages for `key`, known to senders as `kid`, encrypted in one of the `allowed` ways.
    ///
    /// `None` unless it is a P-256 key.
    pub fn new(key: &SigningKey, kid: Option<&str>, allowed: &[ContentEncryption]) -> Option<Self> {
        let key = AgreementKey::from_signing_key(key)?;
        Some(Self { key, kid: kid.map(str::to_owned), allowed: allowed.into() })
    }

    /// The public half, as metadata show it.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the members are a public key's")]
    pub fn public_jwk(&self) -> PublicJwk {
        let mut members = self.key.public().to_jwk().members().clone();
        let mut put = |name: &str, text: &str| drop(members.insert(name.to_owned(), text.into()));
        put("alg", ALGORITHM);
        put("use", "enc");
        if let Some(kid) = &self.kid {
            put("kid", kid);
        }
        PublicJwk::from_members(members).expect("a public key")
    }

    /// SHA-256 thumbprint of the public half, as the handover of an mdoc has it [OpenID4VP 1.0 §B.2.6].
    pub fn key_thumbprint(&self) -> [u8; 32] {
        key_thumbprint(self.key.public())
    }

    /// Reads a message.
    ///
    /// # Errors
    /// As [`EncryptedMessage::parse`] and [`EncryptedMessage::decrypt`].
    pub fn decrypt(&self, text: &str) -> Result<Decrypted, JweError> {
        EncryptedMessage::parse(text)?.decrypt(self)
    }
}

/// What was sent to us. From whom, nobody knows.
///
/// Debug output shows nothing of the content.
pub struct Decrypted {
    /// The content.
    pub payload: Vec<u8>,
    /// What kind of content it claims to be.
    pub cty: Option<String>,
    /// What the sender says about itself (`apu`); empty if nothing.
    pub apu: Vec<u8>,
    /// What the sender says about us (`apv`); empty if nothing.
    pub apv: Vec<u8>,
    /// How it was encrypted.
    pub encryption: ContentEncryption,
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payload, encryption, .. } = self;
        let length = payload.len();
        f.debug_struct("Decrypted")
            .field("length", &length)
            .field("encryption", encryption)
            .finish_non_exhaustive()
    }
}

/// Why an encrypted message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// JOE-01: not five parts of base64url without padding, the second empty, with a nonce of 12 and a tag of 16 bytes.
    #[error("the message is not five parts of base64url of the right lengths")]
    Malformed,
    /// JOE-02: the header is not a strict JSON object.
    #[error("the header of the message is refused")]
    Header(#[source] JsonError),
    /// JOE-02: a parameter of the header is malformed.
    #[error("parameter \"{0}\" of the message is malformed")]
    Parameter(&'static str),
    /// JOE-03: keys are agreed on in another way than `ECDH-ES`.
    #[error("the message is not encrypted by ECDH-ES")]
    Algorithm,
    /// JOE-04: the content is encrypted in a way that is unknown or was not offered.
    #[error("the content is encrypted in a way that was not offered")]
    Encryption,
    /// JOE-05: the content is compressed.
    #[error("the message is compressed")]
    Compression,
    /// JOE-06: the header demands extensions.
    #[error("the message demands an extension")]
    Critical,
    /// JOE-07: not for this key.
    #[error("the message does not name the key that it is for")]
    OtherKey,
    /// JOE-08: the sender's key is missing or no point of P-256.
    #[error("the ephemeral key of the message is refused")]
    EphemeralKey(#[source] ParseKeyError),
    /// JOE-09: longer than 4 MiB.
    #[error("the message is longer than 4 MiB")]
    TooLong,
    /// JOE-10: for another key, or changed.
    #[error("the message does not decrypt")]
    Content,
}

impl JweError {
    /// The rule that was broken, as in `spec/checks/joe.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "JOE-01",
            Self::Header(_) | Self::Parameter(_) => "JOE-02",
            Self::Algorithm => "JOE-03",
            Self::Encryption => "JOE-04",
            Self::Compression => "JOE-05",
            Self::Critical => "JOE-06",
            Self::OtherKey => "JOE-07",
            Self::EphemeralKey(_) => "JOE-08",
            Self::TooLong => "JOE-09",
            Self::Content => "JOE-10",
        }
    }
}
