//! `COSE_Key`.

use crate::tree;
use rstest::rstest;
use sinpyo_cose::{
    cbor::{Map, Value},
    key::{self, CoseKeyError},
};
use sinpyo_crypto::{Algorithm, ParseKeyError};
use sinpyo_testkit::from_hex;

fn map_of(algorithm: Algorithm) -> Map {
    match key::to_value(sinpyo_testkit::key(algorithm, 1).verifying_key()) {
        Value::Map(map) => map,
        _ => panic!("a map"),
    }
}

fn refused(map: Map) -> CoseKeyError {
    key::from_value(&Value::Map(map)).unwrap_err()
}

#[test]
fn every_key_is_written_and_read_again() {
    for algorithm in Algorithm::ALL {
        let key = sinpyo_testkit::key(algorithm, 1);
        let bytes = key::to_value(key.verifying_key()).to_bytes();
        assert_eq!(&key::from_value(&Value::parse(&bytes).unwrap()).unwrap(), key.verifying_key());
    }
}

/// RFC 9052 appendix C.7.1, key "11", as printed and with its point compressed.
#[test]
fn a_compressed_point_is_read() {
    let x = "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff";
    let y = "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e";
    let key =
        |y: &str| key::from_value(&tree(&from_hex(&format!("a40102200121{}22{y}", format_args!("5820{x}")))));
    let whole = key(&format!("5820{y}")).unwrap();
    assert_eq!(key("f4").unwrap(), whole);
    assert_ne!(key("f5").unwrap(), whole);
    assert_eq!(key("f6").unwrap_err(), CoseKeyError::Parameter);
    let jwk = whole.to_jwk();
    assert_eq!(jwk.text("y"), Some("IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4"));
}

#[rstest]
#[case(Algorithm::Es256, -4)]
#[case(Algorithm::Es384, -4)]
#[case(Algorithm::Ed25519, -4)]
#[case(Algorithm::MlDsa44, -2)]
fn a_private_parameter_is_refused(#[case] algorithm: Algorithm, #[case] label: i64) {
    let mut map = map_of(algorithm);
    map.insert(label, Value::Bytes(vec![1; 32]));
    assert_eq!(refused(map), CoseKeyError::Private);
}

#[test]
fn a_key_for_another_purpose_is_refused() {
    let with = |algorithm, label: i64, value: Value| {
        let mut map = map_of(algorithm);
        map.insert(label, value);
        key::from_value(&Value::Map(map))
    };
    let ops = |op: i64| Value::Array(vec![Value::from(op)]);
    assert!(with(Algorithm::Es256, 3, Value::from(-7_i64)).is_ok());
    assert!(with(Algorithm::Es256, 3, Value::from(-9_i64)).is_ok());
    assert!(with(Algorithm::Es256, 4, ops(2)).is_ok());
    assert_eq!(with(Algorithm::Es256, 3, Value::from(-35_i64)).unwrap_err(), CoseKeyError::Use);
    assert_eq!(with(Algorithm::Es256, 3, Value::from(-25_i64)).unwrap_err(), CoseKeyError::Use);
    assert_eq!(with(Algorithm::Es256, 4, ops(7)).unwrap_err(), CoseKeyError::Use);
    assert_eq!(with(Algorithm::Es256, 4, Value::Null).unwrap_err(), CoseKeyError::Use);
    assert_eq!(with(Algorithm::MlDsa44, 3, Value::from(-7_i64)).unwrap_err(), CoseKeyError::Use);
}

#[test]
fn a_key_that_is_malformed_is_refused() {
    for (algorithm, label) in
        [(Algorithm::Es256, -2), (Algorithm::Es256, -3), (Algorithm::Ed25519, -2), (Algorithm::MlDsa65, -1)]
    {
        let mut map = map_of(algorithm);
        map.remove(label);
        assert!(matches!(refused(map), CoseKeyError::Parameter), "{algorithm} {label}");
    }
    let mut off_curve = map_of(Algorithm::Es256);
    off_curve.insert(-3, Value::Bytes(vec![1; 32]));
    assert_eq!(refused(off_curve), CoseKeyError::Key(ParseKeyError::NotOnCurve));
    let mut short = map_of(Algorithm::Es256);
    short.insert(-2, Value::Bytes(vec![1; 31]));
    assert_eq!(refused(short), CoseKeyError::Key(ParseKeyError::Length));
    let mut secp256k1 = map_of(Algorithm::Es256);
    secp256k1.insert(-1, 8);
    assert_eq!(refused(secp256k1), CoseKeyError::Key(ParseKeyError::Unsupported));
    assert_eq!(key::from_value(&Value::Null).unwrap_err().code(), "COS-22");
}
