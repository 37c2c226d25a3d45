//! Proofs of possession [VCI-TOK-07].

use crate::world::{CREDENTIAL, ISSUER, World, body, changed, dpop_key, public, refusal, rule, token};
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_core::{Secret, encoding::to_base64url, time::Timestamp};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{
    AuthorizationServer, DpopNonces, PRE_AUTHORIZED_GRANT, ServerSettings,
    client::{Client, Redeem, Tokens},
    url::{IssuerId, Transport},
};
use sinpyo_state::MemoryState;
use sinpyo_testkit::{TestEntropy, key};
use std::time::Duration;

fn claims(now: Timestamp) -> Value {
    json!({"htm": "POST", "htu": format!("{ISSUER}/token"), "iat": now.unix(), "jti": "j-1"})
}

fn signed(claims: &Value) -> String {
    token(Typ::DPOP, KeyHint::Jwk, claims, &dpop_key())
}

fn send(world: &mut World, code: &str, proofs: &[&str]) -> Response<Vec<u8>> {
    let fields =
        [("grant_type", PRE_AUTHORIZED_GRANT), ("client_id", "wallet"), ("pre-authorized_code", code)];
    let headers: Vec<_> = proofs.iter().map(|proof| ("DPoP", *proof)).collect();
    world.form("token", &fields, &headers)
}

/// VCI-16 of the catalogue of attacks.
#[test]
fn a_proof_that_breaks_a_rule_is_refused() {
    let mut world = World::without_nonces();
    let (code, good) = (world.offer(None), claims(world.now));
    let at = |seconds: i64| json!(world.now.unix() + seconds);
    let edits = [
        ("htm", json!("GET"), "VCI-TOK-07c"),
        ("htm", json!("post"), "VCI-TOK-07c"),
        ("htm", Value::Null, "VCI-TOK-07c"),
        ("htu", json!("https://issuer.example/t2/token"), "VCI-TOK-07d"),
        ("htu", json!("https://issuer.example/t1/token/"), "VCI-TOK-07d"),
        ("htu", json!("http://issuer.example/t1/token"), "VCI-TOK-07d"),
        ("htu", json!("https://issuer.example:8443/t1/token"), "VCI-TOK-07d"),
        ("htu", json!("https://issuer.example.evil/t1/token"), "VCI-TOK-07d"),
        ("htu", json!(["https://issuer.example/t1/token"]), "VCI-TOK-07d"),
        ("htu", Value::Null, "VCI-TOK-07d"),
        ("iat", at(-181), "VCI-TOK-07e"),
        ("iat", at(61), "VCI-TOK-07e"),
        ("iat", json!("now"), "VCI-TOK-07e"),
        ("iat", Value::Null, "VCI-TOK-07e"),
        ("jti", json!(""), "VCI-TOK-07f"),
        ("jti", json!(7), "VCI-TOK-07f"),
        ("jti", Value::Null, "VCI-TOK-07f"),
        ("jti", json!("j".repeat(257)), "VCI-TOK-07f"),
    ];
    for (name, value, expected) in edits {
        let answer = send(&mut world, &code, &[&signed(&changed(&good, name, value.clone()))]);
        assert_eq!(refusal(&answer), (400, "invalid_dpop_proof".to_owned(), expected), "{name}: {value}");
    }
    let proof = signed(&good);
    let flipped = {
        let (start, signature) = proof.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { "B" } else { "A" };
        format!("{start}.{first}{}", &signature[1..])
    };
    let foreign = token(Typ::JWT, KeyHint::Jwk, &good, &dpop_key());
    let keyless = token(Typ::DPOP, KeyHint::None, &good, &dpop_key());
    let named = token(Typ::DPOP, KeyHint::Kid("did:x:y#z"), &good, &dpop_key());
    let slow = token(Typ::DPOP, KeyHint::Jwk, &good, &key(Algorithm::MlDsa44, 1));
    for bad in [flipped.as_str(), &foreign, &keyless, &named, &slow, "e30.e30.", &proof[..40], ""] {
        assert_eq!(rule(&send(&mut world, &code, &[bad])), "VCI-TOK-07b", "{bad}");
    }
    assert_eq!(rule(&send(&mut world, &code, &[])), "VCI-TOK-07a");
    assert_eq!(rule(&send(&mut world, &code, &[&proof, &proof])), "VCI-TOK-07a");
    // The code and the proof are as good as before.
    body(&send(&mut world, &code, &[&proof]));
}

