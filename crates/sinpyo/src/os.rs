//! The operating system's clock and randomness.

use sinpyo_core::{
    key::Entropy,
    time::{Clock, Timestamp},
};
use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// The system clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        let now = i64::try_from(seconds).ok().and_then(Timestamp::from_unix);
        now.unwrap_or_else(|| fail("the system clock lies outside the years 1970 to 9999"))
    }
}

/// A clock that the ledger and the rest of the process share.
#[derive(Clone)]
pub(crate) struct SharedClock(Arc<dyn Clock>);

impl SharedClock {
    /// Shares `clock`.
    pub(crate) fn new(clock: impl Clock + 'static) -> Self {
        Self(Arc::new(clock))
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl fmt::Debug for SharedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedClock").field(&self.0.now()).finish()
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            fail("the operating system gives no randomness");
        }
    }
}

/// Ends the process: no caller may go on with a wrong time or a predictable key.
fn fail(why: &str) -> ! {
    eprintln!("sinpyo: {why}");
    std::process::exit(70)
}
