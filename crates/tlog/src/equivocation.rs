//! That a log told two stories, checkable by anybody who knows its key [spec/equivocation.md].

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{BadProof, Hash, MAX_PROOF, NodeSource, ProveError, TreeHead, prove_consistency, root},
    note::LogKey,
    policy::Policy,
    proof::parse_hashes,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};

const FIRST_LINE: &str = "sinpyo equivocation v1";

/// Two checkpoints of one log that cannot both be true.
///
/// Either they give one size two roots; or a consistency proof of the larger shows that its first entries have another
/// root than the smaller one states. Printed and parsed as the text of an equivocation file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquivocationProof {
    prefix: Option<Prefix>,
    older: SignedCheckpoint,
    newer: SignedCheckpoint,
}

/// What the larger tree begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Prefix {
    root: Hash,
    path: Vec<Hash>,
}

impl EquivocationProof {
    /// From two checkpoints with one size and two roots.
    ///
    /// # Errors
    /// Their sizes differ or their roots do not, or they are about two logs. Signatures are not checked.
    pub fn of_one_size(a: SignedCheckpoint, b: SignedCheckpoint) -> Result<Self, EquivocationError> {
        Self { prefix: None, older: a, newer: b }.contradictory()
    }

    /// From two checkpoints of different sizes: the tree of `newer` begins with a tree of the root `prefix_root`, as
    /// the consistency proof `path` of the newer tree shows, and `older` states another.
    ///
    /// # Errors
    /// The proof is not one of the newer tree, or shows what `older` states. Signatures are not checked.
    pub fn of_prefix(
        older: SignedCheckpoint,
        newer: SignedCheckpoint,
        prefix_root: Hash,
        path: Vec<Hash>,
    ) -> Result<Self, EquivocationError> {
        Self { prefix: Some(Prefix { root: prefix_root, path }), older, newer }.contradictory()
    }

    /// From two checkpoints in any order, reading the tree of the larger one from `nodes`.
    ///
    /// # Errors
    /// As above, or the tree could not be read.
    pub fn from_tree<S: NodeSource>(
        a: SignedCheckpoint,
        b: SignedCheckpoint,
        nodes: &S,
    ) -> Result<Self, FindEquivocationError<S::Error>> {
        let sizes = (a.claimed_head().size, b.claimed_head().size);
        if sizes.0 == sizes.1 {
            return Self::of_one_size(a, b).map_err(FindEquivocationError::None);
        }
        let (older, newer) = if sizes.0 < sizes.1 { (a, b) } else { (b, a) };
        let (old, new) = (older.claimed_head().size, newer.claimed_head().size);
        let prefix_root =
            root(nodes, old).map_err(|error| FindEquivocationError::Tree(ProveError::Source(error)))?;
        let path = prove_consistency(nodes, old, new).map_err(FindEquivocationError::Tree)?;
        Self::of_prefix(older, newer, prefix_root, path).map_err(FindEquivocationError::None)
    }

    /// The smaller checkpoint, or the first of two of one size.
    pub const fn older(&self) -> &SignedCheckpoint {
        &self.older
    }

    /// The larger checkpoint, or the second of two of one size.
    pub const fn newer(&self) -> &SignedCheckpoint {
        &self.newer
    }

    /// Checks that the log of `key` made both statements. That they contradict each other is certain already.
    ///
    /// # Errors
    /// One of them is not by this key.
    pub fn verify(&self, key: &LogKey) -> Result<Equivocated, EquivocationError> {
        for checkpoint in [&self.older, &self.newer] {
            checkpoint.verify(key).map_err(EquivocationError::Log)?; // [WIT-41]
        }
        Ok(Equivocated {
            key: key.clone(),
            newer_key: key.clone(),
            older: self.older.claimed_head(),
            newer: self.newer.claimed_head(),
        })
    }

    /// Checks that log keys that `policy` knows made both statements: one of them, or one each.
    ///
    /// While a log changes its key, a policy lists two keys of one name and takes either's word; so a story told with
    /// the one contradicts a story told with the other. Who has given up a key takes it out of the policy first.
    ///
    /// # Errors
    /// A statement is not by a key of the policy.
    pub fn verify_by(&self, policy: &Policy) -> Result<Equivocated, EquivocationError> {
        let both = policy.log_keys().find_map(|key| self.verify(key).ok());
        both.map_or_else(|| self.verify_apart(policy), Ok)
    }

    fn verify_apart(&self, policy: &Policy) -> Result<Equivocated, EquivocationError> {
        let [older, newer] = [&self.older, &self.newer].map(|checkpoint| {
            let mut result = Err(EquivocationError::Log(CheckpointError::Origin));
            for key in policy.log_keys() {
                match checkpoint.verify(key) {
                    Ok(_) => return Ok(key.clone()),
                    // What another log's key says about it is of less use than what its own does.
                    Err(CheckpointError::Origin) => {}
                    Err(unsigned) => result = Err(EquivocationError::Log(unsigned)),
                }
            }
            result
        });
        let (key, newer_key) = (older?, newer?); // [WIT-41]
        Ok(Equivocated { key, newer_key, older: self.older.claimed_head(), newer: self.newer.claimed_head() })
    }

