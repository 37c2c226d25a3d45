//! What the last commit led to, and who waits for the next.

use crate::sqlite::locked;
use sinpyo_tlog::merkle::TreeHead;
use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// The committed head: set by the writer, read by everybody.
#[derive(Debug)]
pub(super) struct Committed {
    head: Mutex<TreeHead>,
    grown: Condvar,
}

impl Committed {
    pub(super) const fn new(head: TreeHead) -> Self {
        Self { head: Mutex::new(head), grown: Condvar::new() }
    }

    pub(super) fn head(&self) -> TreeHead {
        *locked(&self.head)
    }

    pub(super) fn set(&self, head: TreeHead) {
        *locked(&self.head) = head;
        self.grown.notify_all();
    }

    /// The head once it is larger than `since`, or as it is after `wait`.
    pub(super) fn beyond(&self, since: u64, wait: Duration) -> TreeHead {
        let head = locked(&self.head);
        let waited = self.grown.wait_timeout_while(head, wait, |head| head.size <= since);
        let (head, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *head
    }
}
