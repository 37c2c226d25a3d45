//! Randomness, which an application brings itself: the crates below the edges draw none.

use sinpyo_core::key::Entropy;

/// The operating system's generator.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            // To go on with predictable keys would be worse.
            std::process::abort();
        }
    }
}
