//! The engine without a file: the model that the others are compared with, and the memory of tests.

use crate::{Change, CommitError, Key, Record, Space, State, Unavailable, Version};
use sinpyo_core::time::Timestamp;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryState(Mutex<Tables>);

#[derive(Clone, Default)]
struct Tables {
    records: BTreeMap<Key, Record>,
    streams: BTreeMap<Key, Vec<Vec<u8>>>,
}

impl MemoryState {
    /// Remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // No change is made before all of a list are known to apply, so that a panic leaves the tables whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryState").finish_non_exhaustive()
    }
}

fn live(record: &Record, now: Timestamp) -> bool {
    record.expires.is_none_or(|expires| now < expires)
}

impl State for MemoryState {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        Ok(self.tables().records.get(key).filter(|record| live(record, now)).cloned())
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        let tables = self.tables();
        let here = tables.records.iter().filter(|(key, _)| key.space() == space);
        let later = here.filter(|(key, _)| after.is_none_or(|after| key.name() > after));
        let live = later.filter(|(_, record)| live(record, now));
        Ok(live.take(limit).map(|(key, record)| (key.clone(), record.clone())).collect())
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        let tables = self.tables();
        let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
        Ok(tables.streams.get(stream).into_iter().flatten().skip(skip).take(limit).cloned().collect())
    }

    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        let mut tables = self.tables();
        let mut next = Tables::default();
        std::mem::swap(&mut next, &mut tables);
        let before = next.clone();
        for (index, change) in changes.iter().enumerate() {
            if next.apply(change).is_none() {
                *tables = before;
                return Err(CommitError::Conflict { index }); // [STA-01]
            }
        }
        *tables = next;
        Ok(())
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        let mut tables = self.tables();
        let count = tables.records.len();
        tables.records.retain(|_, record| live(record, before));
        Ok(u64::try_from(count - tables.records.len()).unwrap_or(u64::MAX))
    }
}

impl Tables {
    /// Nothing if the change does not apply.
    fn apply(&mut self, change: &Change<'_>) -> Option<()> {
        match *change {
            Change::Insert { key, data, expires } => {
                let record = Record { version: Version(1), data: data.to_vec(), expires };
                let is_new = !self.records.contains_key(key);
                is_new.then(|| drop(self.records.insert(key.clone(), record)))
            }
            Change::Replace { key, version, data, expires } => {
                let record = self.records.get_mut(key).filter(|record| record.version == version)?;
                *record = Record { version: Version(version.0 + 1), data: data.to_vec(), expires };
                Some(())
            }
            Change::Remove { key, version } => {
                self.records.get(key).filter(|record| record.version == version)?;
                self.records.remove(key).map(drop)
            }
            Change::Append { stream, after, event } => {
                let events = self.streams.entry(stream.clone()).or_default();
                let at_end = u64::try_from(events.len()).is_ok_and(|length| length == after.0);
                at_end.then(|| events.push(event.to_vec()))
            }
        }
    }
}
