//! `sinpyo-oauth`: forms, addresses, nonces, metadata, and whole requests with proofs to a server.

use super::{OK, SKIPPED, jose::token, now, target, texts, vcapi};
use crate::{Outcome, Target};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_crypto::Algorithm;
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{
    Anonymous, Attesters, Authorization, AuthorizationServer, Granted, PreAuthorized, Rule, ServerSettings,
    TxCode, Unregistered,
    client::ServerMetadata,
    form::{self, Form},
    nonce::{Context, Nonces},
    url::{IssuerId, Transport},
};
use sinpyo_state::{MemoryState, State};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_web::form::Fields;
use std::{str, sync::LazyLock, time::Duration};

pub(super) const TARGETS: &[Target] = &[
    target("oauth/form", forms, read_form),
    target("oauth/issuer", issuers, read_issuer),
    target("oauth/nonce", nonces, check_nonce),
    target("oauth/metadata", metadata, read_metadata),
    target("oauth/server", requests, ask),
];

const ISSUER: &str = "https://as.example/t";

fn issuer() -> IssuerId {
    IssuerId::parse(ISSUER, Transport::Https).expect("an issuer")
}

fn forms() -> Vec<Vec<u8>> {
    texts(&["grant_type=a&code=%ed%95%9C&x=+&empty=&only", "", "a=b&&c=d=e&%61b=1"])
}

/// Both readers of forms read the same, and what is written is read again unchanged.
pub(crate) fn read_form(input: &[u8]) -> Outcome {
    let fields = str::from_utf8(input).ok().and_then(|text| Fields::of_query(text).ok());
    let form = match Form::parse(input) {
        Ok(form) => form,
        Err(error) => {
            assert!(fields.is_none_or(|fields| fields.iter().count() > 64), "only one reader refuses it");
            return error.code();
        }
    };
    let fields = fields.expect("the other reader takes it too");
    for (name, value) in fields.iter() {
        assert_eq!(form.get(name), Some(value).filter(|value| !value.is_empty()));
    }
    let written = form::encode(fields.iter());
    if written.len() <= 64 << 10 {
        assert_eq!(Form::parse(written.as_bytes()).as_ref(), Ok(&form));
    }
    OK
}

fn issuers() -> Vec<Vec<u8>> {
    texts(&[
        ISSUER,
        "https://a.example",
        "https://a.example:8443/x/",
        "http://127.0.0.1:8100/t",
        "https://[::1]:1/",
    ])
}

/// A scheme is the same in capitals [RFC 3986 §3.1].
fn is_https(text: &str) -> bool {
    text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
}

/// An issuer identifier stays what it was, and its addresses are its own.
fn read_issuer(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let strict = IssuerId::parse(text, Transport::Https);
    match IssuerId::parse(text, Transport::LoopbackToo) {
        Ok(issuer) => {
            assert_eq!(issuer.as_str(), text);
            assert_eq!(format!("{}{}", issuer.origin(), issuer.path()), text, "origin and path");
            assert!(issuer.endpoint("token").starts_with(issuer.origin()));
            assert!(issuer.well_known("x").starts_with(&format!("{}/.well-known/x", issuer.origin())));
            assert!(strict.is_err() || is_https(text));
            if strict.is_ok() { OK } else { "loopback" }
        }
        Err(error) => {
            assert!(strict.is_err(), "more is read where less is allowed");
            error.code()
        }
    }
}

fn nonces_of(server: &str) -> Nonces {
    let context = Context { purpose: "fuzz", server };
    Nonces::new(&Secret::new([3; 32]), context, Duration::from_mins(5))
}

static ISSUED: LazyLock<String> = LazyLock::new(|| nonces_of("a").issue(now(), &mut TestEntropy::new(1)));

fn nonces() -> Vec<Vec<u8>> {
    let other = nonces_of("b").issue(now(), &mut TestEntropy::new(2));
    vec![ISSUED.clone().into_bytes(), other.into_bytes()]
}

/// Only what was given out here is known here.
fn check_nonce(input: &[u8]) -> Outcome {
    match nonces_of("a").check(&String::from_utf8_lossy(input), now()) {
        Ok(_) => {
            assert_eq!(input, ISSUED.as_bytes(), "a nonce that nobody gave out");
            OK
        }
        Err(error) => error.code(),
    }
}

fn metadata() -> Vec<Vec<u8>> {
    let own = AuthorizationServer { settings: &settings(), state: &MemoryState::new() }.metadata();
    let short = json!({"issuer": ISSUER, "token_endpoint": "https://x.example/t?a=b", "response_types_supported": ["code"]});
    vec![own.to_string().into_bytes(), short.to_string().into_bytes()]
}

/// Every endpoint is one that may be spoken to.
pub(crate) fn read_metadata(input: &[u8]) -> Outcome {
    match ServerMetadata::parse(input, &issuer(), Transport::Https) {
        Ok(read) => {
            assert_eq!(read.issuer, issuer());
            let optional = [
                &read.authorization_endpoint,
                &read.pushed_authorization_request_endpoint,
                &read.challenge_endpoint,
            ];
            for endpoint in optional.into_iter().flatten().chain([&read.token_endpoint]) {
                assert!(is_https(endpoint), "{endpoint}");
            }
            OK
        }
        Err(error) => error.code(),
    }
}

