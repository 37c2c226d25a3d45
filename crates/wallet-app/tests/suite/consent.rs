//! Requests, from a link to an answer or to none.

use crate::{
    browser::Browser,
    world::{RESIDENT, VERIFIER_DID},
};
use serde_json::{Value, json};
use sinpyo_openid4vp::TransactionDatum;

pub(crate) fn query(claims: &[&str]) -> Value {
    let claims: Vec<Value> = claims.iter().map(|name| json!({"path": [name]})).collect();
    json!({"credentials": [{"id": "resident", "format": "dc+sd-jwt", "meta": {"vct_values": [RESIDENT]}, "claims": claims}]})
}

#[test]
fn the_holder_sees_who_asks_for_what_and_why_before_anything_is_sent() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&query(&["age_over_18", "region_sigungu"]));
    browser.paste(&link);
    browser.shows(&[
        "우정사업본부",
        "post.login",
        "등록 확인됨",
        VERIFIER_DID,
        "verifier.example",
        "우편물 수령인 확인",
        "성인 여부",
        "사는 곳",
        "서울특별시 종로구",
        "숨기는 정보",
        "생년월일",
        "아무도 본 적 없는 사본",
        "동의하고 보여 주기",
        "거절하기",
    ]);
    // The request was fetched; nothing was posted.
    assert!(browser.world.sent.iter().all(|sent| sent.starts_with("GET ")), "{:?}", browser.world.sent);
    browser.decide("agree", &[]);
    browser.shows(&["보여 주었습니다"]);
    let [Ok(shown)] = browser.world.verdicts.as_slice() else { panic!("{:?}", browser.world.verdicts) };
    assert_eq!(shown, &json!({"resident": {"age_over_18": true, "region_sigungu": "서울특별시 종로구"}}));
    browser.get("/history");
    browser.shows(&["우정사업본부", "성인 여부", "사는 곳"]);
    browser.get("/credentials/1");
    browser.shows(&["우정사업본부", "2 / 3"]);
}

#[test]
fn declining_sends_nothing() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    let before = browser.world.sent.clone();
    browser.decide("decline", &[]);
    browser.shows(&["거절했습니다", "아무것도 보내지 않았습니다"]);
    assert_eq!(browser.world.sent, before);
    browser.get("/history");
    browser.shows(&["아직 아무에게도"]);
}

#[test]
fn the_verifier_is_told_of_a_refusal_if_the_holder_wants() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    let before = browser.world.sent.len();
    browser.decide("decline", &[("tell", "on")]);
    browser.shows(&["거절했다는 것만 알렸습니다"]);
    assert_eq!(browser.world.sent.len(), before + 1);
    assert!(browser.world.sent.last().unwrap().starts_with("POST https://verifier.example/vp/response/"));
    assert!(browser.world.verdicts.is_empty());
}

#[test]
fn nothing_is_sent_that_was_not_kept() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    browser.disk.lock().unwrap().is_broken = true;
    browser.decide("agree", &[]);
    assert!(browser.world.verdicts.is_empty());
    assert!(browser.world.sent.iter().all(|sent| sent.starts_with("GET ")), "{:?}", browser.world.sent);
    browser.disk.lock().unwrap().is_broken = false;
    browser.get(&browser.path.clone());
    browser.shows(&["다시 시도"]);
    browser.decide("again", &[]);
    browser.shows(&["보여 주었습니다"]);
}

#[test]
fn who_is_not_registered_for_the_service_that_it_names_is_refused() {
    let mut browser = Browser::resident();
    browser.world.is_registered = false;
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    browser.shows(&["등록되지 않은 서비스", "WAP-07"]);
}

#[test]
fn who_names_no_service_is_shown_as_unregistered() {
    let mut browser = Browser::resident();
    let link = browser.world.ask_with(&query(&["age_over_18"]), |order| order.verifier_info.clear());
    browser.paste(&link);
    browser.shows(&["등록 확인 안 됨", VERIFIER_DID, "이유를 밝히지 않았습니다"]);
}

#[test]
fn a_request_beyond_the_registration_is_refused() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&query(&["birthdate"]));
    browser.paste(&link);
    browser.shows(&["등록된 것보다 많은 정보", "WAL-01"]);
}

