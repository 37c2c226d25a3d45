//! A log filled in large batches.

use super::{Folder, Scale, entry};
use crate::{
    clock::{ROUNDS, median, timed},
    os::WallClock,
    row::{Figures, Report, Row},
};
use anyhow::Context as _;
use sinpyo_registry::engine::{LogEngine as _, Opaque};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::merkle::Hash;
use std::{hint::black_box, path::PathBuf, time::Duration};

const BATCH: u64 = 10_000;
/// What an entry of 256 bytes takes on the disk, with room for the write-ahead log.
const BYTES_A_LEAF: u64 = 350;

/// The log that the rows on large logs use after this one.
pub(super) fn path(folder: &Folder) -> PathBuf {
    folder.file("large.sqlite")
}

/// Measures the rows `append in bulk` and `append in bulk, last tenth`.
pub(super) fn measure(report: &mut Report, folder: &Folder, scale: Scale) {
    const NAMES: [&str; 2] = ["append in bulk", "append in bulk, last tenth"];
    eprintln!("{}", NAMES.join("; "));
    match fill(folder, scale.leaves()) {
        Err(error) => NAMES.into_iter().for_each(|name| report.fail(name, &error)),
        Ok((all, last)) => {
            let row = |name, leaves, figures| Row {
                name,
                figures,
                unit: "/s",
                baseline_name: "SHA-256 of leaf and node, one core",
                inputs: leaves,
                file_system: Some(folder.file_system().to_owned()),
                target: None,
            };
            let reached = |figures: Figures| figures.value >= 200_000.0 && figures.ratio() >= 0.08;
            let leaves = usize::try_from(scale.leaves()).unwrap_or(usize::MAX);
            report.add(row(NAMES[0], leaves, all).with_target("200000/s and 0.08 of the bound", reached));
            report.add(row(NAMES[1], leaves / 10, last));
        }
    }
}

/// The rate over all of it and over its last tenth. The entries are made outside the measured time.
fn fill(folder: &Folder, leaves: u64) -> anyhow::Result<(Figures, Figures)> {
    folder.ensure_room(leaves * BYTES_A_LEAF)?;
    let log = SqliteLog::open(&path(folder), Opaque, WallClock)?;
    let (mut all, mut last) = (Duration::ZERO, Duration::ZERO);
    let mut bounds = vec![hash_bound()?];
    for first in (0..leaves).step_by(usize::try_from(BATCH)?) {
        let batch: Vec<_> =
            (first..leaves.min(first + BATCH)).map(|number| entry(u64::MAX, number)).collect();
        let (answers, time) = timed(|| Ok(log.append(batch)))?;
        answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        all += time;
        if first >= leaves / 10 * 9 {
            last += time;
        }
        if bounds.len() < ROUNDS && first % (leaves / 5) == 0 {
            bounds.push(hash_bound()?);
        }
    }
    let baseline = median(bounds)?;
    let rate = |leaves: u64, time: Duration| {
        let leaves = u32::try_from(leaves).context("too many leaves")?;
        anyhow::Ok(Figures { value: f64::from(leaves) / time.as_secs_f64(), baseline })
    };
    Ok((rate(leaves, all)?, rate(leaves / 10, last)?))
}

/// Leaves per second, if nothing but hashing were to be done.
fn hash_bound() -> anyhow::Result<f64> {
    const LEAVES: u32 = 100_000;
    let leaf = entry(0, 0);
    let work =
        || (0..LEAVES).fold(Hash::of_empty_tree(), |node, _| Hash::node(node, Hash::leaf(black_box(&leaf))));
    let (_, time) = timed(|| Ok(black_box(work())))?;
    Ok(f64::from(LEAVES) / time.as_secs_f64())
}
