//! The crate through its public boundary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test program: what does not hold shall stop it"
)]

mod keys;
mod rfc9474;
mod token;

use serde_json::Value;
use sinpyo_blind_rsa::SecretKey;
use sinpyo_core::Secret;

/// RFC 9474 Appendix A.
fn appendix() -> Value {
    serde_json::from_str(include_str!("rfc9474.json")).unwrap()
}

fn appendix_key() -> SecretKey {
    SecretKey::from_pkcs8(&Secret::new(hex(&appendix()["pkcs8"]))).unwrap()
}

/// The bytes that a text of hexadecimal digits stands for.
fn hex(text: &Value) -> Vec<u8> {
    sinpyo_testkit::from_hex(text.as_str().unwrap())
}
