//! Responses that are posted.

use crate::world::{World, later, link, members, now, query, same_device, token};
use http::{Method, header};
use serde_json::{Value, json};
use sinpyo_openid4vp::{
    Channel, Transport, WalletErrorCode,
    verifier::{
        Claim, Confirmation, Encryption, Flow, Handled, MAX_BODY, Order, Outcome, Status, Verdict,
        WalletReply,
    },
    wallet::{Posted, Response},
};
use sinpyo_testkit::TestEntropy;

fn order() -> Order {
    Order::new(query(), Flow::CrossDevice { confirmation: Confirmation::None })
}

fn plain() -> Order {
    Order { encryption: Encryption::Plain, ..order() }
}

/// `request` with another body.
fn with_body(request: &http::Request<Vec<u8>>, body: &str) -> http::Request<Vec<u8>> {
    let mut other = request.clone();
    *other.body_mut() = body.as_bytes().to_vec();
    other
}

#[test]
fn presentations_arrive_with_what_they_were_made_for() {
    let world = World::new();
    for (name, client_id) in [
        (&world.certificate, "x509_hash:"),
        (&world.host, "x509_san_dns:verifier.example"),
        (&world.did, "decentralized_identifier:did:web:verifier.example"),
        (&world.attested, "verifier_attestation:shop"),
    ] {
        for encryption in [Encryption::Encrypted, Encryption::Plain] {
            let order = Order { encryption, note: json!({"tenant": 7}), ..order() };
            let (arrived, asked) = world.run_as(name, |verifier, entropy| {
                let opened = verifier.open(&order, now(), entropy).unwrap();
                let link = link(&opened);
                let sinpyo_openid4vp::wallet::Invitation::Fetch(reference) =
                    sinpyo_openid4vp::wallet::Invitation::parse(&link, Transport::Https).unwrap()
                else {
                    panic!("a request that is fetched")
                };
                let (request, fetching) = reference.fetch(&members(json!({})), entropy);
                let Some(Handled::Answer(response)) = verifier.handle(&request, now(), entropy) else {
                    panic!("a request")
                };
                let signed = fetching.read(&response).unwrap();
                let asked = signed.authenticate(&world.trust(), now()).unwrap();
                let Some(Handled::Arrived(arrived)) = verifier.handle(&world.respond(&asked), now(), entropy)
                else {
                    panic!("presentations")
                };
                (arrived, asked)
            });
            assert_eq!(arrived.presentations, token());
            assert_eq!((&arrived.query, &arrived.note), (&query(), &json!({"tenant": 7})));
            // What the wallet made them for is what the verifier expects.
            assert_eq!(arrived.expectation, asked.expectation());
            assert!(
                arrived.expectation.audience.starts_with(client_id),
                "the prefix is part of the audience"
            );
            assert!((22..=43).contains(&arrived.expectation.nonce.len()));
            let encrypted = encryption == Encryption::Encrypted;
            assert_eq!(arrived.expectation.jwk_thumbprint.is_some(), encrypted);
            let Channel::Posted { response_uri } = &arrived.expectation.channel else { panic!("posted") };
            assert!(response_uri.starts_with("https://verifier.example/openid4vp/response/"));
        }
    }
}

/// Regression 3.
#[test]
fn the_result_is_handed_out_once_to_the_one_who_opened() {
    let world = World::new();
    let opened = world.open(&order());
    let asked = world.asked(&link(&opened));
    let reply = world.accept(&world.respond(&asked), json!({"name": "김한별"}));
    assert_eq!(reply, WalletReply::Taken { redirect_uri: None });
    let answer = reply.to_response();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (200, b"{}".as_slice()));
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(Posted::read(&answer, Transport::Https).unwrap().redirect_uri, None);

    let claim = Claim { transaction: &opened.transaction, session: None, response_code: None };
    let result = || world.run(|verifier, entropy| verifier.result(&claim, now(), entropy));
    assert_eq!(result().unwrap(), Outcome::Accepted(json!({"name": "김한별"})));
    assert_eq!(result().unwrap_err().code(), "VP-RSP-11a");
    let other = world.open(&order());
    let claim = Claim { transaction: &other.transaction, session: None, response_code: None };
    let pending = world.run(|verifier, entropy| verifier.result(&claim, now(), entropy)).unwrap_err();
    assert_eq!(pending.code(), "VP-RSP-05a");
    let late = world.run(|verifier, entropy| verifier.result(&claim, later(7200), entropy)).unwrap_err();
    assert_eq!(late.code(), "VP-RSP-11");
}

