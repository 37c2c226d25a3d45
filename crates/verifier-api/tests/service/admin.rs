//! The pages of those who run the service.

use crate::{
    issuer::name_query,
    world::{BASE, Browser, World, between},
};
use http::Method;
use sinpyo_core::Secret;
use sinpyo_web::{account::Accounts, audit::LogWord, site::Transport};

const PASSWORD: &str = "아주 긴 비밀번호 열다섯 글자 넘게";

fn enter(world: &World) {
    let accounts = Accounts { state: &world.state, cookie: "verifier-admin", transport: Transport::Tls };
    let name = LogWord::parse("clerk").unwrap();
    let password = Secret::new(PASSWORD.to_owned());
    accounts.enter(&name, &password, world.now.get(), &mut *world.entropy.borrow_mut()).unwrap();
}

fn logged_in(world: &World) -> Browser {
    enter(world);
    let browser = Browser::default();
    let page = world.visit(&browser, "/admin/login").ok();
    let done = world.submit(&browser, &page, "/admin/login", &[("name", "clerk"), ("password", PASSWORD)]);
    assert_eq!((done.status, done.location().as_str()), (303, "/admin"));
    browser
}

#[test]
fn an_administrator_logs_in_and_nobody_else() {
    let world = World::new();
    enter(&world);
    let browser = Browser::default();
    for place in ["/admin", "/admin/posts", "/admin/posts/new", "/admin/posts/webhooks", "/admin/posts/audit"]
    {
        assert_eq!(world.visit(&browser, place).location(), "/admin/login", "{place}");
    }
    let page = world.visit(&browser, "/admin/login").ok();
    let wrong = world.submit(&browser, &page, "/admin/login", &[("name", "clerk"), ("password", "wrong")]);
    assert_eq!(wrong.status, 403);
    assert!(wrong.text().contains("계정이나 비밀번호가 맞지 않습니다"));
    let bare = world.browse(
        &browser,
        Method::POST,
        "/admin/login",
        b"name=clerk".to_vec(),
        "application/x-www-form-urlencoded",
    );
    assert_eq!(bare.rule, "HTTP-03");
}

#[test]
fn an_administrator_opens_a_request_and_sees_how_it_ends() {
    let world = World::new();
    let browser = logged_in(&world);
    let tenants = world.visit(&browser, "/admin").ok().text();
    assert!(tenants.contains("/admin/posts") && tenants.contains("/admin/bank"));
    let form = world.visit(&browser, "/admin/posts/new").ok();
    let wrong = world.submit(
        &browser,
        &form,
        "/admin/posts/new",
        &[("query", "{}"), ("ko", "확인"), ("en", "check"), ("mode", "cross_device")],
    );
    assert!(wrong.text().contains("aria-invalid"));
    let query = name_query().to_string();
    let members = [("query", query.as_str()), ("ko", "확인"), ("en", "check"), ("mode", "cross_device")];
    let done = world.submit(&browser, &form, "/admin/posts/new", &members).ok().text();
    let address = between(&done, "id=\"page\">", "<").unwrap();
    assert!(address.starts_with(&format!("{BASE}/posts/r/")));
    let citizen = Browser::default();
    let page = world.visit(&citizen, &address).ok();
    world.decline(&crate::world::link(&page)).ok();
    let listed = world.visit(&browser, "/admin/posts").ok().text();
    assert!(listed.contains("제시 안 함"));
    let one = between(&listed, "href=\"/admin/posts/requests/", "\"").unwrap();
    world.visit(&browser, &format!("/admin/posts/requests/{one}")).ok();
    let audit = world.visit(&browser, "/admin/posts/audit").ok().text();
    assert!(audit.contains("clerk") && audit.contains("request.declined"));
}

#[test]
fn an_administrator_adds_tenants_and_webhooks_by_forms_of_their_own() {
    let world = World::new();
    let browser = logged_in(&world);
    let page = world.visit(&browser, "/admin").ok();
    let members =
        [("id", "museum"), ("ko", "박물관"), ("en", "Museum"), ("profile", "base"), ("return_to", "")];
    let stolen = world.submit(&Browser::default(), &page, "/admin", &members);
    assert_eq!(stolen.location(), "/admin/login");
    let forged = world.browse(
        &browser,
        Method::POST,
        "/admin",
        b"id=x&csrf=y".to_vec(),
        "application/x-www-form-urlencoded",
    );
    assert_eq!(forged.rule, "HTTP-03");
    assert_eq!(world.submit(&browser, &page, "/admin", &members).location(), "/admin/museum");
    let hooks = world.visit(&browser, "/admin/museum/webhooks").ok();
    let added =
        world.submit(&browser, &hooks, "/admin/museum/webhooks", &[("url", "https://m.example/hook")]);
    let secret = between(&added.text(), "id=\"secret\">", "<").unwrap();
    assert!(secret.starts_with("whsec_") && !world.state.has_seen(&secret));
    let bad = world.submit(&browser, &hooks, "/admin/museum/webhooks", &[("url", "ftp://m.example")]);
    assert!(bad.text().contains("https 주소를 입력해 주세요"));
    let gone = world.submit(&browser, &page, "/admin/logout", &[]);
    assert_eq!((gone.status, world.visit(&browser, "/admin").status), (303, 303));
}
