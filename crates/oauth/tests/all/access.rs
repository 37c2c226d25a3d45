//! Tokens of management interfaces.

use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{
    ASSERTION_TYPE,
    access::{Access, Granting, Scope, Scopes, TokenRefusal},
    form::encode,
};
use sinpyo_state::Unavailable;
use sinpyo_testkit::{TestEntropy, key};
use std::time::Duration;

const SERVICE: &str = "https://issuer.example/manage";
const ENDPOINT: &str = "https://issuer.example/manage/oauth/token";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Right {
    Read,
    Write,
}

impl Scope for Right {
    const ALL: &'static [Self] = &[Self::Read, Self::Write];

    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    fn describe(self) -> &'static str {
        self.name()
    }
}

fn access(server: &str) -> Access<Right> {
    let signer = KeySigner::new("did:example:service#k".parse().unwrap(), key(Algorithm::Es256, 60));
    Access::new(signer, server.to_owned())
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn headers(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn a_token_permits_its_scopes_until_it_expires() {
    let (access, entropy) = (access(SERVICE), &mut TestEntropy::new(1));
    let read: Scopes<Right> = [Right::Read].into_iter().collect();
    let token = access.grant("back-office", &read, Duration::from_mins(5), now(), entropy).unwrap();
    let bearer = format!("bearer {token}");
    let caller = access.admit(&headers(&[&bearer]), Right::Read, now()).unwrap();
    assert_eq!((caller.client.as_str(), caller.scopes), ("back-office", read.clone()));

    let refused = access.admit(&headers(&[&bearer]), Right::Write, now()).unwrap_err();
    assert_eq!((refused.code(), refused.challenge().0.as_u16()), ("OAU-52", 403));
    assert_eq!(
        refused.challenge().1,
        "Bearer realm=\"sinpyo\", error=\"insufficient_scope\", scope=\"write\""
    );
    let none = access.admit(&headers(&[]), Right::Read, now()).unwrap_err();
    assert_eq!((none.code(), none.challenge().0.as_u16()), ("OAU-50", 401));
    let late = now().plus(Duration::from_mins(5));
    let code = |access: &Access<Right>, values: &[&str], now| {
        access.admit(&headers(values), Right::Read, now).unwrap_err().code()
    };
    assert_eq!(code(&access, &[&bearer], late), "OAU-51");
    assert_eq!(code(&access, &[&bearer, &bearer], now()), "OAU-51");
    assert_eq!(code(&access, &[&format!("Basic {token}")], now()), "OAU-51");
    assert_eq!(code(&access, &[&bearer[..bearer.len() - 4]], now()), "OAU-51");
    assert_eq!(
        code(&self::access("https://other.example"), &[&bearer], now()),
        "OAU-51",
        "another service's"
    );
    let mistyped =
        crate::world::token(Typ::JWT, KeyHint::None, &json!({"iss": SERVICE}), &key(Algorithm::Es256, 60));
    assert_eq!(code(&access, &[&format!("Bearer {mistyped}")], now()), "OAU-51");
    // No token lives longer than an hour, whatever is asked.
    let long = access.grant("back-office", &read, Duration::from_hours(48), now(), entropy).unwrap();
    assert_eq!(code(&access, &[&format!("Bearer {long}")], now().plus(Duration::from_hours(1))), "OAU-51");
}

fn ask(assertion: &str, more: &[(&str, &str)]) -> Result<Granting, TokenRefusal> {
    let fixed = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    let kept = fixed.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let fields: Vec<_> = kept.chain(more.iter().copied()).collect();
    let body = encode(fields).into_bytes();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let client = |name: &str| -> Result<Option<(Vec<VerifyingKey>, Scopes<Right>)>, Unavailable> {
        let keys = vec![key(Algorithm::Ed25519, 61).verifying_key().clone()];
        match name {
            "back-office" => Ok(Some((keys, Scopes::all()))),
            "reader" => Ok(Some((keys, [Right::Read].into_iter().collect()))),
            "broken" => Err(Unavailable),
            _ => Ok(None),
        }
    };
    access(SERVICE).token((&headers, &body), ENDPOINT, client, now(), &mut TestEntropy::new(2))
}

fn assertion(client: &str, audience: &str) -> String {
    let claims =
        json!({"iss": client, "sub": client, "aud": audience, "exp": now().unix() + 60, "jti": "j-1"});
    crate::world::token(Typ::JWT, KeyHint::None, &claims, &key(Algorithm::Ed25519, 61))
}

#[test]
fn a_client_that_signs_for_itself_gets_a_token() {
    for audience in [SERVICE, ENDPOINT] {
        let granting = ask(&assertion("back-office", audience), &[("scope", "read")]).unwrap();
        assert_eq!(granting.client, "back-office");
        let body = granting.into_body();
        assert_eq!((&body["scope"], &body["expires_in"]), (&json!("read"), &json!(900)));
        let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        assert!(access(SERVICE).admit(&headers(&[&bearer]), Right::Read, now()).is_ok());
    }
    let all = ask(&assertion("back-office", SERVICE), &[]).unwrap().into_body();
    assert_eq!(all["scope"], "read write");
    let own = ask(&assertion("reader", SERVICE), &[]).unwrap().into_body();
    assert_eq!(own["scope"], "read");
    // The assertion is the same one to every node.
    let once = || ask(&assertion("reader", SERVICE), &[]).unwrap().once;
    assert_eq!(once(), once());
}

#[test]
fn a_request_for_a_token_that_breaks_a_rule_is_refused() {
    let good = assertion("reader", SERVICE);
    let refused = |assertion: &str, more: &[(&str, &str)]| {
        let refusal = ask(assertion, more).unwrap_err();
        let response = refusal.response();
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["error"], refusal.error().1);
        (response.status().as_u16(), refusal.error().1, refusal.code())
    };
    assert_eq!(refused(&good, &[("grant_type", "password")]), (400, "unsupported_grant_type", "OAU-53"));
    assert_eq!(refused(&good, &[("grant_type", "")]), (400, "invalid_request", "OAU-09"));
    assert_eq!(refused(&good, &[("client_assertion_type", "x")]), (401, "invalid_client", "OAU-54"));
    assert_eq!(refused(&assertion("nobody", SERVICE), &[]), (401, "invalid_client", "OAU-55"));
    assert_eq!(refused(&good, &[("client_id", "back-office")]), (401, "invalid_client", "OAU-55"));
    assert_eq!(refused(&good, &[("scope", "read fly")]), (400, "invalid_scope", "OAU-56"));
    assert_eq!(refused(&good, &[("scope", "write")]), (400, "invalid_scope", "OAU-56"));
    assert_eq!(
        refused(&assertion("reader", "https://other.example"), &[]),
        (401, "invalid_client", "OAU-19")
    );
    assert_eq!(refused("x", &[]), (401, "invalid_client", "OAU-17"));
    assert_eq!(refused(&assertion("broken", SERVICE), &[]).0, 503);
    assert_eq!(TokenRefusal::replayed().code(), "OAU-22");
}
