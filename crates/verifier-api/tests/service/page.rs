//! Pages: whose they are, what they say, and in which language.

use crate::{
    issuer::name_query,
    world::{BACK, Browser, World, link},
};
use http::Method;
use serde_json::json;
use sinpyo_verifier_api::Step;

#[test]
fn a_page_belongs_to_the_browser_that_opened_it_first() {
    let world = World::new();
    let opened = world.open(&json!({"query": name_query()}));
    let address = opened["page"].as_str().unwrap();
    let (first, second) = (Browser::default(), Browser::default());
    // What only looks whether there is something, or reads ahead, has not opened it.
    let looked = world.browse(&second, Method::HEAD, address, vec![], "text/html");
    assert_eq!((looked.status, looked.response.headers().contains_key("set-cookie")), (204, false));
    world.visit(&first, address).ok();
    let refused = world.visit(&second, address);
    assert_eq!((refused.status, refused.rule), (403, "VSV-10"));
    assert!(!refused.text().contains("openid4vp://"));
    for place in ["events?shown=ask", "back"] {
        assert_eq!(world.visit(&second, &format!("{address}/{place}")).rule, "VSV-10");
    }
    world.visit(&first, address).ok();
    let unknown =
        format!("{}{}", &address[..address.len() - 1], if address.ends_with('A') { "B" } else { "A" });
    assert_eq!(world.visit(&first, &unknown).status, 404);
}

#[test]
fn a_page_is_told_when_there_is_something_else_to_see() {
    let world = World::new();
    let opened = world.open(&json!({"query": name_query(), "number_matching": false}));
    let address = opened["page"].as_str().unwrap();
    let browser = Browser::default();
    let page = world.visit(&browser, address).ok();
    let follow = |shown: &str| {
        let path = format!("{address}/events?shown={shown}&lang=en");
        let path = path.strip_prefix(crate::world::BASE).unwrap();
        let mut request = crate::world::http_request(Method::GET, path, vec![], "text/plain");
        let cookie = browser_cookie(&browser);
        request.headers_mut().insert(http::header::COOKIE, cookie.parse().unwrap());
        match world.step(&request) {
            Step::Follow(feed) => feed,
            other => panic!("{other:?}"),
        }
    };
    let mut feed = follow("ask");
    assert!(world.poll(&mut feed).contains("\"next\":null"));
    assert_eq!(world.poll(&mut feed), "");
    let asked = world.asked(&link(&page));
    let told = world.poll(&mut feed);
    assert!(told.contains("/r/") && told.contains("Your wallet has the request"), "{told}");
    let mut busy = follow("busy");
    assert!(world.poll(&mut busy).contains("\"next\":null"));
    world.send(&world.post(&asked, world.presented(&asked))).ok();
    assert!(world.poll(&mut busy).contains("\"state\":\"done\""));
}

fn browser_cookie(browser: &Browser) -> String {
    // The cookie as a browser sends it.
    format!("{browser:?}")
        .split('"')
        .collect::<Vec<_>>()
        .chunks(4)
        .next()
        .map_or_else(String::new, |parts| format!("{}={}", parts[1], parts[3]))
}

#[test]
fn pages_speak_korean_and_english_and_show_foreign_text_as_text() {
    let world = World::new();
    let purpose = json!({"ko": "<script>알림</script> 확인", "en": "<b>check</b>"});
    let labels = json!({"given_name": {"ko": "이름", "en": "Given name"}});
    let order = json!({"query": name_query(), "purpose": purpose, "labels": labels, "return_to": BACK});
    let opened = world.open(&order);
    let address = opened["page"].as_str().unwrap();
    let browser = Browser::default();
    let korean = world.visit(&browser, address).ok();
    assert!(
        korean.text().contains("<html lang=\"ko\">") && korean.text().contains("자격증명을 제시해 주세요")
    );
    assert!(korean.text().contains("&lt;script&gt;알림") && !korean.text().contains("<script>알림"));
    let english = world.visit(&browser, &format!("{address}?lang=en")).ok().text();
    assert!(english.contains("<html lang=\"en\">") && english.contains("Present your credential"));
    assert!(english.contains("&lt;b&gt;check") && english.contains("Given name"));
    let policy = korean.response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"));
    let headers = korean.response.headers();
    assert!(headers["set-cookie"].to_str().unwrap().starts_with("__Host-verifier="));
    assert!(headers.contains_key("strict-transport-security"));
}