#[test]
fn the_address_is_compared_without_query_and_in_normal_form() {
    let mut world = World::without_nonces();
    for htu in [
        "https://issuer.example/t1/token?x=1",
        "https://issuer.example/t1/token#f",
        "HTTPS://Issuer.EXAMPLE:443/t1/token",
    ] {
        let code = world.offer(None);
        let claims = changed(&changed(&claims(world.now), "htu", json!(htu)), "jti", json!(htu));
        assert_eq!(send(&mut world, &code, &[&signed(&claims)]).status(), 200, "{htu}");
    }
}

#[test]
fn a_proof_is_used_once() {
    let mut world = World::without_nonces();
    let (first, second, proof) = (world.offer(None), world.offer(None), signed(&claims(world.now)));
    body(&send(&mut world, &first, &[&proof]));
    assert_eq!(rule(&send(&mut world, &second, &[&proof])), "VCI-TOK-07g");
    // To the last second in which its time would let it pass.
    world.pass(Duration::from_mins(3));
    assert_eq!(rule(&send(&mut world, &second, &[&proof])), "VCI-TOK-07g");
    // The same name by another key is another proof.
    let renewed = changed(&claims(world.now), "jti", json!("j-1"));
    let other = token(Typ::DPOP, KeyHint::Jwk, &renewed, &key(Algorithm::Ed25519, 3));
    body(&send(&mut world, &second, &[&other]));
}

#[test]
fn the_server_demands_its_nonces() {
    let mut world = World::new();
    let (code, good) = (world.offer(None), claims(world.now));
    let answer = send(&mut world, &code, &[&signed(&good)]);
    assert_eq!(refusal(&answer), (400, "use_dpop_nonce".to_owned(), "VCI-TOK-07j"));
    let nonce = answer.headers()["DPoP-Nonce"].to_str().unwrap().to_owned();
    let with = |nonce: &str, now: Timestamp| {
        signed(&changed(&changed(&good, "nonce", json!(nonce)), "iat", json!(now.unix())))
    };
    for bad in ["x", &format!("{nonce}A"), ""] {
        let proof = with(bad, world.now);
        assert_eq!(rule(&send(&mut world, &code, &[&proof])), "VCI-TOK-07j", "{bad}");
    }
    let start = world.now;
    world.pass(Duration::from_mins(5));
    let late = with(&nonce, world.now);
    assert_eq!(rule(&send(&mut world, &code, &[&late])), "VCI-TOK-07j", "too old");
    world.now = start.plus(Duration::from_secs(299));
    let in_time = with(&nonce, world.now);
    let answer = send(&mut world, &code, &[&in_time]);
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("DPoP-Nonce"), "the next one");
}

/// A token and who holds it.
fn tokens(world: &mut World, key: &SigningKey) -> Tokens {
    let (code, metadata) = (world.offer(None), world.metadata.clone());
    let mut wallet = Client::new(&metadata, public(), Some(key));
    world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap()
}

