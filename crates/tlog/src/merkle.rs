//! The Merkle tree of RFC 6962 over SHA-256: hashes, proofs and the right edge.
//!
//! A node is named by `(level, index)`: the root of the complete subtree over the leaves
//! `index · 2^level .. (index + 1) · 2^level`. Only complete subtrees have a name; the ragged right side
//! of a tree is always composed from them.

mod frontier;
mod prove;
mod verify;

pub use frontier::Frontier;
pub use prove::{NodeSource, ProveError, prove_consistency, prove_inclusion, root};
pub use verify::{BadProof, Contained, Extended, Included};

use sinpyo_crypto::hash::sha256;
use std::fmt;

/// Longest proof that is read. A tree of 2^64 leaves has no longer one.
pub const MAX_PROOF: usize = 64;

/// A SHA-256 hash of a leaf, a node or a whole tree. Printed as lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The root of the tree without leaves: SHA-256 of nothing [RFC 6962 §2.1].
    pub fn of_empty_tree() -> Self {
        Self(sha256(&[]))
    }

    /// The hash of an entry as a leaf: `SHA-256(0x00 ‖ entry)`.
    pub fn leaf(entry: &[u8]) -> Self {
        // [LOG-01] The prefixes keep a leaf from being offered as a node.
        let mut input = Vec::with_capacity(entry.len() + 1);
        input.push(0);
        input.extend_from_slice(entry);
        Self(sha256(&input))
    }

    /// The hash of a node: `SHA-256(0x01 ‖ left ‖ right)`.
    pub fn node(left: Self, right: Self) -> Self {
        let mut input = [1; 65];
        let (_, children) = input.split_at_mut(1);
        let (l, r) = children.split_at_mut(32);
        l.copy_from_slice(&left.0);
        r.copy_from_slice(&right.0);
        Self(sha256(&input))
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// A tree by its number of leaves and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// Root hash over all of them.
    pub root: Hash,
}
