//! The nonce, credential, deferred and notification endpoints.

use crate::world::{
    ISSUER, Mode, Token, World, assert_issued, assert_refused, at, bare_settings, encryption_key, holder,
    parsed, proof,
};
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;
use sinpyo_jose::jwe::{self, ContentEncryption, Decrypter, Parties, Recipient};
use sinpyo_openid4vci::issuer::{Encryption, standing};
use sinpyo_state::{Key, MemoryState, OwnedChange, Space, State};
use sinpyo_testkit::{TestEntropy, key};
use std::time::Duration;

fn of(id: &str, proofs: impl Into<Value>) -> Value {
    json!({ "credential_configuration_id": id, "proofs": proofs.into() })
}

// What is asked for.

#[test]
fn a_request_names_exactly_one_thing() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    for names in [
        json!({}),
        json!({ "credential_configuration_id": "resident", "credential_identifier": "resident-of-kim" }),
        json!({ "credential_configuration_id": "" }),
    ] {
        let mut request = names.clone();
        request["proofs"] = world.jwt_proofs(&[1]);
        assert_refused(&world.ask(&token, &request), "invalid_credential_request", "VCI-CRQ-01");
    }
    let not_text = json!({ "credential_configuration_id": 1 });
    assert_refused(&world.ask(&token, &not_text), "invalid_credential_request", "VCI-CRQ-04");
    assert_issued(&world.ask(&token, &of("resident", world.jwt_proofs(&[1]))), 1);
}

/// VCI-13 of the catalogue of attacks.
#[test]
fn what_is_named_in_the_other_way_is_refused() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let request = json!({ "credential_identifier": "resident-of-kim", "proofs": world.jwt_proofs(&[1]) });
    assert_refused(&world.ask(&token, &request), "invalid_credential_request", "VCI-CRQ-01a");
    assert_eq!(world.issued(), 0);
}

/// VCI-13 of the catalogue of attacks.
#[test]
fn a_configuration_is_known_and_granted() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let unknown = world.ask(&token, &of("unheard-of", world.jwt_proofs(&[1])));
    assert_refused(&unknown, "unknown_credential_configuration", "VCI-ERR-01b");
    let other = world.ask(&token, &of("licence", world.jwt_proofs(&[1])));
    assert_eq!(other.status(), 403);
    assert!(other.headers()["www-authenticate"].to_str().unwrap().contains("insufficient_scope"));
    assert_eq!(other.extensions().get::<sinpyo_oauth::Rule>().unwrap().0, "VCI-CRQ-06");
    assert_eq!(world.issued(), 0);
}

#[test]
fn a_token_is_needed_and_stands_in_its_header() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let body = of("resident", world.jwt_proofs(&[1]));
    let mut bare = token.post("credential", &body);
    bare.headers_mut().remove("authorization");
    let response = world.send(bare, at(0));
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    let mut in_query = token.post("credential", &body);
    in_query.headers_mut().remove("authorization");
    *in_query.uri_mut() = format!("{ISSUER}/credential?access_token={}", token.0).parse().unwrap();
    assert_eq!(world.send(in_query, at(0)).status(), 400);
    let forged = Token("guess".to_owned());
    assert_eq!(world.ask(&forged, &body).status(), 401);
    assert_eq!(world.send(token.post("credential", &body), at(301)).status(), 401, "expired");
    assert_eq!(world.issued(), 0);
    assert_issued(&world.ask(&token, &body), 1);
}

/// VCI-12 of the catalogue of attacks.
#[test]
fn proofs_are_one_list_within_the_batch_size() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let good = world.jwt_proofs(&[1])["jwt"].clone();
    for proofs in [
        json!({}),
        json!({ "jwt": [] }),
        json!({ "jwt": good, "attestation": good }),
        json!({ "jwt": good[0] }),
        json!({ "jwt": [1] }),
        json!({ "unknown": good }),
        json!([good]),
        json!({ "jwt": vec!["x"; 10_000] }),
    ] {
        let response = world.ask(&token, &of("resident", proofs));
        assert_refused(&response, "invalid_credential_request", "VCI-CRQ-02");
    }
    let mut draft = of("resident", json!({ "jwt": good }));
    draft["proof"] = json!({ "proof_type": "jwt", "jwt": good[0] });
    assert_refused(&world.ask(&token, &draft), "invalid_credential_request", "VCI-CRQ-02");
    let six = world.ask(&token, &of("resident", world.jwt_proofs(&[1, 2, 3, 4, 5, 6])));
    assert_refused(&six, "invalid_credential_request", "VCI-CRQ-02");
    assert_eq!(world.issued(), 0);
    assert_issued(&world.ask(&token, &of("resident", world.jwt_proofs(&[1, 2, 3, 4, 5]))), 5);
}

