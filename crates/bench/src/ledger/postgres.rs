//! Three PostgreSQL servers on this machine, two of them standbys of which one must confirm each commit.

use super::{Folder, Scale, append::Syncing, entry};
use crate::{
    clock::{median, timed},
    os::WallClock,
    row::{Figures, Report, Row},
};
use anyhow::{Context as _, anyhow, bail, ensure};
use sinpyo_postgres::{
    Mode, PgLog, PgOptions,
    cluster::{Cluster, Programs},
};
use sinpyo_registry::engine::{LogEngine as _, Opaque};
use sinpyo_tlog::merkle::{Frontier, Hash};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

const BATCH: u64 = 100;
const NAMES: [&str; 3] = ["postgres batches of 100", "postgres failover", "postgres lost in failover"];

/// Measures the rows, where PostgreSQL is installed.
pub(super) fn measure(report: &mut Report, folder: &Folder, scale: Scale) {
    eprintln!("{}", NAMES.join("; "));
    let required = std::env::var_os("SINPYO_REQUIRE_ALL").is_some_and(|value| value == "1");
    match Programs::find() {
        None if required => NAMES.into_iter().for_each(|name| report.fail(name, &anyhow!("no PostgreSQL"))),
        None => eprintln!("skipped: no PostgreSQL"),
        Some(programs) => match rows(&programs, folder, scale) {
            Ok(rows) => rows.into_iter().for_each(|row| report.add(row)),
            Err(error) => NAMES.into_iter().for_each(|name| report.fail(name, &error)),
        },
    }
}

fn rows(programs: &Programs, folder: &Folder, scale: Scale) -> anyhow::Result<[Row; 3]> {
    let mut cluster = Cluster::start(programs, 2)?;
    let log = PgLog::open(&cluster.url(), &PgOptions::new(Mode::HighlyAvailable), Opaque, WallClock)?;
    let (figures, leaves) = rate(&log, folder, scale)?;
    let row = |name, unit, baseline_name, inputs, figures| Row {
        name,
        figures,
        unit,
        baseline_name,
        inputs,
        file_system: Some(folder.file_system().to_owned()),
        target: None,
    };
    let batches = row(NAMES[0], "/s", "100 for each write and fdatasync of 4 KiB", leaves, figures);
    let Failover { outage, lost, acknowledged } = fail_over(&mut cluster, &log)?;
    let limit = Figures { value: outage.as_secs_f64() * 1e3, baseline: 5_000.0 };
    let failover = row(NAMES[1], "ms", "the limit", 1, limit);
    let losses = Figures { value: f64::from(lost), baseline: f64::from(acknowledged) };
    let lost = row(NAMES[2], "", "acknowledged meanwhile", 1, losses);
    Ok([
        batches.with_target("15000/s", |figures| figures.value >= 15_000.0),
        failover.with_target("5000 ms", |figures| figures.value <= 5_000.0),
        lost.with_target("0", |figures| figures.value == 0.0),
    ])
}

fn batch(client: u64, number: u64) -> Vec<Vec<u8>> {
    (0..BATCH).map(|place| entry(client, number * BATCH + place)).collect()
}

/// One caller, batch after batch, in turns with the disk alone.
fn rate(log: &PgLog, folder: &Folder, scale: Scale) -> anyhow::Result<(Figures, usize)> {
    const BATCHES: u64 = 40;
    let turns = if scale == Scale::Full { 25 } else { 3 };
    let syncing = Syncing::create(&folder.file("plain-postgres"))?;
    let (mut values, mut baselines) = (Vec::new(), Vec::new());
    for turn in 0..turns {
        let sync = || (0..BATCHES).try_for_each(|number| syncing.write(turn * BATCHES + number));
        baselines.push(timed(sync)?.1);
        let append = || {
            (0..BATCHES).try_for_each(|number| {
                let answers = log.append(batch(1, turn * BATCHES + number));
                answers.into_iter().collect::<Result<Vec<_>, _>>().map(drop).map_err(anyhow::Error::from)
            })
        };
        values.push(timed(append)?.1);
    }
    let leaves = f64::from(u32::try_from(BATCHES * BATCH)?);
    let per_second = |time: Duration| leaves / time.as_secs_f64();
    let figures = Figures { value: per_second(median(values)?), baseline: per_second(median(baselines)?) };
    Ok((figures, usize::try_from(turns * BATCHES * BATCH)?))
}

struct Failover {
    /// From the kill to the next acknowledgement.
    outage: Duration,
    lost: u32,
    acknowledged: u32,
}

/// Kills the primary under load and promotes a standby. Everything acknowledged is then read back.
fn fail_over(cluster: &mut Cluster, log: &PgLog) -> anyhow::Result<Failover> {
    let (ending, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let (acknowledged, outage) = thread::scope(|scope| {
        let client = scope.spawn(|| client(log, &ending, &count));
        let outage = outage(cluster, &count);
        ending.store(true, Ordering::SeqCst);
        let acknowledged = client.join().map_err(|_| anyhow!("the client panicked"))??;
        anyhow::Ok((acknowledged, outage?))
    })?;
    let head = log.head()?;
    let (mut frontier, mut entries) = (Frontier::new(), Vec::new());
    for first in (0..head.size).step_by(10_000) {
        entries.extend(log.entries(first..head.size.min(first + 10_000))?);
    }
    for entry in &entries {
        frontier.append(Hash::leaf(entry));
    }
    ensure!(frontier.head() == head, "the entries do not lead to the root");
    let is_there = |(index, entry): &&(u64, Vec<u8>)| {
        usize::try_from(*index).ok().and_then(|index| entries.get(index)) == Some(entry)
    };
    let there = acknowledged.iter().filter(is_there).count();
    Ok(Failover {
        outage,
        lost: u32::try_from(acknowledged.len() - there)?,
        acknowledged: u32::try_from(acknowledged.len())?,
    })
}

fn outage(cluster: &mut Cluster, count: &AtomicU64) -> anyhow::Result<Duration> {
    thread::sleep(Duration::from_secs(1));
    let start = Instant::now();
    cluster.kill(cluster.primary())?;
    cluster.fail_over()?;
    // What was under way is done; the next one went to the new primary.
    let before = count.load(Ordering::SeqCst) + 1;
    while count.load(Ordering::SeqCst) <= before {
        if start.elapsed() > Duration::from_mins(1) {
            bail!("nothing was acknowledged for a minute after the primary was killed");
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(start.elapsed())
}

/// Appends until the end, each batch until it is acknowledged; what was acknowledged, and where.
fn client(log: &PgLog, ending: &AtomicBool, count: &AtomicU64) -> anyhow::Result<Vec<(u64, Vec<u8>)>> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let entries = batch(2, number);
        loop {
            if ending.load(Ordering::SeqCst) {
                return Ok(acknowledged);
            }
            let answers: Result<Vec<_>, _> = log.append(entries.clone()).into_iter().collect();
            if let Ok(appended) = answers {
                acknowledged.extend(appended.iter().map(|appended| appended.index).zip(entries));
                count.fetch_add(1, Ordering::SeqCst);
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
    Err(anyhow!("no more numbers")).context("the client")
}
