//! Numbers that look random and are the same everywhere: `SplitMix64`.

/// A generator with its own seed for each purpose, so that a change in one table leaves the others alone.
pub(super) struct Random(u64);

impl Random {
    /// The generator of this name.
    pub(super) fn named(name: &str) -> Self {
        // FNV-1a, to turn the name into a seed.
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        // The upper half of a 32 by 32 bit product.
        let high = self.next() >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).unwrap_or(0)
    }

    /// True `share` times in a thousand.
    pub(super) fn in_thousand(&mut self, share: u32) -> bool {
        self.below(1000) < share
    }

    /// One of `choices`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        let index = usize::try_from(self.below(count)).unwrap_or(0);
        #[expect(
            clippy::indexing_slicing,
            reason = "below() is less than its bound; the lists are constants"
        )]
        &choices[index]
    }

    /// One of `choices` by weight; the last takes what is left.
    pub(super) fn weighted<'a, T>(&mut self, choices: &'a [(T, u32)]) -> &'a T {
        let mut rest = self.below(choices.iter().map(|(_, weight)| weight).sum());
        let chosen = choices.iter().find(|(_, weight)| {
            let here = rest < *weight;
            rest = rest.saturating_sub(*weight);
            here
        });
        match chosen {
            Some((choice, _)) => choice,
            None => &self.pick(choices).0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first outputs for seed 1234567, as published with the algorithm.
        let mut random = Random(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn choices_follow_their_weights() {
        let mut random = Random::named("weights");
        let counts = (0..10_000).fold([0, 0, 0], |mut counts, _| {
            counts[*random.weighted(&[(0, 70), (1, 0), (2, 30)])] += 1;
            counts
        });
        assert!(counts[1] == 0 && (6_700..7_300).contains(&counts[0]), "{counts:?}");
    }
}
