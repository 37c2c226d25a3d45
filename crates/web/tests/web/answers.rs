//! What is sent back, and what is remembered of it.

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use sinpyo_core::{Secret, time::Timestamp};
use sinpyo_crypto::aead::SealingKey;
use sinpyo_state::{CommitError, MemoryState, State};
use sinpyo_testkit::TestEntropy;
use sinpyo_web::{
    answer::{for_method, header_value, json as json_answer, secured_for, see_other, tagged, unless_known},
    audit::{AuditLine, LogWord, Outcome},
    event::Event,
    idempotency::{Before, IdempotencyError, LIFE, Named},
    problem::{Problem, Refusal, RuleId, RuleText, usual},
    site::Transport,
};
use std::time::Duration;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
}

fn catalogue(rule: &str) -> Option<RuleText> {
    let text = RuleText { en: "the rule", ko: "규칙", mend: Some(("mend it", "고친다")) };
    (rule == "HTTP-01").then_some(text)
}

#[test]
fn a_problem_names_the_rule_and_the_mend_in_both_languages() {
    let refusal = Refusal::new(StatusCode::MISDIRECTED_REQUEST, "HTTP-01", &"for another host")
        .retry_after(Duration::from_millis(10));
    let response = refusal.response(catalogue);
    assert_eq!(response.status(), 421);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(
        (&response.headers()["retry-after"], &response.headers()["cache-control"]),
        (&"1".parse().unwrap(), &"no-store".parse().unwrap())
    );
    assert_eq!(response.extensions().get(), Some(&RuleId("HTTP-01")));
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let expected = json!({
        "type": "about:blank", "status": 421, "title": "for another host", "title_ko": "다른 호스트로 온 요청",
        "detail": "for another host", "detail_ko": "규칙", "rule": "HTTP-01", "mend": "mend it", "mend_ko": "고친다",
    });
    assert_eq!(body, expected);
}

#[test]
fn the_first_of_several_problems_stands_for_all() {
    let words = usual(StatusCode::BAD_REQUEST);
    let problems = vec![
        Problem::new(words, "A-01", &"first").at("/a").under("/b"),
        Problem::new(words, "A-02", &"second").of_type("urn:other".to_owned()),
    ];
    let refusal = Refusal::of(StatusCode::BAD_REQUEST, problems).unwrap();
    let all: Vec<_> = refusal.problems().map(|problem| problem.to_json(|_| None)).collect();
    assert_eq!(
        (refusal.rule(), all[0]["pointer"].as_str(), all[1]["type"].as_str()),
        ("A-01", Some("/b/a"), Some("urn:other"))
    );
    // What the catalogue does not know says what it is all the same.
    assert_eq!(all[1]["detail_ko"], words.title.ko);
    assert!(Refusal::of(StatusCode::BAD_REQUEST, Vec::new()).is_none());
}

#[test]
fn who_has_an_answer_is_told_so() {
    let answer = || tagged(json_answer(StatusCode::OK, &json!({"a": 1})));
    let tag = answer().headers()["etag"].to_str().unwrap().to_owned();
    let asked = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
        unless_known(answer(), &headers)
    };
    for value in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let known = asked(&value);
        assert_eq!(
            (known.status().as_u16(), known.body().len(), &known.headers()["etag"]),
            (304, 0, &tag.parse().unwrap())
        );
    }
    assert_eq!(asked("\"x\"").status(), 200);
    assert_eq!(unless_known(answer(), &HeaderMap::new()).body(), b"{\"a\":1}");
    let head = for_method(answer(), &Method::HEAD);
    assert_eq!((head.body().len(), &head.headers()["content-length"]), (0, &"7".parse().unwrap()));
}

