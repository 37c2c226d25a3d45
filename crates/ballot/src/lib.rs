//! The cryptography of anonymous ballots (`spec/voting.md`): key ceremony, roll, rings, proofs, batches, tally.
//!
//! What it promises: everything that a voter, a trustee or an auditor computes, over a [`group::Group`] of prime
//! order; secrets are handled in constant time and erased; a check gives a value of a type that nothing else makes.
//!
//! What it refuses to do: know an election's events, keep anything, decide who may vote, or merge the two
//! equations of a vote (§9: trustees know the logarithm between them).
//!
//! **Nobody outside this project has reviewed the composed proof.**

pub mod ballot;
pub mod batch;
pub mod ceremony;
mod challenge;
pub mod check;
pub mod credential;
pub mod generators;
pub mod group;
pub mod hash;
#[cfg(any(test, feature = "bulk"))]
pub mod hazmat;
mod linear;
pub mod prove;
pub mod ring;
pub mod setting;
pub mod tally;
pub mod verify;
mod weights;
mod wide;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod vectors;
