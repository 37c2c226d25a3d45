//! Status entries and the lists they point into.
//!
//! Two formats exist; they differ in the order of bits within a byte, in compression and in text form:
//! Token Status List [draft-ietf-oauth-status-list] and Bitstring Status List [W3C VC Bitstring Status List 1.0].

use crate::encoding::{Base, EncodingError, from_base64url, from_multibase, to_base64url, to_multibase};
use flate2::{
    Compression,
    read::{GzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use std::io::{Read, Write};

/// Where a credential's status stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusEntry {
    /// An entry of a Token Status List.
    Token {
        /// The list (`uri`), equal to the `sub` of its token.
        list: String,
        /// Position in the list.
        index: u64,
    },
    /// An entry of a Bitstring Status List credential.
    Bitstring {
        /// The list (`statusListCredential`).
        list: String,
        /// Position in the list.
        index: u64,
        /// What a set bit means.
        purpose: StatusPurpose,
    },
}

impl StatusEntry {
    /// The list it points into.
    pub fn list(&self) -> &str {
        match self {
            Self::Token { list, .. } | Self::Bitstring { list, .. } => list,
        }
    }

    /// Its position in the list.
    pub const fn index(&self) -> u64 {
        match self {
            Self::Token { index, .. } | Self::Bitstring { index, .. } => *index,
        }
    }
}

/// What a Bitstring Status List says about its credentials [BSL §2.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusPurpose {
    /// For good.
    Revocation,
    /// Until it is lifted.
    Suspension,
    /// A newer credential can be had.
    Refresh,
    /// See the list's messages.
    Message,
}

impl StatusPurpose {
    const ALL: [Self; 4] = [Self::Revocation, Self::Suspension, Self::Refresh, Self::Message];

    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::Refresh => "refresh",
            Self::Message => "message",
        }
    }

    /// The purpose that `name` names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

/// What a status value means for a credential [Token Status List §7.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialStatus {
    /// 0x00
    Valid,
    /// 0x01: revoked, for good.
    Revoked,
    /// 0x02: suspended, until it is lifted.
    Suspended,
    /// 0x03 and 0x0C to 0x0F mean what the application says; all others are reserved. Neither is valid.
    Other(u8),
}

impl CredentialStatus {
    /// The meaning of a Token Status List value.
    pub const fn from_value(value: u8) -> Self {
        match value {
            0 => Self::Valid,
            1 => Self::Revoked,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }

    /// The Token Status List value.
    pub const fn value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
            Self::Other(value) => value,
        }
    }
}

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

/// An array of 1, 2, 4 or 8-bit statuses.
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
    /// `bits` is not 1, 2, 4 or 8, or the list would exceed [`MAX_BYTES`].
    pub fn new(bits: u8, order: BitOrder, entries: u64) -> Result<Self, StatusListError> {
        let size = usize::try_from(entries.saturating_mul(u64::from(bits)).div_ceil(8)).unwrap_or(usize::MAX);
        if size > MAX_BYTES {
            return Err(StatusListError::TooLong);
        }
        Self::from_bytes(bits, order, vec![0; size])
    }

    fn from_bytes(bits: u8, order: BitOrder, bytes: Vec<u8>) -> Result<Self, StatusListError> {
        if matches!(bits, 1 | 2 | 4 | 8) {
            Ok(Self { bits, order, bytes })
        } else {
            Err(StatusListError::Bits)
        }
    }

    /// Bits per entry.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// How many entries it has.
    pub const fn len(&self) -> usize {
        self.bytes.len() * 8 / width(self.bits)
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
        let byte = self.bytes.get(position).ok_or(StatusListError::Range)?;
        Ok(byte >> shift & self.mask())
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
        let byte = self.bytes.get_mut(position).ok_or(StatusListError::Range)?;
        *byte = *byte & !(mask << shift) | value << shift;
        Ok(())
    }

    const fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }

    /// Byte and shift of the entry at `index`.
    fn locate(&self, index: u64) -> Result<(usize, usize), StatusListError> {
        let index = usize::try_from(index).map_err(|_| StatusListError::Range)?; // [STS-01]
        let width = width(self.bits);
        let (position, slot) = (index / (8 / width), index % (8 / width) * width);
        let shift = match self.order {
            BitOrder::LeastFirst => slot,
            BitOrder::MostFirst => 8 - width - slot,
        };
        if position < self.bytes.len() { Ok((position, shift)) } else { Err(StatusListError::Range) }
    }

    /// The `lst` text of a Token Status List: ZLIB, base64url.
    pub fn to_lst(&self) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        to_base64url(&finish(encoder.write_all(&self.bytes).and_then(|()| encoder.finish())))
    }

    /// Reads the `lst` text of a Token Status List.
    ///
    /// # Errors
    /// What is malformed; more than [`MAX_BYTES`] unpacked.
    pub fn from_lst(bits: u8, lst: &str) -> Result<Self, StatusListError> {
        let packed = from_base64url(lst)?;
        Self::from_bytes(bits, BitOrder::LeastFirst, unpack(ZlibDecoder::new(packed.as_slice()))?)
    }

    /// The `encodedList` text of a Bitstring Status List: GZIP, multibase base64url.
    pub fn to_encoded_list(&self) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        to_multibase(Base::Base64Url, &finish(encoder.write_all(&self.bytes).and_then(|()| encoder.finish())))
    }

    /// Reads the `encodedList` text of a Bitstring Status List.
    ///
    /// # Errors
    /// What is malformed; more than [`MAX_BYTES`] unpacked.
    pub fn from_encoded_list(bits: u8, text: &str) -> Result<Self, StatusListError> {
        let packed = from_multibase(Base::Base64Url, text)?;
        Self::from_bytes(bits, BitOrder::MostFirst, unpack(GzDecoder::new(packed.as_slice()))?)
    }
}