#[test]
fn every_answer_has_its_security_headers() {
    let response = secured_for(json_answer(StatusCode::OK, &json!({})), Transport::Tls);
    let text = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(text("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
    assert_eq!(text("x-content-type-options"), Some("nosniff"));
    assert_eq!(text("cache-control"), Some("no-store"));
    assert_eq!(text("strict-transport-security"), Some("max-age=63072000"));
    // What the answer says itself stands.
    assert_eq!(secured_for(tagged(response), Transport::Plain).headers()["cache-control"], "no-cache");
}

#[rstest]
#[case("/a\r\nSet-Cookie: b=c")]
#[case("/a\nb")]
#[case("/a\0")]
#[case("/김")]
#[case("/a\u{7f}")]
fn no_line_break_reaches_a_header(#[case] text: &str) {
    assert_eq!(header_value(text).unwrap_err().code(), "HTTP-09");
    assert!(see_other(text).is_err());
    assert_eq!(see_other("/a?b=c%0D%0A").unwrap().headers()["location"], "/a?b=c%0D%0A");
}

#[test]
fn an_event_cannot_hold_another() {
    let mut frames = Vec::new();
    let event = Event { name: "state", id: Some(7), data: "a\ndata: b\r\n\revent: forged" };
    event.write(&mut frames);
    let text = String::from_utf8(frames).unwrap();
    assert_eq!(text, "id: 7\nevent: state\ndata: a\ndata: data: b\ndata: \ndata: event: forged\n\n");
}

struct Desk {
    state: MemoryState,
    sealing: SealingKey,
}

impl Desk {
    fn new() -> Self {
        Self { state: MemoryState::new(), sealing: SealingKey::new(&Secret::new([3; 32])) }
    }

    fn before(
        &self,
        request: &Request<&'static str>,
        client: &str,
        now: i64,
    ) -> Result<Before, IdempotencyError> {
        Named::of(request, client).unwrap().unwrap().before(&self.state, &self.sealing, at(now))
    }

    /// Answers with `body` unless it was answered before; as a service does it.
    fn answer(&self, request: &Request<&'static str>, body: &str, now: i64) -> Response<Vec<u8>> {
        let place = match self.before(request, "client", now).unwrap() {
            Before::Answered(response) => return response,
            Before::New(place) => place,
        };
        let mut response = json_answer(StatusCode::CREATED, &json!({"offer": body}));
        response.headers_mut().insert(header::LOCATION, "/offers/1".parse().unwrap());
        let change = place.keep(&response, &self.sealing, at(now), &mut TestEntropy::new(1)).unwrap();
        self.state.commit_owned(&[change]).unwrap();
        response
    }
}

fn request(name: &str, body: &'static str) -> Request<&'static str> {
    Request::post("/offers").header("idempotency-key", name).body(body).unwrap()
}

#[test]
fn a_request_that_comes_again_gets_its_first_answer() {
    let desk = Desk::new();
    let first = desk.answer(&request("k", "{}"), "one", 0);
    let again = desk.answer(&request("k", "{}"), "two", 3_600);
    assert_eq!(again.body(), first.body());
    assert_eq!(
        (again.status(), &again.headers()["location"]),
        (StatusCode::CREATED, &first.headers()["location"])
    );
    // Another name is another request.
    assert_ne!(desk.answer(&request("l", "{}"), "three", 3_600).body(), first.body());
}

#[test]
fn another_request_under_the_same_name_is_refused() {
    let desk = Desk::new();
    desk.answer(&request("k", "{}"), "one", 0);
    let other_path = Request::post("/offers/2").header("idempotency-key", "k").body("{}").unwrap();
    let other_method = Request::put("/offers").header("idempotency-key", "k").body("{}").unwrap();
    for other in [request("k", "{ }"), other_path, other_method] {
        let error = desk.before(&other, "client", 1).unwrap_err();
        assert_eq!(
            (error, error.code(), error.status().as_u16()),
            (IdempotencyError::Another, "HTTP-18", 422)
        );
    }
    // Names are their client's own.
    assert!(matches!(desk.before(&request("k", "{ }"), "another client", 1), Ok(Before::New(_))));
}

#[test]
fn an_answer_is_forgotten_after_a_day_and_its_name_is_free() {
    let desk = Desk::new();
    let day = i64::try_from(LIFE.as_secs()).unwrap();
    let first = desk.answer(&request("k", "{}"), "one", 0);
    assert_eq!(desk.answer(&request("k", "{}"), "two", day - 1).body(), first.body());
    // Whether or not the engine has swept in between.
    let second = desk.answer(&request("k", "{}"), "two", day);
    assert_ne!(second.body(), first.body());
    assert_eq!(desk.answer(&request("k", "{}"), "three", day + 1).body(), second.body());
    desk.state.sweep(at(3 * day)).unwrap();
    assert_ne!(desk.answer(&request("k", "{}"), "three", 3 * day).body(), second.body());
}

#[test]
fn of_two_at_once_one_is_decided_again() {
    let desk = Desk::new();
    let place = || match desk.before(&request("k", "{}"), "client", 0).unwrap() {
        Before::New(place) => place,
        Before::Answered(_) => panic!("nobody has answered yet"),
    };
    let response = json_answer(StatusCode::OK, &json!({}));
    let keep = |place: &sinpyo_web::idempotency::Place| {
        let change = place.keep(&response, &desk.sealing, at(0), &mut TestEntropy::new(1)).unwrap();
        desk.state.commit_owned(&[change])
    };
    let (one, other) = (place(), place());
    assert!(keep(&one).is_ok());
    assert_eq!(keep(&other), Err(CommitError::Conflict { index: 0 }));
    assert!(matches!(desk.before(&request("k", "{}"), "client", 0), Ok(Before::Answered(_))));
}

#[test]
fn what_is_kept_of_an_answer_shows_nothing_to_the_engine() {
    let desk = Desk::new();
    desk.answer(&request("client-key", "{}"), "secret-code", 0);
    let page = desk.state.page(sinpyo_state::Space::new("web.answer"), None, 10, at(0)).unwrap();
    let (key, record) = &page[0];
    let holds = |needle: &[u8]| record.data.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(b"secret-code") && !holds(b"c2VjcmV0LWNvZGU") && !key.name().contains("client-key"));
    // An answer that another key sealed is not ours.
    let other = Desk { state: desk.state, sealing: SealingKey::new(&Secret::new([4; 32])) };
    assert!(matches!(
        other.before(&request("client-key", "{}"), "client", 0),
        Err(IdempotencyError::Unavailable(_))
    ));
}

#[test]
fn a_name_that_is_not_readable_is_refused() {
    let named = |names: &[&str]| {
        let mut request = Request::post("/").body("").unwrap();
        for name in names {
            request
                .headers_mut()
                .append("idempotency-key", http::HeaderValue::from_bytes(name.as_bytes()).unwrap());
        }
        Named::of(&request, "client").map(|named| named.is_some())
    };
    assert_eq!((named(&[]), named(&["a"]), named(&[&"a".repeat(255)])), (Ok(false), Ok(true), Ok(true)));
    for names in [&["a", "a"][..], &[""], &[" "], &[&"a".repeat(256)], &["김"]] {
        assert_eq!(named(names).unwrap_err().code(), "HTTP-17");
    }
}

#[test]
fn an_audit_line_has_no_room_for_a_person() {
    let word = |text: &str| LogWord::parse(text);
    let line = AuditLine {
        at: at(0),
        who: word("post-office-1").unwrap(),
        did: "offer.made",
        about: vec![("type", word("https://a.example/MailPickup").unwrap())],
        outcome: Outcome::Done,
    };
    let text = line.to_json();
    assert!(!text.contains('\n'));
    let read: Value = serde_json::from_str(&text).unwrap();
    let expected = json!({
        "at": "2027-01-15T08:00:00Z", "who": "post-office-1", "did": "offer.made",
        "type": "https://a.example/MailPickup", "outcome": "done",
    });
    assert_eq!(read, expected);
    let refused = AuditLine { outcome: Outcome::Refused("VCI-TOK-03"), ..line };
    assert!(refused.to_json().contains("\"refused\":\"VCI-TOK-03\""));
    for text in ["", "김하늘", "Kim Haneul", "kim@example.kr", "a\nb", "a\"b", "010 1234", &"a".repeat(129)]
    {
        assert_eq!(word(text).unwrap_err().code(), "HTTP-20", "{text}");
    }
}
