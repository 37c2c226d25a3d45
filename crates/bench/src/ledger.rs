//! The ledger on a disk, by the wall clock.
//!
//! Each row's baseline runs in the same run on the same file system. The gas of a checkpoint is measured, and held to its
//! limit, where a chain is at hand: `cargo xtask interop evm`.

mod append;
mod bulk;
mod folder;
mod large;
mod postgres;
mod resolve;

pub(crate) use large::append_until_killed;

use crate::{os::OsEntropy, row::Report, scale::Scale};
use folder::Folder;
use sinpyo_core::key::Entropy as _;
use std::{collections::HashSet, path::Path};

/// Measures the rows of the group in a folder made for the run below `parent`.
pub(crate) fn measure(report: &mut Report, parent: &Path, scale: Scale) {
    let folder = match Folder::create(parent) {
        Ok(folder) => folder,
        Err(error) => return report.fail("ledger", &error),
    };
    report.measure("append 64 clients", |name| append::many(name, &folder));
    report.measure("append 1 client", |name| append::one(name, &folder));
    resolve::measure(report, &folder, scale);
    bulk::measure(report, &folder, scale);
    large::measure(report, &folder, scale);
    postgres::measure(report, &folder, scale);
}

/// An opaque entry of 256 bytes that occurs once for each `client` and `number`.
fn entry(client: u64, number: u64) -> Vec<u8> {
    [&[0x5a; 240][..], &client.to_be_bytes(), &number.to_be_bytes()].concat()
}

/// `count` different numbers below `limit`, in random order.
fn sample(count: usize, limit: u64) -> Vec<u64> {
    let (mut seen, mut numbers) = (HashSet::new(), Vec::with_capacity(count));
    while numbers.len() < count {
        let mut bytes = [0; 8];
        OsEntropy.fill(&mut bytes);
        let number = u64::from_be_bytes(bytes) % limit;
        if seen.insert(number) {
            numbers.push(number);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_256_bytes_and_differ() {
        assert_eq!(entry(1, 2).len(), 256);
        assert_ne!(entry(1, 2), entry(2, 1));
    }

    #[test]
    fn a_sample_has_no_number_twice() {
        let mut numbers = sample(100, 100);
        numbers.sort_unstable();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }
}
