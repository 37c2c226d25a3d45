//! Pushed requests [VCI-AUT].

use crate::world::{ISSUER, World, body, dpop_key, proof, refusal, rule, settings, token};
use http::Response;
use serde_json::json;
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{BeginError, Locations, RedirectUri, form::encode};
use std::time::Duration;

/// RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const GOOD: [(&str, &str); 7] = [
    ("response_type", "code"),
    ("client_id", "wallet"),
    ("redirect_uri", "https://wallet.example/cb"),
    ("scope", "identity unheard-of"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
    ("state", "st"),
];

/// The good request, with one field changed, added or (if empty) left out.
fn push(world: &mut World, name: &str, value: &str) -> Response<Vec<u8>> {
    let mut fields: Vec<_> = GOOD.into_iter().filter(|(known, _)| *known != name).collect();
    if !value.is_empty() {
        fields.push((name, value));
    }
    world.form("par", &fields, &[])
}

fn begun(world: &mut World, answer: &Response<Vec<u8>>) -> Vec<String> {
    let body = body(answer);
    let query = encode([("client_id", "wallet"), ("request_uri", body["request_uri"].as_str().unwrap())]);
    let server = sinpyo_oauth::AuthorizationServer { settings: &world.settings, state: &world.state };
    server.begin(&query, world.now, &mut world.entropy).unwrap().configurations
}

#[test]
fn a_good_request_is_kept_for_ninety_seconds_and_begins_once() {
    let mut world = World::new();
    let answer = push(&mut world, "", "");
    assert_eq!(answer.status(), 201);
    assert_eq!(body(&answer)["expires_in"], 90);
    let uri = body(&answer)["request_uri"].as_str().unwrap().to_owned();
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && uri.len() >= 34 + 43);

    let begin = |world: &mut World, client, uri: &str| {
        let query = encode([
            ("client_id", client),
            ("request_uri", uri),
            ("scope", "driving"),
            ("redirect_uri", "https://evil.example"),
        ]);
        let server = sinpyo_oauth::AuthorizationServer { settings: &world.settings, state: &world.state };
        server.begin(&query, world.now, &mut world.entropy)
    };
    assert_eq!(begin(&mut world, "other", &uri).unwrap_err(), BeginError::Unknown);
    let interaction = begin(&mut world, "wallet", &uri).unwrap();
    assert_eq!(interaction.configurations, ["pid"], "the front channel changes nothing");
    let target = world.server().deny(&interaction.id, world.now).unwrap();
    assert!(target.starts_with("https://wallet.example/cb?error=access_denied&state=st&iss="), "{target}");
    assert_eq!(begin(&mut world, "wallet", &uri).unwrap_err().code(), "VCI-AUT-05");

    let uri = body(&push(&mut world, "", ""))["request_uri"].as_str().unwrap().to_owned();
    world.pass(Duration::from_secs(90));
    assert_eq!(begin(&mut world, "wallet", &uri).unwrap_err(), BeginError::Unknown);
}

#[test]
fn a_request_that_was_not_pushed_is_refused() {
    let mut world = World::new();
    let query = encode(GOOD);
    let server = sinpyo_oauth::AuthorizationServer { settings: &world.settings, state: &world.state };
    let refused = server.begin(&query, world.now, &mut world.entropy).unwrap_err();
    assert_eq!((refused, refused.code()), (BeginError::NotPushed, "VCI-AUT-04b"));
}

#[test]
fn code_challenges_are_s256() {
    let mut world = World::new();
    for (name, value) in [
        ("code_challenge", ""),
        ("code_challenge_method", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge", "short"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="),
    ] {
        let answer = push(&mut world, name, value);
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned(), "VCI-AUT-04a"), "{name}={value}");
    }
}

#[test]
fn a_client_authenticates_to_push() {
    let mut world = World::new();
    assert_eq!(
        refusal(&push(&mut world, "client_id", "")),
        (401, "invalid_client".to_owned(), "VCI-TOK-02e")
    );
    assert_eq!(rule(&push(&mut world, "client_id", "nobody")), "OAU-14");
    for client in ["attested", "confidential"] {
        let answer = push(&mut world, "client_id", client);
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), "OAU-15"), "{client} proves nothing");
    }
    assert_eq!(rule(&push(&mut world, "client_secret", "hunter2")), "OAU-15");
}

#[test]
fn a_redirect_uri_is_one_that_is_registered() {
    let mut settings = settings();
    let wallet = settings.clients.get_mut("wallet").unwrap();
    wallet.redirects.push(RedirectUri::Loopback("http://127.0.0.1/cb".to_owned()));
    wallet.redirects.push(RedirectUri::Exact("http://localhost:4000/cb".to_owned()));
    wallet.redirects.push(RedirectUri::Exact("app.wallet:/cb".to_owned()));
    let mut world = World::with(settings);
    for good in [
        "https://wallet.example/cb2?tab=1",
        "http://127.0.0.1:51004/cb",
        "http://127.0.0.1/cb",
        "http://localhost:4000/cb",
        "app.wallet:/cb",
    ] {
        assert_eq!(push(&mut world, "redirect_uri", good).status(), 201, "{good}");
    }
    for bad in [
        "https://wallet.example/cb/",
        "https://wallet.example/cb?x=1",
        "https://wallet.example/CB",
        "https://wallet.example.evil/cb",
        "http://wallet.example/cb",
        "http://localhost:4001/cb",
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004@evil.example/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1.evil.example/cb",
        "https://127.0.0.1:51004/cb",
        "javascript:alert(1)",
    ] {
        let answer = push(&mut world, "redirect_uri", bad);
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned(), "VCI-AUT-06f"), "{bad}");
    }
}

