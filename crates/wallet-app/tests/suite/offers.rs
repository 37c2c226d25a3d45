//! Offers, from a link to the wallet.

use crate::{
    browser::Browser,
    world::{Mode, now},
};
use std::time::Duration;

#[test]
fn an_offer_is_shown_before_anything_is_spent_and_then_received() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer(None);
    browser.paste(&offer);
    browser.shows(&[
        "자격증명을 받을까요?",
        "issuer.example",
        "종로구청",
        "주민 자격증명",
        "생년월일",
        "동의하고 받기",
    ]);
    // Public documents were read; no token was asked for. [VCI-OFF-08]
    assert!(browser.world.sent.iter().all(|sent| sent.starts_with("GET ")), "{:?}", browser.world.sent);
    let stores = browser.disk.lock().unwrap().stores;
    browser.decide("agree", &[]);
    browser.shows(&["지갑에 담았습니다", "사본 3장"]);
    assert_eq!(browser.disk.lock().unwrap().stores, stores + 1);
    assert_eq!(*browser.world.heard.lock().unwrap(), ["credential_accepted"]);
    browser.get("/");
    browser.shows(&["주민 자격증명", "종로구청", "유효 기간 안"]);
    browser.get("/credentials/1");
    browser.shows(&["서울특별시 종로구", "성인 여부", "3 / 3", "did:web:issuer.example"]);
    browser.get("/credentials/1?lang=en");
    browser.shows(&["Resident credential", "Jongno District Office", "Date of birth", "yes"]);
}

#[test]
fn an_offer_that_is_not_taken_sends_nothing() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer(None);
    browser.paste(&offer);
    let before = browser.world.sent.len();
    browser.decide("decline", &[]);
    browser.shows(&["지갑이 비어 있습니다"]);
    assert_eq!(browser.world.sent.len(), before);
}

#[test]
fn a_mistyped_code_can_be_typed_again() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer(Some("482913"));
    browser.paste(&offer);
    browser.shows(&["확인 번호"]);
    browser.decide("agree", &[("tx_code", "000000")]);
    browser.shows(&["발급기관이 거절했습니다", "확인 번호", "동의하고 받기"]);
    browser.decide("agree", &[("tx_code", "482913")]);
    browser.shows(&["지갑에 담았습니다"]);
}

/// VCI-26 of the catalogue of attacks.
#[test]
fn what_is_not_what_was_offered_is_not_kept() {
    let mut browser = Browser::inside();
    browser.world.mode = Mode::OtherType;
    let offer = browser.world.offer(None);
    browser.paste(&offer);
    browser.decide("agree", &[]);
    browser.shows(&["받지 못했습니다", "진짜인지 확인할 수 없어"]);
    assert_eq!(*browser.world.heard.lock().unwrap(), ["credential_failure"]);
    browser.get("/");
    browser.shows(&["지갑이 비어 있습니다"]);
}

#[test]
fn a_credential_that_is_not_ready_is_asked_for_later() {
    let mut browser = Browser::inside();
    browser.world.mode = Mode::Deferred;
    let offer = browser.world.offer(None);
    browser.paste(&offer);
    browser.decide("agree", &[]);
    browser.shows(&["발급기관이 준비하고 있습니다", "2026-11-22 12:46 (한국 시간)"]);
    let before = browser.world.sent.len();
    browser.decide("again", &[]);
    browser.shows(&["발급기관이 준비하고 있습니다"]);
    assert_eq!(browser.world.sent.len(), before, "it is not asked before its time");
    browser.at = now().plus(Duration::from_secs(61));
    browser.decide("again", &[]);
    browser.shows(&["지갑에 담았습니다"]);
}

#[test]
fn an_offer_by_the_issuers_page_goes_there_by_a_link_and_back() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer_by_page();
    browser.paste(&offer);
    browser.shows(&["동의하고 발급기관으로 가기"]);
    browser.decide("agree", &[]);
    browser.shows(&["발급기관 페이지 열기"]);
    let path = format!("{}/leave", browser.path);
    browser.get(&path);
    assert!(browser.path.starts_with("https://issuer.example/posts/authorize?"), "{}", browser.path);
    let url = browser.path.clone();
    let back = browser.world.authorize(&url);
    let (origin, query) = back.split_once("/callback?").unwrap();
    assert_eq!(origin, crate::browser::ORIGIN);
    // An answer to something else changes nothing.
    browser.get("/callback?code=x&state=y&iss=https%3A%2F%2Fissuer.example%2Fposts");
    browser.get(&format!("/callback?{query}"));
    browser.shows(&["지갑에 담았습니다"]);
}

#[test]
fn a_server_that_does_not_answer_is_tried_again_when_the_holder_wants() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer(None);
    browser.world.is_online = false;
    browser.paste(&offer);
    browser.shows(&["상대 서버가 응답하지 않습니다", "WAP-05"]);
    browser.world.is_online = true;
    browser.decide("again", &[]);
    browser.shows(&["자격증명을 받을까요?"]);
}

#[test]
fn nothing_is_acknowledged_that_was_not_kept() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer(None);
    browser.paste(&offer);
    browser.disk.lock().unwrap().is_broken = true;
    browser.decide("agree", &[]);
    browser.shows(&["지갑을 저장하지 못했습니다"]);
    assert!(browser.world.heard.lock().unwrap().is_empty());
}

#[test]
fn what_is_no_link_is_said_to_be_none() {
    let mut browser = Browser::inside();
    for text in [
        "",
        "hello",
        "https://issuer.example/?x=1",
        "openid-credential-offer://?credential_offer=%7B",
        "a.b.c",
    ] {
        browser.paste(text);
        assert!(browser.page.contains("role=\"alert\""), "{text}: {}", browser.page);
    }
}

#[test]
fn what_the_issuers_page_refuses_is_said() {
    let mut browser = Browser::inside();
    let offer = browser.world.offer_by_page();
    browser.paste(&offer);
    browser.decide("agree", &[]);
    let path = browser.path.clone();
    browser.get(&format!("{path}/leave"));
    let url = browser.path.clone();
    let back = browser.world.refuse(&url);
    let (_, query) = back.split_once("/callback?").unwrap();
    browser.get(&format!("/callback?{query}"));
    browser.shows(&["받지 못했습니다", "취소했거나 거절되었습니다"]);
}
