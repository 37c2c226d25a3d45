//! From an offer to a revoked credential.

use crate::world::{REDIRECT, World, assert_refused, at, get, object, parsed, post, resident, text, wire};
use http::Request;
use serde_json::{Value, json};
use sinpyo_core::status::CredentialStatus::{Revoked, Suspended, Valid};
use sinpyo_openid4vci::wallet::Grant;
use sinpyo_state::{Space, State};

fn credential_of(world: &World, made: &Value) -> String {
    let offer =
        parsed(&world.manage("GET", &format!("/manage/busan/offers/{}", made["id"].as_str().unwrap()), None));
    offer["credentials"][0].as_str().unwrap().to_owned()
}

fn set(world: &World, id: &str, status: &str) -> http::Response<Vec<u8>> {
    let path = format!("/manage/busan/credentials/{id}/status");
    world.manage("POST", &path, Some(json!({ "status": status, "reason": "lost-device" })))
}

#[test]
fn an_offer_becomes_a_credential_that_is_valid_until_it_is_revoked() {
    let world = World::new();
    let made = world.offer(json!({ "configurations": ["K01-sd-jwt"], "claims": resident() }));
    assert_eq!(made["tx_code"].as_str().unwrap().len(), 6);
    let received = world.receive(&made, &[10]).unwrap();
    let credential = wire(&received, 0);
    assert_eq!(world.status(&credential), Valid);
    let id = credential_of(&world, &made);
    let shown = parsed(&world.manage("GET", &format!("/manage/busan/credentials/{id}"), None));
    assert_eq!((&shown["type"], &shown["copies"]), (&json!("K01"), &json!(1)));
    assert_eq!(shown["wallet_says"], json!("credential_accepted"));
    for (status, says) in [("suspended", Suspended), ("valid", Valid), ("revoked", Revoked)] {
        assert_eq!(set(&world, &id, status).status(), 200);
        assert_eq!(world.status(&credential), says, "{status}");
    }
    assert_refused(&set(&world, &id, "valid"), 409, "ISS-26");
    assert_refused(&set(&world, "no-such", "revoked"), 404, "ISV-08");
    assert_eq!(world.status(&credential), Revoked);
}

#[test]
fn copies_of_one_credential_are_revoked_together() {
    let world = World::new();
    let made = world.offer_resident();
    let other = wire(&world.receive(&world.offer_resident(), &[20]).unwrap(), 0);
    let received = world.receive(&made, &[10, 11, 12]).unwrap();
    assert_eq!(received[0].credentials.len(), 3);
    set(&world, &credential_of(&world, &made), "revoked");
    for copy in 0..3 {
        assert_eq!(world.status(&wire(&received, copy)), Revoked);
    }
    assert_eq!(world.status(&other), Valid);
}

#[test]
fn an_offer_for_one_copy_gives_one() {
    let world = World::new();
    let made = world.offer(
        json!({ "configurations": ["K01-sd-jwt"], "claims": resident(), "tx_code": false, "copies": 1 }),
    );
    assert_eq!(world.receive(&made, &[10, 11]).unwrap()[0].credentials.len(), 1);
}

#[test]
fn every_format_is_issued() {
    let world = World::new();
    for format in ["sd-jwt", "vc-jwt", "vc-di", "vc-di-jcs"] {
        let configuration = format!("K01-{format}");
        let made =
            world.offer(json!({ "configurations": [configuration], "claims": resident(), "tx_code": false }));
        let received = world.receive(&made, &[10]).unwrap();
        let credential = &received[0].credentials[0];
        assert_eq!(credential.is_object(), format.starts_with("vc-di"), "{format}");
    }
}

