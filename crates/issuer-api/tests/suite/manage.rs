//! The management interface.

use crate::world::{World, assert_refused, at, get, managing, parsed, post, resident, text};
use serde_json::{Value, json};
use sinpyo_issuer_api::{Feed, Reply};
use std::net::IpAddr;

fn order() -> Value {
    json!({ "configurations": ["K01-sd-jwt"], "claims": resident() })
}

fn with(members: Value) -> Value {
    let mut order = order();
    for (name, value) in crate::world::object(members) {
        order[name] = value;
    }
    order
}

#[test]
fn nothing_is_managed_without_a_token_that_permits_it() {
    let world = World::new();
    let reader = world.token("portal", "read");
    let made = |token: &str| world.manage_as(token, "POST", "/manage/busan/offers", Some(order()));
    assert_refused(&made(&reader), 403, "OAU-52");
    assert_refused(&made("forged"), 401, "OAU-51");
    let bare = post("/manage/busan/offers").header("content-type", "application/json");
    assert_refused(&world.send(bare.body(order().to_string().into_bytes()).unwrap()), 401, "OAU-50");
    let issuer = world.token("portal", "issue");
    assert_eq!(made(&issuer).status(), 201);
    assert_refused(&world.manage_as(&issuer, "GET", "/manage/busan/offers", None), 403, "OAU-52");
    assert_refused(&world.manage_as(&issuer, "GET", "/manage/tenants", None), 403, "OAU-52");
    let scope = world.ask_token("desk", "admin");
    assert_eq!((scope.status().as_u16(), parsed(&scope)["error"].as_str()), (400, Some("invalid_scope")));
    assert_eq!(world.ask_token("nobody", "read").status(), 401);
    world.now.set(901);
    assert_refused(&made(&issuer), 401, "OAU-51");
}

#[test]
fn a_client_of_one_tenant_sees_no_other() {
    let world = World::new();
    let desk = world.token("desk", "issue read");
    assert_eq!(world.manage_as(&desk, "GET", "/manage/busan/offers", None).status(), 200);
    for path in
        ["/manage/seoul/offers", "/manage/seoul/events", "/manage/none/offers", "/manage/tenants/seoul"]
    {
        assert_refused(&world.manage_as(&desk, "GET", path, None), 404, "ISV-16");
    }
    assert!(
        world.node().clients().remove(&sinpyo_web::audit::LogWord::parse("desk").unwrap(), at(0)).unwrap()
    );
    assert_refused(&world.manage_as(&desk, "GET", "/manage/busan/offers", None), 404, "ISV-16");
}

