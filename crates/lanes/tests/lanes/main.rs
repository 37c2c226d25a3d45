//! Against `curve25519-dalek` and RFC 9496. Without the instructions nothing is tested but that they are not there.
#![expect(clippy::unwrap_used, reason = "tests")]

mod decoding;
mod sums;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use sinpyo_lanes::{Lanes, Point, Totals};

/// What is tested, if it is there.
fn lanes() -> Option<Lanes> {
    let lanes = Lanes::detect();
    if lanes.is_none() {
        eprintln!("skipped: this processor has no AVX-512 IFMA");
    }
    lanes
}

/// A sequence of numbers that look random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn bytes<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
        [(); LENGTH].map(|()| self.next().to_le_bytes()[0])
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
    let digit = |place: usize| u8::from_str_radix(&text[2 * place..2 * place + 2], 16).unwrap();
    std::array::from_fn(digit)
}

/// A test on this machine says something.
#[test]
fn what_the_processor_says_is_taken() {
    let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has = |flag: &str| flags.split_ascii_whitespace().any(|word| word == flag);
    if cfg!(target_arch = "x86_64") && !flags.is_empty() {
        let all = ["avx512f", "avx512dq", "avx512vl", "avx512ifma"].into_iter().all(has);
        assert_eq!(Lanes::detect().is_some(), all);
    }
}
