//! Who gets in, and what is kept from everybody else.

use crate::browser::{Browser, ORIGIN, PASSWORD};
use http::Request;
use sinpyo_core::encoding::to_base64url;
use sinpyo_wallet_app::Step;
use std::time::Duration;

fn status(browser: &mut Browser, request: &Request<Vec<u8>>) -> u16 {
    browser.send(request).status().as_u16()
}

#[test]
fn the_start_address_lets_one_browser_in_once() {
    let mut browser = Browser::new(false);
    let url = browser.app.start_url().unwrap();
    let path = url.strip_prefix(ORIGIN).unwrap().to_owned();
    browser.get("/start?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(browser.status, 401);
    browser.get(&path);
    browser.shows(&["새 지갑 만들기"]);
    assert_eq!(browser.app.start_url(), None);
    let inside = browser.cookie.take();
    browser.get(&path);
    assert_eq!(browser.status, 401, "a second browser gets nothing");
    browser.cookie = Some(format!("wallet={}", to_base64url(&[1; 32])));
    browser.get("/");
    assert_eq!(browser.status, 401);
    browser.cookie = inside;
    browser.get("/");
    assert_eq!(browser.status, 200);
}

#[test]
fn another_host_or_another_page_cannot_drive_the_wallet() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&crate::consent::query(&["age_over_18"]));
    browser.paste(&link);
    let path = format!("{}/agree", browser.path);
    let good = || browser.request("POST", &path, browser.form(&[]));
    let spoilt: Vec<(&str, u16, Request<Vec<u8>>)> = [
        ("host", "wallet.evil.example:8484", 421),
        ("host", "127.0.0.1:9999", 421),
        ("origin", "https://evil.example", 403),
        ("origin", "http://127.0.0.1:9999", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("content-type", "text/plain", 415),
        ("cookie", "wallet=x", 401),
    ]
    .map(|(name, value, status)| {
        let mut request = good();
        request.headers_mut().insert(name, value.parse().unwrap());
        (value, status, request)
    })
    .into();
    let without_token = browser.request("POST", &path, b"csrf=x".to_vec());
    let mut embedded = browser.request("GET", "/", Vec::new());
    embedded.headers_mut().insert("sec-fetch-site", "same-site".parse().unwrap());
    embedded.headers_mut().insert("sec-fetch-mode", "no-cors".parse().unwrap());
    for (value, expected, request) in spoilt {
        assert_eq!(status(&mut browser, &request), expected, "{value}");
    }
    assert_eq!(status(&mut browser, &without_token), 403);
    assert_eq!(status(&mut browser, &embedded), 403);
    embedded.headers_mut().insert("sec-fetch-mode", "navigate".parse().unwrap());
    assert_eq!(status(&mut browser, &embedded), 200, "a link may lead here");
    assert!(browser.world.verdicts.is_empty());
    browser.get("/");
    browser.shows(&["주민 자격증명"]);
}

#[test]
fn no_answer_may_be_read_or_framed_by_others() {
    let mut browser = Browser::resident();
    for path in ["/", "/credentials/1", "/add", "/votes", "/history", "/backup", "/nowhere"] {
        let response = browser.send(&browser.request("GET", path, Vec::new()));
        let headers = response.headers();
        assert!(headers.get("access-control-allow-origin").is_none());
        assert_eq!(headers["cache-control"], "no-store");
        assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(headers["referrer-policy"], "same-origin");
    }
}

#[test]
fn a_wallet_that_is_not_used_locks_itself() {
    let mut browser = Browser::new(true);
    browser.enter();
    browser.post("/create", &[("password", PASSWORD), ("again", PASSWORD)]);
    browser.shows(&["내 자격증명"]);
    browser.at = browser.at.plus(Duration::from_mins(9));
    browser.get("/");
    browser.shows(&["내 자격증명"]);
    browser.at = browser.at.plus(Duration::from_mins(11));
    browser.get("/history");
    browser.shows(&["지갑 열기"]);
    browser.post("/unlock", &[("password", "wrong horse")]);
    browser.shows(&["비밀번호가 틀렸거나"]);
    browser.post("/unlock", &[("password", PASSWORD)]);
    browser.shows(&["내 자격증명"]);
    browser.post("/lock", &[]);
    browser.shows(&["지갑 열기"]);
}

