//! Natural persons: the log holds salted commitments, and never what they commit to.
//!
//! A person's operation names a pairwise identifier. It and its salt stay with the holder and in a store that can forget
//! ([`PersonStore`]); the log keeps 32 bytes that without the salt say nothing. Erasing means deleting operation and
//! salt; an entry that names nothing but the place of the commitment makes the erasure hold for older copies of the
//! store too.

mod commitment;
mod error;
mod fold;
mod operation;
mod record;
mod store;

pub use commitment::{Commitment, PersonSecret};
pub use error::PersonError;
pub use fold::{PersonEntry, admission_right};
pub use operation::{Admission, Erasure, PersonDid, admit, draft, erase};
pub use record::{PersonRecord, PersonRecordError, ProvenPerson};
pub use store::{MemoryPersonStore, PersonStore, PersonStoreError, reconcile};

pub(crate) use fold::{admit as apply_admission, erase as apply_erasure};
