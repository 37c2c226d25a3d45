//! The formats of a transparency log: Merkle tree, tiles, signed notes and checkpoints.
//!
//! What it promises: a proof or a checkpoint that this crate accepted is what the C2SP specifications say it is.
//!
//! What it refuses to do: store, fetch, ask the clock, or know what the entries mean.

pub mod checkpoint;
pub mod edge;
pub mod merkle;
pub mod note;
pub mod tile;