fn settings() -> ServerSettings {
    let mut settings = ServerSettings::new(issuer(), &Secret::new([7; 32]));
    settings.anonymous = Anonymous::Allowed;
    settings.unregistered = Unregistered::Attested;
    settings.configurations = [("pid".to_owned(), Some("pid".to_owned()))].into();
    settings.attesters =
        Attesters { keys: vec![key(Algorithm::Es256, 1).verifying_key().clone()], ..Attesters::default() };
    settings
}

static SETTINGS: LazyLock<ServerSettings> = LazyLock::new(settings);

/// A server that waits for one code, the same each time, and the code.
fn server() -> (MemoryState, String) {
    let state = MemoryState::new();
    let server = AuthorizationServer { settings: &SETTINGS, state: &state };
    let granted = Granted { configuration_id: "pid".to_owned(), identifiers: vec!["1".to_owned()] };
    let authorization = Authorization { subject: "kim".to_owned(), configurations: vec![granted] };
    let typed = TxCode::new("1234".to_owned());
    let order = PreAuthorized { authorization, tx_code: Some(&typed), lifetime: Duration::from_mins(10) };
    let (code, changes) = server.pre_authorize(order, now(), &mut TestEntropy::new(9));
    state.commit_owned(&changes).expect("a memory");
    (state, code.as_str().to_owned())
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A proof of possession for the endpoint `name`.
fn dpop(name: &str) -> String {
    let state = MemoryState::new();
    let server = AuthorizationServer { settings: &SETTINGS, state: &state };
    let nonce = server.dpop_nonce(now(), &mut TestEntropy::new(4));
    let claims = json!({"htm": "POST", "htu": format!("{ISSUER}/{name}"), "iat": now().unix(), "jti": "j-1", "nonce": nonce});
    token(Typ::DPOP, KeyHint::Jwk, Algorithm::Es256, &object(claims))
}

/// The headers of a wallet that its provider vouches for.
fn attested() -> String {
    let jwk = key(Algorithm::Es256, 1).verifying_key().to_jwk().members().clone();
    let says = json!({"sub": "wallet", "exp": now().unix() + 600, "cnf": {"jwk": jwk}});
    let attestation = token(Typ::CLIENT_ATTESTATION, KeyHint::None, Algorithm::Es256, &object(says));
    let proves = json!({"iss": "wallet", "aud": ISSUER, "jti": "p-1", "iat": now().unix()});
    let proof = token(Typ::CLIENT_ATTESTATION_POP, KeyHint::None, Algorithm::Es256, &object(proves));
    format!("oauth-client-attestation: {attestation}\noauth-client-attestation-pop: {proof}\n")
}

fn post(name: &str, headers: &str, body: &str) -> Vec<u8> {
    let media = "content-type: application/x-www-form-urlencoded";
    format!("POST {ISSUER}/{name}\n{media}\ndpop: {}\n{headers}\n{body}", dpop(name)).into_bytes()
}

fn requests() -> Vec<Vec<u8>> {
    let (_, code) = server();
    let challenge =
        to_base64url(&sinpyo_crypto::hash::sha256(b"verifier-verifier-verifier-verifier-verifier"));
    let details = form::encode([(
        "authorization_details",
        r#"[{"type":"openid_credential","credential_configuration_id":"pid"}]"#,
    )]);
    let push = form::encode([
        ("response_type", "code"),
        ("client_id", "wallet"),
        ("redirect_uri", "https://wallet.example/back"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", "s"),
    ]);
    let pre = form::encode([
        ("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"),
        ("pre-authorized_code", &code),
        ("tx_code", "1234"),
    ]);
    vec![
        post("token", "", &pre),
        post("token", &attested(), &format!("{pre}&client_id=wallet")),
        post("par", &attested(), &format!("{push}&{details}")),
        post("par", &attested(), &format!("{push}&scope=pid")),
        post("token", "", "grant_type=authorization_code&code=abc&code_verifier=verifier&redirect_uri=x"),
        post("token", "", "grant_type=refresh_token&refresh_token=abc"),
        post("challenge", "", ""),
        b"GET https://as.example/.well-known/oauth-authorization-server/t\n\n".to_vec(),
    ]
}

/// Every request is answered with JSON and never with the server's fault; a code is worth one token.
pub(super) fn ask(input: &[u8]) -> Outcome {
    let Some(request) = vcapi::parse(input) else { return SKIPPED };
    let (state, _) = server();
    let server = AuthorizationServer { settings: &SETTINGS, state: &state };
    let (parts, body) = request.into_parts();
    let mut entropy = TestEntropy::new(5);
    let Some(response) = server.answer(&parts, &body, now(), &mut entropy) else { return "elsewhere" };
    let (status, text) = (response.status(), response.body());
    assert!(!status.is_server_error(), "{status}");
    serde_json::from_slice::<Value>(text).expect("JSON");
    if let Some(Rule(rule)) = response.extensions().get() {
        assert!(status.is_client_error(), "a refusal with {status}");
        return rule;
    }
    if parts.uri.path() == "/t/token" && status.is_success() {
        let again = server.answer(&parts, &body, now(), &mut entropy).expect("an answer");
        assert!(again.status().is_client_error(), "a code twice");
    }
    if status.is_success() { OK } else { "refused" }
}