#[test]
fn a_configuration_with_proof_types_needs_proofs() {
    let world = World::new();
    let token = world.token("kim", &["resident", "bearer"]);
    let without = world.ask(&token, &json!({ "credential_configuration_id": "resident" }));
    assert_refused(&without, "invalid_proof", "VCI-CRQ-03");
    assert_issued(&world.ask(&token, &json!({ "credential_configuration_id": "bearer" })), 1);
}

#[test]
fn a_request_is_json_of_bounded_size() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let body = of("resident", world.jwt_proofs(&[1])).to_string().into_bytes();
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/json+x"] {
        let response = world.send(token.post_as("credential", media, body.clone()), at(0));
        assert_refused(&response, "invalid_credential_request", "VCI-CRQ-04");
    }
    let mut twice = token.post_as("credential", "application/json", body.clone());
    twice.headers_mut().append("content-type", "application/json".parse().unwrap());
    assert_refused(&world.send(twice, at(0)), "invalid_credential_request", "VCI-CRQ-04");
    let repeated = br#"{"credential_configuration_id":"resident","credential_configuration_id":"licence"}"#;
    let repeated = token.post_as("credential", "application/json", repeated.to_vec());
    assert_refused(&world.send(repeated, at(0)), "invalid_credential_request", "JSON-01");
    let long = token.post_as("credential", "application/json", vec![b' '; (1 << 20) + 1]);
    assert_refused(&world.send(long, at(0)), "invalid_credential_request", "JSON-04");
    assert_issued(
        &world.send(token.post_as("credential", "Application/JSON; charset=utf-8", body), at(0)),
        1,
    );
}

// What comes.

#[test]
fn a_response_lists_credentials_and_a_notification() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let response = world.ask(&token, &of("resident", world.jwt_proofs(&[1, 2])));
    assert_issued(&response, 2);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = parsed(&response);
    assert!(body.get("credential").is_none() && body.get("transaction_id").is_none());
    assert_eq!(body["notification_id"].as_str().unwrap().len(), 43);
    let texts: Vec<_> =
        body["credentials"].as_array().unwrap().iter().map(|one| &one["credential"]).collect();
    assert_ne!(texts[0], texts[1]);
}

#[test]
fn more_credentials_than_keys_are_not_delivered() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    *world.desk.mode.lock().unwrap() = Mode::TooMany;
    let response = world.ask(&token, &of("resident", world.jwt_proofs(&[1])));
    assert_eq!(response.status(), 500);
    assert_eq!(response.extensions().get::<sinpyo_oauth::Rule>().unwrap().0, "VCI-CRS-01a");
}

#[test]
fn a_denied_request_is_final_and_spends_no_nonce() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let request = of("resident", world.jwt_proofs(&[1]));
    *world.desk.mode.lock().unwrap() = Mode::Denied;
    assert_refused(&world.ask(&token, &request), "credential_request_denied", "VCI-ERR-01g");
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    assert_issued(&world.ask(&token, &request), 1);
}

/// VCI-06 of the catalogue of attacks and regression 2.
#[test]
fn a_nonce_is_spent_once() {
    let world = World::new();
    let (kim, lee) = (world.token("kim", &["resident"]), world.token("lee", &["resident"]));
    let claims = world.claims();
    let proofs = |seed: u8| json!({ "jwt": [proof(&claims, &holder(seed), None)] });
    assert_issued(&world.ask(&kim, &of("resident", proofs(1))), 1);
    for (token, seed) in [(&kim, 1), (&kim, 2), (&lee, 1), (&lee, 3)] {
        let again = world.ask(token, &of("resident", proofs(seed)));
        assert_refused(&again, "invalid_nonce", "VCI-NON-02a");
    }
    assert_eq!(world.issued(), 1, "no index was consumed either");
}

