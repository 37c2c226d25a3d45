//! Who is answered: by host, by page, by session, and in which language.

use http::{HeaderMap, Request, request::Parts};
use rstest::rstest;
use sinpyo_core::Secret;
use sinpyo_state::Space;
use sinpyo_testkit::TestEntropy;
use sinpyo_web::{
    cookie::{Cookies, set_cookie},
    form::{Fields, FormLimits},
    lang::Lang,
    session::{FormTokens, Session},
    site::{Origin, Site, SiteError, Transport},
};
use std::time::Duration;

fn site() -> Site {
    Site::new(
        "https://issuer.example.kr".parse().unwrap(),
        vec!["https://busan.example.kr:8443".parse().unwrap(), "http://127.0.0.1:8080".parse().unwrap()],
    )
}

fn asked(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

#[rstest]
#[case("/", &[("host", "issuer.example.kr")], "https://issuer.example.kr")]
#[case("/", &[("host", "ISSUER.example.kr")], "https://issuer.example.kr")]
#[case("/", &[("host", "busan.example.kr:8443")], "https://busan.example.kr:8443")]
#[case("https://issuer.example.kr/", &[], "https://issuer.example.kr")]
#[case("/", &[("host", "127.0.0.1:8080"), ("x-forwarded-host", "evil.example")], "http://127.0.0.1:8080")]
fn a_request_for_one_of_our_hosts_is_taken(
    #[case] uri: &str,
    #[case] headers: &[(&str, &str)],
    #[case] origin: &str,
) {
    assert_eq!(site().origin(&asked("GET", uri, headers)).unwrap().as_str(), origin);
}

#[rstest]
#[case("/", &[("host", "evil.example")])]
#[case("/", &[("host", "issuer.example.kr.evil.example")])]
#[case("/", &[("host", "issuer.example.kr:443")])]
#[case("/", &[("host", "busan.example.kr")])]
#[case("/", &[("host", "localhost:8080")])]
#[case("/", &[])]
#[case("/", &[("host", "issuer.example.kr"), ("host", "issuer.example.kr")])]
#[case("https://issuer.example.kr/", &[("host", "evil.example")])]
#[case("https://evil.example/", &[("host", "issuer.example.kr")])]
#[case("/", &[("host", "evil.example"), ("x-forwarded-host", "issuer.example.kr")])]
fn a_request_for_another_host_is_refused(#[case] uri: &str, #[case] headers: &[(&str, &str)]) {
    let error = site().origin(&asked("GET", uri, headers)).unwrap_err();
    assert_eq!((error, error.code()), (SiteError::Host, "HTTP-01"));
}

const HOST: (&str, &str) = ("host", "issuer.example.kr");
const OWN: (&str, &str) = ("origin", "https://issuer.example.kr");

#[rstest]
#[case("POST", &[HOST, OWN])]
#[case("POST", &[HOST, OWN, ("sec-fetch-site", "same-origin")])]
#[case("DELETE", &[HOST, ("sec-fetch-site", "same-origin")])]
// Links from anywhere lead to pages, which change nothing.
#[case("GET", &[HOST, ("sec-fetch-site", "cross-site")])]
#[case("HEAD", &[HOST])]
fn our_own_pages_change_things(#[case] method: &str, #[case] headers: &[(&str, &str)]) {
    assert!(site().own_page(&asked(method, "/", headers)).is_ok());
}

#[rstest]
#[case(&[HOST])]
#[case(&[HOST, ("origin", "https://evil.example")])]
#[case(&[HOST, ("origin", "null")])]
#[case(&[HOST, ("origin", "http://issuer.example.kr")])]
#[case(&[HOST, ("origin", "https://issuer.example.kr.evil.example")])]
#[case(&[HOST, OWN, OWN])]
#[case(&[HOST, OWN, ("sec-fetch-site", "cross-site")])]
#[case(&[HOST, ("sec-fetch-site", "same-site")])]
#[case(&[HOST, ("sec-fetch-site", "none")])]
// A tenant's page does not act for another tenant.
#[case(&[HOST, ("origin", "https://busan.example.kr:8443")])]
fn pages_of_other_sites_change_nothing(#[case] headers: &[(&str, &str)]) {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let error = site().own_page(&asked(method, "/", headers)).unwrap_err();
        assert_eq!((error, error.code()), (SiteError::CrossSite, "HTTP-02"));
    }
}

#[rstest]
#[case("http://issuer.example.kr")]
#[case("http://10.0.0.1:8080")]
#[case("http://127.0.0.1.evil.example")]
#[case("https://issuer.example.kr/")]
#[case("https://issuer.example.kr:443")]
#[case("https://Issuer.example.kr")]
#[case("https://a@issuer.example.kr")]
#[case("https://issuer.example.kr:99999")]
#[case("https://issuer.example.kr:+1")]
#[case("https://issuer..kr")]
#[case("https://")]
#[case("ftp://issuer.example.kr")]
#[case("issuer.example.kr")]
fn what_is_no_origin_of_ours_is_refused(#[case] text: &str) {
    assert!(text.parse::<Origin>().is_err());
}

