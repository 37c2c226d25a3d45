//! Randomness that repeats.

use sinpyo_core::key::Entropy;
use sinpyo_crypto::hash::Sha256;

/// The bytes `SHA-256(seed ‖ counter)` for counter = 0, 1, …; both big-endian 64-bit numbers.
///
/// Reading 10 bytes and then 22 gives the same as reading 32 at once.
#[derive(Clone, Debug)]
pub struct TestEntropy {
    seed: u64,
    counter: u64,
    left: Vec<u8>,
}

impl TestEntropy {
    /// A source whose bytes depend on `seed` only.
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: 0, left: Vec::new() }
    }

    fn next(&mut self) -> u8 {
        if let Some(byte) = self.left.pop() {
            return byte;
        }
        let mut block = Sha256::new();
        block.update(&self.seed.to_be_bytes());
        block.update(&self.counter.to_be_bytes());
        self.counter += 1;
        let [first, rest @ ..] = block.finish();
        self.left.extend(rest.iter().rev());
        first
    }
}

impl Entropy for TestEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill_with(|| self.next());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_however_they_are_read() {
        let (mut whole, mut first, mut rest) = ([0; 100], [0; 7], [0; 93]);
        TestEntropy::new(5).fill(&mut whole);
        let mut again = TestEntropy::new(5);
        again.fill(&mut first);
        again.fill(&mut rest);
        assert_eq!(whole[..7], first);
        assert_eq!(whole[7..], rest);
        let mut other = [0; 100];
        TestEntropy::new(6).fill(&mut other);
        assert_ne!(whole, other);
    }
}