#[test]
fn a_nonce_is_spent_once_by_many_at_once() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let claims = world.claims();
    let bodies: Vec<Value> = (1..=16)
        .map(|seed| of("resident", json!({ "jwt": [proof(&claims, &holder(seed), None)] })))
        .collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let send = |seed: usize| {
            let (world, token, body) = (&world, &token, &bodies[seed]);
            scope.spawn(move || {
                let (parts, body) = token.post("credential", body).into_parts();
                let entropy = &mut TestEntropy::new(u64::try_from(seed).unwrap() + 1000);
                world.issuer().answer(&parts, &body, at(0), entropy).unwrap().status().as_u16()
            })
        };
        let threads: Vec<_> = (0..bodies.len()).map(send).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 15);
    assert_eq!(world.issued(), 1);
}

#[test]
fn a_lost_response_is_delivered_again_and_not_issued_again() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let first = world.ask(&token, &of("resident", world.jwt_proofs(&[1, 2])));
    let again = world.ask(&token, &of("resident", world.jwt_proofs(&[2, 1])));
    assert_issued(&again, 2);
    assert_eq!(parsed(&first), parsed(&again));
    assert_eq!(world.issued(), 2);
    // Other keys, another token, or later: that is another issuance.
    assert_issued(&world.ask(&token, &of("resident", world.jwt_proofs(&[1, 3]))), 2);
    assert_eq!(world.issued(), 4);
    assert_issued(
        &world.ask(&world.token("kim", &["resident"]), &of("resident", world.jwt_proofs(&[1, 2]))),
        2,
    );
    assert_eq!(world.issued(), 6);
    let late = token.post("credential", &of("resident", world.jwt_proofs(&[1, 2])));
    assert_issued(&world.send(late, at(60)), 2);
    assert_eq!(world.issued(), 8);
    // The kept response is sealed.
    for (_, record) in world.state.page(Space::new("vci.delivered"), None, 10, at(0)).unwrap() {
        assert!(!String::from_utf8_lossy(&record.data).contains("resident"));
    }
}

// The nonce endpoint.

#[test]
fn the_nonce_endpoint_is_posted_to_without_a_token() {
    let world = World::new();
    let ask = |method: &str| {
        let request = Request::builder().method(method).uri(format!("{ISSUER}/nonce"));
        world.send(request.body(Vec::new()).unwrap(), at(0))
    };
    let response = ask("POST");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.headers().contains_key("dpop-nonce"));
    assert_ne!(parsed(&response), parsed(&ask("POST")));
    let refused = ask("GET");
    assert_eq!((refused.status().as_u16(), &refused.headers()["allow"]), (405, &"POST".parse().unwrap()));
}

// Encryption.

fn encrypted(world: &World, token: &Token, body: &Value) -> Response<Vec<u8>> {
    let decrypter = Decrypter::new(&encryption_key(), Some("enc-1"), &ContentEncryption::ALL).unwrap();
    let recipient = Recipient::from_jwk(&decrypter.public_jwk(), ContentEncryption::A128Gcm).unwrap();
    let entropy = &mut TestEntropy::new(77);
    let parties = Parties { apu: &[], apv: &[] };
    let text = jwe::encrypt(body.to_string().as_bytes(), &recipient, parties, entropy).unwrap();
    world.send(token.post_as("credential", "application/jwt", text.into_bytes()), at(0))
}

fn response_key() -> Decrypter {
    Decrypter::new(&key(Algorithm::Es256, 210), Some("me"), &ContentEncryption::ALL).unwrap()
}

fn wish(enc: &str) -> Value {
    json!({ "jwk": response_key().public_jwk().members(), "enc": enc })
}