#[test]
fn a_lists_of_w3c_credentials_is_published_by_purpose() {
    let world = World::new();
    let types = [("j2", "application/vc+jwt"), ("b2", "application/vc")];
    for (series, media) in types {
        let response = world.get(&format!("/busan/status/{series}/0/revocation"));
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
            (200, media)
        );
        assert_eq!(world.get(&format!("/busan/status/{series}/0/refresh")).status(), 404);
    }
    for path in ["t2/00", "t2/1", "t9/0", "t2", "t2/-1", "t2/0/revocation"] {
        assert_eq!(world.get(&format!("/busan/status/{path}")).status(), 404, "{path}");
    }
    let cwt = world.send(
        get("/busan/status/t2/0").header("accept", "application/statuslist+cwt").body(Vec::new()).unwrap(),
    );
    assert_eq!(cwt.headers()["content-type"], "application/statuslist+cwt");
}

#[test]
fn a_deferred_offer_waits_for_its_release() {
    let world = World::new();
    let made = world.offer(
        json!({ "configurations": ["K01-sd-jwt"], "claims": resident(), "tx_code": false, "deferred": true }),
    );
    assert_eq!(made["state"], "waiting");
    let path = format!("/manage/busan/offers/{}", made["id"].as_str().unwrap());
    let waited = std::cell::Cell::new(0);
    let proposal = world.discover(made["link"].as_str().unwrap());
    // The institution makes up its mind while the wallet waits for the second time.
    let waiting = || {
        waited.set(waited.get() + 1);
        if waited.get() == 2 {
            assert_eq!(parsed(&world.manage("GET", &path, None))["state"], "waiting");
            assert_eq!(world.manage("POST", &format!("{path}/ready"), None).status(), 200);
        }
    };
    let grant = Grant::PreAuthorized { tx_code: None };
    let received = world.drive_waiting(&proposal, grant, &[10], (|_| unreachable!(), waiting)).unwrap();
    assert_eq!((received.len(), waited.get()), (1, 2));
    assert_eq!(world.status(&wire(&received, 0)), Valid);
    assert_eq!(parsed(&world.manage("GET", &path, None))["state"], "issued");
}

#[test]
fn a_withdrawn_offer_gives_nothing_to_whoever_has_it() {
    let world = World::new();
    let made = world.offer_resident();
    let path = format!("/manage/busan/offers/{}", made["id"].as_str().unwrap());
    assert_eq!(world.manage("DELETE", &path, None).status(), 204);
    let error = world.receive(&made, &[10]).unwrap_err();
    assert!(error.to_string().contains("denied") || !error.code().is_empty(), "{error}");
    assert_eq!(parsed(&world.manage("GET", &path, None))["state"], "withdrawn");
    assert_refused(&world.manage("POST", &format!("{path}/ready"), None), 409, "ISV-12");
    assert_refused(&world.manage("DELETE", "/manage/busan/offers/none", None), 404, "ISV-11");
    assert_eq!(parsed(&world.manage("GET", "/manage/busan/credentials", None))["credentials"], json!([]));
}

#[test]
fn a_second_credential_leaves_the_first_as_it_was() {
    let world = World::new();
    let tenant = json!({ "id": "busan", "name": { "ko": "부산", "en": "Busan" }, "identity": "org", "refresh_days": 30,
        "wallets": [{ "client_id": "wallet", "redirect_uris": [REDIRECT], "authentication": "public" }] });
    assert_eq!(world.manage("POST", "/manage/tenants", Some(tenant)).status(), 201);
    let made = world.offer_resident();
    let proposal = world.discover(made["link"].as_str().unwrap());
    let first = world.receive(&made, &[10]).unwrap();
    assert_eq!(world.status(&wire(&first, 0)), Valid);
    for seed in [11, 12] {
        let refresh = world.refresh.borrow_mut().take().unwrap();
        let next = world.drive(&proposal, Grant::Refresh(refresh), &[seed], |_| unreachable!()).unwrap();
        assert_ne!(wire(&next, 0), wire(&first, 0));
        assert_eq!([&first, &next].map(|one| world.status(&wire(one, 0))), [Valid, Valid]);
    }
}

