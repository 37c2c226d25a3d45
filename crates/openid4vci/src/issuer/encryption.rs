//! Encrypted requests and responses [VCI 1.0 §10].

use super::{
    EncryptionError, Incoming, IssuerRefusal, reply,
    settings::{Encryption, IssuerSettings},
};
use crate::{
    request::{MAX_LENGTH, RequestError, ResponseKey},
    response::CredentialResponse,
};
use http::{HeaderMap, Response, StatusCode, header};
use sinpyo_core::{json::JsonError, key::Entropy};
use sinpyo_jose::jwe::{self, ContentEncryption, EncryptedMessage, Parties, Recipient};
use sinpyo_state::Unavailable;
use std::borrow::Cow;

/// The text of a request, and how it came.
pub(super) struct Opened<'a> {
    pub(super) text: Cow<'a, [u8]>,
    encrypted: bool,
}

/// How a response will go.
#[derive(Debug)]
pub(super) enum Way {
    Clear,
    To(Box<Recipient>),
}

/// Takes the JSON text out of a request.
pub(super) fn open<'a>(
    settings: &IssuerSettings,
    incoming: Incoming<'a>,
) -> Result<Opened<'a>, IssuerRefusal> {
    if incoming.body.len() > MAX_LENGTH {
        return Err(RequestError::from(JsonError::TooLong).into());
    }
    let required = settings.request_encryption == Encryption::Required && !settings.decrypters.is_empty();
    match media_type(&incoming.parts.headers).as_deref() {
        Some("application/json") if required => Err(EncryptionError::RequestInClear.into()), // [VCI-ENC-03]
        Some("application/json") => Ok(Opened { text: Cow::Borrowed(incoming.body), encrypted: false }),
        Some("application/jwt") => {
            let text = decrypt(settings, incoming.body)?;
            Ok(Opened { text: Cow::Owned(text), encrypted: true })
        }
        _ => Err(RequestError::Member("content type").into()), // [VCI-CRQ-04]
    }
}

fn decrypt(settings: &IssuerSettings, body: &[u8]) -> Result<Vec<u8>, EncryptionError> {
    let undecryptable = EncryptionError::Undecryptable; // [VCI-ENC-01a]
    let text = str::from_utf8(body).map_err(|_| undecryptable)?;
    let message = EncryptedMessage::parse(text).map_err(|_| undecryptable)?;
    let named = message.kid().map(str::to_owned);
    let is_meant = |one: &&jwe::Decrypter| one.public_jwk().text("kid") == named.as_deref();
    let decrypter = settings.decrypters.iter().find(is_meant).ok_or(undecryptable)?;
    Ok(message.decrypt(decrypter).map_err(|_| undecryptable)?.payload)
}

impl Opened<'_> {
    /// How the response goes that is to be encrypted to `key`.
    pub(super) fn way(
        &self,
        settings: &IssuerSettings,
        key: Option<&ResponseKey>,
    ) -> Result<Way, EncryptionError> {
        let required =
            settings.response_encryption == Encryption::Required && !settings.decrypters.is_empty();
        match key {
            None if required => Err(EncryptionError::ResponseInClear), // [VCI-ENC-03a]
            None => Ok(Way::Clear),
            Some(_) if !self.encrypted => Err(EncryptionError::KeyInClear), // [VCI-CRQ-05]
            Some(ResponseKey { jwk, enc }) => {
                let enc = ContentEncryption::from_name(enc).ok_or(EncryptionError::Unsupported)?;
                let recipient = Recipient::from_jwk(jwk, enc);
                recipient
                    .map(|recipient| Way::To(Box::new(recipient)))
                    .map_err(|_| EncryptionError::Unsupported) // [VCI-ENC-01b]
            }
        }
    }
}

impl Way {
    /// The response on the wire.
    pub(super) fn send(
        &self,
        response: &CredentialResponse,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Unavailable> {
        let status = StatusCode::from_u16(response.status()).map_err(|_| Unavailable)?;
        match self {
            Self::Clear => Ok(reply::json(status, &response.to_json())),
            Self::To(recipient) => {
                let text = response.to_json().to_string();
                let parties = Parties { apu: &[], apv: &[] };
                let token = jwe::encrypt(text.as_bytes(), recipient, parties, entropy);
                let token = token.map_err(|_| Unavailable)?;
                Ok(reply::text(status, "application/jwt", token.into_bytes())) // [VCI-ENC-01]
            }
        }
    }
}

/// The media type of the body in lower case, without parameters; none if there is none or several.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return None };
    Some(only.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase())
}
