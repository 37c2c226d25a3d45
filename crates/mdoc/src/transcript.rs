//! What binds a response to one session [ISO 18013-5 §9.1.5.1, OpenID4VP 1.0 §B.2.6].

use sinpyo_cose::cbor::{Value, encoded};
use sinpyo_crypto::hash::sha256;

/// How the session was opened.
#[derive(Clone, Copy, Debug)]
pub enum Handover<'a> {
    /// OpenID4VP with a response that is posted or redirected.
    OpenId4Vp {
        /// The `client_id` of the request, with its prefix.
        client_id: &'a str,
        /// The `nonce` of the request.
        nonce: &'a str,
        /// The `response_uri` or `redirect_uri` of the request.
        response_uri: &'a str,
        /// SHA-256 thumbprint of the JWK that the response is encrypted to; `None` if it is not encrypted.
        jwk_thumbprint: Option<&'a [u8; 32]>,
    },
    /// OpenID4VP over the Digital Credentials API.
    DigitalCredentials {
        /// The origin of the page, without the prefix `origin:`.
        origin: &'a str,
        /// The `nonce` of the request.
        nonce: &'a str,
        /// SHA-256 thumbprint of the JWK that the response is encrypted to; `None` if it is not encrypted.
        jwk_thumbprint: Option<&'a [u8; 32]>,
    },
    /// At close range, opened by a QR code.
    QrCode {
        /// The `DeviceEngagement` that the code held, as it arrived.
        device_engagement: &'a [u8],
        /// The `COSE_Key` of the reader's ephemeral key, as it was sent.
        reader_key: &'a [u8],
    },
}

/// The `SessionTranscript`. A verifier makes its own from what it sent, and takes none from elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionTranscript(Value);

impl SessionTranscript {
    /// The transcript of a session that was opened by `handover`.
    pub fn new(handover: &Handover<'_>) -> Self {
        let thumbprint = |jwk: Option<&[u8; 32]>| jwk.map_or(Value::Null, |jwk| Value::from(jwk.as_slice()));
        let hashed = |name: &str, info: Vec<Value>| {
            let info = sha256(&Value::Array(info).to_bytes());
            let handover = Value::Array(vec![name.into(), Value::from(info.as_slice())]);
            Self(Value::Array(vec![Value::Null, Value::Null, handover]))
        };
        match *handover {
            Handover::OpenId4Vp { client_id, nonce, response_uri, jwk_thumbprint } => hashed(
                "OpenID4VPHandover",
                vec![client_id.into(), nonce.into(), thumbprint(jwk_thumbprint), response_uri.into()],
            ),
            Handover::DigitalCredentials { origin, nonce, jwk_thumbprint } => hashed(
                "OpenID4VPDCAPIHandover",
                vec![origin.into(), nonce.into(), thumbprint(jwk_thumbprint)],
            ),
            Handover::QrCode { device_engagement, reader_key } => Self(Value::Array(vec![
                Value::encoded_bytes(device_engagement.to_vec()),
                Value::encoded_bytes(reader_key.to_vec()),
                Value::Null,
            ])),
        }
    }

    /// The encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// `SessionTranscriptBytes`, which the keys of the session are derived with.
    pub(crate) fn encoded(&self) -> Vec<u8> {
        encoded(&self.to_bytes())
    }

    pub(crate) const fn value(&self) -> &Value {
        &self.0
    }
}
