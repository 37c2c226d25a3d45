//! Citizens' pages.

use crate::world::{World, at, get, parsed, resident, text};
use serde_json::{Value, json};
use sinpyo_issuer_api::{Feed, Reply};
use std::net::IpAddr;

fn path(made: &Value) -> String {
    made["page"].as_str().unwrap().strip_prefix("https://issuer.example").unwrap().to_owned()
}

#[test]
fn the_page_of_an_offer_shows_its_link_and_never_a_claim_or_code() {
    let world = World::new();
    let made = world.offer(json!({ "configurations": ["K01-sd-jwt"], "claims": resident() }));
    for (lang, words) in [("ko", "지갑을 기다리고 있습니다."), ("en", "Waiting for your wallet.")]
    {
        let page = world.get(&format!("{}?lang={lang}", path(&made)));
        assert_eq!(page.status(), 200);
        let html = text(&page);
        assert!(html.contains(words) && html.contains("<svg"), "{lang}");
        assert!(html.contains(&made["link"].as_str().unwrap().replace('&', "&amp;")));
        assert!(!html.contains("남궁") && !html.contains(made["tx_code"].as_str().unwrap()));
        assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("form-action 'self'"));
        assert_eq!(page.headers()["cache-control"], "no-store");
    }
    let wrong = world.get("/busan/offer/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(wrong.status(), 404);
    assert!(text(&wrong).contains("발급 안내를 찾을 수 없습니다"));
}

#[test]
fn the_page_follows_the_offer_to_its_end() {
    let world = World::new();
    let made = world.offer_resident();
    let mut feed = world.feed(get(&format!("{}/events", path(&made))).body(Vec::new()).unwrap());
    let told = |feed: &mut Feed, now| String::from_utf8(feed.next(at(now)).unwrap().unwrap()).unwrap();
    assert!(told(&mut feed, 0).contains("\"waiting\""));
    assert_eq!(told(&mut feed, 1), "");
    world.receive(&made, &[10]).unwrap();
    assert!(told(&mut feed, 2).contains("\"done\""));
    assert!(text(&world.get(&path(&made))).contains("자격증명을 지갑에 담았습니다."));
    let expired = world.offer_resident();
    world.now.set(3600);
    let page = text(&world.get(&path(&expired)));
    assert!(page.contains("사용할 수 있는 시간이 지났습니다") && !page.contains("<svg class=\"qr"), "{page}");
}

#[test]
fn a_withdrawn_offer_has_no_page() {
    let world = World::new();
    let made = world.offer_resident();
    world.manage("DELETE", &format!("/manage/busan/offers/{}", made["id"].as_str().unwrap()), None);
    assert_eq!(world.get(&path(&made)).status(), 404);
}

#[test]
fn types_are_described_to_anybody() {
    let world = World::new();
    let response = world.get("/busan/types/K01");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let metadata = parsed(&response);
    assert_eq!(metadata["vct"], "urn:sinpyo:credential:ResidentCredential");
    assert!(metadata.to_string().contains("도로명주소"), "nobody asks for it, and its holder sees it");
    assert_eq!(world.get("/busan/types/K99").status(), 404);
    assert_eq!(world.get("/nobody/types/K01").status(), 404);
}

/// As many streams of one page as there is room for on both nodes, and what the next one is told.
fn fill(world: &World, made: &Value, most: usize) -> (Vec<Feed>, http::Response<Vec<u8>>) {
    let mut streams = Vec::new();
    loop {
        match world.reply(get(&format!("{}/events", path(made))).body(Vec::new()).unwrap()) {
            Reply::Feed(feed) => streams.push(feed),
            Reply::Response(response) => return (streams, response),
        }
        assert!(streams.len() <= most, "more than {most}");
    }
}

#[test]
fn a_page_is_followed_by_few_and_reloaded_by_the_others() {
    let world = World::new();
    let made = world.offer_resident();
    let (mut streams, next) = fill(&world, &made, 8);
    assert_eq!(streams.len(), 8, "four on each of two nodes");
    assert_eq!(
        (next.status().as_u16(), &next.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let body = text(&next);
    assert!(
        body.starts_with("retry: ") && body.contains("event: state\n") && body.contains("\"waiting\""),
        "{body}"
    );
    world.receive(&made, &[10]).unwrap();
    let (_, next) = fill(&world, &made, 0);
    assert!(text(&next).contains("\"done\""));
    // Whoever leaves makes room.
    streams.clear();
    assert_eq!(fill(&world, &made, 8).0.len(), 8);
}

#[test]
fn one_address_does_not_follow_all_pages() {
    let world = World::new();
    let kept: Vec<_> = (0..4).map(|_| fill(&world, &world.offer_resident(), 8).0).collect();
    assert_eq!(kept.iter().map(Vec::len).sum::<usize>(), 32, "sixteen on each of two nodes");
    let fifth = world.offer_resident();
    assert!(fill(&world, &fifth, 0).0.is_empty());
    world.peer.set(IpAddr::from([192, 0, 2, 8]));
    assert_eq!(fill(&world, &fifth, 8).0.len(), 8);
}