    /// Refuses what can be true together.
    fn contradictory(self) -> Result<Self, EquivocationError> {
        let (old, new) = (self.older.claimed_head(), self.newer.claimed_head());
        if self.older.claimed_origin() != self.newer.claimed_origin() {
            return Err(EquivocationError::TwoLogs); // [WIT-41]
        }
        let proven = match &self.prefix {
            None if old.size == new.size => new.root,
            None => return Err(EquivocationError::Consistent), // [WIT-42]
            Some(prefix) => {
                let begins = TreeHead { size: old.size, root: prefix.root };
                let extended = new.verify_consistency(begins, &prefix.path);
                extended.map_err(EquivocationError::Prefix)?.older().root // [WIT-43]
            }
        };
        if proven == old.root { Err(EquivocationError::Consistent) } else { Ok(self) } // [WIT-42]
    }
}

/// A log told two stories. Made by [`EquivocationProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Equivocated {
    key: LogKey,
    newer_key: LogKey,
    older: TreeHead,
    newer: TreeHead,
}

impl Equivocated {
    /// The key that signed both; during a change of keys the one that signed [`Equivocated::older`].
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// The key that signed [`Equivocated::newer`]: the same, except during a change of keys.
    pub const fn newer_key(&self) -> &LogKey {
        &self.newer_key
    }

    /// One story: the smaller tree, if the sizes differ.
    pub const fn older(&self) -> TreeHead {
        self.older
    }

    /// The other.
    pub const fn newer(&self) -> TreeHead {
        self.newer
    }
}

impl fmt::Display for EquivocationProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(Prefix { root, path }) = &self.prefix {
            writeln!(f, "prefix {}", STANDARD.encode(root.as_bytes()))?;
            path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash.as_bytes())))?;
        }
        write!(f, "\n{}\n{}", self.older, self.newer)
    }
}

impl FromStr for EquivocationProof {
    type Err = EquivocationError;

    fn from_str(text: &str) -> Result<Self, EquivocationError> {
        let malformed = EquivocationError::Form; // [WIT-40]
        // A checkpoint has one blank line in it, between the three lines and the signatures.
        let parts: Vec<&str> = text.splitn(6, "\n\n").collect();
        let [head, text_a, lines_a, text_b, lines_b] = parts.as_slice() else { return Err(malformed) };
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(malformed);
        }
        let prefix = match lines.next() {
            None => None,
            Some(line) => {
                let root = line.strip_prefix("prefix ").ok_or(malformed)?;
                let root = parse_hashes([root].into_iter(), 1).and_then(|hashes| hashes.first().copied());
                let path = parse_hashes(lines, MAX_PROOF).ok_or(malformed)?;
                Some(Prefix { root: root.ok_or(malformed)?, path })
            }
        };
        let older = format!("{text_a}\n\n{lines_a}\n").parse().map_err(EquivocationError::Log)?;
        let newer = format!("{text_b}\n\n{lines_b}").parse().map_err(EquivocationError::Log)?;
        Self { prefix, older, newer }.contradictory()
    }
}

/// Why a file proves nothing against a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EquivocationError {
    /// WIT-40: not the lines of an equivocation file.
    #[error("not an equivocation file")]
    Form,
    /// WIT-41 if it is about another log; otherwise what is wrong with a checkpoint.
    #[error("not two checkpoints by the key of the log")]
    Log(#[source] CheckpointError),
    /// WIT-41: the checkpoints are about two logs.
    #[error("the checkpoints are about two logs")]
    TwoLogs,
    /// WIT-42: both checkpoints can be true.
    #[error("the checkpoints do not contradict each other")]
    Consistent,
    /// WIT-43: the hashes are no proof about the larger tree.
    #[error("the consistency proof is not one of the larger tree")]
    Prefix(#[source] BadProof),
}

impl EquivocationError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "WIT-40",
            Self::Log(CheckpointError::Origin) | Self::TwoLogs => "WIT-41",
            Self::Log(error) => error.code(),
            Self::Consistent => "WIT-42",
            Self::Prefix(_) => "WIT-43",
        }
    }
}

/// Why no equivocation was shown from a tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindEquivocationError<E> {
    /// There is none to show.
    #[error("the checkpoints are not shown to contradict each other")]
    None(#[source] EquivocationError),
    /// The tree of the larger one could not be read.
    #[error("the larger tree could not be read")]
    Tree(#[source] ProveError<E>),
}
