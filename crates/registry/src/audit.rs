//! Checks a whole exported log without trusting whoever exported it.
//!
//! The auditor has the log's key, the checkpoint and the entries with their leaf hashes as the export's tiles hold
//! them, and computes everything else: the root, and the state by the same fold as the log.

mod state_root;

use crate::{
    bundle::check_speaker,
    engine::{EngineError, Refusal, Sequencing, StateView},
    fold::{Fold, FoldedState},
    trust::{TrustError, TrustedLog},
};
use sinpyo_tlog::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    merkle::{Frontier, Hash, TreeHead},
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

/// An entry that the log holds although it breaks a rule. It changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEntry {
    /// Where it stands.
    pub index: u64,
    /// The rule that it breaks, as in `spec/checks/`.
    pub code: &'static str,
}

/// A log that was checked from its first entry to its checkpoint. Made by [`audit`] only.
///
/// An honest sequencer appends nothing that breaks a rule: whoever trusts it refuses a log with [`Audited::invalid`]
/// entries. They are not an error here, because all who read the log agree on what it says all the same.
#[derive(Debug)]
#[must_use]
pub struct Audited {
    head: TreeHead,
    state: FoldedState,
    state_root: Hash,
    invalid: Vec<InvalidEntry>,
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

    /// The digest of the state [spec/did-tlog.md §3.3]: equal for all who read the log alike.
    pub const fn state_root(&self) -> Hash {
        self.state_root
    }

    /// The entries that break a rule, in order.
    pub fn invalid(&self) -> &[InvalidEntry] {
        &self.invalid
    }
}

/// Checks `checkpoint` under the log's key or a policy, recomputes root and state from `entries`, and compares.
///
/// # Errors
/// The first position at which the export is not what the checkpoint commits to.
pub fn audit(
    entries: impl IntoIterator<Item = ExportedEntry>,
    checkpoint: &str,
    log: &dyn TrustedLog,
) -> Result<Audited, AuditError> {
    let checkpoint: SignedCheckpoint = checkpoint.parse().map_err(AuditError::Checkpoint)?;
    let witnessed = log.check(&checkpoint).map_err(AuditError::Trust)?;
    let claimed = witnessed.checkpoint().head();
    let fold = Fold::new(witnessed.checkpoint().origin().clone());
    let (mut frontier, mut state) = (Frontier::new(), FoldedState::default());
    let (mut invalid, mut first) = (Vec::new(), None);
    for exported in entries {
        let index = frontier.size();
        if index == claimed.size {
            return Err(AuditError::Surplus { index }); // [LOG-25]
        }
        let leaf = Hash::leaf(&exported.entry);
        if leaf != exported.leaf {
            return Err(AuditError::Leaf { index }); // [LOG-23]
        }
        match fold.replay(&state, index, &exported.entry) {
            Ok(writes) => state.write(writes),
            Err(reason) => {
                // [TLOG-47] It stays in the log and counts for nothing.
                let Some(code) = reason.code() else { return Err(AuditError::Entry { index, reason }) };
                invalid.push(InvalidEntry { index, code });
                first.get_or_insert((index, reason));
            }
        }
        frontier.append(leaf);
    }
    check_speaker(&checkpoint, &state).map_err(AuditError::Key)?;
    let head = frontier.head();
    if head != claimed {
        // What was changed breaks a rule, if anything does.
        return Err(match first {
            Some((index, reason)) => AuditError::Entry { index, reason }, // [LOG-26]
            None if head.size < claimed.size => AuditError::Missing { index: head.size }, // [LOG-24]
            None => AuditError::Root { size: head.size },                 // [LOG-27]
        });
    }
    let state_root = state_root::state_root(&state).map_err(AuditError::State)?;
    Ok(Audited { head, state, state_root, invalid })
}

/// Where an exported log is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The checkpoint is malformed.
    #[error("the checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
    /// The checkpoint is not by the log's key, or too few witnesses vouch for it.
    #[error("the checkpoint is refused")]
    Trust(#[source] TrustError),
    /// TLOG-50: the checkpoint is not signed by the log key that the entries name.
    #[error("the checkpoint is not by the key that the log names")]
    Key(#[source] CheckpointError),
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
    /// LOG-26: the entries lead to another root than the checkpoint's, and this is the first that breaks a rule.
    #[error("entry {index} breaks a rule")]
    Entry {
        /// Index of the entry.
        index: u64,
        /// Which.
        #[source]
        reason: Refusal,
    },
    /// The recomputed state cannot be read.
    #[error("the recomputed state cannot be read")]
    State(#[source] EngineError),
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
            Self::Trust(error) => error.code(),
            Self::State(_) => "LOG-19",
            Self::Key(_) => "TLOG-50",
            Self::Leaf { .. } => "LOG-23",
            Self::Missing { .. } => "LOG-24",
            Self::Surplus { .. } => "LOG-25",
            Self::Entry { .. } => "LOG-26",
            Self::Root { .. } => "LOG-27",
        }
    }
}
