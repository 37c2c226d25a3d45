//! What the server remembers; the edge implements it.

use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_issuer::Slot;
use std::fmt::Debug;

/// Durable memory. What a call acknowledged is kept.
pub trait Keep: Debug {
    /// Takes `index` of the list `list` if it is free.
    ///
    /// # Errors
    /// The store failed.
    fn take(&self, list: &str, index: u64) -> Result<Slot, KeepError>;

    /// Every event of `stream`, in order.
    ///
    /// # Errors
    /// The store failed.
    fn events(&self, stream: &str) -> Result<Vec<Vec<u8>>, KeepError>;

    /// Appends `events` to `stream`, wherever it ends or, if that matters, after so many events.
    ///
    /// # Errors
    /// Somebody else was faster, or the store failed.
    fn append(&self, stream: &str, after: Option<u64>, events: Vec<Vec<u8>>) -> Result<(), KeepError>;

    /// The record of the credential that was issued as `id`.
    ///
    /// # Errors
    /// The store failed.
    fn credential(&self, id: &str) -> Result<Kept, KeepError>;

    /// Keeps `record` as `id`, under which there must never have been one.
    ///
    /// # Errors
    /// There was, or the store failed.
    fn keep_credential(&self, id: &str, record: &[u8]) -> Result<(), KeepError>;

    /// Erases the record of the credential that was issued as `id`, and remembers that there was one.
    ///
    /// # Errors
    /// The store failed.
    fn erase_credential(&self, id: &str) -> Result<(), KeepError>;

    /// The public key of the registered client `name`.
    ///
    /// # Errors
    /// The store failed.
    fn client(&self, name: &str) -> Result<Option<PublicJwk>, KeepError>;

    /// Notes that `value` was used, until `expires`.
    ///
    /// # Errors
    /// It was used before, or the store failed.
    fn use_once(&self, value: &str, expires: Timestamp) -> Result<(), KeepError>;

    /// Whether `caller` may ask once more at this time: a client's name, or the address of somebody who has none.
    fn may_ask(&self, caller: &str, now: Timestamp) -> bool;
}

/// What is kept under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing, ever.
    Nothing,
    /// This.
    Credential(Vec<u8>),
    /// Something that was erased.
    Erased,
}

/// Why something was not remembered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// Something of this name is there, or was, or somebody else was faster.
    #[error("there is something of this name already")]
    Taken,
    /// The store failed.
    #[error("the store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
