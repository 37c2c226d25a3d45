//! Authorization codes [VCI-AUT].

use crate::world::{
    CALLBACK, World, authorization, dpop_key, fresh, order, proof, public, query, refusal, rule, settings,
};
use http::Response;
use serde_json::Value;
use sinpyo_crypto::Algorithm;
use sinpyo_oauth::{
    AuthorizationServer, DecideError, DpopNonces, Naming,
    client::{
        AuthorizationOrder, Client, Identity, Pkce, Redeem, RedirectError, WalletAttestation, read_redirect,
    },
};
use sinpyo_testkit::key;
use std::time::Duration;

/// Redeems with forms, so that each field can be wrong.
fn redeem(world: &mut World, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
    let proof = proof("token", world.now, fresh(&mut world.entropy));
    let fields: Vec<_> =
        [("grant_type", "authorization_code")].into_iter().chain(fields.iter().copied()).collect();
    world.form("token", &fields, &[("DPoP", &proof)])
}

#[test]
fn a_code_buys_tokens_for_what_the_user_agreed_to() {
    let mut world = World::new();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let code = world.code(&mut wallet, &pkce);
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let tokens = world.redeem(&mut wallet, redeem).unwrap();
    let admitted = world.call(&wallet, &tokens).unwrap();
    assert_eq!(admitted.authorization, authorization());
    assert_eq!(admitted.naming, Naming::Configurations);
}

#[test]
fn authorization_details_bring_identifiers() {
    let mut world = World::new();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let details = r#"[{"type":"openid_credential","credential_configuration_id":"pid"}]"#;
    let order = AuthorizationOrder { scope: None, authorization_details: Some(details), ..order() };
    let url = world.begin(&mut wallet, &order, &pkce);
    let server = AuthorizationServer { settings: &world.settings, state: &world.state };
    let interaction = server.begin(query(&url), world.now, &mut world.entropy).unwrap();
    let mut granted = authorization();
    let beyond = server.approve(&interaction.id, &granted, world.now, &mut world.entropy);
    assert_eq!(beyond, Err(DecideError::Beyond), "mdl was not asked for");
    granted.configurations.truncate(1);
    let target = server.approve(&interaction.id, &granted, world.now, &mut world.entropy).unwrap();
    let code = read_redirect(query(&target), "st-1", &world.metadata).unwrap();
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let tokens = world.redeem(&mut wallet, redeem).unwrap();
    assert_eq!(tokens.details[0].configuration_id, "pid");
    assert_eq!(tokens.details[0].identifiers, ["pid-17"]);
    assert_eq!(world.call(&wallet, &tokens).unwrap().naming, Naming::Identifiers);
}

#[test]
fn the_answer_names_the_server_and_keeps_the_query() {
    let mut world = World::new();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let order = AuthorizationOrder {
        redirect_uri: "https://wallet.example/cb2?tab=1",
        state: "a b&c=d",
        issuer_state: Some("row"),
        ..order()
    };
    let url = world.begin(&mut wallet, &order, &pkce);
    let server = AuthorizationServer { settings: &world.settings, state: &world.state };
    let interaction = server.begin(query(&url), world.now, &mut world.entropy).unwrap();
    assert_eq!(interaction.issuer_state.as_deref(), Some("row"));
    assert_eq!(server.interaction(&interaction.id, world.now).unwrap(), Some(interaction.clone()));
    let target = server.approve(&interaction.id, &authorization(), world.now, &mut world.entropy).unwrap();
    let rest = target.strip_prefix("https://wallet.example/cb2?tab=1&code=").unwrap();
    assert!(rest.ends_with("&state=a%20b%26c%3Dd&iss=https%3A%2F%2Fissuer.example%2Ft1"), "{rest}");
    let code = query(&target).strip_prefix("tab=1&").unwrap();
    assert!(read_redirect(code, "a b&c=d", &world.metadata).is_ok());
    assert_eq!(read_redirect(code, "other", &world.metadata).unwrap_err(), RedirectError::State);

    // It was decided.
    let again = server.approve(&interaction.id, &authorization(), world.now, &mut world.entropy);
    assert_eq!(again, Err(DecideError::Unknown));
    assert_eq!(server.deny(&interaction.id, world.now).unwrap_err().code(), "OAU-23");
    assert_eq!(server.interaction(&interaction.id, world.now).unwrap(), None);
}

