use crate::world::{BASE, World, signer};
use http::{Request, header};
use serde_json::{Value, json};
use sinpyo_core::encoding::{from_base64url, to_base64url};
use sinpyo_core::key::Signer;
use sinpyo_crypto::KeySigner;
use sinpyo_testkit::TestEntropy;
use sinpyo_vcapi::{Limiter, Scope};
use std::time::Duration;

const VERIFY: &str = "/credentials/verify";

fn challenge(world: &World, path: &str) -> (u16, String) {
    let request = Request::builder().method("POST").uri(path).header("content-type", "application/json");
    let answer = world.ask(request.body(b"{}".to_vec()).unwrap());
    let value =
        answer.headers().get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), value.unwrap_or_default())
}

#[test]
fn without_a_token_nothing_is_issued_or_verified() {
    let world = World::production();
    world.carry(None);
    for path in [
        "/issuers/status/credentials/issue",
        VERIFY,
        "/presentations/verify",
        "/credentials/derive",
        "/presentations",
        "/credentials/status",
        "/status-lists",
    ] {
        // No error code where no token was sent [RFC 6750 §3.1].
        assert_eq!(challenge(&world, path), (401, "Bearer realm=\"sinpyo\"".into()), "{path}");
    }
    assert_eq!(world.get("/instances").0, 401);
    for open in ["/openapi.json", "/1.0/identifiers/did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"]
    {
        assert_eq!(world.get(open).0, 200, "{open}");
    }
    assert_eq!(world.get("/status-lists/status/0/revocation").0, 200, "lists are for everybody");
}

#[test]
fn a_token_that_is_not_ours_or_over_is_refused() {
    let mut world = World::production();
    let good = world.token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let mut bytes = from_base64url(signature).unwrap();
    bytes[0] ^= 1;
    let flipped = format!("{input}.{}", to_base64url(&bytes));
    let unsigned = format!("{}.{}.", to_base64url(b"{\"alg\":\"none\"}"), input.split_once('.').unwrap().1);
    let mut entropy = TestEntropy::new(5);
    let other = sinpyo_vcapi::Access::new(signer("did:web:api.example#key", &mut entropy));
    let scopes = Scope::ALL.into_iter().collect();
    let foreign = other.grant("x", &scopes, Duration::from_mins(5), world.now, &mut entropy).unwrap();
    for token in ["", "x", "a.b.c", &flipped, &unsigned, &foreign, &good[1..]] {
        world.carry(Some(token));
        let (status, challenge) = challenge(&world, VERIFY);
        assert_eq!(status, 401, "{token}");
        assert!(challenge.contains("error=\"invalid_token\""), "{token}");
    }
    world.carry(Some(&good));
    assert_eq!(challenge(&world, VERIFY).0, 400);
    world.now = world.now.plus(Duration::from_mins(15));
    assert_eq!(challenge(&world, VERIFY).0, 401, "a token lives for fifteen minutes");
}

#[test]
fn a_token_permits_its_scopes_only() {
    let world = World::production();
    world.permit(&[Scope::Verify]);
    assert_eq!(challenge(&world, VERIFY).0, 400);
    let (status, challenge) = challenge(&world, "/issuers/status/credentials/issue");
    assert_eq!(status, 403);
    assert!(challenge.contains("error=\"insufficient_scope\", scope=\"issue\""));
}

#[test]
fn a_caller_who_asks_too_often_waits() {
    let world = World::production();
    *world.memory.limiter.borrow_mut() = Some(Limiter::new(3));
    for _ in 0..3 {
        assert_eq!(world.get("/openapi.json").0, 200);
    }
    let request = Request::builder().uri("/openapi.json").body(Vec::new()).unwrap();
    let answer = world.ask(request);
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(challenge(&world, VERIFY).0, 400, "another caller: the client with the token");
}

fn assertion(client: &KeySigner, claims: &Value) -> String {
    let part = |value: Value| to_base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", part(json!({"alg": "ES256", "typ": "JWT"})), part(claims.clone()));
    format!("{input}.{}", to_base64url(&client.sign(input.as_bytes()).unwrap()))
}

fn ask_token(world: &World, assertion: &str, more: &str) -> (u16, Value) {
    let body = format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type\
         %3Ajwt-bearer&client_assertion={assertion}{more}"
    );
    let request = Request::builder().method("POST").uri("/oauth/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = world.ask(request.body(body.into_bytes()).unwrap());
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

#[test]
fn a_registered_client_gets_a_token_for_an_assertion_used_once() {
    let world = World::production();
    world.carry(None);
    let client = signer("did:example:client#key", &mut TestEntropy::new(9));
    world.memory.clients.borrow_mut().insert("office".into(), client.key().verifying_key().to_jwk());
    let now = world.now.unix();
    let claims = |id: &str| json!({"iss": "office", "sub": "office", "aud": format!("{BASE}/oauth/token"), "jti": id, "exp": now + 60});
    let first = assertion(&client, &claims("1"));
    let (status, answer) = ask_token(&world, &first, "&scope=verify");
    assert_eq!((status, &answer["token_type"], &answer["scope"]), (200, &json!("Bearer"), &json!("verify")));
    world.carry(answer["access_token"].as_str());
    assert_eq!(challenge(&world, VERIFY).0, 400);
    assert_eq!(challenge(&world, "/issuers/status/credentials/issue").0, 403);
    world.carry(None);
    let (status, answer) = ask_token(&world, &first, "");
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")), "the same assertion again");
    assert_eq!(ask_token(&world, &assertion(&client, &claims("2")), "&scope=everything").0, 400);
    let stranger = signer("did:example:client#key", &mut TestEntropy::new(10));
    assert_eq!(ask_token(&world, &assertion(&stranger, &claims("3")), "").0, 401);
    for (name, value) in [
        ("iss", json!("nobody")),
        ("sub", json!("other")),
        ("aud", json!("https://elsewhere.example")),
        // Two minutes are allowed for clocks that differ.
        ("exp", json!(now - 121)),
        ("exp", json!(now + 3600)),
        ("exp", json!("soon")),
        ("jti", json!("")),
    ] {
        let mut bad = claims("4");
        bad[name] = value.clone();
        let (status, answer) = ask_token(&world, &assertion(&client, &bad), "");
        assert_eq!((status, &answer["rule"]), (401, &json!("VCA-22")), "{name} {value}");
    }
    assert_eq!(ask_token(&world, "x", "").0, 401);
    assert_eq!(ask_token(&world, &assertion(&client, &claims("5")), "&grant_type=password").0, 400);
}
