//! What the office does and does not do.

use crate::town::{HOST, Town, draft, parsed};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sinpyo_voting::{
    event::{Body, Closing, EventDraft, Role, TallyShare},
    form::to_hex,
};

/// What a program with the token is answered.
fn managed(town: &mut Town, path: &str, kind: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let token = format!("Bearer {}", town.service.manage_token().expose());
    let request = Request::post(format!("/manage/elections{path}"))
        .header("host", HOST)
        .header("authorization", token)
        .header("content-type", kind)
        .body(body)
        .unwrap();
    let response = town.send(&request);
    (response.status(), parsed(&response))
}

fn json_managed(town: &mut Town, path: &str, body: &Value) -> (StatusCode, Value) {
    managed(town, path, "application/json", body.to_string().into_bytes())
}

#[test]
fn what_a_host_sends_has_its_form() {
    let mut town = Town::new();
    let whole = json!({"draft": draft("ring", "last"), "trustees": []});
    assert_eq!(json_managed(&mut town, "", &whole).0, StatusCode::CREATED);
    let mut more = whole.clone();
    more["draft"]["more"] = json!(1);
    let mut wrong = whole;
    wrong["draft"]["profile"] = json!("rings");
    for order in [json!({}), more, wrong] {
        let (status, answer) = json_managed(&mut town, "", &order);
        assert_eq!((status, answer["rule"].as_str()), (StatusCode::BAD_REQUEST, Some("VTS-43")));
    }
}

#[test]
fn an_invitation_is_accepted_once() {
    let mut town = Town::new();
    let order = json!({"draft": draft("ring", "last"), "trustees": [{"ko": "감사", "en": "Auditor"}]});
    let (_, made) = json_managed(&mut town, "", &order);
    let link = made["trustees"][0].as_str().unwrap();
    let path = link.strip_prefix(&format!("https://{HOST}")).unwrap().to_owned();
    let keys = json!({"key": "ab".repeat(32), "box": "cd".repeat(32)});
    for wrong in [
        json!({}),
        json!({"key": "ab", "box": "cd".repeat(32)}),
        json!({"key": "AB".repeat(32), "box": "cd".repeat(32)}),
    ] {
        assert_eq!(town.post(&path, &wrong).1["rule"], "VTS-40");
    }
    let elsewhere = format!("{}{}", &path[..path.len() - 32], "0".repeat(32));
    assert_eq!(town.post(&elsewhere, &keys).0, StatusCode::NOT_FOUND);
    assert_eq!(town.post(&path, &keys).0, StatusCode::CREATED);
    assert_eq!(town.post(&path, &keys).0, StatusCode::CREATED, "the answer was lost");
    let others = json!({"key": "ef".repeat(32), "box": "cd".repeat(32)});
    let (status, answer) = town.post(&path, &others);
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::CONFLICT, Some("VTS-41")));
}

#[test]
fn a_step_waits_for_what_it_needs() {
    let mut town = Town::new();
    let order = json!({"draft": draft("ring", "last"), "trustees": [{"ko": "감사", "en": "Auditor"}]});
    let (_, made) = json_managed(&mut town, "", &order);
    let election = made["election"].as_str().unwrap().to_owned();
    let (status, answer) = json_managed(&mut town, &format!("/{election}/steps/call"), &json!({}));
    assert_eq!(
        (status, answer["rule"].as_str()),
        (StatusCode::CONFLICT, Some("VTS-42")),
        "a trustee has not accepted"
    );
    let mut town = Town::with_keys(&draft("ring", "last"));
    let election = to_hex(&town.election.0);
    for (step, rule) in [("rings", "VTS-42"), ("open", "VTS-42"), ("result", "VTS-42"), ("close", "VOT-48")] {
        let (status, answer) = json_managed(&mut town, &format!("/{election}/steps/{step}"), &json!({}));
        assert!(status.is_client_error(), "{step}");
        assert_eq!(answer["rule"].as_str(), Some(rule), "{step}: {answer}");
    }
    assert_eq!(
        json_managed(&mut town, &format!("/{election}/steps/dance"), &json!({})).0,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn a_frozen_roll_takes_no_corrections() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    town.codes(3);
    let election = to_hex(&town.election.0);
    let strike = |town: &mut Town, line: u32| {
        let body = json!({"line": line, "reason": "moved away"});
        let (status, answer) = json_managed(town, &format!("/{election}/strike"), &body);
        (status.as_u16(), answer["rule"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(strike(&mut town, 1).0, 200);
    assert_eq!(strike(&mut town, 1), (404, "VTS-48".to_owned()));
    assert_eq!(strike(&mut town, 99), (404, "VTS-48".to_owned()));
    town.step("freeze");
    assert_eq!(strike(&mut town, 2), (409, "VTS-47".to_owned()));
    let more = "district,label\n101동,99호\n".to_owned().into_bytes();
    let (status, answer) = managed(&mut town, &format!("/{election}/roll"), "text/csv", more);
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::CONFLICT, Some("VTS-47")));
}

#[test]
fn a_roll_with_a_wrong_line_is_not_taken_at_all() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let election = to_hex(&town.election.0);
    let roll = |town: &mut Town, text: &str| {
        managed(town, &format!("/{election}/roll"), "text/csv", text.to_owned().into_bytes())
    };
    let (status, answer) = roll(&mut town, "district,label\n101동,1호\n999동,2호\n");
    assert_eq!((status, &answer["lines"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!([3])));
    assert_eq!(roll(&mut town, "district,label\n101동,1호\n").1["lines"], 1);
}

#[test]
fn slots_say_nothing_about_their_lines() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let codes = town.codes(12);
    let slots: Vec<String> =
        codes.iter().map(|code| town.begin(code).1["slot"].as_str().unwrap().to_owned()).collect();
    assert!(slots.iter().all(|slot| slot.len() == 32));
    let mut sorted = slots.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 12);
    assert_ne!(sorted, slots, "they are not in the order of the lines");
}

