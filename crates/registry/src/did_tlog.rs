//! The DID method did:tlog [spec/did-tlog.md].
//!
//! A DID is the hash of its first operation; each later operation is chained to the one before, signed by an update
//! key of the version before or by one announced there, and has a place and a time on the log. The semantics are
//! those of did:webvh 1.0, with any key type.

mod document;
mod draft;
mod error;
mod fold;
mod head;
mod history;
mod keys;
mod operation;
mod place;
mod resolve;

pub use draft::{Control, DidVersion, DraftError, create, deactivate, recover, rotate, update};
pub use error::OperationError;
pub use head::DidHead;
pub use keys::{KeyHash, UpdateKey};
pub use operation::{MAX_VERSIONS, ParseVersionError, VersionId};
pub use place::{MAX_HISTORY_WEIGHT, RECOVERY_WINDOW};
pub use resolve::{ProvenDocument, ResolutionProof, ResolveError};

pub(crate) use fold::{apply, version_in};
pub(crate) use history::{Recoveries, VersionRecord, bridges, history_weight, newest_below, set_aside_with};
pub(crate) use place::weight;
pub(crate) use resolve::{locate, versions_before};
