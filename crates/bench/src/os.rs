//! The operating system's clock and generator.

use sinpyo_core::{
    key::Entropy,
    time::{Clock, Timestamp},
};
use std::{
    process,
    time::{SystemTime, UNIX_EPOCH},
};

/// Randomness for keys, salts and nonces, drawn as the binary draws it: one call for each need.
#[derive(Debug)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        if let Err(error) = getrandom::fill(out) {
            eprintln!("error: the operating system gives no randomness: {error}");
            process::exit(1);
        }
    }
}

/// Ledger time.
#[cfg_attr(not(feature = "everything"), expect(dead_code, reason = "for the other groups"))]
#[derive(Debug)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let seconds =
            UNIX_EPOCH.elapsed().map_err(drop).and_then(|since| i64::try_from(since.as_secs()).map_err(drop));
        let Some(now) = seconds.ok().and_then(Timestamp::from_unix) else {
            eprintln!("error: the system clock is out of range: {:?}", SystemTime::now());
            process::exit(1);
        };
        now
    }
}
