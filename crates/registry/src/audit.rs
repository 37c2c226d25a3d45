//! Checks a whole exported log without trusting whoever exported it.
//!
//! The auditor has the log's key, the checkpoint and the entries with their leaf hashes as the export's tiles hold
//! them, and computes everything else: the root, and the state by the same fold as the log.

use crate::{
    engine::{Refusal, Sequencing, StateView},
    fold::{Fold, FoldedState},
};
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{Frontier, Hash, TreeHead},
    note::LogKey,
};

/// An entry as exported.
#[derive(Clone, Debug)]
pub struct ExportedEntry {
    /// The bytes of the leaf.
    pub entry: Vec<u8>,
    /// Its hash as the exported tile of level 0 holds it. Only with it can a change that keeps an entry lawful be
    /// placed.
    pub leaf: Hash,
}

/// A log that was checked from its first entry to its checkpoint. Made by [`audit`] only.
#[derive(Debug)]
pub struct Audited {
    head: TreeHead,
    state: FoldedState,
}

impl Audited {
    /// Size and root, recomputed.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// The state that the entries lead to, recomputed.
    pub fn state(&self) -> &dyn StateView {
        &self.state
    }
}

/// Checks `checkpoint` under `key`, recomputes root and state from `entries`, and compares.
///
/// # Errors
/// The first position at which the export is not what the checkpoint commits to, or not lawful.
pub fn audit(
    entries: impl IntoIterator<Item = ExportedEntry>,
    checkpoint: &str,
    key: &LogKey,
) -> Result<Audited, AuditError> {
    let checkpoint: SignedCheckpoint = checkpoint.parse().map_err(AuditError::Checkpoint)?;
    let claimed = checkpoint.verify(key).map_err(AuditError::Checkpoint)?.head();
    let fold = Fold::new(key.name().clone());
    let (mut frontier, mut state) = (Frontier::new(), FoldedState::default());
    for exported in entries {
        let index = frontier.size();
        if index == claimed.size {
            return Err(AuditError::Surplus { index }); // [LOG-25]
        }
        let leaf = Hash::leaf(&exported.entry);
        if leaf != exported.leaf {
            return Err(AuditError::Leaf { index }); // [LOG-23]
        }
        let writes = fold.replay(&state, index, &exported.entry);
        state.write(writes.map_err(|reason| AuditError::Entry { index, reason })?); // [LOG-26]
        frontier.append(leaf);
    }
    let head = frontier.head();
    if head.size < claimed.size {
        return Err(AuditError::Missing { index: head.size }); // [LOG-24]
    }
    if head.root != claimed.root {
        return Err(AuditError::Root { size: head.size }); // [LOG-27]
    }
    Ok(Audited { head, state })
}

/// Where an exported log is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The checkpoint is not by the log's key.
    #[error("the checkpoint is refused")]
    Checkpoint(#[source] CheckpointError),
    /// LOG-23: an entry is not the one that its leaf hash belongs to.
    #[error("entry {index} does not have its leaf hash")]
    Leaf {
        /// Index of the entry.
        index: u64,
    },
    /// LOG-24: the export ends before the checkpoint does.
    #[error("the entries from {index} on are missing")]
    Missing {
        /// Index of the first missing entry.
        index: u64,
    },
    /// LOG-25: the export goes on after the checkpoint.
    #[error("the checkpoint does not commit to entry {index}")]
    Surplus {
        /// Index of the first entry too many.
        index: u64,
    },
    /// LOG-26: an entry is no lawful successor of those before it.
    #[error("entry {index} breaks a rule")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// Which.
        #[source]
        reason: Refusal,
    },
    /// LOG-27: lawful entries with their hashes, but not those that the checkpoint commits to.
    #[error("the {size} entries lead to another root than the checkpoint's")]
    Root {
        /// Number of entries.
        size: u64,
    },
}

impl AuditError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint(error) => error.code(),
            Self::Leaf { .. } => "LOG-23",
            Self::Missing { .. } => "LOG-24",
            Self::Surplus { .. } => "LOG-25",
            Self::Entry { .. } => "LOG-26",
            Self::Root { .. } => "LOG-27",
        }
    }
}
