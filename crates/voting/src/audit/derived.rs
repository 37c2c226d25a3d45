//! Randomness for jobs that run at the same time, from one secret of the auditor.

use sinpyo_core::key::Entropy;
use sinpyo_crypto::hash::sha512;

/// SHA-512 in counter mode over a secret, a job and a counter.
pub(super) struct Derived {
    secret: [u8; 32],
    job: u64,
    counter: u64,
}

/// The auditor's secret.
pub(super) fn secret(entropy: &mut dyn Entropy) -> [u8; 32] {
    let mut secret = [0; 32];
    entropy.fill(&mut secret);
    secret
}

impl Derived {
    pub(super) fn new(secret: [u8; 32], stage: u8, job: usize) -> Self {
        let job = u64::try_from(job).unwrap_or(u64::MAX);
        Self { secret, job: job.wrapping_mul(8).wrapping_add(u64::from(stage)), counter: 0 }
    }
}

impl Entropy for Derived {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(64) {
            let block =
                sha512(&[&self.secret[..], &self.job.to_le_bytes(), &self.counter.to_le_bytes()].concat());
            self.counter = self.counter.wrapping_add(1);
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
    }
}
