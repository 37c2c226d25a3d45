//! Requests through the Digital Credentials API [OpenID4VP 1.0 §A].

use super::{
    asked::{Asked, RequestedBy},
    authenticate::{RequestRefused, Trust, prove},
    fetch::parse,
};
use crate::{
    client_id::ClientId,
    digital::{DigitalProtocol, DigitalRequest},
    request::Request,
};
use serde_json::{Map, Value};
use sinpyo_core::time::Timestamp;
use sinpyo_jose::{UnverifiedJwt, VerifiedJwt};

/// Our limit: signatures of a request.
const MAX_SIGNATURES: usize = 8;

/// The request that a page of `origin` made, says the browser, if its maker is proven.
///
/// # Errors
/// It has another shape than its protocol demands, no signature of it is good, or it was made for other pages.
pub fn receive_digital(
    request: DigitalRequest,
    origin: &str,
    trust: &Trust<'_>,
    now: Timestamp,
) -> Result<Asked, RequestRefused> {
    let DigitalRequest { protocol, mut data } = request;
    let signed = data.remove("request");
    let (parameters, by) = match (protocol, signed) {
        (DigitalProtocol::Unsigned, None) => {
            // Names and origins that nobody signed say nothing. [VP-DCA-02b]
            data.remove("client_id");
            data.remove("expected_origins");
            (data, RequestedBy::Origin(origin.to_owned()))
        }
        (DigitalProtocol::Signed, Some(Value::String(token))) => {
            let token = parse(&token)?;
            let client_id = ClientId::parse(token.hint().claimed("client_id").unwrap_or_default())?;
            let (verified, by) = prove(token, &client_id, trust, now)?;
            (verified.into_claims(), by)
        }
        (DigitalProtocol::MultiSigned, Some(Value::Object(token))) => multi_signed(&token, trust, now)?,
        _ => return Err(RequestRefused::Protocol),
    };
    let request = Request::from_json(&parameters, trust.transport)?;
    if request.response_mode.response_uri().is_some() {
        return Err(RequestRefused::ResponseMode); // [VP-REQ-01f]
    }
    let is_expected = request.expected_origins.iter().any(|expected| expected == origin);
    if protocol != DigitalProtocol::Unsigned && !is_expected {
        return Err(RequestRefused::Origin); // [VP-DCA-02]
    }
    Ok(Asked::new(by, request)?.at_origin(origin))
}

/// The parameters under the first signature that is good; one suffices.
fn multi_signed(
    token: &Map<String, Value>,
    trust: &Trust<'_>,
    now: Timestamp,
) -> Result<(Map<String, Value>, RequestedBy), RequestRefused> {
    let payload = token.get("payload").and_then(Value::as_str).ok_or(RequestRefused::Protocol)?;
    let signatures = token.get("signatures").and_then(Value::as_array);
    let signatures = signatures.filter(|list| (1..=MAX_SIGNATURES).contains(&list.len()));
    let mut refused = RequestRefused::Protocol;
    for signature in signatures.ok_or(RequestRefused::Protocol)? {
        match one_of(payload, signature, trust, now) {
            Ok((verified, by)) => return with_header(verified).map(|parameters| (parameters, by)),
            Err(error) => refused = error, // [VP-DCA-04a]
        }
    }
    Err(refused)
}

fn one_of(
    payload: &str,
    signature: &Value,
    trust: &Trust<'_>,
    now: Timestamp,
) -> Result<(VerifiedJwt, RequestedBy), RequestRefused> {
    let text = |name: &str| signature.get(name).and_then(Value::as_str).ok_or(RequestRefused::Protocol);
    let token: UnverifiedJwt = parse(&format!("{}.{payload}.{}", text("protected")?, text("signature")?))?;
    let client_id = token.hint().parameter("client_id").and_then(Value::as_str);
    let client_id = ClientId::parse(client_id.ok_or(RequestRefused::Protocol)?)?;
    prove(token, &client_id, trust, now)
}

/// What stands in the header belongs to the signature and replaces nothing in the payload, where it must not stand.
fn with_header(verified: VerifiedJwt) -> Result<Map<String, Value>, RequestRefused> {
    let header = verified.header().clone();
    let mut parameters = verified.into_claims();
    for name in ["client_id", "verifier_info"] {
        if parameters.contains_key(name) {
            return Err(RequestRefused::Protocol); // [VP-DCA-04]
        }
        parameters.extend(header.parameter(name).map(|value| (name.to_owned(), value.clone())));
    }
    Ok(parameters)
}