#[test]
fn what_is_suspended_is_not_renewed_until_it_is_reinstated() {
    let world = World::new();
    let tenant = json!({ "id": "busan", "name": { "ko": "부산", "en": "Busan" }, "identity": "org", "refresh_days": 30,
        "wallets": [{ "client_id": "wallet", "redirect_uris": [REDIRECT], "authentication": "public" }] });
    assert_eq!(world.manage("POST", "/manage/tenants", Some(tenant)).status(), 201);
    let made = world.offer_resident();
    let first = world.receive(&made, &[10]).unwrap();
    let id = credential_of(&world, &made);
    let proposal = world.discover(made["link"].as_str().unwrap());
    let renew = |seed| {
        let refresh = world.refresh.borrow_mut().take().unwrap();
        world.drive(&proposal, Grant::Refresh(refresh), &[seed], |_| unreachable!())
    };
    let second = renew(11).unwrap();
    set(&world, &id, "suspended");
    // Both copies are suspended, and there is no third.
    assert_eq!([&first, &second].map(|one| world.status(&wire(one, 0))), [Suspended, Suspended]);
    renew(12).unwrap_err();
    let copies = || {
        parsed(&world.manage("GET", "/manage/busan/credentials", None))["credentials"][0]["copies"].clone()
    };
    assert_eq!(copies(), 2);
    set(&world, &id, "valid");
    renew(12).unwrap();
    assert_eq!(copies(), 3);
}

/// What a person does at the authorization page: the status, the place that it leads to, and the page.
fn agree(world: &World, url: &str, code: &str, decision: &str) -> (u16, Option<String>, String) {
    let page = world.send(Request::get(url).body(Vec::new()).unwrap());
    assert_eq!(page.status(), 200, "{}", text(&page));
    decide(world, &page, code, decision)
}

fn decide(
    world: &World,
    page: &http::Response<Vec<u8>>,
    code: &str,
    decision: &str,
) -> (u16, Option<String>, String) {
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let html = text(page);
    let value = |name: &str| {
        let start = html.find(&format!("name=\"{name}\" value=\"")).unwrap() + name.len() + 15;
        html[start..].split('"').next().unwrap().to_owned()
    };
    let body = sinpyo_oauth::form::encode([
        ("csrf", value("csrf").as_str()),
        ("interaction", &value("interaction")),
        ("access_code", code),
        ("decision", decision),
    ]);
    let request = post("/busan/authorize")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://issuer.example")
        .header("cookie", cookie);
    let response = world.send(request.body(body.into_bytes()).unwrap());
    let place = response.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
    (response.status().as_u16(), place, text(&response))
}

fn offer_in_browser(world: &World) -> Value {
    world.offer(
        json!({ "configurations": ["K01-sd-jwt"], "claims": resident(), "grants": ["authorization_code"] }),
    )
}

fn in_browser() -> Grant {
    Grant::AuthorizationCode { redirect_uri: REDIRECT.to_owned() }
}

#[test]
fn the_authorization_page_asks_for_more_than_the_offer() {
    let world = World::new();
    let made = offer_in_browser(&world);
    assert!(made.get("tx_code").is_none());
    let code = made["access_code"].as_str().unwrap().to_owned();
    let proposal = world.discover(made["link"].as_str().unwrap());
    let browse = |url: &str| {
        let (status, place, _) = agree(&world, url, &code, "");
        assert_eq!(status, 303);
        place.unwrap().split_once('?').unwrap().1.to_owned()
    };
    let received = world.drive(&proposal, in_browser(), &[10], browse).unwrap();
    assert_eq!(world.status(&wire(&received, 0)), Valid);
}

