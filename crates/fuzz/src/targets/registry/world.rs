//! A ledger in memory with organisations on it: two that nothing happened to, one that recovered from a thief, one that
//! may do so yet. And a person.

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
    Draft, Fold, Ledger, LedgerKeys, Operation,
    accreditation::draft_grant,
    did_tlog::{self, Control, DidHead, DidVersion, ResolutionProof},
    engine::LogEngine,
    heads::HeadsKey,
    person::{self, PersonDid, PersonSecret},
    status_digest::{StatusDigest, publish},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, TestEntropy, key};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    note::{LogKey, Origin},
};
use std::{sync::LazyLock, time::Duration};

const KIND: &str = "urn:sinpyo:credential:ResidentCredential";
/// A status list whose digest is on the log.
pub(super) const LIST: &str = "https://a.example/1";

pub(crate) fn origin() -> Origin {
    "ledger.example/2026".parse().expect("a name")
}

/// A log, and what is on it.
pub(crate) struct World {
    pub(crate) engine: MemoryLog,
    pub(super) key: LogKey,
    signer: KeySigner,
    pub(super) heads_key: HeadsKey,
    heads_signer: KeySigner,
    pub(crate) now: Timestamp,
    pub(crate) root: Did,
    pub(crate) organisation: Did,
    /// Stolen, and taken back.
    pub(crate) recovered: Did,
    /// In a thief's hands.
    pub(crate) stolen: Did,
    /// The newest documents of the first two.
    pub(super) documents: Vec<DidDocument>,
    pub(super) right: Right,
    pub(super) accreditation: Accreditation,
    pub(crate) checkpoint: SignedCheckpoint,
    /// What was the newest of `recovered` before it was recovered.
    pub(super) superseded: Option<ResolutionProof>,
    /// Where the person was admitted.
    pub(super) admission: u64,
    /// Operations that are good and not on the log.
    pub(crate) pending: Vec<Vec<u8>>,
}

pub(super) static WORLD: LazyLock<World> = LazyLock::new(World::new);

fn update_key(seed: u8) -> VerifyingKey {
    key(Algorithm::Es256, seed).verifying_key().clone()
}

pub(crate) fn signer(algorithm: Algorithm, seed: u8) -> KeySigner {
    KeySigner::new("did:example:any#name".parse().expect("a key id"), key(algorithm, seed))
}

pub(crate) fn by<T>(seed: u8, draft: Draft<T>) -> Operation<T> {
    draft.sign(&signer(Algorithm::Es256, seed), &update_key(seed)).expect("a signature")
}

pub(crate) fn as_organisation<T>(did: &Did, seed: u8, draft: Draft<T>) -> Operation<T> {
    let secret = key(Algorithm::Ed25519, seed);
    let public = secret.verifying_key().clone();
    let signer = KeySigner::new(did.key(&format!("key-{seed}")).expect("a key id"), secret);
    draft.sign(&signer, &public).expect("a signature")
}

pub(crate) fn document(did: &Did, seed: u8) -> DidDocument {
    let method = VerificationMethod {
        id: did.key(&format!("key-{seed}")).expect("a key id"),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Ed25519, seed).verifying_key().to_multikey()),
        revoked: None,
    };
    DidDocument::new(did.clone()).with_key(method, &[VerificationRelationship::AssertionMethod])
}

/// Control by key `seed`.
pub(crate) fn control(seed: u8) -> Control {
    Control::by(&update_key(seed))
}

/// Control by key `seed`, which key `recovery` outranks.
pub(crate) fn recoverable(seed: u8, recovery: u8) -> Control {
    control(seed).recovered_by(&update_key(recovery))
}

pub(crate) fn create(seed: u8, control: Control) -> Operation<DidVersion> {
    by(seed, did_tlog::create(&origin(), control, |did| document(did, seed)).expect("a document"))
}

/// The operation of a person, signed by the person's key number `seed`.
pub(super) fn persons(seed: u8) -> Operation<PersonDid> {
    let public = key(Algorithm::Ed25519, seed).verifying_key().clone();
    let draft = person::draft(&origin(), &public, None).expect("a did:key");
    draft.sign(&signer(Algorithm::Ed25519, seed), &public).expect("a signature")
}

/// The operation with its salt.
pub(super) fn secret(seed: u8) -> PersonSecret {
    PersonSecret::new(persons(seed), &mut TestEntropy::new(seed.into()))
}

pub(crate) fn log_key(seed: u8) -> LogKey {
    LogKey::new(origin(), key(Algorithm::Ed25519, seed).verifying_key().clone()).expect("an Ed25519 key")
}

