//! What a server shows, and what of it is durable.
//!
//! After a wait for standbys that was broken off, a server shows a commit that no other has. A commit of one's own
//! that is confirmed is behind it.

use crate::{
    admission::{Node, locked},
    error::PgError,
    pool::Readers,
};
use sinpyo_tlog::merkle::TreeHead;
use std::sync::{
    Mutex, MutexGuard, PoisonError, TryLockError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// One commit of a node at a time, for everybody who has seen a larger head.
#[derive(Debug, Default)]
pub(crate) struct Confirmations {
    turn: Mutex<()>,
    failures: AtomicU64,
    /// The last attempt failed.
    failing: AtomicBool,
}

impl Confirmations {
    /// The head to show where a server showed `shown`: that, if it is durable; else the largest known to be.
    pub(crate) fn durable(
        &self,
        shown: TreeHead,
        node: &Node,
        readers: &Readers,
    ) -> Result<TreeHead, PgError> {
        if !is_known(shown, node) {
            self.confirm(shown, node, readers);
        }
        if is_known(shown, node) { Ok(shown) } else { node.head().ok_or(PgError::late()) } // [PGL-17]
    }

    /// Tries to make what servers show known. While that fails, one caller at a time waits.
    fn confirm(&self, shown: TreeHead, node: &Node, readers: &Readers) {
        let failures = self.failures.load(Ordering::SeqCst);
        let Some(_turn) = self.turn() else { return };
        if is_known(shown, node) || self.failures.load(Ordering::SeqCst) != failures {
            return;
        }
        let failed = readers.read(|session| node.confirm(session)).is_err();
        self.failing.store(failed, Ordering::SeqCst);
        self.failures.fetch_add(u64::from(failed), Ordering::SeqCst);
    }

    /// `None` if another waits already for what is not to be had.
    fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(PoisonError::into_inner(turn)),
            Err(TryLockError::WouldBlock) if self.failing.load(Ordering::SeqCst) => None,
            Err(TryLockError::WouldBlock) => Some(locked(&self.turn)),
        }
    }
}

fn is_known(shown: TreeHead, node: &Node) -> bool {
    node.head().is_some_and(|known| known.size >= shown.size)
}
