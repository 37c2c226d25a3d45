//! Tells quickly that a segment lacks a digest.

use std::fmt;

/// A Bloom filter in blocks of 64 bytes, so that a question costs one access to memory.
///
/// Each key sets one bit in each of the eight words of its block. With twelve bits a key about one question in a
/// hundred is answered wrongly with yes, never one with no.
pub(super) struct Filter(Box<[u8]>);

const BLOCK: usize = 64;
const BITS_PER_KEY: usize = 12;

/// Odd numbers that make eight independent bit positions out of one key.
const SALTS: [u64; 8] = [
    0x9e37_79b9_7f4a_7c15,
    0xc2b2_ae3d_27d4_eb4f,
    0x1656_67b1_9e37_79f9,
    0x85eb_ca77_c2b2_ae63,
    0x27d4_eb2f_1656_67c5,
    0xff51_afd7_ed55_8ccd,
    0xc4ce_b9fe_1a85_ec53,
    0x94d0_49bb_1331_11eb,
];

impl Filter {
    /// The filter of `keys`, of which there are `count`.
    pub(super) fn of(count: usize, keys: impl Iterator<Item = u64>) -> Self {
        let blocks = (count * BITS_PER_KEY).div_ceil(8 * BLOCK).max(1);
        let mut filter = Self(vec![0; blocks * BLOCK].into());
        for key in keys {
            let start = filter.block(key);
            for (place, bit) in bits(key) {
                if let Some(byte) = filter.0.get_mut(start + place) {
                    *byte |= bit;
                }
            }
        }
        filter
    }

    /// The filter that [`Filter::as_bytes`] gave; `None` if it is of no whole blocks.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty() && bytes.len().is_multiple_of(BLOCK)).then(|| Self(bytes.into()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether `key` may be among the keys.
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let start = self.block(key);
        let Some(block) = self.0.get(start..start + BLOCK) else { return true };
        bits(key).all(|(place, bit)| block.get(place).is_some_and(|byte| byte & bit != 0))
    }

    /// Where the block of `key` begins: the high bits of the key choose it.
    fn block(&self, key: u64) -> usize {
        let blocks = u128::try_from(self.0.len() / BLOCK).unwrap_or(1);
        usize::try_from((u128::from(key) * blocks) >> 64).unwrap_or(0) * BLOCK
    }
}

/// Byte within the block, and bit within the byte.
fn bits(key: u64) -> impl Iterator<Item = (usize, u8)> {
    (0..).zip(SALTS).map(move |(word, salt)| {
        let bit = key.wrapping_mul(salt) >> 58;
        (word * 8 + usize::try_from(bit >> 3).unwrap_or(0), 1 << (bit & 7))
    })
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `SplitMix64`: keys as random as digests.
    fn keys(seed: u64) -> impl Iterator<Item = u64> {
        (1..).map(move |n: u64| {
            let mut z = (seed << 32).wrapping_add(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
    }

    #[test]
    fn every_key_is_found_and_almost_no_other() {
        for count in [1, 1_000, 65_536] {
            let filter = Filter::of(count, keys(1).take(count));
            assert!(keys(1).take(count).all(|key| filter.may_hold(key)), "{count}");
            let again = Filter::from_bytes(filter.as_bytes()).unwrap();
            let wrong = keys(2).take(100_000).filter(|key| again.may_hold(*key)).count();
            assert!(wrong < 2_000, "{wrong} of 100,000 with {count} keys");
        }
        assert!(Filter::from_bytes(&[0; 63]).is_none() && Filter::from_bytes(&[]).is_none());
    }
}
