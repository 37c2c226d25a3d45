//! `Σ scalar · point` by buckets [Bernstein, Doumen, Lange, Oosterwijk 2012, §4, "Pippenger"].
//!
//! For each window of the scalars, the points whose digit is ±b are added up in bucket b, eight buckets at once, each
//! in a lane of its own. Then, with one window in each lane, `Σ b · bucket[b]` is computed from the highest bucket
//! down, and the windows are put together by doubling.

use super::curve::{Summands, Sums};
use super::digits::{Digits, Run, Sorted};
use super::encoding::encode;
use crate::{Point, Row};

/// A point at the beginning of a cache line: it is read once for each window.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Aligned(Point);

/// `Σ scalar · point` for as many, encoded. The time depends on them.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(crate) fn sum_of_products(scalars: &[[u64; 4]], points: &[&Point]) -> [u8; 32] {
    let digits = Digits::new(scalars);
    // What lanes add that have nothing left to add comes first.
    let neutral = std::iter::once(Aligned(Point::NEUTRAL));
    let points: Vec<Aligned> = neutral.chain(points.iter().map(|point| Aligned(**point))).collect();
    let mut buckets = vec![Row::NEUTRAL; digits.buckets().saturating_mul(8)];
    let mut sorted = Sorted::new();
    let windows: Vec<&[i16]> = digits.windows().collect();
    let mut sums = Vec::with_capacity(windows.len().next_multiple_of(8));
    for eight in windows.chunks(8) {
        buckets.fill(Row::NEUTRAL);
        for (window, buckets) in eight.iter().zip(buckets.chunks_mut(digits.buckets())) {
            sorted.sort(window, digits.buckets());
            fill(&points, &sorted, buckets);
        }
        sums.extend(collect(&buckets, digits.buckets()).rows());
    }
    let mut total = Sums::neutral();
    for sum in sums.iter().rev() {
        for _ in 0..digits.width() {
            total = total.double();
        }
        total = total.add(Sums::gather([sum; 8]));
    }
    let [encoding, ..] = encode(total);
    encoding
}

/// Adds the terms of a window to its buckets.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn fill(points: &[Aligned], sorted: &Sorted, buckets: &mut [Row]) {
    for runs in sorted.runs.chunks(8) {
        let sums = add_runs(points, &sorted.terms, runs);
        for (run, sum) in runs.iter().zip(sums.rows()) {
            let Some(bucket) = buckets.get_mut(run.bucket) else { continue };
            *bucket = if run.whole {
                sum
            } else {
                let [both, ..] = Sums::gather([bucket; 8]).add(Sums::gather([&sum; 8])).rows();
                both
            };
        }
    }
}

/// The sums of up to eight runs of terms, the first of them the longest.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[expect(
    clippy::indexing_slicing,
    reason = "runs are within the terms, and those name points that there are"
)]
fn add_runs(points: &[Aligned], terms: &[u32], runs: &[Run]) -> Sums {
    let mut lanes: [&[u32]; 8] = [&[]; 8];
    for (lane, run) in lanes.iter_mut().zip(runs) {
        *lane = &terms[run.start..run.start + run.length];
    }
    let mut sums = Sums::neutral();
    for step in 0..runs.first().map_or(0, |run| run.length) {
        let mut next = [&points[0].0; 8];
        let mut negative = 0_u8;
        for (lane, (next, terms)) in next.iter_mut().zip(lanes).enumerate() {
            if let Some(term) = terms.get(step) {
                *next = &points[index(*term)].0;
                negative |= u8::from(term & 1 == 1) << lane;
            }
        }
        sums = sums.add_signed(&Summands::gather(next), negative);
    }
    sums
}

/// Where the point of a term stands.
fn index(term: u32) -> usize {
    usize::try_from(term >> 1).map_or(usize::MAX, |number| number + 1)
}

/// `Σ b · bucket[b]` of eight windows, each in its lane.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
#[expect(clippy::indexing_slicing, reason = "there are eight times as many rows as buckets of a window")]
fn collect(buckets: &[Row], count: usize) -> Sums {
    let (mut above, mut total) = (Sums::neutral(), Sums::neutral());
    for bucket in (0..count).rev() {
        let mut rows = [&buckets[bucket]; 8];
        for (window, row) in rows.iter_mut().enumerate() {
            *row = &buckets[window * count + bucket];
        }
        above = above.add(Sums::gather(rows));
        total = total.add(above);
    }
    total
}