#[test]
fn a_resource_request_proves_the_key_of_its_token() {
    let mut world = World::without_nonces();
    let tokens = tokens(&mut world, &dpop_key());
    let access = tokens.access.expose().clone();
    let digest = |text: &str| to_base64url(&sinpyo_crypto::hash::sha256(text.as_bytes()));
    let good = json!({
        "htm": "POST", "htu": CREDENTIAL, "iat": world.now.unix(), "jti": "r-1", "ath": digest(&access),
    });
    let mut call = |claims: &Value, key: &SigningKey, scheme: &str| {
        let request = Request::post("https://evil.example/t1/credential")
            .header("Host", "evil.example")
            .header("Authorization", format!("{scheme} {access}"))
            .header("DPoP", token(Typ::DPOP, KeyHint::Jwk, claims, key));
        world.admit(request.body(()).unwrap()).map_err(|refused| {
            assert_eq!(refused.response().status(), 401);
            (refused.code(), refused.response().headers()["WWW-Authenticate"].to_str().unwrap().to_owned())
        })
    };
    let dpop = dpop_key();
    for (name, value, expected) in [
        ("ath", Value::Null, "VCI-TOK-07h"),
        ("ath", json!(digest("another")), "VCI-TOK-07h"),
        ("htm", json!("GET"), "VCI-TOK-07c"),
        ("htu", json!("https://evil.example/t1/credential"), "VCI-TOK-07d"),
        ("htu", json!(format!("{ISSUER}/token")), "VCI-TOK-07d"),
        ("jti", Value::Null, "VCI-TOK-07f"),
    ] {
        let (code, challenge) = call(&changed(&good, name, value), &dpop, "DPoP").unwrap_err();
        assert_eq!(code, expected);
        assert!(
            challenge.starts_with("DPoP algs=\"ES256 ES384 EdDSA\", error=\"invalid_dpop_proof\""),
            "{challenge}"
        );
    }
    assert_eq!(call(&good, &key(Algorithm::Es256, 9), "DPoP").unwrap_err().0, "VCI-TOK-07i");
    assert_eq!(call(&good, &dpop, "Bearer").unwrap_err().0, "OAU-28");
    let admitted = call(&good, &dpop, "dpop").unwrap();
    assert_eq!(admitted.changes.len(), 1);
    // What was not committed was not spent; what was, is.
    assert!(call(&good, &dpop, "DPoP").is_ok());
    sinpyo_state::State::commit_owned(&world.state, &admitted.changes).unwrap();
    let again = Request::post(CREDENTIAL)
        .header("Authorization", format!("DPoP {access}"))
        .header("DPoP", token(Typ::DPOP, KeyHint::Jwk, &good, &dpop));
    assert_eq!(world.admit(again.body(()).unwrap()).unwrap_err().code(), "VCI-TOK-07g");
    let without = Request::post(CREDENTIAL).header("Authorization", format!("DPoP {access}"));
    assert_eq!(world.admit(without.body(()).unwrap()).unwrap_err().code(), "VCI-TOK-07a");
}

#[test]
fn the_resource_demands_nonces_too() {
    let mut world = World::new();
    let (code, metadata, key) = (world.offer(None), world.metadata.clone(), dpop_key());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let tokens = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    // A wallet that has learnt nothing.
    let mut forgetful = Client::new(&metadata, public(), Some(&key));
    let refused = world.call(&forgetful, &tokens).unwrap_err();
    let response = refused.response();
    assert_eq!((response.status().as_u16(), refused.code()), (401, "VCI-TOK-07j"));
    assert!(response.headers()["WWW-Authenticate"].to_str().unwrap().contains("error=\"use_dpop_nonce\""));
    forgetful.learn(CREDENTIAL, response.headers());
    assert!(world.call(&forgetful, &tokens).is_ok());
}

/// RFC 9449 §5, figure 4, whose proof was made at 1562262616 for `https://server.example.com/token`.
#[test]
fn the_proof_of_rfc_9449_is_accepted() {
    const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let issuer = IssuerId::parse("https://server.example.com", Transport::Https).unwrap();
    let mut settings = ServerSettings::new(issuer, &Secret::new([1; 32]));
    settings.dpop_nonces = DpopNonces::Offered;
    settings.clients = crate::world::settings().clients;
    let state = MemoryState::new();
    let server = AuthorizationServer { settings: &settings, state: &state };
    let answer = |proof: &str, now: i64| {
        let fields =
            [("grant_type", PRE_AUTHORIZED_GRANT), ("client_id", "wallet"), ("pre-authorized_code", "x")];
        let (parts, body) = crate::world::form("token", &fields, &[("DPoP", proof)]).into_parts();
        let now = Timestamp::from_unix(now).unwrap();
        server.token(&parts.headers, &body, now, &mut TestEntropy::new(1)).unwrap_err().code()
    };
    assert_eq!(answer(PROOF, 1_562_262_616), "VCI-TOK-02d", "only the code is unknown");
    assert_eq!(answer(PROOF, 1_562_262_616 + 181), "VCI-TOK-07e");
    assert_eq!(answer(&PROOF.replace("3Lg", "3Lw"), 1_562_262_616), "VCI-TOK-07b");
}
