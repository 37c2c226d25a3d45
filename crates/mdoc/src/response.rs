//! Responses, as a verifier receives them [ISO 18013-5 §8.3.2.1.2.2].

use crate::{
    Elements, IssuerSigned, IssuerTrust, ParseMdocError, Selection, SessionTranscript, VerifiedDocument,
    VerifiedMdoc, VerifyMdocError, device_auth,
    members::{self, Members},
};
use sinpyo_core::time::Timestamp;
use sinpyo_cose::{Expected, Header, Mac0, Sign1, cbor::Value};
use sinpyo_crypto::agreement::AgreementKey;
use std::fmt;

/// What the verifier asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The type, as `org.iso.18013.5.1.mDL`.
    pub doc_type: &'a str,
    /// The elements. Fewer may come; whether they suffice is for the query language to say.
    pub elements: &'a Selection,
}

/// The verifier's side of the session.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// Made by the verifier from what it sent.
    pub transcript: &'a SessionTranscript,
    /// The reader's ephemeral key; `None` where the device must sign.
    pub mac_key: Option<&'a AgreementKey>,
}

/// A response with one document, of which nothing is proven.
pub struct DeviceResponse {
    doc_type: String,
    issuer_signed: IssuerSigned,
    device_namespaces: Vec<u8>,
    device_elements: Elements,
    device_auth: DeviceAuth,
}

enum DeviceAuth {
    Signature(Sign1),
    Mac(Mac0),
}

impl DeviceResponse {
    /// Takes apart a `DeviceResponse`, as OpenID4VP delivers it (there in base64url).
    ///
    /// # Errors
    /// It has another form, does not hold exactly one document, or [`IssuerSigned::parse`] refuses that.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseMdocError> {
        let mut response = Members::of(members::parse(bytes)?, "DeviceResponse")?;
        response.version()?;
        if response.unsigned("status")? != 0 || response.optional("documentErrors").is_some() {
            return Err(ParseMdocError::Documents); // [MDC-07]
        }
        let Value::Array(documents) = response.required("documents")? else {
            return Err(ParseMdocError::Member("documents")); // [MDC-01]
        };
        let [document]: [Value; 1] = documents.try_into().map_err(|_| ParseMdocError::Documents)?; // [MDC-07]
        let mut document = Members::of(document, "documents")?;
        let mut device_signed = document.map("deviceSigned")?;
        let device_namespaces = device_signed.encoded("nameSpaces")?;
        let device_elements = Members::of(members::parse(&device_namespaces)?, "nameSpaces")?;
        let mut device_auth = device_signed.map("deviceAuth")?;
        let device_auth = match (device_auth.optional("deviceSignature"), device_auth.optional("deviceMac")) {
            (Some(signature), None) => Sign1::from_value(signature).map(DeviceAuth::Signature),
            (None, Some(mac)) => Mac0::from_value(mac).map(DeviceAuth::Mac),
            _ => return Err(ParseMdocError::Member("deviceAuth")), // [MDC-01]
        };
        Ok(Self {
            doc_type: document.text("docType")?,
            issuer_signed: IssuerSigned::from_value(document.required("issuerSigned")?)?,
            device_namespaces,
            device_elements: Elements::from_map(device_elements.into_map())?,
            device_auth: device_auth.map_err(ParseMdocError::DeviceAuth)?,
        })
    }

    /// What it says about its issuer. Not a fact: good for finding a key, for nothing else.
    pub const fn hint(&self) -> &Header {
        self.issuer_signed.hint()
    }

    /// Verifies what the issuer vouches for, that the device presented it in this session, and that it is no more than
    /// what was requested.
    ///
    /// # Errors
    /// The rule that the response breaks.
    pub fn verify(
        self,
        request: &Request<'_>,
        session: &Session<'_>,
        trust: IssuerTrust<'_>,
        now: Timestamp,
    ) -> Result<VerifiedDocument, VerifyMdocError> {
        let Self { doc_type, issuer_signed, device_namespaces, device_elements, device_auth } = self;
        if doc_type != request.doc_type {
            return Err(VerifyMdocError::DocType); // [MDC-08]
        }
        let mdoc = issuer_signed.verify(trust, now)?;
        if mdoc.doc_type() != doc_type {
            return Err(VerifyMdocError::DocType); // [MDC-08]
        }
        let payload = device_auth::payload(session.transcript, &doc_type, &device_namespaces);
        device_auth.check(&payload, &mdoc, session)?;
        let not_requested = |(name, _)| !request.elements.contains(name);
        if mdoc.elements().any(not_requested) || device_elements.iter().any(not_requested) {
            return Err(VerifyMdocError::NotRequested); // [MDC-16]
        }
        if device_elements.iter().any(|(name, _)| !mdoc.object.authorizations.allows(name)) {
            return Err(VerifyMdocError::NotAuthorized); // [MDC-17]
        }
        Ok(VerifiedDocument::assert(mdoc, device_elements))
    }
}

impl DeviceAuth {
    /// Checks that the device authenticated `payload`.
    fn check(
        &self,
        payload: &[u8],
        mdoc: &VerifiedMdoc,
        session: &Session<'_>,
    ) -> Result<(), VerifyMdocError> {
        let checked = match self {
            Self::Signature(signature) => {
                signature.verify_detached(payload, mdoc.device_key(), &Expected::default())
            }
            Self::Mac(mac) => {
                let own = session.mac_key.ok_or(VerifyMdocError::MacKey)?; // [MDC-15]
                let key = device_auth::mac_key(own, mdoc.device_key(), session.transcript);
                mac.verify_detached(payload, &[], &key.map_err(|_| VerifyMdocError::MacKey)?) // [MDC-15]
            }
        };
        checked.map(drop).map_err(VerifyMdocError::DeviceAuth) // [MDC-14]
    }
}

impl fmt::Debug for DeviceResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceResponse").field("hint", self.hint()).finish_non_exhaustive()
    }
}
