//! Pages show what others wrote as text, and lead nowhere that they were not meant to.

use http::StatusCode;
use rstest::rstest;
use sinpyo_web::{
    asset::Assets,
    component::{Column, CredentialCard, Field, FieldKind, card, code, facts, input_errors, table},
    href::{Href, Picture, PictureKind},
    html::{Attr, Flag, Html, Tag, el},
    lang::Lang,
    page::{Page, Width},
    qr::qr,
    site::Transport,
};

/// A page with `text` wherever a text of others can stand.
fn page_with(text: &str) -> String {
    let field = Field { hint: text, error: text, value: text, ..Field::text("name", text) };
    let lines = Field { kind: FieldKind::Lines, value: text, ..Field::text("lines", text) };
    let card_of = CredentialCard { name: text, issuer: text, logo: None, state: text.into(), href: None };
    let main = Html::foreign(text)
        .and(card_of)
        .and(input_errors(Lang::Ko, &[&field]))
        .and(field.html(Lang::Ko))
        .and(lines.html(Lang::En))
        .and(card(text, facts([(text, text)])))
        .and(code(Lang::Ko, "id", text))
        .and(table(text, &[Column::Head(text), Column::Number(text)], [vec![text.into(), text.into()]]))
        .and(qr("text", text).unwrap())
        .and(el(Tag::P).data("told", text).attr(Attr::TITLE, text));
    let page = Page {
        lang: Lang::Ko,
        title: text,
        institution: text,
        here: Some("/offers/1?lang=en&page=2"),
        menu: &[],
        main,
        footer: text.into(),
        scripts: &["live.js"],
        width: Width::Column,
    };
    let response = page.answer(StatusCode::OK, &Assets::new(&[]), Transport::Tls);
    String::from_utf8(response.into_body()).unwrap()
}

/// The tags of a document with their attributes, if it is written as ours are: every `<` begins a tag, every attribute is
/// quoted. A small reader of its own, so that what escapes is not what checks.
fn tags(document: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = document;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a stray > before {:?}", &rest[start..]);
        let (mut end, mut quoted) = (start, false);
        for (at, char) in rest[start..].char_indices() {
            match char {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    end = start + at;
                    break;
                }
                _ => {}
            }
        }
        let tag = &rest[start + 1..end];
        let without_values: Vec<&str> = tag.split('"').step_by(2).collect();
        tags.push(without_values.join("\u{201d}"));
        rest = &rest[end + 1..];
    }
    tags
}

#[test]
fn a_text_of_others_never_changes_the_markup() {
    // [HTTP-06] The same page with a harmless text has the same tags.
    let plain = tags(&page_with("x"));
    assert!(
        plain.iter().any(|tag| tag.starts_with("table")) && plain.iter().any(|tag| tag.starts_with("svg"))
    );
    let own = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</textarea><script>",
        "</title><script>",
        "<!-- ",
        "]]>",
        "&lt;script&gt;",
        "&#60;b&#62;",
        "{{7*7}}",
        "javascript:alert(1)",
        "\u{202e}txt.exe",
        "a\0b\u{1b}[31m\r\n<b>",
        "\n\n<b>",
    ];
    for text in own {
        assert_eq!(tags(&page_with(text)), plain, "{text:?}");
    }
    let Some(folder) = sinpyo_testkit::vectors("naughty-strings") else { return };
    let list = std::fs::read(folder.join("blns.json")).unwrap();
    let list: Vec<String> = serde_json::from_slice(&list).unwrap();
    assert!(list.len() > 400);
    // Where there is no text, there is no hint and no error either.
    for text in list.iter().filter(|text| !text.is_empty()) {
        assert_eq!(tags(&page_with(text)), plain, "{text:?}");
    }
}

#[test]
fn what_is_escaped_reads_as_it_was() {
    let shown = |text: &str| Html::from(text).as_str().to_owned();
    assert_eq!(shown("a<b>&\"c\"'"), "a&lt;b&gt;&amp;&quot;c&quot;&#39;");
    assert_eq!(shown("김하늘\n\t1"), "김하늘\n\t1");
    // Controls and marks that turn the writing round are not in the page.
    assert_eq!(shown("a\0\u{8}\u{7f}\u{85}\u{202e}\u{2066}b"), format!("a{}b", "\u{fffd}".repeat(6)));
    assert_eq!(Html::foreign("<b>").as_str(), "<bdi>&lt;b&gt;</bdi>");
}

