//! Administrators' pages.

use crate::world::{World, at, get, parsed, post, text, wire};
use http::{Response, request::Builder};
use serde_json::json;
use sinpyo_core::{Secret, status::CredentialStatus};
use sinpyo_web::audit::LogWord;

const PASSWORD: &str = "말 배터리 스테이플 정확한 하나둘셋";

struct Browser<'w> {
    world: &'w World,
    cookies: Vec<(String, String)>,
}

impl<'w> Browser<'w> {
    fn new(world: &'w World) -> Self {
        let name = LogWord::parse("kim").unwrap();
        let entropy = &mut world.fork();
        world.node().accounts().enter(&name, &Secret::new(PASSWORD.to_owned()), at(0), entropy).unwrap();
        Self::again(world)
    }

    /// Another browser.
    fn again(world: &'w World) -> Self {
        Self { world, cookies: Vec::new() }
    }

    fn logged_in(world: &'w World) -> Self {
        let mut browser = Self::new(world);
        let response = browser.log_in(PASSWORD);
        assert_eq!(
            (response.status().as_u16(), response.headers()["location"].to_str().unwrap()),
            (303, "/admin")
        );
        browser
    }

    fn send(&mut self, request: Builder, body: Vec<u8>) -> Response<Vec<u8>> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; ")).body(body).unwrap();
        let response = self.world.send(request);
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            // The language is no secret.
            if cookie.starts_with("lang=") {
                continue;
            }
            assert!(
                cookie.starts_with("__Host-") && cookie.contains("HttpOnly") && cookie.contains("Secure")
            );
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        response
    }

    fn open(&mut self, path: &str) -> Response<Vec<u8>> {
        self.send(get(path), Vec::new())
    }

    /// Sends the form of the page at `page` to `action`.
    fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
        let html = text(&self.open(page));
        let token =
            html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        self.post(action, &token, fields)
    }

    fn post(&mut self, action: &str, token: &str, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
        let all = [("csrf", token)].into_iter().chain(fields.iter().copied());
        let body = sinpyo_oauth::form::encode(all);
        let request = post(action)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://issuer.example");
        self.send(request, body.into_bytes())
    }

    fn log_in(&mut self, password: &str) -> Response<Vec<u8>> {
        self.submit("/admin/login", "/admin/login", &[("account", "kim"), ("password", password)])
    }
}

