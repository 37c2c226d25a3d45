//! Requests to an issuer and its responses, encrypted where both sides can.

use super::ReceiveError;
use crate::{metadata::IssuerMetadata, request::ResponseKey, response};
use http::{HeaderMap, header};
use serde_json::Value;
use sinpyo_core::key::Entropy;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jose::jwe::{self, ALGORITHM, ContentEncryption, Decrypter, Parties, Recipient};

/// How the exchange of one request is encrypted.
pub(super) struct Envelope {
    recipient: Option<Recipient>,
    decrypter: Option<Decrypter>,
    /// To be put into the request.
    pub(super) key: Option<ResponseKey>,
}

impl Envelope {
    /// Encrypts whatever the issuer lets be encrypted. Its keys that cannot be used are passed over.
    pub(super) fn new(metadata: &IssuerMetadata, entropy: &mut dyn Entropy) -> Result<Self, ReceiveError> {
        let mut envelope = Self { recipient: None, decrypter: None, key: None };
        if let Some(offered) = &metadata.request_encryption {
            let content = || offered.content.iter().filter_map(|name| ContentEncryption::from_name(name));
            let usable = |key| content().find_map(|enc| Recipient::from_jwk(key, enc).ok());
            envelope.recipient = offered.keys.iter().find_map(usable); // [VCI-ENC-01]
            if envelope.recipient.is_none() && offered.required {
                return Err(ReceiveError::Encryption); // [VCI-ENC-04]
            }
        }
        let Some(offered) = &metadata.response_encryption else { return Ok(envelope) };
        let enc = offered.content.iter().find_map(|name| ContentEncryption::from_name(name));
        let agrees = offered.agreement.iter().any(|name| name == ALGORITHM);
        match enc.filter(|_| agrees && envelope.recipient.is_some()) {
            Some(enc) => {
                // A new key for each response: two responses cannot be linked by it.
                let key = SigningKey::generate(Algorithm::Es256, entropy);
                let decrypter = Decrypter::new(&key, None, &[enc]).ok_or(ReceiveError::Encryption)?;
                let jwk = decrypter.public_jwk();
                envelope.key = Some(ResponseKey { jwk, enc: enc.name().to_owned() }); // [VCI-CRQ-05]
                envelope.decrypter = Some(decrypter);
            }
            None if offered.required => return Err(ReceiveError::Encryption), // [VCI-ENC-04]
            None => {}
        }
        Ok(envelope)
    }

    /// The body of a request and its media type.
    pub(super) fn seal(
        &self,
        body: &Value,
        entropy: &mut dyn Entropy,
    ) -> Result<(&'static str, Vec<u8>), ReceiveError> {
        let text = body.to_string().into_bytes();
        let Some(recipient) = &self.recipient else { return Ok(("application/json", text)) };
        let token = jwe::encrypt(&text, recipient, Parties { apu: &[], apv: &[] }, entropy);
        Ok(("application/jwt", token.map_err(|_| ReceiveError::Encryption)?.into_bytes()))
    }

    /// The text of a successful response.
    pub(super) fn open(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, ReceiveError> {
        if body.len() > response::MAX_LENGTH {
            return Err(ReceiveError::Encryption);
        }
        let Some(decrypter) = &self.decrypter else { return Ok(body.to_vec()) };
        let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !sent.is_some_and(|sent| sent.starts_with("application/jwt")) {
            return Err(ReceiveError::Encryption); // [VCI-ENC-04] an answer in clear to a wish for encryption
        }
        let text = str::from_utf8(body).map_err(|_| ReceiveError::Encryption)?;
        Ok(decrypter.decrypt(text).map_err(|_| ReceiveError::Encryption)?.payload)
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").field("key", &self.key).finish_non_exhaustive()
    }
}