#[test]
fn elements_are_written_as_they_nest() {
    let list = el(Tag::UL).with(["a", "b"].map(|item| el(Tag::LI).with(item)).into_iter().collect::<Html>());
    assert_eq!(Html::from(list).as_str(), "<ul><li>a</li><li>b</li></ul>");
    let input = el(Tag::INPUT).attr(Attr::VALUE, "\"").flag(Flag::Required).with("never shown");
    assert_eq!(Html::from(input).as_str(), "<input value=\"&quot;\" required>");
    // What is no name of a data attribute is none.
    assert_eq!(Html::from(el(Tag::P).data("a onclick", "x")).as_str(), "<p></p>");
}

#[rstest]
#[case(Href::local("/offers/1?lang=ko#top"))]
#[case(Href::https("https://issuer.example.kr/terms"))]
#[case(Href::wallet("openid4vp://?client_id=x509_san_dns%3Aa.example&request_uri=https%3A%2F%2Fa.example"))]
#[case(Href::wallet("openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example"))]
#[case(Href::wallet("haip-vp://?x=1"))]
#[case(Href::fragment("name-error"))]
fn a_page_leads_here_to_https_and_to_wallets(#[case] href: Result<Href, sinpyo_web::href::HrefError>) {
    assert!(href.is_ok());
}

#[rstest]
#[case(Href::local("//evil.example"))]
#[case(Href::local("/\\evil.example"))]
#[case(Href::local("\t//evil.example"))]
#[case(Href::local("https://evil.example"))]
#[case(Href::local("javascript:alert(1)"))]
#[case(Href::local(""))]
#[case(Href::local("/a\r\nb"))]
#[case(Href::https("http://issuer.example.kr"))]
#[case(Href::https("HTTPS:issuer.example.kr"))]
#[case(Href::https("https://"))]
#[case(Href::https("https://admin@evil.example"))]
#[case(Href::https("https:\\\\evil.example"))]
#[case(Href::https("javascript:alert(1)//https://"))]
#[case(Href::wallet("javascript:alert(1)"))]
#[case(Href::wallet("data:text/html,x"))]
#[case(Href::wallet("intent://scan/#Intent;end"))]
#[case(Href::wallet(" openid4vp://?x"))]
#[case(Href::wallet("OPENID4VP://?x"))]
#[case(Href::fragment("a b"))]
#[case(Href::fragment(""))]
fn a_page_leads_nowhere_else(#[case] href: Result<Href, sinpyo_web::href::HrefError>) {
    assert_eq!(href.unwrap_err().code(), "HTTP-07");
}

#[test]
fn an_address_is_as_long_as_it_is_useful() {
    let offer = |length: usize| Href::wallet(&format!("openid4vp://?request={}", "a".repeat(length)));
    assert!(offer(8_000).is_ok() && offer(9_000).is_err());
    // What follows the question mark may be redeemed by whoever reads it.
    let shown = format!("{:?}", Href::wallet("openid4vp://?request=secret").unwrap());
    assert!(shown.contains("openid4vp") && !shown.contains("secret"));
}

#[test]
fn a_form_is_sent_to_this_server_only() {
    let action = |href: &Href| Html::from(el(Tag::FORM).action(href)).as_str().to_owned();
    assert_eq!(action(&Href::local("/offers").unwrap()), "<form action=\"/offers\"></form>");
    assert_eq!(action(&Href::https("https://evil.example/").unwrap()), "<form></form>");
    let picture = Picture::inline(PictureKind::Png, b"\x89PNG");
    assert_eq!(picture.as_str(), "data:image/png;base64,iVBORw==");
    assert!(Picture::local("//evil.example/x.png").is_err());
}

#[test]
fn every_page_has_its_frame() {
    let page = page_with("기관");
    assert!(page.starts_with("<!doctype html>\n<html lang=\"ko\"><head><meta charset=\"utf-8\">"));
    assert!(
        page.contains("<a class=\"skip\" href=\"#main\">")
            && page.contains("<main id=\"main\" tabindex=\"-1\">")
    );
    assert!(page.contains("<title>기관 · 기관</title>"));
    // The other language keeps the rest of the query, and its own choice once.
    assert!(
        page.contains(
            "href=\"/offers/1?page=2&amp;lang=ko\" lang=\"ko\" hreflang=\"ko\" aria-current=\"true\""
        )
    );
    assert!(page.contains("href=\"/offers/1?page=2&amp;lang=en\" lang=\"en\""));
    // No script and no style stands in the page itself.
    assert_eq!(
        page.matches("<script").count(),
        page.matches("<script type=\"module\" src=\"/assets/").count()
    );
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" on"));
}

