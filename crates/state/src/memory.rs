//! The engine without a file: the model that the others are compared with, and the memory of tests.

use crate::{Change, CommitError, Key, Record, Space, State, Unavailable, Version};
use sinpyo_core::time::Timestamp;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryState(Mutex<Tables>);

#[derive(Default)]
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
        // Nothing that runs under the lock can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryState").finish_non_exhaustive()
    }
}

fn live(record: &Record, now: Timestamp) -> bool {
    record.expires.is_none_or(|expires| now < expires) // [STA-05]
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
        let mut made = Vec::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            let Some(undo) = tables.apply(change) else {
                made.into_iter().rev().for_each(|undo| tables.undo(undo));
                return Err(CommitError::Conflict { index }); // [STA-01]
            };
            made.push(undo);
        }
        Ok(())
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        let mut tables = self.tables();
        let count = tables.records.len();
        tables.records.retain(|_, record| live(record, before));
        Ok(u64::try_from(count - tables.records.len()).unwrap_or(u64::MAX))
    }
}

/// What was there before a change.
enum Undo<'a> {
    Record(&'a Key, Option<Record>),
    Event(&'a Key),
    Nothing,
}

impl Tables {
    /// Nothing if the change does not apply.
    fn apply<'a>(&mut self, change: &Change<'a>) -> Option<Undo<'a>> {
        match *change {
            Change::Insert { key, data, expires } => {
                let Entry::Vacant(place) = self.records.entry(key.clone()) else { return None };
                place.insert(Record { version: Version(1), data: data.to_vec(), expires });
                Some(Undo::Record(key, None))
            }
            Change::Replace { key, version, data, expires } => {
                let record = self.records.get_mut(key).filter(|record| record.version == version)?;
                let next = Record { version: Version(version.0 + 1), data: data.to_vec(), expires };
                Some(Undo::Record(key, Some(std::mem::replace(record, next))))
            }
            Change::Remove { key, version } => {
                self.records.get(key).filter(|record| record.version == version)?;
                Some(Undo::Record(key, self.records.remove(key)))
            }
            Change::Keep { key, version } => {
                self.records.get(key).filter(|record| record.version == version)?; // [STA-09]
                Some(Undo::Nothing)
            }
            Change::Append { stream, after, event } => {
                let length = self.streams.get(stream).map_or(0, Vec::len);
                u64::try_from(length).ok().filter(|length| *length == after.0)?;
                self.streams.entry(stream.clone()).or_default().push(event.to_vec());
                Some(Undo::Event(stream))
            }
        }
    }

    fn undo(&mut self, undo: Undo<'_>) {
        match undo {
            Undo::Record(key, None) => drop(self.records.remove(key)),
            Undo::Record(key, Some(record)) => drop(self.records.insert(key.clone(), record)),
            Undo::Nothing => {}
            Undo::Event(stream) => {
                self.streams.get_mut(stream).and_then(Vec::pop);
            }
        }
    }
}
