//! What the holder agrees to.

use crate::world::{World, link, members, now, query, same_device};
use serde_json::{Value, json};
use sinpyo_core::encoding::to_base64url;
use sinpyo_openid4vp::{
    HashAlgorithm, TransactionDatum, TransactionType, TransactionTypes, WalletErrorCode,
    verifier::{Order, Status},
    wallet::Response,
};
use sinpyo_testkit::TestEntropy;

fn types() -> TransactionTypes {
    let payment = json!({
        "type": "urn:example:payment",
        "label": {"ko": "송금", "en": "Payment"},
        "fields": {
            "payee": {"label": {"ko": "받는 이", "en": "Payee"}, "kind": "text", "most": 20},
            "amount": {"label": {"ko": "금액(원)", "en": "Amount (KRW)"}, "kind": "count"},
            "urgent": {"label": {"ko": "긴급", "en": "Urgent"}, "kind": "flag", "optional": true},
            "fee": {"label": {"ko": "수수료", "en": "Fee"}, "kind": "one-of", "values": ["none", "shared"], "optional": true},
        },
    });
    TransactionTypes::new().with(TransactionType::from_json(&members(payment)).unwrap())
}

fn payment() -> Value {
    json!({
        "type": "urn:example:payment", "credential_ids": ["pid"], "payee": "대한적십자사", "amount": 30000, "fee": "none",
    })
}

fn read(value: &Value) -> Result<TransactionDatum, &'static str> {
    let text = to_base64url(value.to_string().as_bytes());
    TransactionDatum::parse(&text, &types(), &query()).map_err(|error| error.code())
}

#[test]
fn what_is_signed_is_shown() {
    let datum = read(&payment()).unwrap();
    let shown: Vec<_> =
        datum.shown().into_iter().map(|(label, value)| (label.ko.as_str(), value.clone())).collect();
    let expected =
        [("금액(원)", json!(30000)), ("수수료", json!("none")), ("받는 이", json!("대한적십자사"))];
    assert_eq!(shown, expected);
    assert_eq!(datum.kind().label().en, "Payment");
    assert_eq!(datum.credential_ids(), ["pid"]);
}

#[test]
fn what_could_not_be_shown_is_refused() {
    let with = |name: &str, value: Value| {
        let mut changed = payment();
        changed[name] = value;
        changed
    };
    let without = |name: &str| {
        let mut changed = members(payment());
        changed.remove(name);
        Value::Object(changed)
    };
    for (datum, code) in [
        (with("type", "urn:example:vote".into()), "VP-TXD-02"),
        (without("type"), "VP-TXD-02"),
        (without("amount"), "VP-TXD-02a"),
        (with("memo", "hidden".into()), "VP-TXD-02a"),
        (with("amount", "30000".into()), "VP-TXD-02a"),
        (with("amount", (-1).into()), "VP-TXD-02a"),
        (with("amount", 1.5.into()), "VP-TXD-02a"),
        (with("payee", "".into()), "VP-TXD-02a"),
        (with("payee", "가".repeat(21).into()), "VP-TXD-02a"),
        (with("payee", "a\u{202e}\u{7}b".into()), "VP-TXD-02a"),
        (with("urgent", 1.into()), "VP-TXD-02a"),
        (with("fee", "all".into()), "VP-TXD-02a"),
        (without("credential_ids"), "VP-TXD-02b"),
        (with("credential_ids", json!([])), "VP-TXD-02b"),
        (with("credential_ids", json!(["pid", "other"])), "VP-TXD-02b"),
        (with("credential_ids", json!(["pid", "pid"])), "VP-TXD-02b"),
        (with("credential_ids", json!(["ticket"])), "VP-TXD-02c"),
        (with("transaction_data_hashes_alg", json!(["md5"])), "VP-TXD-03b"),
        (with("transaction_data_hashes_alg", json!("sha-256")), "VP-TXD-03b"),
        (json!([]), "VP-TXD-01"),
    ] {
        assert_eq!(read(&datum), Err(code), "{datum}");
    }
    let parse = |text: &str| TransactionDatum::parse(text, &types(), &query()).unwrap_err().code();
    for text in ["", "e30=", "e3 0", "{}", &"A".repeat(17 << 10)] {
        assert_eq!(parse(text), "VP-TXD-01", "{text}");
    }
    let twice =
        r#"{"type":"urn:example:payment","amount":1,"amount":2,"payee":"a","credential_ids":["pid"]}"#;
    assert_eq!(parse(&to_base64url(twice.as_bytes())), "VP-TXD-01");
    for value in [json!([]), json!("e30"), json!([1]), json!(vec!["e30"; 17])] {
        let refused = TransactionDatum::parse_all(&value, &types(), &query()).unwrap_err();
        assert_eq!(refused.code(), "VP-TXD-01");
    }
}

