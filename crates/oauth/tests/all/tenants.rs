//! Two servers over one state, two providers of one name, and what a reader of the state learns.

use crate::{
    attestation::{attestation_by, pop_for},
    world::{
        CALLBACK, CREDENTIAL, ISSUER, World, authorization, body, dpop_key, order, public, query, refusal,
        rule, settings,
    },
};
use http::{Method, Request};
use sinpyo_core::Secret;
use sinpyo_crypto::Algorithm;
use sinpyo_oauth::{
    Anonymous, AuthorizationServer, BeginError, DecideError, Dpop, PreAuthorized, ServerSettings, TxCode,
    Unregistered,
    client::{AuthorizationOrder, Client, Identity, Pkce, Redeem, Tokens},
    url::{IssuerId, Transport},
};
use sinpyo_state::{Space, State};
use sinpyo_testkit::key;
use std::time::Duration;

/// The server of another tenant: the same service, hence the same master key.
fn neighbour() -> ServerSettings {
    let issuer = IssuerId::parse("https://issuer.example/t2", Transport::Https).unwrap();
    let mut other = ServerSettings::new(issuer, &Secret::new([7; 32]));
    let ServerSettings { configurations, clients, .. } = settings();
    (other.configurations, other.clients) = (configurations, clients);
    other
}

/// Refresh tokens, and none of the proofs that name the server anyway.
fn world() -> World {
    let mut settings = settings();
    settings.dpop = Dpop::Offered;
    settings.anonymous = Anonymous::Allowed;
    settings.lifetimes.refresh = Some(Duration::from_hours(24 * 30));
    World::with(settings)
}

fn redeem(world: &mut World, server: &ServerSettings, fields: &[(&str, &str)]) -> Option<String> {
    let server = AuthorizationServer { settings: server, state: &world.state };
    let parts = crate::world::form("token", fields, &[]).into_parts();
    server.token(&parts.0.headers, &parts.1, world.now, &mut world.entropy).err().map(|refusal| {
        assert_eq!(refusal.error(), "invalid_grant");
        refusal.code().to_owned()
    })
}

#[test]
fn a_code_is_unknown_at_every_other_server_of_the_state() {
    let (mut world, mut other, metadata) = (world(), neighbour(), world().metadata);
    (other.anonymous, other.dpop) = (Anonymous::Allowed, Dpop::Offered);
    let own = settings_like(&world);
    let code = world.offer(None);
    let fields = [("grant_type", sinpyo_oauth::PRE_AUTHORIZED_GRANT), ("pre-authorized_code", code.as_str())];
    assert_eq!(redeem(&mut world, &other, &fields).as_deref(), Some("VCI-TOK-02d"));
    assert_eq!(redeem(&mut world, &own, &fields), None, "and good at its own");

    let pkce = world.pkce();
    let mut wallet = Client::new(&metadata, public(), None);
    let code = world.code(&mut wallet, &pkce);
    let verifier = verifier_of(&pkce, &wallet, &code, &mut world);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.expose().as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier.as_str()),
        ("client_id", "wallet"),
    ];
    assert_eq!(redeem(&mut world, &other, &fields).as_deref(), Some("VCI-TOK-02d"));
    assert_eq!(redeem(&mut world, &own, &fields), None, "and good at its own");
}

fn settings_like(world: &World) -> ServerSettings {
    let mut own = settings();
    (own.dpop, own.anonymous, own.lifetimes) =
        (world.settings.dpop, world.settings.anonymous, world.settings.lifetimes);
    own
}

fn verifier_of(pkce: &Pkce, wallet: &Client<'_>, code: &Secret<String>, world: &mut World) -> String {
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce };
    let request = wallet.token(redeem, None, world.now, &mut world.entropy).unwrap();
    let form = sinpyo_oauth::form::Form::parse(request.body()).unwrap();
    form.get("code_verifier").unwrap().to_owned()
}

