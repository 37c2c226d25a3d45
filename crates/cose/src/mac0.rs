//! `COSE_Mac0`: authentication by a key that both sides hold [RFC 9052 §6.2].

use crate::{
    CoseError, Header, Payload, Signed,
    cbor::Value,
    message::{Message, authenticated_bytes},
};
use sinpyo_core::Secret;
use sinpyo_crypto::mac;
use std::fmt;

const CONTEXT: &str = "MAC0";
/// Tag of a `COSE_Mac0` [RFC 9052 §2].
const TAG: u64 = 17;
/// HMAC with SHA-256, not truncated [RFC 9053 §3.1].
const HMAC_256: i64 = 5;

/// A message with an authentication code, of which nothing is proven.
pub struct Mac0(Message);

impl Mac0 {
    /// Takes apart a message, with tag 17 or without.
    ///
    /// # Errors
    /// Not a `COSE_Mac0` with headers that can be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        Message::parse(bytes, TAG).map(Self)
    }

    /// Takes apart an untagged message that stands within a larger structure.
    ///
    /// # Errors
    /// Not a `COSE_Mac0` with headers that can be read.
    pub fn from_value(value: Value) -> Result<Self, CoseError> {
        Message::from_value(value).map(Self)
    }

    /// Makes a message with HMAC-SHA-256 under `key`.
    pub fn make(payload: Payload<'_>, external_aad: &[u8], key: &Secret<[u8; 32]>) -> Self {
        let header = Header::default();
        let (protected, unprotected) = header.write(HMAC_256);
        let tagged = authenticated_bytes(CONTEXT, &protected, external_aad, payload.bytes());
        let proof = mac::hmac_sha256(key, &tagged).to_vec();
        let payload = match payload {
            Payload::Attached(bytes) => Some(bytes.to_vec()),
            Payload::Detached(_) => None,
        };
        Self(Message { protected, unprotected, header, algorithm: HMAC_256, payload, proof })
    }

    /// The message's payload, once it is found to be authenticated with `key`.
    ///
    /// # Errors
    /// Another algorithm than HMAC-SHA-256, no payload, or another code.
    pub fn verify(&self, external_aad: &[u8], key: &Secret<[u8; 32]>) -> Result<Signed<'_>, CoseError> {
        let payload = self.0.payload.as_deref().ok_or(CoseError::Payload)?; // [COS-17]
        self.check(payload, external_aad, key)?;
        Ok(Signed::assert(&self.0.header, payload))
    }

    /// The same for a `payload` that was not sent.
    ///
    /// # Errors
    /// Another algorithm than HMAC-SHA-256, a payload of its own, or another code.
    pub fn verify_detached<'m>(
        &'m self,
        payload: &'m [u8],
        external_aad: &[u8],
        key: &Secret<[u8; 32]>,
    ) -> Result<Signed<'m>, CoseError> {
        if self.0.payload.is_some() {
            return Err(CoseError::Payload); // [COS-17]
        }
        self.check(payload, external_aad, key)?;
        Ok(Signed::assert(&self.0.header, payload))
    }

    fn check(&self, payload: &[u8], external_aad: &[u8], key: &Secret<[u8; 32]>) -> Result<(), CoseError> {
        if self.0.algorithm != HMAC_256 {
            return Err(CoseError::Algorithm); // [COS-15]
        }
        let tagged = authenticated_bytes(CONTEXT, &self.0.protected, external_aad, payload);
        if mac::equal(&mac::hmac_sha256(key, &tagged), &self.0.proof) {
            Ok(())
        } else {
            Err(CoseError::Tag) // [COS-19]
        }
    }

    /// The wire form, with tag 17.
    pub fn to_bytes(&self) -> Vec<u8> {
        Value::tag(TAG, self.to_value()).to_bytes()
    }

    /// The untagged form, to stand within a larger structure.
    pub fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

impl fmt::Debug for Mac0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mac0").finish_non_exhaustive()
    }
}
