//! What may be anchored: only a tree that begins with everything that was anchored before.

use sinpyo_tlog::merkle::{BadProof, Hash, TreeHead};

/// How the log's checkpoint stands to a head that was anchored or seen earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same tree.
    Same,
    /// The log claims to have grown; a consistency proof has to show it.
    Grown,
}

/// Compares the log's checkpoint with an earlier head.
///
/// # Errors
/// The log shows a smaller tree, or another one of the same size.
pub fn relate(earlier: TreeHead, log: TreeHead) -> Result<Relation, Conflict> {
    if log.size < earlier.size {
        return Err(Conflict::Shrunk { earlier, log }); // [EVM-10]
    }
    if log.size > earlier.size {
        return Ok(Relation::Grown);
    }
    if log.root == earlier.root { Ok(Relation::Same) } else { Err(Conflict::Forked { earlier, log }) } // [EVM-11]
}

/// One tree begins with another. Made by [`Grown::check`] only; nothing else is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Grown {
    earlier: TreeHead,
    later: TreeHead,
}

impl Grown {
    /// Checks that the tree of `later` begins with the tree of `earlier`, as `path` shows; it is empty where there is
    /// nothing to show: the same tree, or nothing before.
    ///
    /// # Errors
    /// The trees conflict, or `path` does not show what it should.
    pub fn check(earlier: TreeHead, later: TreeHead, path: &[Hash]) -> Result<Self, Conflict> {
        if relate(earlier, later)? == Relation::Grown && earlier.size > 0 {
            let _ = later.verify_consistency(earlier, path).map_err(|proof| Conflict::Rewritten {
                earlier,
                log: later,
                proof,
            })?; // [EVM-12]
        }
        Ok(Self { earlier, later })
    }

    /// The tree that came first.
    pub const fn earlier(&self) -> TreeHead {
        self.earlier
    }

    /// The tree that begins with it.
    pub const fn later(&self) -> TreeHead {
        self.later
    }
}

/// The log contradicts what it said before. Nothing is anchored; somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// EVM-10: fewer entries than before.
    #[error("the log shows {} entries after {}", log.size, earlier.size)]
    Shrunk {
        /// Anchored or seen earlier.
        earlier: TreeHead,
        /// The log's checkpoint.
        log: TreeHead,
    },
    /// EVM-11: another root at the same size.
    #[error("the log shows two roots at {} entries", log.size)]
    Forked {
        /// Anchored or seen earlier.
        earlier: TreeHead,
        /// The log's checkpoint.
        log: TreeHead,
    },
    /// EVM-12: the larger tree does not begin with the smaller one.
    #[error("the log's {} entries do not begin with the {} that were anchored", log.size, earlier.size)]
    Rewritten {
        /// Anchored or seen earlier.
        earlier: TreeHead,
        /// The log's checkpoint.
        log: TreeHead,
        /// What is wrong with the proof made from the log's tiles.
        #[source]
        proof: BadProof,
    },
}

impl Conflict {
    /// The rule that was broken, as in `spec/checks/evm.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Shrunk { .. } => "EVM-10",
            Self::Forked { .. } => "EVM-11",
            Self::Rewritten { .. } => "EVM-12",
        }
    }

    /// The earlier head and the log's.
    pub const fn heads(&self) -> (TreeHead, TreeHead) {
        match *self {
            Self::Shrunk { earlier, log }
            | Self::Forked { earlier, log }
            | Self::Rewritten { earlier, log, .. } => (earlier, log),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_tlog::merkle::{Frontier, NodeSource, prove_consistency};

    /// The leaves of a small tree; every node is hashed anew.
    struct Leaves(Vec<Hash>);

    impl NodeSource for Leaves {
        type Error = std::convert::Infallible;

        fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error> {
            if level == 0 {
                return Ok(self.0[usize::try_from(index).unwrap()]);
            }
            Ok(Hash::node(self.node(level - 1, 2 * index)?, self.node(level - 1, 2 * index + 1)?))
        }
    }

    fn log(entries: u64, rewritten: Option<u64>) -> (Leaves, TreeHead) {
        let leaf =
            |n: u64| Hash::leaf(format!("{n}{}", if rewritten == Some(n) { "!" } else { "" }).as_bytes());
        let leaves: Vec<_> = (0..entries).map(leaf).collect();
        let mut frontier = Frontier::new();
        for leaf in &leaves {
            frontier.append(*leaf);
        }
        (Leaves(leaves), frontier.head())
    }

    #[test]
    fn only_a_tree_that_begins_with_the_anchored_one_is_anchorable() {
        for (older, newer) in [(0, 1), (1, 2), (3, 7), (4, 8), (5, 5), (8, 13)] {
            let (_, before) = log(older, None);
            let (leaves, after) = log(newer, None);
            let path = prove_consistency(&leaves, older, newer).unwrap();
            let fine = Grown::check(before, after, &path).unwrap();
            assert_eq!((fine.earlier(), fine.later()), (before, after));
        }
    }

    #[test]
    fn a_rewritten_log_is_not_anchorable() {
        let (_, before) = log(5, None);
        for newer in 6..12 {
            for entry in 0..5 {
                let (leaves, after) = log(newer, Some(entry));
                let path = prove_consistency(&leaves, 5, newer).unwrap();
                assert_eq!(Grown::check(before, after, &path).unwrap_err().code(), "EVM-12");
            }
        }
    }

    #[test]
    fn a_log_that_shrinks_or_forks_is_not_anchorable() {
        let (_, anchored) = log(5, None);
        assert_eq!(Grown::check(anchored, log(4, None).1, &[]).unwrap_err().code(), "EVM-10");
        assert_eq!(Grown::check(anchored, log(5, Some(2)).1, &[]).unwrap_err().code(), "EVM-11");
        assert_eq!(Grown::check(anchored, log(0, None).1, &[]).unwrap_err().code(), "EVM-10");
    }
}