#[test]
fn the_same_response_gets_the_same_answer_and_another_none() {
    let world = World::new();
    let opened = world.open(&Order::new(query(), same_device()));
    let asked = world.asked(&link(&opened));
    let response = world.respond(&asked);
    let first = world.accept(&response, json!({})).to_response();
    let again = world.answered(&response);
    assert_eq!((first.status(), first.body()), (again.status(), again.body()), "with the same redirect_uri");
    assert!(String::from_utf8_lossy(again.body()).contains("response_code="));

    let other = world.respond(&asked);
    assert_ne!(other.body(), response.body());
    assert_eq!(world.refused(&other), ("VP-RSP-10a", 400));
    // Closed and unknown are one to whoever asks.
    let mut unknown = other.clone();
    *unknown.uri_mut() =
        format!("https://verifier.example/openid4vp/response/{}", "A".repeat(43)).parse().unwrap();
    assert_eq!(world.refused(&unknown), ("VP-RSP-10b", 400));
    assert_eq!(world.answered(&unknown).body(), world.answered(&other).body());
    assert_eq!(world.answered(&unknown).headers(), world.answered(&other).headers());
}

#[test]
fn of_two_responses_at_once_one_counts() {
    let world = World::new();
    let opened = world.open(&order());
    let asked = world.asked(&link(&opened));
    let arrive = || match world.handle(&world.respond(&asked)) {
        Handled::Arrived(arrived) => arrived,
        other => panic!("{other:?}"),
    };
    let verdicts: Vec<_> = (0..8).map(|_| arrive()).collect();
    let world = &world;
    let concluded: Vec<_> = std::thread::scope(|scope| {
        let conclude = |arrived: Box<sinpyo_openid4vp::verifier::Arrived>| {
            scope.spawn(move || {
                world.run(|verifier, entropy| {
                    verifier.conclude(*arrived, Verdict::Accepted(json!(1)), now(), entropy)
                })
            })
        };
        let running: Vec<_> = verdicts.into_iter().map(conclude).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(concluded.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(concluded.iter().filter_map(|one| one.as_ref().err()).all(|error| error.code() == "VP-RSP-10c"));
}

/// Regression 12.
#[test]
fn a_response_to_another_request_is_refused() {
    let world = World::new();
    let [one, other] = [world.open(&plain()), world.open(&plain())];
    let [asked, victim] = [&one, &other].map(|opened| world.asked(&link(opened)));
    let mut moved = world.respond(&asked);
    *moved.uri_mut() = world.respond(&victim).uri().clone();
    assert_eq!(world.refused(&moved), ("VP-REQ-08", 400));

    // Encrypted for one request, posted to the other.
    let [one, other] = [world.open(&order()), world.open(&order())];
    let [asked, victim] = [&one, &other].map(|opened| world.asked(&link(opened)));
    let mut moved = world.respond(&asked);
    *moved.uri_mut() = world.respond(&victim).uri().clone();
    assert_eq!(world.refused(&moved), ("JOE-07", 400));
    // The victim's transaction is as it was.
    let _ = world.accept(&world.respond(&victim), json!({}));
}

/// OVP-28 of the catalogue of attacks.
#[test]
fn a_response_without_its_state_is_refused() {
    let world = World::new();
    let asked = world.asked(&link(&world.open(&plain())));
    let good = world.respond(&asked);
    let text = String::from_utf8(good.body().clone()).unwrap();
    let (state, token) = text.split_once('&').unwrap();
    assert!(state.starts_with("state=") && token.starts_with("vp_token="));
    assert!(state.len() >= "state=".len() + 22, "at least 128 bits");
    for body in [token.to_owned(), format!("state=&{token}"), format!("state={}&{token}", "A".repeat(43))] {
        assert_eq!(world.refused(&with_body(&good, &body)), ("VP-REQ-08", 400), "{body}");
    }
    let _ = world.accept(&good, json!({}));
}

#[test]
fn other_bodies_are_refused_and_change_nothing() {
    let world = World::new();
    let asked = world.asked(&link(&world.open(&plain())));
    let good = world.respond(&asked);
    let state = String::from_utf8(good.body().clone()).unwrap();
    let state = state.split_once('&').unwrap().0.to_owned();
    for (rest, code) in [
        ("", "VP-RSP-01e"),
        ("&vp_token=", "VP-RSP-06b"),
        ("&vp_token=%7B%22pid%22%3A%5B%22x%22%5D%2C%22pid%22%3A%5B%22y%22%5D%7D", "VP-RSP-06b"),
        ("&vp_token=%7B%22pid%22%3A%22x%22%7D", "VP-RSP-01"),
        ("&vp_token=%7B%22pid%22%3A%5B%5D%7D", "VP-RSP-01c"),
        ("&vp_token=%7B%7D", "VP-RSP-01b"),
        ("&vp_token=%7B%22pid%22%3A%5B1%5D%7D", "VP-RSP-01d"),
        ("&vp_token=%ff", "VP-RSP-06b"),
        ("&response=eyJ", "VP-RSP-06b"),
    ] {
        assert_eq!(world.refused(&with_body(&good, &format!("{state}{rest}"))), (code, 400), "{rest}");
    }
    let _ = world.accept(&good, json!({}));
}

/// OVP-28 of the catalogue of attacks.
#[test]
fn other_methods_and_media_types_are_refused() {
    let world = World::new();
    let asked = world.asked(&link(&world.open(&order())));
    let good = world.respond(&asked);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let mut other = good.clone();
        *other.method_mut() = method;
        assert_eq!(world.refused(&other), ("VP-RSP-02b", 405));
        assert_eq!(world.answered(&other).headers()[header::ALLOW], "POST");
    }
    for media_type in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        let mut other = good.clone();
        other.headers_mut().insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        assert_eq!(world.refused(&other), ("VP-RSP-02a", 415), "{media_type}");
    }
    let mut bare = good.clone();
    bare.headers_mut().remove(header::CONTENT_TYPE);
    assert_eq!(world.refused(&bare), ("VP-RSP-02a", 415));
    let huge = with_body(&good, &"a".repeat(MAX_BODY + 1));
    assert_eq!(world.refused(&huge), ("VP-RSP-02c", 413));
    let mut charset = good;
    let form = "Application/x-www-form-urlencoded; charset=utf-8".parse().unwrap();
    charset.headers_mut().insert(header::CONTENT_TYPE, form);
    let _ = world.accept(&charset, json!({}));
    let elsewhere = http::Request::post("https://verifier.example/other").body(Vec::new()).unwrap();
    assert!(world.run(|verifier, entropy| verifier.handle(&elsewhere, now(), entropy)).is_none());
}

#[test]
fn what_should_be_encrypted_must_be() {
    let world = World::new();
    let asked = world.asked(&link(&world.open(&order())));
    let good = world.respond(&asked);
    let state = asked.request().state.clone().unwrap();
    let open = format!("state={state}&vp_token=%7B%22pid%22%3A%5B%22x%22%5D%7D");
    assert_eq!(world.refused(&with_body(&good, &open)), ("VP-RSP-06", 400));
    let text = String::from_utf8(good.body().clone()).unwrap();
    assert!(text.starts_with("response=") && !text.contains("state="));
    let last = if text.ends_with('A') { "B" } else { "A" };
    let cut = format!("{}{last}", &text[..text.len() - 1]);
    let (code, status) = world.refused(&with_body(&good, &cut));
    assert!(matches!(code, "JOE-01" | "JOE-10"), "{code}");
    assert_eq!(status, 400);
    let _ = world.accept(&good, json!({}));
}

#[test]
fn an_error_ends_the_transaction() {
    let world = World::new();
    for flow in [Flow::CrossDevice { confirmation: Confirmation::None }, same_device()] {
        let opened = world.open(&Order::new(query(), flow.clone()));
        let asked = world.asked(&link(&opened));
        let mut entropy = TestEntropy::new(9);
        let Response::Post(declined) = asked.decline(WalletErrorCode::AccessDenied, &mut entropy).unwrap()
        else {
            panic!("a post")
        };
        let answer = world.answered(&declined);
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(String::from_utf8_lossy(answer.body()).contains("redirect_uri"), flow == same_device());
        let status = world.run(|verifier, _| verifier.status(&opened.transaction, None, now())).unwrap();
        assert_eq!(status, Status::Denied);
        assert_eq!(world.refused(&world.respond(&asked)).0, "VP-RSP-10a", "too late to change one's mind");
    }
}

/// OVP-31 of the catalogue of attacks.
#[test]
fn an_error_counts_whatever_came_with_it() {
    let world = World::new();
    // Unencrypted, too: a wallet that cannot encrypt must be able to say so.
    let opened = world.open(&order());
    let asked = world.asked(&link(&opened));
    let state = asked.request().state.clone().unwrap();
    let body = format!(
        "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E&state={state}&\
         vp_token=%7B%22pid%22%3A%5B%22x%22%5D%7D"
    );
    let answer = world.answered(&with_body(&world.respond(&asked), &body));
    assert_eq!(answer.status().as_u16(), 200);
    let claim = Claim { transaction: &opened.transaction, session: None, response_code: None };
    let outcome = world.run(|verifier, entropy| verifier.result(&claim, now(), entropy)).unwrap();
    let Outcome::Denied(error) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.code, Some(WalletErrorCode::AccessDenied));
    assert_eq!(error.description.as_deref(), Some("scriptalert(1)/script"));
}

