//! Other formats, several credentials, transactions, trust, and the browser's wallet.

use crate::{
    issuer::{CLUB, KIND, LISTED, MDL, NAMESPACE, PLANTED, name_query},
    world::{BASE, Browser, World, between},
};
use http::Method;
use serde_json::{Value, json};
use sinpyo_dcql::Query;
use sinpyo_openid4vp::{
    DigitalProtocol, DigitalRequest, Transport, VpToken,
    wallet::{Response, Trust, receive_digital},
};

fn resident(id: &str, kind: &str) -> Value {
    json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [kind]}, "claims": [{"path": ["given_name"]}]})
}

fn accepted(world: &World, order: &Value) -> Value {
    let opened = world.open(order);
    world.present(opened["link"].as_str().unwrap());
    world.result(&opened["id"], None).ok().json()
}

#[test]
fn a_mobile_document_is_verified_by_the_authorities_of_the_order() {
    let world = World::new();
    let query = json!({"credentials": [{
        "id": "licence", "format": "mso_mdoc", "meta": {"doctype_value": MDL},
        "claims": [{"path": [NAMESPACE, "family_name"]}],
    }]});
    let authority = world.holding.borrow().authority.clone();
    let order = |trust: Value| json!({"query": query, "number_matching": false, "without_status": "accept", "trust": trust});
    let result = accepted(&world, &order(json!({"roots": [authority]})));
    assert_eq!(result["credentials"]["licence"][0]["claims"][NAMESPACE]["family_name"], PLANTED[0]);
    // Its status list is its authority's, too, whether or not the signer has a DID beside.
    let listed = |status| {
        world.status.set(status);
        let mut order = order(json!({"roots": [authority]}));
        order["without_status"] = json!("refuse");
        order["query"]["credentials"][0]["meta"] = json!({"doctype_value": LISTED});
        let opened = world.open(&order);
        let asked = world.asked(opened["link"].as_str().unwrap());
        let answer = world.send(&world.post(&asked, world.presented(&asked)));
        (answer.status, answer.rule)
    };
    assert_eq!(listed(0), (200, ""));
    assert_eq!(listed(1), (400, "VP-07"));
    world.status.set(0);
    // Under another authority it is nobody's.
    let other = crate::issuer::holding().authority;
    let opened = world.open(&order(json!({"roots": [other]})));
    let asked = world.asked(opened["link"].as_str().unwrap());
    assert_eq!(world.send(&world.post(&asked, world.presented(&asked))).status, 400);
    assert_eq!(world.read(&opened["id"])["state"], "refused");
}

#[test]
fn one_of_several_sets_of_credentials_will_do() {
    let world = World::new();
    let query = json!({
        "credentials": [resident("a", KIND), resident("b", CLUB), resident("c", "urn:nobody:has:it")],
        "credential_sets": [{"options": [["c"], ["a", "b"]]}],
    });
    let result =
        accepted(&world, &json!({"query": query, "number_matching": false, "trust": {"accredited": true}}));
    let names: Vec<_> = result["credentials"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["a", "b"]);
    // Half of a set is none.
    let opened = world.open(&json!({"query": query, "number_matching": false}));
    let asked = world.asked(opened["link"].as_str().unwrap());
    let mut half = world.presented(&asked);
    half.remove("b");
    let answer = world.send(&world.post(&asked, half));
    assert_eq!((answer.status, answer.rule), (400, "VP-DCQ-11d"));
}

#[test]
fn the_holder_agrees_to_the_transaction_that_was_ordered() {
    let world = World::new();
    let datum = json!({"type": "payment", "credential_ids": ["resident"], "amount": "12000"});
    let order = json!({"query": name_query(), "number_matching": false, "transaction_data": [datum]});
    let result = accepted(&world, &order);
    assert_eq!(result["credentials"]["resident"][0]["authorised"], json!([0]));
    let text = result["transaction_data"][0].as_str().unwrap();
    let sent: Value = serde_json::from_slice(&sinpyo_core::encoding::from_base64url(text).unwrap()).unwrap();
    assert_eq!(sent["amount"], "12000");
    // A presentation that agrees to nothing is refused.
    let opened = world.open(&order);
    let asked = world.asked(opened["link"].as_str().unwrap());
    let mut expectation = asked.expectation();
    expectation.transaction_data.clear();
    let silent = silent(&world, &asked, &expectation);
    assert_eq!(world.send(&world.post(&asked, silent)).status, 400);
}