#[test]
fn a_request_and_its_page_are_unknown_at_every_other_server_of_the_state() {
    let (mut world, other, metadata) = (world(), neighbour(), world().metadata);
    let pkce = world.pkce();
    let mut wallet = Client::new(&metadata, public(), None);
    let url = world.begin(&mut wallet, &order(), &pkce);
    let (state, now) = (&world.state, world.now);
    let other = AuthorizationServer { settings: &other, state };
    assert_eq!(other.begin(query(&url), now, &mut world.entropy).unwrap_err(), BeginError::Unknown);
    let own = AuthorizationServer { settings: &world.settings, state };
    let page = own.begin(query(&url), now, &mut world.entropy).unwrap();
    assert_eq!(other.interaction(&page.id, now), Ok(None));
    let approved = other.approve(&page.id, &authorization(), now, &mut world.entropy);
    assert_eq!(approved.unwrap_err(), DecideError::Unknown);
    assert!(own.approve(&page.id, &authorization(), now, &mut world.entropy).is_ok());
}

fn tokens(world: &mut World, key: &sinpyo_crypto::SigningKey) -> Tokens {
    let metadata = world.metadata.clone();
    let code = world.offer(None);
    let mut wallet = Client::new(&metadata, public(), Some(key));
    world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap()
}

#[test]
fn a_token_is_unknown_at_every_other_server_of_the_state() {
    let (mut world, other, key) = (world(), neighbour(), dpop_key());
    let metadata = world.metadata.clone();
    let wallet = Client::new(&metadata, public(), Some(&key));
    let tokens = tokens(&mut world, &key);
    // The proof is made for the neighbour's own endpoint, with its own nonce.
    let endpoint = "https://issuer.example/t2/credential";
    let mut visiting = Client::new(&metadata, public(), Some(&key));
    let server = AuthorizationServer { settings: &other, state: &world.state };
    let nonce = server.dpop_nonce(world.now, &mut world.entropy).parse().unwrap();
    visiting.learn(endpoint, &[(http::HeaderName::from_static("dpop-nonce"), nonce)].into_iter().collect());
    let headers =
        visiting.authorize((&Method::POST, endpoint), &tokens, world.now, &mut world.entropy).unwrap();
    let mut request = Request::post(endpoint).body(()).unwrap();
    *request.headers_mut() = headers;
    let parts = request.into_parts().0;
    let refused = server.admit(&parts, endpoint, world.now, &mut world.entropy).unwrap_err();
    assert_eq!(refused.code(), "OAU-28");

    let mut other = neighbour();
    (other.dpop, other.lifetimes) = (world.settings.dpop, world.settings.lifetimes);
    let refresh = tokens.refresh.as_ref().unwrap().expose().clone();
    let fields =
        [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str()), ("client_id", "wallet")];
    assert_eq!(redeem(&mut world, &other, &fields).as_deref(), Some("VCI-TOK-02d"));

    let wallet = learning(wallet, &mut world);
    let family = world.call(&wallet, &tokens).unwrap().family;
    let of_other = AuthorizationServer { settings: &other, state: &world.state };
    assert!(of_other.revoke(&family, world.now).unwrap().is_empty(), "nor can it be revoked there");
    assert_eq!(world.server().revoke(&family, world.now).unwrap().len(), 1);
}

fn learning<'a>(mut wallet: Client<'a>, world: &mut World) -> Client<'a> {
    let server = AuthorizationServer { settings: &world.settings, state: &world.state };
    let nonce = server.dpop_nonce(world.now, &mut world.entropy).parse().unwrap();
    wallet.learn(CREDENTIAL, &[(http::HeaderName::from_static("dpop-nonce"), nonce)].into_iter().collect());
    wallet
}

#[test]
fn a_reader_of_the_state_does_not_learn_who_gets_what() {
    let (mut world, metadata, key) = (world(), world().metadata, dpop_key());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let pkce = world.pkce();
    let order = AuthorizationOrder { issuer_state: Some("offer-9"), ..order() };
    let url = world.begin(&mut wallet, &order, &pkce);
    let mut kept = everything(&world);
    let server = AuthorizationServer { settings: &world.settings, state: &world.state };
    let page = server.begin(query(&url), world.now, &mut world.entropy).unwrap();
    kept.extend(everything(&world));
    let server = AuthorizationServer { settings: &world.settings, state: &world.state };
    server.approve(&page.id, &authorization(), world.now, &mut world.entropy).unwrap();
    let (lifetime, tx_code) = (Duration::from_mins(5), TxCode::new("1234".to_owned()));
    let offer = PreAuthorized { authorization: authorization(), tx_code: Some(&tx_code), lifetime };
    let (_, changes) =
        world.server().pre_authorize(offer, world.now, &mut sinpyo_testkit::TestEntropy::new(2));
    world.state.commit_owned(&changes).unwrap();
    tokens(&mut world, &key);
    kept.extend(everything(&world));
    assert_eq!(kept.len(), 1 + 1 + 5, "request, page, two codes, grant and two tokens");
    for data in kept {
        let text = String::from_utf8_lossy(&data);
        for told in ["row-17", "pid", "mdl", "wallet", "st-1", "offer-9", "client", "subject", "jkt"] {
            assert!(!text.contains(told), "{told} in {text}");
        }
    }
}