#[test]
fn refused_presentations_end_the_transaction_too() {
    let world = World::new();
    let opened = world.open(&Order::new(query(), same_device()));
    let asked = world.asked(&link(&opened));
    let response = world.respond(&asked);
    let Handled::Arrived(arrived) = world.handle(&response) else { panic!("presentations") };
    let verdict = Verdict::Refused { rule: "VP-07".to_owned() };
    let reply = world.run(|verifier, entropy| verifier.conclude(*arrived, verdict, now(), entropy)).unwrap();
    let answer = reply.to_response();
    assert_eq!(answer.status().as_u16(), 400);
    assert!(!String::from_utf8_lossy(answer.body()).contains("VP-07"), "the wallet does not learn the rule");
    assert_eq!(world.answered(&response).status().as_u16(), 400);
    let claim = Claim { transaction: &opened.transaction, session: None, response_code: None };
    let outcome = world.run(|verifier, entropy| verifier.result(&claim, now(), entropy)).unwrap();
    assert_eq!(outcome, Outcome::Refused { rule: "VP-07".to_owned() });
}

#[test]
fn what_is_kept_is_sealed() {
    use sinpyo_state::{Space, State};
    let world = World::new();
    let opened = world.open(&order());
    let asked = world.asked(&link(&opened));
    let _ = world.accept(&world.respond(&asked), json!({"name": "김한별"}));
    for space in ["vp.transaction", "vp.request"] {
        for (key, record) in world.state.page(Space::new(space), None, 10, now()).unwrap() {
            assert!(!opened.transaction.expose().contains(key.name()));
            for secret in ["김한별", "https://post.example/pid", &asked.request().nonce] {
                let bytes = secret.as_bytes();
                assert!(!record.data.windows(bytes.len()).any(|window| window == bytes), "{secret}");
            }
        }
    }
    let mut other = world;
    let key = sinpyo_core::Secret::new([8; 32]);
    other.settings.sealing = sinpyo_crypto::aead::SealingKey::new(&key);
    let status = other.run(|verifier, _| verifier.status(&opened.transaction, None, now())).unwrap_err();
    assert_eq!(status.code(), "VP-RSP-11c");
}

