//! How fast logs in PostgreSQL take entries: one server and three, in batches of 1, 100 and 10,000.
//!
//! `cargo run --release -p sinpyo-postgres --features cluster --example rates`

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement: it has a clock, and stops at the first surprise"
)]

use sinpyo_core::time::Timestamp;
use sinpyo_postgres::{
    Mode, PgLog, PgOptions,
    cluster::{Cluster, Programs},
};
use sinpyo_registry::engine::{LogEngine, Opaque};
use sinpyo_testkit::FixedClock;
use std::{
    thread,
    time::{Duration, Instant},
};

/// What is run for each row, at least.
const ROW: Duration = Duration::from_secs(4);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let programs = Programs::find().ok_or("PostgreSQL is not installed")?;
    let clock = FixedClock(Timestamp::from_unix(1_800_000_000).ok_or("no such time")?);
    println!("servers  clients  batch  leaves/s  commits/s  p50 ms  p99 ms");
    for (mode, standbys) in [(Mode::Single, 0), (Mode::HighlyAvailable, 2)] {
        let cluster = Cluster::start(&programs, standbys)?;
        let log = PgLog::open(&cluster.url(), &PgOptions::new(mode), Opaque, clock)?;
        for (clients, batch) in [(1, 1), (64, 1), (1, 100), (4, 100), (1, 10_000)] {
            measure(&log, standbys + 1, clients, batch);
        }
        let started = Instant::now();
        let size = log.verify()?.size;
        println!("verify: {size} entries, {:.0}/s", per_second(size, started.elapsed()));
    }
    Ok(())
}

fn measure(log: &PgLog, servers: usize, clients: u32, batch: u64) {
    let started = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let running: Vec<_> =
            (0..clients).map(|client| scope.spawn(move || run(log, client, batch))).collect();
        running.into_iter().flat_map(|client| client.join().unwrap_or_default()).collect()
    });
    let took = started.elapsed();
    times.sort_unstable();
    let calls = u64::try_from(times.len()).unwrap_or(u64::MAX);
    let at =
        |percent: usize| times.get(times.len() * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "{servers:7}  {clients:7}  {batch:5}  {:8.0}  {:9.0}  {:6.2}  {:6.2}",
        per_second(calls * batch, took),
        per_second(calls, took),
        at(50),
        at(99)
    );
}

/// One client: batch after batch of entries of 256 bytes.
fn run(log: &PgLog, client: u32, batch: u64) -> Vec<Duration> {
    let started = Instant::now();
    let mut times = Vec::new();
    for call in 0_u64.. {
        if started.elapsed() > ROW {
            break;
        }
        let entry = |number: u64| {
            let name = format!("{client}.{batch}.{call}.{number} {started:?}");
            name.bytes().cycle().take(256).collect()
        };
        let entries = (0..batch).map(entry).collect();
        let before = Instant::now();
        assert!(log.append(entries).iter().all(Result::is_ok), "the log does not append");
        times.push(before.elapsed());
    }
    times
}

fn per_second(count: u64, time: Duration) -> f64 {
    let count = u32::try_from(count).map_or(f64::INFINITY, f64::from);
    count / time.as_secs_f64()
}
