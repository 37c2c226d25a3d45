//! CWT claims.

use rstest::rstest;
use sinpyo_core::{status::StatusEntry, time::Timestamp};
use sinpyo_cose::{
    cbor::{Map, Value},
    cwt::{ClaimError, Claims, STATUS_LIST, StatusReference},
};
use sinpyo_crypto::Algorithm;
use sinpyo_testkit::from_hex;

fn time(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_unix(seconds)
}

/// RFC 8392 appendix A.1.
#[test]
fn the_example_of_the_specification_is_read_and_written() {
    let bytes = from_hex(
        "a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b7703\
         7818636f61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0\
         051a5610d9f0061a5610d9f007420b71",
    );
    let claims = Claims::parse(&bytes).unwrap();
    let mut other = Map::new();
    other.insert(7_i64, Value::Bytes(vec![0x0b, 0x71]));
    let expected = Claims {
        issuer: Some("coap://as.example.com".to_owned()),
        subject: Some("erikw".to_owned()),
        audience: vec!["coap://light.example.com".to_owned()],
        expires: time(1_444_064_944),
        not_before: time(1_443_944_944),
        issued_at: time(1_443_944_944),
        other,
        ..Claims::default()
    };
    assert_eq!(claims, expected);
    assert_eq!(claims.to_bytes(), bytes);
}

#[test]
fn a_holder_key_and_a_status_are_written_and_read_again() {
    let status = StatusReference { list: "https://example.com/1".to_owned(), index: 7 };
    let claims = Claims {
        audience: vec!["a".to_owned(), "b".to_owned()],
        holder_key: Some(sinpyo_testkit::key(Algorithm::Ed25519, 1).verifying_key().clone()),
        status: Some(status.clone()),
        ..Claims::default()
    };
    assert_eq!(Claims::parse(&claims.to_bytes()), Ok(claims));
    assert_eq!(
        StatusEntry::from(status),
        StatusEntry::Token { list: "https://example.com/1".to_owned(), index: 7 }
    );
}

#[rstest]
#[case(1, Value::from(1_u64), "iss")]
#[case(2, Value::Bytes(vec![1]), "sub")]
#[case(3, Value::Array(vec![Value::Null]), "aud")]
#[case(4, Value::Float(1.5), "exp")]
#[case(4, Value::from("1"), "exp")]
#[case(5, Value::tag(1, Value::from(5_u64)), "nbf")]
#[case(6, Value::from(i64::MAX), "iat")]
#[case(8, Value::Map(Map::new()), "cnf")]
#[case(65_535, Value::Map(Map::new()), "status")]
fn a_claim_of_another_form_is_refused(#[case] label: i64, #[case] value: Value, #[case] name: &'static str) {
    let mut map = Map::new();
    map.insert(label, value);
    assert_eq!(Claims::parse(&Value::Map(map).to_bytes()), Err(ClaimError::Form(name)));
}

#[test]
fn a_status_without_index_or_list_is_refused() {
    let entry = |hex: &str| StatusReference::from_value(&crate::tree(&from_hex(hex)));
    // {"status_list": {"idx": 1, "uri": "u"}} and its twins.
    assert_eq!(
        entry("a16b7374617475735f6c697374a263696478016375726961 75".replace(' ', "").as_str())
            .map(|e| e.index),
        Ok(1)
    );
    for hex in [
        "a16b7374617475735f6c697374a1637572696175",
        "a16b7374617475735f6c697374a16369647801",
        "a16b7374617475735f6c697374a263696478206375726961 75",
        "a16b7374617475735f6c697374a26369647801637572690 1",
        "80",
    ] {
        assert_eq!(entry(&hex.replace(' ', "")), Err(ClaimError::Form("status")), "{hex}");
    }
}

#[test]
fn a_status_list_that_is_malformed_is_refused() {
    let list = |bits: Value, lst: Value| {
        let (mut other, mut list) = (Map::new(), Map::new());
        list.insert("bits", bits);
        list.insert("lst", lst);
        other.insert(STATUS_LIST, list);
        Claims { other, ..Claims::default() }
    };
    assert_eq!(list(Value::from(1_u64), Value::Bytes(vec![9])).status_list(), Ok((1, &[9][..])));
    let refused = Err(ClaimError::Form("status_list"));
    assert_eq!(list(Value::from(256_u64), Value::Bytes(vec![9])).status_list(), refused);
    assert_eq!(list(Value::from(1_u64), Value::from("CQ")).status_list(), refused);
    assert_eq!(Claims::default().status_list(), refused);
}

#[test]
fn claims_that_are_no_map_are_refused() {
    assert_eq!(Claims::parse(&[0x80]), Err(ClaimError::NotAMap));
    assert!(matches!(Claims::parse(&[0xa2, 1, 0x60, 1, 0x60]), Err(ClaimError::Cbor(_))));
    assert!(matches!(Claims::parse(&from_hex("a108a101a10102")), Err(ClaimError::HolderKey(_))));
}
