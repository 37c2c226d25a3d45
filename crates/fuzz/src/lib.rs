//! Malformed input for every parser of the workspace.
//!
//! What it promises: every target states a property, not only that nothing panics. What a parser accepts is written and
//! read again without a change; what a verifier accepts, however it was mutated, reads as what was signed. Every call
//! stays within [`Limits`]. Runs are the same for the same seed.
//!
//! What it refuses to do: look for coverage on a stable compiler. It tells inputs apart by the rule that they broke, and
//! keeps those that broke a rule for the first time; a nightly compiler does better through `fuzz_targets/any.rs`.

#![expect(clippy::expect_used, reason = "a harness: what cannot be built ends the run")]

pub mod bombs;
pub mod gauge;
pub mod mutate;
pub mod run;
pub mod targets;

// The elections of the voting crate's own tests: who takes part, and what the log holds.
#[path = "../../voting/tests/voting/people.rs"]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "shared with tests")]
mod people;
#[path = "../../voting/tests/voting/record_of.rs"]
#[expect(clippy::unwrap_used, reason = "shared with tests")]
mod record_of;
#[path = "../../voting/tests/voting/world/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "shared with tests, each of which uses a part of it"
)]
mod world;

/// A parser under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// `crate/thing`.
    pub name: &'static str,
    /// Well-formed inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads the input and checks what must hold; panics if it does not. The answer is the broken rule, or `ok`.
    pub run: fn(&[u8]) -> Outcome,
    /// What one call may cost.
    pub limits: Limits,
}

/// What became of an input: the id of the rule that it broke, or a word for how it was accepted.
pub type Outcome = &'static str;

/// What one call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processor time, in milliseconds.
    pub milliseconds: u64,
    /// Growth of the resident set at its highest, in KiB.
    pub kib: u64,
}

impl Limits {
    /// 250 ms and 64 MiB.
    pub const USUAL: Self = Self { milliseconds: 250, kib: 64 << 10 };
}
