//! Whether an organisation has a right, and by whose word.

use super::{record::AccreditationRecord, search::Search, shelf::Shelf};
use crate::{
    bundle::BundleError,
    engine::{EngineError, StateView},
    fold::Fold,
    heads::StaleError,
};
use sinpyo_core::{
    accreditation::{Accreditation, Right},
    did::Did,
    time::Timestamp,
};

/// The accreditations by which an organisation had a right: its own first, the root accreditor's grant last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccreditationChain(Vec<AccreditationRecord>);

impl AccreditationChain {
    /// The accreditation that gives the right itself.
    pub fn accreditation(&self) -> Option<&Accreditation> {
        self.0.first().map(AccreditationRecord::accreditation)
    }

    /// All of them.
    pub fn records(&self) -> &[AccreditationRecord] {
        &self.0
    }
}

/// The chain that gave `subject` the right at ledger time `at`.
pub(crate) fn find(
    state: &dyn StateView,
    subject: &Did,
    right: &Right,
    at: Timestamp,
) -> Result<AccreditationChain, LookupError> {
    let root = Fold::root(state).map_err(LookupError::Engine)?.ok_or(LookupError::NotAccredited)?;
    let mut search = Search::new(state, &root, at);
    let giving = search.newest(subject, &Shelf::Right(right.clone())).map_err(LookupError::Engine)?;
    let giving: Vec<AccreditationRecord> = giving.into_iter().filter(|record| !record.is_void()).collect();
    if giving.is_empty() {
        return Err(LookupError::NotAccredited); // [ACC-12]
    }
    let mut in_effect = giving.into_iter().filter(|record| record.is_in_effect(at)).peekable();
    if in_effect.peek().is_none() {
        return Err(LookupError::NotInEffect); // [ACC-13]
    }
    for record in in_effect {
        let Accreditation { granted_by, grant, .. } = &record.accreditation;
        if let Some(chain) = search.chain(granted_by, grant).map_err(LookupError::Engine)? {
            return Ok(AccreditationChain([vec![record], chain].concat()));
        }
    }
    Err(LookupError::BrokenChain) // [ACC-14]
}

/// Why an organisation does not have a right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// ACC-12: nobody ever gave it.
    #[error("the organisation is not accredited for this")]
    NotAccredited,
    /// ACC-13: it was given, but not at this time: not yet or no longer valid, suspended or withdrawn.
    #[error("the accreditation is not in effect at this time")]
    NotInEffect,
    /// ACC-14: it was given by somebody who could not, at this time.
    #[error("the chain to the root accreditor is broken at this time")]
    BrokenChain,
    /// The proof of it is refused.
    #[error("the proof of the accreditation is refused")]
    Proof(#[source] BundleError),
    /// It is genuine, but not shown to be the newest, or not recent enough.
    #[error("the proof of the accreditation is stale")]
    Stale(#[source] StaleError),
    /// The log could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl LookupError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAccredited => "ACC-12",
            Self::NotInEffect => "ACC-13",
            Self::BrokenChain => "ACC-14",
            Self::Proof(error) => error.code(),
            Self::Stale(error) => error.code(),
            Self::Engine(_) => "LOG-19",
        }
    }
}
