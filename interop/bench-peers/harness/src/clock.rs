//! CPU time of the calling thread.

use std::time::Duration;

use anyhow::Context as _;
use cpu_time::ThreadTime;

/// How often a row and its baseline are measured; they take turns, so that both see the same machine.
const ROUNDS: usize = 5;

/// Inputs per reading: long enough that reading the clock (a system call) does not show.
const BATCH: usize = 25;

/// The best of the rounds' medians, in microseconds for one input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) value: f64,
    pub(crate) baseline: f64,
}

/// Measures `row` and `baseline` over inputs `0..inputs`, in turns.
///
/// # Errors
///
/// The first error of either closure.
pub(crate) fn measure(
    inputs: usize,
    mut row: impl FnMut(usize) -> anyhow::Result<()>,
    mut baseline: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Measured> {
    let mut best = Measured { value: f64::INFINITY, baseline: f64::INFINITY };
    for _ in 0..ROUNDS {
        best.baseline = best.baseline.min(median(inputs, &mut baseline)?);
        best.value = best.value.min(median(inputs, &mut row)?);
    }
    Ok(best)
}

/// The median over the batches of one pass, in microseconds for one input.
fn median(inputs: usize, work: &mut impl FnMut(usize) -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut readings = Vec::with_capacity(inputs / BATCH);
    for first in (0..inputs).step_by(BATCH) {
        let batch = first..inputs.min(first + BATCH);
        let count = u32::try_from(batch.len())?;
        let start = ThreadTime::now();
        for input in batch {
            work(input)?;
        }
        readings.push(start.elapsed() / count);
    }
    readings.sort_unstable();
    let middle: Duration = *readings.get(readings.len() / 2).context("no inputs")?;
    Ok(middle.as_secs_f64() * 1e6)
}
