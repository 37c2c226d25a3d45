//! What a VC API server remembers: in the event store, and in files for what must be erasable.

use super::folder::Folder;
use crate::files::{self, Access};
use anyhow::{Context, Result};
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_store::events::{
    AllocateError, AppendEventsError, EventStore, IssueError, ListId, SpendKey, StreamId, Version,
};
use sinpyo_vcapi::{Keep, KeepError, Kept, Limiter, Slot};
use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    sync::{Mutex, PoisonError},
    time::Duration,
};

const PAGE: usize = 10_000;
const MAX_RECORD: u64 = 8 << 20;
/// How long a used assertion is remembered beyond its end.
const RETENTION: Duration = Duration::from_hours(24);

/// The memory of a server.
#[derive(Debug)]
pub(crate) struct Memory {
    folder: Folder,
    events: EventStore,
    /// Where streams were last seen to end, so that most appends fit at once.
    ends: Mutex<HashMap<String, Version>>,
    limiter: Mutex<Limiter>,
    /// Held while a record is looked for and written.
    records: Mutex<()>,
    _lock: File,
}

impl Memory {
    /// Opens the memory in `folder`, with so many requests a minute for each caller.
    pub(crate) fn open(folder: Folder, per_minute: u32, now: Timestamp) -> Result<Self> {
        let path = folder.file(".lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.with_context(|| format!("cannot open {}", path.display()))?;
        lock.try_lock().context("another server works with this folder")?;
        let events = EventStore::open(&folder.file("events.db")).context("cannot open the event store")?;
        events.sweep(now, RETENTION).context("cannot tidy the event store")?;
        let (ends, limiter) = (Mutex::default(), Mutex::new(Limiter::new(per_minute)));
        Ok(Self { folder, events, ends, limiter, records: Mutex::new(()), _lock: lock })
    }

    fn end(&self, stream: &str) -> Version {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.get(stream).copied().unwrap_or_default()
    }

    fn set_end(&self, stream: &str, end: Version) {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.to_owned(), end);
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> KeepError {
    KeepError::Failed(error.into())
}

impl Keep for Memory {
    fn take(&self, list: &str, index: u64) -> Result<Slot, KeepError> {
        match self.events.allocate(&ListId::new(list), index) {
            Ok(()) => Ok(Slot::Taken),
            Err(AllocateError::Taken) => Ok(Slot::Occupied),
            Err(error) => Err(failed(error)),
        }
    }

    fn events(&self, stream: &str) -> Result<Vec<Vec<u8>>, KeepError> {
        let (id, mut events) = (StreamId::new(stream), Vec::new());
        loop {
            let after = Version(u64::try_from(events.len()).unwrap_or(u64::MAX));
            let page = self.events.read(&id, after, PAGE).map_err(failed)?;
            let is_last = page.len() < PAGE;
            events.extend(page);
            if is_last {
                return Ok(events);
            }
        }
    }

    fn append(&self, stream: &str, after: Option<u64>, events: Vec<Vec<u8>>) -> Result<(), KeepError> {
        let id = StreamId::new(stream);
        let mut expected = after.map_or_else(|| self.end(stream), Version);
        loop {
            match self.events.append(&id, expected, events.clone()) {
                Ok(end) => {
                    self.set_end(stream, end);
                    return Ok(());
                }
                Err(AppendEventsError::Conflict { actual }) if after.is_none() => expected = actual,
                Err(AppendEventsError::Conflict { .. }) => return Err(KeepError::Taken),
                Err(error) => return Err(failed(error)),
            }
        }
    }

    fn credential(&self, id: &str) -> Result<Kept, KeepError> {
        let path = self.folder.hashed("credentials", id, "json");
        if !path.exists() {
            return Ok(Kept::Nothing);
        }
        let record = files::read(&path, MAX_RECORD).map_err(failed)?;
        Ok(if record.is_empty() { Kept::Erased } else { Kept::Credential(record) })
    }

    fn keep_credential(&self, id: &str, record: &[u8]) -> Result<(), KeepError> {
        let path = self.folder.hashed("credentials", id, "json");
        let _only_one = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if path.exists() {
            return Err(KeepError::Taken);
        }
        files::replace(&path, record, Access::Private).map_err(failed)
    }

    fn erase_credential(&self, id: &str) -> Result<(), KeepError> {
        let path = self.folder.hashed("credentials", id, "json");
        files::replace(&path, b"", Access::Private).map_err(failed)
    }

    fn client(&self, name: &str) -> Result<Option<PublicJwk>, KeepError> {
        self.folder.client(name).map_err(failed)
    }

    fn use_once(&self, value: &str, expires: Timestamp) -> Result<(), KeepError> {
        let key = SpendKey::new("vcapi/assertion", value.as_bytes());
        match self.events.issue(key, b"", expires) {
            Ok(()) => Ok(()),
            Err(IssueError::Exists) => Err(KeepError::Taken),
            Err(error) => Err(failed(error)),
        }
    }

    fn may_ask(&self, caller: &str, now: Timestamp) -> bool {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner).admit(caller, now)
    }
}
