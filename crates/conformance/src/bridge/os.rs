//! The operating system's clock and randomness.

use sinpyo_core::{key::Entropy, time::Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The present.
pub(super) fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    match i64::try_from(seconds).ok().and_then(Timestamp::from_unix) {
        Some(now) => now,
        None => fail("the system clock lies outside the years 1970 to 9999"),
    }
}

/// The operating system's generator.
pub(super) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            fail("the operating system gives no randomness");
        }
    }
}

/// Ends the process: nobody may go on with a wrong time or a predictable key.
fn fail(reason: &str) -> ! {
    eprintln!("failed: {reason}");
    std::process::exit(1)
}
