//! A registry in memory with an office for every algorithm that both sides know, and a web.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as For},
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_proof::{KeyRing, Signatory};
use sinpyo_registry::{Fold, Ledger, did_tlog::{self, Control, ResolutionProof}};
use sinpyo_tlog::note::{LogKey, Origin};
use sinpyo_resolver::{FetchRequest, LogQuery};
use sinpyo_ssi_adapter::{Source, SourceError};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use std::collections::HashMap;

/// Within the validity of [`credential`], as is the present, by which `ssi` goes.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// Somebody whose key `key-1` makes statements.
pub(crate) struct Office {
    pub(crate) did: Did,
    pub(crate) signer: KeySigner,
    pub(crate) control: KeySigner,
}

impl Office {
    pub(crate) fn key(&self) -> &VerifyingKey {
        self.signer.key().verifying_key()
    }

    pub(crate) fn signatory(&self) -> Signatory<'_> {
        Signatory { key_id: sinpyo_core::key::Signer::key_id(&self.signer), key: self.key() }
    }

    /// The office of the same key whose DID is the key.
    pub(crate) fn by_key_alone(algorithm: Algorithm, seed: u8) -> Self {
        let key = key(algorithm, seed);
        let did = sinpyo_resolver::did_key::did_of(key.verifying_key());
        let id = did.key(did.method_specific_id()).unwrap();
        Self { signer: KeySigner::new(id, key), control: control(seed), did }
    }
}

fn control(seed: u8) -> KeySigner {
    KeySigner::new("did:example:control#key".parse().unwrap(), key(Algorithm::Es256, 100 + seed))
}

/// The key `name` of `did`.
pub(crate) fn method(did: &Did, name: &str, key: &VerifyingKey) -> VerificationMethod {
    VerificationMethod {
        id: did.key(name).unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key.to_multikey()),
        revoked: None,
    }
}

/// The registry, as somebody reaches it who believes nothing but its key, and the files of the web.
pub(crate) struct World<'a> {
    pub(crate) ledger: Ledger<'a>,
    pub(crate) offices: Vec<Office>,
    pub(crate) files: HashMap<String, Vec<u8>>,
    pub(crate) log_key: LogKey,
}

impl World<'_> {
    /// The office whose key is of `algorithm`.
    pub(crate) fn office(&self, algorithm: Algorithm) -> &Office {
        self.offices.iter().find(|office| office.key().algorithm() == algorithm).unwrap()
    }

    /// What our verifier knows of `did`.
    pub(crate) fn ring(&self, did: &Did) -> KeyRing {
        KeyRing::of(&match did.method() {
            "tlog" => self.ledger.resolve(did, &VersionSelector::Latest).unwrap(),
            _ => Resolved::immutable(sinpyo_resolver::did_key::resolve(did).unwrap()),
        })
    }

    /// Publishes another version of the office's document.
    pub(crate) fn update(&self, office: &Office, document: &DidDocument) {
        let head = self.ledger.head_of(&office.did).unwrap().unwrap();
        let draft = did_tlog::update(&head, self.ledger.origin(), document, None);
        let operation = draft.sign(&office.control, office.control.key().verifying_key()).unwrap();
        let _sequenced = self.ledger.submit(operation).unwrap();
        self.ledger.checkpoint().unwrap();
    }
}

/// Runs `test` in a new world.
pub(crate) fn in_world(test: impl FnOnce(World<'_>)) {
    let origin: Origin = "ledger.example/2026".parse().unwrap();
    let mut offices = Vec::new();
    let mut operations = Vec::new();
    for (algorithm, seed) in [(Algorithm::Ed25519, 1), (Algorithm::Es256, 2), (Algorithm::Es384, 3)] {
        let statements = key(algorithm, seed);
        let control = control(seed);
        let public = control.key().verifying_key().clone();
        let document = |did: &Did| {
            let method = method(did, "key-1", statements.verifying_key());
            DidDocument::new(did.clone()).with_key(method, &[For::AssertionMethod])
        };
        let draft = did_tlog::create(&origin, Control::by(&public), document).unwrap();
        let operation = draft.sign(&control, &public).unwrap();
        let did = operation.fact().did.clone();
        let signer = KeySigner::new(did.key("key-1").unwrap(), statements);
        offices.push(Office { did, signer, control });
        operations.push(operation);
    }
    let log_signer = key(Algorithm::Ed25519, 9);
    let log_key = LogKey::new(origin.clone(), log_signer.verifying_key().clone()).unwrap();
    let log_signer = KeySigner::new("did:example:log#key".parse().unwrap(), log_signer);
    let engine = MemoryLog::new(Fold::new(origin), FixedClock(now()));
    let ledger = Ledger::open(&engine, log_key.clone(), &log_signer, &offices[0].did).unwrap();
    for operation in operations {
        let _sequenced = ledger.submit(operation).unwrap();
    }
    ledger.checkpoint().unwrap();
    test(World { ledger, offices, files: HashMap::new(), log_key });
}

impl Source for World<'_> {
    fn now(&self) -> Timestamp {
        now()
    }

    fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    /// The proof passes as text, as it would over a network.
    async fn prove(&self, query: &LogQuery) -> Result<ResolutionProof, SourceError> {
        let proof = self.ledger.prove(query.did(), query.version()).map_err(|_| SourceError::Absent)?;
        proof.to_string().parse().map_err(|_| SourceError::Unavailable)
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<u8>, SourceError> {
        self.files.get(request.url()).cloned().ok_or(SourceError::Absent)
    }
}

/// A credential by `issuer` with text beyond ASCII, an integer, a decimal and a blank node.
pub(crate) fn credential(issuer: &Did) -> Map<String, Value> {
    let credential = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "type": ["VerifiableCredential", "ResidentCredential"],
        "issuer": issuer.as_str(),
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2096-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:holder",
            "name": "김한별",
            "age": 35,
            "share": 4.5,
            "address": {"locality": "대구광역시"},
        },
    });
    credential.as_object().unwrap().clone()
}

/// [`credential`] in which every node has a name, so that there is no blank one.
pub(crate) fn named_credential(issuer: &Did) -> Map<String, Value> {
    let mut credential = credential(issuer);
    credential.insert("id".to_owned(), json!("urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f"));
    credential["credentialSubject"]["address"]["id"] = json!("urn:example:address");
    credential
}
