//! Whose browser gets the result.

use crate::world::{World, at, later, link, now, query, same_device};
use serde_json::json;
use sinpyo_openid4vp::{
    ResponseCode, Session,
    verifier::{
        Claim, Confirmation, Flow, Opened, Order, Outcome, OutcomeError, Pick, Rotated, Status, WalletReply,
    },
};

fn by_number() -> Flow {
    Flow::CrossDevice { confirmation: Confirmation::Number { page: at("https://verifier.example/confirm") } }
}

fn opened_in(world: &World, flow: Flow, session: &Session) -> Opened {
    world.open(&Order { session: Some(session.clone()), ..Order::new(query(), flow) })
}

/// The holder answers; the code that the wallet's browser is sent away with.
fn answered(world: &World, opened: &Opened) -> ResponseCode {
    let asked = world.asked(&link(opened));
    let reply = world.accept(&world.respond(&asked), json!("claims"));
    let WalletReply::Taken { redirect_uri: Some(to) } = reply else { panic!("{reply:?}") };
    let (_, code) = to.split_once("response_code=").unwrap();
    ResponseCode::parse(code).unwrap()
}

fn result(
    world: &World,
    opened: &Opened,
    session: Option<&Session>,
    response_code: Option<&ResponseCode>,
) -> Result<Outcome, OutcomeError> {
    let claim = Claim { transaction: &opened.transaction, session, response_code };
    world.run(|verifier, entropy| verifier.result(&claim, now(), entropy))
}

fn status(world: &World, opened: &Opened, session: &Session) -> Status {
    world.run(|verifier, _| verifier.status(&opened.transaction, Some(session), now())).unwrap()
}

#[test]
fn on_one_device_the_result_waits_for_the_browser_that_started() {
    let (world, session) = (World::new(), Session::of("the holder's cookie"));
    let opened = opened_in(&world, same_device(), &session);
    assert_eq!(status(&world, &opened, &session), Status::Waiting);
    let code = answered(&world, &opened);
    assert_eq!(status(&world, &opened, &session), Status::Returning);
    assert_eq!(result(&world, &opened, Some(&session), None).unwrap_err().code(), "VP-RSP-05a");
    let accepted = result(&world, &opened, Some(&session), Some(&code)).unwrap();
    assert_eq!(accepted, Outcome::Accepted(json!("claims")));
    let again = result(&world, &opened, Some(&session), Some(&code)).unwrap_err();
    assert_eq!(again.code(), "VP-RSP-11a", "a code is good once");
}

#[test]
fn the_code_joins_the_address_that_was_given() {
    let world = World::new();
    let opened = world.open(&Order::new(query(), same_device()));
    let asked = world.asked(&link(&opened));
    let reply = world.accept(&world.respond(&asked), json!(null));
    let WalletReply::Taken { redirect_uri: Some(to) } = reply else { panic!("{reply:?}") };
    let rest = to.strip_prefix("https://shop.example/back?lang=ko&response_code=").unwrap();
    assert_eq!(rest.len(), 43, "256 bits");
}

/// The attacker starts in their own browser and leads the holder to present; the holder's browser comes back.
/// OVP-24 of the catalogue of attacks.
#[test]
fn a_response_that_comes_back_to_another_session_fails_for_all() {
    let world = World::new();
    let [attacker, holder] = ["the attacker's cookie", "the holder's cookie"].map(Session::of);
    let started = opened_in(&world, same_device(), &attacker);
    let code = answered(&world, &started);
    // The attacker polls.
    assert_eq!(result(&world, &started, Some(&attacker), None).unwrap_err().code(), "VP-RSP-05a");
    // The holder's browser arrives, with a transaction of its own.
    let own = opened_in(&world, same_device(), &holder);
    let refused = result(&world, &own, Some(&holder), Some(&code)).unwrap_err();
    assert_eq!(refused.code(), "VP-RSP-05");
    // The attacker learns the code after all: too late.
    let outcome = result(&world, &started, Some(&attacker), Some(&code)).unwrap();
    assert_eq!(outcome, Outcome::Hijacked);
    assert_eq!(status(&world, &own, &holder), Status::Waiting);
}

#[test]
fn a_code_that_arrives_where_nothing_was_started_fails_its_transaction() {
    let (world, session) = (World::new(), Session::of("cookie"));
    let started = opened_in(&world, same_device(), &session);
    let code = answered(&world, &started);
    world.run(|verifier, entropy| verifier.stray(&code, now(), entropy)).unwrap();
    assert_eq!(result(&world, &started, Some(&session), Some(&code)).unwrap(), Outcome::Hijacked);
    // What was handed out stays handed out, and an unknown code does nothing.
    let started = opened_in(&world, same_device(), &session);
    let code = answered(&world, &started);
    assert!(result(&world, &started, Some(&session), Some(&code)).is_ok());
    world.run(|verifier, entropy| verifier.stray(&code, now(), entropy)).unwrap();
    assert_eq!(status(&world, &started, &session), Status::Delivered);
    let unknown = ResponseCode::parse(&"A".repeat(43)).unwrap();
    world.run(|verifier, entropy| verifier.stray(&unknown, now(), entropy)).unwrap();
}

