//! How fast logs in PostgreSQL take entries, in batches of 1, 100 and 10,000, and how fast services spend codes for
//! tokens: one server and three.
//!
//! `cargo run --release -p sinpyo-postgres --features cluster --example cluster_rates`

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement: it has a clock, and stops at the first surprise"
)]

use sinpyo_core::time::Timestamp;
use sinpyo_postgres::{
    Mode, PgLog, PgOptions, PgState,
    cluster::{Cluster, Programs},
};
use sinpyo_registry::engine::{LogEngine, Opaque};
use sinpyo_state::{Change, Key, Space, State, Version};
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
    println!("servers  clients  batch  changes/s  commits/s  p50 ms  p99 ms");
    for (mode, standbys) in [(Mode::Single, 0), (Mode::HighlyAvailable, 2)] {
        let cluster = Cluster::start(&programs, standbys)?;
        let state = PgState::connect(&cluster.url(), &PgOptions::new(mode))?;
        for clients in [1, 16, 64] {
            measure(standbys + 1, clients, 2, |client| spend(&state, &format!("{clients}/{client}")));
        }
        let log = PgLog::open(&cluster.url(), &PgOptions::new(mode), Opaque, clock)?;
        for (clients, batch) in [(1, 1), (64, 1), (1, 100), (4, 100), (1, 10_000)] {
            measure(standbys + 1, clients, batch, |client| run(&log, client, batch));
        }
        let started = Instant::now();
        let size = log.verify()?.size;
        println!("verify: {size} entries, {:.0}/s", per_second(size, started.elapsed()));
    }
    Ok(())
}

fn measure(servers: usize, clients: u32, batch: u64, client: impl Fn(u32) -> Vec<Duration> + Sync) {
    let started = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let running: Vec<_> = (0..clients)
            .map(|number| {
                scope.spawn({
                    let client = &client;
                    move || client(number)
                })
            })
            .collect();
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

/// One client: code after code is made, and spent for a token. A time is that of both.
fn spend(state: &PgState, client: &str) -> Vec<Duration> {
    const CODE: Space = Space::new("rates.code");
    const TOKEN: Space = Space::new("rates.token");
    let (started, data, mut times) = (Instant::now(), [7; 256], Vec::new());
    while started.elapsed() < ROW {
        let name = format!("{client}/{}", times.len());
        let (code, token) = (Key::secret(CODE, name.as_bytes()), Key::secret(TOKEN, name.as_bytes()));
        let before = Instant::now();
        let made = state.commit(&[Change::insert(&code, &data, None)]);
        let list = [Change::remove(&code, Version(1)), Change::insert(&token, &data, None)];
        let spent = made.and_then(|()| state.commit(&list));
        assert!(spent.is_ok(), "{:?}", state.failure());
        times.push(before.elapsed());
    }
    times
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
