//! The management interface: who may do what, once.

use crate::{
    issuer::name_query,
    world::{BACK, BASE, World, http_request},
};
use http::{Method, header};
use serde_json::{Value, json};
use sinpyo_crypto::mac::hmac_sha256;
use sinpyo_verifier_api::Step;
use sinpyo_web::webhook::{SIGNATURE, Sent};

const REQUESTS: &str = "/manage/posts/requests";

fn simple() -> Value {
    json!({"query": name_query(), "number_matching": false})
}

#[test]
fn nothing_is_managed_without_a_token_that_permits_it() {
    let world = World::new();
    let send = |authorization: Option<String>| {
        let mut request = http_request(Method::GET, REQUESTS, vec![], "application/json");
        if let Some(value) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
        }
        let answer = world.send(&request);
        (answer.status, answer.rule)
    };
    assert_eq!(send(None), (401, "OAU-50"));
    assert_eq!(send(Some("Bearer abc.def.ghi".into())), (401, "OAU-51"));
    assert_eq!(send(Some(format!("Bearer {}", world.token("shop", "request")))), (403, "OAU-52"));
    assert_eq!(send(Some(format!("Bearer {}", world.token("shop", "read")))), (200, ""));
    // An assertion is used once, and by a client that is known.
    let assertion = world.assertion("shop");
    assert_eq!(world.send(&World::token_request(&assertion, "read")).status, 200);
    assert_eq!(world.send(&World::token_request(&assertion, "read")).status, 401);
    assert_eq!(world.send(&World::token_request(&world.assertion("nobody"), "read")).status, 401);
}

#[test]
fn a_tenant_is_managed_by_its_own_clients() {
    let world = World::new();
    let opened = world.open(&simple());
    let theirs = format!("/manage/posts/requests/{}", opened["id"].as_str().unwrap());
    let foreign = world.manage("bank-shop", Method::GET, &theirs, None);
    assert_eq!((foreign.status, foreign.rule), (403, "VSV-02"));
    // Nor is it there under the other tenant's path, for those who may look there.
    let moved = theirs.replace("posts", "bank");
    let moved = world.manage("boss", Method::GET, &moved, None);
    assert_eq!((moved.status, moved.rule), (404, "VSV-09"));
    assert_eq!(world.manage("boss", Method::GET, &theirs, None).status, 200);
    assert_eq!(world.manage("boss", Method::GET, "/manage/nowhere/requests", None).rule, "VSV-01");
    assert_eq!(world.manage("shop", Method::GET, "/manage/tenants", None).rule, "VSV-02");
    // A wallet cannot use one tenant's request at another's address either.
    let asked = world.asked(opened["link"].as_str().unwrap());
    let sinpyo_openid4vp::Channel::Posted { response_uri } = asked.expectation().channel else { panic!() };
    let post = world.post(&asked, world.presented(&asked));
    let moved = response_uri.replace("/posts/", "/bank/");
    let moved = http_request(Method::POST, &moved, post.body().clone(), "application/x-www-form-urlencoded");
    assert_eq!(world.send(&moved).rule, "VSV-09");
}

#[test]
fn a_request_that_is_sent_twice_under_one_name_is_opened_once() {
    let world = World::new();
    let token = world.token("shop", "request read");
    let send = |body: &Value, name: &str| {
        let mut request =
            http_request(Method::POST, REQUESTS, body.to_string().into_bytes(), "application/json");
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        headers.insert("idempotency-key", name.parse().unwrap());
        world.send(&request)
    };
    let (first, again, other) = (send(&simple(), "a"), send(&simple(), "a"), send(&simple(), "b"));
    assert_eq!(first.response.body(), again.response.body());
    assert_ne!(first.response.body(), other.response.body());
    let changed = send(&json!({"query": name_query()}), "a");
    assert_eq!((changed.status, changed.rule), (422, "HTTP-18"));
    let listed = world.manage("shop", Method::GET, REQUESTS, None).ok().json();
    assert_eq!(listed["requests"].as_array().unwrap().len(), 2);
}

