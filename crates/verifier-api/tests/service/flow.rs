//! From an order to a result, between all kinds of devices.

use crate::{
    issuer::{PLANTED, name_query},
    world::{BACK, BASE, Browser, World, between, http_request, link, query_of},
};
use http::Method;
use serde_json::{Value, json};

fn order(more: &Value) -> Value {
    let mut order = json!({
        "query": name_query(),
        "purpose": {"ko": "우편물 수령 확인", "en": "Mail pickup"},
        "trust": {"issuers": [crate::issuer::ISSUER]},
    });
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
}

fn name(result: &Value) -> &Value {
    &result["credentials"]["resident"][0]["claims"]["given_name"]
}

#[test]
fn on_one_device_the_browser_that_began_brings_the_code() {
    let world = World::new();
    let opened = world.open(&order(&json!({"mode": "same_device", "return_to": BACK})));
    let browser = Browser::default();
    let page = world.visit(&browser, opened["page"].as_str().unwrap()).ok();
    let back = world.present(&link(&page)).unwrap();
    // Without the code there is no result, and the code alone is no one's to make up.
    assert_eq!(
        (world.result(&opened["id"], None).status, world.read(&opened["id"])["state"].clone()),
        (409, json!("answered"))
    );
    let returned = world.visit(&browser, &back).ok();
    assert!(returned.location().starts_with(BACK));
    let code = query_of(&returned.location(), "response_code");
    let result = world.result(&opened["id"], Some(&code)).ok().json();
    assert_eq!((name(&result), &result["state"]), (&json!(PLANTED[0]), &json!("accepted")));
    assert_eq!(result["credentials"]["resident"][0]["issuer"], crate::issuer::ISSUER);
    let again = world.result(&opened["id"], Some(&code));
    assert_eq!((again.status, again.rule), (410, "VP-RSP-11a"));
    assert_eq!(world.read(&opened["id"])["state"], "accepted");
}

#[test]
fn a_response_that_comes_back_to_another_browser_stops_it_all() {
    let world = World::new();
    let opened =
        world.open(&order(&json!({"mode": "same_device", "return_to": BACK, "keep_evidence_days": 30})));
    let (attacker, victim) = (Browser::default(), Browser::default());
    let page = world.visit(&attacker, opened["page"].as_str().unwrap()).ok();
    // The attacker sends the link to the victim, whose wallet sends the victim's browser back.
    let back = world.present(&link(&page)).unwrap();
    let returned = world.visit(&victim, &back);
    assert_eq!((returned.status, returned.rule), (403, "VP-RSP-05"));
    let code = query_of(&back, "response_code");
    let stolen = world.result(&opened["id"], Some(&code)).ok().json();
    assert_eq!((&stolen["state"], stolen.get("credentials")), (&json!("refused"), None));
    let read = world.read(&opened["id"]);
    assert_eq!((&read["state"], &read["rule"]), (&json!("refused"), &json!("VP-RSP-05b")));
    let path = format!("/manage/posts/requests/{}/evidence", opened["id"].as_str().unwrap());
    assert_eq!(world.manage("shop", Method::GET, &path, None).rule, "VSV-11");
}

#[test]
fn a_code_of_another_request_stops_nothing() {
    let world = World::new();
    let open = || world.open(&order(&json!({"mode": "same_device", "return_to": BACK})));
    let (mine, theirs) = (open(), open());
    let (me, them) = (Browser::default(), Browser::default());
    let my_page = world.visit(&me, mine["page"].as_str().unwrap()).ok();
    let their_page = world.visit(&them, theirs["page"].as_str().unwrap()).ok();
    let mine_back = world.present(&link(&my_page)).unwrap();
    let theirs_back = world.present(&link(&their_page)).unwrap();
    // My code at their address, in my browser.
    let (place, _) = theirs_back.split_once('?').unwrap();
    let crossed = format!("{place}?response_code={}", query_of(&mine_back, "response_code"));
    assert_eq!(world.visit(&me, &crossed).rule, "VP-RSP-05");
    assert_eq!(world.read(&theirs["id"])["state"], "answered");
    let foreign = world.result(&theirs["id"], Some(&query_of(&mine_back, "response_code")));
    assert_eq!(foreign.status, 403);
    let code = query_of(&theirs_back, "response_code");
    assert_eq!(name(&world.result(&theirs["id"], Some(&code)).ok().json()), PLANTED[0]);
}

