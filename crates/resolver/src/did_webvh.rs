//! did:webvh 1.0: a did:web with a history that proves itself [did:webvh v1.0].
//!
//! Reading: [`DidLog::read`] takes `did.jsonl` as far as it verifies, [`DidLog::witnessed`] cuts off what the witnesses
//! did not approve, [`DidLog::resolve`] finds a version. An invalid entry invalidates all that follow it; versions before
//! it can still be asked for by name, the newest one cannot.
//!
//! Writing: [`create`], [`DidLog::update`] and [`DidLog::deactivate`] draft an entry, which is signed elsewhere and goes
//! through the reader's own checks when it is appended.
//!
//! [`twin`] writes and checks the did:webvh that says what a did:tlog says.
//!
//! Witnesses are counted, not weighed, and a list of witnesses that an entry sets is in charge from the next entry on, as
//! version 1.0 has it. Watchers are shown and never asked.

mod document;
mod draft;
mod entry;
mod error;
mod identifier;
mod key;
mod log;
mod parameters;
mod select;
mod witness;

pub mod twin;

pub use draft::{AttachError, DraftEntry, DraftError, PreparedEntry, create};
pub use entry::{Entry, VersionId};
pub use error::WebvhError;
pub use identifier::WebvhDid;
pub use key::{KeyHash, UpdateKey};
pub use log::{DidLog, Version};
pub use parameters::{Parameters, Witnesses};
pub use witness::{PreparedApproval, WitnessProofs, prepare_approval};

/// The file that holds the history.
pub const LOG_FILE: &str = "did.jsonl";
/// The file that holds the witnesses' approvals.
pub const WITNESS_FILE: &str = "did-witness.json";
