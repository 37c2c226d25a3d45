//! The formats of a transparency log: Merkle tree, tiles, signed notes, checkpoints, cosignatures, and what is built
//! of them: policies, proofs, witnesses, and evidence against a log.
//!
//! What it promises: a proof or a checkpoint that this crate accepted is what the C2SP specifications say it is.
//!
//! What it refuses to do: store, fetch, ask the clock, or know what the entries mean.

pub mod edge;
pub mod merkle;
pub mod tile;

mod vkey;

pub mod checkpoint;
pub mod cosignature;
pub mod equivocation;
pub mod note;
pub mod policy;
pub mod proof;
pub mod witness;
pub mod witness_suite;
