//! Whole HTTP requests to the services `sinpyo-issuer-api`, `sinpyo-verifier-api` and `sinpyo-wallet-app`.

mod issuer;
mod verifier;
mod wallet;

use super::{OK, SKIPPED, jose::token, now, target, vcapi};
use crate::{Outcome, Target};
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::form;
use sinpyo_web::problem::RuleId;

pub(super) const TARGETS: &[Target] = &[
    target("issuer-api/answer", issuer::requests, issuer::ask),
    target("verifier-api/answer", verifier::requests, verifier::ask),
    target("wallet-app/answer", wallet::requests, wallet::ask),
];

pub(crate) use issuer::ask as ask_issuer;
pub(crate) use verifier::ask as ask_verifier;

/// A request to get a management token, as the client with key 1.
fn token_request(audience: &str, scope: &str) -> String {
    let claims = json!({"iss": "client", "sub": "client", "aud": audience, "jti": "0123456789abcdef0123",
        "iat": now().unix(), "exp": now().unix() + 60});
    let claims = claims.as_object().cloned().unwrap_or_default();
    let assertion = token(Typ::CLIENT_AUTHENTICATION, KeyHint::None, Algorithm::Es256, &claims);
    form::encode([
        ("grant_type", "client_credentials"),
        ("client_assertion_type", sinpyo_oauth::ASSERTION_TYPE),
        ("client_assertion", &assertion),
        ("scope", scope),
    ])
}

/// A request in the form that [`vcapi::parse`] reads.
fn written(method: &str, address: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let host = address.split('/').nth(2).unwrap_or_default();
    let headers: String = headers.iter().map(|header| format!("{header}\n")).collect();
    format!("{method} {address}\nhost: {host}\n{headers}\n{body}").into_bytes()
}

const JSON: &str = "content-type: application/json";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

/// The member `name` of an answer.
fn member(response: &Response<Vec<u8>>, name: &str) -> String {
    let value: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The answer is never the server's fault; its rule, if it refuses.
fn outcome(request: &Request<Vec<u8>>, response: &Response<Vec<u8>>) -> Outcome {
    let status = response.status();
    assert!(!status.is_server_error(), "{status} {}", String::from_utf8_lossy(response.body()));
    let nosniff = response.headers().get("x-content-type-options").is_some_and(|own| own == "nosniff");
    assert!(nosniff, "an answer without the headers of all");
    let is_bare = request.method() == http::Method::HEAD || matches!(status.as_u16(), 204 | 304);
    assert!(!is_bare || response.body().is_empty(), "a body where none can be");
    match response.extensions().get() {
        Some(RuleId(rule)) => rule,
        None => match status.as_u16() {
            200..300 => OK,
            300..400 => "3xx",
            404 => "404",
            405 => "405",
            _ => "refused",
        },
    }
}
