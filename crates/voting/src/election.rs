//! The election's rules as a fold over its log: what may be appended, and what it leads to (§§3 to 12).
//!
//! The state is one small record for each slot, commitment, tag and trustee, so that it is read and written by keys
//! whatever the size of the roll. What needs the whole log (rings, sums, shares) is checked by [`crate::audit::examine`] before
//! the board appends it, and by every auditor.

mod apply;
mod ceremony;
mod refusal;
mod roll;
mod rules;
mod state;
mod submission;

pub use apply::{Claim, Effect};
pub use ceremony::{KeyCeremony, bodies, done};
pub use refusal::{Class, Refused, RollError};
pub(crate) use rules::BALLOT;
pub use rules::{MAX_AHEAD, Rules};
pub use state::{Election, Slot};
pub use submission::{NotASubmission, Submission};
