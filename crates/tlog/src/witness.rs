//! Asking for cosignatures, and giving them [C2SP tlog-witness].
//!
//! A log sends its new checkpoint with a consistency proof from the last one that the witness cosigned. The witness
//! remembers one head a log, never steps back, and answers with cosignatures. Both sides here are functions over bytes;
//! the edge moves them over HTTP.
//!
//! A witness whose memory is restored from an old backup can be led from the old head into another future than the one
//! it cosigned before: the store, not the protocol, keeps it honest. Restore a witness only with the newest head that any
//! of its cosignatures is known for, or give it new keys.

mod client;
mod request;
mod server;
mod store;

pub use client::{Answer, Request, WitnessRefusal};
pub use request::{AddCheckpoint, MAX_BODY, MAX_PROOF_LINES, ParseRequestError};
pub use server::{AddCheckpointAnswer, Witness, WitnessKey};
pub use store::{Advance, MemoryWitnessStore, WitnessStore, WitnessStoreError};

/// Where requests are posted, below the witness's submission prefix.
pub const ADD_CHECKPOINT: &str = "/add-checkpoint";

/// The content type of a 409 that names the size the witness knows.
pub const SIZE_TYPE: &str = "text/x.tlog.size";