#[rstest]
#[case("https://issuer.example.kr", Transport::Tls, "issuer.example.kr")]
#[case("https://issuer.example.kr:8443", Transport::Tls, "issuer.example.kr:8443")]
#[case("https://[2001:db8::1]:8443", Transport::Tls, "[2001:db8::1]:8443")]
#[case("http://localhost:3000", Transport::Plain, "localhost:3000")]
#[case("http://[::1]:3000", Transport::Plain, "[::1]:3000")]
#[case("http://127.0.0.1:3000", Transport::Plain, "127.0.0.1:3000")]
fn an_origin_knows_its_host_and_transport(
    #[case] text: &str,
    #[case] transport: Transport,
    #[case] authority: &str,
) {
    let origin: Origin = text.parse().unwrap();
    assert_eq!((origin.transport(), origin.authority(), origin.as_str()), (transport, authority, text));
}

const SPACE: Space = Space::new("test");

fn with_cookie(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append("cookie", line.parse().unwrap());
    }
    headers
}

#[test]
fn a_session_comes_back_as_it_was_given() {
    for transport in [Transport::Tls, Transport::Plain] {
        let session = Session::begin(&mut TestEntropy::new(1));
        let set = session.cookie("wallet", None, transport).unwrap();
        let (pair, attributes) = set.to_str().unwrap().split_once("; ").unwrap();
        match transport {
            Transport::Tls => {
                assert!(pair.starts_with("__Host-wallet="));
                assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");
            }
            Transport::Plain => {
                assert!(pair.starts_with("wallet="));
                assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
            }
        }
        let back = Session::of(&with_cookie(&["a=b", pair]), "wallet", transport).unwrap();
        assert_eq!(back.key(SPACE), session.key(SPACE));
        assert_ne!(back.key(SPACE), Session::begin(&mut TestEntropy::new(2)).key(SPACE));
        assert!(!format!("{session:?} {:?}", session.key(SPACE)).contains(pair.split_once('=').unwrap().1));
    }
}

#[test]
fn a_cookie_that_another_could_have_set_is_not_ours() {
    let value = "A".repeat(43);
    let of = |line: &str| Session::of(&with_cookie(&[line]), "wallet", Transport::Tls).is_some();
    assert!(of(&format!("__Host-wallet={value}")));
    for line in [
        format!("wallet={value}"),
        format!("__Secure-wallet={value}"),
        format!("__host-wallet={value}"),
        format!("__Host-wallet={value}; __Host-wallet={value}"),
        format!("__Host-wallet={}", "A".repeat(42)),
        "__Host-wallet=".to_owned(),
    ] {
        assert!(!of(&line), "{line}"); // [HTTP-08]
    }
    assert_eq!(Cookies::of(&with_cookie(&["a=1", "b=2"])).get("b", Transport::Plain), Some("2"));
}

#[test]
fn a_cookie_cannot_carry_more_than_its_value() {
    let set = |name: &str, value: &str| set_cookie(name, value, Some(Duration::ZERO), Transport::Plain);
    assert_eq!(set("lang", "ko").unwrap(), "lang=ko; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    for (name, value) in [("a", "b; Domain=example"), ("a", "b\r\nSet-Cookie: c=d"), ("a=b", "c"), ("", "c")]
    {
        assert!(set(name, value).is_none());
    }
}

#[test]
fn a_form_is_good_for_the_session_that_it_was_made_for() {
    let tokens = FormTokens::new(Secret::new([7; 32]));
    let (mine, other) = (Session::begin(&mut TestEntropy::new(1)), Session::begin(&mut TestEntropy::new(2)));
    let form = |token: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let headers = asked("POST", "/", &headers).headers;
        Fields::of_body(&headers, format!("csrf={token}").as_bytes(), FormLimits::default()).unwrap()
    };
    let good = form(&tokens.token(&mine));
    assert!(tokens.check(&mine, &good).is_ok());
    assert_eq!(tokens.check(&other, &good), Err(SiteError::Token));
    assert_eq!(FormTokens::new(Secret::new([8; 32])).check(&mine, &good), Err(SiteError::Token));
    for token in ["", "x", &format!("{}a", tokens.token(&mine))] {
        assert_eq!(tokens.check(&mine, &form(token)).unwrap_err().code(), "HTTP-03");
    }
    assert_eq!(tokens.check(&mine, &Fields::none()), Err(SiteError::Token));
}

#[rstest]
#[case("lang=en", "lang=ko", "ko", Lang::En)]
#[case("lang=xx", "lang=en", "ko", Lang::En)]
#[case("", "lang=en", "ko", Lang::En)]
#[case("", "", "en-GB,ko;q=0.5", Lang::En)]
#[case("", "", "fr, ko;q=0.4, en;q=0.8", Lang::En)]
#[case("", "", "ko-KR,en;q=0.9", Lang::Ko)]
#[case("", "", "en;q=0", Lang::Ko)]
#[case("", "", "en;q=2", Lang::Ko)]
#[case("", "", "en;q=0.1234, ko", Lang::Ko)]
#[case("", "", "en;level=1", Lang::Ko)]
#[case("", "", "ko;q=0.9, en;q=1.000", Lang::En)]
#[case("", "", "de", Lang::Ko)]
#[case("", "", "", Lang::Ko)]
fn a_language_is_chosen(#[case] query: &str, #[case] cookie: &str, #[case] accept: &str, #[case] lang: Lang) {
    let query = Fields::of_query(query).unwrap();
    let headers = [("cookie", cookie), ("accept-language", accept)];
    assert_eq!(Lang::choose(&query, &asked("GET", "/", &headers).headers), lang);
}