#[test]
fn between_devices_the_holder_chooses_the_number_on_the_screen() {
    for is_right in [true, false] {
        let world = World::new();
        let opened = world.open(&order(&json!({"return_to": BACK})));
        let (screen, phone) = (Browser::default(), Browser::default());
        let address = opened["page"].as_str().unwrap();
        let page = world.visit(&screen, address).ok();
        let confirm = world.present(&link(&page)).unwrap();
        assert_eq!(world.result(&opened["id"], None).status, 409);
        let shown = world.visit(&screen, address).ok().text();
        let number = between(&shown, "<span class=\"unseen\">", "</span>").unwrap().replace(' ', "");
        assert_eq!(world.read(&opened["id"])["number"], json!(number));
        let choices = world.visit(&phone, &confirm).ok();
        assert!(choices.text().contains(&format!("value=\"{number}\"")));
        let wrong = format!("{:02}", (number.parse::<u8>().unwrap() + 1) % 100);
        let (action, _) = confirm.split_once('?').unwrap();
        let code = query_of(&confirm, "response_code");
        let pick = if is_right { number } else { wrong };
        let members = [("response_code", code.as_str()), ("number", pick.as_str())];
        world.submit(&phone, &choices, action, &members).ok();
        // There is one choice.
        assert_eq!(world.submit(&phone, &choices, action, &members).status, 404);
        let read = world.read(&opened["id"]);
        let result = world.result(&opened["id"], None).ok().json();
        if is_right {
            assert_eq!((&read["state"], name(&result)), (&json!("accepted"), &json!(PLANTED[0])));
            assert!(world.visit(&screen, &format!("{address}/back")).ok().location().starts_with(BACK));
        } else {
            assert_eq!((&read["state"], &read["rule"]), (&json!("refused"), &json!("VP-FIX-01a")));
            assert_eq!((&result["state"], result.get("credentials")), (&json!("refused"), None));
        }
    }
}

#[test]
fn what_the_holder_declines_is_told_with_what_to_do() {
    let world = World::new();
    let opened = world.open(&order(&json!({})));
    let screen = Browser::default();
    let page = world.visit(&screen, opened["page"].as_str().unwrap()).ok();
    world.decline(&link(&page)).ok();
    assert_eq!(world.read(&opened["id"])["state"], "declined");
    let told = world.visit(&screen, opened["page"].as_str().unwrap()).ok().text();
    assert!(told.contains("지갑에 맞는 자격증명이 없다면"), "{told}");
    let result = world.result(&opened["id"], None).ok().json();
    assert_eq!(result, json!({"state": "declined", "error": "access_denied"}));
}

#[test]
fn a_withdrawn_credential_is_refused_by_its_rule_and_the_wallet_learns_none() {
    for (status, rule) in [(1, "VP-07"), (2, "VP-08")] {
        let world = World::new();
        world.status.set(status);
        let opened = world.open(&order(&json!({"number_matching": false})));
        let asked = world.asked(opened["link"].as_str().unwrap());
        let answer = world.send(&world.post(&asked, world.presented(&asked)));
        assert_eq!((answer.status, answer.rule), (400, rule));
        assert_eq!(answer.json(), json!({"error": "invalid_request"}));
        let read = world.read(&opened["id"]);
        assert_eq!((&read["state"], &read["rule"]), (&json!("refused"), &json!(rule)));
        assert_eq!(read["dropped"], json!([{"query": "resident", "position": 0, "rule": rule}]));
        let result = world.result(&opened["id"], None).ok().json();
        assert_eq!((&result["rule"], result.get("credentials")), (&json!(rule), None));
    }
}

#[test]
fn what_was_made_for_another_occasion_is_refused() {
    type Change = fn(&mut sinpyo_openid4vp::Expectation);
    let cases: [Change; 2] = [
        |other| other.nonce = "another-nonce-of-another-verifier".to_owned(),
        |other| other.audience = "decentralized_identifier:did:x:mallory".to_owned(),
    ];
    for change in cases {
        let world = World::new();
        let opened = world.open(&order(&json!({"number_matching": false})));
        let asked = world.asked(opened["link"].as_str().unwrap());
        let mut expectation = asked.expectation();
        change(&mut expectation);
        let token = world.presented_for(&asked, &expectation);
        assert_eq!(world.send(&world.post(&asked, token)).status, 400);
        assert_eq!(world.read(&opened["id"])["state"], "refused");
    }
}

#[test]
fn an_answer_is_good_for_one_request_once() {
    let world = World::new();
    let open = || world.open(&order(&json!({"number_matching": false})));
    let (first, second) = (open(), open());
    let asked = world.asked(first["link"].as_str().unwrap());
    let post = world.post(&asked, world.presented(&asked));
    // Forwarded to another request, by its address: what is encrypted to one is nothing to the other.
    let other = world.asked(second["link"].as_str().unwrap());
    let sinpyo_openid4vp::Channel::Posted { response_uri } = other.expectation().channel else { panic!() };
    let forwarded =
        http_request(Method::POST, &response_uri, post.body().clone(), "application/x-www-form-urlencoded");
    assert_eq!(world.send(&forwarded).status, 400);
    // The handle of one under the name of the other is no address at all.
    let handle = response_uri.rsplit('/').next().unwrap();
    let crossed = format!("{BASE}/posts/vp/{}/response/{handle}", first["id"].as_str().unwrap());
    let crossed =
        http_request(Method::POST, &crossed, post.body().clone(), "application/x-www-form-urlencoded");
    assert_eq!((world.send(&crossed).status, world.send(&crossed).rule), (404, "VSV-15"));
    assert_eq!(world.read(&second["id"])["state"], "fetched");
    // Sent twice, it is answered twice and taken once.
    let [one, two] = [world.send(&post).ok(), world.send(&post).ok()];
    assert_eq!(one.response.body(), two.response.body());
    assert_eq!(name(&world.result(&first["id"], None).ok().json()), PLANTED[0]);
    assert_eq!(world.result(&first["id"], None).status, 410);
    // A second answer, with a signature of its own, comes too late.
    let again = world.post(&asked, world.presented(&asked));
    assert_eq!(world.send(&again).rule, "VP-RSP-10a");
}

