//! Whether an organisation has a right, and by whose word.

use super::record::AccreditationRecord;
use crate::{
    bundle::BundleError,
    engine::{EngineError, StateView},
    fold::Fold,
};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, Right},
    credential::CredentialType,
    did::Did,
    time::Timestamp,
};
use std::collections::BTreeSet;

/// Longest chain from the root accreditor.
const MAX_CHAIN: usize = 8;

/// Most accreditations looked at for one answer.
const MAX_VISITED: usize = 1_024;

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
    let records = AccreditationRecord::of(state, subject).map_err(LookupError::Engine)?;
    let mut giving = records.into_iter().filter(|record| record.accreditation.grant.gives(right)).peekable();
    if giving.peek().is_none() {
        return Err(LookupError::NotAccredited); // [ACC-12]
    }
    let mut in_effect = giving.filter(|record| record.is_in_effect(at)).peekable();
    if in_effect.peek().is_none() {
        return Err(LookupError::NotInEffect); // [ACC-13]
    }
    for record in in_effect {
        let Accreditation { granted_by, grant, .. } = &record.accreditation;
        if let Some(chain) = may_grant(state, &root, granted_by, grant, at).map_err(LookupError::Engine)? {
            return Ok(AccreditationChain([vec![record], chain].concat()));
        }
    }
    Err(LookupError::BrokenChain) // [ACC-14]
}

/// The chain by which `granter` may give `grant` at `at`: empty for the root itself, `None` if it may not.
pub(super) fn may_grant(
    state: &dyn StateView,
    root: &Did,
    granter: &Did,
    grant: &Grant,
    at: Timestamp,
) -> Result<Option<Vec<AccreditationRecord>>, EngineError> {
    Search { state, root, at, seen: BTreeSet::new() }.chain(granter, grant, MAX_CHAIN)
}

struct Search<'a> {
    state: &'a dyn StateView,
    root: &'a Did,
    at: Timestamp,
    /// What was tried already: leads nowhere a second time.
    seen: BTreeSet<String>,
}

impl Search<'_> {
    fn chain(
        &mut self,
        granter: &Did,
        grant: &Grant,
        depth: usize,
    ) -> Result<Option<Vec<AccreditationRecord>>, EngineError> {
        if granter == self.root {
            return Ok(Some(Vec::new()));
        }
        let Some(depth) = depth.checked_sub(1) else { return Ok(None) };
        for record in AccreditationRecord::of(self.state, granter)? {
            let useful = record.is_in_effect(self.at) && covers(&record.accreditation.grant, grant);
            if !useful || self.seen.len() >= MAX_VISITED || !self.seen.insert(record.id.to_string()) {
                continue;
            }
            let Accreditation { granted_by, grant, .. } = record.accreditation.clone();
            if let Some(rest) = self.chain(&granted_by, &grant, depth)? {
                return Ok(Some([vec![record], rest].concat()));
            }
        }
        Ok(None)
    }
}

/// Whether whoever has `power` may pass on `grant`.
fn covers(power: &Grant, grant: &Grant) -> bool {
    let Grant::Accredit { types: allowed } = power else { return false };
    if allowed.is_empty() {
        return true;
    }
    let within = |kind: &CredentialType| allowed.contains(kind);
    match grant {
        Grant::Issue { types } => types.iter().all(within),
        // An empty list means any type, which is more than some.
        Grant::Accredit { types } => !types.is_empty() && types.iter().all(within),
        Grant::Request { scope, .. } => scope.keys().all(within),
    }
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
            Self::Engine(_) => "LOG-19",
        }
    }
}
