//! Where operations and salts lie until they are erased.

use super::{PersonEntry, PersonSecret};
use crate::engine::{EngineError, StateView};
use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Mutex, PoisonError},
};

/// A store of operations and salts by the index of the entry that admitted the person. It forgets for good: what was
/// erased is in no file of it any more.
pub trait PersonStore {
    /// Keeps `secret`, durably; in place of one that was there.
    ///
    /// # Errors
    /// The store failed.
    fn put(&self, entry: u64, secret: &PersonSecret) -> Result<(), PersonStoreError>;

    /// Operation and salt behind `entry`.
    ///
    /// # Errors
    /// The store failed, or what it kept is damaged.
    fn get(&self, entry: u64) -> Result<Option<PersonSecret>, PersonStoreError>;

    /// Deletes operation and salt behind `entry`, so that no trace is left; nothing to do if there are none.
    ///
    /// # Errors
    /// The store failed: they may still be there.
    fn erase(&self, entry: u64) -> Result<(), PersonStoreError>;

    /// The entries of which it keeps something, in rising order.
    ///
    /// # Errors
    /// The store failed.
    fn entries(&self) -> Result<Vec<u64>, PersonStoreError>;
}

/// Deletes from `store` what the log says is erased, or does not know. To be done whenever a store is opened: it may be
/// an older copy. Returns how many there were.
///
/// # Errors
/// The store or the engine failed.
pub fn reconcile(store: &dyn PersonStore, state: &dyn StateView) -> Result<u64, PersonStoreError> {
    let mut erased = 0;
    for entry in store.entries()? {
        let person = PersonEntry::read(state, entry).map_err(PersonStoreError::Engine)?;
        if person.is_none_or(|person| person.is_erased()) {
            store.erase(entry)?;
            erased += 1;
        }
    }
    Ok(erased)
}

/// A store in memory. Everything is gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryPersonStore(Mutex<BTreeMap<u64, PersonSecret>>);

impl PersonStore for MemoryPersonStore {
    fn put(&self, entry: u64, secret: &PersonSecret) -> Result<(), PersonStoreError> {
        let secret = copy(secret)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry, secret);
        Ok(())
    }

    fn get(&self, entry: u64) -> Result<Option<PersonSecret>, PersonStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&entry).map(copy).transpose()
    }

    fn erase(&self, entry: u64) -> Result<(), PersonStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&entry);
        Ok(())
    }

    fn entries(&self) -> Result<Vec<u64>, PersonStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect())
    }
}

fn copy(secret: &PersonSecret) -> Result<PersonSecret, PersonStoreError> {
    PersonSecret::from_parts(secret.operation().expose().clone(), *secret.salt().expose())
        .map_err(|_| PersonStoreError::Damaged)
}

/// Why a store of persons did not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonStoreError {
    /// The storage below failed.
    #[error("the store of persons failed")]
    Storage(#[source] Box<dyn Error + Send + Sync>),
    /// It kept something that is no operation with its salt.
    #[error("the store of persons is damaged")]
    Damaged,
    /// The log's state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}
