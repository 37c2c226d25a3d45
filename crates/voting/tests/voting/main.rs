//! Elections from outside.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

#[cfg(test)]
mod blindly;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod live;
#[cfg(test)]
mod whole;

mod mutants;
mod people;
mod record_of;
mod world;
