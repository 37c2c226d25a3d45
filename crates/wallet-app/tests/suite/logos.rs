//! The signs of credentials.

use crate::{browser::Browser, world::World};
use serde_json::json;
use sinpyo_core::encoding::{from_base64, to_base64};
use sinpyo_openid4vci::display::Displays;

const URL: &str = "https://pictures.example/logo";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"4\"/></svg>";

/// One white pixel, as zlib and CRC-32 elsewhere made it of [PNG §5, §11].
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==";

fn png() -> Vec<u8> {
    from_base64(PNG).unwrap()
}

fn data(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", to_base64(bytes))
}

fn publish(world: &mut World, uri: &str) {
    let name = |name: &str, locale: &str| json!({"name": name, "locale": locale, "logo": {"uri": uri}});
    let displays = Displays::parse(&json!([name("주민 자격증명", "ko"), name("Resident credential", "en")]));
    world.settings.configurations.get_mut("resident").unwrap().displays = displays.unwrap();
}

/// The page of an offer whose logo is at `uri`.
fn offered(uri: &str, picture: Option<(u16, &'static str, Vec<u8>)>) -> Browser {
    let mut browser = Browser::inside();
    publish(&mut browser.world, uri);
    browser.world.picture = picture;
    let offer = browser.world.offer(None);
    browser.paste(&offer);
    browser.shows(&["자격증명을 받을까요?", "주민 자격증명"]);
    browser
}

#[test]
fn a_logo_is_shown_with_the_offer_and_kept_with_the_credential() {
    let escaped = SVG.replace('<', "%3C").replace('>', "%3E").replace('"', "%22").replace(' ', "%20");
    let (png, svg) = (png(), SVG.as_bytes().to_vec());
    for (uri, picture, shown) in [
        (data("image/png", &png), None, data("image/png", &png)),
        (data("image/svg+xml", &svg), None, data("image/svg+xml", &svg)),
        (format!("data:image/svg+xml,{escaped}"), None, data("image/svg+xml", &svg)),
        (URL.to_owned(), Some((200, "image/png", png.clone())), data("image/png", &png)),
        (
            URL.to_owned(),
            Some((200, "image/svg+xml; charset=utf-8", svg.clone())),
            data("image/svg+xml", &svg),
        ),
    ] {
        let is_fetched = picture.is_some();
        let mut browser = offered(&uri, picture);
        let image = format!("src=\"{shown}\"");
        browser.shows(&[&image]);
        browser.decide("agree", &[]);
        browser.shows(&["지갑에 담았습니다", &image]);
        // It is fetched once, and not again to be looked at.
        let fetched = browser.world.sent.iter().filter(|sent| **sent == format!("GET {URL}")).count();
        assert_eq!(fetched, usize::from(is_fetched));
        browser.get("/");
        browser.shows(&[&image]);
        browser.get("/credentials/1");
        browser.shows(&[&image, "alt=\"주민 자격증명 로고\""]);
    }
}

#[test]
fn a_hostile_svg_is_nothing_but_an_image() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>";
    let uri = data("image/svg+xml", svg.as_bytes());
    for (at, picture) in [(&uri[..], None), (URL, Some((200, "image/svg+xml", svg.as_bytes().to_vec())))] {
        let mut browser = offered(at, picture);
        for act in ["", "agree"] {
            if !act.is_empty() {
                browser.decide(act, &[]);
            }
            let images = browser.page.matches("<img class=\"logo\" src=\"data:image/svg+xml;base64,").count();
            assert_eq!((images, browser.page.matches(&uri).count()), (1, 1), "{}", browser.page);
            assert!(!browser.page.contains("alert(1)"), "{}", browser.page);
        }
    }
}

#[test]
fn a_logo_that_cannot_be_had_is_not_missed() {
    let large = format!("<svg>{}</svg>", "a".repeat(64 << 10)).into_bytes();
    let svg = SVG.as_bytes().to_vec();
    for (uri, picture) in [
        (URL.to_owned(), None),
        (URL.to_owned(), Some((404, "image/png", png()))),
        (URL.to_owned(), Some((200, "text/html", svg.clone()))),
        (URL.to_owned(), Some((200, "image/jpeg", png()))),
        (URL.to_owned(), Some((200, "image/png", svg.clone()))),
        (URL.to_owned(), Some((200, "image/svg+xml", png()))),
        (URL.to_owned(), Some((200, "image/svg+xml", large.clone()))),
        (data("image/svg+xml", &large), None),
        (data("image/png", &svg), None),
        (data("text/html", &svg), None),
        ("data:image/png;base64,*".to_owned(), None),
        // Places that the holder's machine sees and the issuer does not.
        ("https://127.0.0.1/logo.png".to_owned(), Some((200, "image/png", png()))),
        ("http://pictures.example/logo".to_owned(), Some((200, "image/png", png()))),
    ] {
        let mut browser = offered(&uri, picture);
        assert!(!browser.page.contains("class=\"logo\""), "{uri}: {}", browser.page);
        browser.decide("agree", &[]);
        browser.shows(&["지갑에 담았습니다"]);
        assert!(!browser.page.contains("class=\"logo\""), "{uri}: {}", browser.page);
    }
}
