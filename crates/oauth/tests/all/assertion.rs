//! `private_key_jwt` [RFC 7523].

use crate::world::{
    ISSUER, World, body, changed, confidential_key, fresh, instance_key, proof, public, refusal, rule, token,
};
use http::Response;
use serde_json::{Value, json};
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{
    ASSERTION_TYPE, PRE_AUTHORIZED_GRANT,
    client::{Client, Identity, Redeem},
};

fn claims(world: &mut World) -> Value {
    json!({
        "iss": "confidential", "sub": "confidential", "aud": ISSUER, "exp": world.now.unix() + 60,
        "jti": fresh(&mut world.entropy).to_string(),
    })
}

fn send(world: &mut World, assertion: &str, more: &[(&str, &str)]) -> Response<Vec<u8>> {
    let (code, dpop) = (world.offer(None), proof("token", world.now, fresh(&mut world.entropy)));
    let fixed = [
        ("grant_type", PRE_AUTHORIZED_GRANT),
        ("pre-authorized_code", code.as_str()),
        ("client_assertion", assertion),
        ("client_assertion_type", ASSERTION_TYPE),
    ];
    let fields: Vec<_> =
        fixed.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name)).collect();
    let fields: Vec<_> = fields.into_iter().chain(more.iter().copied()).collect();
    world.form("token", &fields, &[("DPoP", &dpop)])
}

#[test]
fn a_client_that_signs_for_itself_is_let_in_once_per_assertion() {
    let mut world = World::without_nonces();
    let (code, metadata, key) = (world.offer(None), world.metadata.clone(), confidential_key());
    let dpop = crate::world::dpop_key();
    let identity = Identity::PrivateKeyJwt { client_id: "confidential", key: (&key, Some("k1")) };
    let mut client = Client::new(&metadata, identity, Some(&dpop));
    let tokens = world.redeem(&mut client, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    assert_eq!(world.call(&client, &tokens).unwrap().client.as_deref(), Some("confidential"));

    for typ in [Typ::ABSENT, Typ::JWT, Typ::CLIENT_AUTHENTICATION] {
        let assertion = token(typ, KeyHint::None, &claims(&mut world), &confidential_key());
        body(&send(&mut world, &assertion, &[("client_id", "confidential")]));
        assert_eq!(rule(&send(&mut world, &assertion, &[])), "OAU-22");
    }
}

#[test]
fn an_assertion_that_breaks_a_rule_is_refused() {
    let mut world = World::without_nonces();
    let now = world.now.unix();
    for (name, value, expected) in [
        ("iss", json!("nobody"), "OAU-14"),
        ("iss", json!("wallet"), "OAU-15"),
        ("iss", Value::Null, "OAU-18"),
        ("sub", json!("other"), "OAU-18"),
        ("sub", Value::Null, "OAU-18"),
        ("aud", json!("https://issuer.example"), "OAU-19"),
        ("aud", json!(format!("{ISSUER}/")), "OAU-19"),
        ("aud", json!([ISSUER, "https://other.example"]), "OAU-19"),
        ("aud", json!({"url": ISSUER}), "OAU-19"),
        ("aud", Value::Null, "OAU-19"),
        ("exp", json!(now - 61), "OAU-20"),
        ("exp", json!(now + 10 * 60 + 121), "OAU-20"),
        ("exp", Value::Null, "OAU-20"),
        ("nbf", json!(now + 61), "OAU-20"),
        ("jti", Value::Null, "OAU-21"),
        ("jti", json!("j".repeat(257)), "OAU-21"),
    ] {
        let claims = changed(&claims(&mut world), name, value.clone());
        let assertion = token(Typ::JWT, KeyHint::None, &claims, &confidential_key());
        let answer = send(&mut world, &assertion, &[]);
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), expected), "{name}: {value}");
    }
    let good = claims(&mut world);
    for bad in [
        token(Typ::JWT, KeyHint::None, &good, &instance_key()),
        token(Typ::JWT, KeyHint::Jwk, &good, &confidential_key()),
        token(Typ::DPOP, KeyHint::None, &good, &confidential_key()),
        "e30.e30.e30".to_owned(),
    ] {
        assert_eq!(rule(&send(&mut world, &bad, &[])), "OAU-17", "{bad}");
    }
}

#[test]
fn a_client_authenticates_in_its_one_way() {
    let mut world = World::without_nonces();
    let assertion = token(Typ::JWT, KeyHint::None, &claims(&mut world), &confidential_key());
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    assert_eq!(rule(&send(&mut world, &assertion, &[("client_assertion_type", saml)])), "OAU-15");
    assert_eq!(rule(&send(&mut world, &assertion, &[("client_id", "other")])), "OAU-14");
    assert_eq!(rule(&send(&mut world, &assertion, &[("client_secret", "hunter2")])), "OAU-15");
    let code = world.offer(None);
    let fields =
        [("grant_type", PRE_AUTHORIZED_GRANT), ("pre-authorized_code", &code), ("client_id", "wallet")];
    let answer = world.form("token", &fields, &[("Authorization", "Basic d2FsbGV0OnNlY3JldA==")]);
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), "OAU-15"));
    let both = [("OAuth-Client-Attestation", "x"), ("OAuth-Client-Attestation-PoP", "y")];
    let fields = [
        ("grant_type", PRE_AUTHORIZED_GRANT),
        ("pre-authorized_code", &code),
        ("client_assertion", &assertion),
        ("client_assertion_type", ASSERTION_TYPE),
    ];
    assert_eq!(rule(&world.form("token", &fields, &both)), "OAU-15");
    assert_eq!(public().client_id(), Some("wallet"));
}
