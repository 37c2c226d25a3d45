//! The edge of a verifier: it fetches what a check needs.

use super::{office::Office, world::World};
use sinpyo_core::{
    accreditation::{Accreditation, Right},
    did::Did,
    resolved::VersionSelector,
    status::{StatusEntry, StatusList},
    time::{Clock, Timestamp},
};
use sinpyo_issuer::Cadence;
use sinpyo_proof::{KeyRing, Unverified, VerifiedStatusList};
use sinpyo_registry::accreditation::LookupError;
use sinpyo_verifier::{Fact, Known, Need};
use std::{error::Error, sync::Arc, time::Duration};

/// What `need` names. Whatever goes wrong on the way makes the fact unavailable, and the check refuses.
pub(crate) fn fetch(world: &World<'_>, office: &Office, need: &Need) -> Known {
    let fact = match need {
        Need::Document { did, version } => keys(world, did, version).map(Arc::new).map(Fact::Document),
        Need::Accreditation { subject, right, at } => {
            accreditation(world, subject, right, *at).map(|found| Fact::Accreditation(found.map(Arc::new)))
        }
        Need::StatusList { entry, issuer } => {
            status_list(world, office, entry, issuer).map(Arc::new).map(Fact::StatusList)
        }
        _ => Ok(Fact::Unavailable),
    };
    Known { fact: fact.unwrap_or(Fact::Unavailable), as_of: world.clock.now() }
}

/// From a server that need not be trusted: what it answers is proven under the log's key.
fn keys(world: &World<'_>, did: &Did, version: &VersionSelector) -> Result<KeyRing, Box<dyn Error>> {
    let proof = world.ledger.prove(did, version)?;
    Ok(KeyRing::of(proof.verify(world.ledger.key(), did, version)?.resolved()))
}

fn accreditation(
    world: &World<'_>,
    subject: &Did,
    right: &Right,
    at: Timestamp,
) -> Result<Option<Accreditation>, Box<dyn Error>> {
    let proof = world.ledger.prove_accreditation(subject, right)?;
    match proof.verify(world.ledger.key(), subject, right, at) {
        Ok(proven) => Ok(proven.chain().accreditation().cloned()),
        Err(LookupError::NotAccredited | LookupError::NotInEffect | LookupError::BrokenChain) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A verifier would load `entry.list()` by https. Here the office makes its present edition.
fn status_list(
    world: &World<'_>,
    office: &Office,
    entry: &StatusEntry,
    issuer: &Did,
) -> Result<VerifiedStatusList, Box<dyn Error>> {
    let now = world.clock.now();
    let cadence = Cadence { ttl: Duration::from_hours(12), lifetime: Duration::from_hours(24) };
    let edition = office.issuer.publish(&office.book, cadence, now)?.pop().ok_or("no list")?;
    let keys = keys(world, issuer, &VersionSelector::Latest)?;
    Ok(Unverified::<StatusList>::parse(edition.wire.as_bytes())?.verify(entry, &keys, now)?)
}
