//! CBOR: the examples of RFC 8949 appendix A, laws, and what is refused.

use ciborium_ll::{Decoder, Encoder, Header};
use proptest::prelude::*;
use rstest::rstest;
use sinpyo_cose::cbor::{CborError, Form, Key, MAX_DEPTH, MAX_ITEMS, MAX_LENGTH, Map, Value};
use sinpyo_testkit::from_hex;

fn negative(number: u64) -> Value {
    Value::Negative(number)
}

/// RFC 8949 appendix A: what is in the data model here.
#[rstest]
#[case("00", Value::from(0_u64))]
#[case("17", Value::from(23_u64))]
#[case("1818", Value::from(24_u64))]
#[case("1903e8", Value::from(1000_u64))]
#[case("1a000f4240", Value::from(1_000_000_u64))]
#[case("1b000000e8d4a51000", Value::from(1_000_000_000_000_u64))]
#[case("1bffffffffffffffff", Value::from(u64::MAX))]
#[case("20", Value::from(-1_i64))]
#[case("3863", Value::from(-100_i64))]
#[case("3903e7", Value::from(-1000_i64))]
#[case("3bffffffffffffffff", negative(u64::MAX))]
#[case("f90000", Value::Float(0.0))]
#[case("f93c00", Value::Float(1.0))]
#[case("fb3ff199999999999a", Value::Float(1.1))]
#[case("fa47c35000", Value::Float(100_000.0))]
#[case("fa7f7fffff", Value::Float(3.402_823_466_385_288_6e38))]
#[case("fb7e37e43c8800759c", Value::Float(1.0e300))]
#[case("f90001", Value::Float(5.960_464_477_539_063e-8))]
#[case("f9c400", Value::Float(-4.0))]
#[case("fbc010666666666666", Value::Float(-4.1))]
#[case("f97c00", Value::Float(f64::INFINITY))]
#[case("f4", Value::Bool(false))]
#[case("f5", Value::Bool(true))]
#[case("f6", Value::Null)]
#[case("c11a514b67b0", Value::tag(1, Value::from(1_363_896_240_u64)))]
#[case("d818456449455446", Value::encoded(&Value::from("IETF")))]
#[case("40", Value::Bytes(vec![]))]
#[case("4401020304", Value::Bytes(vec![1, 2, 3, 4]))]
#[case("60", Value::from(""))]
#[case("62225c", Value::from("\"\\"))]
#[case("63e6b0b4", Value::from("水"))]
#[case("80", Value::Array(vec![]))]
#[case("8301820203820405", Value::Array(vec![
    Value::from(1_u64),
    Value::Array(vec![Value::from(2_u64), Value::from(3_u64)]),
    Value::Array(vec![Value::from(4_u64), Value::from(5_u64)]),
]))]
#[case("a201020304", map([(Key::from(1_u64), Value::from(2_u64)), (Key::from(3_u64), Value::from(4_u64))]))]
#[case("a26161016162820203", map([
    (Key::from("a"), Value::from(1_u64)),
    (Key::from("b"), Value::Array(vec![Value::from(2_u64), Value::from(3_u64)])),
]))]
fn the_examples_of_the_specification_are_read_and_written(#[case] hex: &str, #[case] value: Value) {
    let bytes = from_hex(hex);
    assert_eq!(Value::parse(&bytes).as_ref(), Ok(&value));
    assert_eq!(value.to_bytes(), bytes);
    for cut in 0..bytes.len() {
        assert_eq!(Value::parse(&bytes[..cut]), Err(CborError::Truncated), "{cut}");
    }
}

fn map<const N: usize>(entries: [(Key, Value); N]) -> Value {
    Value::Map(Map::from_entries(entries.into()).unwrap())
}

/// RFC 8949 §4.2.1: the eight keys of its example that are integers and strings, in its order.
#[test]
fn keys_are_written_in_the_order_of_the_specification() {
    let keys: [Key; 5] = [10_i64.into(), 100_i64.into(), (-1_i64).into(), "z".into(), "aa".into()];
    let entries = keys.into_iter().rev().map(|key| (key, Value::Null)).collect();
    let bytes = Value::Map(Map::from_entries(entries).unwrap()).to_bytes();
    assert_eq!(bytes, from_hex("a50af61864f620f6617af6626161f6"));
}

