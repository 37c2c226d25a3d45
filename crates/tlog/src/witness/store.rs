//! What a witness remembers.

use crate::{merkle::TreeHead, note::Origin};
use std::{
    collections::HashMap,
    error::Error,
    fmt,
    sync::{Mutex, PoisonError},
};

/// The newest head of each log that the witness cosigned.
///
/// `witness_suite` holds the tests that every store must pass.
pub trait WitnessStore {
    /// The newest head of `origin`; `None` if there was none yet.
    ///
    /// # Errors
    /// The store cannot be read.
    fn latest(&self, origin: &Origin) -> Result<Option<TreeHead>, WitnessStoreError>;

    /// Replaces the newest head by `to` if it still is `from`, in one atomic step that is durable on return. `to`
    /// may equal `from`.
    ///
    /// Reading, comparing and writing as three steps would let a slow request take the witness back behind a fast one.
    ///
    /// # Errors
    /// The store cannot be read or written. Whether the step was made is then unknown, and nothing may be cosigned.
    fn advance(
        &self,
        origin: &Origin,
        from: Option<TreeHead>,
        to: TreeHead,
    ) -> Result<Advance, WitnessStoreError>;
}

impl<S: WitnessStore + ?Sized> WitnessStore for std::sync::Arc<S> {
    fn latest(&self, origin: &Origin) -> Result<Option<TreeHead>, WitnessStoreError> {
        (**self).latest(origin)
    }

    fn advance(
        &self,
        origin: &Origin,
        from: Option<TreeHead>,
        to: TreeHead,
    ) -> Result<Advance, WitnessStoreError> {
        (**self).advance(origin, from, to)
    }
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Advance {
    /// The new head is durably the newest.
    Done,
    /// Another request was faster. Nothing was changed.
    Overtaken {
        /// The newest head now.
        latest: Option<TreeHead>,
    },
}

/// The store failed. The cause is for the operator.
#[derive(Debug)]
pub struct WitnessStoreError(Box<dyn Error + Send + Sync>);

impl WitnessStoreError {
    /// Failed because of `cause`.
    pub fn new(cause: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(cause))
    }
}

impl fmt::Display for WitnessStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the witness's store failed")
    }
}

impl Error for WitnessStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// A store that lasts as long as the process: for tests and for trying things out.
#[derive(Debug, Default)]
pub struct MemoryWitnessStore(Mutex<HashMap<Origin, TreeHead>>);

impl WitnessStore for MemoryWitnessStore {
    fn latest(&self, origin: &Origin) -> Result<Option<TreeHead>, WitnessStoreError> {
        let heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(heads.get(origin).copied())
    }

    fn advance(
        &self,
        origin: &Origin,
        from: Option<TreeHead>,
        to: TreeHead,
    ) -> Result<Advance, WitnessStoreError> {
        let mut heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = heads.get(origin).copied();
        if latest != from {
            return Ok(Advance::Overtaken { latest });
        }
        heads.insert(origin.clone(), to);
        Ok(Advance::Done)
    }
}