/// OpenID4VP 1.0, Appendix B.3.3: the transaction data of the example request, and their hash in the example response.
#[test]
fn the_hash_is_over_the_string_as_it_was_sent() {
    let datum = read(&payment()).unwrap();
    assert_eq!((datum.hash_algorithm(), datum.names_hash_algorithm()), (HashAlgorithm::Sha256, false));
    let over_text = sinpyo_crypto::hash::sha256(datum.as_str().as_bytes());
    assert_eq!(datum.hash(), to_base64url(&over_text));
    assert_ne!(datum.hash(), to_base64url(&sinpyo_crypto::hash::sha256(payment().to_string().as_bytes())));
    // The same content in another text is another transaction.
    let spaced = payment().to_string().replace("\":", "\": ");
    let other = TransactionDatum::parse(&to_base64url(spaced.as_bytes()), &types(), &query()).unwrap();
    assert_ne!(other.hash(), datum.hash());
    assert_eq!(other.shown(), datum.shown());

    let mut named = payment();
    named["transaction_data_hashes_alg"] = json!(["sha3-256", "sha-512", "sha-256"]);
    let named = read(&named).unwrap();
    assert_eq!((named.hash_algorithm().name(), named.names_hash_algorithm()), ("sha-512", true));
    assert_eq!(named.hash().len(), 86);
}

#[test]
fn transaction_data_travel_unchanged() {
    let world = World::new();
    let datum = TransactionDatum::new(&members(payment()), &types(), &query()).unwrap();
    let text = datum.as_str().to_owned();
    let order = Order { transaction_data: vec![datum], ..Order::new(query(), same_device()) };
    let opened = world.open(&order);
    let asked = world.asked(&link(&opened));
    assert_eq!(asked.expectation().transaction_data, std::slice::from_ref(&text));
    assert_eq!(asked.transaction_data(&types()).unwrap()[0].as_str(), text);
    // A wallet that cannot show it says so and presents nothing.
    let unknown = asked.transaction_data(&TransactionTypes::new()).unwrap_err();
    assert_eq!(unknown.code(), "VP-TXD-02");
    let mut entropy = TestEntropy::new(3);
    let declined = asked.decline(WalletErrorCode::InvalidTransactionData, &mut entropy).unwrap();
    let Response::Post(declined) = declined else { panic!("a post") };
    assert_eq!(world.answered(&declined).status().as_u16(), 200);
    let status = world.run(|verifier, _| verifier.status(&opened.transaction, None, now())).unwrap();
    assert_eq!(status, Status::Denied);
}

#[test]
fn transaction_data_for_another_query_are_not_sent() {
    let world = World::new();
    let datum = TransactionDatum::new(&members(payment()), &types(), &query()).unwrap();
    let other = json!({"credentials": [{"id": "x", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}}]});
    let other = sinpyo_dcql::Query::from_json(&other).unwrap();
    let order = Order { transaction_data: vec![datum], ..Order::new(other, same_device()) };
    let refused = world.run(|verifier, entropy| verifier.open(&order, now(), entropy)).unwrap_err();
    assert_eq!(refused.code(), "VP-TXD-01c");
}

#[test]
fn a_type_has_words_in_both_languages_and_no_common_members() {
    let label = json!({"ko": "가", "en": "a"});
    for wrong in [
        json!({}),
        json!({"type": "t", "label": {"ko": "가"}, "fields": {}}),
        json!({"type": "", "label": label, "fields": {}}),
        json!({"type": "t", "label": label, "fields": {"credential_ids": {"label": label, "kind": "text"}}}),
        json!({"type": "t", "label": label, "fields": {"a": {"label": label, "kind": "money"}}}),
        json!({"type": "t", "label": label, "fields": {"a": {"kind": "text"}}}),
        json!({"type": "t", "label": label, "fields": {"a": {"label": label, "kind": "one-of"}}}),
    ] {
        assert!(TransactionType::from_json(&members(wrong.clone())).is_err(), "{wrong}");
    }
}
