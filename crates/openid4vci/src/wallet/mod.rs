//! The wallet's side: two machines that say which request to make next and are shown the response.
//!
//! [`Discovery`] goes from a link to a [`Proposal`]: who offers what, to be shown to the user before anything is spent.
//! [`Receiving`] then fetches what the user agreed to. Neither touches network, clock or keys; what was received is handed
//! over with the keys it must be bound to, for the caller to verify before it is kept. [VCI-CRS-06]

mod discovery;
mod error;
mod message;
mod paused;
mod receiving;
mod replies;
mod requests;

pub use discovery::{Discovery, MetadataTrust, Proposal};
pub use error::{DiscoveryError, ReceiveError};
pub use paused::Paused;
pub use receiving::{Agreement, Grant, OwnKeys, ProofOrder, Received, Receiving, Step};
