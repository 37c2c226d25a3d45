//! Measures the SQLite log, and the memory of services, on the disk of the folder given as the first argument.
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
use sinpyo_state::{Change, Key, Space, State, Version};
use sinpyo_store::{SqliteLog, SqliteState};
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
    let spent = Path::new(&folder).join("state.sqlite");
    if !spent.exists() {
        spend(&spent)?;
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

/// Spends codes as an authorization server does: one list makes a code, the next removes it and makes a token. Each is
/// durable before the next of the same client.
fn spend(path: &Path) -> Result<(), Box<dyn Error>> {
    const CODE: Space = Space::new("rates.code");
    const TOKEN: Space = Space::new("rates.token");
    let state = SqliteState::open(path)?;
    let expires = Timestamp::from_unix(4_000_000_000);
    let now = SystemClock.now();
    for clients in [1_u64, 16, 64] {
        let start = Instant::now();
        let client = |client: u64| {
            let state = &state;
            move || {
                let (mut commits, mut reads) = (Vec::new(), Vec::new());
                for number in 0..12_800 / clients {
                    let name = format!("{clients}/{client}/{number}");
                    let (code, token) =
                        (Key::secret(CODE, name.as_bytes()), Key::secret(TOKEN, name.as_bytes()));
                    let data = entry(client, number);
                    let begun = Instant::now();
                    state.commit(&[Change::insert(&code, &data, expires)]).expect("a new code");
                    commits.push(begun.elapsed());
                    let begun = Instant::now();
                    let found = state.get(&code, now).expect("the engine answers");
                    reads.push(begun.elapsed());
                    assert!(found.is_some_and(|record| record.data == data));
                    let begun = Instant::now();
                    let list = [Change::remove(&code, Version(1)), Change::insert(&token, &data, expires)];
                    state.commit(&list).expect("the first time");
                    commits.push(begun.elapsed());
                }
                (commits, reads)
            }
        };
        let (mut commits, mut reads) = (Vec::new(), Vec::new());
        thread::scope(|scope| {
            let threads: Vec<_> = (0..clients).map(|number| scope.spawn(client(number))).collect();
            for thread in threads {
                let (committed, read) = thread.join().unwrap_or_default();
                commits.extend(committed);
                reads.extend(read);
            }
        });
        let rate = f64::from(u32::try_from(commits.len())?) / start.elapsed().as_secs_f64();
        commits.sort_unstable();
        reads.sort_unstable();
        println!(
            "{clients:3} clients: {rate:8.0} commits/s, p50 {:?}, p99 {:?}; get p50 {:?}, p99 {:?}",
            quantile(&commits, 50),
            quantile(&commits, 99),
            quantile(&reads, 50),
            quantile(&reads, 99)
        );
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