#[test]
fn a_decision_that_takes_too_long_has_no_effect() {
    let mut world = World::new();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let url = world.begin(&mut wallet, &order(), &pkce);
    let server = AuthorizationServer { settings: &world.settings, state: &world.state };
    let interaction = server.begin(query(&url), world.now, &mut world.entropy).unwrap();
    let late = world.now.plus(Duration::from_mins(15));
    let refused = server.approve(&interaction.id, &authorization(), late, &mut world.entropy);
    assert_eq!(refused.unwrap_err().code(), "OAU-23");
    let mut nothing = authorization();
    nothing.configurations.clear();
    let refused = server.approve(&interaction.id, &nothing, world.now, &mut world.entropy);
    assert_eq!(refused.unwrap_err().code(), "OAU-24");
    let mut nameless = authorization();
    nameless.configurations[0].identifiers.clear();
    let refused = server.approve(&interaction.id, &nameless, world.now, &mut world.entropy);
    assert_eq!(refused.unwrap_err().code(), "OAU-24");
}

#[test]
fn a_code_is_bound_to_client_redirect_uri_verifier_and_key() {
    let mut world = World::without_nonces();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let code = world.code(&mut wallet, &pkce);
    let good = [
        ("client_id", "wallet"),
        ("code", code.expose().as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", pkce.verifier()),
    ];
    let other = Pkce::generate(&mut world.entropy);
    for (name, value, expected) in [
        ("client_id", "other", "VCI-AUT-06a"),
        ("redirect_uri", "https://wallet.example/cb2?tab=1", "VCI-AUT-06b"),
        ("redirect_uri", "", "VCI-AUT-06b"),
        ("code_verifier", other.verifier(), "VCI-AUT-06c"),
        ("code_verifier", "", "VCI-AUT-06c"),
        ("code_verifier", &pkce.challenge(), "VCI-AUT-06c"),
        ("code", "guess", "VCI-TOK-02d"),
    ] {
        let fields = good.map(|(known, own)| if known == name { (name, value) } else { (known, own) });
        let answer = redeem(&mut world, &fields);
        assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned(), expected), "{name}={value}");
    }
    let thief = key_number(77);
    let foreign = Client::new(&metadata, public(), Some(&thief));
    let stolen = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let request = foreign.token(stolen, None, world.now, &mut world.entropy).unwrap();
    assert_eq!(rule(&world.send(request)), "VCI-AUT-06d");

    // All that refused consumed nothing.
    assert_eq!(redeem(&mut world, &good).status(), 200);
}

fn key_number(seed: u8) -> sinpyo_crypto::SigningKey {
    key(Algorithm::Es256, seed)
}

#[test]
fn a_code_lives_sixty_seconds() {
    let mut world = World::without_nonces();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let code = world.code(&mut wallet, &pkce);
    world.pass(Duration::from_mins(1));
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let request = wallet.token(redeem, None, world.now, &mut world.entropy).unwrap();
    assert_eq!(rule(&world.send(request)), "VCI-TOK-02d");
}

#[test]
fn a_code_that_is_used_again_revokes_what_it_bought() {
    let mut world = World::without_nonces();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let code = world.code(&mut wallet, &pkce);
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let tokens = world.redeem(&mut wallet, redeem).unwrap();
    assert!(world.call(&wallet, &tokens).is_ok());
    // Long after the code itself has expired.
    world.pass(Duration::from_mins(2));
    let again = wallet.token(redeem, None, world.now, &mut world.entropy).unwrap();
    assert_eq!(refusal(&world.send(again)), (400, "invalid_grant".to_owned(), "VCI-AUT-06e"));
    assert_eq!(world.call(&wallet, &tokens).unwrap_err().code(), "OAU-28");
}

#[test]
fn haip_flow_with_attested_wallet_and_challenges() {
    let mut settings = settings();
    settings.challenges = sinpyo_oauth::Challenges::Required;
    settings.dpop_nonces = DpopNonces::Required;
    let mut world = World::with(settings);
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let (instance, attestation) = (crate::world::instance_key(), crate::attestation::attestation(world.now));
    let attestation = WalletAttestation { text: &attestation, server: &metadata.issuer };
    let identity = Identity::Attested { client_id: "attested", attestation, key: &instance };
    let mut wallet = Client::new(&metadata, identity, Some(&key));
    let request = wallet.challenge().unwrap();
    let answer = world.send(request);
    wallet.read_challenge(&answer).unwrap();
    let code = world.code(&mut wallet, &pkce);
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let tokens = world.redeem(&mut wallet, redeem).unwrap();
    let admitted = world.call(&wallet, &tokens).unwrap();
    assert_eq!(admitted.client.as_deref(), Some("attested"));
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    // One that knows nothing beforehand is asked for both, and gets there.
    let mut forgetful = Client::new(&metadata, identity, Some(&key));
    let pkce = world.pkce();
    let code = world.code(&mut forgetful, &pkce);
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    assert!(world.redeem(&mut forgetful, redeem).unwrap().is_bound);
    assert!(answer["attestation_challenge"].as_str().unwrap().len() >= 43);
}