const fn width(bits: u8) -> usize {
    // The constructor admits these four only.
    match bits {
        1 => 1,
        2 => 2,
        4 => 4,
        _ => 8,
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_token_status_list_draft() {
        // draft-ietf-oauth-status-list, "Compressed Byte Array": 1 bit {0xb9, 0xa3}, 2 bits {0xc9, 0x44, 0xf9}.
        let one = StatusList::from_lst(1, "eNrbuRgAAhcBXQ").unwrap();
        let set: Vec<_> = (0..16).map(|index| one.get(index).unwrap()).collect();
        assert_eq!(set, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
        let two = StatusList::from_lst(2, "eNo76fITAAPfAgc").unwrap();
        let values: Vec<_> = (0..12).map(|index| two.get(index).unwrap()).collect();
        assert_eq!(values, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
        assert_eq!(two.get(12), Err(StatusListError::Range));
    }

    #[test]
    fn the_two_formats_order_bits_differently() {
        let mut token = StatusList::new(1, BitOrder::LeastFirst, 16).unwrap();
        let mut bitstring = StatusList::new(1, BitOrder::MostFirst, 16).unwrap();
        token.set(0, 1).unwrap();
        bitstring.set(0, 1).unwrap();
        assert_eq!((token.bytes, bitstring.bytes), (vec![1, 0], vec![0x80, 0]));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; 1 << 20];
        for _ in 0..32 {
            encoder.write_all(&zeros).unwrap();
        }
        let bomb = to_base64url(&encoder.finish().unwrap());
        assert_eq!(StatusList::from_lst(1, &bomb), Err(StatusListError::TooLong));
    }

    #[test]
    fn malformed_lists_are_refused() {
        assert_eq!(StatusList::new(3, BitOrder::LeastFirst, 8), Err(StatusListError::Bits));
        assert_eq!(StatusList::new(8, BitOrder::LeastFirst, u64::MAX), Err(StatusListError::TooLong));
        assert_eq!(StatusList::from_lst(1, "AAAA"), Err(StatusListError::Compression));
        assert!(matches!(StatusList::from_lst(1, "=="), Err(StatusListError::Encoding(_))));
        assert!(matches!(StatusList::from_encoded_list(1, "zAA"), Err(StatusListError::Encoding(_))));
        let mut list = StatusList::new(2, BitOrder::LeastFirst, 4).unwrap();
        assert_eq!(list.set(0, 4), Err(StatusListError::Value));
        assert_eq!(list.set(4, 1), Err(StatusListError::Range));
    }

    proptest! {
        #[test]
        fn what_is_set_is_read_after_both_encodings(
            width in prop::sample::select(vec![1_u8, 2, 4, 8]),
            values in prop::collection::vec(any::<u8>(), 1..200),
        ) {
            for order in [BitOrder::LeastFirst, BitOrder::MostFirst] {
                let mut list = StatusList::new(width, order, 200).unwrap();
                for (index, value) in (0..).zip(&values) {
                    list.set(index, value & list.mask()).unwrap();
                }
                let again = match order {
                    BitOrder::LeastFirst => StatusList::from_lst(width, &list.to_lst()),
                    BitOrder::MostFirst => StatusList::from_encoded_list(width, &list.to_encoded_list()),
                };
                prop_assert_eq!(again.unwrap(), list.clone());
                for (index, value) in (0..).zip(&values) {
                    prop_assert_eq!(list.get(index).unwrap(), value & list.mask());
                }
            }
        }
    }
}