#[test]
fn unknown_scopes_are_passed_over_and_nothing_known_is_refused() {
    let mut world = World::new();
    let answer = push(&mut world, "scope", "openid driving identity offline_access");
    assert_eq!(begun(&mut world, &answer), ["mdl", "pid"]);
    let answer = push(&mut world, "scope", "openid Identity");
    assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned(), "VCI-AUT-03"));
    assert_eq!(rule(&push(&mut world, "scope", "")), "OAU-09");
}

#[test]
fn authorization_details_name_configurations_of_this_issuer() {
    let mut world = World::new();
    let entry = json!({"type": "openid_credential", "credential_configuration_id": "plain", "claims": [], "x": {"y": 1}});
    let details = json!([entry, entry]).to_string();
    let answer = push(&mut world, "authorization_details", &details);
    assert_eq!(begun(&mut world, &answer), ["plain", "pid"], "once each, and the scope's");

    for (bad, code) in [
        ("{}".to_owned(), "VCI-AUT-01"),
        ("[]".to_owned(), "VCI-AUT-01"),
        ("[".to_owned(), "VCI-AUT-01"),
        (json!([{"type": "payment", "credential_configuration_id": "pid"}]).to_string(), "VCI-AUT-01"),
        (json!([{"type": "openid_credential"}]).to_string(), "VCI-AUT-01"),
        (json!([{"type": "openid_credential", "credential_configuration_id": "nobody"}]).to_string(), "VCI-AUT-01"),
        (r#"[{"type":"openid_credential","type":"openid_credential","credential_configuration_id":"pid"}]"#.to_owned(), "VCI-AUT-01"),
    ] {
        let answer = push(&mut world, "authorization_details", &bad);
        assert_eq!(refusal(&answer), (400, "invalid_authorization_details".to_owned(), code), "{bad}");
    }
}

/// An entry of `authorization_details` with these locations.
fn details(locations: Option<serde_json::Value>) -> String {
    let mut entry = json!({"type": "openid_credential", "credential_configuration_id": "pid"});
    if let Some(locations) = locations {
        entry["locations"] = locations;
    }
    json!([entry]).to_string()
}

#[test]
fn locations_that_name_the_credential_issuer_are_taken() {
    let mut world = World::new();
    let here = details(Some(json!([ISSUER])));
    for text in [&details(None), &here] {
        assert_eq!(push(&mut world, "authorization_details", text).status(), 201, "{text}");
    }
    world.settings.locations = Locations::Required;
    assert_eq!(push(&mut world, "authorization_details", &here).status(), 201);
}

#[test]
fn locations_elsewhere_and_none_where_they_must_be_are_refused() {
    let mut world = World::new();
    let refused = (400, "invalid_authorization_details".to_owned(), "VCI-AUT-02");
    for elsewhere in [json!(["https://issuer.example/t2"]), json!([])] {
        let answer = push(&mut world, "authorization_details", &details(Some(elsewhere)));
        assert_eq!(refusal(&answer), refused);
    }
    // No list at all.
    assert_eq!(push(&mut world, "authorization_details", &details(Some(json!(ISSUER)))).status(), 400);
    world.settings.locations = Locations::Required;
    assert_eq!(refusal(&push(&mut world, "authorization_details", &details(None))), refused);
}

#[test]
fn a_pushed_request_is_plain_and_of_sound_size() {
    let mut world = World::new();
    assert_eq!(rule(&push(&mut world, "request", "e30.e30.")), "OAU-12");
    assert_eq!(rule(&push(&mut world, "request_uri", "urn:x")), "OAU-12");
    assert_eq!(
        refusal(&push(&mut world, "response_type", "token")),
        (400, "unsupported_response_type".to_owned(), "OAU-11")
    );
    assert_eq!(rule(&push(&mut world, "state", &"s".repeat(2049))), "OAU-13");
    assert_eq!(rule(&push(&mut world, "issuer_state", &"s".repeat(2049))), "OAU-13");
    assert_eq!(push(&mut world, "issuer_state", &"s".repeat(2048)).status(), 201);
}

#[test]
fn the_key_of_a_pushed_request_is_that_of_its_proof() {
    let mut world = World::without_nonces();
    let jkt = sinpyo_core::encoding::to_base64url(&sinpyo_jose::key_thumbprint(dpop_key().verifying_key()));
    let other = sinpyo_core::encoding::to_base64url(&[1; 32]);
    let mut send = |dpop_jkt: &str, proof: &str| {
        let fields: Vec<_> = GOOD.into_iter().chain([("dpop_jkt", dpop_jkt)]).collect();
        world.form("par", &fields, &[("DPoP", proof)])
    };
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    assert_eq!(send(&jkt, &proof("par", now, 1)).status(), 201);
    assert_eq!(rule(&send(&other, &proof("par", now, 2))), "VCI-TOK-07i");
    assert_eq!(rule(&send("short", &proof("par", now, 3))), "VCI-TOK-07i");
    assert_eq!(rule(&send(&jkt, &proof("token", now, 4))), "VCI-TOK-07d");
    assert_eq!(rule(&send(&jkt, &proof("par", now, 1))), "VCI-TOK-07g");
    assert_eq!(rule(&send(&jkt, &token(Typ::JWT, KeyHint::Jwk, &json!({}), &dpop_key()))), "VCI-TOK-07b");
}
