//! The hashes of `spec/voting.md` §1: SHA-512 over framed fields, each use with a domain of its own.

use crate::group::{Encoding, Group};
use sinpyo_crypto::hash::sha512;
use zeroize::Zeroize;

const PROTOCOL: &str = "sinpyo-vote/1/";
/// Holds the transcript of a usual ballot without growing.
const CAPACITY: usize = 1024;

/// A message being framed: each field is preceded by its length, so that no two lists of fields give one message.
///
/// One made by [`Transcript::secret`] wipes its bytes when it is dropped, those that it outgrew included.
#[derive(Debug)]
pub struct Transcript {
    bytes: Vec<u8>,
    secret: bool,
}

impl Transcript {
    /// Begins with `domain`, which no other use has.
    // [BAL-02]
    pub fn new(domain: &str) -> Self {
        let mut transcript = Self { bytes: Vec::with_capacity(CAPACITY), secret: false };
        transcript.frame(&[PROTOCOL.as_bytes(), domain.as_bytes()]);
        transcript
    }

    /// Begins a message that holds secrets.
    pub fn secret(domain: &str) -> Self {
        let mut transcript = Self::new(domain);
        transcript.secret = true;
        transcript
    }

    /// Appends a field.
    #[must_use]
    pub fn field(mut self, field: &[u8]) -> Self {
        self.frame(&[field]);
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
        self.frame(&parts);
        self
    }

    /// `H(domain, fields)`.
    pub fn hash(&self) -> [u8; 64] {
        sha512(&self.bytes)
    }

    /// `S(domain, fields)`.
    pub fn scalar<G: Group>(&self) -> G::Scalar {
        let mut hash = self.hash();
        let scalar = G::scalar_from_uniform(&hash);
        if self.secret {
            hash.zeroize();
        }
        scalar
    }

    /// `P(domain, fields)`.
    pub fn point<G: Group>(&self) -> G::Point {
        G::point_from_uniform(&self.hash())
    }

    /// Appends the length of `parts` together, and `parts`.
    fn frame(&mut self, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.reserve(length.saturating_add(4));
        self.bytes.extend_from_slice(&le32(length));
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
    }

    /// Makes room; what a secret message leaves behind is wiped.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len().saturating_add(more);
        if needed <= self.bytes.capacity() {
            return;
        }
        let mut larger = Vec::with_capacity(needed.max(self.bytes.len().saturating_mul(2)));
        larger.extend_from_slice(&self.bytes);
        let mut old = std::mem::replace(&mut self.bytes, larger);
        if self.secret {
            old.zeroize();
        }
    }
}

impl Drop for Transcript {
    fn drop(&mut self) {
        if self.secret {
            self.bytes.zeroize();
        }
    }
}

/// A field's length. No field has 4 GiB: the longest is the roll, 48 bytes a voter, in the beacon.
fn le32(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

/// The first 32 bytes of a hash.
pub fn half(hash: &[u8; 64]) -> [u8; 32] {
    let mut first = [0; 32];
    first.copy_from_slice(hash.split_at(32).0);
    first
}

#[cfg(test)]
mod tests {
    use super::Transcript;

    #[test]
    fn no_two_lists_of_fields_give_one_message() {
        let hash =
            |fields: &[&[u8]]| fields.iter().fold(Transcript::new("d"), |all, field| all.field(field)).hash();
        let messages: [&[&[u8]]; 6] =
            [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[b"", b"abc"], &[]];
        let distinct: std::collections::BTreeSet<_> = messages.iter().map(|fields| hash(fields)).collect();
        assert_eq!(distinct.len(), messages.len());
        assert_ne!(Transcript::new("d").hash(), Transcript::new("e").hash());
        assert_ne!(Transcript::new("d").field(b"e").hash(), Transcript::new("de").hash());
    }

    #[test]
    fn a_secret_message_is_the_same_message_however_long() {
        for length in [0, 10, 1000, 1024, 5000] {
            let field = vec![7; length];
            let hash = |transcript: Transcript| transcript.field(&field).list(&[[1; 32]; 3]).number(9).hash();
            assert_eq!(hash(Transcript::new("d")), hash(Transcript::secret("d")));
        }
    }
}
