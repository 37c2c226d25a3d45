//! The array of statuses and its two packed forms.

use super::StatusSize;
use crate::encoding::{Base, EncodingError, from_base64url, from_multibase, to_base64url, to_multibase};
use flate2::{
    Compression,
    read::{GzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use std::{
    io::{Read, Write},
    num::NonZeroU8,
};

/// Which end of a byte holds the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitOrder {
    /// The least significant bits: Token Status List.
    LeastFirst,
    /// The most significant bits: Bitstring Status List.
    MostFirst,
}

/// A list holds at most this many bytes unpacked: 134 million one-bit entries. Larger populations use several lists.
pub const MAX_BYTES: usize = 16 << 20;

/// 2^20 entries, 1 % of them revoked at random: level 9 takes 15 ms, level 6 takes 4 ms and makes 8 % more bytes,
/// level 1 takes 0.5 ms and makes 70 % more.
const LEVEL: u32 = 6;

/// An array of statuses of 1, 2, 4 or 8 bits, or of any size up to 8 where the most significant bits come first.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    order: BitOrder,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of `entries` zeros (rounded up to whole bytes).
    ///
    /// # Errors
    /// An entry cannot have `bits` bits in this order, or the list would exceed [`MAX_BYTES`].
    pub fn new(bits: u8, order: BitOrder, entries: u64) -> Result<Self, StatusListError> {
        let size = usize::try_from(entries.saturating_mul(u64::from(bits)).div_ceil(8)).unwrap_or(usize::MAX);
        if size > MAX_BYTES {
            return Err(StatusListError::TooLong);
        }
        Self::from_bytes(bits, order, vec![0; size])
    }

    fn from_bytes(bits: u8, order: BitOrder, bytes: Vec<u8>) -> Result<Self, StatusListError> {
        match (order, bits) {
            (_, 1 | 2 | 4 | 8) | (BitOrder::MostFirst, 1..=8) => Ok(Self { bits, order, bytes }),
            _ => Err(StatusListError::Bits),
        }
    }

    /// Bits per entry.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.bytes.len() * 8 / usize::from(self.bits)
    }

    /// Whether it has no entries.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The entry at `index`.
    ///
    /// # Errors
    /// The list ends before `index`.
    pub fn get(&self, index: u64) -> Result<u8, StatusListError> {
        let (position, shift) = self.locate(index)?;
        let [value, _] = (self.window(position) >> shift).to_le_bytes();
        Ok(value & self.mask())
    }

    /// Sets the entry at `index`.
    ///
    /// # Errors
    /// The list ends before `index`, or `value` needs more bits than an entry has.
    pub fn set(&mut self, index: u64, value: u8) -> Result<(), StatusListError> {
        let mask = self.mask();
        if value & !mask != 0 {
            return Err(StatusListError::Value);
        }
        let (position, shift) = self.locate(index)?;
        let window = self.window(position) & !(u16::from(mask) << shift) | u16::from(value) << shift;
        let bytes = match self.order {
            BitOrder::LeastFirst => window.to_le_bytes(),
            BitOrder::MostFirst => window.to_be_bytes(),
        };
        for (byte, new) in self.bytes.iter_mut().skip(position).zip(bytes) {
            *byte = new;
        }
        Ok(())
    }

    const fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }

    /// The first byte of the entry at `index`, and how far its last bit lies from the end of the window there.
    fn locate(&self, index: u64) -> Result<(usize, u32), StatusListError> {
        let width = usize::from(self.bits);
        let index = usize::try_from(index).ok().filter(|index| *index < self.len());
        let first = index.ok_or(StatusListError::Range)? * width; // [STS-01]
        let skipped = u32::try_from(first % 8).unwrap_or_default();
        let shift = match self.order {
            BitOrder::LeastFirst => skipped,
            BitOrder::MostFirst => 16 - u32::from(self.bits) - skipped,
        };
        Ok((first / 8, shift))
    }

    /// The byte at `position` and the next, which the entry may reach into.
    fn window(&self, position: usize) -> u16 {
        let byte = |position: usize| self.bytes.get(position).copied().unwrap_or_default();
        let pair = [byte(position), byte(position + 1)];
        match self.order {
            BitOrder::LeastFirst => u16::from_le_bytes(pair),
            BitOrder::MostFirst => u16::from_be_bytes(pair),
        }
    }

    /// The Bitstring Status List in which those entries are set that have `value` in this Token Status List.
    ///
    /// # Errors
    /// This list has the other order, or its entries have no room for `value`.
    pub fn bitstring_of(&self, value: NonZeroU8) -> Result<Self, StatusListError> {
        if self.order != BitOrder::LeastFirst || value.get() & !self.mask() != 0 {
            return Err(StatusListError::Value);
        }
        let lanes = Lanes::new(u32::from(self.bits));
        let kept = 8 / usize::from(self.bits);
        let mut bytes = Vec::with_capacity(self.bytes.len() / usize::from(self.bits) + 8);
        for chunk in self.bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            let set = lanes.equal(u64::from_le_bytes(word), value.get()).to_le_bytes();
            bytes.extend(set.iter().take(kept).map(|byte| byte.reverse_bits()));
        }
        bytes.truncate(self.len().div_ceil(8));
        Self::from_bytes(1, BitOrder::MostFirst, bytes)
    }

    /// The list of a Token Status List in CBOR: ZLIB.
    pub fn to_zlib(&self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
        finish(encoder.write_all(&self.bytes).and_then(|()| encoder.finish()))
    }

    /// Reads the list of a Token Status List in CBOR.
    ///
    /// # Errors
    /// What is malformed; more than [`MAX_BYTES`] unpacked.
    pub fn from_zlib(bits: u8, packed: &[u8]) -> Result<Self, StatusListError> {
        Self::from_bytes(bits, BitOrder::LeastFirst, unpack(ZlibDecoder::new(packed))?)
    }

    /// The `lst` text of a Token Status List in JSON: ZLIB, base64url.
    pub fn to_lst(&self) -> String {
        to_base64url(&self.to_zlib())
    }

    /// Reads the `lst` text of a Token Status List.
    ///
    /// # Errors
    /// What is malformed; more than [`MAX_BYTES`] unpacked.
    pub fn from_lst(bits: u8, lst: &str) -> Result<Self, StatusListError> {
        Self::from_zlib(bits, &from_base64url(lst)?)
    }

    /// The `encodedList` text of a Bitstring Status List: GZIP, multibase base64url.
    pub fn to_encoded_list(&self) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
        to_multibase(Base::Base64Url, &finish(encoder.write_all(&self.bytes).and_then(|()| encoder.finish())))
    }

    /// Reads the `encodedList` text of a Bitstring Status List.
    ///
    /// Such a list does not say how long its entries are: `size` is [`StatusSize::of`] the entry to be read.
    ///
    /// # Errors
    /// What is malformed; more than [`MAX_BYTES`] unpacked.
    pub fn from_encoded_list(size: StatusSize, text: &str) -> Result<Self, StatusListError> {
        let packed = from_multibase(Base::Base64Url, text)?;
        Self::from_bytes(size.bits(), BitOrder::MostFirst, unpack(GzDecoder::new(packed.as_slice()))?)
    }
}

