//! The wallet's half.

use crate::world::{CREDENTIAL, ISSUER, World, changed, dpop_key, public};
use http::{Method, Response};
use serde_json::{Value, json};
use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_crypto::hash::sha256;
use sinpyo_oauth::{
    client::{
        Client, Identity, MetadataError, Pkce, RedirectError, ReplyError, ServerMetadata, Tokens,
        WalletAttestation, read_redirect,
    },
    url::{IssuerId, Transport, UrlError},
};

fn parse(document: &Value) -> Result<ServerMetadata, MetadataError> {
    let issuer = IssuerId::parse(ISSUER, Transport::Https).unwrap();
    ServerMetadata::parse(document.to_string().as_bytes(), &issuer, Transport::Https)
}

#[test]
fn metadata_are_checked_before_anything_is_sent() {
    let good = World::new().server().metadata();
    assert_eq!(
        ServerMetadata::url(&parse(&good).unwrap().issuer),
        "https://issuer.example/.well-known/oauth-authorization-server/t1"
    );
    for (name, value, expected) in [
        ("issuer", json!("https://issuer.example/t1/"), MetadataError::Issuer),
        ("issuer", json!("https://issuer.example"), MetadataError::Issuer),
        ("issuer", Value::Null, MetadataError::Issuer),
        ("token_endpoint", Value::Null, MetadataError::Form),
        ("token_endpoint", json!(7), MetadataError::Form),
        (
            "token_endpoint",
            json!("http://issuer.example/token"),
            MetadataError::Endpoint("token_endpoint", UrlError::Transport),
        ),
        (
            "authorization_endpoint",
            json!("javascript:alert(1)"),
            MetadataError::Endpoint("authorization_endpoint", UrlError::Form),
        ),
        (
            "pushed_authorization_request_endpoint",
            json!("https://u@h"),
            MetadataError::Endpoint("pushed_authorization_request_endpoint", UrlError::Form),
        ),
        (
            "challenge_endpoint",
            json!("/challenge"),
            MetadataError::Endpoint("challenge_endpoint", UrlError::Form),
        ),
        ("code_challenge_methods_supported", json!(["plain"]), MetadataError::Pkce),
        ("grant_types_supported", json!("authorization_code"), MetadataError::Form),
        ("grant_types_supported", json!([1]), MetadataError::Form),
        ("authorization_response_iss_parameter_supported", json!("true"), MetadataError::Form),
    ] {
        assert_eq!(parse(&changed(&good, name, value.clone())), Err(expected), "{name}: {value}");
    }
    let twice = format!("{{\"issuer\":\"{ISSUER}\",{}", &good.to_string()[1..]);
    let issuer = IssuerId::parse(ISSUER, Transport::Https).unwrap();
    assert_eq!(ServerMetadata::parse(twice.as_bytes(), &issuer, Transport::Https), Err(MetadataError::Form));
    assert_eq!(
        ServerMetadata::parse(&vec![b' '; 300 << 10], &issuer, Transport::Https),
        Err(MetadataError::Form)
    );
    let silent =
        parse(&changed(&good, "pre-authorized_grant_anonymous_access_supported", Value::Null)).unwrap();
    assert!(!silent.allows_anonymous, "the default is no");
}

/// RFC 7636 appendix B.
#[test]
fn the_code_challenge_is_that_of_rfc_7636() {
    let pkce = Pkce::from_verifier(Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()));
    assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let mut world = World::new();
    assert_eq!(world.pkce().verifier().len(), 43);
    // RFC 9449 §7.1: `ath` of its access token.
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(to_base64url(&sha256(token.as_bytes())), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

#[test]
fn a_redirect_that_is_not_the_answer_is_refused() {
    let server = World::new().metadata;
    let read = |query: &str| read_redirect(query, "st-1", &server).map(|code| code.expose().clone());
    let iss = "iss=https%3A%2F%2Fissuer.example%2Ft1";
    assert_eq!(read(&format!("code=c&state=st-1&{iss}")), Ok("c".to_owned()));
    for (query, expected) in [
        (format!("code=c&state=st-2&{iss}"), RedirectError::State),
        (format!("code=c&{iss}"), RedirectError::State),
        ("code=c&state=st-1".to_owned(), RedirectError::Issuer),
        ("code=c&state=st-1&iss=https%3A%2F%2Fissuer.example".to_owned(), RedirectError::Issuer),
        (format!("state=st-1&{iss}"), RedirectError::Form),
        (format!("code=c&code=d&state=st-1&{iss}"), RedirectError::Form),
    ] {
        assert_eq!(read(&query), Err(expected), "{query}");
    }
    let declined = read(&format!("error=access_denied&state=st-1&{iss}")).unwrap_err();
    assert_eq!((declined.to_string(), declined.code()), ("declined: access_denied".to_owned(), "OAU-36"));
}

fn answer(status: u16, body: &Value) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.to_string().into_bytes()).unwrap()
}