#[test]
fn a_response_is_encrypted_to_the_key_in_the_request() {
    let world = World::new().with_encryption();
    let token = world.token("kim", &["resident"]);
    let mut request = of("resident", world.jwt_proofs(&[1]));
    request["credential_response_encryption"] = wish("A256GCM");
    let response = encrypted(&world, &token, &request);
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/jwt".parse().unwrap())
    );
    let decrypted = response_key().decrypt(str::from_utf8(response.body()).unwrap()).unwrap();
    let body: Value = serde_json::from_slice(&decrypted.payload).unwrap();
    assert_eq!(body["credentials"].as_array().unwrap().len(), 1);
    // Without a wish the answer to an encrypted request is plain, and errors always are.
    assert_issued(&encrypted(&world, &token, &of("resident", world.jwt_proofs(&[2]))), 1);
    let mut bad = of("unheard-of", world.jwt_proofs(&[1]));
    bad["credential_response_encryption"] = wish("A256GCM");
    assert_refused(&encrypted(&world, &token, &bad), "unknown_credential_configuration", "VCI-ERR-01b");
}

#[test]
fn a_key_for_the_response_comes_encrypted() {
    let world = World::new().with_encryption();
    let token = world.token("kim", &["resident"]);
    let mut request = of("resident", world.jwt_proofs(&[1]));
    request["credential_response_encryption"] = wish("A128GCM");
    assert_refused(&world.ask(&token, &request), "invalid_encryption_parameters", "VCI-CRQ-05");
    assert_eq!(world.issued(), 0);
    assert_eq!(encrypted(&world, &token, &request).status(), 200);
}

#[test]
fn encryption_that_is_not_supported_is_refused() {
    let world = World::new().with_encryption();
    let token = world.token("kim", &["resident"]);
    let proofs = world.jwt_proofs(&[1]);
    let ask = |change: &dyn Fn(&mut Value)| {
        let mut request = of("resident", proofs.clone());
        request["credential_response_encryption"] = wish("A128GCM");
        change(&mut request["credential_response_encryption"]);
        encrypted(&world, &token, &request)
    };
    let error = "invalid_encryption_parameters";
    assert_refused(&ask(&|wish| wish["enc"] = json!("A128CBC-HS256")), error, "VCI-ENC-01b");
    assert_refused(&ask(&|wish| wish["jwk"]["alg"] = json!("ECDH-ES+A256KW")), error, "VCI-ENC-01b");
    assert_refused(
        &ask(&|wish| drop(wish["jwk"].as_object_mut().unwrap().remove("alg"))),
        error,
        "VCI-ENC-01",
    );
    assert_refused(&ask(&|wish| wish["zip"] = json!("DEF")), error, "VCI-ENC-01");
    assert_refused(&ask(&|wish| drop(wish.as_object_mut().unwrap().remove("enc"))), error, "VCI-ENC-01");
    assert_refused(&ask(&|wish| *wish = json!("yes")), error, "VCI-ENC-01");
    assert_refused(&ask(&|wish| wish["jwk"]["d"] = json!("AA")), error, "JSON-07");
    assert_eq!(world.issued(), 0);
    assert_eq!(ask(&|_| ()).status(), 200);
}

#[test]
fn a_request_to_another_key_is_refused() {
    let world = World::new().with_encryption();
    let token = world.token("kim", &["resident"]);
    let text = |kid: &str, seed| {
        let decrypter =
            Decrypter::new(&key(Algorithm::Es256, seed), Some(kid), &ContentEncryption::ALL).unwrap();
        let recipient = Recipient::from_jwk(&decrypter.public_jwk(), ContentEncryption::A128Gcm).unwrap();
        let body = of("resident", world.jwt_proofs(&[1])).to_string();
        let parties = Parties { apu: &[], apv: &[] };
        jwe::encrypt(body.as_bytes(), &recipient, parties, &mut TestEntropy::new(1)).unwrap()
    };
    let good = text("enc-1", 201);
    let mut flipped = good.clone();
    flipped.replace_range(
        good.len() - 10..good.len() - 9,
        if good.as_bytes()[good.len() - 10] == b'A' { "B" } else { "A" },
    );
    for bad in [text("enc-1", 211), text("enc-2", 201), flipped, "not a token".to_owned(), "{}".to_owned()] {
        let response = world.send(token.post_as("credential", "application/jwt", bad.into_bytes()), at(0));
        assert_refused(&response, "invalid_encryption_parameters", "VCI-ENC-01a");
    }
    assert_issued(&world.send(token.post_as("credential", "application/jwt", good.into_bytes()), at(0)), 1);
}

