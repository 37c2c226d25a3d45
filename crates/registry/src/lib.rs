//! The ledger registry: Merkle log, did:tlog, accreditation.

pub mod accreditation;
pub mod audit;
mod bundle;
pub mod checkpoint;
pub mod did_tlog;
pub mod engine;
pub mod engine_suite;
mod fold;
mod form;
mod ledger;
pub mod merkle;
pub mod note;
mod operation;
pub mod status_digest;
pub mod tile;

pub use bundle::{BundleError, EntryProof, ProvenEntry};
pub use fold::{Fold, LogError};
pub use form::FormError;
pub use ledger::{AnchorError, Anchored, CheckpointFailed, Ledger, OpenLedgerError, Sequenced};
pub use operation::{Draft, Operation, PreparedOperation, SignOperationError};
