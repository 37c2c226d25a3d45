//! What a tenant may say of itself, and what becomes of its requests when it changes.

use crate::{
    issuer::name_query,
    world::{BACK, VERIFIER, World, http_request, query_of},
};
use http::Method;
use serde_json::{Value, json};
use sinpyo_state::{Space, State};
use sinpyo_verifier_api::{Step, tenant::Tenant};

const DAY: u64 = 24 * 60 * 60;

fn order(more: &Value) -> Value {
    let mut order = json!({"query": name_query()});
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
}

fn change(world: &World, id: &str, change: impl Fn(&mut Tenant)) {
    let now = world.now.get();
    let mut tenant = Tenant::find(&id.parse().unwrap(), &world.state, now).unwrap().unwrap();
    change(&mut tenant);
    world.commit(tenant.change(&world.state, now).unwrap());
}

#[test]
fn a_tenant_does_not_say_as_whom_it_asks() {
    let world = World::new();
    let path = "/manage/tenants/bank";
    let put = |client: &str, path: &str, more: &Value| {
        let mut body =
            json!({"name": {"ko": "은행", "en": "Bank"}, "return_to": ["https://bank.example/back"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = world.manage(client, Method::PUT, path, Some(&body));
        (answer.status, answer.rule)
    };
    assert_eq!(put("bank-shop", path, &json!({"did": VERIFIER})), (403, "VSV-27"));
    assert_eq!(put("bank-shop", path, &json!({"profile": "haip"})), (403, "VSV-27"));
    let asked = json!({"query": name_query(), "service": "post.pickup"});
    assert_eq!(world.manage("bank-shop", Method::POST, "/manage/bank/requests", Some(&asked)).rule, "VSV-08");
    // The rest is its own to say, and what is not said stays.
    assert_eq!(put("bank-shop", path, &json!({})).0, 200);
    assert_eq!(put("shop", "/manage/tenants/posts", &json!({})).0, 200);
    let posts = world.manage("shop", Method::GET, "/manage/tenants/posts", None).ok().json();
    assert_eq!(
        (&posts["did"], &posts["return_to"][0]),
        (&json!(VERIFIER), &json!("https://bank.example/back"))
    );
    assert_eq!(put("shop", "/manage/tenants/posts", &json!({"did": null})), (403, "VSV-27"));
    assert_eq!(put("boss", path, &json!({"did": VERIFIER})).0, 200);
}

#[test]
fn nobody_asks_under_the_name_of_another_tenant() {
    let world = World::new();
    let open =
        |more: &Value| world.manage("bank-shop", Method::POST, "/manage/bank/requests", Some(&order(more)));
    let named = |link: &Value| link.as_str().unwrap().contains("decentralized_identifier");
    assert!(named(&world.open(&order(&json!({})))["link"]));
    assert!(!named(&open(&json!({})).ok().json()["link"]));
    assert_eq!(open(&json!({"client_id_prefix": "decentralized_identifier"})).rule, "VSV-07");
    // The only tenant there is, is the one who serves.
    world.manage("boss", Method::DELETE, "/manage/tenants/posts", None).ok();
    assert!(named(&open(&json!({})).ok().json()["link"]));
}

#[test]
fn what_was_asked_stays_as_it_was_when_the_tenant_changes() {
    let world = World::new();
    let same = world.open(&order(&json!({"mode": "same_device", "return_to": BACK})));
    let served = world.open(&order(&json!({"number_matching": false, "service": "post.pickup"})));
    let asked = world.asked(served["link"].as_str().unwrap());
    change(&world, "posts", |tenant| tenant.return_to.clear());
    let listed = world.manage("shop", Method::GET, "/manage/posts/requests", None).ok().json();
    assert_eq!(listed["requests"].as_array().unwrap().len(), 2);
    let back = world.present(same["link"].as_str().unwrap()).unwrap();
    assert_eq!(world.read(&same["id"])["state"], "answered");
    // No browser is sent to an address that is the tenant's no more.
    assert_eq!(world.visit(&crate::world::Browser::default(), &back).rule, "VSV-04");
    world.result(&same["id"], Some(&query_of(&back, "response_code"))).ok();
    // Nor does anybody get an answer who lost the right to the question.
    change(&world, "posts", |tenant| tenant.did = None);
    assert_eq!(world.send(&world.post(&asked, world.presented(&asked))).rule, "VSV-08");
    let read = world.read(&served["id"]);
    assert_eq!((&read["state"], &read["rule"]), (&json!("refused"), &json!("VSV-08")));
}

#[test]
fn evidence_can_be_read_for_as_long_as_it_is_kept() {
    let world = World::new();
    let more = json!({"number_matching": false, "keep_evidence_days": 90});
    let opened = world.open(&order(&more));
    world.present(opened["link"].as_str().unwrap());
    let same =
        world.open(&order(&json!({"mode": "same_device", "return_to": BACK, "keep_evidence_days": 90})));
    let back = world.present(same["link"].as_str().unwrap()).unwrap();
    world.result(&same["id"], Some(&query_of(&back, "response_code"))).ok();
    let read = |id: &Value| {
        let path = format!("/manage/posts/requests/{}/evidence", id.as_str().unwrap());
        let answer = world.manage("shop", Method::GET, &path, None);
        (answer.status, answer.rule)
    };
    world.pass(89 * DAY);
    world.state.sweep(world.now.get()).unwrap();
    assert_eq!((read(&opened["id"]), read(&same["id"])), ((200, ""), (200, "")));
    world.pass(2 * DAY);
    assert_eq!((read(&opened["id"]).0, read(&same["id"]).0), (404, 404));
}

#[test]
fn no_evidence_is_kept_of_what_was_never_accepted() {
    let world = World::new();
    let kept = || world.state.page(Space::new("vsv.evidence"), None, 9, world.now.get()).unwrap().len();
    let same =
        world.open(&order(&json!({"mode": "same_device", "return_to": BACK, "keep_evidence_days": 90})));
    world.present(same["link"].as_str().unwrap()).unwrap();
    assert_eq!(kept(), 1);
    world.pass(601);
    assert_eq!(kept(), 0);
}

#[test]
fn a_stream_of_management_ends_and_is_asked_for_anew() {
    let world = World::new();
    let mut request = http_request(Method::GET, "/manage/posts/events", Vec::new(), "text/plain");
    let token = format!("Bearer {}", world.token("shop", "read"));
    request.headers_mut().insert(http::header::AUTHORIZATION, token.parse().unwrap());
    let Step::Follow(mut feed) = world.step(&request) else { panic!("a stream") };
    world.pass(599);
    assert!(!world.ends(&mut feed));
    world.pass(1);
    assert!(world.ends(&mut feed));
}

#[test]
fn one_request_is_not_answered_without_end() {
    let world = World::new();
    let (one, other) = (world.open(&order(&json!({}))), world.open(&order(&json!({}))));
    let fetch = |opened: &Value| {
        let address = opened["request_uri"].as_str().unwrap();
        world.send(&http_request(Method::GET, address, Vec::new(), "text/plain")).rule
    };
    // Two nodes, each of which counts on its own.
    let rules: Vec<_> = (0..62).map(|_| fetch(&one)).collect();
    assert!(rules[..60].iter().all(|rule| *rule != "HTTP-12"));
    assert_eq!(rules[60..], ["HTTP-12", "HTTP-12"]);
    assert_ne!(fetch(&other), "HTTP-12");
}

#[test]
fn no_document_is_fetched_for_an_issuer_whom_the_ledger_does_not_know() {
    let world = World::new();
    let opened = world.open(&order(&json!({"number_matching": false})));
    let asked = world.asked(opened["link"].as_str().unwrap());
    let mut token = world.presented(&asked);
    // A credential that says that it was issued by somebody with a server of his own.
    let text = token["resident"][0].as_str().unwrap().to_owned();
    let (signed, rest) = text.split_once('~').unwrap();
    let [head, body, signature] = signed.split('.').collect::<Vec<_>>()[..] else { panic!("a JWT") };
    let changed = |part: &str, name: &str, value: &str| {
        let part = sinpyo_core::encoding::from_base64url(part).unwrap();
        let mut part: Value = serde_json::from_slice(&part).unwrap();
        part[name] = json!(value);
        sinpyo_core::encoding::to_base64url(part.to_string().as_bytes())
    };
    let head = changed(head, "kid", "did:web:tarpit.example#key-1");
    let body = changed(body, "iss", "did:web:tarpit.example");
    token["resident"][0] = json!(format!("{head}.{body}.{signature}~{rest}"));
    // Its document cannot be had here: whoever asked for it would be told to come again.
    assert_eq!(world.send(&world.post(&asked, token)).status, 400);
    assert_eq!(world.read(&opened["id"])["state"], "refused");
}
