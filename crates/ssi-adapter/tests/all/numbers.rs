//! Numbers in a binary in which `ssi` has turned on `arbitrary_precision` of `serde_json`.

use serde_json::Value;
use sinpyo_core::{
    jcs,
    json::{self, JsonError},
};

fn canonical(text: &str) -> String {
    String::from_utf8(jcs::canonicalize(&json::parse(text.as_bytes()).unwrap())).unwrap()
}

/// Without this the other tests here would show nothing.
#[test]
fn this_binary_has_arbitrary_precision() {
    let value: Value = serde_json::from_str("1.000000000000000000000000000001").unwrap();
    assert_eq!(value.to_string(), "1.000000000000000000000000000001");
}

/// The examples of RFC 8785 §3.2.2, and numbers from its appendix B.
#[test]
fn canonical_numbers_are_those_of_the_specification() {
    assert_eq!(
        canonical("[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]"),
        "[333333333.3333333,1e+30,4.5,0.002,1e-27]"
    );
    for (text, expected) in [
        ("-0", "0"),
        ("-0.0", "0"),
        ("1.0", "1"),
        ("1e2", "100"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740992", "9007199254740992"),
        ("295147905179352830000.0", "295147905179352830000"),
        ("999999999999999700000.0", "999999999999999700000"),
        ("1e21", "1e+21"),
        ("0.000001", "0.000001"),
        ("1e-7", "1e-7"),
        ("333333333.33333325", "333333333.33333325"),
        ("1424953923781206.25", "1424953923781206.2"),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn the_rules_for_numbers_hold() {
    let refused = |text: &str| json::parse(text.as_bytes()).unwrap_err();
    for text in
        ["9007199254740993", "-9007199254740993", "18446744073709551616", "[1.5,100000000000000000000]"]
    {
        assert_eq!(refused(text), JsonError::UnsafeInteger, "{text}");
    }
    for text in ["1e400", "-1e400", "01", "1.", ".5", "+1", "NaN"] {
        assert!(matches!(refused(text), JsonError::Syntax { .. }), "{text}");
    }
}

#[test]
fn a_number_is_a_number_and_the_same_as_one_that_was_computed() {
    let value = json::parse(br#"{"a":42,"b":-7,"c":4.5,"d":[1,{"e":0}]}"#).unwrap();
    assert_eq!(value["a"].as_u64(), Some(42));
    assert_eq!(value["b"].as_i64(), Some(-7));
    assert_eq!(value["c"].as_f64(), Some(4.5));
    assert_eq!(value, serde_json::json!({"a": 42, "b": -7, "c": 4.5, "d": [1, {"e": 0}]}));
}

/// The name under which `serde_json` shows numbers as objects, used as the name of a real member.
#[test]
fn a_member_cannot_pass_for_a_number() {
    for name in ["$serde_json::private::Number", "\\u0024serde_json::private::Number"] {
        let text = format!(r#"{{"{name}":"1"}}"#);
        let value = json::parse(text.as_bytes()).unwrap();
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(1), "{text}");
        assert_eq!(canonical(&text), r#"{"$serde_json::private::Number":"1"}"#);
    }
}

#[test]
fn depth_and_duplicates_are_counted_as_ever() {
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(json::parse(nested(64).as_bytes()).is_ok());
    assert_eq!(json::parse(nested(65).as_bytes()), Err(JsonError::TooDeep));
    assert_eq!(json::parse(br#"{"a":1,"a":1}"#), Err(JsonError::DuplicateMember));
}
