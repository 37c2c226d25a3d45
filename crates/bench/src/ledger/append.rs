//! Entries per second, each durable before its append returns.

use super::{Folder, entry};
use crate::{
    clock::median,
    os::WallClock,
    row::{Figures, Row},
};
use anyhow::{Context as _, anyhow, ensure};
use sinpyo_registry::engine::{LogEngine, Opaque};
use sinpyo_store::SqliteLog;
use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// How long one reading lasts, and how many there are. A disk that others use too is fast in one second and slow in
/// the next: in short turns row and baseline see the same disk.
const SPAN: Duration = Duration::from_millis(400);
const TURNS: u64 = 15;

/// The row `append 64 clients`.
pub(super) fn many(name: &'static str, folder: &Folder) -> anyhow::Result<Row> {
    let row = row(name, folder, CLIENTS)?;
    // A commit holds one entry of each client at most, so that there were at least so many commits.
    Ok(row.with_target("30000/s, or 0.25 commits for each sync", |figures| {
        figures.value >= 30_000.0 || figures.ratio() / f64::from(CLIENTS) >= 0.25
    }))
}

/// The row `append 1 client`.
pub(super) fn one(name: &'static str, folder: &Folder) -> anyhow::Result<Row> {
    row(name, folder, 1)
}

const CLIENTS: u32 = 64;

/// The row `name`: `clients` threads that each wait for their own entry, in turns with the baseline.
fn row(name: &'static str, folder: &Folder, clients: u32) -> anyhow::Result<Row> {
    let syncing = Syncing::create(&folder.file(&format!("plain-{clients}")))?;
    let log = SqliteLog::open(&folder.file(&format!("append-{clients}.sqlite")), Opaque, WallClock)?;
    let (mut values, mut baselines, mut written) = (Vec::new(), Vec::new(), 0);
    for turn in 0..TURNS {
        baselines.push(rate_of_one(turn, &mut |number| syncing.write(number))?);
        values.push(rate_of_clients(&log, u64::from(clients), turn)?);
        written = log.head()?.size;
    }
    Ok(Row {
        name,
        figures: Figures { value: median(values)?, baseline: median(baselines)? },
        unit: "/s",
        baseline_name: "write and fdatasync of 4 KiB",
        inputs: usize::try_from(written)?,
        file_system: Some(folder.file_system().to_owned()),
        target: None,
    })
}

fn rate_of_one(turn: u64, work: &mut dyn FnMut(u64) -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < SPAN {
        work(turn << 32 | u64::from(count))?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

fn rate_of_clients(log: &SqliteLog, clients: u64, turn: u64) -> anyhow::Result<f64> {
    let before = log.head()?.size;
    let start = Instant::now();
    thread::scope(|scope| {
        let client = |client: u64| {
            move || {
                let mut number = turn << 32;
                while start.elapsed() < SPAN {
                    append(log, entry(client, number))?;
                    number += 1;
                }
                anyhow::Ok(())
            }
        };
        let threads: Vec<_> = (0..clients).map(|number| scope.spawn(client(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(f64::from(u32::try_from(log.head()?.size - before)?) / seconds)
}

fn append(log: &SqliteLog, entry: Vec<u8>) -> anyhow::Result<()> {
    let appended = log.append(vec![entry]).pop().context("no answer")??;
    ensure!(!appended.repeated, "an entry occurred twice");
    Ok(())
}

/// A file of 16 MiB, written over again and again: no other way to be durable is faster.
pub(super) struct Syncing(File);

const BLOCK: usize = 4096;
const BLOCKS: u64 = 4096;

impl Syncing {
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create_new(path)?;
        for block in 0..BLOCKS {
            file.write_all_at(&[0; BLOCK], block << 12)?;
        }
        file.sync_all()?;
        Ok(Self(file))
    }

    pub(super) fn write(&self, number: u64) -> anyhow::Result<()> {
        let mut block = [0x5a; BLOCK];
        if let Some(first) = block.first_chunk_mut() {
            *first = number.to_be_bytes();
        }
        self.0.write_all_at(&block, (number % BLOCKS) << 12)?;
        Ok(self.0.sync_data()?)
    }
}
