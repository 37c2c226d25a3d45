//! Responses that are wrong.

use super::{
    Misbehaviour,
    binding::{Hand, MisbehaveError, rebound},
};
use http::{Request, header};
use serde_json::{Map, Value};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json,
    jwk::PublicJwk,
    key::Entropy,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_dcql::QueryId;
use sinpyo_jose::jwe::{ContentEncryption, Parties, Recipient, encrypt};
use sinpyo_oauth::form;
use sinpyo_openid4vp::wallet::Asked;
use sinpyo_wallet::Wallet;

/// A good answer, and what it was made with.
pub(crate) struct Built<'a> {
    pub(crate) asked: &'a Asked,
    /// The `vp_token`.
    pub(crate) token: Map<String, Value>,
    /// The queries that it answers, in the order of the wallet's record of it.
    pub(crate) queries: Vec<QueryId>,
    pub(crate) wallet: &'a Wallet,
}

/// The posts that make up a wrong answer.
pub(crate) fn respond(
    fault: Misbehaviour,
    built: &Built<'_>,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Vec<Request<Vec<u8>>>, MisbehaveError> {
    let mut members = Map::from_iter([("vp_token".to_owned(), token(fault, built, now, entropy)?)]);
    if let Some(state) = &built.asked.request().state {
        members.insert("state".to_owned(), state.as_str().into());
    }
    if fault == Misbehaviour::State {
        members.insert("state".to_owned(), "c29tZWJvZHkgZWxzZSdzIHN0YXRl".into());
    }
    let is_encrypted = built.asked.request().response_mode.is_encrypted();
    let members = match (is_encrypted, fault) {
        (true, Misbehaviour::PlainInsteadOfEncrypted) => members,
        (true, _) => {
            let text = sealed(fault, built, &Value::Object(members), entropy)?;
            Map::from_iter([("response".to_owned(), text.into())])
        }
        (
            false,
            Misbehaviour::PlainInsteadOfEncrypted
            | Misbehaviour::WrongKid
            | Misbehaviour::WrongAlg
            | Misbehaviour::OtherRecipient,
        ) => return Err(MisbehaveError::NoSuchFault), // [WAP-11]
        (false, _) => members,
    };
    let post = post(built.asked, &members)?;
    Ok(if fault == Misbehaviour::Replay { vec![post.clone(), post] } else { vec![post] })
}

/// The `vp_token`.
fn token(
    fault: Misbehaviour,
    built: &Built<'_>,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Value, MisbehaveError> {
    let mut token = built.token.clone();
    match fault {
        Misbehaviour::StringVpToken => {
            for value in token.values_mut() {
                let first = value.as_array().and_then(|list| list.first()).cloned();
                *value = first.ok_or(MisbehaveError::NoSuchFault)?;
            }
        }
        Misbehaviour::ExtraQuery => {
            let any = token.values().next().cloned().ok_or(MisbehaveError::NoSuchFault)?;
            token.insert("unasked".to_owned(), any);
        }
        Misbehaviour::Audience
        | Misbehaviour::StrippedPrefix
        | Misbehaviour::ExtraClaims
        | Misbehaviour::MissingClaim
        | Misbehaviour::WrongSdHash
        | Misbehaviour::OldIat
        | Misbehaviour::FutureIat
        | Misbehaviour::OtherKey
        | Misbehaviour::NoBinding
        | Misbehaviour::AlgNone
        | Misbehaviour::TamperedCredential
        | Misbehaviour::TamperedDisclosure => {
            let record = built.wallet.history().last().ok_or(MisbehaveError::NoSuchFault)?;
            for (query, shown) in built.queries.iter().zip(&record.shown) {
                let list = token.get_mut(query.as_str()).and_then(Value::as_array_mut);
                let hand = Hand { wallet: built.wallet, held: shown.held, now };
                for presentation in list.into_iter().flatten() {
                    let text = presentation.as_str().ok_or(MisbehaveError::NoSuchFault)?;
                    if fault == Misbehaviour::Audience && !text.contains(['~', '.']) {
                        continue; // an mdoc, which was made for another session
                    }
                    *presentation = rebound(fault, text, &hand, entropy)?.into();
                }
            }
        }
        _ => {}
    }
    Ok(Value::Object(token))
}

/// The encrypted response.
fn sealed(
    fault: Misbehaviour,
    built: &Built<'_>,
    members: &Value,
    entropy: &mut dyn Entropy,
) -> Result<String, MisbehaveError> {
    let none = || MisbehaveError::NoSuchFault;
    let recipient = match fault {
        Misbehaviour::WrongKid | Misbehaviour::OtherRecipient => other_recipient(fault, built, entropy),
        _ => built.asked.request().client_metadata.recipient(),
    };
    let parties = Parties::default();
    let text = encrypt(members.to_string().as_bytes(), &recipient.ok_or_else(none)?, parties, entropy);
    let text = text.map_err(|_| none())?;
    if fault != Misbehaviour::WrongAlg {
        return Ok(text);
    }
    let (header, rest) = text.split_once('.').ok_or_else(none)?;
    let header = from_base64url(header).ok().and_then(|bytes| json::parse_object(&bytes).ok());
    let mut header = header.ok_or_else(none)?;
    header.insert("alg".to_owned(), "ECDH-ES+A128KW".into());
    Ok([&to_base64url(Value::Object(header).to_string().as_bytes()), ".", rest].concat())
}

/// The verifier's key under another name, or another key under its name.
fn other_recipient(fault: Misbehaviour, built: &Built<'_>, entropy: &mut dyn Entropy) -> Option<Recipient> {
    let metadata = built.asked.request().client_metadata.to_json();
    let mut jwk = metadata.get("jwks")?.get("keys")?.as_array()?.first()?.as_object()?.clone();
    if fault == Misbehaviour::WrongKid {
        jwk.insert("kid".to_owned(), "bm90LWEta2V5".into());
    } else {
        let other = SigningKey::generate(Algorithm::Es256, entropy).verifying_key().to_jwk();
        for name in ["x", "y"] {
            jwk.insert(name.to_owned(), other.text(name)?.into());
        }
    }
    let jwk = PublicJwk::from_members(jwk).ok()?;
    ContentEncryption::ALL.into_iter().find_map(|encryption| Recipient::from_jwk(&jwk, encryption).ok())
}

fn post(asked: &Asked, members: &Map<String, Value>) -> Result<Request<Vec<u8>>, MisbehaveError> {
    let to = asked.request().response_mode.response_uri().ok_or(MisbehaveError::NoSuchFault)?;
    let texts: Vec<(&str, String)> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let body = form::encode(texts.iter().map(|(name, text)| (*name, text.as_str())));
    let request =
        Request::post(to.as_str()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(body.into_bytes()).map_err(|_| MisbehaveError::NoSuchFault)
}
