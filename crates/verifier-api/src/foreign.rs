//! Documents on web servers: whose they are, the presenter says. They are fetched for issuers only whom the ledger knows.

use crate::{
    asked::Asked,
    world::{Wanted, World},
};
use sinpyo_core::{
    accreditation::Right, credential::CredentialType, did::Did, resolved::VersionSelector, time::Timestamp,
};
use sinpyo_dcql::Wanted as Kind;
use sinpyo_proof::KeyRing;
use sinpyo_verifier::{DidIssuers, Fact, Known, Need};
use std::{collections::BTreeSet, sync::Arc};

/// What becomes of a need.
pub(crate) enum Standing {
    /// It is looked up.
    Open,
    /// This has to be known first.
    First(Wanted),
    /// It is not looked up: this is as much as there is to know.
    Closed(Known),
}

/// The issuers whose documents may be fetched for one response.
#[derive(Debug)]
pub(crate) struct Foreign<'a> {
    asked: &'a Asked,
    world: &'a World<'a>,
    types: Vec<CredentialType>,
    accredited: BTreeSet<Did>,
}

impl<'a> Foreign<'a> {
    /// `types`: what is asked for.
    pub(crate) const fn new(asked: &'a Asked, types: Vec<CredentialType>, world: &'a World<'a>) -> Self {
        Self { asked, world, types, accredited: BTreeSet::new() }
    }

    /// Whether `need` is looked up.
    pub(crate) fn standing(&mut self, need: &Need) -> Standing {
        let Need::Document { did, version } = need else { return Standing::Open };
        let by_ledger =
            matches!(self.asked.trust.by_did, DidIssuers::Accredited | DidIssuers::AccreditedAmong(_));
        let is_known = self.types.is_empty() || self.accredited.contains(did);
        if !did.method().starts_with("web") || !by_ledger || is_known {
            return Standing::Open;
        }
        let at = match version {
            VersionSelector::Time(at) => *at,
            // It may be the holder's: whom the order does not have to know.
            _ if !self.holders_are_keys() => return Standing::Open,
            _ => self.world.now,
        };
        self.accreditation(did, at)
    }

    /// Whether all that is asked for is bound to keys, and not to a holder's document.
    fn holders_are_keys(&self) -> bool {
        let is_bound = |kind: &Kind| matches!(kind, Kind::SdJwtVc { .. } | Kind::Mdoc { .. });
        self.asked.query.credentials().iter().all(|one| is_bound(&one.wanted))
    }

    fn accreditation(&mut self, did: &Did, at: Timestamp) -> Standing {
        let mut known = Known { fact: Fact::Document(Arc::new(KeyRing::new())), as_of: self.world.now };
        for kind in &self.types {
            let need = Need::Accreditation { subject: did.clone(), right: Right::Issue(kind.clone()), at };
            let wanted = Wanted { need, roots: None };
            match self.world.facts.known(&wanted) {
                None => return Standing::First(wanted),
                Some(Known { fact: Fact::Accreditation(Some(_)), .. }) => {
                    self.accredited.insert(did.clone());
                    return Standing::Open;
                }
                Some(Known { fact: Fact::Accreditation(None), .. }) => {}
                Some(_) => known.fact = Fact::Unavailable,
            }
        }
        Standing::Closed(known) // [VSV-28]
    }
}
