//! Accreditations: which organisation may issue what, and ask for what, by whose word.
//!
//! Every accreditation is a statement of one organisation about another, signed with an assertion key that the first
//! had at that ledger time. The chain of such statements begins at the root accreditor that opened the log. The
//! granting organisation may suspend and reinstate what it granted, end it, and withdraw it: what is ended was good
//! until then, what is withdrawn never was.

mod draft;
mod error;
mod fold;
mod grant;
mod lookup;
mod proof;
mod record;
mod search;
mod shelf;

pub use draft::{AccreditationVersion, grant as draft_grant, status as draft_status};
pub use error::AccreditationError;
pub use lookup::{AccreditationChain, LookupError};
pub use proof::{AccreditationProof, ProvenAccreditation};
pub use record::{AccreditationId, AccreditationRecord, AccreditationStatus, StatusChange};

pub(crate) use fold::{change, grant};
pub(crate) use lookup::find;
pub(crate) use proof::gather;