#[rstest]
#[case::integer("1817")]
#[case::two_bytes("1900ff")]
#[case::four_bytes("1a0000ffff")]
#[case::eight_bytes("1b00000000ffffffff")]
#[case::negative("3800")]
#[case::length("580101")]
#[case::text("7801ff")]
#[case::count("980101")]
#[case::tag("d80001")]
#[case::key("a1180100")]
#[case::double_that_fits_single("fb3ff8000000000000")]
#[case::single_that_fits_half("fa3fc00000")]
fn a_form_that_is_not_the_shortest_is_refused(#[case] hex: &str) {
    assert_eq!(Value::parse(&from_hex(hex)), Err(CborError::NotShortest));
}

#[test]
fn another_form_is_read_where_the_caller_allows_it_and_never_written() {
    let bytes = from_hex("b90002616201616102");
    assert_eq!(Value::parse(&bytes), Err(CborError::NotShortest));
    let value = Value::parse_as(&bytes, Form::AnyOrder).unwrap();
    assert_eq!(value.to_bytes(), from_hex("a2616102616201"));
}

#[rstest]
#[case::bytes("5f42010243030405ff")]
#[case::text("7f657374726561646d696e67ff")]
#[case::array("9fff")]
#[case::map("bf61610161629f0203ffff")]
#[case::stray_break("ff")]
#[case::nested("8261619f0203ff")]
fn an_indefinite_length_is_refused(#[case] hex: &str) {
    for form in [Form::Deterministic, Form::AnyOrder] {
        assert_eq!(Value::parse_as(&from_hex(hex), form), Err(CborError::Indefinite));
    }
}

#[rstest]
#[case::integers("a201000101")]
#[case::texts("a2616100616101")]
#[case::apart("a3616100616201616102")]
#[case::nested("81a201000101")]
fn a_key_that_occurs_twice_is_refused(#[case] hex: &str) {
    assert_eq!(Value::parse_as(&from_hex(hex), Form::AnyOrder), Err(CborError::DuplicateKey));
}

#[test]
fn a_key_that_occurs_twice_in_two_forms_is_refused() {
    let bytes = from_hex("a20100180101");
    assert_eq!(Value::parse_as(&bytes, Form::AnyOrder), Err(CborError::DuplicateKey));
    assert_eq!(Value::parse(&from_hex("a201000101")), Err(CborError::DuplicateKey));
}

#[test]
fn keys_out_of_order_are_refused() {
    let bytes = from_hex("a203000100");
    assert_eq!(Value::parse(&bytes), Err(CborError::KeyOrder));
    assert!(Value::parse_as(&bytes, Form::AnyOrder).is_ok());
    // RFC 7049 §3.9 put shorter keys first; the rule now compares bytes.
    assert_eq!(Value::parse(&from_hex("a22000186400")), Err(CborError::KeyOrder));
}

