//! Ballots that go through a relay: what the board is asked afterwards, and boards that name another one.

use crate::{
    browser::Browser,
    polls::Polls,
    voter::{fill, open, polls_of, registered},
};
use std::time::Duration;

const RELAY: &str = "https://relay.example";

/// Registered with an election whose ballots go through the relay at `base`.
fn relayed(base: &str) -> Browser {
    let mut polls = Polls::new("ring", false);
    polls.relay = Some(polls.relay_at(base));
    registered(polls)
}

/// The board names another relay, and the voter looks.
fn renamed(browser: &mut Browser, base: &str) {
    let polls = polls_of(browser);
    polls.relay = Some(polls.relay_at(base));
    browser.decide("refresh", &[]);
}

/// What was asked since.
fn asked(browser: &Browser, since: usize) -> &[String] {
    &browser.world.sent[since..]
}

#[test]
fn after_a_ballot_through_a_relay_the_board_is_not_asked_before_a_drawn_time() {
    let mut browser = relayed(RELAY);
    browser.shows(&["중계 서버를 거칩니다", "relay.example"]);
    let tracking = fill(&mut browser);
    browser.shows(&["relay.example"]);
    let before = browser.world.sent.len();
    browser.decide("cast", &[]);
    let posted = format!("POST {}", polls_of(&mut browser).relay_at(RELAY));
    assert_eq!(asked(&browser, before), [posted]);
    browser.shows(&[&tracking, "아직 증명되지 않음", "나중에 증명합니다"]);
    let link = polls_of(&mut browser).link();
    polls_of(&mut browser).tick();
    for _ in 0..2 {
        browser.at = browser.at.plus(Duration::from_mins(4));
        // Whatever page is opened: less than ten minutes are never drawn.
        open(&mut browser);
        browser.shows(&["잠시 뒤에 여세요"]);
        browser.decide("again", &[]);
        browser.paste(&link);
        browser.shows(&["잠시 뒤에 여세요"]);
        assert_eq!(browser.world.sent.len(), before + 1, "{:?}", asked(&browser, before));
    }
    for _ in 0..7 {
        browser.at = browser.at.plus(Duration::from_mins(8));
        browser.get("/votes");
    }
    open(&mut browser);
    browser.shows(&[&tracking, "공개 기록에 있음"]);
    assert!(!browser.page.contains("나중에 증명합니다"));
    let tracking = tracking.replace(' ', "");
    assert!(asked(&browser, before).iter().all(|sent| !sent.contains(&tracking)));
}

#[test]
fn who_wants_the_proof_at_once_is_told_what_it_shows() {
    let mut browser = relayed(RELAY);
    fill(&mut browser);
    let before = browser.world.sent.len();
    browser.decide("cast", &[]);
    polls_of(&mut browser).tick();
    browser.shows(&[
        "방금 도착한 표가 내 것이라고 투표함이 짐작할 수 있습니다",
        "그래도 지금 투표함에 있는지 확인",
    ]);
    assert_eq!(browser.world.sent.len(), before + 1);
    open(&mut browser);
    browser.shows(&["투표함이 누구의 표인지 짐작할 수 있습니다", "그래도 지금 열기"]);
    assert_eq!(browser.world.sent.len(), before + 1);
    browser.decide("refresh", &[]);
    browser.shows(&["투표 중", "아직 증명되지 않음"]);
    browser.decide("prove", &[]);
    browser.shows(&["공개 기록에 있음"]);
    // What is proven is not waited for.
    open(&mut browser);
    browser.shows(&["투표 중", "공개 기록에 있음"]);
}

#[test]
fn another_relay_is_shown_and_agreed_to_before_a_ballot_goes_there() {
    let mut browser = relayed(RELAY);
    renamed(&mut browser, "https://relay-7731.example");
    browser.shows(&["전에 본 것과 다릅니다", "<code>relay.example<", "relay-7731.example", "새 길로 보내기"]);
    assert!(!browser.page.contains("/enter\""), "{}", browser.page);
    browser.decide("enter", &[]);
    browser.shows(&["길이 전과 다릅니다"]);
    // It is agreed to what was shown, and to nothing else.
    browser.decide("redirect", &[("way", "relay.example")]);
    browser.shows(&["길이 전과 다릅니다", "새 길로 보내기"]);
    browser.decide("redirect", &[("way", "relay-7731.example")]);
    browser.shows(&["투표하기"]);
    fill(&mut browser);
    browser.shows(&["relay-7731.example"]);
    // A ballot on its way does not follow either.
    browser.world.is_online = false;
    browser.decide("cast", &[]);
    browser.world.is_online = true;
    polls_of(&mut browser).relay = None;
    open(&mut browser);
    browser.shows(&["전에 본 것과 다릅니다", "중계 서버 없이 바로"]);
    browser.decide("enter", &[]);
    browser.shows(&["길이 전과 다릅니다"]);
    assert!(polls_of(&mut browser).posted.is_empty());
    renamed(&mut browser, "https://relay-7731.example");
    browser.decide("enter", &[]);
    assert_eq!(polls_of(&mut browser).posted.len(), 1);
}

#[test]
fn a_relay_at_an_address_that_is_not_spoken_to_gets_no_ballot() {
    for base in ["http://relay.example", "https://10.0.0.1"] {
        let mut browser = relayed(base);
        fill(&mut browser);
        let sent = browser.world.sent.len();
        browser.decide("cast", &[]);
        assert_eq!(browser.world.sent.len(), sent, "{base}");
        // The ballot waits for a better address.
        let polls = polls_of(&mut browser);
        polls.relay = Some(polls.relay_at(RELAY));
        open(&mut browser);
        browser.decide("redirect", &[("way", "relay.example")]);
        browser.decide("enter", &[]);
        assert_eq!(polls_of(&mut browser).posted.len(), 1);
    }
}

#[test]
fn a_relay_whose_address_could_name_the_voter_stops_the_wallet() {
    let mut browser = relayed(RELAY);
    let fine = polls_of(&mut browser).relay_at(RELAY);
    for relay in ["not an address".to_owned(), format!("{fine}?voter=7731"), fine.replace("relay", "vote")] {
        polls_of(&mut browser).relay = Some(relay);
        browser.decide("refresh", &[]);
        browser.shows(&["누구의 표인지 알아낼 수 있습니다"]);
    }
}
