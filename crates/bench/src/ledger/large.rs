//! The large log after it was filled: proofs, and opening it after its writer was killed.

use super::{Folder, Scale, bulk, entry, sample};
use crate::{
    clock::{ROUNDS, median, microseconds, percentile, timed},
    os::WallClock,
    row::{Figures, Report, Row},
};
use anyhow::{Context as _, ensure};
use rusqlite::{Connection, config::DbConfig};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{LogEngine, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::{
    merkle::{Hash, TreeHead, prove_consistency, prove_inclusion},
    tile::TileNodes,
};
use std::{
    hint::black_box,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Writers at the moment of the kill.
const CLIENTS: u64 = 8;
/// How long they write before it.
const BEFORE_KILL: Duration = Duration::from_millis(300);
/// Entries that the writers append, and that have state, before the first kill.
const STATE: u64 = 50_000;

/// Measures the rows on the log that `bulk` filled.
pub(super) fn measure(report: &mut Report, folder: &Folder, scale: Scale) {
    inclusion(report, folder, scale);
    report.measure("consistency proof", |name| consistency(name, folder));
    report.measure("reopen after kill", |name| reopen(name, folder, scale));
}

fn row(name: &'static str, folder: &Folder, inputs: usize, figures: Figures) -> Row {
    Row {
        name,
        figures,
        unit: "us",
        baseline_name: "24 SHA-256 node hashes",
        inputs,
        file_system: Some(folder.file_system().to_owned()),
        target: None,
    }
}

/// A state: under the index of each entry its hash.
struct Hashes;

impl Sequencing for Hashes {
    fn sequence(&self, state: &dyn StateView, at: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        Ok(NewEntry { entry: submission.to_vec(), writes: self.replay(state, at.index, submission)? })
    }

    fn replay(&self, _: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        let write = StateWrite { key: index.to_be_bytes().into(), value: Some(sha256(entry).into()) };
        Ok(vec![write])
    }
}

/// What the killed process does: fills the log, says so, and appends from several threads without end.
///
/// # Errors
/// The log failed.
pub(crate) fn append_until_killed(path: &Path) -> anyhow::Result<()> {
    let log = &SqliteLog::open(path, Hashes, WallClock)?;
    let from = log.head()?.size;
    if log.state()?.get(&(from - 1).to_be_bytes())?.is_none() {
        let batch = (0..STATE).map(|number| entry(CLIENTS, number));
        log.append(batch.collect()).into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    println!("ready");
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                // Numbers that no earlier process used.
                for number in from.. {
                    if log.append(vec![entry(client, number)]).iter().any(Result::is_err) {
                        return;
                    }
                }
            });
        }
    });
    Ok(())
}

fn write_and_kill(path: &Path) -> anyhow::Result<()> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(crate::APPEND_UNTIL_KILLED)
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line);
    thread::sleep(BEFORE_KILL);
    child.kill()?; // SIGKILL
    child.wait()?;
    read?;
    ensure!(line == "ready\n", "the writing process did not get ready");
    Ok(())
}

/// The row `reopen after kill`: until head and state can be read.
fn reopen(name: &'static str, folder: &Folder, scale: Scale) -> anyhow::Result<Row> {
    let path = bulk::path(folder);
    let (mut values, mut baselines, mut size) = (Vec::new(), Vec::new(), scale.leaves());
    for _ in 0..ROUNDS {
        write_and_kill(&path)?;
        baselines.push(milliseconds(timed(|| open_with_sqlite(&path))?.1));
        let (log, (head, hash), time) = open(&path)?;
        values.push(milliseconds(time));
        ensure!(head.size > size, "what was acknowledged is not there");
        let last = log.entries(head.size - 1..head.size)?.pop().context("no last entry")?;
        ensure!(hash == sha256(&last), "the state is not that of the last entry");
        size = head.size;
    }
    let row = Row {
        unit: "ms",
        baseline_name: "SQLite opens the same file after the same kill and reads a row",
        ..row(
            name,
            folder,
            usize::try_from(size)?,
            Figures { value: median(values)?, baseline: median(baselines)? },
        )
    };
    Ok(row.with_target("100 ms", |figures| figures.value <= 100.0))
}

fn milliseconds(time: Duration) -> f64 {
    microseconds(time) / 1e3
}

type Last = (TreeHead, Vec<u8>);

