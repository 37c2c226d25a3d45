//! A log of a million entries, written by a process that is killed.

use super::{Folder, entry, sample};
use crate::{
    clock::{ROUNDS, median, microseconds, timed},
    os::WallClock,
    row::{Figures, Row},
};
use anyhow::{Context as _, ensure};
use rusqlite::{Connection, config::DbConfig};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{LogEngine, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::{
    merkle::{Hash, TreeHead, prove_inclusion},
    tile::TileNodes,
};
use std::{
    hint::black_box,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

const ENTRIES: u64 = 1_000_000;
const BATCH: u64 = 10_000;
/// Writers at the moment of the kill.
const CLIENTS: u64 = 8;
/// How long they write before it.
const BEFORE_KILL: Duration = Duration::from_millis(300);

fn path(folder: &Folder) -> PathBuf {
    folder.file("million.sqlite")
}

/// A state as large as the log: under the index of each entry its hash.
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
    for first in (from..ENTRIES).step_by(usize::try_from(BATCH)?) {
        let batch = first..ENTRIES.min(first + BATCH);
        let answers = log.append(batch.map(|number| entry(u64::MAX, number)).collect());
        answers.into_iter().collect::<Result<Vec<_>, _>>()?;
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

/// The row `reopen after kill 1M`: until head and state can be read.
pub(super) fn reopen(name: &'static str, folder: &Folder) -> anyhow::Result<Row> {
    let path = path(folder);
    let (mut values, mut baselines, mut size) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        write_and_kill(&path)?;
        baselines.push(milliseconds(timed(|| open_with_sqlite(&path))?.1));
        let (log, (head, hash), time) = open(&path)?;
        values.push(milliseconds(time));
        ensure!(head.size > ENTRIES.max(size), "what was acknowledged is not there");
        let last = log.entries(head.size - 1..head.size)?.pop().context("no last entry")?;
        ensure!(hash == sha256(&last), "the state is not that of the last entry");
        size = head.size;
    }
    Ok(Row {
        name,
        figures: Figures { value: median(values)?, baseline: median(baselines)? },
        unit: "ms",
        baseline_name: "SQLite opens the same file after the same kill and reads a row",
        inputs: usize::try_from(size)?,
        file_system: Some(folder.file_system().to_owned()),
    })
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

/// Places that are proven.
const PLACES: usize = 20_000;

/// The row `inclusion proof 1M`: p50, with the tiles in memory.
pub(super) fn inclusion(name: &'static str, folder: &Folder) -> anyhow::Result<Row> {
    let log = SqliteLog::open(&path(folder), Hashes, WallClock)?;
    let (engine, head): (&dyn LogEngine, _) = (&log, log.head()?);
    ensure!(head.size >= ENTRIES, "the log is too short");
    let places = sample(PLACES, head.size);
    let prove = |index| Ok(prove_inclusion(&TileNodes::new(engine, head.size), index, head.size)?);
    for index in &places {
        prove(*index)?;
    }
    let (mut values, mut baselines) = (Vec::new(), Vec::new());
    for index in &places {
        baselines.push(timed(|| Ok(black_box(twenty_nodes(head.root))))?.1);
        let (path, time) = timed(|| prove(*index))?;
        values.push(time);
        let entry = log.entries(*index..*index + 1)?.pop().context("no entry")?;
        let _ = head.verify_inclusion(Hash::leaf(&entry), *index, &path)?;
    }
    Ok(Row {
        name,
        figures: Figures { value: microseconds(median(values)?), baseline: microseconds(median(baselines)?) },
        unit: "us",
        baseline_name: "20 SHA-256 node hashes",
        inputs: places.len(),
        file_system: Some(folder.file_system().to_owned()),
    })
}

fn twenty_nodes(start: Hash) -> Hash {
    (0..20).fold(start, |hash, _| Hash::node(hash, start))
}