#[test]
fn encryption_that_is_required_is_not_left_out() {
    let mut world = World::new().with_encryption();
    world.settings.request_encryption = Encryption::Required;
    let token = world.token("kim", &["resident"]);
    let request = of("resident", world.jwt_proofs(&[1]));
    assert_refused(&world.ask(&token, &request), "invalid_encryption_parameters", "VCI-ENC-03");
    assert_issued(&encrypted(&world, &token, &request), 1);
    world.settings.response_encryption = Encryption::Required;
    let mut request = of("resident", world.jwt_proofs(&[2]));
    assert_refused(&encrypted(&world, &token, &request), "invalid_encryption_parameters", "VCI-ENC-03a");
    request["credential_response_encryption"] = wish("A128GCM");
    assert_eq!(encrypted(&world, &token, &request).status(), 200);
}

// Deferred credentials.

fn deferred(world: &World, token: &Token) -> String {
    *world.desk.mode.lock().unwrap() = Mode::Deferred;
    let response = world.ask(token, &of("resident", world.jwt_proofs(&[1, 2])));
    assert_eq!(response.status(), 202);
    let body = parsed(&response);
    assert_eq!(body["interval"], 10);
    assert!(body.get("credentials").is_none() && body.get("notification_id").is_none());
    body["transaction_id"].as_str().unwrap().to_owned()
}

fn collect(world: &World, token: &Token, id: &str, seconds: i64) -> Response<Vec<u8>> {
    world.send(token.post("deferred_credential", &json!({ "transaction_id": id })), at(seconds))
}

#[test]
fn credentials_that_are_not_ready_are_fetched_later() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let id = deferred(&world, &token);
    assert_eq!(id.len(), 43);
    let waiting = collect(&world, &token, &id, 10);
    assert_eq!(waiting.status(), 202);
    assert_eq!(parsed(&waiting), json!({ "transaction_id": id, "interval": 10 }));
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    let ready = collect(&world, &token, &id, 20);
    assert_issued(&ready, 2);
    assert!(parsed(&ready)["notification_id"].is_string());
    // Within the grace it is the same response, for one that was lost; then there is nothing.
    assert_eq!(parsed(&collect(&world, &token, &id, 21)), parsed(&ready));
    assert_eq!(world.issued(), 2);
    let late = collect(&world, &token, &id, 80);
    assert_refused(&late, "invalid_transaction_id", "VCI-DEF-02");
}

#[test]
fn without_a_grace_a_transaction_ends_with_its_response() {
    let mut world = World::new();
    world.settings.lifetimes.grace = Duration::ZERO;
    let token = world.token("kim", &["resident"]);
    let id = deferred(&world, &token);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    assert_issued(&collect(&world, &token, &id, 10), 2);
    assert_refused(&collect(&world, &token, &id, 11), "invalid_transaction_id", "VCI-DEF-02");
}

#[test]
fn asking_again_too_soon_is_slowed_down() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let id = deferred(&world, &token);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    let soon = collect(&world, &token, &id, 4);
    assert_eq!((soon.status().as_u16(), &soon.headers()["retry-after"]), (429, &"6".parse().unwrap()));
    assert_eq!(world.issued(), 0);
    assert_issued(&collect(&world, &token, &id, 10), 2);
}

/// VCI-21 of the catalogue of attacks.
#[test]
fn a_transaction_of_somebody_else_is_unknown() {
    let world = World::new();
    let (kim, lee) = (world.token("kim", &["resident"]), world.token("lee", &["resident"]));
    let id = deferred(&world, &kim);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    assert_refused(&collect(&world, &lee, &id, 10), "invalid_transaction_id", "VCI-DEF-02");
    assert_refused(&collect(&world, &kim, "guess", 10), "invalid_transaction_id", "VCI-DEF-02");
    let malformed = world.send(kim.post("deferred_credential", &json!({})), at(10));
    assert_refused(&malformed, "invalid_credential_request", "VCI-CRQ-04");
    assert_issued(&collect(&world, &kim, &id, 10), 2);
}

