//! The business behind an issuer's endpoints.

use crate::{configuration::Configuration, notification::Notification, proof::HolderKey};
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{OwnedChange, Unavailable};
use std::fmt;

/// Decides what is issued, and makes it.
///
/// Its changes (status indices, lists of what was issued) are committed together with those of the protocol, or not at
/// all. If others came first it is asked again, and decides again.
pub trait Desk: fmt::Debug + Sync {
    /// Issues what is ordered: at most one credential for each key, each with its own salts, status index and rounded
    /// times, all of the same data [VCI 1.0 §3.3.2].
    ///
    /// # Errors
    /// It will not, or cannot now.
    fn issue(
        &self,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal>;

    /// As [`Desk::issue`], for an order that was deferred under `ticket`. An issuer that never defers is never asked.
    ///
    /// # Errors
    /// It will not, or cannot now.
    fn collect(
        &self,
        ticket: &str,
        order: &Order<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Issuance, DeskRefusal> {
        let _ = (ticket, order, now, entropy);
        Err(DeskRefusal::Denied)
    }

    /// Hears what became of the credentials that it issued under `reference`; once for each event.
    ///
    /// # Errors
    /// It cannot now.
    fn notified(
        &self,
        reference: &str,
        notification: &Notification,
        now: Timestamp,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let _ = (reference, notification, now);
        Ok(Vec::new())
    }
}

/// What a wallet may get and has asked for.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Whose data it is about: the handle in the authorization.
    pub subject: &'a str,
    /// Which configuration.
    pub configuration_id: &'a str,
    /// The same.
    pub configuration: &'a Configuration,
    /// Which dataset, if the authorization names several.
    pub identifier: Option<&'a str>,
    /// Which wallet, if it is known.
    pub client: Option<&'a str>,
    /// The keys to bind to, each proved to be the wallet's; empty if the configuration binds to none.
    pub keys: &'a [HolderKey],
}

/// What the desk did.
pub enum Issuance {
    /// It issued.
    Ready {
        /// Each a text or an object, as its format has it; at least one.
        credentials: Vec<Value>,
        /// By what name the desk wants to hear what became of them; none if it does not.
        reference: Option<String>,
        /// What is to be remembered.
        changes: Vec<OwnedChange>,
    },
    /// It needs time.
    Deferred {
        /// After how many seconds to ask again; at least 1.
        interval: u32,
        /// By what name the desk will know the order.
        ticket: String,
        /// What is to be remembered.
        changes: Vec<OwnedChange>,
    },
}

// Credentials are about a person. [OAU-46]
impl fmt::Debug for Issuance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready { credentials, .. } => {
                let count = credentials.len();
                f.debug_struct("Ready").field("credentials", &count).finish_non_exhaustive()
            }
            Self::Deferred { interval, .. } => {
                f.debug_struct("Deferred").field("interval", interval).finish_non_exhaustive()
            }
        }
    }
}

/// Why nothing was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeskRefusal {
    /// It will not be issued.
    #[error("the credential is not issued")]
    Denied,
    /// It cannot be issued now: a key store or a memory does not answer.
    #[error("the desk cannot issue now")]
    Unavailable,
}

impl From<Unavailable> for DeskRefusal {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}
