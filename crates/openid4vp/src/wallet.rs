//! The wallet's side: from a link to an authenticated request, and from the holder's decision to a response.
//!
//! Nothing is sent to anybody before [`Asked`] exists, which is made only of a request whose maker was proven in the way
//! its `client_id` says, and whose response goes to a place that is the maker's.

mod asked;
mod authenticate;
mod digital;
mod fetch;
mod invitation;

pub use asked::{AnswerError, Asked, PostError, Posted, RequestedBy, Response};
pub use authenticate::{Attester, RequestRefused, Trust};
pub use digital::receive_digital;
pub use fetch::{FetchError, Fetching, SignedRequest};
pub use invitation::{Invitation, InvitationError, Reference};
