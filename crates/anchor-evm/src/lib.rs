//! A transparency log's heads in a contract on an EVM chain.
//!
//! What it promises: a head is anchored only after the log's own tiles have shown that it begins with everything that
//! was anchored before ([`plan::Grown`]); and [`evidence::Evidence::verify`] tells from a trusted block hash what the
//! contract held, whatever the node says.
//!
//! What it refuses to do: hold up the log. The chain may be away for days; then the chain lags, and [`lag`] says so.
//!
//! This crate is an edge: sockets, files and the clock are its business. `plan`, `lag`, `evidence` and `block` are free of
//! them.

pub mod anchorer;
pub mod lag;
pub mod log;
pub mod memory;
pub mod plan;

pub mod chain;
pub mod contract;
pub mod key;
pub mod send;
mod transport;

pub mod block;
pub mod evidence;
