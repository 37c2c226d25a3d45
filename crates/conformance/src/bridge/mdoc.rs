//! Mobile documents.

mod element;

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
    keys::{self, Signing, private_key},
    os::OsEntropy,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_mdoc::{
    DeviceResponse, Disclosure, Draft, ElementName, Elements, Handover, IssuerSigned, IssuerTrust,
    KeyAuthorizations, MdocSigner, Request, Selection, Session, SessionTranscript, Validity,
};
use sinpyo_x509::Roots;
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
};

/// `mdoc.issue`.
pub(super) fn issue(arguments: &Arguments) -> Answer {
    let issuer = private_key(arguments.required("issuerKey")?, "issuerKey")?;
    let device_key = keys::public_key(arguments.object("deviceJwk")?)?;
    let from = arguments.time("validFrom")?;
    let until = arguments.maybe_time("validUntil")?.ok_or_else(|| wrong("validUntil"))?;
    let signed = arguments.maybe_time("signed")?.unwrap_or(from);
    let mut elements = Elements::default();
    for (namespace, members) in arguments.object("namespaces")? {
        for (identifier, value) in members.as_object().ok_or_else(|| wrong("namespaces"))? {
            elements = elements.with(ElementName { namespace, identifier }, element::from_json(value)?);
        }
    }
    let draft = Draft {
        doc_type: arguments.text("docType")?,
        elements: &elements,
        validity: Validity { signed, from, until, expected_update: None },
        device_key: &device_key,
        authorizations: KeyAuthorizations::default(),
        status: None,
    };
    let x5chain = certificates(arguments, "certificate")?;
    let signer = MdocSigner { key: issuer.verifying_key(), x5chain: &x5chain };
    let prepared = draft.prepare(signer, &mut OsEntropy)?;
    let signature = issuer.sign(prepared.signing_input())?;
    Ok(json!({"issuerSigned": to_base64url(&prepared.attach(&signature)?.to_bytes())}))
}

/// `mdoc.present`. The holder believes the key in the certificate that came along, or the argument `issuerJwk`.
pub(super) fn present(arguments: &Arguments) -> Answer {
    let issued = IssuerSigned::parse(&arguments.bytes("issuerSigned")?)?;
    let issuer = match arguments.maybe_object("issuerJwk")? {
        Some(jwk) => keys::public_key(jwk)?,
        None => certified_key(issued.hint().x5chain.first().ok_or_else(|| wrong("issuerJwk"))?)?,
    };
    let mdoc = issued.verify(IssuerTrust::Key(&issuer), arguments.now()?)?;
    let disclosure = Disclosure { elements: selection(arguments)?, device_elements: Elements::default() };
    let prepared = mdoc.present(&disclosure, &Transcript::read(arguments)?.build())?;
    let device = Signing::read(arguments, "deviceKey", "kid")?;
    let signature = device.sign(prepared.signing_input())?;
    Ok(json!({"deviceResponse": to_base64url(&prepared.attach(&signature)?)}))
}

/// `mdoc.verify`.
pub(super) fn verify(arguments: &Arguments) -> Answer {
    let response = DeviceResponse::parse(&arguments.bytes("deviceResponse")?)?;
    let roots = Roots::new(certificates(arguments, "roots")?)?;
    let selection = selection(arguments)?;
    let request = Request { doc_type: arguments.text("docType")?, elements: &selection };
    let transcript = Transcript::read(arguments)?.build();
    let session = Session { transcript: &transcript, mac_key: None };
    let verified = response.verify(&request, &session, IssuerTrust::Roots(&roots), arguments.now()?)?;
    let mdoc = verified.mdoc();
    let Validity { signed, from, until, .. } = *mdoc.validity();
    let text = |time: Timestamp| time.to_string();
    Ok(json!({"documents": [{
        "docType": mdoc.doc_type(),
        "elements": by_namespace(mdoc.elements()),
        "deviceElements": by_namespace(verified.device_elements().iter()),
        "validity": {"signed": text(signed), "validFrom": text(from), "validUntil": text(until)},
    }]}))
}

fn by_namespace<'a>(
    elements: impl Iterator<Item = (ElementName<'a>, &'a sinpyo_cose::cbor::Value)>,
) -> Map<String, Value> {
    let mut namespaces = Map::new();
    for (name, value) in elements {
        let members = namespaces.entry(name.namespace).or_insert_with(|| json!({}));
        if let Some(members) = members.as_object_mut() {
            members.insert(name.identifier.to_owned(), element::to_json(value));
        }
    }
    namespaces
}

/// The argument `elements`: lists of identifiers by namespace.
fn selection(arguments: &Arguments) -> Result<Selection, Refusal> {
    let mut selection = Selection::default();
    for (namespace, identifiers) in arguments.object("elements")? {
        for identifier in identifiers.as_array().ok_or_else(|| wrong("elements"))? {
            let identifier = identifier.as_str().ok_or_else(|| wrong("elements"))?;
            selection = selection.with(ElementName { namespace, identifier });
        }
    }
    Ok(selection)
}

/// The argument `transcript`: a session opened by OpenID4VP.
struct Transcript {
    client_id: String,
    nonce: String,
    response_uri: String,
    jwk_thumbprint: Option<[u8; 32]>,
}

impl Transcript {
    fn read(arguments: &Arguments) -> Result<Self, Refusal> {
        let members = arguments.object("transcript")?;
        let text = |name: &str| {
            let text = members.get(name).and_then(Value::as_str);
            text.map(str::to_owned).ok_or_else(|| wrong("transcript"))
        };
        let jwk_thumbprint = match members.get("jwkThumbprint") {
            None | Some(Value::Null) => None,
            Some(_) => {
                let bytes = from_base64url(&text("jwkThumbprint")?)?;
                Some(bytes.try_into().map_err(|_| wrong("transcript"))?)
            }
        };
        Ok(Self {
            client_id: text("clientId")?,
            nonce: text("nonce")?,
            response_uri: text("responseUri")?,
            jwk_thumbprint,
        })
    }

    fn build(&self) -> SessionTranscript {
        SessionTranscript::new(&Handover::OpenId4Vp {
            client_id: &self.client_id,
            nonce: &self.nonce,
            response_uri: &self.response_uri,
            jwk_thumbprint: self.jwk_thumbprint.as_ref(),
        })
    }
}

/// Certificates in base64 of DER.
fn certificates(arguments: &Arguments, name: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    let read = |text: &str| STANDARD.decode(text).map_err(|_| wrong(name));
    arguments.texts(name)?.into_iter().map(read).collect()
}

/// The key in a certificate, which nobody vouches for.
fn certified_key(der: &[u8]) -> Result<VerifyingKey, Refusal> {
    let certificate = Certificate::from_der(der).map_err(|_| wrong("certificate"))?;
    let info = certificate.tbs_certificate().subject_public_key_info().to_der();
    Ok(VerifyingKey::from_spki(&info.map_err(|_| wrong("certificate"))?)?)
}
