//! The threads that check ballots.

use crate::os::{OsEntropy, SystemClock};
use anyhow::{Context, Result};
use sinpyo_core::time::Clock as _;
use sinpyo_voting_api::{Service as Api, Workers};
use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

/// A hand that nobody wakes looks by itself now and then.
const NAP: Duration = Duration::from_secs(1);

/// Wakes the threads that check ballots.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    turn: Mutex<Turn>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Turn {
    /// Rises with every call.
    calls: u64,
    is_over: bool,
}

impl Workers for Hands {
    fn wake(&self) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        turn.calls = turn.calls.wrapping_add(1);
        drop(turn);
        self.changed.notify_one();
    }
}

impl Hands {
    /// Starts `count` threads that work for `api` until [`Hands::stop`].
    pub(crate) fn start(self: &Arc<Self>, api: &Arc<Api>, count: usize) -> Result<Vec<JoinHandle<()>>> {
        let start = |number: usize| {
            let (hands, api) = (Arc::clone(self), Arc::clone(api));
            let thread = std::thread::Builder::new().name(format!("ballots {number}"));
            thread.spawn(move || hands.work(&api)).context("cannot start a thread")
        };
        (0..count).map(start).collect()
    }

    /// Lets the threads finish what they do, and end.
    pub(crate) fn stop(&self) {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.changed.notify_all();
    }

    fn work(&self, api: &Api) {
        let mut seen = 0;
        while self.wait(&mut seen) {
            while api.work(SystemClock.now(), &mut OsEntropy) {}
        }
    }

    /// Waits for a call that was not seen yet; false when all is over.
    fn wait(&self, seen: &mut u64) -> bool {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(turn, NAP, |turn| !turn.is_over && turn.calls == *seen);
        let (turn, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *seen = turn.calls;
        !turn.is_over
    }
}