#[test]
fn what_is_missing_is_explained_with_what_to_do() {
    let mut browser = Browser::inside();
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    browser.shows(&[
        "요청에 맞는 자격증명이 없습니다",
        "ResidentCredential",
        "지갑에 이 자격증명이 없습니다",
        "먼저 발급기관에서 받은 뒤",
    ]);
    browser.decide("decline", &[]);
    browser.shows(&["아무것도 보내지 않았습니다"]);

    let mut browser = Browser::resident();
    let mut asked = query(&["age_over_18"]);
    asked["credentials"][0]["claims"][0]["values"] = json!([false]);
    let link = browser.world.ask(&asked);
    browser.paste(&link);
    browser.shows(&["주민 자격증명", "요청한 조건과 다릅니다", "성인 여부"]);
}

#[test]
fn an_optional_part_is_the_holders_choice() {
    let mut browser = Browser::resident();
    let mut asked = query(&["age_over_18"]);
    let mut more = asked["credentials"][0].clone();
    more["id"] = json!("region");
    more["claims"] = json!([{"path": ["region_sigungu"]}]);
    asked["credentials"].as_array_mut().unwrap().push(more);
    asked["credential_sets"] =
        json!([{"options": [["resident"]]}, {"options": [["region"]], "required": false}]);
    for (typed, expected) in [("", 1), ("0", 2)] {
        let link = browser.world.ask(&asked);
        browser.paste(&link);
        browser.shows(&["선택 사항", "보여 주지 않음"]);
        browser.decide("agree", &[("set-1", typed)]);
        browser.shows(&["보여 주었습니다"]);
        let Some(Ok(shown)) = browser.world.verdicts.last() else { panic!("{:?}", browser.world.verdicts) };
        assert_eq!(shown.as_object().unwrap().len(), expected);
    }
}

#[test]
fn a_transaction_is_shown_in_words_and_authorised() {
    let mut browser = Browser::resident();
    let datum = json!({"type": "urn:example:payment", "credential_ids": ["resident"], "payee": "한국우편"});
    let types = crate::world::World::rules().transaction_types;
    let asked = query(&["age_over_18"]);
    let parsed = sinpyo_dcql::Query::from_json(&asked).unwrap();
    let datum = TransactionDatum::new(datum.as_object().unwrap(), &types, &parsed).unwrap();
    let link = browser.world.ask_with(&asked, |order| order.transaction_data = vec![datum]);
    browser.paste(&link);
    browser.shows(&["송금", "받는 사람", "한국우편", "동의하고 승인하기"]);
    browser.decide("agree", &[]);
    assert!(matches!(browser.world.verdicts.as_slice(), [Ok(_)]), "{:?}", browser.world.verdicts);
    browser.get("/history");
    browser.shows(&["승인한 거래"]);
}

#[test]
fn a_copy_that_another_verifier_saw_is_shown_with_a_warning() {
    let mut browser = Browser::resident();
    for _ in 0..4 {
        // Without a name of its own every request is by somebody else.
        let seed = browser.world.sent.len();
        browser.world.verifier.base = sinpyo_openid4vp::Location::parse(
            &format!("https://verifier.example/vp{seed}/"),
            sinpyo_openid4vp::Transport::Https,
        )
        .unwrap();
        let link = browser.world.ask_unsigned(&query(&["age_over_18"]));
        browser.paste(&link);
        browser.shows(&["신원을 확인하지 못했습니다"]);
        browser.decide("agree", &[]);
    }
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    browser.shows(&["다른 곳이 이미 본 사본"]);
}

#[test]
fn a_carried_request_is_answered_into_a_file() {
    let mut browser = Browser::resident();
    let token = browser.world.carried_request(&["age_over_18"]);
    browser.paste(&token);
    browser.shows(&["우정사업본부", "post.login", "성인 여부"]);
    browser.decide("agree", &[]);
    browser.shows(&["답을 만들었습니다", "vp_token", "파일로 저장"]);
    assert!(browser.world.sent.is_empty(), "{:?}", browser.world.sent);
    let path = format!("{}/answer", browser.path);
    browser.get(&path);
    let answer: Value = serde_json::from_str(&browser.page).unwrap();
    assert!(answer["vp_token"]["resident"][0].as_str().unwrap().contains('~'));
}

#[test]
fn what_is_sent_is_what_the_page_showed() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&link);
    let (path, page) = (browser.path.clone(), browser.page.clone());
    // In another tab, another question is answered: the copy that nobody had seen was seen.
    let other = browser.world.ask(&query(&["age_over_18"]));
    browser.paste(&other);
    browser.decide("agree", &[]);
    browser.shows(&["보여 주었습니다"]);
    (browser.path, browser.page) = (path, page);
    browser.decide("agree", &[]);
    browser.shows(&["그 사이 지갑의 내용이 바뀌었습니다", "동의하고 보여 주기"]);
    assert_eq!(browser.world.verdicts.len(), 1);
}