#[test]
fn a_wrong_access_code_is_counted_and_five_end_the_offer() {
    let world = World::new();
    let made = offer_in_browser(&world);
    let code = made["access_code"].as_str().unwrap().to_owned();
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    for left in [4, 3, 2, 1] {
        let proposal = world.discover(made["link"].as_str().unwrap());
        let page = asked(&world, &proposal);
        let (status, place, page) = decide(&world, &page, wrong, "");
        assert_eq!((status, place), (422, None));
        assert!(page.contains(&format!("{left}번")), "{page}");
    }
    let proposal = world.discover(made["link"].as_str().unwrap());
    assert_eq!(decide(&world, &asked(&world, &proposal), wrong, "").0, 403);
    assert_eq!(decide(&world, &asked(&world, &proposal), &code, "").0, 403);
}

/// The page before the user of a wallet that begins.
fn asked(world: &World, proposal: &sinpyo_openid4vci::wallet::Proposal) -> http::Response<Vec<u8>> {
    let seen = std::cell::RefCell::new(None);
    let browse = |url: &str| {
        *seen.borrow_mut() = Some(world.send(Request::get(url).body(Vec::new()).unwrap()));
        "error=access_denied".to_owned()
    };
    world.drive(proposal, in_browser(), &[10], browse).unwrap_err();
    seen.into_inner().unwrap()
}

#[test]
fn declining_and_forged_forms_give_no_code() {
    let world = World::new();
    let made = offer_in_browser(&world);
    let code = made["access_code"].as_str().unwrap().to_owned();
    let proposal = world.discover(made["link"].as_str().unwrap());
    let (status, place, _) = decide(&world, &asked(&world, &proposal), &code, "decline");
    assert_eq!(status, 303);
    assert!(place.unwrap().contains("error=access_denied"));
    // The form of one browser with the cookie of another.
    let (one, other) = (asked(&world, &proposal), asked(&world, &proposal));
    let mut forged = one;
    forged.headers_mut().insert("set-cookie", other.headers()["set-cookie"].clone());
    assert_eq!(decide(&world, &forged, &code, "").0, 403);
    assert_eq!(world.get("/busan/authorize?request_uri=urn:x&client_id=wallet").status(), 400);
}

#[test]
fn an_access_code_is_used_up_by_one_approval() {
    let world = World::new();
    let made = offer_in_browser(&world);
    let code = made["access_code"].as_str().unwrap().to_owned();
    let proposal = world.discover(made["link"].as_str().unwrap());
    let page = || asked(&world, &proposal);
    let (declined, own, foreign) = (page(), page(), page());
    assert_eq!(decide(&world, &declined, &code, "decline").0, 303, "who declines has not used it");
    let (status, place, _) = decide(&world, &own, &code, "");
    assert!(status == 303 && place.unwrap().contains("code="));
    // Another wallet, which asked before or asks now, of whoever saw the code.
    for page in [foreign, page()] {
        let (status, place, html) = decide(&world, &page, &code, "");
        assert_eq!((status, place), (403, None));
        assert!(html.contains("번호를 이미 썼거나"), "{html}");
    }
}

#[test]
fn what_one_tenant_gave_is_nothing_to_another() {
    let world = World::new();
    let made = world.offer_resident();
    let address = made["offer_uri"].as_str().unwrap().strip_prefix("https://issuer.example").unwrap();
    let page = made["page"].as_str().unwrap().strip_prefix("https://issuer.example").unwrap();
    for path in [address, page] {
        assert_eq!(world.get(&path.replace("/busan/", "/seoul/")).status(), 404);
        assert_eq!(world.get(path).status(), 200);
    }
    let id = made["id"].as_str().unwrap();
    assert_refused(&world.manage("GET", &format!("/manage/seoul/offers/{id}"), None), 404, "ISV-11");
    let elsewhere = std::cell::Cell::new(0);
    // Each request of the flow goes to the other tenant first, who refuses it; then to its own, who does not mind.
    let received = world.receive_by(&made, &[10], |request| {
        let path = request.uri().path().to_owned();
        if !["/busan/token", "/busan/credential"].contains(&path.as_str()) {
            return;
        }
        let mut astray = Request::builder().method(request.method()).uri(path.replace("/busan/", "/seoul/"));
        *astray.headers_mut().unwrap() = request.headers().clone();
        let response = world.send(astray.body(request.body().clone()).unwrap());
        assert!(matches!(response.status().as_u16(), 400 | 401), "{path} {}", text(&response));
        elsewhere.set(elsewhere.get() + 1);
    });
    assert_eq!(world.status(&wire(&received.unwrap(), 0)), Valid);
    assert!(elsewhere.get() >= 2);
}