#[test]
fn codes_cannot_be_tried_without_end() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    town.codes(1);
    let statuses: Vec<u16> = (0..2001).map(|_| town.begin("AAAA-BBBB-CCCC-DDDD").0.as_u16()).collect();
    assert!(statuses[..2000].iter().all(|status| *status == 403));
    assert_eq!(statuses[2000], 429);
}

#[test]
fn what_is_no_blinded_message_is_not_signed() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let code = town.codes(1).remove(0);
    let (_, begun) = town.begin(&code);
    let holder = sinpyo_crypto::SigningKey::generate(sinpyo_crypto::Algorithm::Es256, &mut town.entropy);
    let (request, ..) = town.request(&begun, [1; 32], &holder);
    let payload = sinpyo_core::encoding::from_base64url(request.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    let path = town.at("/register");
    let zeros = sinpyo_core::encoding::to_base64url(&[0; 256]);
    let ones = sinpyo_core::encoding::to_base64url(&[255; 256]);
    for (blinded, rule) in [("AAAA", "VTS-32"), (zeros.as_str(), "VTS-32"), (ones.as_str(), "VTS-32")] {
        let mut claims = claims.clone();
        claims["blinded"] = json!([blinded]);
        let request = crate::town::jws(&claims, &holder);
        let (status, answer) =
            town.post(&path, &json!({"code": code, "presentation": null, "request": request}));
        assert_eq!((status, answer["rule"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(rule)));
    }
    // Nothing was registered, and the code is not spent.
    town.register(&code, [1; 32]);
}

#[test]
fn an_event_that_is_too_long_is_not_signed() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let election = to_hex(&town.election.0);
    let body = json!({"contest": "c1", "option": "o1", "reason": "x".repeat(70_000)});
    let (status, answer) = json_managed(&mut town, &format!("/{election}/withdraw"), &body);
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("VTS-06")));
}

#[test]
fn a_share_before_the_head_is_published_is_to_be_sent_again() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let code = town.codes(1).remove(0);
    town.register(&code, [1; 32]);
    town.open();
    let body =
        Body::TallyShare(TallyShare { ballots: 0, cells: Vec::new(), districts: Vec::new(), group: 0 });
    let share = |town: &Town, body: &Body| {
        let event = EventDraft {
            by: Role::Trustee(1),
            election: town.election,
            time: town.now(),
            body: body.clone(),
        };
        event.sign(&town.trustees[0].key).unwrap()
    };
    let bytes = share(&town, &body);
    assert_eq!(town.event(bytes).1["rule"], "VTS-42", "the election is open");
    town.pass(24 * crate::town::HOUR);
    town.step("close");
    let bytes = share(&town, &body);
    let (status, answer) = town.event(bytes);
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("VTS-51")));
    town.tick();
    town.pass(1);
    let bytes = share(&town, &body);
    assert_eq!(town.event(bytes).1["rule"], "VOT-48", "nobody voted, and the result is out");
    let close = Body::Close(Closing { ballots: 0, size: 0 });
    let bytes = share(&town, &close);
    assert_eq!(town.event(bytes).1["rule"], "VOT-44", "trustees do not close");
}
