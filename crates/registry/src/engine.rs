//! What a log engine does: keep entries, tree and folded state together, durably and in one order.
//!
//! An engine decides nothing. It hands each submission to a [`Sequencing`], which turns it into an entry and
//! the state that follows, inside the transaction that appends it. [`crate::engine_suite`] is the contract as
//! tests; every engine runs it.

mod error;
mod opaque;

pub use error::{AppendError, EngineError, PublishError, Refusal};
pub use opaque::Opaque;

use sinpyo_core::time::Timestamp;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::TreeHead,
    tile::{ExpandedTile, TileId},
};
use std::{ops::Range, sync::Arc};

/// Longest entry, in bytes: what the length field of an entry bundle can say [C2SP tlog-tiles].
pub const MAX_ENTRY: usize = 65_535;

/// Longest submission, in bytes, so that the entry made of it has room. An engine refuses longer ones, and empty
/// ones, before sequencing.
pub const MAX_SUBMISSION: usize = 65_000; // [LOG-06]

/// A place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Index of the entry, from 0.
    pub index: u64,
    /// Ledger time: the engine's clock, held so that it never goes back from one entry to the next.
    pub time: Timestamp,
}

/// Reads the state that the log leads to.
pub trait StateView {
    /// The value under `key`.
    ///
    /// # Errors
    /// The engine failed.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;
}

/// One change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWrite {
    /// Which value.
    pub key: Vec<u8>,
    /// The new value; `None` deletes.
    pub value: Option<Vec<u8>>,
}

/// An entry and the state it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The bytes of the leaf.
    pub entry: Vec<u8>,
    /// What changes, in order.
    pub writes: Vec<StateWrite>,
}

/// Turns submissions into entries, and entries into state.
///
/// Deterministic: the state after an entry depends on the state before it and the entry only, so that
/// everybody who replays the log holds the same state.
pub trait Sequencing: Send + Sync {
    /// The entry for `submission` at position `at`.
    ///
    /// Called one at a time in log order; `state` holds the writes of every earlier entry.
    ///
    /// # Errors
    /// The submission breaks a rule, or the state could not be read.
    fn sequence(&self, state: &dyn StateView, at: Position, submission: &[u8]) -> Result<NewEntry, Refusal>;

    /// The state that `entry` at `index` leads to: what [`Sequencing::sequence`] returned with it.
    ///
    /// # Errors
    /// The entry could not have been sequenced there, or the state could not be read.
    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal>;
}

/// Where a submission went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Index of its entry.
    pub index: u64,
    /// Whether the same bytes had been appended before; the index is that of the first time.
    pub repeated: bool,
}

/// An append-only log with its tree and its state. One writer at a time; the engine sees to that.
pub trait LogEngine: Send + Sync {
    /// Appends each submission, in order, and returns when all that were accepted are durable.
    ///
    /// Each is accepted or refused on its own: a refused one leaves no trace. Bytes that were appended before
    /// (by SHA-256 of the submission) are not appended again. If the engine fails, every submission of the
    /// call gets the failure and none is in the log, unless the failure came after the point of durability:
    /// a caller that retries the same bytes is then told the index.
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>>;

    /// Size and root of the log.
    ///
    /// # Errors
    /// The engine failed.
    fn head(&self) -> Result<TreeHead, EngineError>;

    /// The entries of `range`, in order.
    ///
    /// # Errors
    /// [`EngineError::OutsideLog`] if the log does not have all of them; the engine failed.
    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError>;

    /// The content of a tile: [`TileId::length`] bytes, of any width that the log has reached.
    ///
    /// # Errors
    /// [`EngineError::OutsideLog`] if the log has not reached that width; the engine failed.
    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError>;

    /// The tile with its inner rows. An engine that caches the full ones makes proofs cheap.
    ///
    /// # Errors
    /// As [`LogEngine::tile`].
    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, EngineError> {
        let content = self.tile(id)?;
        let tile = ExpandedTile::from_content(id, &content);
        tile.map(Arc::new).map_err(|_| EngineError::Corrupt { index: id.row_range().start })
    }

    /// The committed state after the last entry.
    ///
    /// # Errors
    /// The engine failed.
    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError>;

    /// Makes `checkpoint` the one that the log shows, in one step with the checks.
    ///
    /// The published size never shrinks, and no size ever has two roots. The same head again replaces the
    /// signatures.
    ///
    /// # Errors
    /// The rule that the checkpoint breaks; the engine failed.
    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError>;

    /// The checkpoint published last.
    ///
    /// # Errors
    /// The engine failed.
    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError>;
}

impl sinpyo_tlog::tile::TileSource for dyn LogEngine + '_ {
    type Error = EngineError;

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, EngineError> {
        LogEngine::expanded(self, id)
    }
}
