//! Against `curve25519-dalek` and RFC 9496. Without the instructions nothing is tested but that they are not there.
#![expect(clippy::unwrap_used, reason = "tests")]

mod decoding;
mod sums;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use sinpyo_core::key::Entropy as _;
use sinpyo_lanes::{Lanes, Point, Totals};
use sinpyo_testkit::TestEntropy;

/// What is tested, if it is there.
fn lanes() -> Option<Lanes> {
    let lanes = Lanes::detect();
    if lanes.is_none() {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
    }
    lanes
}

/// What is drawn from a seed.
struct Random(TestEntropy);

impl Random {
    const fn new(seed: u64) -> Self {
        Self(TestEntropy::new(seed))
    }

    fn next(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    fn bytes<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        self.0.fill(&mut bytes);
        bytes
    }

    fn scalar(&mut self) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.bytes())
    }

    fn point(&mut self) -> RistrettoPoint {
        RistrettoPoint::from_uniform_bytes(&self.bytes())
    }
}

fn decoded(lanes: Lanes, points: &[RistrettoPoint]) -> Vec<Point> {
    let encodings: Vec<_> = points.iter().map(|point| point.compress().to_bytes()).collect();
    lanes.decode_public(&encodings).into_iter().map(Option::unwrap).collect()
}

/// The encodings of single points.
fn encoded(lanes: Lanes, points: &[&Point]) -> Vec<[u8; 32]> {
    let mut totals = Totals::zero(points.len());
    lanes.add_public(&mut totals, points);
    lanes.encode_public(&totals)
}

fn by_dalek(encoding: &[u8; 32]) -> Option<RistrettoPoint> {
    CompressedRistretto(*encoding).decompress()
}

fn from_hex(text: &str) -> [u8; 32] {
    sinpyo_testkit::from_hex(text).try_into().unwrap()
}

/// A test on this machine says something.
#[test]
fn what_the_processor_says_is_taken() {
    let Ok(flags) = std::fs::read_to_string("/proc/cpuinfo") else {
        return eprintln!("skipped: no other word of what the processor has");
    };
    let has = |flag: &str| flags.split_ascii_whitespace().any(|word| word == flag);
    let all = ["avx512f", "avx512dq", "avx512vl", "avx512ifma"].into_iter().all(has);
    assert_eq!(Lanes::detect().is_some(), all && cfg!(target_arch = "x86_64"));
}
