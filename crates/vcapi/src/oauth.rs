//! `POST /oauth/token`: access tokens for registered clients, which sign for themselves [RFC 6749 §4.4, RFC 7523].

use crate::{
    Call,
    access::{Access, Scope, Scopes, UnknownScope},
    jws::Token,
    keep::KeepError,
    need::Stop,
    problem::{Kind, Problem, Refusal},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use std::{collections::BTreeMap, time::Duration};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Life of the tokens that are given out here.
const LIFETIME: Duration = Duration::from_mins(15);
/// Longest life of an assertion: that long its use is remembered.
const MAX_ASSERTION: Duration = Duration::from_mins(10);
const MAX_BODY: usize = 16 << 10;

/// Gives a token to a client that proves who it is.
pub(crate) fn token(
    call: &Call<'_>,
    access: &Access,
    (headers, body): (&HeaderMap, &[u8]),
    entropy: &mut dyn Entropy,
) -> Result<Value, Stop> {
    let form = form(headers, body)
        .ok_or_else(|| malformed("the body is no form, or names a field twice", "invalid_request"))?;
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("grant_type") != Some("client_credentials") {
        return Err(malformed("the grant type is not client_credentials", "unsupported_grant_type").into());
    }
    if field("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(refused("the client does not authenticate by private_key_jwt").into());
    }
    let client = authenticate(call, access, field("client_assertion").unwrap_or_default())?;
    if field("client_id").is_some_and(|id| id != client) {
        return Err(refused("the assertion is another client's").into());
    }
    let scopes: Scopes = match field("scope") {
        None => Scope::ALL.into_iter().collect(),
        Some(names) => {
            names.parse().map_err(|_: UnknownScope| malformed("there is no such scope", "invalid_scope"))?
        }
    };
    let granted = access.grant(&client, &scopes, LIFETIME, call.now, entropy);
    let granted = granted.map_err(|error| Refusal::failed(&error))?;
    Ok(json!({
        "access_token": granted,
        "token_type": "Bearer",
        "expires_in": LIFETIME.as_secs(),
        "scope": scopes.to_string(),
    }))
}

/// The client that made `assertion` for us, just now, and for this once.
fn authenticate(call: &Call<'_>, access: &Access, assertion: &str) -> Result<String, Refusal> {
    let token = Token::parse(assertion).ok_or_else(|| refused("the assertion is no token"))?;
    let name = token.claimed_issuer().unwrap_or_default().to_owned();
    let key = call.keep.client(&name).map_err(|error| Refusal::failed(&error))?;
    let key = key.and_then(|jwk| VerifyingKey::from_jwk(&jwk).ok());
    let key = key.ok_or_else(|| refused("no client of this name is registered"))?;
    let claims = token.verify(&key, &["", "JWT", "client-authentication+jwt"]);
    let claims = claims.ok_or_else(|| refused("the client's key did not sign the assertion"))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).and_then(Timestamp::from_unix);
    let (server, base) = (access.server(), &call.settings.base);
    let audience = text("aud");
    let ours = [server.as_str().to_owned(), base.clone(), format!("{base}/oauth/token")];
    if text("sub") != Some(&name) || !ours.iter().any(|own| audience == Some(own)) {
        return Err(refused("the assertion is about somebody else, or for somebody else"));
    }
    let expires = time("exp").filter(|exp| *exp > call.now && *exp <= call.now.plus(MAX_ASSERTION));
    let expires =
        expires.ok_or_else(|| refused("the assertion has expired, or lives longer than ten minutes"))?;
    let id = text("jti").filter(|id| !id.is_empty()).ok_or_else(|| refused("the assertion has no jti"))?;
    match call.keep.use_once(&format!("{name}\n{id}"), expires) {
        Ok(()) => Ok(name),
        Err(KeepError::Taken) => Err(refused("the assertion was used before")), // [VCA-22]
        Err(error) => Err(Refusal::failed(&error)),
    }
}

/// The fields of a form, each at most once.
fn form(headers: &HeaderMap, body: &[u8]) -> Option<BTreeMap<String, String>> {
    let media = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") || body.len() > MAX_BODY {
        return None;
    }
    let mut fields = BTreeMap::new();
    for pair in str::from_utf8(body).ok()?.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let decoded = |text: &str| crate::route::decoded(&text.replace('+', " "));
        if fields.insert(decoded(name)?, decoded(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

fn malformed(detail: &str, error: &'static str) -> Refusal {
    let refusal = Problem::new(Kind::Request, "VCA-22", &detail).bad(); // [VCA-22]
    Refusal { error: Some(error), ..refusal }
}

fn refused(detail: &str) -> Refusal {
    let refusal = Problem::new(Kind::Access, "VCA-22", &detail).refuse(StatusCode::UNAUTHORIZED); // [VCA-22]
    Refusal { error: Some("invalid_client"), ..refusal }
}
