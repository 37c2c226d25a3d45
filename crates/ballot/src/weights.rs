//! The random weights with which equations are added up: of ballots, registrations, tally shares.

use crate::hash::Transcript;
use sinpyo_core::{Secret, key::Entropy};
use zeroize::Zeroizing;

/// Five 128-bit numbers for each ballot, which nobody but the verifier can know before the batch is fixed: they
/// depend on 32 bytes of its own randomness *and* on every byte of the batch, so that not even a generator that
/// repeats gives two batches the same weights.
pub(crate) struct Weights {
    seed: Secret<[u8; 64]>,
}

impl Weights {
    /// For a batch that consists of these items: all that its equations were made from, or hashes of it.
    pub(crate) fn new<'b>(items: impl Iterator<Item = &'b [u8]>, entropy: &mut dyn Entropy) -> Self {
        let mut own = Zeroizing::new([0; 32]);
        entropy.fill(own.as_mut_slice());
        let mut transcript = Transcript::secret("batch").field(own.as_slice());
        for item in items {
            transcript = transcript.field(&Transcript::new("batch-item").field(item).hash());
        }
        Self { seed: Secret::new(transcript.hash()) }
    }

    /// The weights of one item. None is zero.
    pub(crate) fn of(&self, item: usize) -> [u128; 5] {
        let block = |number: u32| {
            let item = u64::try_from(item).unwrap_or(u64::MAX).to_le_bytes();
            Transcript::new("batch-weight").field(self.seed.expose()).field(&item).number(number).hash()
        };
        let (first, second) = (block(0), block(1));
        let mut weights = [1; 5];
        let pieces = first.as_chunks::<16>().0.iter().chain(second.as_chunks::<16>().0);
        for (weight, piece) in weights.iter_mut().zip(pieces) {
            *weight = u128::from_le_bytes(*piece).max(1);
        }
        weights
    }
}
