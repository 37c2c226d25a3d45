//! A ledger in memory with two organisations on it.

use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    credential::Validity,
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    resolved::VersionSelector,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_registry::{
    Draft, Fold, Ledger, Operation,
    accreditation::draft_grant,
    did_tlog::{self, Control},
    engine::LogEngine,
    status_digest::{StatusDigest, publish},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    note::{LogKey, Origin},
};
use std::{sync::LazyLock, time::Duration};

const KIND: &str = "urn:sinpyo:credential:ResidentCredential";

pub(super) fn origin() -> Origin {
    "ledger.example/2026".parse().expect("a name")
}

/// A log, and what is on it.
pub(super) struct World {
    pub(super) engine: MemoryLog,
    pub(super) key: LogKey,
    signer: KeySigner,
    pub(super) now: Timestamp,
    pub(super) root: Did,
    pub(super) organisation: Did,
    /// The newest documents of both.
    pub(super) documents: Vec<DidDocument>,
    pub(super) right: Right,
    pub(super) accreditation: Accreditation,
    pub(super) checkpoint: SignedCheckpoint,
    /// Operations that are good and not on the log.
    pub(super) pending: Vec<Vec<u8>>,
}

pub(super) static WORLD: LazyLock<World> = LazyLock::new(World::new);

fn update_key(seed: u8) -> VerifyingKey {
    key(Algorithm::Es256, seed).verifying_key().clone()
}

fn by<T>(seed: u8, draft: Draft<T>) -> Operation<T> {
    let signer =
        KeySigner::new("did:example:any#name".parse().expect("a key id"), key(Algorithm::Es256, seed));
    draft.sign(&signer, &update_key(seed)).expect("a signature")
}

fn as_organisation<T>(did: &Did, seed: u8, draft: Draft<T>) -> Operation<T> {
    let secret = key(Algorithm::Ed25519, seed);
    let public = secret.verifying_key().clone();
    let signer = KeySigner::new(did.key(&format!("key-{seed}")).expect("a key id"), secret);
    draft.sign(&signer, &public).expect("a signature")
}

fn document(did: &Did, seed: u8) -> DidDocument {
    let method = VerificationMethod {
        id: did.key(&format!("key-{seed}")).expect("a key id"),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Ed25519, seed).verifying_key().to_multikey()),
        revoked: None,
    };
    DidDocument::new(did.clone()).with_key(method, &[VerificationRelationship::AssertionMethod])
}

fn create(seed: u8) -> Operation<did_tlog::DidVersion> {
    let control = Control::by(&update_key(seed));
    by(seed, did_tlog::create(&origin(), control, |did| document(did, seed)).expect("a document"))
}

impl World {
    fn new() -> Self {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().expect("a time");
        let engine = MemoryLog::new(Fold::new(origin()), FixedClock(now));
        let secret = key(Algorithm::Ed25519, 200);
        let log_key = LogKey::new(origin(), secret.verifying_key().clone()).expect("an Ed25519 key");
        let signer = KeySigner::new("did:example:log#key".parse().expect("a key id"), secret);
        let (first, second) = (create(1), create(2));
        let (root, organisation) = (first.fact().did.clone(), second.fact().did.clone());
        let types = vec![KIND.parse().expect("a type")];
        let accreditation = Accreditation {
            subject: organisation.clone(),
            name: LocalizedName { ko: "우체국".to_owned(), en: "Post".to_owned() },
            granted_by: root.clone(),
            grant: Grant::Issue { types },
            validity: Validity { from: Some(now), until: Some(now.plus(Duration::from_hours(8760))) },
        };
        let grant = draft_grant(&origin(), &accreditation).expect("a grant");
        let mut world = Self {
            checkpoint: Ledger::open(&engine, log_key.clone(), &signer, &root)
                .and_then(|ledger| ledger.checkpoint().map_err(sinpyo_registry::OpenLedgerError::Checkpoint))
                .expect("a new log"),
            engine,
            key: log_key,
            signer,
            now,
            root: root.clone(),
            organisation,
            documents: Vec::new(),
            right: Right::Issue(KIND.parse().expect("a type")),
            accreditation,
            pending: Vec::new(),
        };
        world.append(first.as_bytes());
        world.append(second.as_bytes());
        world.append(as_organisation(&root, 1, grant).as_bytes());
        world.grow();
        world
    }

    /// Versions of the second organisation, and what could come next.
    fn grow(&mut self) {
        let organisation = self.organisation.clone();
        let head = |world: &Self| world.ledger().head_of(&organisation).expect("a state").expect("a DID");
        let digest = |list: &str| StatusDigest {
            by: organisation.clone(),
            list: list.to_owned(),
            version: 1,
            sha256: sinpyo_crypto::hash::sha256(list.as_bytes()),
            issued_at: self.now,
            time_to_live: Duration::from_hours(1),
        };
        let more = document(&organisation, 2);
        let [listed, unlisted] = ["https://a.example/1", "https://a.example/2"].map(digest);
        let update = by(2, did_tlog::update(&head(self), &origin(), &more, None));
        self.append(update.as_bytes());
        self.append(as_organisation(&organisation, 2, publish(&origin(), listed)).as_bytes());
        let head = head(self);
        let next = Control::by(&update_key(2)).announcing(&update_key(3));
        self.checkpoint = self.ledger().checkpoint().expect("a checkpoint");
        let resolve = |did| self.ledger().resolve(did, &VersionSelector::Latest).expect("a DID").document;
        self.documents = vec![resolve(&self.root), resolve(&self.organisation)];
        self.pending = vec![
            create(4).as_bytes().to_vec(),
            by(2, did_tlog::rotate(&head, &origin(), next)).as_bytes().to_vec(),
            by(2, did_tlog::deactivate(&head, &origin())).as_bytes().to_vec(),
            as_organisation(&organisation, 2, publish(&origin(), unlisted)).as_bytes().to_vec(),
        ];
    }

    fn append(&self, operation: &[u8]) {
        let appended = self.engine.append(vec![operation.to_vec()]).remove(0);
        assert!(appended.is_ok(), "{appended:?}");
    }

    pub(super) fn ledger(&self) -> Ledger<'_> {
        Ledger::open(&self.engine, self.key.clone(), &self.signer, &self.root).expect("our own log")
    }

    pub(super) fn size(&self) -> u64 {
        self.engine.head().expect("a head").size
    }
}
