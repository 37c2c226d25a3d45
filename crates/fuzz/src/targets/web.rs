//! `sinpyo-web`: forms, cookies, names of requests, and texts in pages.

use super::{OK, SKIPPED, now, target, texts, vcapi};
use crate::{Outcome, Target};
use http::{HeaderMap, HeaderValue, Response, header};
use sinpyo_core::Secret;
use sinpyo_crypto::aead::SealingKey;
use sinpyo_state::{MemoryState, State};
use sinpyo_testkit::TestEntropy;
use sinpyo_web::{
    body::json_object,
    cookie::Cookies,
    form::{Fields, FormLimits, percent_decoded, percent_encoded},
    html::Html,
    idempotency::{Before, Named},
    lang::Lang,
    session::{FormTokens, Session},
    site::{Site, Transport},
};

pub(super) const TARGETS: &[Target] = &[
    target("web/form", forms, read_form),
    target("web/headers", headers, read_headers),
    target("web/idempotency", requests, repeat),
    target("web/html", pages, write),
];

fn forms() -> Vec<Vec<u8>> {
    texts(&["name=%EA%B9%80&x=+%2B&y=", "csrf=abc&amount=1&amount2=2"])
}

/// Fields are written and read again unchanged.
pub(crate) fn read_form(input: &[u8]) -> Outcome {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    match Fields::of_body(&headers, input, FormLimits::default()) {
        Ok(fields) => {
            let written: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)))
                .collect();
            let written = written.join("&");
            if written.len() <= FormLimits::default().bytes {
                let again = Fields::of_query(&written).expect("what was written is read");
                assert!(again.iter().eq(fields.iter()));
            }
            for (name, value) in fields.iter() {
                assert_eq!(fields.text(name), Some(value));
                assert_eq!(percent_decoded(&percent_encoded(value)).as_deref(), Some(value));
            }
            OK
        }
        Err(error) => error.code(),
    }
}

fn headers() -> Vec<Vec<u8>> {
    let secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    texts(&[
        &format!(
            "POST /x?lang=en\nhost: issuer.example\norigin: https://issuer.example\nsec-fetch-site: same-origin\ncookie: a=b; __Host-s={secret}; c=d\naccept-language: ko-KR,ko;q=0.9,en;q=0.8\ncontent-type: application/json\n\n{{\"a\":1}}"
        ),
        &format!("GET /\nhost: issuer.example\ncookie: __Host-s={secret}\ncookie: __Host-s=x\n\n"),
    ])
}

/// What a browser says about itself: a session is the one of its cookie, and a form's token is that session's alone.
fn read_headers(input: &[u8]) -> Outcome {
    let Some(request) = vcapi::parse(input) else { return SKIPPED };
    let (parts, body) = request.into_parts();
    let site = Site::new("https://issuer.example".parse().expect("an origin"), Vec::new());
    let query = Fields::of_query(parts.uri.query().unwrap_or_default()).unwrap_or_else(|_| Fields::none());
    let _lang = Lang::choose(&query, &parts.headers);
    let _json = json_object(&parts.headers, &body, 1 << 16).map_err(|error| error.code());
    let cookie = Cookies::of(&parts.headers).get("s", Transport::Tls);
    let session = Session::of(&parts.headers, "s", Transport::Tls);
    assert!(session.is_none() || cookie.is_some(), "a session out of nothing");
    if let Some(session) = &session {
        let tokens = FormTokens::new(Secret::new([1; 32]));
        let other = FormTokens::new(Secret::new([2; 32]));
        let form = Fields::of_query(&format!("csrf={}", tokens.token(session))).expect("a form");
        assert!(tokens.check(session, &form).is_ok() && other.check(session, &form).is_err());
        let written = session.cookie("s", None, Transport::Tls).expect("a header");
        let written = written.to_str().expect("text");
        assert!(written.starts_with(&format!("__Host-s={};", cookie.unwrap_or_default())), "{written}");
    }
    if let Err(error) = site.origin(&parts) {
        assert!(site.own_page(&parts).is_err(), "another host, and our own page");
        return error.code();
    }
    match site.own_page(&parts) {
        Ok(_) if session.is_some() => OK,
        Ok(_) => "stranger",
        Err(error) => error.code(),
    }
}

fn requests() -> Vec<Vec<u8>> {
    texts(&[
        "POST /manage/x?y=z\nidempotency-key: 8e03978e-40d5-43dd-bc93-6894a57f9324\n\n{\"a\":1}",
        "POST /\nidempotency-key: k\n\n",
    ])
}

/// A repeated request gets the answer that was kept, and another one of the same name is refused.
fn repeat(input: &[u8]) -> Outcome {
    let Some(request) = vcapi::parse(input) else { return SKIPPED };
    let (state, sealing) = (MemoryState::new(), SealingKey::new(&Secret::new([4; 32])));
    let named = || Named::of(&request, "client").map_err(|error| error.code());
    let first = match named() {
        Ok(Some(named)) => named,
        Ok(None) => return "nameless",
        Err(code) => return code,
    };
    let Ok(Before::New(place)) = first.before(&state, &sealing, now()) else { panic!("nothing was before") };
    let response =
        Response::builder().status(201).header(header::LOCATION, "/x").body(request.body().clone());
    let response = response.expect("a response");
    let kept = place.keep(&response, &sealing, now(), &mut TestEntropy::new(1)).expect("a change");
    state.commit_owned(&[kept]).expect("a memory");
    let again = named().ok().flatten().expect("it had a name");
    let Ok(Before::Answered(again)) = again.before(&state, &sealing, now()) else {
        panic!("it is forgotten")
    };
    assert_eq!((again.status(), again.body()), (response.status(), response.body()));
    let mut other = request.clone();
    other.body_mut().push(b' ');
    let other = Named::of(&other, "client").ok().flatten().expect("it has the name");
    assert!(other.before(&state, &sealing, now()).is_err(), "another request gets the answer");
    OK
}

fn pages() -> Vec<Vec<u8>> {
    texts(&["김한별 <script>alert('x')</script> & \"quotes\"", "\u{202e}abc\u{2066}", "plain"])
}

/// Text is never markup.
fn write(input: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(input);
    let own: Html = text.as_ref().into();
    assert!(!own.as_str().contains(['<', '>', '"']), "{}", own.as_str());
    let foreign = Html::foreign(&text);
    assert_eq!(foreign.as_str().matches('<').count(), Html::foreign("a").as_str().matches('<').count());
    OK
}