/// A word of 8, 16, 32 or 64 entries, looked at all at once.
struct Lanes {
    /// The lowest bit of every entry.
    lowest: u64,
    width: u32,
    /// Shift and mask of each step that brings the lowest bits together.
    gather: Vec<(u32, u64)>,
}

impl Lanes {
    fn new(width: u32) -> Self {
        // One bit in every `stride`, `group` bits wide; a stride of 64 has one group.
        let groups = |group: u32, stride: u32| {
            let ones = |bits: u32| u64::MAX >> (64 - bits);
            ones(group) * (u64::MAX / ones(stride))
        };
        let mut gather = Vec::new();
        let (mut group, mut stride) = (1, width);
        while group < stride && stride < 64 {
            gather.push((stride - group, groups(2 * group, 2 * stride)));
            (group, stride) = (2 * group, 2 * stride);
        }
        Self { lowest: groups(1, width), width, gather }
    }

    /// One bit for each entry of `word`, first entry lowest: whether it is `value`.
    fn equal(&self, word: u64, value: u8) -> u64 {
        let mut differs = word ^ (self.lowest * u64::from(value));
        let mut shift = 1;
        while shift < self.width {
            differs |= differs >> shift;
            shift *= 2;
        }
        self.gather.iter().fold(!differs & self.lowest, |bits, (shift, mask)| (bits | bits >> shift) & mask)
    }
}

#[expect(clippy::expect_used, reason = "writing to a Vec cannot fail")]
fn finish(packed: std::io::Result<Vec<u8>>) -> Vec<u8> {
    packed.expect("writing to a Vec")
}

/// Unpacks to at most [`MAX_BYTES`]; a bomb is refused, not truncated.
fn unpack(decoder: impl Read) -> Result<Vec<u8>, StatusListError> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    decoder.take(limit + 1).read_to_end(&mut bytes).map_err(|_| StatusListError::Compression)?;
    if bytes.len() > MAX_BYTES { Err(StatusListError::TooLong) } else { Ok(bytes) } // [STS-02]
}

impl std::fmt::Debug for StatusList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StatusList({} entries of {} bits)", self.len(), self.bits)
    }
}

/// Why a status list cannot be read or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    /// STS-01: the list ends before the index.
    #[error("the index lies beyond the status list")]
    Range,
    /// STS-02: unpacked, the list exceeds 16 MiB.
    #[error("the status list is longer than 16 MiB")]
    TooLong,
    /// STS-03: not ZLIB or GZIP data.
    #[error("the status list is not compressed as it must be")]
    Compression,
    /// STS-04: not base64url, or not multibase.
    #[error("the status list is not encoded as it must be")]
    Encoding(#[from] EncodingError),
    /// STS-05: entries of other than 1, 2, 4 or 8 bits.
    #[error("a status has 1, 2, 4 or 8 bits")]
    Bits,
    /// The value needs more bits than an entry has.
    #[error("the value does not fit the entries of this list")]
    Value,
}

impl StatusListError {
    /// The rule that was broken, as in `spec/checks/sts.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Range => "STS-01",
            Self::TooLong => "STS-02",
            Self::Compression => "STS-03",        // [STS-03]
            Self::Encoding(_) => "STS-04",        // [STS-04]
            Self::Bits | Self::Value => "STS-05", // [STS-05]
        }
    }
}

#[cfg(test)]
mod tests;
