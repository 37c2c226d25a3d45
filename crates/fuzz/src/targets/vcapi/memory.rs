//! What a server remembers for the length of one request.

use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_vcapi::{Keep, KeepError, Kept, Slot};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

#[derive(Debug, Default)]
pub(super) struct Memory {
    taken: RefCell<BTreeSet<(String, u64)>>,
    streams: RefCell<BTreeMap<String, Vec<Vec<u8>>>>,
    credentials: RefCell<BTreeMap<String, Vec<u8>>>,
    used: RefCell<BTreeSet<String>>,
}

impl Keep for Memory {
    fn take(&self, list: &str, index: u64) -> Result<Slot, KeepError> {
        let is_free = self.taken.borrow_mut().insert((list.to_owned(), index));
        Ok(if is_free { Slot::Taken } else { Slot::Occupied })
    }

    fn events(&self, stream: &str) -> Result<Vec<Vec<u8>>, KeepError> {
        Ok(self.streams.borrow().get(stream).cloned().unwrap_or_default())
    }

    fn append(&self, stream: &str, after: Option<u64>, events: Vec<Vec<u8>>) -> Result<(), KeepError> {
        let mut streams = self.streams.borrow_mut();
        let stream = streams.entry(stream.to_owned()).or_default();
        if after.is_some_and(|after| u64::try_from(stream.len()) != Ok(after)) {
            return Err(KeepError::Taken);
        }
        stream.extend(events);
        Ok(())
    }

    fn credential(&self, id: &str) -> Result<Kept, KeepError> {
        Ok(match self.credentials.borrow().get(id) {
            None => Kept::Nothing,
            Some(record) if record.is_empty() => Kept::Erased,
            Some(record) => Kept::Credential(record.clone()),
        })
    }

    fn keep_credential(&self, id: &str, record: &[u8]) -> Result<(), KeepError> {
        self.credentials.borrow_mut().insert(id.to_owned(), record.to_vec());
        Ok(())
    }

    fn erase_credential(&self, id: &str) -> Result<(), KeepError> {
        self.keep_credential(id, b"")
    }

    fn client(&self, _: &str) -> Result<Option<PublicJwk>, KeepError> {
        Ok(None)
    }

    fn use_once(&self, value: &str, _: Timestamp) -> Result<(), KeepError> {
        if self.used.borrow_mut().insert(value.to_owned()) { Ok(()) } else { Err(KeepError::Taken) }
    }

    fn may_ask(&self, _: &str, _: Timestamp) -> bool {
        true
    }
}