#[test]
fn a_new_password_is_long_enough_and_typed_twice() {
    let mut browser = Browser::new(false);
    browser.enter();
    browser.post("/create", &[("password", "short"), ("again", "short")]);
    browser.shows(&["여덟 글자 이상으로"]);
    browser.post("/create", &[("password", PASSWORD), ("again", "correct house")]);
    browser.shows(&["두 비밀번호가 다릅니다"]);
    assert!(browser.disk.lock().unwrap().file.is_none());
}

#[test]
fn a_backup_brings_everything_back_with_its_password_only() {
    let mut browser = Browser::resident();
    browser.get("/backup");
    let request = browser.request(
        "POST",
        "/backup",
        browser.form(&[("password", "backup horse"), ("again", "backup horse")]),
    );
    let response = browser.send(&request);
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let backup = to_base64url(response.body());
    browser.get("/credentials/1/delete");
    browser.shows(&["이 자격증명을 지울까요?", "되돌릴 수 없고"]);
    browser.post("/credentials/1/delete", &[]);
    browser.shows(&["지갑이 비어 있습니다"]);
    browser.get("/restore");
    browser.shows(&["바뀝니다"]);
    browser.post("/restore", &[("file", &backup), ("password", PASSWORD)]);
    browser.shows(&["비밀번호가 틀렸거나"]);
    browser.post("/restore", &[("file", &backup[..400]), ("password", "backup horse")]);
    browser.shows(&["지갑 파일이 아니거나"]);
    browser.post("/restore", &[("file", &backup), ("password", "backup horse")]);
    browser.shows(&["주민 자격증명"]);
}

#[test]
fn the_standing_of_a_credential_is_asked_when_the_holder_wants() {
    let mut browser = Browser::resident();
    browser.get("/credentials/1");
    browser.world.is_online = false;
    browser.post("/credentials/1/check", &[]);
    browser.shows(&["상태를 확인하지 못했습니다"]);
    browser.world.is_online = true;
    browser.world.standing = sinpyo_wallet_app::Standing::Revoked;
    browser.post("/credentials/1/check", &[]);
    browser.shows(&["폐지됨"]);
    browser.get("/");
    browser.shows(&["폐지됨"]);
}

#[test]
fn a_second_click_while_something_is_fetched_changes_nothing() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&crate::consent::query(&["age_over_18"]));
    browser.paste(&link);
    let path = format!("{}/agree", browser.path);
    let seen = browser.seen().expect("a page of consent");
    let request = browser.request("POST", &path, browser.form(&[("shown", seen)]));
    let mut entropy = sinpyo_testkit::TestEntropy::new(99);
    let Step::Need(need, pending) = browser.app.answer(&request, browser.at, &mut entropy) else {
        panic!("a post")
    };
    assert!(matches!(browser.app.answer(&request, browser.at, &mut entropy), Step::Answer(_)));
    let found = browser.world.find(need, browser.at);
    let step = browser.app.resume(pending, found, browser.at, &mut entropy);
    assert!(matches!(step, Step::Answer(_)));
    assert_eq!(browser.world.verdicts.len(), 1);
}

#[test]
fn a_locked_wallet_takes_no_answer_that_comes_late() {
    let mut browser = Browser::resident();
    let link = browser.world.ask(&crate::consent::query(&["age_over_18"]));
    browser.get("/add");
    let request = browser.request("POST", "/add", browser.form(&[("link", &link)]));
    let mut entropy = sinpyo_testkit::TestEntropy::new(99);
    let Step::Need(need, pending) = browser.app.answer(&request, browser.at, &mut entropy) else {
        panic!("a fetch")
    };
    browser.app.lock();
    let found = browser.world.find(need, browser.at);
    assert!(matches!(browser.app.resume(pending, found, browser.at, &mut entropy), Step::Answer(_)));
    browser.get("/");
    browser.shows(&["지갑 열기"]);
}
