//! The operating system's clock and randomness.

use sinpyo_core::{key::Entropy, time::Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system clock's time.
pub fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let now = i64::try_from(seconds).ok().and_then(Timestamp::from_unix);
    now.unwrap_or_else(|| fail("the system clock lies outside the years 1970 to 9999"))
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            fail("the operating system gives no randomness");
        }
    }
}

/// Ends the process: no caller may go on with a wrong time or a predictable key.
fn fail(why: &str) -> ! {
    eprintln!("sinpyo-load: {why}");
    std::process::exit(70)
}