#[rstest]
#[case::undefined("f7")]
#[case::unassigned("f0")]
#[case::two_byte_simple("f8ff")]
#[case::two_byte_false("f814")]
#[case::reserved_head("1c")]
#[case::not_a_number("f97e00")]
#[case::not_a_number_single("fa7fc00000")]
#[case::map_as_key("a1a00000")]
#[case::float_as_key("a1f90000f6")]
#[case::tag_as_key("a1c00000")]
fn what_is_outside_the_data_model_is_refused(#[case] hex: &str) {
    for form in [Form::Deterministic, Form::AnyOrder] {
        assert_eq!(Value::parse_as(&from_hex(hex), form), Err(CborError::Unsupported));
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    assert_eq!(Value::parse(&from_hex("61ff")), Err(CborError::Utf8));
    assert_eq!(Value::parse(&from_hex("63eda080")), Err(CborError::Utf8));
}

#[test]
fn what_follows_an_item_is_refused() {
    assert_eq!(Value::parse(&[0, 0]), Err(CborError::Trailing));
}

/// SECURITY PAR-03: 100,000 nested arrays, tags and maps, on a small stack.
#[test]
fn deep_nesting_is_refused() {
    let deepest = [vec![0x81; MAX_DEPTH], vec![0]].concat();
    assert!(Value::parse(&deepest).is_ok());
    let run = || {
        for byte in [0x81, 0xc1] {
            assert_eq!(Value::parse(&vec![byte; 100_000]), Err(CborError::TooDeep));
            let one_more = [vec![byte; MAX_DEPTH + 1], vec![0]].concat();
            assert_eq!(Value::parse(&one_more), Err(CborError::TooDeep));
        }
        assert_eq!(Value::parse(&[0xa1, 0].repeat(100_000)), Err(CborError::TooDeep));
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn more_than_the_limits_is_refused() {
    let items = |count: usize| {
        let mut bytes = vec![0x9a];
        bytes.extend(u32::try_from(count).unwrap().to_be_bytes());
        bytes.extend(vec![0; count]);
        bytes
    };
    assert!(Value::parse(&items(MAX_ITEMS)).is_ok());
    assert_eq!(Value::parse(&items(MAX_ITEMS + 1)), Err(CborError::TooLarge));
    assert_eq!(Value::parse(&vec![0; MAX_LENGTH + 1]), Err(CborError::TooLarge));
    // Announcements within announcements do not add up.
    let head = [0x99, 0x9c, 0x40]; // 40,000 items
    let nested = [&head[..], &head[..], &vec![0; 40_000]].concat();
    assert_eq!(Value::parse(&nested), Err(CborError::TooLarge));
}

#[rstest]
#[case::bytes("5bffffffffffffffff")]
#[case::text("7b7fffffffffffffff")]
#[case::array("9bffffffffffffffff00")]
#[case::map("bb7fffffffffffffff0000")]
fn an_announced_length_beyond_the_input_is_refused(#[case] hex: &str) {
    assert_eq!(Value::parse(&from_hex(hex)), Err(CborError::Truncated));
}

#[test]
fn encoded_cbor_stands_in_a_byte_string_with_tag_24() {
    // RFC 8949 appendix A.
    assert_eq!(sinpyo_cose::cbor::encoded(&from_hex("6449455446")), from_hex("d818456449455446"));
    let value = Value::parse(&from_hex("d818456449455446")).unwrap();
    assert_eq!(value.as_encoded(), Some(&from_hex("6449455446")[..]));
    assert_eq!(Value::encoded_bytes(from_hex("6449455446")), value);
}

#[test]
fn a_map_keeps_one_value_for_each_key() {
    let mut map = Map::new();
    assert_eq!(map.insert(5_u64, "old"), None);
    assert_eq!(map.insert(5_u64, "new"), Some(Value::from("old")));
    map.insert("a", true);
    assert_eq!((map.len(), map.get_int(5), map.get_int(-5)), (2, Some(&Value::from("new")), None));
    assert_eq!((map.get_text("a"), map.get_text("b")), (Some(&Value::Bool(true)), None));
    assert_eq!(map.get(&Key::Bytes(b"a".to_vec())), None);
    assert_eq!(map.remove("a"), Some(Value::Bool(true)));
    assert_eq!(map.remove("a"), None);
    let twice = vec![(Key::from(1_u64), Value::Null), (Key::from(1_u64), Value::Null)];
    assert_eq!(Map::from_entries(twice), Err(CborError::DuplicateKey));
}

#[test]
fn cbor_is_turned_into_json() {
    let text = Value::from("2026-11-22");
    let value = map([
        (Key::from("number"), Value::from(-7)),
        (Key::from("bytes"), Value::Bytes(vec![0xff, 0xfe])),
        (Key::from("date"), Value::tag(1004, text)),
        (Key::from(3), Value::Array(vec![Value::Null, Value::Bool(true), Value::Float(1.5)])),
        (Key::from(-3), Value::Float(f64::INFINITY)),
    ]);
    let expected = serde_json::json!({
        "number": -7, "bytes": "__4", "date": "2026-11-22", "3": [null, true, 1.5], "-3": null
    });
    assert_eq!(value.to_json(), Some(expected));
    assert_eq!(Value::Unsigned(u64::MAX).to_json(), Some(u64::MAX.into()));
    assert_eq!(Value::Negative(u64::MAX).to_json(), None);
    assert_eq!(map([(Key::from(1), Value::Null), (Key::from("1"), Value::Null)]).to_json(), None);
}

fn any_value() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        any::<u64>().prop_map(Key::Unsigned),
        (0_u64..70).prop_map(Key::Unsigned),
        any::<u64>().prop_map(Key::Negative),
        "\\PC{0,30}".prop_map(Key::Text),
        proptest::collection::vec(any::<u8>(), 0..30).prop_map(Key::Bytes),
    ];
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::Unsigned),
        any::<i64>().prop_map(Value::from),
        any::<u16>().prop_map(|number| Value::from(u64::from(number))),
        any::<f64>().prop_filter("not NaN", |number| !number.is_nan()).prop_map(Value::Float),
        any::<f32>().prop_filter("not NaN", |number| !number.is_nan()).prop_map(|n| Value::Float(n.into())),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        "\\PC{0,300}".prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            proptest::collection::btree_map(key.clone(), inner.clone(), 0..8)
                .prop_map(|entries| Value::Map(Map::from_entries(entries.into_iter().collect()).unwrap())),
            (any::<u64>(), inner).prop_map(|(tag, inner)| Value::tag(tag, inner)),
        ]
    })
}

