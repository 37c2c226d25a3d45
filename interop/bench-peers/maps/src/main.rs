//! Two authenticated maps of the newest version of every DID: `akd`, and RFC 6962 over sorted leaves.
//!
//! `maps akd|sorted [DIDS]` fills one with so many DIDs (default 1,000,000), looks some up, and prints what it took.

use anyhow::{Context as _, bail};
use std::{
    fs,
    time::{Duration, Instant},
};

mod akd_map;
mod sorted_map;

/// DIDs that change between two roots.
const EPOCH: usize = 10_000;
/// Lookups that are timed.
const LOOKUPS: usize = 1_000;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let map = arguments.next().context("usage: maps akd|sorted [DIDS]")?;
    let dids: usize = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    match map.as_str() {
        "akd" => tokio::runtime::Builder::new_multi_thread().build()?.block_on(akd_map::measure(dids)),
        "sorted" => sorted_map::measure(dids),
        _ => bail!("usage: maps akd|sorted [DIDS]"),
    }
}

/// The DID of this number.
fn did(number: usize) -> String {
    format!("did:tlog:zQm{number:044}")
}

/// Its newest version.
fn version(number: usize) -> String {
    format!("{}-zQm{number:044}", number % 9 + 1)
}

/// Resident memory in MiB, as the kernel counts it.
fn resident() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes / 1024.0)
}

/// The middle one, in microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}