fn everything(world: &World) -> Vec<Vec<u8>> {
    const SPACES: [Space; 7] = [
        Space::new("oauth.pushed"),
        Space::new("oauth.interaction"),
        Space::new("oauth.code"),
        Space::new("oauth.preauthorized"),
        Space::new("oauth.family"),
        Space::new("oauth.access"),
        Space::new("oauth.refresh"),
    ];
    let page = |space| world.state.page(space, None, 100, world.now).unwrap();
    SPACES.into_iter().flat_map(page).map(|(_, record)| record.data).collect()
}

#[test]
fn an_anonymous_wallet_can_redeem_its_refresh_token() {
    let (mut world, metadata, key) = (world(), world().metadata, dpop_key());
    let mut wallet = Client::new(&metadata, Identity::Anonymous, Some(&key));
    let code = world.offer(None);
    let first = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    let refresh = first.refresh.unwrap();
    // Neither with another key, nor in somebody's name.
    let other = sinpyo_testkit::key(Algorithm::Es256, 77);
    let mut thief = Client::new(&metadata, Identity::Anonymous, Some(&other));
    assert!(world.redeem(&mut thief, Redeem::Refresh(&refresh)).is_err());
    let mut named = Client::new(&metadata, public(), Some(&key));
    assert!(world.redeem(&mut named, Redeem::Refresh(&refresh)).is_err());
    let second = world.redeem(&mut wallet, Redeem::Refresh(&refresh)).unwrap();
    assert!(world.call(&wallet, &second).is_ok());
}

#[test]
fn a_refresh_token_of_a_named_wallet_is_not_redeemed_for_nobody() {
    let (mut world, key) = (world(), dpop_key());
    let tokens = tokens(&mut world, &key);
    let metadata = world.metadata.clone();
    let nobody = learning(Client::new(&metadata, Identity::Anonymous, Some(&key)), &mut world);
    let refresh = tokens.refresh.unwrap();
    let request = nobody.token(Redeem::Refresh(&refresh), None, world.now, &mut world.entropy).unwrap();
    assert_eq!(rule(&world.send(request)), "VCI-AUT-06a");
    world.settings.anonymous = Anonymous::Refused;
    let request = nobody.token(Redeem::Refresh(&refresh), None, world.now, &mut world.entropy).unwrap();
    assert_eq!(rule(&world.send(request)), "VCI-TOK-02e");
}

#[test]
fn a_token_for_another_resource_server_is_not_given() {
    let (mut world, metadata) = (world(), world().metadata);
    let pkce = world.pkce();
    let push = |world: &mut World, wallet: &Client<'_>| {
        let request = wallet.push(&order(), &pkce, world.now, &mut world.entropy).unwrap();
        world.send(request)
    };
    let here = Client::new(&metadata, public(), None).for_resource(ISSUER);
    body(&push(&mut world, &here));
    let elsewhere = Client::new(&metadata, public(), None).for_resource("https://evil.example");
    assert_eq!(refusal(&push(&mut world, &elsewhere)), (400, "invalid_target".to_owned(), "OAU-44"));

    let code = world.offer(None);
    let redeem = |world: &mut World, wallet: &Client<'_>| {
        let redeem = Redeem::PreAuthorized { code: &code, tx_code: None };
        let request = wallet.token(redeem, None, world.now, &mut world.entropy).unwrap();
        world.send(request)
    };
    assert_eq!(refusal(&redeem(&mut world, &elsewhere)), (400, "invalid_target".to_owned(), "OAU-44"));
    body(&redeem(&mut world, &here));
}

