//! Deterministic keys, clocks and randomness for tests.
//!
//! Everything here is predictable on purpose: the same seed gives the same bytes on every machine. No
//! crate depends on this one except in its `dev-dependencies`, and `conformance`, which makes test vectors with it.

mod clock;
mod entropy;
mod hex;
mod keys;
mod vectors;

pub use clock::{FixedClock, StepClock};
pub use entropy::TestEntropy;
pub use hex::from_hex;
pub use keys::{DeterministicEs256, key};
pub use vectors::vectors;
