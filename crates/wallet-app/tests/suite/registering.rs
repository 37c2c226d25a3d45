//! Getting into the roll of an election, on the pages and against the service itself.

use crate::{
    browser::{Browser, PASSWORD},
    polls::{Polls, REGISTRAR_DID},
    voter::{called, fill, known, open, polls_of, voter},
};

#[test]
fn what_the_registrar_asks_for_is_shown_first_and_nothing_else_goes() {
    let (mut browser, codes) = called(Browser::resident(), Polls::new("ring", true), 1);
    browser.decide("register", &[("code", &codes[0])]);
    browser.shows(&[
        "선거인으로 등록할까요",
        "우정사업본부",
        "등록 확인됨",
        "성인 여부",
        "사는 곳",
        "숨기는 정보",
        "생년월일",
        "서울특별시 종로구",
    ]);
    let before = browser.world.sent.len();
    // What was shown is what is agreed to.
    let path = format!("{}/agree", browser.path);
    browser.post(&path, &[("shown", "something else")]);
    browser.shows(&["그 사이 지갑의 내용이 바뀌었습니다"]);
    assert_eq!(browser.world.sent.len(), before);
    browser.decide("agree", &[]);
    browser.shows(&["명부에 올라 있습니다"]);
    browser.get("/history");
    browser.shows(&["우정사업본부", "성인 여부"]);
}

#[test]
fn who_has_nothing_to_show_is_told_why_and_sends_nothing() {
    let (mut browser, codes) = called(Browser::inside(), Polls::new("ring", true), 1);
    browser.decide("register", &[("code", &codes[0])]);
    browser.shows(&["요청에 맞는 자격증명이 없습니다", "등록하지 않기"]);
    assert!(!browser.page.contains("동의하고 등록하기"));
    browser.decide("leave", &[]);
    browser.shows(&["등록 코드"]);
}

#[test]
fn declining_to_register_sends_nothing_more() {
    let (mut browser, codes) = called(Browser::inside(), Polls::new("ring", false), 1);
    browser.decide("register", &[("code", "WRONGWRONGWRONG2")]);
    browser.shows(&["등록 코드가 맞지 않거나"]);
    browser.decide("again", &[]);
    browser.decide("register", &[("code", &codes[0].to_lowercase())]);
    browser.shows(&["선거인으로 등록할까요"]);
    let (sent, size) = (browser.world.sent.len(), polls_of(&mut browser).size());
    browser.decide("leave", &[]);
    assert_eq!((browser.world.sent.len(), polls_of(&mut browser).size()), (sent, size));
}

#[test]
fn an_election_of_another_host_under_a_known_name_is_refused() {
    let (mut browser, _) = called(Browser::inside(), Polls::new("ring", false), 0);
    let (link, at) = (polls_of(&mut browser).link(), polls_of(&mut browser).at());
    browser.shows(&["101동 대표 선거"]);
    let sent = browser.world.sent.len();
    for fake in
        [format!("sinpyo-vote:{at}?host={}", "ab".repeat(32)), link.replace("vote.example", "fake.example")]
    {
        browser.paste(&fake);
        browser.shows(&["가짜 안내문일 수 있습니다"]);
    }
    browser.paste(&link.replace("https://vote.example", "http://vote.example"));
    browser.shows(&["연결하지 않는 주소"]);
    assert_eq!(browser.world.sent.len(), sent, "nobody was asked");
}

#[test]
fn an_election_can_be_forgotten() {
    let mut browser = voter("ring");
    let id = known(&mut browser);
    browser.get(&format!("/votes/{id}/forget"));
    browser.shows(&["이 투표를 지갑에서 지울까요", "101동 대표 선거"]);
    browser.post(&format!("/votes/{id}/forget"), &[]);
    browser.shows(&["아직 투표가 없습니다"]);
}

#[test]
fn a_credential_about_another_voter_is_not_held() {
    let (mut first, codes) = called(Browser::inside(), Polls::new("ring", false), 2);
    let link = polls_of(&mut first).link();
    first.decide("register", &[("code", &codes[0])]);
    first.decide("agree", &[]);
    let mut second = Browser::inside();
    second.world.polls = first.world.polls.take();
    // All wallets of these tests draw the same; this one draws its seed anew.
    second.paste(&link);
    let id = known(&mut second);
    second.get(&format!("/votes/{id}/forget"));
    second.post(&format!("/votes/{id}/forget"), &[]);
    second.paste(&link);
    second.decide("register", &[("code", &codes[1])]);
    // The registrar sends the credential of the first.
    let polls = polls_of(&mut second);
    polls.swap = polls.issued.clone();
    second.decide("agree", &[]);
    second.shows(&["선거인 증명서를 확인할 수 없어"]);
    second.get("/");
    second.shows(&["지갑이 비어 있습니다"]);
    second.get("/votes");
    second.shows(&["등록됨"]);
}

