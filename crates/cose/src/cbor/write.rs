//! Writing, in the one deterministic form [RFC 8949 §4.2.1].

use super::{ENCODED_CBOR, Key, Value, float};

/// The encoding of `tag 24` around `inner`, which is CBOR already: what ISO 18013-5 calls a structure's `Bytes`.
pub fn encoded(inner: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(11 + inner.len());
    head(&mut out, 6, ENCODED_CBOR);
    string(&mut out, 2, inner);
    out
}

pub(super) fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Unsigned(number) => head(out, 0, *number),
        Value::Negative(number) => head(out, 1, *number),
        Value::Bytes(bytes) => string(out, 2, bytes),
        Value::Text(text) => string(out, 3, text.as_bytes()),
        Value::Array(items) => {
            head(out, 4, count(items.len()));
            for item in items {
                self::value(out, item);
            }
        }
        Value::Map(map) => {
            head(out, 5, count(map.len()));
            for (key, held) in map {
                self::key(out, key);
                self::value(out, held);
            }
        }
        Value::Tag(tag, inner) => {
            head(out, 6, *tag);
            self::value(out, inner);
        }
        Value::Bool(false) => out.push(0xf4),
        Value::Bool(true) => out.push(0xf5),
        Value::Null => out.push(0xf6),
        Value::Float(number) => float::write(out, *number),
    }
}

/// An array of one text and several byte strings.
pub(crate) fn array_of_strings(out: &mut Vec<u8>, text: &str, strings: &[&[u8]]) {
    head(out, 4, count(1 + strings.len()));
    string(out, 3, text.as_bytes());
    for bytes in strings {
        string(out, 2, bytes);
    }
}

fn key(out: &mut Vec<u8>, key: &Key) {
    match key {
        Key::Unsigned(number) => head(out, 0, *number),
        Key::Negative(number) => head(out, 1, *number),
        Key::Bytes(bytes) => string(out, 2, bytes),
        Key::Text(text) => string(out, 3, text.as_bytes()),
    }
}

fn string(out: &mut Vec<u8>, major: u8, bytes: &[u8]) {
    head(out, major, count(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Major type and argument, in as few bytes as they fit.
fn head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let [.., b4, b5, b6, b7] = argument.to_be_bytes();
    match argument {
        0..=23 => out.push(major | b7),
        24..=0xff => out.extend_from_slice(&[major | 0x18, b7]),
        0x100..=0xffff => out.extend_from_slice(&[major | 0x19, b6, b7]),
        0x1_0000..=0xffff_ffff => out.extend_from_slice(&[major | 0x1a, b4, b5, b6, b7]),
        _ => {
            out.push(major | 0x1b);
            out.extend_from_slice(&argument.to_be_bytes());
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
