//! Requests for the Digital Credentials API [OpenID4VP 1.0 §A.2, §A.3].

use super::{identity::Identity, open::OpenError, order::Signing};
use crate::{
    digital::{DigitalProtocol, DigitalRequest},
    request::Request,
};
use serde_json::{Map, Value, json};
use sinpyo_core::time::Timestamp;

/// The request for pages of `origins`, signed under `identities` as `signing` says.
pub(super) fn request(
    identities: &[Identity<'_>],
    request: &Request,
    (origins, signing): (&[String], Signing),
    now: Timestamp,
) -> Result<DigitalRequest, OpenError> {
    let mut claims = request.to_json();
    if signing == Signing::Unsigned {
        // The browser says who asks: a name would be ignored. [VP-DCA-01]
        return Ok(DigitalRequest { protocol: DigitalProtocol::Unsigned, data: claims });
    }
    claims.insert("expected_origins".to_owned(), json!(origins)); // [VP-DCA-02]
    claims.insert("iat".to_owned(), now.unix().into());
    let (protocol, signed) = match signing {
        Signing::MultiSigned => (DigitalProtocol::MultiSigned, multi_signed(identities, claims)?),
        Signing::Signed | Signing::Unsigned => (DigitalProtocol::Signed, signed(identities, claims)?),
    };
    Ok(DigitalRequest { protocol, data: Map::from_iter([("request".to_owned(), signed)]) })
}

fn signed(identities: &[Identity<'_>], mut claims: Map<String, Value>) -> Result<Value, OpenError> {
    let first = identities.first().ok_or(super::OrderError::Unsigned)?;
    claims.insert("client_id".to_owned(), first.name.client_id().as_str().into());
    Ok(first.sign(&claims, Map::new())?.into())
}

/// One payload, and a signature under each name. What differs between the names stands in their headers.
fn multi_signed(identities: &[Identity<'_>], mut claims: Map<String, Value>) -> Result<Value, OpenError> {
    let verifier_info = claims.remove("verifier_info");
    let mut payload = None;
    let mut signatures = Vec::new();
    for identity in identities {
        let mut header = Map::new(); // [VP-DCA-04]
        header.insert("client_id".to_owned(), identity.name.client_id().as_str().into());
        header.extend(verifier_info.clone().map(|info| ("verifier_info".to_owned(), info)));
        let token = identity.sign(&claims, header)?;
        let mut parts = token.split('.').map(str::to_owned);
        let (protected, body, signature) = (parts.next(), parts.next(), parts.next());
        payload = body;
        signatures.push(json!({"protected": protected, "signature": signature}));
    }
    Ok(json!({"payload": payload, "signatures": signatures}))
}
