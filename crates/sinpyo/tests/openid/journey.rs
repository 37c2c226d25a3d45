//! From an offer to a verified claim, and to the refusal of what was revoked.

use crate::{
    http::ask,
    manage::Program,
    office::{Office, claims, created, offer, request, text},
    served::until,
    support::json_of,
};
use serde_json::{Value, json};
use std::time::Duration;

const PLACES: (&str, &str) = ("--data issuer", "--data verifier");

/// Fetches what is offered into the wallet; returns the names of the copies.
pub(crate) fn receive(office: &Office, offer: &Value) -> Vec<String> {
    let (link, code) = (text(offer, "link"), text(offer, "tx_code"));
    let got = office.ok(&format!("wallet receive {link} --tx-code {code} --copies 2 --development"));
    got["credentials"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// How a request stands once it is decided.
pub(crate) fn outcome(verifier: &Program, request: &Value) -> Value {
    let path = format!("/manage/post/requests/{}", text(request, "id"));
    let mut seen = Value::Null;
    until(Duration::from_secs(20), "the end of a request", || {
        seen = verifier.get(&path).json();
        !matches!(text(&seen, "state"), "waiting" | "fetched" | "answered")
    });
    seen
}

/// What the program that ordered the request gets, once.
pub(crate) fn result(verifier: &Program, request: &Value) -> (u16, Value) {
    let got = verifier.post(&format!("/manage/post/requests/{}/result", text(request, "id")), &json!({}));
    (got.status, got.json())
}

#[test]
fn what_is_offered_is_received_shown_once_and_refused_after_it_was_revoked() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let (issuing, verifying) = (office.serve("issuer", PLACES.0), office.serve("verifier", PLACES.1));
    let (issuer, verifier) =
        (office.program(&issuing.url, "issuer"), office.program(&verifying.url, "verifier"));

    let offered = offer(&issuer);
    assert_eq!(receive(&office, &offered).len(), 2);
    let state = issuer.get(&format!("/manage/post/offers/{}", text(&offered, "id"))).json();
    assert_eq!(text(&state, "state"), "issued", "{state}");
    // Its code is spent.
    let again = format!(
        "wallet receive {} --tx-code {} --development",
        text(&offered, "link"),
        text(&offered, "tx_code")
    );
    office.refused(&again);

    let asked = request(&verifier, "cross_device");
    let shown = office.ok(&format!("wallet present {} --yes --development", text(&asked, "link")));
    assert_eq!(text(&shown, "outcome"), "sent");
    assert_eq!(text(&outcome(&verifier, &asked), "state"), "accepted");
    let (status, result_once) = result(&verifier, &asked);
    assert_eq!(status, 200, "{result_once}");
    let told = result_once.to_string();
    assert!(told.contains("\"identity_assured\":true"), "{told}");
    assert!(!told.contains("한별"), "nothing is told that was not asked for: {told}");
    assert_eq!(result(&verifier, &asked).0, 410);
    let history = office.ok("wallet history");
    assert_eq!(history["presentations"].as_array().unwrap().len(), 1);

    let issued = issuer.get("/manage/post/credentials").json();
    let issued = issued["credentials"].as_array().unwrap().clone();
    assert!(!issued.is_empty());
    assert!(
        !issued.iter().any(|one| one.to_string().contains("한별")),
        "the list states nothing about anybody"
    );
    for one in &issued {
        let path = format!("/manage/post/credentials/{}/status", text(one, "id"));
        let got = issuer.post(&path, &json!({"status": "revoked"}));
        assert!((200..300).contains(&got.status), "{}", got.text());
    }
    // What was looked up is kept for half of --freshness.
    std::thread::sleep(Duration::from_millis(1500));
    let asked = request(&verifier, "cross_device");
    let shown = office.run(&format!("wallet present {} --yes --development", text(&asked, "link")));
    let end = outcome(&verifier, &asked);
    assert_eq!(text(&end, "state"), "refused", "{end} {}", String::from_utf8_lossy(&shown.stderr));
    assert!(text(&end, "rule").starts_with("VP-"), "{end}");
}

#[test]
fn a_holder_who_declines_sends_nothing_and_is_told_why_if_there_is_nothing_to_show() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let verifying = office.serve("verifier", PLACES.1);
    let verifier = office.program(&verifying.url, "verifier");
    office.ok("wallet create");
    let asked = request(&verifier, "cross_device");
    let link = text(&asked, "link");
    let told = office.run(&format!("wallet present {link} --yes --development --lang ko"));
    let told = json_of(&told);
    assert_eq!(told["code"], "WAL-03");
    let message = text(&told, "message");
    assert!(message.contains("지갑에 이 자격증명이 없습니다"), "{message}");
    assert!(!message.contains("the wallet"), "{message}");
    let state = verifier.get(&format!("/manage/post/requests/{}", text(&asked, "id"))).json();
    assert!(matches!(text(&state, "state"), "waiting" | "fetched"), "{state}");
}

#[test]
fn a_wrong_transaction_code_is_said_to_be_wrong() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let issuing = office.serve("issuer", PLACES.0);
    let offered = offer(&office.program(&issuing.url, "issuer"));
    let (link, code) = (text(&offered, "link"), text(&offered, "tx_code"));
    let wrong: String = code.chars().map(|digit| if digit == '1' { '2' } else { '1' }).collect();
    let told = office.run(&format!("wallet receive {link} --tx-code {wrong} --development --lang ko"));
    let message = json_of(&told);
    assert!(text(&message, "message").starts_with("거래 코드가 맞지 않습니다"), "{message}");
    // It can still be entered as it is.
    office.ok(&format!("wallet receive {link} --tx-code {code} --development"));
}

#[test]
fn an_order_that_is_sent_twice_makes_one_offer() {
    let office = Office::founded(PLACES.0, PLACES.1);
    let issuing = office.serve("issuer", PLACES.0);
    let issuer = office.program(&issuing.url, "issuer");
    let order = json!({"configurations": ["K14-sd-jwt"], "claims": claims(), "tx_code": true});
    let first = created(&issuer.post_named("/manage/post/offers", &order, "order-1"));
    let second = created(&issuer.post_named("/manage/post/offers", &order, "order-1"));
    assert_eq!(first, second);
    let mut other = order.clone();
    other["claims"]["given_name"] = json!("별");
    assert!(issuer.post_named("/manage/post/offers", &other, "order-1").status >= 400);
    assert_eq!(ask("GET", &format!("{}/manage/post/credentials", issuing.url), &[], b"").status, 401);
}
