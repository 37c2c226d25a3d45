//! What is newest: signed statements about the last entries of the log that concern a DID, an accreditation or a list.
//!
//! An inclusion proof shows that something was logged, not that nothing came after it. The log's *heads key* says that,
//! for a checkpoint. The statement is the operator's word, but not one that can be broken unseen: together with a later
//! entry below the same checkpoint it is evidence against the operator ([`HeadEquivocation`]).

mod equivocation;
mod key;
mod newest;
mod recency;
mod statement;

pub use equivocation::{EquivocationError, HeadEquivocation};
pub use key::HeadsKey;
pub use newest::Newest;
pub use recency::{Recency, StaleError};
pub use statement::{Heads, HeadsError, SignHeadsError, SignedHeads, Topic};

pub(crate) use equivocation::author;
pub(crate) use newest::newest;
pub(crate) use statement::MAX_TOPICS;