pub(crate) fn heads_key(seed: u8) -> HeadsKey {
    let public = key(Algorithm::Ed25519, seed).verifying_key().clone();
    HeadsKey::new(&origin(), public).expect("an Ed25519 key")
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self::opened();
        let (first, second) = (create(1, control(1)), create(2, control(2)));
        world.append(first.as_bytes());
        world.append(second.as_bytes());
        let grant = draft_grant(&origin(), &world.accreditation).expect("a grant");
        world.append(as_organisation(&world.root, 1, grant).as_bytes());
        world.grow();
        world.suffer();
        let commitment = secret(30).commitment();
        world.admission = world.size();
        world.append(
            as_organisation(&world.root, 1, person::admit(&origin(), &world.root, commitment)).as_bytes(),
        );
        world.checkpoint = world.ledger().checkpoint().expect("a checkpoint");
        let resolve = |did| world.ledger().resolve(did, &VersionSelector::Latest).expect("a DID").document;
        world.documents = vec![resolve(&world.root), resolve(&world.organisation)];
        world.pending = world.next();
        world
    }

    /// With nothing on it but its opening.
    fn opened() -> Self {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().expect("a time");
        let engine = MemoryLog::new(Fold::new(origin()), FixedClock(now));
        let (log_key, signer_of_log) = (log_key(200), signer(Algorithm::Ed25519, 200));
        let (heads_key, heads_signer) = (heads_key(201), signer(Algorithm::Ed25519, 201));
        let did = |operation: Operation<DidVersion>| operation.fact().did.clone();
        let [root, organisation] = [1, 2].map(|seed| did(create(seed, control(seed))));
        let [recovered, stolen] =
            [(7, 70), (9, 90)].map(|(seed, other)| did(create(seed, recoverable(seed, other))));
        let accreditation = Accreditation {
            subject: organisation.clone(),
            name: LocalizedName { ko: "우체국".to_owned(), en: "Post".to_owned() },
            granted_by: root.clone(),
            grant: Grant::Issue { types: vec![KIND.parse().expect("a type")] },
            validity: Validity { from: Some(now), until: Some(now.plus(Duration::from_hours(8760))) },
        };
        let keys =
            LedgerKeys::new(log_key.clone(), &signer_of_log).with_heads(heads_key.clone(), &heads_signer);
        let ledger = Ledger::with_keys(&engine, keys, &root).expect("a new log");
        let checkpoint = ledger.checkpoint().expect("a checkpoint");
        Self {
            engine,
            key: log_key,
            signer: signer_of_log,
            heads_key,
            heads_signer,
            now,
            root,
            organisation,
            recovered,
            stolen,
            documents: Vec::new(),
            right: Right::Issue(KIND.parse().expect("a type")),
            accreditation,
            checkpoint,
            superseded: None,
            admission: 0,
            pending: Vec::new(),
        }
    }

    fn digest(&self, list: &str) -> Vec<u8> {
        let digest = StatusDigest {
            by: self.organisation.clone(),
            list: list.to_owned(),
            version: 1,
            sha256: sinpyo_crypto::hash::sha256(list.as_bytes()),
            issued_at: self.now,
            time_to_live: Duration::from_hours(1),
        };
        as_organisation(&self.organisation, 2, publish(&origin(), digest)).as_bytes().to_vec()
    }

    fn head(&self, did: &Did) -> DidHead {
        self.ledger().head_of(did).expect("a state").expect("a DID")
    }

    /// The second organisation gets a second version and a status list.
    fn grow(&self) {
        let more = document(&self.organisation, 2);
        let update = did_tlog::update(&self.head(&self.organisation), &origin(), &more, None);
        self.append(by(2, update).as_bytes());
        self.append(&self.digest(LIST));
    }

    /// A thief takes the other two, and one takes itself back.
    fn suffer(&mut self) {
        for (did, seed, recovery, thief) in [(&self.recovered, 7, 70, 66), (&self.stolen, 9, 90, 67)] {
            self.append(create(seed, recoverable(seed, recovery)).as_bytes());
            let theirs =
                did_tlog::update(&self.head(did), &origin(), &document(did, thief), Some(control(thief)));
            self.append(by(seed, theirs).as_bytes());
        }
        self.ledger().checkpoint().expect("a checkpoint");
        let proof = self.ledger().prove_latest(&self.recovered, &VersionSelector::Latest, self.now);
        self.superseded = Some(proof.expect("a DID"));
        self.append(self.recovery(&self.recovered, 70).as_bytes());
    }

    /// Takes `did` back to its first version.
    fn recovery(&self, did: &Did, seed: u8) -> Operation<DidVersion> {
        let base = self.ledger().recoverable(did, 1).expect("a state").expect("a version to go back to");
        by(seed, did_tlog::recover(&base, &origin(), base.document(), control(8)))
    }

    fn next(&self) -> Vec<Vec<u8>> {
        let head = self.head(&self.organisation);
        let next = control(2).announcing(&update_key(3));
        let (signer_of_log, new_signer) = (&self.signer, signer(Algorithm::Ed25519, 202));
        let keys = self.ledger().log_keys().expect("a state");
        let change = keys.change(signer_of_log, Some((&log_key(202), &new_signer)), None).expect("a change");
        let admission = person::admit(&origin(), &self.root, secret(31).commitment());
        let erasure = person::erase(&origin(), &self.root, self.admission);
        vec![
            create(4, control(4)).as_bytes().to_vec(),
            by(2, did_tlog::rotate(&head, &origin(), next)).as_bytes().to_vec(),
            by(2, did_tlog::deactivate(&head, &origin())).as_bytes().to_vec(),
            self.digest("https://a.example/2"),
            self.recovery(&self.stolen, 90).as_bytes().to_vec(),
            change.as_bytes().to_vec(),
            as_organisation(&self.root, 1, admission).as_bytes().to_vec(),
            as_organisation(&self.root, 1, erasure).as_bytes().to_vec(),
        ]
    }

    pub(super) fn append(&self, operation: &[u8]) {
        let appended = self.engine.append(vec![operation.to_vec()]).remove(0);
        assert!(appended.is_ok(), "{appended:?}");
    }

    pub(crate) fn ledger(&self) -> Ledger<'_> {
        let keys = LedgerKeys::new(self.key.clone(), &self.signer);
        Ledger::reopened(&self.engine, keys.with_heads(self.heads_key.clone(), &self.heads_signer))
    }

    pub(crate) fn size(&self) -> u64 {
        self.engine.head().expect("a head").size
    }
}
