//! What a service is told from outside while it answers.

use sinpyo_core::time::Timestamp;
use sinpyo_state::State;
use sinpyo_verifier::{Known, Need};
use sinpyo_x509::Roots;
use std::{fmt, sync::Arc};

/// What a service is told from outside.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// Its memory.
    pub state: &'a dyn State,
    /// What is known of issuers.
    pub facts: &'a dyn Facts,
    /// The time.
    pub now: Timestamp,
}

/// What is known of issuers: by a cache, and by what was fetched for this request.
pub trait Facts: fmt::Debug {
    /// The fact that is wanted, if it is known.
    fn known(&self, wanted: &Wanted) -> Option<Known>;
}

/// Something that has to be fetched before a response is judged.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What.
    pub need: Need,
    /// For [`Need::CertifiedStatusList`]: the authorities by whom the list must be certified, and nobody else.
    pub roots: Option<Arc<Roots>>,
}