#[test]
fn an_order_is_what_the_description_says() {
    let world = World::new();
    let cases = [
        (json!({"query": {"credentials": []}}), "VP-DCQ-01"),
        (json!({}), "VSV-03"),
        (json!({"query": name_query(), "surprise": 1}), "VSV-03"),
        (json!({"query": name_query(), "mode": "telepathy"}), "VSV-03"),
        (json!({"query": name_query(), "response_mode": "dc_api"}), "VSV-03"),
        (json!({"query": name_query(), "expires_in": 0}), "VSV-03"),
        (json!({"query": name_query(), "labels": {"name": {"ko": "이름"}}}), "VSV-03"),
        (json!({"query": name_query(), "return_to": "https://evil.example/"}), "VSV-04"),
        (json!({"query": name_query(), "mode": "same_device"}), "VSV-05"),
        (json!({"query": name_query(), "trust": {}}), "VSV-06"),
        (json!({"query": name_query(), "trust": {"roots": ["no certificate"]}}), "VSV-06"),
        (json!({"query": name_query(), "trust": {"issuers": ["no did"]}}), "VSV-06"),
    ];
    for (order, rule) in cases {
        let answer = world.manage("shop", Method::POST, REQUESTS, Some(&order));
        let is_query = rule.starts_with("VP-DCQ");
        assert_eq!(answer.status, 400, "{order}");
        assert!(
            answer.rule == rule || (is_query && answer.rule.starts_with("VP-DCQ")),
            "{order}: {}",
            answer.rule
        );
        assert!(answer.json()["detail_ko"].is_string());
    }
    let order = json!({"query": name_query(), "service": "post.pickup"});
    assert_eq!(world.manage("bank-shop", Method::POST, "/manage/bank/requests", Some(&order)).rule, "VSV-08");
}

#[test]
fn another_link_takes_the_place_of_one_that_has_run_out() {
    let world = World::new();
    let opened = world.open(&simple());
    let path = format!("{REQUESTS}/{}/link", opened["id"].as_str().unwrap());
    let fresh = world.manage("shop", Method::POST, &path, Some(&json!({}))).ok().json();
    assert_ne!(fresh["link"], opened["link"]);
    world.present(fresh["link"].as_str().unwrap());
    let late = world.manage("shop", Method::POST, &path, Some(&json!({})));
    assert_eq!((late.status, late.rule), (409, "VSV-17"));
    let paged = world.open(&simple());
    world.visit(&crate::world::Browser::default(), paged["page"].as_str().unwrap()).ok();
    let path = format!("{REQUESTS}/{}/link", paged["id"].as_str().unwrap());
    assert_eq!(world.manage("shop", Method::POST, &path, Some(&json!({}))).rule, "VSV-16");
}

#[test]
fn a_notice_is_signed_and_sent_until_it_is_taken() {
    let world = World::new();
    let hook = json!({"url": "https://shop.example/hook"});
    let registered = world.manage("shop", Method::POST, "/manage/posts/webhooks", Some(&hook)).ok().json();
    let secret = registered["secret"].as_str().unwrap();
    assert!(!world.state.has_seen(secret));
    let opened = world.open(&simple());
    world.present(opened["link"].as_str().unwrap());
    let hooks = |node: usize| world.nodes[node].webhooks(&world.state);
    let due = |node| hooks(node).due(10, world.now.get(), &mut *world.entropy.borrow_mut()).unwrap();
    let mut taken = due(0);
    assert!(due(1).is_empty(), "one node at a time");
    let delivery = taken.remove(0);
    let body = std::str::from_utf8(delivery.request.body()).unwrap().to_owned();
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&told["event"], &told["id"]), (&json!("request.accepted"), &opened["id"]));
    assert_eq!(told.as_object().unwrap().len(), 3);
    let signature = delivery.request.headers()[SIGNATURE].to_str().unwrap();
    let (time, sent) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let key = sinpyo_core::Secret::new(secret.to_owned());
    let made = hmac_sha256(&key, format!("{time}.{body}").as_bytes());
    assert_eq!(sent, made.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")));
    hooks(0).settle(delivery, Sent::Failed, world.now.get(), &mut *world.entropy.borrow_mut()).unwrap();
    assert!(due(1).is_empty());
    world.pass(1);
    let again = due(1).remove(0);
    hooks(1).settle(again, Sent::Taken, world.now.get(), &mut *world.entropy.borrow_mut()).unwrap();
    world.pass(100_000);
    assert!(due(0).is_empty());
}

#[test]
fn a_notice_that_nobody_takes_for_a_day_is_dead() {
    let world = World::new();
    let hook = json!({"url": "https://shop.example/hook"});
    world.manage("shop", Method::POST, "/manage/posts/webhooks", Some(&hook)).ok();
    let opened = world.open(&simple());
    world.present(opened["link"].as_str().unwrap());
    let hooks = world.nodes[0].webhooks(&world.state);
    let mut attempts = 0;
    for _ in 0..3000 {
        let due = hooks.due(10, world.now.get(), &mut *world.entropy.borrow_mut()).unwrap();
        for delivery in due {
            attempts += 1;
            hooks.settle(delivery, Sent::Failed, world.now.get(), &mut *world.entropy.borrow_mut()).unwrap();
        }
        world.pass(30);
    }
    assert!((24..=40).contains(&attempts), "{attempts}");
    let dead = world.manage("shop", Method::GET, "/manage/posts/notices/dead", None).ok().json();
    assert_eq!(dead["notices"][0]["id"], opened["id"]);
}

