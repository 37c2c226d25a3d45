//! `COSE_Sign1` and `COSE_Mac0`.

use crate::tree;
use rstest::rstest;
use sinpyo_core::{Secret, key::SignError as Refused, key::Signer};
use sinpyo_cose::{
    CoseError, Expected, Header, Mac0, Payload, Sign1, SignError, algorithm_id, algorithm_of,
    cbor::{CborError, Map, Value},
    key,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_testkit::from_hex;

/// RFC 9052 appendix C.2.1, signed with the key "11" of appendix C.7.1.
const EXAMPLE: &str = "d28443a10126a10442313154546869732069732074686520636f6e74656e742e\
    58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e\
    2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36";

fn example_key() -> VerifyingKey {
    let cose_key = "a401022001215820bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff\
        22582020138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e";
    key::from_value(&tree(&from_hex(cose_key))).unwrap()
}

fn verify(bytes: &[u8], key: &VerifyingKey) -> Result<Vec<u8>, CoseError> {
    Ok(Sign1::parse(bytes)?.verify(key, &Expected::default())?.payload().to_vec())
}

#[test]
fn the_example_of_the_specification_verifies() {
    let bytes = from_hex(EXAMPLE);
    assert_eq!(verify(&bytes, &example_key()).unwrap(), b"This is the content.");
    assert_eq!(verify(&bytes[1..], &example_key()).unwrap(), b"This is the content.");
    let message = Sign1::parse(&bytes).unwrap();
    assert_eq!(message.hint().kid.as_deref(), Some(&b"11"[..]));
    assert_eq!(message.to_bytes(), bytes);
}

#[test]
fn a_signature_by_another_key_or_over_other_bytes_is_refused() {
    let bytes = from_hex(EXAMPLE);
    let other = sinpyo_testkit::key(Algorithm::Es256, 1);
    assert_eq!(verify(&bytes, other.verifying_key()), Err(CoseError::Signature));
    for at in [14, 31, 40, 97] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert_eq!(verify(&flipped, &example_key()), Err(CoseError::Signature), "{at}");
    }
    let mut short = parts(EXAMPLE);
    short[3] = Value::Bytes(vec![0; 63]);
    assert_eq!(verify(&untagged(short), &example_key()), Err(CoseError::Signature));
}

#[test]
fn external_data_is_signed_too() {
    let signing = sinpyo_testkit::key(Algorithm::Ed25519, 1);
    let key = signing.verifying_key();
    let prepared = Sign1::prepare(&Header::default(), Payload::Attached(b"payload"), b"context", key);
    let signature = signing.sign(prepared.signing_input()).unwrap();
    let wire = prepared.attach(&signature).unwrap().to_bytes();
    let message = Sign1::parse(&wire).unwrap();
    let with = |external_aad| message.verify(key, &Expected { external_aad, ..Expected::default() });
    assert_eq!(with(b"context").unwrap().payload(), b"payload");
    assert_eq!(with(b"").unwrap_err(), CoseError::Signature);
    assert_eq!(with(b"another").unwrap_err(), CoseError::Signature);
}

#[test]
fn every_algorithm_signs_and_verifies() {
    for algorithm in Algorithm::ALL {
        let signer = KeySigner::new("did:example:a#k".parse().unwrap(), sinpyo_testkit::key(algorithm, 2));
        let key = signer.key().verifying_key();
        let header = Header {
            typ: Some("application/vc+cose".to_owned()),
            content_type: Some("application/vc".to_owned()),
            kid: Some(b"did:example:a#k".to_vec()),
            x5chain: vec![vec![1], vec![2]],
        };
        let prepared = Sign1::prepare(&header, Payload::Attached(b"{}"), &[], key);
        let wire = prepared.sign(&signer).unwrap().to_bytes();
        let message = Sign1::parse(&wire).unwrap();
        assert_eq!(message.hint(), &header);
        let signed = message.verify(key, &Expected::default()).unwrap();
        assert_eq!((signed.payload(), signed.header()), (&b"{}"[..], &header));
        // The identifiers of the COSE algorithms registry.
        assert_eq!(algorithm_of(algorithm_id(algorithm)), Some(algorithm));
    }
    let ids: Vec<(Algorithm, i64)> =
        Algorithm::ALL.map(|algorithm| (algorithm, algorithm_id(algorithm))).into();
    for known in [
        (Algorithm::Es256, -7),
        (Algorithm::Es384, -35),
        (Algorithm::Es512, -36),
        (Algorithm::Ed25519, -8),
        (Algorithm::MlDsa44, -48),
        (Algorithm::MlDsa65, -49),
    ] {
        assert!(ids.contains(&known), "{known:?}");
    }
    assert_eq!(
        [-9, -51, -52, -19].map(algorithm_of),
        [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::Ed25519].map(Some)
    );
    assert_eq!([0, -37, -47, 5].map(algorithm_of), [None; 4]);
}

