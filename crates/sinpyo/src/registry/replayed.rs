//! The state that the entries of a log lead to, replayed one by one.

use sinpyo_registry::{
    Fold,
    engine::{EngineError, Refusal, Sequencing as _, StateView},
};
use sinpyo_tlog::note::Origin;
use std::collections::HashMap;

/// What follows from some entries of a log.
#[derive(Debug)]
pub(crate) struct Replayed {
    fold: Fold,
    state: State,
}

#[derive(Debug, Default)]
struct State(HashMap<Vec<u8>, Vec<u8>>);

impl Replayed {
    /// Nothing yet, of the log `origin`.
    pub(crate) fn new(origin: &Origin) -> Self {
        Self { fold: Fold::new(origin.clone()), state: State::default() }
    }

    /// Takes one entry more.
    pub(crate) fn replay(&mut self, index: u64, entry: &[u8]) -> Result<(), Refusal> {
        for write in self.fold.replay(&self.state, index, entry)? {
            match write.value {
                Some(value) => self.state.0.insert(write.key, value),
                None => self.state.0.remove(&write.key),
            };
        }
        Ok(())
    }
}

impl StateView for State {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}