#[test]
fn a_deferred_order_can_still_be_denied() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let id = deferred(&world, &token);
    *world.desk.mode.lock().unwrap() = Mode::Denied;
    for seconds in [10, 20] {
        assert_refused(&collect(&world, &token, &id, seconds), "credential_request_denied", "VCI-ERR-01g");
    }
}

#[test]
fn a_deferred_response_is_encrypted_as_the_later_request_says() {
    let world = World::new().with_encryption();
    let token = world.token("kim", &["resident"]);
    *world.desk.mode.lock().unwrap() = Mode::Deferred;
    let mut request = of("resident", world.jwt_proofs(&[1]));
    request["credential_response_encryption"] = wish("A128GCM");
    let response = encrypted(&world, &token, &request);
    assert_eq!(response.status(), 202);
    let opened = response_key().decrypt(str::from_utf8(response.body()).unwrap()).unwrap().payload;
    let body: Value = serde_json::from_slice(&opened).unwrap();
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    let id = body["transaction_id"].as_str().unwrap();
    let mut clear = json!({ "transaction_id": id });
    assert_issued(&world.send(token.post("deferred_credential", &clear), at(10)), 1);
    clear["credential_response_encryption"] = wish("A128GCM");
    let response = world.send(token.post("deferred_credential", &clear), at(11));
    assert_refused(&response, "invalid_encryption_parameters", "VCI-CRQ-05");
}

// Notifications.

fn notify(world: &World, token: &Token, body: &Value) -> Response<Vec<u8>> {
    world.send(token.post("notification", body), at(5))
}

#[test]
fn a_notification_is_heard_once() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let response = world.ask(&token, &of("resident", world.jwt_proofs(&[1])));
    let id = parsed(&response)["notification_id"].clone();
    let report = |event: &str| notify(&world, &token, &json!({ "notification_id": id, "event": event }));
    for _ in 0..3 {
        assert_eq!(report("credential_accepted").status(), 204);
    }
    assert_eq!(report("credential_deleted").status(), 204);
    let heard = world.desk.heard.lock().unwrap().clone();
    let expected =
        ["credential_accepted", "credential_deleted"].map(|event| ("issuance-0".to_owned(), event));
    assert_eq!(heard, expected);
}

#[test]
fn each_event_is_heard_once_and_none_after_the_end() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let response = world.ask(&token, &of("resident", world.jwt_proofs(&[1])));
    let id = parsed(&response)["notification_id"].clone();
    for round in 0..9 {
        let event = ["credential_accepted", "credential_failure", "credential_deleted"][round % 3];
        let answer = notify(&world, &token, &json!({ "notification_id": id, "event": event }));
        assert_eq!(answer.status(), 204);
    }
    let heard: Vec<_> = world.desk.heard.lock().unwrap().iter().map(|(_, event)| *event).collect();
    assert_eq!(heard, ["credential_accepted", "credential_failure", "credential_deleted"]);

    let other = world.ask(&token, &of("resident", world.jwt_proofs(&[2])));
    let id = parsed(&other)["notification_id"].clone();
    for event in ["credential_deleted", "credential_accepted"] {
        notify(&world, &token, &json!({ "notification_id": id, "event": event }));
    }
    assert_eq!(world.desk.heard.lock().unwrap().len(), 4, "nothing comes after the end");
}

#[test]
fn what_the_desk_denied_it_is_not_asked_again() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let id = deferred(&world, &token);
    *world.desk.mode.lock().unwrap() = Mode::Denied;
    assert_refused(&collect(&world, &token, &id, 10), "credential_request_denied", "VCI-ERR-01g");
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    for seconds in [10, 11, 60] {
        assert_refused(&collect(&world, &token, &id, seconds), "credential_request_denied", "VCI-ERR-01g");
    }
    assert_eq!(world.issued(), 0);
}

