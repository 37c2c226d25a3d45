//! Refresh tokens.

use crate::world::{CALLBACK, World, dpop_key, public, refusal, rule, settings};
use sinpyo_core::Secret;
use sinpyo_crypto::Algorithm;
use sinpyo_oauth::{
    PRE_AUTHORIZED_GRANT,
    client::{Client, Identity, Redeem, ReplyError},
};
use sinpyo_testkit::key;
use std::time::Duration;

fn world() -> World {
    let mut settings = settings();
    settings.lifetimes.refresh = Some(Duration::from_hours(24 * 30));
    World::with(settings)
}

#[test]
fn a_refresh_token_rotates_and_what_it_buys_is_the_same() {
    let mut world = world();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let code = world.code(&mut wallet, &pkce);
    let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
    let mut tokens = world.redeem(&mut wallet, redeem).unwrap();
    let first = world.call(&wallet, &tokens).unwrap();
    for _ in 0..3 {
        world.pass(Duration::from_hours(24 * 7));
        assert_eq!(world.call(&wallet, &tokens).unwrap_err().code(), "OAU-28", "expired");
        let old = tokens.refresh.take().unwrap();
        tokens = world.redeem(&mut wallet, Redeem::Refresh(&old)).unwrap();
        assert_ne!(tokens.refresh.as_ref().unwrap().expose(), old.expose());
        let admitted = world.call(&wallet, &tokens).unwrap();
        assert_eq!(
            (admitted.authorization, admitted.family),
            (first.authorization.clone(), first.family.clone())
        );
    }
    // Not for ever: a refreshed token ends with the grant, and then nothing is left to refresh.
    world.pass(Duration::from_hours(24 * 9));
    let ended = world.redeem(&mut wallet, Redeem::Refresh(&tokens.refresh.unwrap())).unwrap_err();
    assert!(
        matches!(&ended, ReplyError::Refused { error, .. } if error.as_str() == "invalid_grant"),
        "{ended}"
    );
}

#[test]
fn a_refresh_token_that_is_used_again_revokes_its_family() {
    let mut world = world();
    let (code, metadata, key) = (world.offer(None), world.metadata.clone(), dpop_key());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let first = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    let old = first.refresh.as_ref().unwrap();
    let second = world.redeem(&mut wallet, Redeem::Refresh(old)).unwrap();
    assert!(world.call(&wallet, &first).is_ok() && world.call(&wallet, &second).is_ok());

    let again = wallet.token(Redeem::Refresh(old), None, world.now, &mut world.entropy).unwrap();
    assert_eq!(refusal(&world.send(again)), (400, "invalid_grant".to_owned(), "OAU-16"));
    assert_eq!(world.call(&wallet, &first).unwrap_err().code(), "OAU-28");
    assert_eq!(world.call(&wallet, &second).unwrap_err().code(), "OAU-28");
    let newest =
        wallet.token(Redeem::Refresh(second.refresh.as_ref().unwrap()), None, world.now, &mut world.entropy);
    assert_eq!(rule(&world.send(newest.unwrap())), "VCI-TOK-02d");
}

#[test]
fn a_refresh_token_is_bound_to_client_and_key() {
    let mut world = world();
    let (code, metadata, own) = (world.offer(None), world.metadata.clone(), dpop_key());
    let mut wallet = Client::new(&metadata, public(), Some(&own));
    let tokens = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    let refresh = tokens.refresh.unwrap();
    let mut refused = |identity, key: Option<&sinpyo_crypto::SigningKey>, token: &Secret<String>| {
        let mut client = Client::new(&metadata, identity, key);
        let first = client.token(Redeem::Refresh(token), None, world.now, &mut world.entropy).unwrap();
        let answer = world.send(first);
        client.learn(&metadata.token_endpoint, answer.headers());
        let second = client.token(Redeem::Refresh(token), None, world.now, &mut world.entropy).unwrap();
        rule(&world.send(second))
    };
    assert_eq!(refused(Identity::Public { client_id: "other" }, Some(&own), &refresh), "VCI-AUT-06a");
    assert_eq!(refused(public(), Some(&key(Algorithm::Es256, 78)), &refresh), "VCI-AUT-06d");
    assert_eq!(refused(public(), None, &refresh), "VCI-TOK-07a");
    assert_eq!(refused(Identity::Anonymous, Some(&own), &refresh), "VCI-TOK-02e");
    assert_eq!(refused(public(), Some(&own), &Secret::new("guess".to_owned())), "VCI-TOK-02d");
    assert!(world.redeem(&mut wallet, Redeem::Refresh(&refresh)).is_ok(), "refusals consumed nothing");
}

#[test]
fn a_grant_is_revoked_at_once() {
    let mut world = world();
    let (code, metadata, key) = (world.offer(None), world.metadata.clone(), dpop_key());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let tokens = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    let admitted = world.call(&wallet, &tokens).unwrap();
    world.revoke(&admitted.family);
    assert_eq!(world.call(&wallet, &tokens).unwrap_err().code(), "OAU-28");
    let request =
        wallet.token(Redeem::Refresh(tokens.refresh.as_ref().unwrap()), None, world.now, &mut world.entropy);
    assert_eq!(rule(&world.send(request.unwrap())), "VCI-TOK-02d");
    world.revoke(&admitted.family); // once more changes nothing
    let fields =
        [("grant_type", PRE_AUTHORIZED_GRANT), ("client_id", "wallet"), ("pre-authorized_code", &code)];
    assert_eq!(world.form("token", &fields, &[]).status(), 400);
}
