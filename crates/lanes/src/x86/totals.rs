//! Columns of points added up.

use super::curve::{Summands, Sums};
use super::encoding::encode;
use crate::{Point, Row};

/// Adds a point to each sum.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(crate) fn add(sums: &mut [Row], points: &[&Point]) {
    for (sums, points) in sums.chunks_mut(8).zip(points.chunks(8)) {
        let mut next = [&Point::NEUTRAL; 8];
        for (next, point) in next.iter_mut().zip(points) {
            *next = point;
        }
        replace(sums, gather(sums).add_signed(&Summands::gather(next), 0));
    }
}

/// Adds sums to sums.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(crate) fn merge(sums: &mut [Row], others: &[Row]) {
    for (sums, others) in sums.chunks_mut(8).zip(others.chunks(8)) {
        replace(sums, gather(sums).add(gather(others)));
    }
}

/// The encodings of the sums.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
pub(crate) fn encodings(sums: &[Row]) -> Vec<[u8; 32]> {
    sums.chunks(8).flat_map(|sums| encode(gather(sums)).into_iter().take(sums.len())).collect()
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn gather(rows: &[Row]) -> Sums {
    let mut eight = [&Row::NEUTRAL; 8];
    for (place, row) in eight.iter_mut().zip(rows) {
        *place = row;
    }
    Sums::gather(eight)
}

#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
fn replace(rows: &mut [Row], sums: Sums) {
    for (row, sum) in rows.iter_mut().zip(sums.rows()) {
        *row = sum;
    }
}
