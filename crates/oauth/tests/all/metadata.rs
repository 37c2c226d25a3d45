//! What the server says about itself.

use crate::world::{World, settings};
use http::Request;
use serde_json::{Value, json};
use sinpyo_core::Secret;
use sinpyo_oauth::{
    Anonymous, AuthorizationServer, ServerSettings,
    url::{IssuerId, Transport},
};
use sinpyo_state::MemoryState;
use sinpyo_testkit::TestEntropy;
use std::time::Duration;

/// Regression 9.
#[test]
fn the_document_lies_between_host_and_path() {
    for (issuer, url) in [
        ("https://h.example", "https://h.example/.well-known/oauth-authorization-server"),
        ("https://h.example/", "https://h.example/.well-known/oauth-authorization-server"),
        ("https://h.example/t1", "https://h.example/.well-known/oauth-authorization-server/t1"),
        ("https://h.example:8443/a/b/", "https://h.example:8443/.well-known/oauth-authorization-server/a/b"),
    ] {
        let issuer = IssuerId::parse(issuer, Transport::Https).unwrap();
        assert_eq!(issuer.well_known("oauth-authorization-server"), url);
        let settings = ServerSettings::new(issuer.clone(), &Secret::new([1; 32]));
        let state = MemoryState::new();
        let server = AuthorizationServer { settings: &settings, state: &state };
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let get = |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).header("Host", "evil.example");
            server.answer(&request.body(()).unwrap().into_parts().0, b"", now, &mut TestEntropy::new(1))
        };
        let path = &url[issuer.origin().len()..];
        let answer = get("GET", path).unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["Content-Type"].to_str().unwrap()),
            (200, "application/json")
        );
        let document: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(document["issuer"], issuer.as_str());
        assert_eq!(document["token_endpoint"], issuer.endpoint("token"));
        assert_eq!(get("POST", path).unwrap().status(), 405);
        for other in
            ["/t2/token", "/.well-known/oauth-authorization-server/t2", "/token/x", "/", "/authorize"]
        {
            assert!(get("GET", other).is_none(), "{other}");
        }
        let token = &issuer.endpoint("token")[issuer.origin().len()..];
        assert_eq!(get("GET", token).unwrap().status(), 405);
        assert_eq!(get("GET", token).unwrap().headers()["Allow"], "POST");
    }
}

#[test]
fn the_document_promises_what_haip_requires() {
    let mut settings = settings();
    let told = |settings: &ServerSettings| {
        let state = MemoryState::new();
        AuthorizationServer { settings, state: &state }.metadata()
    };
    let document = told(&settings);
    for (name, value) in [
        ("require_pushed_authorization_requests", json!(true)),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("response_types_supported", json!(["code"])),
        ("scopes_supported", json!(["driving", "identity"])),
        ("dpop_signing_alg_values_supported", json!(["ES256", "ES384", "EdDSA"])),
        (
            "token_endpoint_auth_methods_supported",
            json!(["attest_jwt_client_auth", "private_key_jwt", "none"]),
        ),
        ("pre-authorized_grant_anonymous_access_supported", json!(false)),
        ("authorization_details_types_supported", json!(["openid_credential"])),
    ] {
        assert_eq!(document[name], value, "{name}");
    }
    assert_eq!(document["grant_types_supported"].as_array().unwrap().len(), 2);
    settings.anonymous = Anonymous::Allowed;
    settings.lifetimes.refresh = Some(Duration::from_hours(1));
    let document = told(&settings);
    assert_eq!(document["pre-authorized_grant_anonymous_access_supported"], true);
    assert_eq!(document["grant_types_supported"][2], "refresh_token");
}

#[test]
fn an_unfitting_settings_value_counts_as_its_limit() {
    let mut settings = settings();
    settings.lifetimes.pushed = Duration::from_hours(1);
    let mut world = World::with(settings);
    let fields = [
        ("response_type", "code"),
        ("client_id", "wallet"),
        ("redirect_uri", "https://wallet.example/cb"),
        ("scope", "identity"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(crate::world::body(&world.form("par", &fields, &[]))["expires_in"], 90);
}
