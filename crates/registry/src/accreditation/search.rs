//! The way from an organisation up to the root accreditor.

use super::{record::AccreditationRecord, shelf::Shelf};
use crate::engine::{EngineError, StateView};
use sinpyo_core::{
    accreditation::{Accreditation, Grant},
    credential::CredentialType,
    did::Did,
    time::Timestamp,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Longest chain from the root accreditor.
const MAX_CHAIN: usize = 8;

/// Most accreditations looked at for one answer.
const MAX_LOOKED_AT: usize = 1_024; // [ACC-16]

/// One search for chains, as of one ledger time.
pub(super) struct Search<'a> {
    state: &'a dyn StateView,
    root: &'a Did,
    at: Timestamp,
    /// How many accreditations may still be looked at, anew or again.
    left: usize,
    /// What each organisation may give, read once.
    powers: BTreeMap<Did, Rc<Vec<AccreditationRecord>>>,
    /// Who may not give what, by the types it is about.
    failed: BTreeSet<(Did, Option<BTreeSet<CredentialType>>)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(state: &'a dyn StateView, root: &'a Did, at: Timestamp) -> Self {
        Self { state, root, at, left: MAX_LOOKED_AT, powers: BTreeMap::new(), failed: BTreeSet::new() }
    }

    /// The accreditations of `subject` on `shelf`, as far as they may be looked at.
    pub(super) fn newest(
        &mut self,
        subject: &Did,
        shelf: &Shelf,
    ) -> Result<Vec<AccreditationRecord>, EngineError> {
        let records = shelf.newest(self.state, subject, self.left)?;
        self.left = self.left.saturating_sub(records.len());
        Ok(records)
    }

    /// The chain by which `granter` may give `grant`: empty for the root itself, `None` if it may not.
    ///
    /// Every link covers the grant itself. Whoever lost some of its power still passes on what it kept.
    pub(super) fn chain(
        &mut self,
        granter: &Did,
        grant: &Grant,
    ) -> Result<Option<Vec<AccreditationRecord>>, EngineError> {
        if granter == self.root {
            return Ok(Some(Vec::new()));
        }
        let types = types_of(grant);
        let asked = (granter.clone(), types);
        if self.failed.contains(&asked) {
            return Ok(None);
        }
        let chain = self.climb(granter, asked.1.as_ref())?;
        if chain.is_none() {
            self.failed.insert(asked);
        }
        Ok(chain)
    }

    /// Breadth-first, so that every organisation is met by its shortest way and once.
    fn climb(
        &mut self,
        start: &Did,
        types: Option<&BTreeSet<CredentialType>>,
    ) -> Result<Option<Vec<AccreditationRecord>>, EngineError> {
        let mut passed: BTreeMap<Did, AccreditationRecord> = BTreeMap::new();
        let mut level = vec![start.clone()];
        for _ in 0..MAX_CHAIN {
            let mut next = Vec::new();
            for organisation in level {
                for record in self.powers_of(&organisation)?.iter() {
                    let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
                    self.left = left;
                    if !record.is_in_effect(self.at) || !covers(&record.accreditation.grant, types) {
                        continue;
                    }
                    let granter = &record.accreditation.granted_by;
                    if granter == self.root {
                        return Ok(Some(way(&passed, record)));
                    }
                    if granter != start && !passed.contains_key(granter) {
                        passed.insert(granter.clone(), record.clone());
                        next.push(granter.clone());
                    }
                }
            }
            level = next;
        }
        Ok(None)
    }

    fn powers_of(&mut self, organisation: &Did) -> Result<Rc<Vec<AccreditationRecord>>, EngineError> {
        if let Some(known) = self.powers.get(organisation) {
            return Ok(Rc::clone(known));
        }
        let records = Rc::new(Shelf::Accredit.newest(self.state, organisation, self.left)?);
        self.powers.insert(organisation.clone(), Rc::clone(&records));
        Ok(records)
    }
}

/// The links from the bottom up to `last`; `passed` holds the link by which each organisation was reached.
fn way(passed: &BTreeMap<Did, AccreditationRecord>, last: &AccreditationRecord) -> Vec<AccreditationRecord> {
    let mut links = vec![last.clone()];
    let mut link = last;
    while let Some(below) = passed.get(&link.accreditation.subject) {
        links.push(below.clone());
        link = below;
    }
    links.reverse();
    links
}

/// The types that a grant is about; `None`: any type, which is more than some.
fn types_of(grant: &Grant) -> Option<BTreeSet<CredentialType>> {
    match grant {
        Grant::Accredit { types } if types.is_empty() => None,
        Grant::Issue { types } | Grant::Accredit { types } => Some(types.iter().cloned().collect()),
        Grant::Request { scope, .. } => Some(scope.keys().cloned().collect()),
    }
}

/// Whether whoever has `power` may give something about `types`.
fn covers(power: &Grant, types: Option<&BTreeSet<CredentialType>>) -> bool {
    let Grant::Accredit { types: allowed } = power else { return false };
    if allowed.is_empty() {
        return true;
    }
    let allowed: BTreeSet<&CredentialType> = allowed.iter().collect();
    types.is_some_and(|types| types.iter().all(|kind| allowed.contains(kind)))
}

/// The chain by which the granting organisation of `accreditation` may give it at `at`.
pub(super) fn may_grant(
    state: &dyn StateView,
    root: &Did,
    accreditation: &Accreditation,
    at: Timestamp,
) -> Result<Option<Vec<AccreditationRecord>>, EngineError> {
    Search::new(state, root, at).chain(&accreditation.granted_by, &accreditation.grant)
}