#[test]
fn a_page_says_what_it_may_load() {
    let (main, footer) = (Html::new(), Html::new());
    let page = Page {
        lang: Lang::En,
        title: "t",
        institution: "i",
        here: None,
        menu: &[],
        main,
        footer,
        scripts: &[],
        width: Width::Desk,
    };
    let headers = |transport| {
        let response = page.answer(StatusCode::NOT_FOUND, &Assets::new(&[]), transport);
        assert_eq!(response.status(), 404);
        response.headers().clone()
    };
    let tls = headers(Transport::Tls);
    let text = |name: &str| tls.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(
        text("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        )
    );
    assert_eq!(text("x-content-type-options"), Some("nosniff"));
    assert_eq!(text("referrer-policy"), Some("same-origin"));
    assert_eq!(text("cache-control"), Some("no-store"));
    assert_eq!(text("content-language"), Some("en"));
    assert_eq!(text("strict-transport-security"), Some("max-age=63072000"));
    assert_eq!(text("server"), None);
    assert!(headers(Transport::Plain).get("strict-transport-security").is_none());
}

#[test]
fn assets_are_found_by_what_they_hold() {
    const MORE: &[sinpyo_web::asset::Asset] = &[sinpyo_web::asset::Asset::module("own.js", "export {};")];
    let (few, more) = (Assets::new(&[]), Assets::new(MORE));
    assert_ne!(few.path("sinpyo.css"), more.path("sinpyo.css"), "another set has another digest");
    let path = more.path("own.js");
    let digest = path.split('/').nth(2).unwrap();
    let found = more.answer(digest, "own.js").unwrap();
    assert_eq!(found.body(), b"export {};");
    assert_eq!(found.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(found.headers()["content-type"], "text/javascript; charset=utf-8");
    // Under another digest it is there for once, and kept by nobody.
    assert_eq!(more.answer("old", "own.js").unwrap().headers()["cache-control"], "no-store");
    assert!(more.answer(digest, "../Cargo.toml").is_none() && few.answer(digest, "own.js").is_none());
}

#[test]
fn no_script_of_ours_writes_markup() {
    let assets = Assets::new(&[]);
    for name in ["dom.js", "copy.js", "live.js"] {
        let text = String::from_utf8(assets.answer("", name).unwrap().into_body()).unwrap();
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "DOMParser",
        ] {
            assert!(!text.contains(way), "{name} uses {way}");
        }
    }
}

#[test]
fn a_qr_code_holds_what_offers_need_and_refuses_more() {
    let svg = qr("openid4vp://?request_uri=https%3A%2F%2Fverifier.example.kr%2Fr%2F1", "QR <코드>").unwrap();
    assert!(svg.as_str().starts_with("<svg class=\"qr\" viewBox=\"0 0 "));
    assert!(svg.as_str().contains("role=\"img\" aria-label=\"QR &lt;코드&gt;\""));
    assert!(qr(&"a".repeat(2_000), "").is_ok());
    assert!(qr(&"a".repeat(3_000), "").is_err());
}

#[test]
fn a_field_keeps_what_was_typed_next_to_what_is_wrong_with_it() {
    let field = Field { value: "김하늘", error: "너무 깁니다", ..Field::text("name", "이름") };
    let html = field.html(Lang::Ko);
    assert!(html.as_str().contains("value=\"김하늘\""));
    assert!(html.as_str().contains("aria-describedby=\"name-error\" aria-invalid=\"true\" required"));
    assert!(html.as_str().contains("<p class=\"error\" id=\"name-error\">너무 깁니다</p>"));
    // Codes and passwords are typed again.
    for kind in [FieldKind::Password, FieldKind::Code { digits: 6 }] {
        assert!(!Field { kind, ..field }.html(Lang::Ko).as_str().contains("김하늘"));
    }
    assert!(input_errors(Lang::Ko, &[&Field::text("a", "b")]).is_none());
}
