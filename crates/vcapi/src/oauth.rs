//! `POST /oauth/token`: access tokens for registered clients, which sign for themselves [RFC 6749 §4.4, RFC 7523].

use crate::{
    Call,
    access::{Access, Scopes},
    keep::KeepError,
    need::Stop,
    problem::{self, Kind},
};
use http::HeaderMap;
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_crypto::VerifyingKey;
use sinpyo_oauth::access::TokenRefusal;
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_web::problem::Refusal;

/// Gives a token to a client that proves who it is.
pub(crate) fn token(
    call: &Call<'_>,
    access: &Access,
    request: (&HeaderMap, &[u8]),
    entropy: &mut dyn Entropy,
) -> Result<Value, Stop> {
    let endpoint = format!("{}/oauth/token", call.settings.base);
    let client = |name: &str| {
        let key = call.keep.client(name).map_err(|_| Unavailable)?;
        let key = key.and_then(|jwk| VerifyingKey::from_jwk(&jwk).ok());
        Ok(key.map(|key| (vec![key], Scopes::all())))
    };
    let granting = access.0.token(request, &endpoint, client, call.now, entropy);
    let granting = granting.map_err(|error| refusal(&error))?;
    // What the change is to be made of is kept by another memory than the one it was written for.
    if let OwnedChange::Insert { key, expires, .. } = granting.once.clone().spend() {
        match call.keep.use_once(key.name(), expires.unwrap_or(call.now)) {
            Ok(()) => {}
            Err(KeepError::Taken) => return Err(refusal(&TokenRefusal::replayed()).into()),
            Err(error) => return Err(problem::failed(&error).into()),
        }
    }
    Ok(granting.into_body())
}

fn refusal(error: &TokenRefusal) -> Refusal {
    let (status, word) = error.error();
    if status.is_server_error() {
        return problem::failed(error);
    }
    let kind = if status.as_u16() == 401 { Kind::Access } else { Kind::Request };
    kind.problem("VCA-22", error).refuse(status).with_member("error", json!(word)) // [VCA-22]
}
