//! The right edge of a tree.

use super::{Hash, NodeSource, TreeHead};

/// The right edge of a tree: the complete subtrees that its size, as a sum of powers of two, consists of.
///
/// Enough to append and to know the root; at most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    pub const fn new() -> Self {
        Self { size: 0, subtrees: Vec::new() }
    }

    /// The frontier that [`Frontier::size`] and [`Frontier::subtrees`] gave; `None` if they do not fit
    /// each other.
    pub fn from_parts(size: u64, subtrees: Vec<Hash>) -> Option<Self> {
        let fits = usize::try_from(size.count_ones()).is_ok_and(|count| count == subtrees.len());
        fits.then_some(Self { size, subtrees })
    }

    /// Reads the right edge of the tree of `size` leaves.
    ///
    /// # Errors
    /// The source failed.
    pub fn read<S: NodeSource>(source: &S, size: u64) -> Result<Self, S::Error> {
        let levels = (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1);
        // The subtrees to the left of level `l` hold the leaves that the higher bits of `size` count.
        let node = |level: u32| source.node(level, (size >> level) - 1);
        Ok(Self { size, subtrees: levels.map(node).collect::<Result<_, _>>()? })
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, the largest (leftmost) first.
    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.append_telling(leaf, |_, _| ());
    }

    /// Appends a leaf and tells `closed` of every complete subtree that ends with it, the leaf first, by height.
    pub fn append_telling(&mut self, leaf: Hash, mut closed: impl FnMut(u32, Hash)) {
        let merges = self.size.trailing_ones();
        let mut hash = leaf;
        closed(0, leaf);
        for height in 1..=merges {
            if let Some(left) = self.subtrees.pop() {
                hash = Hash::node(left, hash);
                closed(height, hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: fold_right(&self.subtrees) }
    }
}

/// Composes complete subtrees, largest first, into the root over all of them.
pub(super) fn fold_right(pieces: &[Hash]) -> Hash {
    let folded = pieces.iter().rev().copied().reduce(|right, left| Hash::node(left, right));
    folded.unwrap_or_else(Hash::of_empty_tree)
}
