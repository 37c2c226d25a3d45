//! What the voting service runs on: clock, logs and the office that registers voters.

use crate::world::{RESIDENT, document, now, status_list};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    claims::ClaimPath,
    credential::Validity,
    did::Did,
    key::Signer,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_issuer::Issuer;
use sinpyo_proof::KeyRing;
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::Unavailable;
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{StepClock, key};
use sinpyo_verifier::{Fact, Known, Need};
use sinpyo_voting::election::Rules;
use sinpyo_voting_api::{Logs, Registrar, SharedSigner, Workers};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Time that tests move.
#[derive(Clone, Debug)]
pub(super) struct Time(pub(super) Arc<StepClock>);

impl Clock for Time {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// The logs of elections, in memory.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) logs: Mutex<BTreeMap<[u8; 32], Arc<MemoryLog>>>,
    pub(super) time: Time,
}

impl Logs for Shelf {
    fn open(&self, election: &ElectionId) -> Result<Option<Arc<dyn LogEngine>>, Unavailable> {
        let found = self.logs.lock().unwrap().get(&election.0).cloned();
        Ok(match found {
            Some(log) => Some(log),
            None => None,
        })
    }

    fn create(&self, election: &ElectionId) -> Result<Arc<dyn LogEngine>, Unavailable> {
        let mut logs = self.logs.lock().unwrap();
        let make = || Arc::new(MemoryLog::new(Rules::new(), self.time.clone()));
        let log: Arc<MemoryLog> = Arc::clone(logs.entry(election.0).or_insert_with(make));
        Ok(log)
    }

    fn list(&self) -> Result<Vec<ElectionId>, Unavailable> {
        Ok(self.logs.lock().unwrap().keys().map(|id| ElectionId(*id)).collect())
    }

    fn is_public(&self) -> bool {
        false
    }
}

/// Whose work is done when a test wants it.
#[derive(Debug)]
pub(super) struct Nobody;

impl Workers for Nobody {
    fn wake(&self) {}
}

/// Issues in the name of the election office, and asks as an organisation that the registry knows.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) issuer: Issuer<SharedSigner>,
    pub(super) asker: Arc<KeySigner>,
    pub(super) did: Did,
}

impl Registrar for Office {
    fn issuer(&self) -> &Issuer<SharedSigner> {
        &self.issuer
    }

    fn asks_as(&self) -> Option<(&Did, &(dyn Signer + Send + Sync), &VerifyingKey)> {
        Some((&self.did, &*self.asker, self.asker.key().verifying_key()))
    }

    fn find(&self, need: &Need) -> Known {
        let fact = match need {
            Need::Document { did, .. } => {
                let signer = office_signer(did.as_str(), 1);
                Fact::Document(Arc::new(KeyRing::of(&document(did.as_str(), &signer))))
            }
            Need::StatusList { entry, issuer } => {
                Fact::StatusList(Arc::new(status_list(entry, issuer, now())))
            }
            Need::Accreditation { subject, right, .. } => {
                let name = LocalizedName { ko: "종로구청".into(), en: "Jongno".into() };
                let granted_by = "did:web:root.example".parse().unwrap();
                let scope = ["age_over_18", "region_sigungu"].map(ClaimPath::name).to_vec();
                let grant = match right.clone() {
                    Right::Issue(kind) => Grant::Issue { types: vec![kind] },
                    Right::Request(service) => {
                        Grant::Request { service, scope: [(RESIDENT.parse().unwrap(), scope)].into() }
                    }
                };
                let (subject, validity) = (subject.clone(), Validity::default());
                let record = Accreditation { subject, name, granted_by, grant, validity };
                Fact::Accreditation(Some(Arc::new(record)))
            }
            _ => Fact::Unavailable,
        };
        Known { fact, as_of: now() }
    }
}

pub(crate) fn office_signer(did: &str, seed: u8) -> KeySigner {
    KeySigner::new(format!("{did}#key-1").parse().unwrap(), key(Algorithm::Es256, seed))
}
