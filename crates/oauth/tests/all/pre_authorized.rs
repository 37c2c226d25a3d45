//! Codes of offers [VCI-TOK].

use crate::world::{ISSUER, World, body, dpop_key, form, fresh, proof, public, refusal, rule, settings};
use http::{Request, Response, header};
use serde_json::json;
use sinpyo_oauth::{
    Anonymous, Dpop, DpopNonces, MAX_BEARER, Naming, PRE_AUTHORIZED_GRANT,
    client::{Client, Identity, Redeem},
};
use std::time::Duration;

fn redeem(world: &mut World, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
    let proof = proof("token", world.now, fresh(&mut world.entropy));
    let fixed = [("grant_type", PRE_AUTHORIZED_GRANT), ("client_id", "wallet")];
    let fields: Vec<_> = fixed.into_iter().chain(fields.iter().copied()).collect();
    world.form("token", &fields, &[("DPoP", &proof)])
}

#[test]
fn a_pre_authorized_code_buys_tokens_once() {
    let mut world = World::new();
    let (code, key, metadata) = (world.offer(Some("493536")), dpop_key(), world.metadata.clone());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let redeem = Redeem::PreAuthorized { code: &code, tx_code: Some("493536") };
    let tokens = world.redeem(&mut wallet, redeem).unwrap();
    assert!(tokens.is_bound && tokens.refresh.is_none() && tokens.details.is_empty());

    let admitted = world.call(&wallet, &tokens).unwrap();
    assert_eq!(admitted.authorization, crate::world::authorization());
    assert_eq!((admitted.client.as_deref(), admitted.naming), (Some("wallet"), Naming::Configurations));

    let again = wallet.token(redeem, None, world.now, &mut world.entropy).unwrap();
    assert_eq!(refusal(&world.send(again)), (400, "invalid_grant".to_owned(), "VCI-TOK-02d"));
}

/// VCI-05 of the catalogue of attacks.
#[test]
fn an_unknown_or_expired_code_is_refused() {
    let mut world = World::without_nonces();
    let code = world.offer(None);
    let answer = redeem(&mut world, &[("pre-authorized_code", "guess")]);
    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned(), "VCI-TOK-02d"));
    world.pass(Duration::from_mins(10));
    assert_eq!(rule(&redeem(&mut world, &[("pre-authorized_code", &code)])), "VCI-TOK-02d");
}

/// VCI-03 of the catalogue of attacks.
#[test]
fn a_missing_or_unexpected_tx_code_is_refused() {
    let mut world = World::without_nonces();
    let (with, without) = (world.offer(Some("1234")), world.offer(None));
    let missing = redeem(&mut world, &[("pre-authorized_code", &with)]);
    assert_eq!(refusal(&missing), (400, "invalid_request".to_owned(), "VCI-TOK-02a"));
    let empty = redeem(&mut world, &[("pre-authorized_code", &with), ("tx_code", "")]);
    assert_eq!(refusal(&empty), (400, "invalid_request".to_owned(), "VCI-TOK-02a"));
    let unexpected = redeem(&mut world, &[("pre-authorized_code", &without), ("tx_code", "1234")]);
    assert_eq!(refusal(&unexpected), (400, "invalid_request".to_owned(), "VCI-TOK-02b"));
    // Neither is consumed.
    body(&redeem(&mut world, &[("pre-authorized_code", &with), ("tx_code", "1234")]));
    body(&redeem(&mut world, &[("pre-authorized_code", &without)]));
}

#[test]
fn a_wrong_tx_code_is_refused_and_the_code_lives() {
    let mut world = World::without_nonces();
    let code = world.offer(Some("1234"));
    for wrong in ["4321", "1234 ", "１２３４", "12340"] {
        let answer = redeem(&mut world, &[("pre-authorized_code", &code), ("tx_code", wrong)]);
        assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned(), "VCI-TOK-02c"), "{wrong}");
    }
    body(&redeem(&mut world, &[("pre-authorized_code", &code), ("tx_code", "1234")]));
}

/// VCI-02 of the catalogue of attacks.
#[test]
fn the_fifth_failure_ends_the_code() {
    let mut world = World::without_nonces();
    // A request without the code is a failure, too.
    for wrong in [["0", "1", "2", "3", "4"], ["0", "", "2", "", "4"]] {
        let code = world.offer(Some("1234"));
        for wrong in wrong {
            let answer = redeem(&mut world, &[("pre-authorized_code", &code), ("tx_code", wrong)]);
            assert_eq!(answer.status(), 400);
        }
        let right = redeem(&mut world, &[("pre-authorized_code", &code), ("tx_code", "1234")]);
        assert_eq!(refusal(&right), (400, "invalid_grant".to_owned(), "VCI-TOK-02d"));
    }
}

