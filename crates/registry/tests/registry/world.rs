//! A ledger in memory with organisations on it.

use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, Service, VerificationMethod, VerificationRelationship},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_registry::{
    Draft, Fold, Ledger, LedgerKeys, Operation,
    did_tlog::{self, Control, DidHead, DidVersion},
    engine::{AppendError, LogEngine},
    heads::HeadsKey,
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{StepClock, key};
use sinpyo_tlog::note::{LogKey, Origin};
use std::{sync::Arc, time::Duration};

pub(crate) const ORIGIN: &str = "ledger.example/2026";

#[derive(Clone)]
pub(crate) struct Clock(pub(crate) Arc<StepClock>);

impl sinpyo_core::time::Clock for Clock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) fn origin() -> Origin {
    ORIGIN.parse().unwrap()
}

pub(crate) fn start() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(crate) fn log_key() -> (LogKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, 200);
    let public = LogKey::new(origin(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:log#key".parse().unwrap(), secret))
}

pub(crate) fn heads_key() -> (HeadsKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, 201);
    let public = HeadsKey::new(&origin(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:heads#key".parse().unwrap(), secret))
}

/// An update key: number `seed` of ES256.
pub(crate) fn update_key(seed: u8) -> VerifyingKey {
    key(Algorithm::Es256, seed).verifying_key().clone()
}

/// Signs with update key `seed`.
pub(crate) fn by(seed: u8, draft: Draft<DidVersion>) -> Operation<DidVersion> {
    let secret = key(Algorithm::Es256, seed);
    let public = secret.verifying_key().clone();
    draft.sign(&KeySigner::new("did:example:any#name".parse().unwrap(), secret), &public).unwrap()
}

/// A document with the assertion key number `seed` as `#key-<seed>`.
pub(crate) fn document(did: &Did, seed: u8) -> DidDocument {
    let method = VerificationMethod {
        id: did.key(&format!("key-{seed}")).unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Ed25519, seed).verifying_key().to_multikey()),
        revoked: None,
    };
    DidDocument::new(did.clone()).with_key(method, &[VerificationRelationship::AssertionMethod]).with_service(
        Service {
            id: format!("{did}#site"),
            kind: "LinkedDomains".into(),
            endpoint: "https://organisation.example".into(),
        },
    )
}

/// Signs as organisation `did` with its assertion key number `seed`.
pub(crate) fn as_organisation<T>(did: &Did, seed: u8, draft: Draft<T>) -> Operation<T> {
    let secret = key(Algorithm::Ed25519, seed);
    let public = secret.verifying_key().clone();
    draft.sign(&KeySigner::new(did.key(&format!("key-{seed}")).unwrap(), secret), &public).unwrap()
}

pub(crate) fn create(seed: u8, control: Control) -> Operation<DidVersion> {
    by(seed, did_tlog::create(&origin(), control, |did| document(did, seed)).unwrap())
}

pub(crate) struct World {
    pub(crate) engine: MemoryLog,
    pub(crate) clock: Arc<StepClock>,
    pub(crate) root: Did,
    pub(crate) log_signer: KeySigner,
    pub(crate) heads_signer: KeySigner,
}

impl World {
    /// A log opened with organisation 1 as root accreditor, which is on it.
    pub(crate) fn new() -> Self {
        let clock = Arc::new(StepClock::new(start()));
        let engine = MemoryLog::new(Fold::new(origin()), Clock(Arc::clone(&clock)));
        let root = create(1, Control::by(&update_key(1)));
        let (log_signer, heads_signer) = (log_key().1, heads_key().1);
        let world = Self { engine, clock, root: root.fact().did.clone(), log_signer, heads_signer };
        let _ = world.ledger().submit(root).unwrap();
        world
    }

    pub(crate) fn ledger(&self) -> Ledger<'_> {
        Ledger::with_keys(&self.engine, self.keys(), &self.root).unwrap()
    }

    /// Without opening it, which publishes.
    pub(crate) fn ledger_as_it_is(&self) -> Ledger<'_> {
        Ledger::reopened(&self.engine, self.keys())
    }

    pub(crate) fn keys(&self) -> LedgerKeys<'_> {
        LedgerKeys::new(log_key().0, &self.log_signer).with_heads(heads_key().0, &self.heads_signer)
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> Timestamp {
        sinpyo_core::time::Clock::now(&*self.clock)
    }

    pub(crate) fn submit<T: std::fmt::Debug>(&self, operation: Operation<T>) -> Result<T, AppendError> {
        let index = self.ledger().submit(operation);
        let sequenced = index?;
        Ok(self.ledger().anchored(sequenced).map(into_fact).unwrap())
    }

    /// Appends bytes, whatever they are; the rule that refused them.
    pub(crate) fn append(&self, bytes: &[u8]) -> Result<u64, String> {
        match self.engine.append(vec![bytes.to_vec()]).remove(0) {
            Ok(appended) => Ok(appended.index),
            Err(error) => Err(error.code().unwrap().to_owned()),
        }
    }

    pub(crate) fn organisation(&self, seed: u8) -> Did {
        self.submit(create(seed, Control::by(&update_key(seed)))).unwrap().did
    }

    pub(crate) fn head(&self, did: &Did) -> DidHead {
        self.ledger().head_of(did).unwrap().unwrap()
    }
}

fn into_fact<T>(anchored: sinpyo_registry::Anchored<T>) -> T {
    anchored.into_inner()
}
