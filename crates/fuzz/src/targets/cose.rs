//! `sinpyo-cose`: CBOR, COSE messages, CWT claims.

use super::{OK, fixture, target};
use crate::{Outcome, Target};
use sinpyo_core::{Secret, key::Signer};
use sinpyo_cose::{
    Expected, Header, Mac0, Payload, Sign1,
    cbor::{Form, Map, Value},
    cwt::{Claims, StatusReference},
    key,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    target("cose/cbor-deterministic", cbor, read_strictly),
    target("cose/cbor-any-order", cbor, read_leniently),
    target("cose/sign1", signed, verify_sign1),
    target("cose/mac0", tagged, verify_mac0),
    target("cose/cwt", claims, read_claims),
    target("cose/key", keys, read_key),
];

const PAYLOAD: &[u8] = b"payload";

fn cbor() -> Vec<Vec<u8>> {
    let mut map = Map::new();
    map.insert("text", Value::from("신표"));
    map.insert(-7_i64, Value::Array(vec![Value::Null, Value::Bool(true), Value::Bytes(vec![0; 30])]));
    map.insert(1_i64, Value::tag(1004, Value::from("1990-02-28")));
    map.insert(2_i64, Value::encoded(&Value::from(70_000)));
    vec![
        Value::Map(map).to_bytes(),
        b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a".to_vec(),
        b"\xf9\x3c\x00".to_vec(),
    ]
}

/// The deterministic form of a value is the only one that is read.
fn read_strictly(input: &[u8]) -> Outcome {
    match Value::parse(input) {
        Ok(value) => {
            assert_eq!(value.to_bytes(), input);
            let _json = value.to_json();
            OK
        }
        Err(error) => error.code(),
    }
}

/// A value in any form is written in the deterministic one, which is read as the same.
fn read_leniently(input: &[u8]) -> Outcome {
    match Value::parse_as(input, Form::AnyOrder) {
        Ok(value) => {
            let written = value.to_bytes();
            let again = Value::parse(&written).expect("what is written is deterministic");
            assert_eq!(again.to_bytes(), written);
            OK
        }
        Err(error) => error.code(),
    }
}

static KEY: LazyLock<SigningKey> = LazyLock::new(|| sinpyo_testkit::key(Algorithm::Es256, 1));

fn signed() -> Vec<Vec<u8>> {
    let signer: &dyn Signer = &fixture::signer("did:example:a#k", &KEY);
    let header = Header {
        typ: Some("application/vc+cose".to_owned()),
        content_type: Some("application/vc".to_owned()),
        kid: Some(b"did:example:a#k".to_vec()),
        x5chain: Vec::new(),
    };
    let with = |header: &Header, aad: &[u8]| {
        let prepared = Sign1::prepare(header, Payload::Attached(PAYLOAD), aad, KEY.verifying_key());
        prepared.sign(signer).expect("a signature").to_bytes()
    };
    let detached = Sign1::prepare(&header, Payload::Detached(PAYLOAD), b"", KEY.verifying_key());
    vec![
        with(&header, b""),
        with(&Header::default(), b"more"),
        detached.sign(signer).expect("a signature").to_bytes(),
    ]
}

/// A message that was read is written and read as the same; what verifies says what was signed.
fn verify_sign1(input: &[u8]) -> Outcome {
    let message = match Sign1::parse(input) {
        Ok(message) => message,
        Err(error) => return error.code(),
    };
    let written = message.to_bytes();
    assert_eq!(Sign1::parse(&written).expect("what is written is read").to_bytes(), written);
    let _hint = message.hint();
    let mut outcome = "refused";
    for aad in [&b""[..], b"more"] {
        let expected = Expected { typ: None, content_type: None, external_aad: aad };
        match message.verify(KEY.verifying_key(), &expected) {
            Ok(signed) => {
                assert_eq!(signed.payload(), PAYLOAD);
                outcome = OK;
            }
            Err(error) if outcome != OK => outcome = error.code(),
            Err(_) => {}
        }
        if message.verify_detached(PAYLOAD, KEY.verifying_key(), &expected).is_ok() {
            outcome = "detached";
        }
    }
    outcome
}

const MAC_KEY: [u8; 32] = [7; 32];

fn tagged() -> Vec<Vec<u8>> {
    let key = Secret::new(MAC_KEY);
    let of = |payload| Mac0::make(payload, b"", &key).to_bytes();
    vec![of(Payload::Attached(PAYLOAD)), of(Payload::Detached(PAYLOAD))]
}

fn verify_mac0(input: &[u8]) -> Outcome {
    let key = Secret::new(MAC_KEY);
    let message = match Mac0::parse(input) {
        Ok(message) => message,
        Err(error) => return error.code(),
    };
    let written = message.to_bytes();
    assert_eq!(Mac0::parse(&written).expect("what is written is read").to_bytes(), written);
    if message.verify_detached(PAYLOAD, b"", &key).is_ok() {
        return "detached";
    }
    match message.verify(b"", &key) {
        Ok(signed) => {
            assert_eq!(signed.payload(), PAYLOAD);
            OK
        }
        Err(error) => error.code(),
    }
}

fn claims() -> Vec<Vec<u8>> {
    let time = "2026-11-22T08:00:00Z".parse().ok();
    let mut other = Map::new();
    let mut list = Map::new();
    list.insert("bits", 1);
    list.insert("lst", Value::Bytes(vec![0x78, 0xda, 0xdb, 0xb9, 0x18, 0x00, 0x02, 0x17, 0x01, 0x5d]));
    other.insert(sinpyo_cose::cwt::STATUS_LIST, list);
    let claims = Claims {
        issuer: Some("did:example:a".to_owned()),
        subject: Some("https://a.example/1".to_owned()),
        audience: vec!["a".to_owned(), "b".to_owned()],
        expires: time,
        not_before: time,
        issued_at: time,
        holder_key: Some(KEY.verifying_key().clone()),
        status: Some(StatusReference { list: "https://a.example/1".to_owned(), index: 412 }),
        other,
    };
    vec![claims.to_bytes(), Claims::default().to_bytes()]
}

/// Claims that were read are written, and that is read as the same.
fn read_claims(input: &[u8]) -> Outcome {
    match Claims::parse(input) {
        Ok(claims) => {
            let _list = claims.status_list();
            let written = claims.to_bytes();
            let again = Claims::parse(&written).expect("what is written is read");
            assert_eq!(again.to_bytes(), written);
            OK
        }
        Err(error) => error.code(),
    }
}

fn keys() -> Vec<Vec<u8>> {
    let key_of = |algorithm| sinpyo_testkit::key(algorithm, 1);
    Algorithm::ALL
        .into_iter()
        .map(|algorithm| key::to_value(key_of(algorithm).verifying_key()).to_bytes())
        .collect()
}

fn read_key(input: &[u8]) -> Outcome {
    let value = match Value::parse_as(input, Form::AnyOrder) {
        Ok(value) => value,
        Err(error) => return error.code(),
    };
    match key::from_value(&value) {
        Ok(read) => {
            assert_eq!(key::from_value(&key::to_value(&read)).as_ref(), Ok(&read));
            OK
        }
        Err(error) => error.code(),
    }
}
