//! Checking proofs.

use super::{Hash, MAX_PROOF, TreeHead};
use std::ops::Range;

/// A leaf stands at an index of a tree. Made by [`TreeHead::verify_inclusion`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Included {
    index: u64,
    head: TreeHead,
}

impl Included {
    /// Where the leaf stands, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The tree it stands in.
    pub const fn head(&self) -> TreeHead {
        self.head
    }
}

/// One tree is a prefix of another. Made by [`TreeHead::verify_consistency`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Extended {
    older: TreeHead,
    newer: TreeHead,
}

impl Extended {
    /// The prefix.
    pub const fn older(&self) -> TreeHead {
        self.older
    }

    /// The tree that begins with it.
    pub const fn newer(&self) -> TreeHead {
        self.newer
    }
}

/// A hash is the root over a range of a tree's leaves. Made by [`TreeHead::verify_subtree`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Contained {
    subtree: Range<u64>,
    head: TreeHead,
}

impl Contained {
    /// The leaves.
    pub const fn subtree(&self) -> &Range<u64> {
        &self.subtree
    }

    /// The tree they stand in.
    pub const fn head(&self) -> TreeHead {
        self.head
    }
}

impl TreeHead {
    /// Checks that `leaf` stands at `index` of this tree [RFC 9162 §2.1.3.2].
    ///
    /// # Errors
    /// The index lies outside the tree, the path has another length than the place needs, or it leads to
    /// another root.
    pub fn verify_inclusion(&self, leaf: Hash, index: u64, path: &[Hash]) -> Result<Included, BadProof> {
        if index >= self.size {
            return Err(BadProof::OutsideTree); // [LOG-02]
        }
        let (mut node, mut last, mut hash) = (index, self.size - 1, leaf);
        for sibling in bounded(path)? {
            if last == 0 {
                return Err(BadProof::Length); // [LOG-03]
            }
            if node & 1 == 1 || node == last {
                hash = Hash::node(*sibling, hash);
                // The right edge has no siblings on the levels where the node stands alone.
                let alone = node.trailing_zeros();
                (node, last) = (node >> alone, last >> alone);
            } else {
                hash = Hash::node(hash, *sibling);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        match last {
            0 if hash == self.root => Ok(Included { index, head: *self }),
            0 => Err(BadProof::Root), // [LOG-04]
            _ => Err(BadProof::Length),
        }
    }

    /// Checks that the leaves of `older`, at least one, are the first leaves of this tree [RFC 9162 §2.1.4.2].
    ///
    /// # Errors
    /// The older tree is empty or larger, the path has another length than the sizes need, or it leads to
    /// another root.
    pub fn verify_consistency(&self, older: TreeHead, path: &[Hash]) -> Result<Extended, BadProof> {
        if older.size == 0 {
            return Err(BadProof::OutsideTree); // a prefix of everything says nothing
        }
        let _: Contained = self.verify_subtree(0..older.size, older.root, path)?;
        Ok(Extended { older, newer: *self })
    }

    /// Checks that `hash` is the root over the leaves `subtree` of this tree, which begin at a multiple of the
    /// power of two that their number rounds up to [draft-ietf-plants-merkle-tree-certs §4.4].
    ///
    /// The draft demands `start < end`. Here an empty range is accepted too, with the root of the empty tree and an
    /// empty path: that a tree contains nothing of itself holds, and says nothing. Who follows the draft to the
    /// letter refuses empty ranges before asking.
    ///
    /// # Errors
    /// As [`TreeHead::verify_consistency`], which is the case `0..size`.
    pub fn verify_subtree(
        &self,
        subtree: Range<u64>,
        hash: Hash,
        path: &[Hash],
    ) -> Result<Contained, BadProof> {
        if !is_subtree(&subtree) || subtree.end > self.size {
            return Err(BadProof::OutsideTree); // [LOG-02]
        }
        if subtree.is_empty() {
            let empty = path.is_empty() && hash == Hash::of_empty_tree();
            return if empty { Ok(Contained { subtree, head: *self }) } else { Err(BadProof::Root) };
        }
        // Level by level upwards: the first and the last node of the subtree, and the last of the tree.
        let (mut first, mut sub, mut last) = (subtree.start, subtree.end - 1, self.size - 1);
        while first != sub && (sub == last || sub & 1 == 1) {
            (first, sub, last) = (first >> 1, sub >> 1, last >> 1);
        }
        let mut path = bounded(path)?.iter();
        // A subtree that is one node of the tree is itself the first hash of the path.
        let start = if first == sub { hash } else { *path.next().ok_or(BadProof::Length)? };
        let (mut sub_hash, mut tree_hash) = (start, start);
        for sibling in path {
            if last == 0 {
                return Err(BadProof::Length); // [LOG-03]
            }
            if sub & 1 == 1 || sub == last {
                if first < sub {
                    sub_hash = Hash::node(*sibling, sub_hash);
                }
                tree_hash = Hash::node(*sibling, tree_hash);
                let alone = sub.trailing_zeros();
                (first, sub, last) = (first >> alone, sub >> alone, last >> alone);
            } else {
                tree_hash = Hash::node(tree_hash, *sibling);
            }
            (first, sub, last) = (first >> 1, sub >> 1, last >> 1);
        }
        match last {
            0 if sub_hash == hash && tree_hash == self.root => Ok(Contained { subtree, head: *self }),
            0 => Err(BadProof::Root), // [LOG-05]
            _ => Err(BadProof::Length),
        }
    }
}

/// Whether a tree can have `range` as a subtree.
fn is_subtree(range: &Range<u64>) -> bool {
    let Some(length) = range.end.checked_sub(range.start) else { return false };
    length.checked_next_power_of_two().is_some_and(|width| range.start.is_multiple_of(width))
}

fn bounded(path: &[Hash]) -> Result<&[Hash], BadProof> {
    if path.len() > MAX_PROOF { Err(BadProof::Length) } else { Ok(path) }
}

/// Why a Merkle proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadProof {
    /// LOG-02: the leaf, or the older tree, does not lie in the tree at all.
    #[error("the place lies outside the tree")]
    OutsideTree,
    /// LOG-03: more or fewer hashes than the place and the size of the tree need.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// LOG-04, LOG-05: the hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

impl BadProof {
    /// The rule that was broken, as in `spec/checks/log.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutsideTree => "LOG-02",
            Self::Length => "LOG-03",
            Self::Root => "LOG-04",
        }
    }
}