/// Regression 4.
#[test]
fn another_session_sees_nothing() {
    let world = World::new();
    let [own, other] = ["own", "other"].map(Session::of);
    let opened = opened_in(&world, Flow::CrossDevice { confirmation: Confirmation::None }, &own);
    let asked = world.asked(&link(&opened));
    let _ = world.accept(&world.respond(&asked), json!("claims"));
    for session in [None, Some(&other)] {
        assert_eq!(result(&world, &opened, session, None).unwrap_err().code(), "VP-RSP-11");
        let status = world.run(|verifier, _| verifier.status(&opened.transaction, session, now()));
        assert_eq!(status.unwrap_err().code(), "VP-RSP-11");
        let rotated =
            world.run(|verifier, entropy| verifier.rotate(&opened.transaction, session, now(), entropy));
        assert_eq!(rotated.unwrap_err().code(), "VP-RSP-11");
    }
    assert!(result(&world, &opened, Some(&own), None).is_ok());
}

#[test]
fn the_number_on_the_screen_completes_the_transaction() {
    let (world, session) = (World::new(), Session::of("cookie"));
    let opened = opened_in(&world, by_number(), &session);
    let code = answered(&world, &opened);
    let Status::Confirming { number } = status(&world, &opened, &session) else { panic!("a number") };
    let choices = world.run(|verifier, _| verifier.choices(&code, now())).unwrap().0;
    assert!(choices.contains(&number) && choices.iter().all(|one| (10..=99).contains(one)));
    assert!(choices[0] != choices[1] && choices[1] != choices[2] && choices[0] != choices[2]);
    assert_eq!(result(&world, &opened, Some(&session), None).unwrap_err().code(), "VP-RSP-05a");
    world.run(|verifier, entropy| verifier.confirm(&code, Pick::Number(number), now(), entropy)).unwrap();
    assert_eq!(status(&world, &opened, &session), Status::Accepted);
    assert!(result(&world, &opened, Some(&session), None).is_ok());
    let again = world.run(|verifier, entropy| verifier.confirm(&code, Pick::Number(number), now(), entropy));
    assert_eq!(again.unwrap_err().code(), "VP-FIX-01b");
}

/// The attacker forwards the QR code of their own browser: the holder sees no number.
#[test]
fn without_the_right_number_nobody_gets_the_result() {
    let (world, attacker) = (World::new(), Session::of("the attacker's cookie"));
    for guess in [false, true] {
        let opened = opened_in(&world, by_number(), &attacker);
        let code = answered(&world, &opened);
        let Status::Confirming { number } = status(&world, &opened, &attacker) else { panic!("a number") };
        let choices = world.run(|verifier, _| verifier.choices(&code, now())).unwrap().0;
        let wrong = choices.into_iter().find(|one| *one != number).unwrap();
        let pick = if guess { Pick::Number(wrong) } else { Pick::None };
        let confirm = |pick| world.run(|verifier, entropy| verifier.confirm(&code, pick, now(), entropy));
        assert_eq!(confirm(pick).unwrap_err().code(), "VP-FIX-01a");
        assert_eq!(confirm(Pick::Number(number)).unwrap_err().code(), "VP-FIX-01b", "there is one try");
        assert_eq!(result(&world, &opened, Some(&attacker), None).unwrap(), Outcome::Hijacked);
    }
}

#[test]
fn the_places_of_the_number_are_even() {
    let world = World::new();
    let mut places = [0; 3];
    for _ in 0..300 {
        let session = Session::of("cookie");
        let opened = opened_in(&world, by_number(), &session);
        let code = answered(&world, &opened);
        let Status::Confirming { number } = status(&world, &opened, &session) else { panic!("a number") };
        let choices = world.run(|verifier, _| verifier.choices(&code, now())).unwrap().0;
        places[choices.iter().position(|one| *one == number).unwrap()] += 1;
    }
    // 100 each; below 60 happens once in 10^6 runs.
    assert!(places.iter().all(|count| *count > 60), "{places:?}");
}

/// OVP-26 of the catalogue of attacks.
#[test]
fn an_unscanned_code_lives_a_minute_and_is_replaced() {
    let world = World::new();
    let opened = world.open(&Order::new(query(), by_number()));
    let [first, fetch] = [link(&opened), link(&opened)];
    assert_eq!(opened.expires, later(60));
    let rotated =
        world.run(|verifier, entropy| verifier.rotate(&opened.transaction, None, later(30), entropy));
    let Rotated::Fresh { link: second, expires } = rotated.unwrap() else { panic!("a new code") };
    assert_eq!(expires, later(90));
    let second = second.to_uri("openid4vp://");
    assert_ne!(first, second);
    let (_, request_uri) = fetch.split_once("request_uri=").unwrap();
    let gone = http::Request::get(request_uri.replace("%3A", ":").replace("%2F", "/")).body(Vec::new());
    assert_eq!(world.refused(&gone.unwrap()), ("VP-REQ-05a", 410), "the code before is gone");
    // Once a wallet has it, there is nothing to scan any more.
    let asked = world.asked(&second);
    let rotate =
        |when| world.run(|verifier, entropy| verifier.rotate(&opened.transaction, None, when, entropy));
    assert!(matches!(rotate(later(40)).unwrap(), Rotated::Scanned));
    let _ = world.accept(&world.respond(&asked), json!({}));
    assert!(matches!(rotate(later(41)).unwrap(), Rotated::Scanned));
}

#[test]
fn rotation_ends_with_the_transaction() {
    let world = World::new();
    let opened = world.open(&Order::new(query(), by_number()));
    let rotate =
        |when| world.run(|verifier, entropy| verifier.rotate(&opened.transaction, None, when, entropy));
    assert!(matches!(rotate(later(599)).unwrap(), Rotated::Fresh { expires, .. } if expires == later(600)));
    assert_eq!(rotate(later(600)).unwrap_err().code(), "VP-RSP-11");
    let status = world.run(|verifier, _| verifier.status(&opened.transaction, None, later(601))).unwrap();
    assert_eq!(status, Status::Expired);
}