#[test]
fn the_weaker_promise_is_said_where_it_holds() {
    for (profile, weak) in [("ring", false), ("token", true)] {
        let (mut browser, _) = called(Browser::inside(), Polls::new(profile, false), 0);
        assert_eq!(browser.page.contains("있지도 않은 사람의 표"), weak);
        browser.get(&format!("{}?lang=en", browser.path.clone()));
        assert_eq!(browser.page.contains("people who do not exist"), weak);
    }
}

#[test]
fn a_credential_whose_issuer_cannot_be_looked_up_waits_and_the_voter_votes() {
    let (mut browser, codes) = called(Browser::sealed(), Polls::new("ring", false), 1);
    browser.world.has_registry = false;
    browser.decide("register", &[("code", &codes[0])]);
    browser.decide("agree", &[]);
    let waits = ["명부에 올라 있습니다", "아직 지갑에 담지 못했습니다", "증명서 확인하고 담기"];
    browser.shows(&waits);
    browser.shows(&["상대 서버가 응답하지 않습니다"]);
    browser.decide("admit", &[]);
    browser.shows(&waits);
    browser.get("/");
    browser.shows(&["지갑이 비어 있습니다"]);
    // What came is kept: the wallet is closed and opened, and the registrar is not asked again.
    browser.post("/lock", &[]);
    browser.post("/unlock", &[("password", PASSWORD)]);
    open(&mut browser);
    browser.shows(&waits);
    polls_of(&mut browser).open();
    browser.decide("refresh", &[]);
    fill(&mut browser);
    browser.decide("cast", &[]);
    polls_of(&mut browser).tick();
    browser.decide("again", &[]);
    browser.shows(&["공개 기록에 있음"]);
    browser.shows(&waits);
    browser.world.has_registry = true;
    browser.decide("admit", &[]);
    browser.shows(&["명부에 올라 있습니다"]);
    assert!(!browser.page.contains(waits[2]), "{}", browser.page);
    browser.get("/");
    browser.shows(&["Voter", "유효 기간 안"]);
    assert_eq!(browser.world.sent.iter().filter(|sent| sent.ends_with("/register")).count(), 1);
}

#[test]
fn a_credential_of_nobody_that_the_registry_knows_is_given_up() {
    let (mut browser, codes) = called(Browser::inside(), Polls::new("ring", false), 1);
    browser.world.unknown = Some(REGISTRAR_DID);
    browser.decide("register", &[("code", &codes[0])]);
    browser.decide("agree", &[]);
    browser.shows(&["명부에 올라 있습니다", "선거인 증명서를 확인할 수 없어"]);
    assert!(!browser.page.contains("증명서 확인하고 담기"), "{}", browser.page);
    open(&mut browser);
    assert!(!browser.page.contains("증명서 확인하고 담기"), "{}", browser.page);
}

#[test]
fn an_older_page_of_an_election_writes_nothing_over_a_newer_one() {
    let (mut browser, codes) = called(Browser::inside(), Polls::new("ring", false), 1);
    let (older, link) = (browser.path.clone(), polls_of(&mut browser).link());
    browser.paste(&link);
    browser.decide("register", &[("code", &codes[0])]);
    browser.decide("agree", &[]);
    let newer = browser.path.clone();
    polls_of(&mut browser).open();
    // In a window that was left open.
    browser.get("/add");
    browser.post(&format!("{older}/refresh"), &[]);
    browser.get("/votes");
    browser.shows(&["등록됨"]);
    browser.get(&newer);
    browser.decide("refresh", &[]);
    browser.shows(&["명부에 올라 있습니다", "투표하기"]);
    let id = known(&mut browser);
    browser.post(&format!("/votes/{id}/forget"), &[]);
    browser.post(&format!("{newer}/refresh"), &[]);
    browser.get("/votes");
    browser.shows(&["아직 투표가 없습니다"]);
}