#[test]
fn a_provider_vouches_for_its_own_wallets_only() {
    let mut world = World::without_nonces();
    let stranger = key(Algorithm::Es256, 91);
    world.settings.attesters.keys.push(stranger.verifying_key().clone());
    world.settings.unregistered = Unregistered::Attested;
    let push = |world: &mut World, provider: &sinpyo_crypto::SigningKey, sub: &str| {
        let attestation = attestation_by(provider, sub, world.now);
        let pop = pop_for(world);
        let fields = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("scope", "identity"),
        ];
        let headers =
            [("OAuth-Client-Attestation", attestation.as_str()), ("OAuth-Client-Attestation-PoP", &pop)];
        world.form("par", &fields, &headers)
    };
    let own = crate::world::provider_key();
    body(&push(&mut world, &own, "attested"));
    assert_eq!(
        rule(&push(&mut world, &stranger, "attested")),
        "VCI-WAT-01b",
        "registered with another provider"
    );
    body(&push(&mut world, &stranger, "unheard-of"));
}

#[test]
fn wallets_of_one_name_by_two_providers_are_two() {
    let mut world = World::without_nonces();
    let stranger = key(Algorithm::Es256, 91);
    world.settings.attesters.keys.push(stranger.verifying_key().clone());
    world.settings.unregistered = Unregistered::Attested;
    world.settings.lifetimes.refresh = Some(Duration::from_hours(24));
    let send = |world: &mut World, provider: &sinpyo_crypto::SigningKey, fields: &[(&str, &str)]| {
        let attestation = attestation_by(provider, "twin", world.now);
        let pop = pop_for(world);
        let dpop = crate::world::proof("token", world.now, crate::world::fresh(&mut world.entropy));
        let headers = [
            ("OAuth-Client-Attestation", attestation.as_str()),
            ("OAuth-Client-Attestation-PoP", &pop),
            ("DPoP", &dpop),
        ];
        world.form("token", fields, &headers)
    };
    let own = crate::world::provider_key();
    let code = world.offer(None);
    let fields = [("grant_type", sinpyo_oauth::PRE_AUTHORIZED_GRANT), ("pre-authorized_code", code.as_str())];
    let got = body(&send(&mut world, &own, &fields));
    let refresh = got["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(rule(&send(&mut world, &stranger, &fields)), "VCI-AUT-06a");
    body(&send(&mut world, &own, &fields));
}

#[test]
fn an_attested_wallet_is_not_redirected_to_over_an_open_line() {
    for (uri, is_taken) in [
        ("https://wallet.example/new", true),
        ("wallet.example:/cb", true),
        ("http://evil.example/cb", false),
        ("HTTP://evil.example/cb", false),
        ("hTtP://evil.example/cb", false),
    ] {
        let mut world = World::without_nonces();
        world.settings.unregistered = Unregistered::Attested;
        let attestation = attestation_by(&crate::world::provider_key(), "new", world.now);
        let pop = pop_for(&mut world);
        let fields = [
            ("response_type", "code"),
            ("redirect_uri", uri),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("scope", "identity"),
        ];
        let headers =
            [("OAuth-Client-Attestation", attestation.as_str()), ("OAuth-Client-Attestation-PoP", &pop)];
        let answer = world.form("par", &fields, &headers);
        if is_taken {
            body(&answer);
        } else {
            assert_eq!(rule(&answer), "VCI-AUT-06f", "{uri}");
        }
    }
}

#[test]
fn debug_output_of_a_request_shows_no_token() {
    let (mut world, key) = (world(), dpop_key());
    let tokens = tokens(&mut world, &key);
    let metadata = world.metadata.clone();
    let wallet = Client::new(&metadata, public(), Some(&key));
    let headers =
        wallet.authorize((&Method::POST, CREDENTIAL), &tokens, world.now, &mut world.entropy).unwrap();
    let text = format!("{headers:?}");
    assert!(!text.contains(tokens.access.expose().as_str()) && !text.contains("eyJ"), "{text}");
}

#[test]
fn a_server_is_at_a_public_host() {
    for text in [
        "https://127.0.0.1/x",
        "https://169.254.169.254",
        "https://localhost",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://2130706433",
        "https://0x7f.1",
        "https://db.internal",
        "https://intranet",
        "https://issuer.localhost.",
    ] {
        assert_eq!(IssuerId::parse(text, Transport::Https).unwrap_err().code(), "OAU-45", "{text}");
    }
    assert!(IssuerId::parse("https://issuer.example:8443/t1", Transport::Https).is_ok());
    for text in ["http://127.0.0.1:1", "https://localhost:1", "http://[::1]:1"] {
        assert!(IssuerId::parse(text, Transport::LoopbackToo).is_ok(), "{text}");
    }
    assert!(IssuerId::parse("https://10.0.0.1", Transport::LoopbackToo).is_err());
}
