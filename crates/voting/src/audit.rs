//! The audit of an election's public record: V1 to V14 (§14).
//!
//! Nothing is believed but the rules: manifest, keys, rings, context, sums and counts are recomputed from the entries.
//! The record is read once in order, and its ballots once more ring by ring; kept are positions, tags and the roll,
//! never ballots. A fault does not end the audit: it is named, and what follows is checked as far as it can be.

mod ballots;
mod check;
mod derived;
mod examine;
mod first;
mod machine;
mod parsed;
mod positions;
mod reading;
mod registrations;
mod report;
mod sides;
mod state;
mod tally;

pub use check::Check;
pub use examine::{Examined, examine, examine_since};
pub use machine::{Machine, OneThread, Progress, Stage};
pub use report::{Finding, Outcome, ProofCounts, Report, Turnout, Verdict};
