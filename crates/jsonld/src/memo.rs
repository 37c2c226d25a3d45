//! What chains of registered contexts come to, remembered from document to document.

use crate::active::Active;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Results that are kept; beyond, all are forgotten, so that nobody fills the memory with odd chains.
const MAX_ENTRIES: usize = 1024;

/// Results of one document that are kept: a document that needs more is none that others resemble.
const MAX_ADDED: usize = 128;

/// A step from one active context to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The active context that is left.
    pub(crate) from: u64,
    /// The registered or scoped context that is applied.
    pub(crate) local: u64,
    pub(crate) step: Step,
}

/// In what capacity a context is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Named,
    Property,
    Type,
}

/// Results that can be read while others are added.
#[derive(Debug, Default)]
pub(crate) struct Memo(RwLock<Arc<HashMap<Key, Arc<Active>>>>);

impl Memo {
    /// What is remembered now.
    pub(crate) fn snapshot(&self) -> Arc<HashMap<Key, Arc<Active>>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers those of `found` that depend on no document.
    pub(crate) fn add(&self, found: HashMap<Key, Arc<Active>>) {
        if found.len() > MAX_ADDED {
            return;
        }
        let mut found = found.into_iter().filter(|(_, active)| active.pinned).peekable();
        if found.peek().is_none() {
            return;
        }
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let entries = Arc::make_mut(&mut current);
        entries.extend(found);
        if entries.len() > MAX_ENTRIES {
            entries.clear();
        }
    }
}