#[test]
fn the_header_does_not_choose_the_algorithm() {
    let message = Sign1::parse(&from_hex(EXAMPLE)).unwrap();
    let ed25519 = sinpyo_testkit::key(Algorithm::Ed25519, 1);
    assert_eq!(
        message.verify(ed25519.verifying_key(), &Expected::default()).unwrap_err(),
        CoseError::Algorithm
    );
    // alg: 5 (HMAC), −37 (PS256), a name, none, and none but in the unprotected header.
    for protected in ["a10105", "a1013824", "a10165455332353", "a0", ""] {
        let mut parts = parts(EXAMPLE);
        parts[0] = Value::Bytes(if protected.len() % 2 == 0 {
            from_hex(protected)
        } else {
            b"\xa1\x01\x65ES256".to_vec()
        });
        assert_eq!(verify(&untagged(parts), &example_key()), Err(CoseError::Algorithm), "{protected}");
    }
    let mut moved = parts(EXAMPLE);
    moved[0] = Value::Bytes(vec![]);
    moved[1] = tree(&from_hex("a10126"));
    assert_eq!(verify(&untagged(moved), &example_key()), Err(CoseError::Algorithm));
}

#[rstest]
#[case::protected("a2012602811820", "a0")]
#[case::unprotected("a10126", "a1028104")]
fn a_demanded_extension_is_refused(#[case] protected: &str, #[case] unprotected: &str) {
    assert_eq!(with_headers(protected, unprotected), Err(CoseError::Critical));
}

#[test]
fn a_parameter_in_both_headers_is_refused() {
    assert_eq!(with_headers("a2012604413a", "a104413b"), Err(CoseError::TwoHeaders));
    assert_eq!(with_headers("a10126", "a10126"), Err(CoseError::TwoHeaders));
}

#[rstest]
#[case::kid_as_text("a10126", "a10461 31", 4)]
#[case::chain_of_nothing("a10126", "a1182180", 33)]
#[case::chain_of_numbers("a10126", "a118218201 02", 33)]
#[case::chain_too_long("a10126", "a118218941004100410041004100410041004100 4100", 33)]
#[case::type_as_number("a201261001", "a0", 16)]
#[case::content_type_as_number("a201260301", "a0", 3)]
fn a_parameter_of_another_form_is_refused(
    #[case] protected: &str,
    #[case] unprotected: &str,
    #[case] label: i64,
) {
    assert_eq!(with_headers(protected, &unprotected.replace(' ', "")), Err(CoseError::Parameter(label)));
}

#[test]
fn a_type_counts_only_where_it_is_signed() {
    let signing = sinpyo_testkit::key(Algorithm::Es256, 1);
    let key = signing.verifying_key();
    let make = |header: &Header| {
        let prepared = Sign1::prepare(header, Payload::Attached(b"x"), &[], key);
        let signature = signing.sign(prepared.signing_input()).unwrap();
        prepared.attach(&signature).unwrap()
    };
    let expected = Expected { typ: Some("a/b"), content_type: Some("c/d"), ..Expected::default() };
    let header = |typ: Option<&str>, content_type: Option<&str>| Header {
        typ: typ.map(str::to_owned),
        content_type: content_type.map(str::to_owned),
        ..Header::default()
    };
    assert!(make(&header(Some("a/b"), Some("c/d"))).verify(key, &expected).is_ok());
    for (typ, content_type) in
        [(Some("a/c"), Some("c/d")), (Some("a/b"), None), (None, Some("c/d")), (Some("A/b"), Some("c/d"))]
    {
        let refused = make(&header(typ, content_type)).verify(key, &expected).unwrap_err();
        assert_eq!(refused, CoseError::Type);
    }
    let Value::Array(mut parts) = make(&header(None, Some("c/d"))).to_value() else { panic!() };
    let mut unprotected = Map::new();
    unprotected.insert(16_i64, "a/b");
    parts[1] = Value::Map(unprotected);
    let refused = Sign1::from_value(Value::Array(parts)).unwrap().verify(key, &expected).unwrap_err();
    assert_eq!(refused, CoseError::Type);
}

