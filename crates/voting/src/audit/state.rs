//! The state that the entries lead to, in memory.

use crate::{election::Slot, roll::Roll};
use sinpyo_registry::engine::{EngineError, StateView, StateWrite};
use std::{collections::BTreeMap, ops::Bound};

/// By key.
#[derive(Debug, Default)]
pub(crate) struct FoldedState(BTreeMap<Box<[u8]>, Box<[u8]>>);

const SLOT: &[u8] = b"slot/";

impl FoldedState {
    pub(crate) fn write(&mut self, writes: Vec<StateWrite>) {
        for StateWrite { key, value } in writes {
            match value {
                Some(value) => self.0.insert(key.into(), value.into()),
                None => self.0.remove(&*key),
            };
        }
    }

    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) {
        self.0.insert(key.into(), value.into());
    }

    /// The live lines.
    pub(crate) fn roll(&self) -> Roll {
        let mut roll = Roll::default();
        let from = (Bound::Included(SLOT), Bound::Unbounded);
        let lines = self.0.range::<[u8], _>(from).take_while(|(key, _)| key.starts_with(SLOT));
        for (key, value) in lines {
            let slot = key.get(SLOT.len()..).and_then(|slot| slot.try_into().ok());
            if let (Some(slot), Some(line)) = (slot, Slot::from_bytes(value)) {
                roll.set(slot, line);
            }
        }
        roll
    }
}

impl StateView for FoldedState {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).map(|value| value.to_vec()))
    }
}
