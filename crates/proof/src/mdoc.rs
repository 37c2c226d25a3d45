//! Mobile documents [ISO/IEC 18013-5] as credentials: what `sinpyo-mdoc` proved, in the words of the rest.
//!
//! Claims stand as `{namespace: {element: value}}`, which is how OpenID4VP addresses them. The issuer is the certificate
//! that signed, as `x509_hash:<SHA-256 in base64url>`, or the trusted key as did:key.

mod issue;

use crate::verified::Verified;
use serde_json::{Map, Number, Value};
use sinpyo_core::{
    credential::{Binding, Credential, Holder, Presentation, Validity},
    encoding::to_base64url,
    time::Timestamp,
};
use sinpyo_cose::cbor;
use sinpyo_crypto::agreement::AgreementKey;
use sinpyo_mdoc::{
    DeviceResponse, ElementName, Handover, IssuerTrust, MdocIssuer, ParseMdocError, Request, Session,
    SessionTranscript, VerifiedMdoc, VerifyMdocError,
};

pub use issue::{ElementForm, prepare};

/// The verifier's side of a session.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// How the verifier opened it. The transcript is made from this and taken from nowhere else.
    pub handover: &'a Handover<'a>,
    /// The verifier's ephemeral key; none where the device must sign.
    pub mac_key: Option<&'a AgreementKey>,
}

/// Verifies a `DeviceResponse`: issuer, digests, validity, the device's authentication over the verifier's own
/// transcript, and that nothing came that was not requested.
///
/// # Errors
/// The rule that the response breaks.
pub fn verify_response(
    wire: &[u8],
    request: &Request<'_>,
    opening: &Opening<'_>,
    trust: IssuerTrust<'_>,
    now: Timestamp,
) -> Result<Verified<Presentation>, MdocError> {
    let transcript = SessionTranscript::new(opening.handover);
    let session = Session { transcript: &transcript, mac_key: opening.mac_key };
    let document = DeviceResponse::parse(wire)?.verify(request, &session, trust, now)?;
    let mut elements = elements(document.mdoc())?;
    // What the device vouches for, by the issuer's leave, stands beside what the issuer does and never replaces it.
    for (name, value) in document.device_elements().iter() {
        if !put(&mut elements, name, value)? {
            return Err(MdocError::Clash); // [VCJ-20]
        }
    }
    let credentials = vec![credential(document.mdoc(), elements)?];
    let binding = binding(opening.handover, now);
    Ok(Verified::assert(Presentation { credentials, binding }, now))
}

/// To what the transcript bound the response; none at close range, where no challenge has a name.
fn binding(handover: &Handover<'_>, now: Timestamp) -> Option<Binding> {
    let (audience, nonce) = match *handover {
        Handover::OpenId4Vp { client_id, nonce, .. } => (client_id.to_owned(), nonce),
        Handover::DigitalCredentials { origin, nonce, .. } => (format!("origin:{origin}"), nonce),
        Handover::QrCode { .. } => return None,
    };
    Some(Binding { audience, nonce: nonce.to_owned(), signed_at: now })
}

/// The credential that an mdoc is, as its holder keeps it.
///
/// # Errors
/// An element has no form in JSON.
pub fn credential_of(mdoc: &VerifiedMdoc) -> Result<Verified<Credential>, MdocError> {
    Ok(Verified::assert(credential(mdoc, elements(mdoc)?)?, mdoc.verified_at()))
}

/// The elements that the issuer vouches for, by namespace.
fn elements(mdoc: &VerifiedMdoc) -> Result<Map<String, Value>, MdocError> {
    let mut elements = Map::new();
    for (name, value) in mdoc.elements() {
        put(&mut elements, name, value)?;
    }
    Ok(elements)
}

/// Adds an element unless there is one of its name.
fn put(
    elements: &mut Map<String, Value>,
    name: ElementName<'_>,
    value: &cbor::Value,
) -> Result<bool, MdocError> {
    let namespace = elements.entry(name.namespace).or_insert_with(|| Value::Object(Map::new()));
    match namespace.as_object_mut() {
        Some(members) if !members.contains_key(name.identifier) => {
            members.insert(name.identifier.to_owned(), json(value)?);
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn credential(mdoc: &VerifiedMdoc, claims: Map<String, Value>) -> Result<Credential, MdocError> {
    let kind = mdoc.doc_type().parse().map_err(|_| MdocError::DocType)?; // [VCJ-19]
    let validity = mdoc.validity();
    let mut credential = Credential::builder(kind, &issuer(mdoc.issuer()))
        .holder(Holder::Key(mdoc.device_key().to_jwk()))
        .valid(Validity { from: Some(validity.from), until: Some(validity.until) })
        .issued_at(validity.signed)
        .claims(claims);
    if let Some(status) = mdoc.status() {
        credential = credential.status(status.clone().into());
    }
    Ok(credential.build())
}

fn issuer(issuer: &MdocIssuer) -> String {
    match issuer {
        MdocIssuer::Certified(leaf) => format!("x509_hash:{}", to_base64url(leaf.thumbprint())),
        MdocIssuer::Key(key) => format!("did:key:{}", key.to_multikey()),
    }
}

/// The tags whose content is a text in RFC 3339 form: `tdate` and `full-date` [ISO 18013-5 §7.2.1].
const DATES: [u64; 2] = [0, 1004];

/// An element as JSON: dates as text, bytes in base64url.
fn json(value: &cbor::Value) -> Result<Value, MdocError> {
    Ok(match value {
        cbor::Value::Unsigned(number) => Value::from(*number),
        cbor::Value::Negative(_) => Value::from(value.as_i64().ok_or(MdocError::Element)?), // [VCJ-19]
        cbor::Value::Bytes(bytes) => Value::from(to_base64url(bytes)),
        cbor::Value::Text(text) => Value::from(text.as_str()),
        cbor::Value::Array(elements) => elements.iter().map(json).collect::<Result<_, _>>()?,
        cbor::Value::Map(members) => {
            let mut object = Map::new();
            for (name, value) in members {
                let name = name.as_text().ok_or(MdocError::Element)?; // [VCJ-19]
                object.insert(name.to_owned(), json(value)?);
            }
            Value::Object(object)
        }
        cbor::Value::Tag(tag, inner) if DATES.contains(tag) => json(inner)?,
        cbor::Value::Tag(..) => return Err(MdocError::Element), // [VCJ-19]
        cbor::Value::Bool(value) => Value::from(*value),
        cbor::Value::Null => Value::Null,
        cbor::Value::Float(number) => {
            Number::from_f64(*number).map(Value::Number).ok_or(MdocError::Element)? // [VCJ-19]
        }
    })
}

/// Why an mdoc is not taken as a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MdocError {
    /// It is not a response.
    #[error(transparent)]
    Parse(#[from] ParseMdocError),
    /// It is not authentic, or not presented in this session.
    #[error(transparent)]
    Verify(#[from] VerifyMdocError),
    /// VCJ-19: its type is no name of a type.
    #[error("the document type is not the name of a type")]
    DocType,
    /// VCJ-19: an element has no form in JSON.
    #[error("an element has no form in JSON")]
    Element,
    /// VCJ-20: the device vouches for what the issuer already does.
    #[error("the device states an element that the issuer states")]
    Clash,
}

impl MdocError {
    /// The rule that was broken, as in `spec/checks/{mdc,vcj}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Parse(error) => error.code(),
            Self::Verify(error) => error.code(),
            Self::DocType | Self::Element => "VCJ-19",
            Self::Clash => "VCJ-20",
        }
    }
}
