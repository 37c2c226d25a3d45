//! Making proofs.

use super::{Hash, frontier::fold_right};

/// Where the hashes of complete subtrees are read.
pub trait NodeSource {
    /// Why a node could not be read.
    type Error;

    /// The root of the complete subtree `index` of height `level`.
    ///
    /// # Errors
    /// The source failed or does not hold the node.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The sibling hashes from the leaf `index` up to the root of the tree of `size` leaves.
///
/// # Errors
/// `index` lies outside the tree, or the source failed.
pub fn prove_inclusion<S: NodeSource>(
    source: &S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<S::Error>> {
    if index >= size {
        return Err(ProveError::OutsideTree);
    }
    let mut path = Vec::with_capacity(24);
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_root(source, middle, end).map_err(ProveError::Source)?);
            end = middle;
        } else {
            path.push(range_root(source, start, middle).map_err(ProveError::Source)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show the tree of `older` leaves to be a prefix of the tree of `newer` leaves.
///
/// Empty if `older` is 0 or equals `newer`.
///
/// # Errors
/// `older` exceeds `newer`, or the source failed.
pub fn prove_consistency<S: NodeSource>(
    source: &S,
    older: u64,
    newer: u64,
) -> Result<Vec<Hash>, ProveError<S::Error>> {
    if older > newer {
        return Err(ProveError::OutsideTree);
    }
    let mut path = Vec::with_capacity(24);
    if older == 0 {
        return Ok(path);
    }
    let (mut start, mut end) = (0, newer);
    while end != older {
        let middle = start + split(end - start);
        if older <= middle {
            path.push(range_root(source, middle, end).map_err(ProveError::Source)?);
            end = middle;
        } else {
            path.push(range_root(source, start, middle).map_err(ProveError::Source)?);
            start = middle;
        }
    }
    // The verifier has the older root already if that tree was complete.
    if start > 0 {
        path.push(range_root(source, start, end).map_err(ProveError::Source)?);
    }
    path.reverse();
    Ok(path)
}

/// The root of the tree of `size` leaves.
///
/// # Errors
/// The source failed.
pub fn root<S: NodeSource>(source: &S, size: u64) -> Result<Hash, S::Error> {
    if size == 0 { Ok(Hash::of_empty_tree()) } else { range_root(source, 0, size) }
}

/// Why no proof could be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError<E> {
    /// The place lies outside the tree.
    #[error("the place lies outside the tree")]
    OutsideTree,
    /// The nodes could not be read.
    #[error("a node of the tree could not be read")]
    Source(#[source] E),
}

/// Root of the leaves `start..end`, where `start` is a multiple of the power of two that `end - start` rounds up to.
fn range_root<S: NodeSource>(source: &S, start: u64, end: u64) -> Result<Hash, S::Error> {
    let mut pieces = Vec::with_capacity(24);
    let mut from = start;
    while from < end {
        let level = (end - from).ilog2();
        pieces.push(source.node(level, from >> level)?);
        from += 1 << level;
    }
    Ok(fold_right(&pieces))
}

/// The largest power of two below `size`, which is at least 2 [RFC 6962 §2.1].
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}
