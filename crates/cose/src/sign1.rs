//! `COSE_Sign1`: one signer [RFC 9052 §4.2].

use crate::{
    CoseError, Header, Payload, SignError, Signed,
    cbor::Value,
    header::{algorithm_id, algorithm_of},
    message::{Message, authenticated_bytes},
};
use sinpyo_core::key::{Signer, Verifier};
use sinpyo_crypto::VerifyingKey;
use std::fmt;

const CONTEXT: &str = "Signature1";
/// Tag of a `COSE_Sign1` [RFC 9052 §2].
const TAG: u64 = 18;

/// A signed message of which nothing is proven. Readable are only the hints that are needed to find the key.
pub struct Sign1(Message);

/// What a message must be, beside authentic.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// The type that the protected header must name; `None` if the profile defines none.
    pub typ: Option<&'a str>,
    /// The content type that the protected header must name; `None` if the profile defines none.
    pub content_type: Option<&'a str>,
    /// What is signed with the message without being sent.
    pub external_aad: &'a [u8],
}

impl Sign1 {
    /// Takes apart a message, with tag 18 or without.
    ///
    /// # Errors
    /// Not a `COSE_Sign1` with headers that can be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        Message::parse(bytes, TAG).map(Self)
    }

    /// Takes apart an untagged message that stands within a larger structure.
    ///
    /// # Errors
    /// Not a `COSE_Sign1` with headers that can be read.
    pub fn from_value(value: Value) -> Result<Self, CoseError> {
        Message::from_value(value).map(Self)
    }

    /// What the message says about its type and its signer. Not a fact: good for finding a key, for nothing else.
    pub const fn hint(&self) -> &Header {
        &self.0.header
    }

    /// The message's payload, once it is found to be signed with `key`.
    ///
    /// # Errors
    /// Another type or algorithm, no payload, or the signature does not verify.
    pub fn verify(&self, key: &VerifyingKey, expected: &Expected<'_>) -> Result<Signed<'_>, CoseError> {
        let payload = self.0.payload.as_deref().ok_or(CoseError::Payload)?; // [COS-17]
        self.check(payload, key, expected)?;
        Ok(Signed::assert(&self.0.header, payload))
    }

    /// The same for a `payload` that was not sent.
    ///
    /// # Errors
    /// Another type or algorithm, a payload of its own, or the signature does not verify.
    pub fn verify_detached<'m>(
        &'m self,
        payload: &'m [u8],
        key: &VerifyingKey,
        expected: &Expected<'_>,
    ) -> Result<Signed<'m>, CoseError> {
        if self.0.payload.is_some() {
            return Err(CoseError::Payload); // [COS-17]
        }
        self.check(payload, key, expected)?;
        Ok(Signed::assert(&self.0.header, payload))
    }

    fn check(&self, payload: &[u8], key: &VerifyingKey, expected: &Expected<'_>) -> Result<(), CoseError> {
        let Message { header, protected, .. } = &self.0;
        let is = |claimed: &Option<String>, due: Option<&str>| due.is_none() || claimed.as_deref() == due;
        if !is(&header.typ, expected.typ) || !is(&header.content_type, expected.content_type) {
            return Err(CoseError::Type); // [COS-16]
        }
        // The key and not the header decides the algorithm.
        if algorithm_of(self.0.algorithm) != Some(key.algorithm()) {
            return Err(CoseError::Algorithm); // [COS-15]
        }
        let signed = authenticated_bytes(CONTEXT, protected, expected.external_aad, payload);
        match key.verify(&signed, &self.0.proof) {
            Ok(_) => Ok(()),
            Err(_) => Err(CoseError::Signature), // [COS-18]
        }
    }

    /// Prepares a message that `key` will sign.
    pub fn prepare(
        header: &Header,
        payload: Payload<'_>,
        external_aad: &[u8],
        key: &VerifyingKey,
    ) -> Prepared {
        let algorithm = algorithm_id(key.algorithm());
        let (protected, unprotected) = header.write(algorithm);
        let signing_input = authenticated_bytes(CONTEXT, &protected, external_aad, payload.bytes());
        let payload = match payload {
            Payload::Attached(bytes) => Some(bytes.to_vec()),
            Payload::Detached(_) => None,
        };
        let header = header.clone();
        let message = Message { protected, unprotected, header, algorithm, payload, proof: Vec::new() };
        Prepared { message, signing_input, key: key.clone() }
    }

    /// The wire form, with tag 18.
    pub fn to_bytes(&self) -> Vec<u8> {
        Value::tag(TAG, self.to_value()).to_bytes()
    }

    /// The untagged form, to stand within a larger structure.
    pub fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

impl fmt::Debug for Sign1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sign1").field("hint", self.hint()).finish_non_exhaustive()
    }
}

/// A message that waits for its signature.
///
/// Debug output shows the key and nothing of the message.
#[must_use]
pub struct Prepared {
    message: Message,
    signing_input: Vec<u8>,
    key: VerifyingKey,
}

impl Prepared {
    /// The bytes to sign, in full (not a digest of them).
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// The signed message.
    ///
    /// # Errors
    /// `signature` was not made over [`Prepared::signing_input`] with the key that was announced.
    pub fn attach(mut self, signature: &[u8]) -> Result<Sign1, SignError> {
        // A faulty or tampered signer must not get its output published.
        if self.key.verify(&self.signing_input, signature).is_err() {
            return Err(SignError::ForeignSignature); // [COS-20]
        }
        signature.clone_into(&mut self.message.proof);
        Ok(Sign1(self.message))
    }

    /// Signs with `signer`, whose public half was announced.
    ///
    /// # Errors
    /// The key store refused, or signed with another key.
    pub fn sign(self, signer: &dyn Signer) -> Result<Sign1, SignError> {
        let signature = signer.sign(&self.signing_input)?;
        self.attach(&signature)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("key", &self.key).finish_non_exhaustive()
    }
}
