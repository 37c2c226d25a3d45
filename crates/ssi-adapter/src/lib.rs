//! Sinpyo beside `ssi`: one binary in which both resolve, issue and verify.
//!
//! * [`Resolver`] is an `ssi` DID resolver over our registry and resolver: an application built on `ssi` gets did:tlog
//!   and did:webvh beside what it had.
//! * [`foreign`] is the way back: the methods that only `ssi` knows, as documents that our verifier takes.
//! * [`key`] turns keys of the one into keys of the other.
//!
//! What it promises: `ssi` is shown no key that we would refuse, because `ssi` looks neither whether a DID is deactivated
//! nor whether a key is revoked; everything between the two passes as text, so that neither depends on how the other has
//! `serde_json` represent numbers (`ssi` turns on `arbitrary_precision` for the whole binary).
//!
//! What it refuses to do: connect to anything (a [`Source`] does, for did:tlog, did:web and did:webvh), and resolve with
//! `ssi` what we resolve ourselves.

pub mod foreign;
pub mod key;

mod represent;
mod resolver;
mod source;

pub use resolver::Resolver;
pub use source::{Source, SourceError};

/// The example in this crate's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
