//! ristretto255 [RFC 9496] eight points at once, in the vector registers of processors that have the instructions
//! `IFMA` of AVX-512: decoding many encodings, and adding up many points, with scalars or without.
//!
//! What it promises: [`Lanes`] exists only where the processor has the instructions; what is decoded, and what is
//! not, is what the RFC says; sums have no exceptional cases; results leave as canonical encodings.
//!
//! What it refuses to do: anything with secrets. **The time of everything here depends on its operands.** There is
//! no arithmetic of scalars, no single multiplication, and nothing for other processors: callers have another
//! implementation anyway.
//!
//! All unsafe code of the crate is the step from "detected" to functions compiled for the instructions (here), and
//! two conversions between arrays and registers (`x86/vector.rs`).
//!
//! ```
//! use sinpyo_lanes::Lanes;
//!
//! // Another implementation does it elsewhere.
//! let Some(lanes) = Lanes::detect() else { return };
//! let base = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
//! let mut encoding = [0; 32];
//! for (byte, digits) in encoding.iter_mut().zip(base.as_bytes().chunks(2)) {
//!     *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
//! }
//! let decoded = lanes.decode_public(&[encoding, [0xFF; 32]]);
//! assert!(decoded[1].is_none());
//! let point = decoded[0].as_ref().unwrap();
//! assert_eq!(lanes.public_sum_of_products(&[[3, 0, 0, 0], [2, 0, 0, 0]], &[point, point]), {
//!     lanes.public_sum_of_products(&[[5, 0, 0, 0]], &[point])
//! });
//! ```
#![deny(unsafe_code)]
#![cfg_attr(
    not(target_arch = "x86_64"),
    expect(unused_variables, dead_code, reason = "where nothing is detected, nothing is computed")
)]

#[cfg(target_arch = "x86_64")]
mod x86;

/// That the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Lanes(Detected);

#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
struct Detected;

/// Nothing is detected on another processor.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Clone, Copy, Debug)]
enum Detected {}

/// A point that was decoded, prepared for being added: the five limbs of y + x, of y - x and of 2d·x·y, each below
/// 2^51 + 2^15, and a word that nobody reads.
#[derive(Clone, Copy, Debug)]
pub struct Point([[u64; 8]; 2]);

impl Point {
    /// The neutral element.
    const NEUTRAL: Self = Self([[1, 0, 0, 0, 0, 1, 0, 0], [0; 8]]);
}

/// A sum: the five limbs of X, Y, Z and T, x = X/Z, y = Y/Z, x·y = T/Z, each below 2^51 + 2^15, and four words that
/// nobody reads.
#[derive(Clone, Copy, Debug)]
struct Row([[u64; 8]; 3]);

impl Row {
    /// The neutral element.
    const NEUTRAL: Self = Self([[0, 0, 0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0], [0; 8]]);
}

/// Sums to which points are added one after the other.
#[derive(Clone, Debug)]
pub struct Totals(Vec<Row>);

impl Totals {
    /// As many sums of nothing.
    pub fn zero(columns: usize) -> Self {
        Self(vec![Row::NEUTRAL; columns])
    }

    /// How many sums.
    pub const fn columns(&self) -> usize {
        self.0.len()
    }
}

impl Lanes {
    /// Asks the processor.
    pub fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            x86::detected().then_some(Self(Detected))
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            None
        }
    }

    /// The points that `encodings` stand for, `None` for what is not the encoding of one [RFC 9496 §4.3.1]. For public
    /// values only.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls what was compiled for what was detected")
    )]
    pub fn decode_public(self, encodings: &[[u8; 32]]) -> Vec<Option<Point>> {
        match self.0 {
            // SAFETY: the processor has the features that the function needs: `Detected` is made by `detect` only.
            #[cfg(target_arch = "x86_64")]
            Detected => unsafe { x86::decode(encodings) },
        }
    }

    /// The encoding of `Σ scalar · point`; the scalars are integers of 256 bits, the lowest limb first, and need not be
    /// reduced. What is beyond the shorter list is left out. For public values only.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls what was compiled for what was detected")
    )]
    pub fn public_sum_of_products(self, scalars: &[[u64; 4]], points: &[&Point]) -> [u8; 32] {
        let pairs = scalars.len().min(points.len());
        let (scalars, points) = (scalars.get(..pairs).unwrap_or(&[]), points.get(..pairs).unwrap_or(&[]));
        match self.0 {
            // SAFETY: the processor has the features that the function needs: `Detected` is made by `detect` only.
            #[cfg(target_arch = "x86_64")]
            Detected => unsafe { x86::sum_of_products(scalars, points) },
        }
    }

    /// Adds the first point to the first sum and so on, as far as there are both. For public values only.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls what was compiled for what was detected")
    )]
    pub fn add_public(self, totals: &mut Totals, points: &[&Point]) {
        match self.0 {
            // SAFETY: the processor has the features that the function needs: `Detected` is made by `detect` only.
            #[cfg(target_arch = "x86_64")]
            Detected => unsafe { x86::add(&mut totals.0, points) },
        }
    }

    /// Adds the first of the other sums to the first and so on, as far as there are both. For public values only.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls what was compiled for what was detected")
    )]
    pub fn merge_public(self, totals: &mut Totals, others: &Totals) {
        match self.0 {
            // SAFETY: the processor has the features that the function needs: `Detected` is made by `detect` only.
            #[cfg(target_arch = "x86_64")]
            Detected => unsafe { x86::merge(&mut totals.0, &others.0) },
        }
    }

    /// The encodings of the sums.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls what was compiled for what was detected")
    )]
    pub fn encode_public(self, totals: &Totals) -> Vec<[u8; 32]> {
        match self.0 {
            // SAFETY: the processor has the features that the function needs: `Detected` is made by `detect` only.
            #[cfg(target_arch = "x86_64")]
            Detected => unsafe { x86::encodings(&totals.0) },
        }
    }
}
