//! CBOR, read strictly and written deterministically [RFC 8949 §4.2].
//!
//! What is read: definite lengths, integers, byte and text strings, arrays, maps, tags, `true`, `false`, `null` and
//! floats. What is not: indefinite lengths, a key that occurs twice, keys other than integers and strings, NaN,
//! `undefined` and unassigned simple values, more than [`MAX_DEPTH`] levels, [`MAX_ITEMS`] items or [`MAX_LENGTH`] bytes.
//! [`Form::Deterministic`] also refuses keys out of order and heads that are not the shortest.
//!
//! ```
//! use sinpyo_cose::cbor::{Map, Value};
//!
//! let mut map = Map::new();
//! map.insert("b", Value::from(1_u64));
//! map.insert(-1, Value::Bytes(vec![7]));
//! let bytes = Value::Map(map).to_bytes();
//! assert_eq!(bytes, [0xa2, 0x20, 0x41, 7, 0x61, b'b', 1]);
//!
//! let value = Value::parse(&bytes)?;
//! assert_eq!(value.as_map().and_then(|map| map.get_text("b")).and_then(Value::as_u64), Some(1));
//! assert!(Value::parse(&[0xa2, 1, 1, 1, 1]).is_err());
//! # Ok::<(), sinpyo_cose::cbor::CborError>(())
//! ```

mod float;
mod json;
mod map;
mod read;
mod value;
mod write;

pub use map::{Key, Map};
pub use read::{CborError, Form, MAX_DEPTH, MAX_ITEMS, MAX_LENGTH};
pub use value::{ENCODED_CBOR, Value};
pub(crate) use write::array_of_strings as write_array_of_strings;
pub use write::encoded;
