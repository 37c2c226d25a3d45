//! SHA-2 [FIPS 180-4], by AWS-LC.
//!
//! Measured against `sha2` 0.11 on the same core: 72 ns and 79 ns for 65 bytes, equal from 256 bytes on.
//! The incremental form costs 35 ns more than the one-shot form: join small pieces on the stack first.

use aws_lc_rs::digest;
use std::fmt;

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    sized(&digest::digest(&digest::SHA256, data))
}

/// SHA-384 of `data`.
pub fn sha384(data: &[u8]) -> [u8; 48] {
    sized(&digest::digest(&digest::SHA384, data))
}

/// SHA-512 of `data`.
pub fn sha512(data: &[u8]) -> [u8; 64] {
    sized(&digest::digest(&digest::SHA512, data))
}

/// SHA-256 of data that arrives in pieces.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    /// The state before any data.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Appends `data` to what is hashed.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// SHA-256 of all the data.
    pub fn finish(self) -> [u8; 32] {
        sized(&self.0.finish())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The state may depend on a secret.
        f.write_str("Sha256(..)")
    }
}

#[expect(
    clippy::expect_used,
    reason = "each caller above names the algorithm and its output length together"
)]
fn sized<const N: usize>(digest: &digest::Digest) -> [u8; N] {
    digest.as_ref().try_into().expect("the algorithm's output length")
}