/// VCI-23 of the catalogue of attacks.
#[test]
fn a_notification_under_an_unknown_identifier_is_refused() {
    let world = World::new();
    let (kim, lee) = (world.token("kim", &["resident"]), world.token("lee", &["resident"]));
    let response = world.ask(&kim, &of("resident", world.jwt_proofs(&[1])));
    let id = parsed(&response)["notification_id"].clone();
    let accepted = |id: &Value| json!({ "notification_id": id, "event": "credential_accepted" });
    assert_refused(&notify(&world, &lee, &accepted(&id)), "invalid_notification_id", "VCI-NOT-02a");
    assert_refused(
        &notify(&world, &kim, &accepted(&json!("guess"))),
        "invalid_notification_id",
        "VCI-NOT-02a",
    );
    assert_eq!(world.desk.heard.lock().unwrap().len(), 0);
    let nobody = Token("guess".to_owned());
    assert_eq!(notify(&world, &nobody, &accepted(&id)).status(), 401);
}

#[test]
fn a_malformed_notification_is_refused() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let response = world.ask(&token, &of("resident", world.jwt_proofs(&[1])));
    let id = parsed(&response)["notification_id"].clone();
    for body in [
        json!({}),
        json!({ "notification_id": id }),
        json!({ "event": "credential_accepted" }),
        json!({ "notification_id": id, "event": "credential_lost" }),
        json!({ "notification_id": 1, "event": "credential_accepted" }),
        json!({ "notification_id": id, "event": "credential_accepted", "event_description": 1 }),
        json!([]),
    ] {
        assert_refused(&notify(&world, &token, &body), "invalid_notification_request", "VCI-NOT-02");
    }
    let wrong = token.post_as("notification", "text/plain", b"{}".to_vec());
    assert_refused(&world.send(wrong, at(0)), "invalid_notification_request", "VCI-NOT-02");
}

// Lifecycle.

const REVOKED: Space = Space::new("test.revoked");

fn withdraw(state: &MemoryState) {
    let issuer = &bare_settings(ISSUER);
    let held = standing::Held { issuer, subject: "kim", configuration_id: "resident" };
    standing::withdraw(state, held, || {
        // What a service does: it reads what was issued, and revokes exactly that.
        let issued = state.page(Space::new("desk.issued"), None, 100, at(0))?.len();
        Ok(vec![OwnedChange::insert(Key::named(REVOKED, "list"), issued.to_string(), None)])
    })
    .unwrap();
}

/// Regression 11.
#[test]
fn a_renewal_in_flight_does_not_outrun_a_revocation() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    assert_issued(&world.ask(&token, &of("resident", world.jwt_proofs(&[1]))), 1);
    // While the desk makes the next batch, the person is revoked elsewhere.
    *world.desk.meanwhile.lock().unwrap() = Some(withdraw);
    let request = of("resident", world.jwt_proofs(&[2, 3]));
    assert_refused(&world.ask(&token, &request), "credential_request_denied", "VCI-ERR-01g");
    assert_eq!(world.issued(), 1);
    let revoked = world.state.get(&Key::named(REVOKED, "list"), at(0)).unwrap().unwrap();
    assert_eq!(revoked.data, b"1", "all that was ever issued is revoked");
    // Other people and other kinds are not concerned; and what was withdrawn can be restored.
    let lee = world.token("lee", &["resident"]);
    assert_issued(&world.ask(&lee, &of("resident", world.jwt_proofs(&[4]))), 1);
    let held = standing::Held { issuer: &world.settings, subject: "kim", configuration_id: "resident" };
    standing::restore(world.state, held, || Ok(Vec::new())).unwrap();
    assert_issued(&world.ask(&token, &request), 2);
}

#[test]
fn a_deferred_order_does_not_outrun_a_revocation() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let id = deferred(&world, &token);
    *world.desk.mode.lock().unwrap() = Mode::Ready;
    withdraw(world.state);
    assert_refused(&collect(&world, &token, &id, 10), "credential_request_denied", "VCI-ERR-01g");
    assert_eq!(world.issued(), 0);
}
