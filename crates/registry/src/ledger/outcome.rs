//! How far an operation has come.

use crate::{
    bundle::{BundleError, EntryProof},
    engine::EngineError,
};
/// Ordered and durable, but committed to by no checkpoint: not yet evidence.
#[derive(Debug)]
#[must_use]
pub struct Sequenced<T> {
    pub(super) fact: T,
    pub(super) index: u64,
    pub(super) submission: Vec<u8>,
}

impl<T> Sequenced<T> {
    /// Index of the entry.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What the operation established.
    pub const fn get(&self) -> &T {
        &self.fact
    }
}

/// Committed to by a published checkpoint, with the proof.
#[derive(Debug)]
pub struct Anchored<T> {
    pub(super) fact: T,
    pub(super) index: u64,
    pub(super) proof: EntryProof,
}

impl<T> Anchored<T> {
    /// Index of the entry.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What the operation established.
    pub const fn get(&self) -> &T {
        &self.fact
    }

    /// The proof, for those who do not have the log.
    pub const fn proof(&self) -> &EntryProof {
        &self.proof
    }

    /// What the operation established, without the statement that it is anchored.
    pub fn into_inner(self) -> T {
        self.fact
    }
}

/// Why an operation is not anchored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError<T> {
    /// No published checkpoint commits to it yet; try again after the next one.
    #[error("no checkpoint commits to the operation yet")]
    NotYet(Sequenced<T>),
    /// The log's own proof is refused.
    #[error("the log's proof is refused")]
    Proof(#[source] BundleError),
    /// LOG-22: another entry stands in its place, or the engine failed.
    #[error(transparent)]
    Engine(EngineError),
}