#[test]
fn a_payload_is_attached_or_detached_as_expected() {
    let signing = sinpyo_testkit::key(Algorithm::Es384, 1);
    let key = signing.verifying_key();
    let make = |payload: Payload<'_>| {
        let prepared = Sign1::prepare(&Header::default(), payload, &[], key);
        let signature = signing.sign(prepared.signing_input()).unwrap();
        prepared.attach(&signature).unwrap()
    };
    let any = Expected::default();
    let detached = || make(Payload::Detached(b"payload"));
    assert_eq!(detached().verify_detached(b"payload", key, &any).unwrap().payload(), b"payload");
    assert_eq!(detached().verify_detached(b"another", key, &any).unwrap_err(), CoseError::Signature);
    assert_eq!(detached().verify(key, &any).unwrap_err(), CoseError::Payload);
    let attached = make(Payload::Attached(b"payload"));
    assert_eq!(attached.verify_detached(b"payload", key, &any).unwrap_err(), CoseError::Payload);
}

#[rstest]
#[case::mac_tag(17)]
#[case::cwt_tag(61)]
#[case::sign_tag(98)]
fn another_kind_of_message_is_refused(#[case] tag: u64) {
    let bytes = Value::tag(tag, Value::Array(parts(EXAMPLE))).to_bytes();
    assert_eq!(verify(&bytes, &example_key()), Err(CoseError::Structure));
}

#[test]
fn what_is_not_the_four_parts_is_refused() {
    let right = parts(EXAMPLE);
    for at in 0..4 {
        let mut wrong = right.clone();
        wrong[at] = Value::from(1_u64);
        assert_eq!(verify(&untagged(wrong), &example_key()), Err(CoseError::Structure), "{at}");
        let mut fewer = right.clone();
        fewer.remove(at);
        assert_eq!(verify(&untagged(fewer), &example_key()), Err(CoseError::Structure), "{at}");
    }
    assert_eq!(with_headers("01", "a0"), Err(CoseError::Structure));
    assert_eq!(with_headers("a10126", "a1413100"), Err(CoseError::Structure));
    assert_eq!(with_headers("a201260126", "a0"), Err(CborError::DuplicateKey.into()));
    assert_eq!(with_headers("bf0126ff", "a0"), Err(CborError::Indefinite.into()));
    assert_eq!(verify(b"", &example_key()), Err(CborError::Truncated.into()));
    assert_eq!(verify(&Value::Null.to_bytes(), &example_key()), Err(CoseError::Structure));
}

/// Announces one key and signs with another.
struct Liar(KeySigner);

impl Signer for Liar {
    fn key_id(&self) -> &sinpyo_core::did::KeyId {
        self.0.key_id()
    }

    fn algorithm(&self) -> sinpyo_core::key::AlgorithmName {
        self.0.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, Refused> {
        if message.is_empty() { Err(Refused) } else { self.0.sign(message) }
    }
}

#[test]
fn a_signature_that_does_not_fit_the_announced_key_is_not_published() {
    let liar =
        Liar(KeySigner::new("did:example:a#k".parse().unwrap(), sinpyo_testkit::key(Algorithm::Es256, 8)));
    let announced = sinpyo_testkit::key(Algorithm::Es256, 9);
    let prepared =
        Sign1::prepare(&Header::default(), Payload::Attached(b"x"), &[], announced.verifying_key());
    let refused = prepared.sign(&liar).unwrap_err();
    assert!(matches!(refused, SignError::ForeignSignature));
    assert_eq!(refused.code(), "COS-20");
}

/// Never signs.
struct Closed(KeySigner);

impl Signer for Closed {
    fn key_id(&self) -> &sinpyo_core::did::KeyId {
        self.0.key_id()
    }