/// A wallet that shows everything tells it to nobody: neither the one who asked nor the evidence.
#[test]
fn what_was_not_asked_for_is_neither_handed_on_nor_kept() {
    let world = World::new();
    let mut whole = name_query();
    whole["credentials"][0]["claims"] =
        json!([{"path": ["given_name"]}, {"path": ["address"]}, {"path": ["birth_date"]}]);
    let mut bare = name_query();
    bare["credentials"][0].as_object_mut().unwrap().remove("claims");
    let order = |query: Value| json!({"query": query, "number_matching": false, "keep_evidence_days": 2});
    for (query, names, disclosures) in [
        (name_query(), vec!["given_name"], 1),
        (bare, vec![], 0),
        (whole.clone(), vec!["address", "birth_date", "given_name"], 3),
    ] {
        let opened = world.open(&order(query));
        let asked = world.asked(opened["link"].as_str().unwrap());
        let more = world.presented_to(&asked, &Query::from_json(&whole).unwrap());
        assert_eq!(more["resident"][0].as_str().unwrap().matches('~').count(), 4, "all is shown");
        world.send(&world.post(&asked, more)).ok();
        let path = format!("/manage/posts/requests/{}/evidence", opened["id"].as_str().unwrap());
        let result = world.result(&opened["id"], None).ok().json();
        let told = result["credentials"]["resident"][0]["claims"].as_object().unwrap();
        assert_eq!(told.keys().collect::<Vec<_>>(), names, "{result}");
        let evidence = world.manage("shop", Method::GET, &path, None).ok().json();
        let kept = evidence["vp_token"]["resident"][0].as_str().unwrap();
        assert_eq!(kept.matches('~').count(), 1 + disclosures);
    }
}

/// A presentation without a word about transactions.
fn silent(
    world: &World,
    asked: &sinpyo_openid4vp::wallet::Asked,
    expectation: &sinpyo_openid4vp::Expectation,
) -> serde_json::Map<String, Value> {
    let now = world.now.get();
    let query = asked.request().query.clone();
    let agreed = sinpyo_wallet::Asked::new(expectation.audience.parse().unwrap(), None, query, now).unwrap();
    let holding = &mut *world.holding.borrow_mut();
    let consent = holding.wallet.review(agreed, now).unwrap().disclose_requested();
    let occasion = sinpyo_wallet::Occasion {
        audience: &expectation.audience,
        nonce: &expectation.nonce,
        handover: None,
    };
    holding.wallet.present(consent, &occasion, now).unwrap().into_vp_token()
}

#[test]
fn a_verifier_keeps_to_its_service_code() {
    let world = World::new();
    let order = json!({"query": name_query(), "number_matching": false, "service": "post.pickup"});
    assert_eq!(accepted(&world, &order)["state"], "accepted");
    // What the code does not cover may be asked for by mistake; the answer is not used.
    let mut beyond = order.clone();
    beyond["query"]["credentials"][0]["claims"] = json!([{"path": ["birth_date"]}]);
    let opened = world.open(&beyond);
    let asked = world.asked(opened["link"].as_str().unwrap());
    let answer = world.send(&world.post(&asked, world.presented(&asked)));
    assert_eq!((answer.status, answer.rule), (400, "WAL-01"));
}

#[test]
fn an_issuer_is_believed_as_the_order_says() {
    let world = World::new();
    let of = |trust: Value| json!({"query": name_query(), "number_matching": false, "trust": trust});
    for good in [json!({"accredited": true}), json!({"issuers": [crate::issuer::ISSUER]})] {
        assert_eq!(accepted(&world, &of(good))["state"], "accepted");
    }
    let opened = world.open(&of(json!({"issuers": ["did:x:mallory"]})));
    let asked = world.asked(opened["link"].as_str().unwrap());
    assert_eq!(world.send(&world.post(&asked, world.presented(&asked))).rule, "VP-20");
}

#[test]
fn a_request_is_signed_under_the_name_that_was_ordered() {
    let world = World::new();
    for (prefix, begins) in [
        ("decentralized_identifier", "decentralized_identifier:did:x:post"),
        ("x509_hash", "x509_hash:"),
        ("redirect_uri", "redirect_uri:https://verifier.example/posts/vp/"),
    ] {
        let opened =
            world.open(&json!({"query": name_query(), "number_matching": false, "client_id_prefix": prefix}));
        let link = opened["link"].as_str().unwrap();
        assert!(world.asked(link).expectation().audience.starts_with(begins), "{prefix}");
        world.present(link);
        assert_eq!(world.read(&opened["id"])["state"], "accepted");
    }
    let order = json!({"query": name_query(), "client_id_prefix": "verifier_attestation"});
    let refused = world.manage("shop", Method::POST, "/manage/posts/requests", Some(&order));
    assert_eq!((refused.status, refused.rule), (400, "VSV-07"));
}

