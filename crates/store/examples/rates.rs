//! Measures the SQLite log on the disk of the folder given as the first argument.
//!
//! `cargo run --release -p sinpyo-store --example rates -- DIR [entries]`; with `entries` 0 it opens what is there.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use sinpyo_core::time::{Clock, Timestamp};
use sinpyo_registry::engine::{LogEngine, Opaque};
use sinpyo_store::{
    SqliteLog,
    events::{EventStore, SpendKey},
};
use sinpyo_tlog::{
    merkle::{Hash, prove_inclusion},
    tile::TileNodes,
};
use std::{
    error::Error,
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        i64::try_from(seconds)
            .ok()
            .and_then(Timestamp::from_unix)
            .unwrap_or(Timestamp::from_unix(0).expect("1970"))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: rates DIR [entries]")?;
    let size: u64 = arguments.next().as_deref().unwrap_or("1000000").parse()?;
    let path = Path::new(&folder).join("rates.sqlite");
    if size == 0 {
        return open(&path);
    }
    let redeemed = Path::new(&folder).join("events.sqlite");
    if !redeemed.exists() {
        redeem(&redeemed)?;
    }
    let log = SqliteLog::open(&path, Opaque, SystemClock)?;
    for clients in [1, 16, 64] {
        group_commit(&log, clients);
    }
    bulk(&log, size)?;
    group_commit(&log, 64);
    prove(&log)?;
    drop(log);
    open(&path)
}

fn open(path: &Path) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let log = SqliteLog::open(path, Opaque, SystemClock)?;
    println!("open at {} entries: {:?}", log.head()?.size, start.elapsed());
    Ok(())
}

/// Issues and redeems 10,000 records, each change durable before the next of the same client.
fn redeem(path: &Path) -> Result<(), Box<dyn Error>> {
    let store = EventStore::open(path)?;
    let at = |seconds| Timestamp::from_unix(seconds).expect("a year below 10,000");
    for clients in [1_u32, 16] {
        let start = Instant::now();
        thread::scope(|scope| {
            for client in 0..clients {
                let store = &store;
                scope.spawn(move || {
                    for number in 0..10_000 / clients {
                        let key = SpendKey::new("rates", format!("{clients}/{client}/{number}").as_bytes());
                        store.issue(key, b"what was asked for", at(100)).expect("a new key");
                        store.redeem(key, at(1)).expect("the first time");
                    }
                });
            }
        });
        let seconds = start.elapsed().as_secs_f64();
        println!("{clients:3} clients: {:8.0} records issued and redeemed/s", 10_000.0 / seconds);
    }
    Ok(())
}

/// 256 bytes that occur once.
fn entry(client: u64, number: u64) -> Vec<u8> {
    let mut entry = vec![0x5a; 240];
    entry.extend_from_slice(&client.to_be_bytes());
    entry.extend_from_slice(&number.to_be_bytes());
    entry
}

fn group_commit(log: &SqliteLog, clients: u64) {
    let start = Instant::now();
    let base = log.head().map_or(0, |head| head.size);
    let mut waits: Vec<Duration> = thread::scope(|scope| {
        let client = |client| {
            move || {
                let mut waits = Vec::new();
                while start.elapsed() < Duration::from_secs(4) {
                    let number = base << 24 | u64::try_from(waits.len()).unwrap_or(u64::MAX);
                    let begun = Instant::now();
                    let answers = log.append(vec![entry(client, number)]);
                    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
                    waits.push(begun.elapsed());
                }
                waits
            }
        };
        let threads: Vec<_> = (0..clients).map(|number| scope.spawn(client(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    waits.sort_unstable();
    let count = u32::try_from(waits.len()).unwrap_or(u32::MAX);
    println!(
        "{clients:3} clients: {:8.0}/s, p50 {:?}, p99 {:?}",
        f64::from(count) / seconds,
        quantile(&waits, 50),
        quantile(&waits, 99)
    );
}

fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

fn bulk(log: &SqliteLog, size: u64) -> Result<(), Box<dyn Error>> {
    let from = log.head()?.size;
    let start = Instant::now();
    for first in (from..size).step_by(10_000) {
        let batch = (first..size.min(first + 10_000)).map(|number| entry(u64::MAX, number));
        let answers = log.append(batch.collect());
        assert!(answers.iter().all(Result::is_ok), "an append failed");
    }
    let count = u32::try_from(size.saturating_sub(from))?;
    println!("bulk of 10,000: {:.0}/s", f64::from(count) / start.elapsed().as_secs_f64());
    Ok(())
}

fn prove(log: &SqliteLog) -> Result<(), Box<dyn Error>> {
    let engine: &dyn LogEngine = log;
    let head = log.head()?;
    for round in ["cold", "warm"] {
        let mut waits = Vec::new();
        let mut index = 0;
        for _ in 0..20_000 {
            index = (index + 7_919 * 127) % head.size;
            let begun = Instant::now();
            let path = prove_inclusion(&TileNodes::new(engine, head.size), index, head.size)?;
            waits.push(begun.elapsed());
            let entry = log.entries(index..index + 1)?;
            let leaf = entry.first().map(|entry| Hash::leaf(entry)).ok_or("no entry")?;
            let _ = head.verify_inclusion(leaf, index, &path)?;
        }
        waits.sort_unstable();
        println!(
            "inclusion proof at {}, {round}: p50 {:?}, p99 {:?}",
            head.size,
            quantile(&waits, 50),
            quantile(&waits, 99)
        );
    }
    Ok(())
}