    fn algorithm(&self) -> sinpyo_core::key::AlgorithmName {
        self.0.algorithm()
    }

    fn sign(&self, _: &[u8]) -> Result<Box<[u8]>, Refused> {
        Err(Refused)
    }
}

#[test]
fn a_key_store_that_refuses_is_reported() {
    let closed =
        Closed(KeySigner::new("did:example:a#k".parse().unwrap(), sinpyo_testkit::key(Algorithm::Es256, 8)));
    let key = closed.0.key().verifying_key();
    let refused =
        Sign1::prepare(&Header::default(), Payload::Attached(b"x"), &[], key).sign(&closed).unwrap_err();
    assert_eq!(refused.code(), "COS-21");
}

/// The code was computed with Python's `hmac` over the `MAC_structure` of RFC 9052 §6.3, written out by hand.
const TAG: &str = "5a989ca3b8f01a1dbcd1c6b54729c92bf105191d40584f12833abaf79d768a19";

#[test]
fn an_authentication_code_is_that_of_the_specification() {
    let key = Secret::new(std::array::from_fn(|at| u8::try_from(at).unwrap()));
    let made = Mac0::make(Payload::Attached(b"This is the content."), b"aad", &key);
    let Value::Array(parts) = made.to_value() else { panic!() };
    assert_eq!(parts[0], Value::Bytes(from_hex("a10105")));
    assert_eq!(parts[3], Value::Bytes(from_hex(TAG)));
    let wire = made.to_bytes();
    assert_eq!(wire[0], 0xd1);
    let message = Mac0::parse(&wire).unwrap();
    assert_eq!(message.verify(b"aad", &key).unwrap().payload(), b"This is the content.");
}

#[test]
fn an_authentication_code_by_another_key_or_over_other_bytes_is_refused() {
    let (key, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
    let make = || Mac0::make(Payload::Detached(b"payload"), b"", &key);
    assert!(make().verify_detached(b"payload", b"", &key).is_ok());
    assert_eq!(make().verify_detached(b"payload", b"", &other).unwrap_err(), CoseError::Tag);
    assert_eq!(make().verify_detached(b"payloae", b"", &key).unwrap_err(), CoseError::Tag);
    assert_eq!(make().verify_detached(b"payload", b"x", &key).unwrap_err(), CoseError::Tag);
    assert_eq!(make().verify(b"", &key).unwrap_err(), CoseError::Payload);
    let Value::Array(parts) = make().to_value() else { panic!() };
    let change = |at: usize, part: Value| {
        let mut parts = parts.clone();
        parts[at] = part;
        Mac0::from_value(Value::Array(parts)).unwrap().verify_detached(b"payload", b"", &key).unwrap_err()
    };
    // The first 8 bytes of the right code, as HMAC 256/64 (4) and as HMAC 256/256 would have them.
    let truncated = Value::Bytes(parts[3].as_bytes().unwrap()[..8].to_vec());
    assert_eq!(change(3, truncated), CoseError::Tag);
    assert_eq!(change(0, Value::Bytes(from_hex("a10104"))), CoseError::Algorithm);
    assert_eq!(change(2, Value::Bytes(b"payload".to_vec())), CoseError::Payload);
}

fn parts(hex: &str) -> Vec<Value> {
    match tree(&from_hex(hex)) {
        Value::Tag(18, inner) => inner.as_array().unwrap().to_vec(),
        _ => panic!("a tagged message"),
    }
}

fn untagged(parts: Vec<Value>) -> Vec<u8> {
    Value::Array(parts).to_bytes()
}

/// The example with other headers.
fn with_headers(protected: &str, unprotected: &str) -> Result<Vec<u8>, CoseError> {
    let mut parts = parts(EXAMPLE);
    parts[0] = Value::Bytes(from_hex(protected));
    parts[1] = tree(&from_hex(unprotected));
    verify(&untagged(parts), &example_key())
}