#[test]
fn what_cannot_be_looked_up_is_postponed() {
    let world = World::new();
    let opened = world.open(&order(&json!({"number_matching": false})));
    let asked = world.asked(opened["link"].as_str().unwrap());
    let post = world.post(&asked, world.presented(&asked));
    world.reachable.set(false);
    let answer = world.send(&post);
    assert_eq!((answer.status, answer.rule), (503, "VP-12"));
    assert_eq!(world.read(&opened["id"])["state"], "fetched");
    world.reachable.set(true);
    world.send(&post).ok();
    assert_eq!(world.read(&opened["id"])["state"], "accepted");
}

#[test]
fn a_qr_code_is_good_for_a_minute() {
    let world = World::new();
    let opened = world.open(&order(&json!({"number_matching": false})));
    let screen = Browser::default();
    let address = opened["page"].as_str().unwrap();
    let first = link(&world.visit(&screen, address).ok());
    assert_eq!(link(&world.visit(&screen, address).ok()), first, "the page can be loaded again");
    world.pass(61);
    let second = link(&world.visit(&screen, address).ok());
    assert_ne!(first, second);
    let stale = http_request(Method::GET, &query_of(&first, "request_uri"), vec![], "text/plain");
    assert_eq!(world.send(&stale).status, 410);
    world.present(&second);
    assert_eq!(world.read(&opened["id"])["state"], "accepted");
    world.pass(1000);
    assert_eq!(world.read(&opened["id"])["state"], "accepted", "how it ended outlives its transaction");
    let unanswered = world.open(&order(&json!({})));
    world.pass(601);
    assert_eq!(world.read(&unanswered["id"])["state"], "expired");
}

#[test]
fn nothing_of_a_person_stands_anywhere_in_clear() {
    let world = World::new();
    let hook = json!({"url": "https://shop.example/hook"});
    world.manage("shop", Method::POST, "/manage/posts/webhooks", Some(&hook)).ok();
    let data = json!([{"type": "payment", "credential_ids": ["resident"], "amount": PLANTED[1]}]);
    let opened = world
        .open(&order(&json!({"number_matching": false, "keep_evidence_days": 30, "transaction_data": data})));
    world.present(opened["link"].as_str().unwrap());
    let path = format!("/manage/posts/requests/{}/evidence", opened["id"].as_str().unwrap());
    let evidence = world.manage("shop", Method::GET, &path, None).ok().json();
    assert!(evidence["vp_token"]["resident"][0].is_string());
    let result = world.result(&opened["id"], None).ok().json();
    assert_eq!(name(&result), PLANTED[0]);
    let token = evidence["vp_token"]["resident"][0].as_str().unwrap();
    for secret in PLANTED.iter().copied().chain([token, evidence["nonce"].as_str().unwrap()]) {
        assert!(!world.state.has_seen(secret), "{secret}");
    }
    assert!(world.state.has_seen("request.accepted"), "the watch works");
    let log = world.manage("shop", Method::GET, "/manage/posts/audit", None).ok().text();
    assert!(log.contains("request.accepted") && PLANTED.iter().all(|value| !log.contains(value)));
    world.manage("shop", Method::DELETE, &path, None).ok();
    assert_eq!(world.manage("shop", Method::GET, &path, None).rule, "VSV-11");
}

#[test]
fn evidence_is_kept_only_where_it_was_ordered_and_only_so_long() {
    let world = World::new();
    let open = |more| {
        let opened = world.open(&order(&more));
        world.present(opened["link"].as_str().unwrap());
        format!("/manage/posts/requests/{}/evidence", opened["id"].as_str().unwrap())
    };
    let (kept, not) = (
        open(json!({"number_matching": false, "keep_evidence_days": 2})),
        open(json!({"number_matching": false})),
    );
    assert_eq!(world.manage("shop", Method::GET, &not, None).rule, "VSV-11");
    world.pass(86_400);
    assert_eq!(world.manage("shop", Method::GET, &kept, None).status, 200);
    world.pass(86_401);
    assert_eq!(world.manage("shop", Method::GET, &kept, None).rule, "VSV-11");
}
