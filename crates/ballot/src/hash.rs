//! The hashes of `spec/voting.md` §1: SHA-512 over framed fields, each use with a domain of its own.

use crate::group::{Encoding, Group};
use sinpyo_crypto::hash::sha512;

const PROTOCOL: &str = "sinpyo-vote/1/";

/// A message being framed: each field is preceded by its length, so that no two lists of fields give one message.
#[derive(Clone, Debug)]
pub struct Transcript {
    bytes: Vec<u8>,
}

impl Transcript {
    /// Begins with `domain`, which no other use has.
    pub fn new(domain: &str) -> Self {
        let mut bytes = Vec::with_capacity(1024);
        frame(&mut bytes, &[PROTOCOL.as_bytes(), domain.as_bytes()]);
        Self { bytes }
    }

    /// Appends a field.
    #[must_use]
    pub fn field(mut self, field: &[u8]) -> Self {
        frame(&mut self.bytes, &[field]);
        self
    }

    /// Appends a 32-bit integer as a field.
    #[must_use]
    pub fn number(self, number: u32) -> Self {
        self.field(&number.to_le_bytes())
    }

    /// Appends encodings, joined, as one field.
    #[must_use]
    pub fn list<E: Encoding>(mut self, encodings: &[E]) -> Self {
        let parts: Vec<&[u8]> = encodings.iter().map(AsRef::as_ref).collect();
        frame(&mut self.bytes, &parts);
        self
    }

    /// `H(domain, fields)`.
    pub fn hash(&self) -> [u8; 64] {
        sha512(&self.bytes)
    }

    /// `S(domain, fields)`.
    pub fn scalar<G: Group>(&self) -> G::Scalar {
        G::scalar_from_uniform(&self.hash())
    }

    /// `P(domain, fields)`.
    pub fn point<G: Group>(&self) -> G::Point {
        G::point_from_uniform(&self.hash())
    }
}

/// Appends the length of `parts` together, and `parts`.
fn frame(bytes: &mut Vec<u8>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // A field never has 4 GiB: the longest is a ring of 4,096 points.
    bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    for part in parts {
        bytes.extend_from_slice(part);
    }
}

/// The first 32 bytes of a hash.
pub fn half(hash: &[u8; 64]) -> [u8; 32] {
    let mut first = [0; 32];
    first.copy_from_slice(hash.split_at(32).0);
    first
}
