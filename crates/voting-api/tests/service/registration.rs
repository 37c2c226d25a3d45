//! Registration: one line of the roll for each code, whatever races, and nothing that joins it with a ballot.

use crate::town::{Town, draft, parsed};
use http::StatusCode;
use serde_json::{Value, json};
use sinpyo_core::key::Entropy as _;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_voting::form::to_hex;

fn town() -> (Town, Vec<String>) {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let codes = town.codes(4);
    (town, codes)
}

fn holder(town: &mut Town) -> SigningKey {
    SigningKey::generate(Algorithm::Es256, &mut town.entropy)
}

fn post(town: &mut Town, body: &Value) -> (StatusCode, Value) {
    let path = town.at("/register");
    town.post(&path, body)
}

fn registered(town: &mut Town) -> u64 {
    parsed(&town.get(&town.at("/summary")))["registered"]["d1"].as_u64().unwrap()
}

#[test]
fn a_lost_answer_is_given_again_and_the_code_is_spent() {
    let (mut town, codes) = town();
    let (_, begun) = town.begin(&codes[0]);
    let holder = holder(&mut town);
    let (request, ..) = town.request(&begun, [1; 32], &holder);
    let body = json!({"code": codes[0], "presentation": null, "request": request});
    let (first, answer) = post(&mut town, &body);
    let (second, again) = post(&mut town, &body);
    assert_eq!((first, second), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(answer, again);
    assert_eq!(registered(&mut town), 1);
    // Anything else with this code is refused.
    assert_eq!(town.begin(&codes[0]).1["code"], "code");
    let (other, ..) = town.request(&begun, [2; 32], &holder);
    let (status, refused) =
        post(&mut town, &json!({"code": codes[0], "presentation": null, "request": other}));
    assert_eq!((status, refused["rule"].as_str()), (StatusCode::FORBIDDEN, Some("VTS-26")));
}

#[test]
fn of_twenty_requests_at_once_with_one_code_one_registers() {
    let (mut town, codes) = town();
    let (_, begun) = town.begin(&codes[0]);
    let requests: Vec<String> = (0..20)
        .map(|seed| {
            let holder = holder(&mut town);
            town.request(&begun, [seed; 32], &holder).0
        })
        .collect();
    let (service, now, path) = (&town.service, town.now(), town.at("/register"));
    let answers: Vec<StatusCode> = std::thread::scope(|scope| {
        let threads: Vec<_> = requests
            .iter()
            .zip(0..)
            .map(|(request, seed)| {
                let (path, code) = (path.clone(), codes[0].clone());
                scope.spawn(move || {
                    let body = json!({"code": code, "presentation": null, "request": request}).to_string();
                    let request = http::Request::post(path)
                        .header("host", crate::town::HOST)
                        .header("content-type", "application/json")
                        .body(body.into_bytes())
                        .unwrap();
                    let mut entropy = sinpyo_testkit::TestEntropy::new(100 + seed);
                    match service.answer(&request, [192, 0, 2, 7].into(), now, &mut entropy) {
                        sinpyo_voting_api::Step::Answer(response) => response.status(),
                        _ => panic!(),
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won = answers.iter().filter(|status| **status == StatusCode::CREATED).count();
    let lost = answers.iter().filter(|status| matches!(status.as_u16(), 403 | 409)).count();
    assert_eq!((won, lost), (1, 19), "{answers:?}");
    assert_eq!(registered(&mut town), 1);
}

#[test]
fn a_request_is_for_this_line_this_nonce_and_this_election() {
    let (mut town, codes) = town();
    let (_, first) = town.begin(&codes[0]);
    let (_, begun) = town.begin(&codes[0]);
    assert_ne!(first["nonce"], begun["nonce"]);
    let holder = holder(&mut town);
    let refused = |town: &mut Town, said: &Value, code: &str| {
        let (request, ..) = town.request(said, [1; 32], &holder);
        let (status, answer) = post(town, &json!({"code": code, "presentation": null, "request": request}));
        assert!(status.is_client_error(), "{answer}");
        answer["rule"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&mut town, &first, &codes[0]), "VTS-29", "an older nonce");
    let (_, other) = town.begin(&codes[1]);
    assert_eq!(refused(&mut town, &other, &codes[0]), "VTS-29", "the nonce of another code");
    let mut elsewhere = begun.clone();
    elsewhere["slot"] = other["slot"].clone();
    assert_eq!(refused(&mut town, &elsewhere, &codes[0]), "VTS-28", "another slot");
    assert_eq!(refused(&mut town, &begun, "WRNG-CODE-AAAA-BBBB"), "VTS-26");
    town.pass(601);
    assert_eq!(refused(&mut town, &begun, &codes[0]), "VTS-29", "too late");
    assert_eq!(registered(&mut town), 0);
    // The code is not spent by any of it.
    town.register(&codes[0], [1; 32]);
}

#[test]
fn what_a_holder_did_not_sign_is_refused() {
    let (mut town, codes) = town();
    let (_, begun) = town.begin(&codes[0]);
    let holder = holder(&mut town);
    let (request, ..) = town.request(&begun, [1; 32], &holder);
    let mut parts: Vec<String> = request.split('.').map(str::to_owned).collect();
    let flipped = if parts[2].starts_with('A') { "B" } else { "A" };
    parts[2].replace_range(0..1, flipped);
    let mut members = json!({"code": codes[0], "presentation": null, "request": parts.join(".")});
    assert_eq!(post(&mut town, &members).1["rule"], "VTS-28");
    members["request"] = json!("x");
    assert_eq!(post(&mut town, &members).1["rule"], "VTS-28");
    members["more"] = json!(1);
    assert_eq!(post(&mut town, &members).1["rule"], "VTS-28");
    // Signed, but the proof is that of another nonce.
    let mut foreign = [0; 32];
    town.entropy.fill(&mut foreign);
    let mut other = begun.clone();
    other["nonce"] = json!(to_hex(&foreign));
    let (signed, ..) = town.request(&other, [1; 32], &holder);
    let payload = sinpyo_core::encoding::from_base64url(signed.split('.').nth(1).unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&payload).unwrap();
    claims["nonce"] = begun["nonce"].clone();
    let request = crate::town::jws(&claims, &holder);
    let (status, answer) =
        post(&mut town, &json!({"code": codes[0], "presentation": null, "request": request}));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("proof")));
    claims["unknown"] = json!(1);
    let request = crate::town::jws(&claims, &holder);
    assert_eq!(
        post(&mut town, &json!({"code": codes[0], "presentation": null, "request": request})).1["rule"],
        "VTS-28"
    );
}

#[test]
fn one_commitment_is_registered_once() {
    let (mut town, codes) = town();
    town.register(&codes[0], [1; 32]);
    let (_, begun) = town.begin(&codes[1]);
    let holder = holder(&mut town);
    let (request, ..) = town.request(&begun, [1; 32], &holder);
    let (status, answer) =
        post(&mut town, &json!({"code": codes[1], "presentation": null, "request": request}));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("proof")));
    // The code is as it was.
    town.register(&codes[1], [2; 32]);
    assert_eq!(registered(&mut town), 2);
}

#[test]
fn a_struck_line_registers_nobody_and_a_frozen_roll_stays_as_it_is() {
    let (mut town, codes) = town();
    let old = town.register(&codes[0], [1; 32]);
    let election = to_hex(&town.election.0);
    let line = json!({"line": 2, "reason": "moved away"});
    town.manage(&format!("/{election}/strike"), &line);
    assert_eq!(town.begin(&codes[1]).1["code"], "code");
    assert_eq!(old.answer["slot"].as_str().unwrap().len(), 32);
    assert_eq!(registered(&mut town), 1);
    // A line that registered is struck in the log too.
    town.manage(&format!("/{election}/strike"), &json!({"line": 1, "reason": "moved away"}));
    assert_eq!(registered(&mut town), 0);
    // Nobody registers after the roll was frozen.
    town.step("freeze");
    assert_eq!(town.begin(&codes[2]).1["code"], "closed");
}

#[test]
fn what_is_kept_shows_no_label_and_no_code() {
    let (mut town, codes) = town();
    town.register(&codes[0], [1; 32]);
    let log = town.log();
    let entries = log.entries(0..log.head().unwrap().size).unwrap().concat();
    let plain = codes[0].replace('-', "");
    for marker in ["1호", plain.as_str(), codes[0].as_str()] {
        assert!(!String::from_utf8_lossy(&entries).contains(marker));
        for space in ["voting.line", "voting.code", "voting.election"] {
            use sinpyo_state::State as _;
            let records = town.state.page(sinpyo_state::Space::new(space), None, 100, town.now()).unwrap();
            assert!(!records.is_empty());
            for (key, record) in records {
                assert!(!key.name().contains(marker));
                assert!(!String::from_utf8_lossy(&record.data).contains(marker), "{space}");
            }
        }
    }
}
