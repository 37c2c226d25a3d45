//! One commit for what the protocol changes and what we say about it.

use sinpyo_core::time::Timestamp;
use sinpyo_state::{Change, CommitError, Key, OwnedChange, Record, Space, State, Unavailable, Version};

/// A memory that makes `more` together with whatever is committed through it: an end of a transaction is never without
/// its line in the log, nor the line without the end.
#[derive(Debug)]
pub(crate) struct Joined<'a> {
    pub(crate) state: &'a dyn State,
    pub(crate) more: Vec<OwnedChange>,
}

impl State for Joined<'_> {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        self.state.get(key, now)
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        self.state.page(space, after, limit, now)
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        self.state.events(stream, after, limit)
    }

    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        let all: Vec<_> = changes.iter().copied().chain(self.more.iter().map(Change::from)).collect();
        self.state.commit(&all)
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        self.state.sweep(before)
    }
}