#[test]
fn a_code_and_a_token_are_not_found_by_another_tenant() {
    let world = World::new();
    // Tokens of this tenant need no key, so that nothing but the tenant is between them and the other.
    for id in ["busan", "seoul"] {
        let tenant =
            json!({ "id": id, "name": { "ko": id, "en": id }, "identity": "org", "dpop": "offered" });
        world.manage("POST", "/manage/tenants", Some(tenant));
    }
    let made = world.offer_resident();
    let offer = parsed(
        &world.get(made["offer_uri"].as_str().unwrap().strip_prefix("https://issuer.example").unwrap()),
    );
    let grant = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
    let code = offer["grants"][grant]["pre-authorized_code"].as_str().unwrap();
    let redeem = |tenant: &str| {
        let body = sinpyo_oauth::form::encode([("grant_type", grant), ("pre-authorized_code", code)]);
        let request =
            post(&format!("/{tenant}/token")).header("content-type", "application/x-www-form-urlencoded");
        world.send(request.body(body.into_bytes()).unwrap())
    };
    let astray = redeem("seoul");
    assert_eq!((astray.status().as_u16(), parsed(&astray)["error"].as_str()), (400, Some("invalid_grant")));
    let token = parsed(&redeem("busan"))["access_token"].as_str().unwrap().to_owned();
    let ask = |tenant: &str| {
        let request = post(&format!("/{tenant}/credential"))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"));
        world.send(request.body(b"{}".to_vec()).unwrap()).status().as_u16()
    };
    assert_eq!((ask("seoul"), ask("busan")), (401, 400));
}

#[test]
fn nothing_of_a_person_stands_in_the_state_in_clear() {
    const SPACES: [&str; 20] = [
        "iss.offer",
        "iss.page",
        "iss.issuer_state",
        "iss.credential",
        "iss.slot",
        "iss.list",
        "iss.key",
        "iss.tenant",
        "iss.client",
        "web.audit",
        "web.notice",
        "web.answer",
        "vci.offer",
        "vci.delivered",
        "vci.transaction",
        "vci.notification",
        "vci.standing",
        "oauth.pre-authorized",
        "oauth.token",
        "web.login",
    ];
    let world = World::new();
    let token = world.token("portal", "issue status read admin");
    let mut request = crate::world::managing(
        &token,
        "POST",
        "/manage/busan/offers",
        Some(json!({ "configurations": ["K01-sd-jwt"], "claims": resident() })),
    );
    request.headers_mut().insert("idempotency-key", "one".parse().unwrap());
    let made = parsed(&world.send(request));
    world.receive(&made, &[10]).unwrap();
    let mut records = 0;
    for space in SPACES {
        for (key, record) in world.state.page(Space::new(space), None, 1000, at(0)).unwrap() {
            let data = String::from_utf8_lossy(&record.data).into_owned();
            records += 1;
            for (name, value) in object(resident()) {
                let value = value.as_str().unwrap();
                // Two digits by themselves stand anywhere.
                if value.len() > 3 {
                    assert!(!data.contains(value) && !key.name().contains(value), "{space} {name}");
                }
            }
            for secret in ["tx_code", "link"] {
                let secret = made[secret].as_str().unwrap();
                assert!(!data.contains(secret) || secret.len() < 8, "{space}");
            }
        }
    }
    assert!(records > 12, "{records}");
    assert!(parsed(&world.manage("GET", "/manage/busan/audit", None)).to_string().len() > 100);
}
