//! The JSON Canonicalization Scheme: one byte string per JSON value [RFC 8785].

use serde_json::{Map, Number, Value};

/// The canonical form of `value`.
///
/// Numbers are IEEE 754 doubles, as RFC 8785 has them. [`crate::json::parse`] has refused the integers for which that
/// would change the value.
pub fn canonicalize(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write_value(&mut out, value);
    out
}

/// The canonical form of an object.
pub fn canonicalize_object(members: &Map<String, Value>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write_object(&mut out, members);
    out
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(elements) => {
            out.push(b'[');
            for (position, element) in elements.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_value(out, element);
            }
            out.push(b']');
        }
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut Vec<u8>, members: &Map<String, Value>) {
    out.push(b'{');
    let start = out.len();
    let mut write_member = |(name, value): (&String, &Value)| {
        if out.len() > start {
            out.push(b',');
        }
        write_string(out, name);
        out.push(b':');
        write_value(out, value);
    };
    // The map iterates in UTF-8 order, unless something in the binary turned on serde_json's preserve_order. RFC 8785
    // sorts by UTF-16 units, which differs only where a name holds a character from U+E000 up (first byte 0xEE or more).
    if !members.keys().is_sorted() || members.keys().any(|name| name.bytes().any(|byte| byte >= 0xee)) {
        let mut sorted: Vec<_> = members.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        sorted.into_iter().for_each(&mut write_member);
    } else {
        members.iter().for_each(&mut write_member);
    }
    out.push(b'}');
}

fn write_number(out: &mut Vec<u8>, number: &Number) {
    const EXACT: u64 = 1 << 53;
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) if integer.unsigned_abs() <= EXACT => {
            out.extend_from_slice(integer.to_string().as_bytes());
        }
        (_, Some(double)) => out.extend_from_slice(ryu_js::Buffer::new().format(double).as_bytes()),
        // Only with arbitrary_precision, and of no number that `crate::json::parse` gave.
        (_, None) => out.extend_from_slice(b"null"),
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(position) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (plain, from) = rest.split_at(position);
        out.extend_from_slice(plain);
        if let Some((&special, after)) = from.split_first() {
            write_escape(out, special);
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        _ => {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(canonicalize(&json::parse(text.as_bytes()).unwrap())).unwrap()
    }

    #[test]
    fn the_examples_of_the_specification() {
        // RFC 8785 §3.2.2 and §3.2.3.
        assert_eq!(
            canonical(
                r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
                    "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#
            ),
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        assert_eq!(
            canonical(
                "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}"
            ),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"
        );
        assert_eq!(canonical("[-0,-0.0,1.0,9007199254740992,5e-324]"), "[0,0,1,9007199254740992,5e-324]");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53)..=1 << 53).prop_map(Value::from),
            any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_serde_jcs_and_is_idempotent(value in any_json()) {
            let ours = canonicalize(&value);
            prop_assert_eq!(&ours, &serde_jcs::to_vec(&value).unwrap());
            if let Ok(again) = json::parse(&ours) {
                prop_assert_eq!(canonicalize(&again), ours);
            }
        }
    }
}
