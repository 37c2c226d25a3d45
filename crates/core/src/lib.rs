//! The vocabulary of the workspace.
//!
//! Identifiers, documents, credentials, encodings, time and the traits that keys implement. This crate
//! names no algorithm, does no input or output, and asks neither clock nor randomness.

pub mod accreditation;
pub mod claims;
pub mod credential;
pub mod did;
pub mod document;
pub mod encoding;
pub mod jcs;
pub mod json;
pub mod jwk;
pub mod key;
pub mod request;
pub mod resolved;
mod secret;
pub mod status;
pub mod time;
pub mod vcdm;

pub use secret::Secret;
