//! Who comes with a token.

use crate::world::{CREDENTIAL, World, public, settings};
use http::Request;
use sinpyo_oauth::{
    Dpop, DpopNonces,
    client::{Client, Redeem},
};

fn bearer_world() -> (World, String) {
    let mut settings = settings();
    (settings.dpop, settings.dpop_nonces) = (Dpop::Offered, DpopNonces::Offered);
    let mut world = World::with(settings);
    let (code, metadata) = (world.offer(None), world.metadata.clone());
    let mut wallet = Client::new(&metadata, public(), None);
    let tokens = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    (world, tokens.access.expose().clone())
}

fn refused(world: &mut World, request: http::request::Builder) -> (u16, &'static str, Vec<String>) {
    let refused = world.admit(request.body(()).unwrap()).unwrap_err();
    let response = refused.response();
    let challenges = response.headers().get_all("WWW-Authenticate").iter();
    let challenges = challenges.map(|value| value.to_str().unwrap().to_owned()).collect();
    (response.status().as_u16(), refused.code(), challenges)
}

/// VCI-15 of the catalogue of attacks.
#[test]
fn a_token_in_the_query_is_refused() {
    let (mut world, token) = bearer_world();
    let in_query = format!("{CREDENTIAL}?access_token={token}");
    assert_eq!(refused(&mut world, Request::post(&in_query)), (400, "OAU-26", vec![]));
    let both = Request::post(in_query).header("Authorization", format!("Bearer {token}"));
    assert_eq!(refused(&mut world, both).1, "OAU-26");
    let other_query =
        Request::post(format!("{CREDENTIAL}?x=1")).header("Authorization", format!("Bearer {token}"));
    assert!(world.admit(other_query.body(()).unwrap()).is_ok());
}

#[test]
fn without_a_token_a_request_is_told_what_is_needed() {
    let (mut world, _) = bearer_world();
    let (status, code, challenges) = refused(&mut world, Request::post(CREDENTIAL));
    assert_eq!((status, code), (401, "OAU-27"));
    assert_eq!(challenges, ["Bearer realm=\"sinpyo\"", "DPoP algs=\"ES256 ES384 EdDSA\""]);
    world.settings.dpop = Dpop::Required;
    assert_eq!(refused(&mut world, Request::post(CREDENTIAL)).2, ["DPoP algs=\"ES256 ES384 EdDSA\""]);
    let basic = Request::post(CREDENTIAL).header("Authorization", "Basic d2FsbGV0Og==");
    assert_eq!(refused(&mut world, basic).1, "OAU-27");
}

/// VCI-15 of the catalogue of attacks.
#[test]
fn a_token_that_is_not_good_is_refused() {
    let (mut world, token) = bearer_world();
    let with = |value: String| Request::post(CREDENTIAL).header("Authorization", value);
    let long = "a".repeat(513);
    for bad in [
        "Bearer",
        "Bearer ",
        "Bearer guess",
        &format!("Bearer {token}x"),
        &format!("DPoP {token}"),
        &format!("Bearer {long}"),
    ] {
        let (status, code, challenges) = refused(&mut world, with(bad.to_owned()));
        assert_eq!((status, code), (401, "OAU-28"), "{bad}");
        assert!(challenges[0].contains("error=\"invalid_token\""), "{challenges:?}");
    }
    let twice = with(format!("Bearer {token}")).header("Authorization", format!("Bearer {token}"));
    assert_eq!(refused(&mut world, twice).1, "OAU-28");
    assert!(world.admit(with(format!("Bearer {token}")).body(()).unwrap()).is_ok());
}

#[test]
fn what_is_kept_does_not_hold_the_secrets() {
    let (world, token) = bearer_world();
    let kept = format!("{:?} {}", world.state, token.len());
    assert!(!kept.contains(&token));
    let spaces = ["oauth.access", "oauth.family", "oauth.refresh", "oauth.code", "oauth.preauthorized"];
    for space in spaces {
        let space = sinpyo_state::Space::new(space);
        for (key, record) in sinpyo_state::State::page(&world.state, space, None, 10, world.now).unwrap() {
            assert!(!key.name().contains(&token));
            assert!(!String::from_utf8_lossy(&record.data).contains(&token));
        }
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let (mut world, token) = bearer_world();
    let pkce = world.pkce();
    let secret = sinpyo_core::Secret::new(token.clone());
    let shown = [
        format!("{:?}", Redeem::Code { code: &token, redirect_uri: "x", pkce: &pkce }),
        format!("{:?}", Redeem::PreAuthorized { code: &token, tx_code: Some(&token) }),
        format!("{:?}", Redeem::Refresh(&secret)),
        format!("{:?}", sinpyo_oauth::InteractionId::new(&token)),
        format!("{:?}", sinpyo_oauth::form::Form::parse(format!("code={token}").as_bytes()).unwrap()),
        format!("{pkce:?}"),
    ];
    for text in shown {
        assert!(!text.contains(&token) && !text.contains(pkce.verifier()), "{text}");
    }
}
