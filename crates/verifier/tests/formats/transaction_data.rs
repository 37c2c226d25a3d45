//! What a holder authorises: exactly what was sent.

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::{sha256, sha384};

fn payment(amount: u32) -> Value {
    json!({"type": "urn:example:payment", "credential_ids": ["resident"], "amount": amount})
}

fn text(data: &Value) -> String {
    to_base64url(data.to_string().as_bytes())
}

fn hash(text: &str) -> Value {
    json!(to_base64url(&sha256(text.as_bytes())))
}

fn scene(data: &[Value]) -> Scene {
    Scene { transaction_data: data.iter().map(text).collect(), ..Scene::new() }
}

/// A presentation with these hashes, and the name of an algorithm.
fn answer(hashes: &Value, algorithm: Option<&str>) -> Value {
    let credential = resident(held_key()).status(entry(7)).build();
    let bound = bind(&select(&issue(&credential), &["given_name"]), |claims| {
        if !hashes.is_null() {
            claims.insert("transaction_data_hashes".into(), hashes.clone());
        }
        if let Some(algorithm) = algorithm {
            claims.insert("transaction_data_hashes_alg".into(), json!(algorithm));
        }
    });
    json!({"resident": [bound]})
}

#[test]
fn the_holder_authorises_exactly_what_was_sent() {
    let (one, two) = (payment(10_000), payment(20_000));
    let asked = scene(&[one.clone(), two.clone()]);
    let both = json!([hash(&text(&one)), hash(&text(&two))]);
    let accepted = asked.verdict(&answer(&both, None)).unwrap().into_result().unwrap();
    assert_eq!(accepted.shown("resident").first().unwrap().authorised(), [0, 1]);
    assert_eq!(accepted.transaction_data(), [text(&one), text(&two)]);
    assert_eq!(asked.code(&answer(&both, Some("sha-256"))), "ok");
    // Some of it is not all of it.
    assert_eq!(asked.code(&answer(&json!([hash(&text(&one))]), None)), "VP-27");
    assert_eq!(asked.code(&answer(&Value::Null, None)), "VP-27");
}

/// OVP-16 of the catalogue of attacks.
#[test]
fn other_hashes_than_of_what_was_sent_are_refused() {
    let (one, two) = (payment(10_000), payment(20_000));
    let asked = scene(&[one.clone(), two.clone()]);
    let (first, second) = (hash(&text(&one)), hash(&text(&two)));
    let decoded = json!(to_base64url(&sha256(one.to_string().as_bytes())));
    for (what, hashes) in [
        ("another amount", json!([hash(&text(&payment(1))), second])),
        ("what it decodes to", json!([decoded, second])),
        ("another order", json!([second, first])),
        ("one more", json!([first, second, first])),
        ("no array", json!(first)),
        ("none", json!([])),
        ("no text", json!([1, 2])),
    ] {
        assert_eq!(asked.code(&answer(&hashes, None)), "VP-26", "{what}");
    }
    let both = json!([first, second]);
    for algorithm in ["sha-384", "md5", "SHA-256", ""] {
        assert_eq!(asked.code(&answer(&both, Some(algorithm))), "VP-26", "{algorithm}");
    }
}

#[test]
fn the_algorithm_is_one_that_was_offered() {
    let mut data = payment(10_000);
    data["transaction_data_hashes_alg"] = json!(["sha-384", "sha-512"]);
    let asked = scene(&[data.clone()]);
    let by_384 = json!([to_base64url(&sha384(text(&data).as_bytes()))]);
    assert_eq!(asked.code(&answer(&by_384, Some("sha-384"))), "ok");
    assert_eq!(asked.code(&answer(&by_384, None)), "VP-26", "an offer is answered by name");
    assert_eq!(asked.code(&answer(&by_384, Some("sha-512"))), "VP-26");
    assert_eq!(asked.code(&answer(&json!([hash(&text(&data))]), Some("sha-256"))), "VP-26");
    assert_eq!(asked.code(&answer(&json!([hash(&text(&data))]), None)), "VP-26");
}

#[test]
fn what_no_presentation_could_authorise_is_not_asked() {
    let with = |name: &str, value: Value| {
        let mut data = payment(1);
        data[name] = value;
        scene(&[data]).code(&answer(&Value::Null, None))
    };
    assert_eq!(with("credential_ids", json!(["other"])), "VP-25");
    assert_eq!(with("credential_ids", json!([])), "VP-25");
    assert_eq!(with("type", json!(1)), "VP-25");
    assert_eq!(with("transaction_data_hashes_alg", json!("sha-256")), "VP-25");
    let raw = Scene { transaction_data: vec!["not base64url!".into()], ..Scene::new() };
    assert_eq!(raw.code(&answer(&Value::Null, None)), "VP-25");
    let many = Scene { transaction_data: vec![text(&payment(1)); 17], ..Scene::new() };
    assert_eq!(many.code(&answer(&Value::Null, None)), "VP-25");
    // Nobody authorises anything without a proof.
    let mut query = name_query("resident");
    query["require_cryptographic_holder_binding"] = json!(false);
    let unbound = Scene { query: json!({"credentials": [query]}), ..scene(&[payment(1)]) };
    assert_eq!(unbound.code(&answer(&Value::Null, None)), "VP-25");
}

#[test]
fn one_of_several_credentials_authorises() {
    let data = json!({"type": "urn:example:payment", "credential_ids": ["a", "b"]});
    let only_b = json!({"type": "urn:example:payment", "credential_ids": ["b"]});
    let asked = Scene {
        query: json!({"credentials": [name_query("a"), name_query("b")]}),
        ..scene(&[data.clone(), only_b.clone()])
    };
    let presentation = |hashes: Value| answer(&hashes, None)["resident"][0].clone();
    let (of_data, of_b) = (hash(&text(&data)), hash(&text(&only_b)));
    let answers = json!({"a": [presentation(json!([of_data]))], "b": [presentation(json!([of_b]))]});
    assert_eq!(asked.code(&answers), "ok");
    let answers = json!({"a": [presentation(Value::Null)], "b": [presentation(json!([of_data, of_b]))]});
    assert_eq!(asked.code(&answers), "ok");
    let answers = json!({"a": [presentation(json!([of_data, of_b]))], "b": [presentation(Value::Null)]});
    assert_eq!(asked.code(&answers), "VP-26", "a credential that was not to authorise it");
}
