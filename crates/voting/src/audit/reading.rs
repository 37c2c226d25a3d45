//! Whether what is read a second time is what was read first.

use crate::record::{Record, RecordError, read_again};
use sinpyo_crypto::hash::sha256;
use sinpyo_tlog::merkle::{Hash, TreeHead};

/// Which record, how large, what the auditor saw of it before, and the auditor's secret.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) record: &'a dyn Record,
    pub(super) size: u64,
    pub(super) known: Option<TreeHead>,
    pub(super) secret: [u8; 32],
}

/// An entry to be read again: index, offset in its bundle, length.
pub(super) type Again = (u64, u32, u16);

impl Source<'_> {
    /// Reads an entry again, and adds it to what was read so.
    pub(super) fn again(&self, at: Again, seen: &mut Fingerprint) -> Result<Vec<u8>, RecordError> {
        let bytes = read_again(self.record, self.size, at)?;
        seen.add(&self.secret, at.0, &Hash::leaf(&bytes));
        Ok(bytes)
    }
}

/// A sum over entries, under a secret of the auditor: equal sums are those of the same entries, in whatever order.
///
/// The first reading is held to the log's head; the second goes ring by ring, and a hash for each ballot would be a
/// third more memory than everything else. Who serves the record does not know the secret, and so cannot find other
/// entries with the same sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint([u128; 2]);

impl Fingerprint {
    /// Adds the entry at `index`.
    pub(super) fn add(&mut self, secret: &[u8; 32], index: u64, leaf: &Hash) {
        let hash = sha256(&[&secret[..], &index.to_le_bytes(), leaf.as_bytes()].concat());
        let [low, high] = &mut self.0;
        for (sum, half) in [low, high].into_iter().zip(hash.as_chunks::<16>().0) {
            *sum = sum.wrapping_add(u128::from_le_bytes(*half));
        }
    }

    /// Refuses a second reading with another sum.
    pub(super) fn verify(self, again: Self) -> Result<(), RecordError> {
        if self == again { Ok(()) } else { Err(RecordError::new(0, Changed)) }
    }

    /// Adds another sum.
    pub(super) fn merge(&mut self, other: Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = sum.wrapping_add(more);
        }
    }
}

/// The bytes of the second reading are others than those of the first.
#[derive(Debug, thiserror::Error)]
#[error("the record changed while it was read")]
struct Changed;