#[test]
fn the_profile_of_a_tenant_is_kept() {
    let world = World::new();
    world.haip("posts");
    let order = |more: Value| {
        let mut order = json!({"query": name_query(), "number_matching": false});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        order
    };
    let open = |order: &Value| world.manage("shop", Method::POST, "/manage/posts/requests", Some(order));
    assert_eq!(
        open(&order(json!({"response_mode": "direct_post", "client_id_prefix": "x509_hash"}))).rule,
        "HAI-04"
    );
    assert_eq!(open(&order(json!({"client_id_prefix": "redirect_uri"}))).status, 400);
    let opened = open(&order(json!({"client_id_prefix": "x509_hash"}))).ok().json();
    let link = opened["link"].as_str().unwrap();
    assert!(link.starts_with("haip-vp://"));
    world.present(link);
    assert_eq!(world.read(&opened["id"])["state"], "accepted");
}

#[test]
fn the_browsers_wallet_answers_through_the_page() {
    let world = World::new();
    let opened = world.open(&json!({"query": name_query(), "mode": "dc_api"}));
    assert!(opened.get("link").is_none());
    let (screen, other) = (Browser::default(), Browser::default());
    let address = opened["page"].as_str().unwrap();
    let page = world.visit(&screen, address).ok();
    let request = between(&page.text(), "data-digital=\"", "\"").unwrap();
    let request: Value = serde_json::from_str(&request).unwrap();
    let request = DigitalRequest {
        protocol: DigitalProtocol::from_name(request["protocol"].as_str().unwrap()).unwrap(),
        data: request["data"].as_object().unwrap().clone(),
    };
    let documents = [crate::issuer::document(&crate::issuer::signer(crate::world::VERIFIER, 12))];
    let roots = crate::issuer::roots(&world.holding.borrow().authority);
    let trust = Trust { roots: &roots, documents: &documents, attesters: &[], transport: Transport::Https };
    // The browser tells the wallet whose page it is; a page of another origin could not use the request.
    assert!(receive_digital(request.clone(), "https://evil.example", &trust, world.now.get()).is_err());
    let asked = receive_digital(request, BASE, &trust, world.now.get()).unwrap();
    let token = VpToken::parse(Value::Object(world.presented(&asked))).unwrap();
    let Response::Digital(data) = asked.answer(&token, &mut *world.entropy.borrow_mut()).unwrap() else {
        panic!("an object")
    };
    let body = json!({"protocol": "openid4vp-v1-signed", "data": data}).to_string().into_bytes();
    let action = format!("{address}/digital");
    let stolen = world.browse(&other, Method::POST, &action, body.clone(), "application/json");
    assert_eq!((stolen.status, stolen.rule), (403, "VSV-10"));
    let next = world.browse(&screen, Method::POST, &action, body, "application/json").ok().json();
    assert_eq!(format!("{BASE}{}", next["next"].as_str().unwrap()), address);
    assert_eq!(world.result(&opened["id"], None).ok().json()["state"], "accepted");
}

#[test]
fn without_a_wallet_in_the_browser_there_is_a_qr_code() {
    let world = World::new();
    let opened = world.open(&json!({"query": name_query(), "mode": "dc_api", "number_matching": false}));
    let screen = Browser::default();
    let address = opened["page"].as_str().unwrap();
    let page = world.visit(&screen, address).ok();
    let action = format!("{address}/switch");
    let unbidden = world.browse(&screen, Method::POST, &action, vec![], "application/x-www-form-urlencoded");
    assert_eq!((unbidden.status, unbidden.rule), (403, "HTTP-03"));
    assert_eq!(world.submit(&screen, &page, &action, &[]).status, 303);
    let page = world.visit(&screen, address).ok();
    world.present(&crate::world::link(&page));
    assert_eq!(world.result(&opened["id"], None).ok().json()["state"], "accepted");
}

#[test]
fn a_response_goes_without_encryption_only_where_the_order_says_so() {
    let world = World::new();
    let order = |mode: &str| json!({"query": name_query(), "number_matching": false, "response_mode": mode});
    assert_eq!(accepted(&world, &order("direct_post"))["state"], "accepted");
    let (plain, sealed) = (world.open(&order("direct_post")), world.open(&order("direct_post.jwt")));
    let [plain, sealed] = [plain, sealed].map(|opened| world.asked(opened["link"].as_str().unwrap()));
    // The members of an open answer, where a sealed one was demanded.
    let open = world.post(&plain, world.presented(&plain));
    let sinpyo_openid4vp::Channel::Posted { response_uri } = sealed.expectation().channel else { panic!() };
    let body = open.body().clone();
    let post =
        crate::world::http_request(Method::POST, &response_uri, body, "application/x-www-form-urlencoded");
    let answer = world.send(&post);
    assert_eq!((answer.status, answer.rule), (400, "VP-RSP-06"));
}
