//! A ledger in memory with one organisation on it.

use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, Service, VerificationMethod, VerificationRelationship},
    resolved::{Resolved, VersionSelector},
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_registry::{
    Draft, Fold, Ledger, LedgerKeys,
    did_tlog::{self, Control, DidHead, DidVersion},
    heads::HeadsKey,
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{StepClock, key};
use sinpyo_tlog::note::{LogKey, Origin};
use std::{sync::Arc, time::Duration};

#[derive(Clone)]
struct Shared(Arc<StepClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) fn origin() -> Origin {
    "ledger.example/2026".parse().unwrap()
}

fn signer(seed: u8) -> KeySigner {
    KeySigner::new("did:example:any#name".parse().unwrap(), key(Algorithm::Ed25519, seed))
}

pub(crate) fn log_key() -> LogKey {
    LogKey::new(origin(), key(Algorithm::Ed25519, 200).verifying_key().clone()).unwrap()
}

/// Update key number `seed`.
pub(crate) fn control(seed: u8) -> VerifyingKey {
    key(Algorithm::Es256, seed).verifying_key().clone()
}

/// A document with key number `seed` as `#key-<seed>` and a service at an address that has the DID in it.
pub(crate) fn document(did: &Did, seed: u8) -> DidDocument {
    let method = VerificationMethod {
        id: did.key(&format!("key-{seed}")).unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Es256, seed).verifying_key().to_multikey()),
        revoked: None,
    };
    let service = Service {
        id: format!("{did}#site"),
        kind: "LinkedDomains".into(),
        endpoint: format!("https://office.example/of/{did}").into(),
    };
    DidDocument::new(did.clone())
        .with_key(
            method,
            &[VerificationRelationship::Authentication, VerificationRelationship::AssertionMethod],
        )
        .with_service(service)
}

pub(crate) struct World {
    engine: MemoryLog,
    clock: Arc<StepClock>,
    did: Did,
    signers: [KeySigner; 2],
    states_heads: bool,
}

impl World {
    /// A log of organisation 1, controlled by update key 1, which key 9 recovers.
    pub(crate) fn new() -> Self {
        Self::with_heads(true)
    }

    pub(crate) fn with_heads(states_heads: bool) -> Self {
        let clock = Arc::new(StepClock::new("2026-11-22T00:00:00Z".parse().unwrap()));
        let engine = MemoryLog::new(Fold::new(origin()), Shared(Arc::clone(&clock)));
        let keys = Control::by(&control(1)).recovered_by(&control(9));
        let draft = did_tlog::create(&origin(), keys, |did| document(did, 1)).unwrap();
        let operation = draft.sign(&update_signer(1), &control(1)).unwrap();
        let did = operation.fact().did.clone();
        let world = Self { engine, clock, did, signers: [signer(200), signer(201)], states_heads };
        let _ = world.ledger().submit(operation).unwrap();
        let _ = world.ledger().checkpoint().unwrap();
        world
    }

    pub(crate) fn ledger(&self) -> Ledger<'_> {
        let heads = HeadsKey::new(&origin(), key(Algorithm::Ed25519, 201).verifying_key().clone()).unwrap();
        let [log_signer, heads_signer] = &self.signers;
        let keys = LedgerKeys::new(log_key(), log_signer);
        let keys = if self.states_heads { keys.with_heads(heads, heads_signer) } else { keys };
        Ledger::with_keys(&self.engine, keys, &self.did).unwrap()
    }

    pub(crate) const fn did(&self) -> &Did {
        &self.did
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn head(&self) -> DidHead {
        self.ledger().head_of(&self.did).unwrap().unwrap()
    }

    pub(crate) fn submit(&self, seed: u8, draft: Draft<DidVersion>) {
        let operation = draft.sign(&update_signer(seed), &control(seed)).unwrap();
        let _ = self.ledger().submit(operation).unwrap();
        let _ = self.ledger().checkpoint().unwrap();
    }

    pub(crate) fn update(&self, document: &DidDocument) {
        self.submit(1, did_tlog::update(&self.head(), &origin(), document, None));
    }

    pub(crate) fn resolved(&self, selector: &VersionSelector) -> Resolved {
        self.ledger().resolve(&self.did, selector).unwrap()
    }

    pub(crate) fn newest(&self) -> Resolved {
        self.resolved(&VersionSelector::Latest)
    }
}

fn update_signer(seed: u8) -> KeySigner {
    KeySigner::new("did:example:any#name".parse().unwrap(), key(Algorithm::Es256, seed))
}