#[test]
fn without_anonymous_access_a_client_says_who_it_is() {
    let mut world = World::without_nonces();
    let code = world.offer(None);
    let proof = proof("token", world.now, 1);
    let fields = [("grant_type", PRE_AUTHORIZED_GRANT), ("pre-authorized_code", code.as_str())];
    let answer = world.form("token", &fields, &[("DPoP", &proof)]);
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), "VCI-TOK-02e"));

    world.settings.anonymous = Anonymous::Allowed;
    let (metadata, key) = (world.metadata.clone(), dpop_key());
    let mut wallet = Client::new(&metadata, Identity::Anonymous, Some(&key));
    let tokens = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    assert_eq!(world.call(&wallet, &tokens).unwrap().client, None);

    // Only for codes of offers.
    let answer =
        world.form("token", &[("grant_type", "authorization_code"), ("code", "x")], &[("DPoP", &proof)]);
    assert_eq!(rule(&answer), "VCI-TOK-02e");
}

#[test]
fn authorization_details_choose_among_what_was_granted_and_bring_identifiers() {
    let mut world = World::without_nonces();
    let code = world.offer(None);
    let entry = |id: &str| {
        json!([{"type": "openid_credential", "credential_configuration_id": id, "more": 1}]).to_string()
    };
    let beyond =
        redeem(&mut world, &[("pre-authorized_code", &code), ("authorization_details", &entry("plain"))]);
    assert_eq!(refusal(&beyond), (400, "invalid_authorization_details".to_owned(), "VCI-TOK-05"));
    let answer =
        redeem(&mut world, &[("pre-authorized_code", &code), ("authorization_details", &entry("mdl"))]);
    let expected = json!([{
        "type": "openid_credential",
        "credential_configuration_id": "mdl",
        "credential_identifiers": ["mdl-17a", "mdl-17b"],
    }]);
    assert_eq!(body(&answer)["authorization_details"], expected);
    assert_eq!(body(&answer)["scope"], "driving");
}

#[test]
fn a_token_without_a_key_lives_five_minutes() {
    let mut settings = settings();
    settings.dpop = Dpop::Offered;
    settings.dpop_nonces = DpopNonces::Offered;
    settings.lifetimes.access = Duration::from_hours(1);
    settings.lifetimes.refresh = Some(Duration::from_hours(24));
    let mut world = World::with(settings);
    let code = world.offer(None);
    let fields = [
        ("grant_type", PRE_AUTHORIZED_GRANT),
        ("pre-authorized_code", code.as_str()),
        ("client_id", "wallet"),
    ];
    let answer = world.form("token", &fields, &[]);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let bearer = body(&answer);
    assert_eq!((&bearer["token_type"], &bearer["expires_in"]), (&json!("Bearer"), &json!(300)));
    assert!(bearer.get("refresh_token").is_none());

    let request = || {
        let token = format!("bearer {}", bearer["access_token"].as_str().unwrap());
        Request::post("/t1/credential").header("Authorization", token).body(()).unwrap()
    };
    assert!(world.admit(request()).is_ok());
    world.pass(MAX_BEARER);
    assert_eq!(world.admit(request()).unwrap_err().code(), "OAU-28");

    let code = world.offer(None);
    let bound = body(&redeem(&mut world, &[("pre-authorized_code", &code)]));
    assert_eq!((&bound["token_type"], &bound["expires_in"]), (&json!("DPoP"), &json!(3600)));
    assert!(bound["refresh_token"].is_string());
}

#[test]
fn what_is_no_plain_form_is_refused() {
    let mut world = World::without_nonces();
    let code = world.offer(None);
    let fields = format!("grant_type={PRE_AUTHORIZED_GRANT}&client_id=wallet&pre-authorized_code={code}");
    let mut send = |types: &[&str], text: &str, id| {
        let mut request =
            Request::post(format!("{ISSUER}/token")).header("DPoP", proof("token", world.now, id));
        for media in types {
            request = request.header(header::CONTENT_TYPE, *media);
        }
        world.send(request.body(text.as_bytes().to_vec()).unwrap())
    };
    let form = "application/x-www-form-urlencoded";
    for types in [&["application/json"][..], &[], &[form, form], &["text/plain"]] {
        assert_eq!(
            refusal(&send(types, &fields, 1)),
            (400, "invalid_request".to_owned(), "VCI-TOK-08"),
            "{types:?}"
        );
    }
    assert_eq!(rule(&send(&[form], &format!("{fields}&client_id=wallet"), 1)), "OAU-03");
    assert_eq!(rule(&send(&[form], &format!("{fields}&x=%zz"), 1)), "OAU-04");
    assert_eq!(rule(&send(&[form], &format!("{fields}&x={}", "a".repeat(70_000)), 1)), "OAU-02");
    body(&send(&["Application/X-WWW-Form-URLencoded ; charset=utf-8"], &fields, 2));
}

#[test]
fn unknown_grants_and_missing_parameters_are_refused() {
    let mut world = World::without_nonces();
    let mut send = |fields: &[(&str, &str)]| refusal(&world.send(form("token", fields, &[])));
    assert_eq!(send(&[]), (400, "invalid_request".to_owned(), "OAU-09"));
    assert_eq!(send(&[("grant_type", "password")]), (400, "unsupported_grant_type".to_owned(), "OAU-10"));
    assert_eq!(send(&[("grant_type", PRE_AUTHORIZED_GRANT)]).2, "OAU-09");
    assert_eq!(send(&[("grant_type", "refresh_token")]).2, "OAU-09");
}
