//! Telling other servers that something happened: what and to which of our names, never a claim.
//!
//! A notice is a record that is committed together with what it tells of, one for each server that wants to know. Any node
//! delivers: it takes what is due for itself for a minute, and either settles it or puts it off, from a second to an hour,
//! for a day. After that it is dead, and an operator can see it.

mod delivery;
mod hook;

pub use delivery::{Dead, Delivery, Sent};
pub use hook::{Hook, HookUrl, HookUrlError, Registered, SIGNATURE};

use sinpyo_core::time::Timestamp;
use sinpyo_crypto::aead::SealingKey;
use sinpyo_state::State;

/// The servers that want to be told, and what is still to be told to them.
#[derive(Clone, Copy, Debug)]
pub struct Webhooks<'a> {
    /// Where they are kept.
    pub state: &'a dyn State,
    /// Seals addresses and secrets.
    pub sealing: &'a SealingKey,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// What happened: a word of the service, as `request.accepted`.
    pub event: &'static str,
    /// To what: an identifier that we drew.
    pub id: &'a str,
    /// When.
    pub at: Timestamp,
}