#[test]
fn a_request_that_comes_twice_makes_one_offer() {
    let world = World::new();
    let token = world.token("portal", "issue read");
    let send = |key: &str, body: Value| {
        let mut request = managing(&token, "POST", "/manage/busan/offers", Some(body));
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        world.send(request)
    };
    let first = send("a", order());
    let again = send("a", order());
    assert_eq!((first.status().as_u16(), first.body()), (201, again.body()));
    assert_refused(&send("a", with(json!({ "deferred": true }))), 422, "HTTP-18");
    assert_ne!(send("b", order()).body(), first.body());
    let listed = parsed(&world.manage_as(&token, "GET", "/manage/busan/offers", None));
    assert_eq!(listed["offers"].as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_offered_is_refused_where_it_is_wrong() {
    let world = World::new();
    let refused = |body: Value, status, rule: &str, pointer: &str| {
        let response = world.manage("POST", "/manage/busan/offers", Some(body));
        assert_refused(&response, status, rule);
        assert_eq!(parsed(&response)["pointer"].as_str().unwrap_or_default(), pointer);
        let said = text(&response);
        assert!(!said.contains("남궁") && !said.contains("2008-03-02"), "{said}");
    };
    refused(with(json!({ "surprise": 1 })), 400, "ISV-04", "/list of members");
    refused(with(json!({ "copies": 0 })), 400, "ISV-04", "/copies");
    refused(with(json!({ "expires_in": 86_401 })), 400, "ISV-04", "/expires_in");
    refused(with(json!({ "tx_code": { "length": 3 } })), 400, "ISV-04", "/tx_code");
    refused(with(json!({ "grants": ["implicit"] })), 400, "ISV-04", "/grants");
    refused(
        with(json!({ "configurations": ["K01-sd-jwt", "K01-sd-jwt"] })),
        400,
        "ISV-04",
        "/configurations",
    );
    refused(with(json!({ "configurations": ["K99-sd-jwt"] })), 422, "ISV-05", "/configurations");
    refused(with(json!({ "claims": { "shoe_size": 44 } })), 422, "ISS-02", "/claims/shoe_size");
    // A resident registration number has no place in a name.
    let response = world.manage(
        "POST",
        "/manage/busan/offers",
        Some(with(json!({ "claims": { "family_name": "남궁", "given_name": "080302-3123456" } }))),
    );
    assert_eq!(response.status(), 422, "{}", text(&response));
    assert_eq!(parsed(&response)["pointer"], "/claims/given_name");
    assert!(!text(&response).contains("3123456"));
}

#[test]
fn lists_are_read_in_slices_newest_first() {
    let world = World::new();
    let mut made: Vec<String> = (0..5)
        .map(|second| {
            world.now.set(second);
            world.offer_resident()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    made.reverse();
    let page = |query: &str| {
        let listed = parsed(&world.manage("GET", &format!("/manage/busan/offers{query}"), None));
        let ids =
            listed["offers"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(page("?limit=2"), made[..2]);
    assert_eq!(page(&format!("?limit=2&after={}", made[1])), made[2..4]);
    assert_eq!(page(&format!("?after={}", made[4])), Vec::<String>::new());
    for query in ["?limit=0", "?limit=201", "?limit=x"] {
        assert_refused(&world.manage("GET", &format!("/manage/busan/offers{query}"), None), 400, "ISV-04");
    }
    assert!(
        parsed(&world.manage("GET", "/manage/seoul/offers", None))["offers"].as_array().unwrap().is_empty()
    );
}

#[test]
fn tenants_are_entered_read_and_removed() {
    let world = World::new();
    let tenant = json!({ "id": "jeju", "name": { "ko": "제주", "en": "Jeju" }, "identity": "org", "profiles": ["K02"] });
    assert_eq!(world.manage("POST", "/manage/tenants", Some(tenant.clone())).status(), 201);
    assert_eq!(parsed(&world.manage("GET", "/manage/tenants/jeju", None)), tenant);
    let metadata = parsed(&world.get("/.well-known/openid-credential-issuer/jeju"));
    let ids = metadata["credential_configurations_supported"].as_object().unwrap();
    assert!(ids.keys().all(|id| id.starts_with("K02-")) && ids.contains_key("K02-sd-jwt"), "{ids:?}");
    for wrong in [
        json!({ "id": "manage" }),
        json!({ "id": "Jeju" }),
        json!({ "name": "Jeju" }),
        json!({ "dpop": "never" }),
        json!({ "batch_size": 51 }),
        json!({ "formats": ["pdf"] }),
        json!({ "wallets": [{}] }),
        json!({ "wallet_providers": { "roots": ["x"] } }),
        json!({ "key_attesters": [] }),
        json!({ "colour": "red" }),
    ] {
        let mut tenant = tenant.clone();
        for (name, value) in crate::world::object(wrong) {
            tenant[name] = value;
        }
        assert_refused(&world.manage("POST", "/manage/tenants", Some(tenant)), 400, "ISV-02");
    }
    assert_eq!(world.manage("DELETE", "/manage/tenants/jeju", None).status(), 204);
    assert_eq!(world.get("/.well-known/openid-credential-issuer/jeju").status(), 404);
    assert_refused(&world.manage("DELETE", "/manage/tenants/jeju", None), 404, "ISV-16");
}

#[test]
fn what_happens_is_followed_logged_and_told_without_claims() {
    let world = World::new();
    let hook = json!({ "url": "https://portal.example/hook" });
    let made = world.manage("POST", "/manage/busan/webhooks", Some(hook));
    assert_eq!(made.status(), 201, "{}", text(&made));
    let id = parsed(&made)["id"].as_str().unwrap().to_owned();
    assert!(parsed(&made)["secret"].as_str().unwrap().len() > 40);
    assert_refused(
        &world.manage("POST", "/manage/busan/webhooks", Some(json!({ "url": "http://portal.example/hook" }))),
        400,
        "HTTP-24",
    );
    let token = world.token("portal", "read");
    let mut feed = world.feed(managing(&token, "GET", "/manage/busan/events", None));
    world.now.set(10);
    let offer = world.offer_resident();
    world.receive(&offer, &[10]).unwrap();
    let told = String::from_utf8(feed.next(at(20)).unwrap().unwrap()).unwrap();
    assert!(told.contains("offer.made") && told.contains("credential.issued"), "{told}");
    assert!(!told.contains("남궁") && !told.contains(offer["link"].as_str().unwrap()));
    assert_eq!(feed.next(at(21)).unwrap().unwrap(), b"");
    assert_eq!(feed.next(at(10_000)).unwrap(), None);
    let last = told.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap();
    let mut resumed = managing(&token, "GET", "/manage/busan/events", None);
    resumed.headers_mut().insert("last-event-id", last.parse().unwrap());
    assert_eq!(world.feed(resumed).next(at(21)).unwrap().unwrap(), b"");
    world.now.set(30);
    let log = parsed(&world.manage("GET", "/manage/busan/audit", None)).to_string();
    for word in ["webhook.registered", "offer.made", "credential.issued", "portal"] {
        assert!(log.contains(word), "{word}");
    }
    assert!(!log.contains("남궁"));
    let due = world.node().webhooks().due(10, at(31), &mut world.fork()).unwrap();
    assert_eq!(due.len(), 2, "one for the offer, one for the credential");
    assert!(due.iter().all(|one| one.request.uri() == "https://portal.example/hook"));
    assert_eq!(world.manage("DELETE", &format!("/manage/busan/webhooks/{id}"), None).status(), 204);
    assert_refused(&world.manage("DELETE", &format!("/manage/busan/webhooks/{id}"), None), 404, "ISV-18");
    assert_eq!(parsed(&world.manage("GET", "/manage/busan/webhooks", None))["webhooks"], json!([]));
}

#[test]
fn the_description_names_every_schema_that_it_uses() {
    let world = World::new();
    let description = parsed(&world.get("/openapi.json"));
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let text = description.to_string();
    let mut used = 0;
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
        used += 1;
    }
    assert!(used > 20);
    assert_eq!(description["paths"].as_object().unwrap().len(), 16);
    assert_eq!(world.get("/healthz").status(), 200);
}

#[test]
fn a_stranger_who_knocks_too_often_waits() {
    let world = World::new();
    world.peer.set(IpAddr::from([198, 51, 100, 1]));
    let knock = || world.ask_token("nobody", "read").status().as_u16();
    // Each node counts by itself: sixty and sixty.
    let refused = (0..130).filter(|_| knock() == 429).count();
    assert_eq!(refused, 10);
    world.peer.set(IpAddr::from([198, 51, 100, 2]));
    assert_eq!(knock(), 401);
}

#[test]
fn another_host_is_not_answered() {
    let world = World::new();
    let request = get("/healthz").header("host", "evil.example").uri("/healthz");
    assert_refused(&world.send(request.body(Vec::new()).unwrap()), 421, "HTTP-01");
}

#[test]
fn a_client_without_keys_or_scopes_is_none() {
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": "x", "y": "y" });
    let good = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 1).verifying_key().to_jwk();
    let good = json!({ "id": "a", "keys": [good.members()], "scope": "read" });
    let parse = |change: Value| {
        let mut members = good.clone();
        for (name, value) in crate::world::object(change) {
            members[name] = value;
        }
        sinpyo_issuer_api::ManagementClient::parse(crate::world::object(members))
            .map_err(|error| error.code())
    };
    assert!(parse(json!({})).is_ok());
    for wrong in [
        json!({ "id": "김 하나" }),
        json!({ "keys": [] }),
        json!({ "keys": [jwk] }),
        json!({ "scope": "everything" }),
        json!({ "tenants": "busan" }),
    ] {
        assert_eq!(parse(wrong.clone()).unwrap_err(), "ISV-03", "{wrong}");
    }
}

#[test]
fn what_has_no_status_is_not_revoked() {
    let world = World::new();
    // How a register changes is for its chain of events to say.
    let made = world.offer(
        json!({ "configurations": ["K61-sd-jwt"], "claims": { "plate": "12가3456", "vin": "1HGBH41JXMN109186" }, "tx_code": false }),
    );
    world.receive(&made, &[10]).unwrap();
    let id = made["credentials"][0].as_str().unwrap();
    let path = format!("/manage/busan/credentials/{id}/status");
    assert_refused(&world.manage("POST", &path, Some(json!({ "status": "revoked" }))), 409, "ISV-09");
    let shown = parsed(&world.manage("GET", &format!("/manage/busan/credentials/{id}"), None));
    assert_eq!(shown["status"], "valid");
}

#[test]
fn only_who_makes_an_offer_is_told_the_way_to_it() {
    let world = World::new();
    let made = world.offer(with(json!({ "deferred": true, "tx_code": false })));
    let ways: Vec<&str> =
        ["page", "offer_uri", "link"].iter().map(|name| made[name].as_str().unwrap()).collect();
    assert!(ways.iter().all(|way| way.len() > 40), "{ways:?}");
    let (reader, issuer) = (world.token("portal", "read"), world.token("portal", "issue"));
    let one = format!("/manage/busan/offers/{}", made["id"].as_str().unwrap());
    let asked = [
        (&reader, "GET", "/manage/busan/offers".to_owned()),
        (&reader, "GET", one.clone()),
        (&reader, "GET", "/manage/busan/audit".to_owned()),
        (&issuer, "POST", format!("{one}/ready")),
    ];
    for (token, method, path) in asked {
        let told = world.manage_as(token, method, &path, None);
        assert_eq!(told.status(), 200, "{path}");
        let told = text(&told);
        assert!(told.contains(made["id"].as_str().unwrap()), "{path}");
        for way in &ways {
            assert!(!told.contains(way.rsplit('/').next().unwrap()), "{path} {told}");
        }
    }
}

#[test]
fn the_name_of_a_removed_tenant_is_not_given_again() {
    let world = World::new();
    let tenant = json!({ "id": "jeju", "name": { "ko": "제주", "en": "Jeju" }, "identity": "org" });
    let enter = |tenant: &Value| world.manage("POST", "/manage/tenants", Some(tenant.clone()));
    assert_eq!(enter(&tenant).status(), 201);
    let hook = json!({ "url": "https://old.example/hook" });
    assert_eq!(world.manage("POST", "/manage/jeju/webhooks", Some(hook)).status(), 201);
    // While it is there it may change.
    assert_eq!(enter(&tenant).status(), 201);
    assert_eq!(world.manage("DELETE", "/manage/tenants/jeju", None).status(), 204);
    let refused = enter(&tenant);
    assert_refused(&refused, 409, "ISV-22");
    assert_eq!(parsed(&refused)["pointer"], "/id");
    let parsed_tenant = sinpyo_issuer_api::Tenant::parse(crate::world::object(tenant)).unwrap();
    assert_eq!(world.node().tenants().enter(&parsed_tenant).unwrap_err().code(), "ISV-22");
    let tenants = parsed(&world.manage("GET", "/manage/tenants", None));
    let ids: Vec<&str> =
        tenants["tenants"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["busan", "seoul"]);
    for path in ["/manage/tenants/jeju", "/manage/jeju/webhooks", "/manage/jeju/offers"] {
        assert_refused(&world.manage("GET", path, None), 404, "ISV-16");
    }
}

#[test]
fn a_client_follows_in_few_places_at_once() {
    let world = World::new();
    let (portal, desk) = (world.token("portal", "read"), world.token("desk", "read"));
    let follow = |token: &str| world.reply(managing(token, "GET", "/manage/busan/events", None));
    // Each node counts by itself.
    let mut followed: Vec<Feed> = (0..32)
        .map(|_| match follow(&portal) {
            Reply::Feed(feed) => feed,
            Reply::Response(response) => panic!("{}", text(&response)),
        })
        .collect();
    let Reply::Response(refused) = follow(&portal) else { panic!("one more") };
    assert_refused(&refused, 429, "ISV-21");
    assert_eq!(refused.headers()["retry-after"], "10");
    assert!(matches!(follow(&desk), Reply::Feed(_)), "another client");
    followed.truncate(30);
    assert!(matches!(follow(&portal), Reply::Feed(_)), "there is room again");
}
