//! Readings of the thread's CPU time and of the wall clock.

use crate::row::Figures;
use anyhow::Context as _;
use cpu_time::ThreadTime;
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// Passes over all inputs.
pub(crate) const ROUNDS: usize = 5;

/// Inputs per reading of CPU time: long enough that the reading (a system call) does not show.
const BATCH: usize = 25;

/// Measures `row` and `baseline` over inputs `0..inputs`, in microseconds of CPU time for one input.
///
/// They take turns batch by batch, so that both see the same machine. Of each round the median batch counts, of the
/// rounds the median.
///
/// # Errors
/// The first error of either.
pub(crate) fn measure_cpu(
    inputs: usize,
    mut row: impl FnMut(usize) -> anyhow::Result<()>,
    mut baseline: impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Figures> {
    let (mut values, mut baselines) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (mut of_row, mut of_baseline) = (Vec::new(), Vec::new());
        for first in (0..inputs).step_by(BATCH) {
            let batch = first..inputs.min(first + BATCH);
            of_baseline.push(reading(batch.clone(), &mut baseline)?);
            of_row.push(reading(batch, &mut row)?);
        }
        values.push(median(of_row)?);
        baselines.push(median(of_baseline)?);
    }
    Ok(Figures { value: microseconds(median(values)?), baseline: microseconds(median(baselines)?) })
}

/// CPU time per input of one batch.
fn reading(
    batch: Range<usize>,
    work: &mut impl FnMut(usize) -> anyhow::Result<()>,
) -> anyhow::Result<Duration> {
    let count = u32::try_from(batch.len())?;
    let start = ThreadTime::now();
    for input in batch {
        work(input)?;
    }
    Ok(start.elapsed() / count)
}

#[cfg_attr(not(feature = "everything"), expect(dead_code, reason = "for the other groups"))]
/// What `work` gives and how long it took by the wall clock, waiting included.
///
/// # Errors
/// That of `work`.
pub(crate) fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Duration)> {
    let start = Instant::now();
    let value = work()?;
    Ok((value, start.elapsed()))
}

/// The middle one.
///
/// # Errors
/// There is none.
pub(crate) fn median<T: Copy + PartialOrd>(readings: Vec<T>) -> anyhow::Result<T> {
    percentile(readings, 50)
}

/// The one that `percent` of a hundred are below.
///
/// # Errors
/// There is none.
pub(crate) fn percentile<T: Copy + PartialOrd>(mut readings: Vec<T>, percent: usize) -> anyhow::Result<T> {
    readings.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    readings.get(readings.len() * percent / 100).copied().context("nothing was measured")
}

pub(crate) fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_is_measured_in_every_round_and_errors_stop() {
        let (mut rows, mut baselines) = (vec![0; 60], vec![0; 60]);
        let count = |counts: &mut Vec<usize>, input: usize| {
            counts[input] += 1;
            Ok(())
        };
        measure_cpu(60, |input| count(&mut rows, input), |input| count(&mut baselines, input)).unwrap();
        assert_eq!((rows, baselines), (vec![ROUNDS; 60], vec![ROUNDS; 60]));
        assert!(measure_cpu(1, |_| anyhow::bail!("no"), |_| Ok(())).is_err());
        assert!(measure_cpu(0, |_| Ok(()), |_| Ok(())).is_err());
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![9, 1, 5]).unwrap(), 5);
        assert_eq!(percentile((0..200).rev().collect(), 99).unwrap(), 198);
        assert!(percentile(Vec::<u8>::new(), 99).is_err());
    }
}
