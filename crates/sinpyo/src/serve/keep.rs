//! What a VC API server remembers: in a database, and in files for what must be erasable.

use super::folder::Folder;
use crate::{
    files::{self, Access},
    issuing::{STATUS, appended, take_index},
};
use anyhow::{Context, Result};
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_state::{Change, CommitError, Key, Space, State as _, Unavailable, Version};
use sinpyo_store::SqliteState;
use sinpyo_vcapi::{Keep, KeepError, Kept, Limiter, Slot};
use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Assertions of clients that were used.
const ASSERTION: Space = Space::new("vcapi.assertion");
const PAGE: usize = 10_000;
const MAX_RECORD: u64 = 8 << 20;
/// How long a used assertion is remembered beyond its end.
const RETENTION: Duration = Duration::from_hours(24);

/// The memory of a server.
#[derive(Debug)]
pub(crate) struct Memory {
    folder: Folder,
    state: SqliteState,
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
        let state = SqliteState::open(&folder.file("events.db")).context("cannot open what is remembered")?;
        state.sweep(now.minus(RETENTION)).context("cannot tidy what is remembered")?;
        let (ends, limiter) = (Mutex::default(), Mutex::new(Limiter::new(per_minute)));
        Ok(Self { folder, state, ends, limiter, records: Mutex::new(()), _lock: lock })
    }

    fn unavailable(&self, error: Unavailable) -> KeepError {
        self.state.failure().map_or_else(|| failed(error), failed)
    }

    fn page(&self, stream: &str, after: Version) -> Result<Vec<Vec<u8>>, KeepError> {
        let stream = Key::named(STATUS, stream);
        self.state.events(&stream, after, PAGE).map_err(|error| self.unavailable(error))
    }

    /// Where `stream` ends, which had at least `known` events.
    fn end_beyond(&self, stream: &str, known: Version) -> Result<Version, KeepError> {
        let mut end = known;
        loop {
            let page = self.page(stream, end)?.len();
            end.0 += u64::try_from(page).map_err(failed)?;
            if page < PAGE {
                return Ok(end);
            }
        }
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
        take_index(&self.state, list, index).map_err(|error| self.unavailable(error))
    }

    fn events(&self, stream: &str) -> Result<Vec<Vec<u8>>, KeepError> {
        let mut events = Vec::new();
        loop {
            let after = Version(u64::try_from(events.len()).unwrap_or(u64::MAX));
            let page = self.page(stream, after)?;
            let is_last = page.len() < PAGE;
            events.extend(page);
            if is_last {
                return Ok(events);
            }
        }
    }

    fn append(&self, stream: &str, after: Option<u64>, events: Vec<Vec<u8>>) -> Result<(), KeepError> {
        let mut expected = after.map_or_else(|| self.end(stream), Version);
        loop {
            let changes = appended(stream, expected, events.iter().cloned());
            match self.state.commit_owned(&changes) {
                Ok(()) => {
                    self.set_end(stream, Version(expected.0 + u64::try_from(events.len()).map_err(failed)?));
                    return Ok(());
                }
                Err(CommitError::Unavailable(error)) => return Err(self.unavailable(error)),
                Err(_) if after.is_some() => return Err(KeepError::Taken),
                Err(_) => expected = self.end_beyond(stream, expected)?,
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
        let key = Key::secret(ASSERTION, value.as_bytes());
        match self.state.commit(&[Change::insert(&key, b"", Some(expires))]) {
            Ok(()) => Ok(()),
            Err(CommitError::Unavailable(error)) => Err(self.unavailable(error)),
            Err(_) => Err(KeepError::Taken), // [STO-18]
        }
    }

    fn may_ask(&self, caller: &str, now: Timestamp) -> bool {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner).admit(caller, now)
    }
}
