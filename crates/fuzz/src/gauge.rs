//! What a call costs the process.

use cpu_time::ThreadTime;
use std::{fs, time::Duration};

/// Starts measuring processor time of this thread: other processes do not count.
#[derive(Debug)]
pub struct Stopwatch(ThreadTime);

impl Stopwatch {
    /// From now on.
    pub fn start() -> Self {
        Self(ThreadTime::now())
    }

    /// Until now.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The highest resident set so far, in KiB; `None` where the kernel does not say.
pub fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Forgets the highest resident set: from now on [`peak_kib`] counts from the present one. Where the kernel refuses,
/// the peak stays what it was, and growth is seen only above it.
pub fn forget_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}