#[test]
fn a_webhook_is_an_address_that_may_be_told() {
    let world = World::new();
    let path = "/manage/posts/webhooks";
    for bad in
        ["http://shop.example/", "https://u:p@shop.example/", "javascript:alert(1)", "https://Shop.example/"]
    {
        let answer = world.manage("shop", Method::POST, path, Some(&json!({"url": bad})));
        assert_eq!((answer.status, answer.rule), (400, "HTTP-24"), "{bad}");
    }
    let added =
        world.manage("shop", Method::POST, path, Some(&json!({"url": "https://a.example/"}))).ok().json();
    let one = format!("{path}/{}", added["id"].as_str().unwrap());
    assert_eq!(world.manage("shop", Method::DELETE, &one, None).status, 204);
    assert_eq!(world.manage("shop", Method::DELETE, &one, None).rule, "VSV-20");
    for number in 0..16 {
        let url = json!({"url": format!("https://a.example/{number}")});
        world.manage("shop", Method::POST, path, Some(&url)).ok();
    }
    let many = world.manage("shop", Method::POST, path, Some(&json!({"url": "https://a.example/"})));
    assert_eq!(many.rule, "VSV-19");
}

#[test]
fn what_happens_is_told_as_it_happens_and_after_a_break() {
    let world = World::new();
    let follow = |last: Option<&str>| {
        let token = world.token("shop", "read");
        let mut request = http_request(Method::GET, "/manage/posts/events", vec![], "text/plain");
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        if let Some(last) = last {
            headers.insert("last-event-id", last.parse().unwrap());
        }
        match world.step(&request) {
            Step::Follow(feed) => feed,
            other => panic!("{other:?}"),
        }
    };
    let mut feed = follow(None);
    let opened = world.open(&simple());
    world.pass(3);
    let first = world.poll(&mut feed);
    assert!(first.contains("request.opened") && first.contains(opened["id"].as_str().unwrap()));
    assert_eq!(world.poll(&mut feed), "");
    let last = first.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    world.present(opened["link"].as_str().unwrap());
    world.pass(3);
    let mut again = follow(Some(&last));
    let told = world.poll(&mut again);
    assert!(told.contains("request.fetched") && told.contains("request.accepted"), "{told}");
    assert!(!told.contains("request.opened"));
}

#[test]
fn tenants_are_set_up_by_administrators_of_all() {
    let world = World::new();
    let path = "/manage/tenants/museum";
    let tenant = json!({"name": {"ko": "박물관", "en": "Museum"}, "return_to": [BACK], "profile": "haip"});
    assert_eq!(world.manage("shop", Method::PUT, path, Some(&tenant)).rule, "VSV-02");
    let set = world.manage("boss", Method::PUT, path, Some(&tenant)).ok().json();
    assert_eq!((&set["id"], &set["profile"]), (&json!("museum"), &json!("haip")));
    let bad = [
        ("/manage/tenants/museum", json!({"name": {"ko": "박물관"}})),
        ("/manage/tenants/museum", json!({"name": {"ko": "가", "en": "b"}, "return_to": ["ftp://x"]})),
        ("/manage/tenants/admin", json!({"name": {"ko": "가", "en": "b"}})),
        ("/manage/tenants/museum", json!({"name": {"ko": "가", "en": "b"}, "more": 1})),
    ];
    for (path, body) in bad {
        assert_eq!(world.manage("boss", Method::PUT, path, Some(&body)).rule, "VSV-18", "{body}");
    }
    assert_eq!(world.manage("boss", Method::DELETE, path, None).status, 204);
    assert_eq!(world.manage("boss", Method::GET, path, None).rule, "VSV-01");
}

#[test]
fn the_interface_describes_itself() {
    let world = World::new();
    let answer = world.send(&http_request(Method::GET, "/openapi.json", vec![], "text/plain")).ok().json();
    let schemas = answer["components"]["schemas"].as_object().unwrap();
    let text = answer.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    assert_eq!(answer["servers"][0]["url"], BASE);
    assert_eq!(world.send(&http_request(Method::GET, "/healthz", vec![], "text/plain")).status, 200);
    let mut stranger = http_request(Method::GET, "/healthz", vec![], "text/plain");
    stranger.headers_mut().insert(header::HOST, "evil.example".parse().unwrap());
    assert_eq!((world.send(&stranger).status, world.send(&stranger).rule), (421, "HTTP-01"));
}