/// The text of the first element after `label`.
fn after(html: &str, label: &str) -> String {
    let rest = html.split(label).nth(1).unwrap();
    rest.split("<dd>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[test]
fn an_administrator_issues_suspends_and_revokes() {
    let world = World::new();
    let mut browser = Browser::logged_in(&world);
    assert!(text(&browser.open("/admin")).contains("부산광역시"));
    assert!(text(&browser.open("/admin/busan")).contains("/admin/busan/new/K01-sd-jwt"));
    let form = text(&browser.open("/admin/busan/new/K01-sd-jwt?lang=ko"));
    assert!(form.contains("claim-given_name") && !form.contains("claim-age_over_19"));
    let fields = [
        ("claim-family_name", "남궁"),
        ("claim-given_name", "별"),
        ("claim-birth_date", "2008-03-02"),
        ("claim-region_sido", ""),
    ];
    let page = "/admin/busan/new/K01-sd-jwt";
    let made = browser.submit(page, page, &fields);
    assert_eq!(made.status(), 201, "{}", text(&made));
    let html = text(&made);
    let code = after(&html, "지갑에 넣을 번호");
    assert_eq!(code.len(), 6);
    let offers = parsed(&world.manage("GET", "/manage/busan/offers", None));
    let mut offer = offers["offers"][0].clone();
    let page = html.split("id=\"page-address\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let listed = text(&browser.open("/admin/busan/offers"));
    assert!(!listed.contains(&code) && !listed.contains(page.rsplit('/').next().unwrap()));
    let page = text(&world.get(page.strip_prefix("https://issuer.example").unwrap()));
    let link = page.split("id=\"offer-link\">").nth(1).unwrap().split('<').next().unwrap();
    offer["link"] = json!(link.replace("&amp;", "&"));
    offer["tx_code"] = json!(code);
    let received = world.receive(&offer, &[10]).unwrap();
    let id = offer["credentials"][0].as_str().unwrap();
    assert!(text(&browser.open("/admin/busan/credentials")).contains(id));
    let one = format!("/admin/busan/credentials/{id}");
    for (status, says) in [
        ("suspended", CredentialStatus::Suspended),
        ("valid", CredentialStatus::Valid),
        ("revoked", CredentialStatus::Revoked),
    ] {
        let fields = [("status", status), ("reason-revoked", "lost-device")];
        let done = browser.submit(&one, &format!("{one}/status"), &fields);
        assert_eq!(done.status(), 303);
        assert_eq!(world.status(&wire(&received, 0)), says);
    }
    assert!(text(&browser.open(&format!("{one}?lang=en"))).contains("A revoked credential stays revoked."));
    let log = text(&browser.open("/admin/busan/log"));
    assert!(log.contains("자격증명을 폐지함") && log.contains("kim") && !log.contains("남궁"));
}

#[test]
fn what_cannot_be_issued_is_said_next_to_its_field() {
    let world = World::new();
    let mut browser = Browser::logged_in(&world);
    let page = "/admin/busan/new/K01-sd-jwt";
    let refused =
        browser.submit(page, page, &[("claim-family_name", "남궁"), ("claim-given_name", "080302-3123456")]);
    let html = text(&refused);
    assert_eq!(refused.status(), 422);
    assert!(html.contains("주민등록번호는 넣을 수 없습니다") && html.contains("value=\"남궁\""), "{html}");
    assert_eq!(parsed(&world.manage("GET", "/manage/busan/offers", None))["offers"], json!([]));
}

#[test]
fn nothing_is_shown_or_done_without_a_login_of_this_browser() {
    let world = World::new();
    let mut stranger = Browser::new(&world);
    for path in ["/admin", "/admin/busan", "/admin/busan/credentials", "/admin/busan/new/K01-sd-jwt"] {
        assert_eq!(stranger.open(path).headers()["location"], "/admin/login", "{path}");
    }
    let mut browser = Browser::logged_in(&world);
    let page = "/admin/busan/new/K01-sd-jwt";
    let fields = [("claim-family_name", "남궁")];
    // Another session's token, and none.
    let mut other = Browser::again(&world);
    other.log_in(PASSWORD);
    let html = text(&other.open(page));
    let foreign = html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for token in [foreign.as_str(), ""] {
        let response = browser.post(page, token, &fields);
        assert_eq!((response.status().as_u16(), parsed(&response)["rule"].as_str()), (403, Some("HTTP-03")));
    }
    // A page of another site.
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = post(page)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example")
        .header("cookie", cookies.join("; "));
    let response = world.send(request.body(b"csrf=x".to_vec()).unwrap());
    assert_eq!((response.status().as_u16(), parsed(&response)["rule"].as_str()), (403, Some("HTTP-02")));
    assert_eq!(parsed(&world.manage("GET", "/manage/busan/offers", None))["offers"], json!([]));
    browser.submit("/admin/busan", "/admin/logout", &[]);
    assert_eq!(browser.open("/admin/busan").headers()["location"], "/admin/login");
}

#[test]
fn guessing_the_password_ends_after_five() {
    let world = World::new();
    let mut browser = Browser::new(&world);
    for _ in 0..5 {
        let refused = browser.log_in("wrong");
        assert_eq!(refused.status(), 422);
        assert!(text(&refused).contains("계정이나 비밀번호가 맞지 않습니다"));
    }
    assert_eq!(browser.log_in(PASSWORD).status(), 429);
    world.now.set(900);
    assert_eq!(browser.log_in(PASSWORD).status(), 303);
}

#[test]
fn tenants_webhooks_and_offers_are_managed_on_pages() {
    let world = World::new();
    let mut browser = Browser::logged_in(&world);
    let jeju = [("id", "jeju"), ("ko", "제주"), ("en", "Jeju"), ("identity", "org")];
    assert_eq!(browser.submit("/admin", "/admin/tenants", &jeju).status(), 303);
    assert_eq!(browser.submit("/admin", "/admin/tenants", &jeju).status(), 422);
    assert!(text(&browser.open("/admin/jeju")).contains("K01-sd-jwt"));
    assert_eq!(world.manage("DELETE", "/manage/tenants/jeju", None).status(), 204);
    let again = browser.submit("/admin", "/admin/tenants", &jeju);
    assert_eq!(again.status(), 422);
    assert!(text(&again).contains("다시 쓸 수 없습니다") && !text(&again).contains("제주</a>"));
    let hooks = "/admin/busan/webhooks";
    assert_eq!(browser.submit(hooks, hooks, &[("url", "http://portal.example")]).status(), 422);
    let made = browser.submit(hooks, hooks, &[("url", "https://portal.example/hook")]);
    assert!(made.status() == 201 && text(&made).contains("whsec_"));
    let listed = text(&browser.open(hooks));
    assert!(listed.contains("portal.example") && !listed.contains("whsec_"));
    let forget = listed
        .split("action=\"")
        .find_map(|part| part.split('"').next().filter(|path| path.ends_with("/forget")));
    browser.submit(hooks, forget.unwrap(), &[]);
    assert!(!text(&browser.open(hooks)).contains("portal.example"));
    let offer = world.offer_resident();
    let withdraw = format!("/admin/busan/offers/{}/withdraw", offer["id"].as_str().unwrap());
    assert_eq!(browser.submit("/admin/busan/offers", &withdraw, &[]).status(), 303);
    assert!(
        text(&browser.open("/admin/busan/offers?done=withdraw&lang=ko")).contains("발급 안내를 취소했습니다")
    );
    assert!(world.receive(&offer, &[10]).is_err());
}