/// Opens the log and reads its head and the state of its last entry.
fn open(path: &Path) -> anyhow::Result<(SqliteLog, Last, Duration)> {
    let (log, opening) = timed(|| Ok(SqliteLog::open(path, Hashes, WallClock)?))?;
    let (last, reading) = timed(|| {
        let head = log.head()?;
        let hash = log.state()?.get(&(head.size - 1).to_be_bytes())?.context("no state")?;
        Ok((head, hash))
    })?;
    Ok((log, last, opening + reading))
}

/// Recovers from the write-ahead log as whoever opens the file first must, and leaves it for the next to do again.
fn open_with_sqlite(path: &Path) -> anyhow::Result<()> {
    let db = Connection::open(path)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    ensure!(tables > 0, "no tables");
    Ok(())
}

/// Places that are proven, all over the log.
const PLACES: usize = 20_000;

/// The rows of inclusion proofs: with an empty tile cache, and as in a service that runs.
fn inclusion(report: &mut Report, folder: &Folder, scale: Scale) {
    const NAMES: [&str; 3] = ["inclusion proof", "inclusion proof p99", "inclusion proof cold"];
    eprintln!("{}", NAMES.join("; "));
    match prove(folder, scale) {
        Err(error) => NAMES.into_iter().for_each(|name| report.fail(name, &error)),
        Ok(Proofs { cold, warm, baseline }) => {
            let all = [(warm.clone(), 50), (warm, 99), (cold, 50)];
            for (name, (times, percent)) in NAMES.into_iter().zip(all) {
                let value = percentile(times, percent).map_or(f64::NAN, microseconds);
                let row = row(name, folder, PLACES, Figures { value, baseline: microseconds(baseline) });
                report.add(match name {
                    "inclusion proof" => row.with_target("100 us", |figures| figures.value <= 100.0),
                    _ => row,
                });
            }
        }
    }
}

struct Proofs {
    cold: Vec<Duration>,
    warm: Vec<Duration>,
    baseline: Duration,
}

fn prove(folder: &Folder, scale: Scale) -> anyhow::Result<Proofs> {
    let log = SqliteLog::open(&bulk::path(folder), Hashes, WallClock)?;
    let (engine, head): (&dyn LogEngine, _) = (&log, log.head()?);
    ensure!(head.size >= scale.leaves(), "the log is too short");
    let mut baselines = Vec::new();
    let mut pass = |places: &[u64]| {
        let mut times = Vec::with_capacity(places.len());
        for index in places {
            baselines.push(timed(|| Ok(black_box(node_hashes(head.root))))?.1);
            let prove = || Ok(prove_inclusion(&TileNodes::new(engine, head.size), *index, head.size)?);
            let (path, time) = timed(prove)?;
            times.push(time);
            let entry = log.entries(*index..*index + 1)?.pop().context("no entry")?;
            let _ = head.verify_inclusion(Hash::leaf(&entry), *index, &path)?;
        }
        anyhow::Ok(times)
    };
    // Other places each time: what is warm is the upper part of the tree and what fits into the cache.
    let cold = pass(&sample(PLACES, head.size))?;
    let warm = pass(&sample(PLACES, head.size))?;
    Ok(Proofs { cold, warm, baseline: median(baselines)? })
}

/// The row `consistency proof`: from any size to the present one.
fn consistency(name: &'static str, folder: &Folder) -> anyhow::Result<Row> {
    const SIZES: usize = 2_000;
    let log = SqliteLog::open(&bulk::path(folder), Hashes, WallClock)?;
    let (engine, head): (&dyn LogEngine, _) = (&log, log.head()?);
    let nodes = || TileNodes::new(engine, head.size);
    let (mut values, mut baselines) = (Vec::new(), Vec::new());
    for size in sample(SIZES, head.size) {
        let older = TreeHead { size, root: sinpyo_tlog::merkle::root(&TileNodes::new(engine, size), size)? };
        baselines.push(timed(|| Ok(black_box(node_hashes(head.root))))?.1);
        let (path, time) = timed(|| Ok(prove_consistency(&nodes(), size, head.size)?))?;
        values.push(time);
        let _ = head.verify_consistency(older, &path)?;
    }
    let figures =
        Figures { value: microseconds(median(values)?), baseline: microseconds(median(baselines)?) };
    Ok(row(name, folder, SIZES, figures))
}

/// As many as a tree of ten million leaves is high.
fn node_hashes(start: Hash) -> Hash {
    (0..24).fold(start, |hash, _| Hash::node(hash, start))
}