#[test]
fn a_nonce_is_asked_for_once_in_a_row() {
    let world = World::new();
    let key = dpop_key();
    let mut wallet = Client::new(&world.metadata, public(), Some(&key));
    let mut ask =
        |error: &str| wallet.read_tokens(&answer(400, &json!({"error": error})), world.now).unwrap_err();
    // Once for either, whichever comes first; then it is a refusal.
    assert_eq!(ask("use_dpop_nonce"), ReplyError::Again);
    assert_eq!(ask("use_attestation_challenge"), ReplyError::Again);
    let refused = ask("use_dpop_nonce");
    assert_eq!(refused.code(), "OAU-37");
    assert!(matches!(refused, ReplyError::Refused { .. }));
    // Another request begins anew.
    assert_eq!(ask("use_dpop_nonce"), ReplyError::Again);
    assert!(matches!(ask("invalid_grant"), ReplyError::Refused { .. }));
    assert_eq!(ask("use_dpop_nonce"), ReplyError::Again);
}

#[test]
fn an_answer_that_is_none_is_refused() {
    let world = World::new();
    let key = dpop_key();
    let good = json!({"access_token": "a", "token_type": "DPoP", "expires_in": 60});
    let read = |status, body: &Value, key| {
        let mut wallet = Client::new(&world.metadata, public(), key);
        wallet.read_tokens(&answer(status, body), world.now)
    };
    assert_eq!(
        read(200, &good, Some(&key)).unwrap().expires,
        Some(world.now.plus(std::time::Duration::from_mins(1)))
    );
    for (name, value) in [
        ("access_token", Value::Null),
        ("access_token", json!("")),
        ("token_type", Value::Null),
        ("expires_in", json!("60")),
        ("refresh_token", json!(1)),
        ("authorization_details", json!({})),
        (
            "authorization_details",
            json!([{"type": "openid_credential", "credential_configuration_id": "pid"}]),
        ),
        (
            "authorization_details",
            json!([{"type": "openid_credential", "credential_configuration_id": "pid", "credential_identifiers": []}]),
        ),
    ] {
        let refused = read(200, &changed(&good, name, value.clone()), Some(&key)).unwrap_err();
        assert_eq!(refused, ReplyError::Form, "{name}: {value}");
    }
    let bearer = changed(&good, "token_type", json!("Bearer"));
    assert_eq!(read(200, &bearer, Some(&key)).unwrap_err().code(), "OAU-39", "downgraded");
    assert!(!read(200, &bearer, None).unwrap().is_bound);
    assert_eq!(read(200, &good, None).unwrap_err(), ReplyError::TokenType);
    assert_eq!(
        read(200, &changed(&good, "token_type", json!("N_A")), None).unwrap_err(),
        ReplyError::TokenType
    );
    assert_eq!(read(400, &json!({}), None).unwrap_err(), ReplyError::Form);
    let refused = read(400, &json!({"error": "invalid_grant", "error_description": "\u{ac00}\"x\""}), None)
        .unwrap_err();
    let ReplyError::Refused { error, detail } = refused else { panic!("{refused:?}") };
    assert_eq!((error.as_str(), detail.as_str()), ("invalid_grant", "''x'"));
}

fn own(access: &str) -> Tokens {
    let access = Secret::new(access.to_owned());
    Tokens { access, is_bound: false, expires: None, refresh: None, details: Vec::new() }
}

#[test]
fn what_no_header_can_carry_is_not_sent() {
    let mut world = World::new();
    let wallet = Client::new(&world.metadata, public(), None);
    let mut authorize =
        |access| wallet.authorize((&Method::POST, CREDENTIAL), &own(access), world.now, &mut world.entropy);
    assert_eq!(authorize("abc").unwrap()["Authorization"], "Bearer abc");
    assert_eq!(authorize("abc\r\nX-Admin: 1").unwrap_err().code(), "OAU-40");
}

#[test]
fn an_attestation_is_sent_to_its_own_server_only() {
    let mut world = World::new();
    let (key, text) = (crate::world::instance_key(), crate::attestation::attestation(world.now));
    let other = IssuerId::parse("https://issuer.example/t2", Transport::Https).unwrap();
    let own = world.metadata.issuer.clone();
    let mut push = |server: &IssuerId| {
        let attestation = WalletAttestation { text: &text, server };
        let identity = Identity::Attested { client_id: "attested", attestation, key: &key };
        let wallet = Client::new(&world.metadata, identity, None);
        let pkce = Pkce::generate(&mut world.entropy);
        wallet.push(&crate::world::order(), &pkce, world.now, &mut world.entropy).map(drop)
    };
    assert!(push(&own).is_ok());
    assert_eq!(push(&other).unwrap_err().code(), "VCI-WAT-02");
}