/// Writes with `ciborium-ll`: heads and floats by another implementation.
fn write_with_oracle(value: &Value, out: &mut Vec<u8>) {
    let mut head = |header: Header| {
        let mut buffer = [0; 9];
        let mut rest = &mut buffer[..];
        Encoder::from(&mut rest).push(header).unwrap();
        let length = 9 - rest.len();
        out.extend(&buffer[..length]);
    };
    match value {
        Value::Unsigned(number) => head(Header::Positive(*number)),
        Value::Negative(number) => head(Header::Negative(*number)),
        Value::Float(number) => head(Header::Float(*number)),
        Value::Bool(value) => head(Header::Simple(if *value { 21 } else { 20 })),
        Value::Null => head(Header::Simple(22)),
        Value::Bytes(bytes) => {
            head(Header::Bytes(Some(bytes.len())));
            out.extend(bytes);
        }
        Value::Text(text) => {
            head(Header::Text(Some(text.len())));
            out.extend(text.bytes());
        }
        Value::Array(items) => {
            head(Header::Array(Some(items.len())));
            for item in items {
                write_with_oracle(item, out);
            }
        }
        Value::Tag(tag, inner) => {
            head(Header::Tag(*tag));
            write_with_oracle(inner, out);
        }
        Value::Map(map) => {
            head(Header::Map(Some(map.len())));
            let mut entries: Vec<(Vec<u8>, &Value)> = Vec::new();
            for (key, value) in map {
                let key = match key {
                    Key::Unsigned(number) => Value::Unsigned(*number),
                    Key::Negative(number) => Value::Negative(*number),
                    Key::Bytes(bytes) => Value::Bytes(bytes.clone()),
                    Key::Text(text) => Value::Text(text.clone()),
                };
                let mut bytes = Vec::new();
                write_with_oracle(&key, &mut bytes);
                entries.push((bytes, value));
            }
            // The definition of the order: by the encoded bytes.
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (key, value) in entries {
                out.extend(key);
                write_with_oracle(value, out);
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again_and_is_what_another_encoder_writes(value in any_value()) {
        let bytes = value.to_bytes();
        let mut oracle = Vec::new();
        write_with_oracle(&value, &mut oracle);
        prop_assert_eq!(&bytes, &oracle);
        prop_assert_eq!(Value::parse(&bytes), Ok(value.clone()));
        prop_assert_eq!(Value::parse_as(&bytes, Form::AnyOrder), Ok(value));
    }

    #[test]
    fn whatever_is_read_is_written_as_it_was(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(value) = Value::parse(&bytes) {
            prop_assert_eq!(value.to_bytes(), &bytes[..]);
            let mut decoder = Decoder::from(&bytes[..]);
            prop_assert!(decoder.pull().is_ok());
        }
        if let Ok(value) = Value::parse_as(&bytes, Form::AnyOrder) {
            prop_assert_eq!(Value::parse(&value.to_bytes()), Ok(value));
        }
    }
}