#[test]
fn a_verifier_may_answer_only_with_an_address() {
    let response = |status: u16, body: &Value| {
        http::Response::builder().status(status).body(body.to_string().into_bytes()).unwrap()
    };
    for (status, body, code) in [
        (400, json!({}), "VP-RSP-02"),
        (302, json!({}), "VP-RSP-02"),
        (200, json!([]), "VP-RSP-02"),
        (200, json!({"redirect_uri": "javascript:alert(1)"}), "VP-RSP-02d"),
        (200, json!({"redirect_uri": "http://verifier.example/"}), "VP-RSP-02d"),
        (200, json!({"redirect_uri": 1}), "VP-RSP-02d"),
    ] {
        assert_eq!(Posted::read(&response(status, &body), Transport::Https).unwrap_err().code(), code);
    }
}

/// In an encrypted response `vp_token` is JSON, not JSON in a text.
#[test]
fn an_encrypted_token_is_no_text() {
    use sinpyo_jose::jwe::{Parties, encrypt};
    let world = World::new();
    let asked = world.asked(&link(&world.open(&order())));
    let recipient = asked.request().client_metadata.recipient().unwrap();
    let good = world.respond(&asked);
    let post = |payload: Value| {
        let mut entropy = TestEntropy::new(8);
        let sealed = encrypt(payload.to_string().as_bytes(), &recipient, Parties::default(), &mut entropy);
        with_body(&good, &format!("response={}", sealed.unwrap()))
    };
    let state = asked.request().state.clone().unwrap();
    let text = post(json!({"state": state, "vp_token": r#"{"pid":["x~"]}"#}));
    assert_eq!(world.refused(&text), ("VP-RSP-01", 400));
    assert_eq!(world.refused(&post(json!({"vp_token": {"pid": ["x~"]}}))), ("VP-REQ-08", 400));
    assert_eq!(world.refused(&post(json!([]))), ("VP-RSP-06b", 400));
    let Handled::Arrived(_) = world.handle(&post(json!({"state": state, "vp_token": {"pid": ["x~"]}})))
    else {
        panic!("presentations")
    };
}
