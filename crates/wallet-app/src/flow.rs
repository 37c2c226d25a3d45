//! What the two kinds of flow have in common.

use crate::{need::Need, trust::Rules};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_wallet::Wallet;
use std::fmt;

/// What a flow works with at one step.
pub struct World<'w> {
    /// The wallet, open.
    pub wallet: &'w mut Wallet,
    /// What it goes by.
    pub rules: &'w Rules,
    /// The time.
    pub now: Timestamp,
    /// Randomness.
    pub entropy: &'w mut dyn Entropy,
}

impl fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("now", &self.now).finish_non_exhaustive()
    }
}

/// How a flow goes on.
#[derive(Debug)]
pub enum Next {
    /// Find this, and supply it.
    Need(Need),
    /// The holder decides.
    Ask,
    /// Send the browser there.
    Browse(String),
    /// Come back then.
    Wait(Timestamp),
    /// Seal the wallet and keep it; only then say so to the flow. Nothing is sent before.
    Store,
    /// That was all.
    Done,
}
