//! Lists that unpack to a gigabyte: refused within a time and a memory that a verifier can spare.

use super::nation::peak_memory;
use crate::{
    clock::{microseconds, timed},
    row::{Figures, Row},
};
use anyhow::ensure;
use flate2::{Compress, Compression, FlushCompress};
use sinpyo_core::{
    encoding::{Base, to_multibase},
    status::{StatusList, StatusListError, StatusSize},
};
use std::time::Duration;

/// Longest that a hostile input may take, and most by which the process may grow [issue 3, "Bad input"].
const LIMIT: Duration = Duration::from_millis(250);
const MEMORY: f64 = 64.0;

/// A gigabyte of zeros in a Token Status List.
pub(super) fn zlib(name: &'static str) -> anyhow::Result<Row> {
    let packed = [&[0x78, 0xda][..], &zeros()?].concat();
    refused(name, || StatusList::from_zlib(1, &packed).err())
}

/// The same in a Bitstring Status List.
pub(super) fn gzip(name: &'static str) -> anyhow::Result<Row> {
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let text = to_multibase(Base::Base64Url, &[&header[..], &zeros()?].concat());
    refused(name, || StatusList::from_encoded_list(StatusSize::ONE, &text).err())
}

fn refused(name: &'static str, read: impl Fn() -> Option<StatusListError>) -> anyhow::Result<Row> {
    let before = peak_memory()?;
    let (refusal, time) = timed(|| Ok(read()))?;
    let grown = peak_memory()? - before;
    ensure!(refusal == Some(StatusListError::TooLong), "a bomb was read");
    ensure!(time <= LIMIT, "a bomb took {time:?}");
    ensure!(grown <= MEMORY, "a bomb took {grown} MiB");
    let figures = Figures { value: microseconds(time), baseline: microseconds(LIMIT) };
    Ok(Row::of_cpu_time(name, figures, "what a hostile input may take", 1))
}

/// DEFLATE of a gigabyte of zeros. A mebibyte that ends on a byte boundary can be repeated.
fn zeros() -> anyhow::Result<Vec<u8>> {
    let mut encoder = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    encoder.compress_vec(&vec![0; 1 << 20], &mut block, FlushCompress::Full)?;
    Ok(block.repeat(1 << 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bombs_are_refused_in_time_and_memory() {
        for bomb in [zlib, gzip] {
            bomb("bomb").unwrap();
        }
    }

    #[test]
    fn a_list_that_is_read_is_no_bomb() {
        let good = StatusList::new(1, sinpyo_core::status::BitOrder::LeastFirst, 8).unwrap().to_zlib();
        assert!(refused("good", || StatusList::from_zlib(1, &good).err()).is_err());
    }
}
