//! Messages of the specifications, and everything near them that must be refused.

#![cfg(test)]

mod cbor;
mod cwt;
mod key;
mod message;
mod vectors;

/// Takes bytes apart as CBOR in any order, for changing them.
fn tree(bytes: &[u8]) -> sinpyo_cose::cbor::Value {
    sinpyo_cose::cbor::Value::parse_as(bytes, sinpyo_cose::cbor::Form::AnyOrder).unwrap()
}
