//! Presenting: what a wallet makes.

use crate::{
    Elements, PresentError, Selection, SessionTranscript, VerifiedMdoc, device_auth, issuer_signed,
    members::VERSION,
};
use sinpyo_core::key::Signer;
use sinpyo_cose::{
    Header, Mac0, Payload, Prepared, Sign1, SignError,
    cbor::{Map, Value},
};
use sinpyo_crypto::{VerifyingKey, agreement::AgreementKey};
use std::fmt;

/// What is shown.
#[derive(Clone, Debug, Default)]
pub struct Disclosure {
    /// Elements that the issuer vouches for.
    pub elements: Selection,
    /// Elements that the device vouches for.
    pub device_elements: Elements,
}

impl VerifiedMdoc {
    /// Prepares a response for one session, to be signed with the device's key.
    ///
    /// # Errors
    /// A selected element is not there, or the device may not vouch for one.
    pub fn present(
        &self,
        disclosure: &Disclosure,
        transcript: &SessionTranscript,
    ) -> Result<PreparedResponse, PresentError> {
        let response = self.response(disclosure)?;
        let payload = device_auth::payload(transcript, self.doc_type(), &response.device_namespaces);
        let payload = Payload::Detached(&payload);
        let prepared = Sign1::prepare(&Header::default(), payload, &[], self.device_key());
        Ok(PreparedResponse { response, prepared })
    }

    /// A response for one session, authenticated for the one who has the private half of `reader_key`, and for nobody
    /// else: a MAC can be made by both sides.
    ///
    /// # Errors
    /// As [`VerifiedMdoc::present`]; `device_key` is not this mdoc's; `reader_key` is not on P-256.
    pub fn present_with_mac(
        &self,
        disclosure: &Disclosure,
        transcript: &SessionTranscript,
        device_key: &AgreementKey,
        reader_key: &VerifyingKey,
    ) -> Result<Vec<u8>, PresentError> {
        if device_key.public() != self.device_key() {
            return Err(PresentError::MacKey); // [MDC-22]
        }
        let key = device_auth::mac_key(device_key, reader_key, transcript);
        let key = key.map_err(|_| PresentError::MacKey)?; // [MDC-22]
        let response = self.response(disclosure)?;
        let payload = device_auth::payload(transcript, self.doc_type(), &response.device_namespaces);
        let mac = Mac0::make(Payload::Detached(&payload), &[], &key);
        Ok(response.finish("deviceMac", mac.to_value()))
    }

    fn response(&self, disclosure: &Disclosure) -> Result<Response, PresentError> {
        if disclosure.elements.iter().any(|name| self.get(name).is_none()) {
            return Err(PresentError::Unknown); // [MDC-21]
        }
        let authorizations = &self.object.authorizations;
        if disclosure.device_elements.iter().any(|(name, _)| !authorizations.allows(name)) {
            return Err(PresentError::NotAuthorized); // [MDC-17]
        }
        let shown = self.items.iter().filter(|item| disclosure.elements.contains(item.name()));
        Ok(Response {
            doc_type: self.doc_type().to_owned(),
            issuer_signed: issuer_signed::part(shown, &self.issuer_auth),
            device_namespaces: Value::Map(disclosure.device_elements.to_map()).to_bytes(),
        })
    }
}

/// A `DeviceResponse` without its proof.
struct Response {
    doc_type: String,
    issuer_signed: Value,
    device_namespaces: Vec<u8>,
}

impl Response {
    fn finish(self, proof: &str, value: Value) -> Vec<u8> {
        let (mut device_auth, mut device_signed) = (Map::new(), Map::new());
        device_auth.insert(proof, value);
        device_signed.insert("nameSpaces", Value::encoded_bytes(self.device_namespaces));
        device_signed.insert("deviceAuth", device_auth);
        let mut document = Map::new();
        document.insert("docType", self.doc_type);
        document.insert("issuerSigned", self.issuer_signed);
        document.insert("deviceSigned", device_signed);
        let mut response = Map::new();
        response.insert("version", VERSION);
        response.insert("documents", vec![Value::Map(document)]);
        response.insert("status", 0);
        Value::Map(response).to_bytes()
    }
}

/// A `DeviceResponse` that waits for the device's signature.
///
/// Debug output shows the key and nothing of the response.
#[must_use]
pub struct PreparedResponse {
    response: Response,
    prepared: Prepared,
}

impl PreparedResponse {
    /// The bytes to sign, in full (not a digest of them).
    pub fn signing_input(&self) -> &[u8] {
        self.prepared.signing_input()
    }

    /// The wire form, for `vp_token` in base64url.
    ///
    /// # Errors
    /// `signature` was not made over [`PreparedResponse::signing_input`] with the mdoc's device key.
    pub fn attach(self, signature: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.prepared.attach(signature)?;
        Ok(self.response.finish("deviceSignature", signature.to_value()))
    }

    /// Signs with `signer`, which has the mdoc's device key.
    ///
    /// # Errors
    /// The key store refused, or signed with another key.
    pub fn sign(self, signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
        let signature = self.prepared.sign(signer)?;
        Ok(self.response.finish("deviceSignature", signature.to_value()))
    }
}

impl fmt::Debug for PreparedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedResponse").field("prepared", &self.prepared).finish_non_exhaustive()
    }
}
