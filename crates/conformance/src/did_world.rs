//! DIDs of every method that we resolve, the places where they are published, and a resolver that can reach those.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, Service, VerificationMethod,
        VerificationRelationship::{AssertionMethod, Authentication},
    },
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_registry::{
    Fold, Ledger, Operation,
    did_tlog::{self, Control, DidVersion, ResolutionProof},
};
use sinpyo_resolver::{
    Fetched, LogQuery, ResolveError, did_jwk, did_key,
    did_webvh::{DidLog, DraftEntry, Entry, Parameters, UpdateKey, create},
    http_binding::{Answer, Options, Question, Request, Step, start},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use sinpyo_tlog::note::{LogKey, Origin};
use std::collections::BTreeMap;

const NOW: &str = "2026-11-22T09:00:00Z";
/// When the DIDs with a history were made, updated, and ended.
const TIMES: [&str; 3] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"];

/// The DIDs of one method.
pub(crate) struct Subjects {
    pub(crate) method: &'static str,
    /// In use.
    pub(crate) live: Did,
    /// Out of use, if the method knows that.
    pub(crate) ended: Option<Did>,
    /// Published nowhere, if the method publishes.
    pub(crate) absent: Option<Did>,
    /// Not a DID of its method.
    pub(crate) invalid: &'static str,
}

/// What can be reached.
pub(crate) struct World<'a> {
    pub(crate) subjects: Vec<Subjects>,
    files: BTreeMap<String, Vec<u8>>,
    ledger: Ledger<'a>,
    log_key: LogKey,
    now: Timestamp,
}

/// Runs `use_it` in a new world.
pub(crate) fn with<T>(use_it: impl FnOnce(&World<'_>) -> Result<T>) -> Result<T> {
    let now: Timestamp = NOW.parse()?;
    let origin: Origin = "ledger.example/2026".parse()?;
    let log_signer = key(Algorithm::Ed25519, 90);
    let log_key = LogKey::new(origin.clone(), log_signer.verifying_key().clone())?;
    let log_signer = KeySigner::new("did:example:log#key".parse()?, log_signer);
    let engine = MemoryLog::new(Fold::new(origin.clone()), FixedClock(now));
    let (first, second) = (tlog(&origin, 1)?, tlog(&origin, 2)?);
    let ledger = Ledger::open(&engine, log_key.clone(), &log_signer, &first.fact().did)?;
    let (live, ended) = (first.fact().did.clone(), second.fact().did.clone());
    for operation in [first, second] {
        let _sequenced = ledger.submit(operation)?;
    }
    let head = ledger.head_of(&ended)?.context("the log has the DID")?;
    let control = control(2)?;
    let operation = did_tlog::deactivate(&head, &origin).sign(&control, control.key().verifying_key())?;
    let _sequenced = ledger.submit(operation)?;
    ledger.checkpoint()?;
    let tlog = Subjects {
        method: "tlog",
        live,
        ended: Some(ended),
        absent: Some("did:tlog:zQmYtUc4iTCbbfVSDNKvtQqrfyezPPnFvE33wFmutw9PBBk".parse()?),
        invalid: "did:tlog:",
    };
    let mut world = World { subjects: vec![tlog], files: BTreeMap::new(), ledger, log_key, now };
    world.add_without_place();
    world.add_web()?;
    world.add_webvh()?;
    use_it(&world)
}

/// The key that statements are signed with.
fn statement_key() -> SigningKey {
    key(Algorithm::Es256, 1)
}

fn control(seed: u8) -> Result<KeySigner> {
    Ok(KeySigner::new("did:example:controller#key".parse()?, key(Algorithm::Es256, 100 + seed)))
}

fn tlog(origin: &Origin, seed: u8) -> Result<Operation<DidVersion>> {
    let control = control(seed)?;
    let public = control.key().verifying_key().clone();
    let draft = did_tlog::create(origin, Control::by(&public), |did| {
        document(did).unwrap_or_else(|_| DidDocument::new(did.clone()))
    })?;
    Ok(draft.sign(&control, &public)?)
}

fn document(did: &Did) -> Result<DidDocument> {
    let method = VerificationMethod {
        id: did.key("key-1")?,
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(statement_key().verifying_key().to_multikey()),
        revoked: None,
    };
    let service = Service {
        id: format!("{did}#office"),
        kind: "Office".to_owned(),
        endpoint: json!("https://office.example/"),
    };
    let document = DidDocument::new(did.clone()).with_key(method, &[AssertionMethod, Authentication]);
    Ok(document.with_service(service))
}

impl World<'_> {
    /// did:key and did:jwk.
    fn add_without_place(&mut self) {
        let key = statement_key();
        let public: &VerifyingKey = key.verifying_key();
        for (method, live, invalid) in [
            ("key", did_key::did_of(public), "did:key:z6Mk"),
            ("jwk", did_jwk::did_of(&public.to_jwk()), "did:jwk:nonsense"),
        ] {
            self.subjects.push(Subjects { method, live, ended: None, absent: None, invalid });
        }
    }

    fn add_web(&mut self) -> Result<()> {
        let did: Did = "did:web:office.example:notary".parse()?;
        let text = Value::Object(document(&did)?.to_json()).to_string();
        self.files.insert("https://office.example/notary/did.json".to_owned(), text.into_bytes());
        self.subjects.push(Subjects {
            method: "web",
            live: did,
            ended: None,
            absent: Some("did:web:office.example:nobody".parse()?),
            invalid: "did:web:127.0.0.1",
        });
        Ok(())
    }

    fn add_webvh(&mut self) -> Result<()> {
        let live = self.webvh("office.example:vh", TIMES.split_at(2).0)?;
        let ended = self.webvh("office.example:ended", &TIMES)?;
        let absent = live.as_str().replace(":vh", ":nobody").parse()?;
        self.subjects.push(Subjects {
            method: "webvh",
            live,
            ended: Some(ended),
            absent: Some(absent),
            invalid: "did:webvh:QmHash:office.example",
        });
        Ok(())
    }

    /// Publishes a history with a version for each of `times`, the third of which is the last.
    fn webvh(&mut self, place: &str, times: &[&str]) -> Result<Did> {
        let key = key(Algorithm::Ed25519, 50);
        let update_key = UpdateKey::new(key.verifying_key()).context("an Ed25519 key updates")?;
        let parameters = Parameters { update_keys: Some(vec![update_key]), ..Parameters::default() };
        let mut times = times.iter();
        let mut next = || times.next().map(|time| time.parse::<Timestamp>()).transpose();
        let at = next()?.context("a history has a beginning")?;
        let draft = create(place, &parameters, at, webvh_document)?;
        let mut log = DidLog::start(signed(draft, &key)?, self.now)?;
        let state = log.versions().first().context("one version")?.entry().state().clone();
        let did: Did = state.get("id").and_then(Value::as_str).context("a document has an id")?.parse()?;
        if let Some(at) = next()? {
            let entry = signed(log.update(&Parameters::default(), state, at)?, &key)?;
            log = log.append(entry, self.now)?;
        }
        if let Some(at) = next()? {
            let entry = signed(log.deactivate(at)?, &key)?;
            log = log.append(entry, self.now)?;
        }
        let url = format!("https://{}/did.jsonl", place.replace(':', "/"));
        self.files.insert(url, log.to_jsonl().into_bytes());
        Ok(did)
    }

    /// What the resolver answers over HTTP.
    pub(crate) fn ask(&self, target: &str, query: &str, accept: &str) -> Result<Answer> {
        let options = match Options::from_query(query) {
            Ok(options) => options,
            Err(problem) => bail!("the query is refused: {problem}"),
        };
        let mut step = start(&Request { target, options, accept: Some(accept) });
        loop {
            let pending = match step {
                Step::Done(answer) => return Ok(answer),
                Step::Ask(pending) => pending,
            };
            step = match pending.question() {
                Question::Log(query) => {
                    let outcome = self.ask_log(query)?;
                    Step::Done(pending.resolved(outcome))
                }
                Question::Fetch(request) => {
                    let body = self.files.get(request.url());
                    let fetched = body.map_or(Fetched::Absent, |body| Fetched::Body(body));
                    pending.fetched(&fetched, self.now)
                }
            };
        }
    }

    /// What the log proves; the proof passes as text, as it does over a network.
    fn ask_log(&self, query: &LogQuery) -> Result<Result<Resolved, ResolveError>> {
        match self.ledger.prove(query.did(), query.version()) {
            Ok(proof) => {
                let proof: ResolutionProof = proof.to_string().parse()?;
                Ok(query.answer(&proof, &self.log_key).map(did_tlog::ProvenDocument::into_resolved))
            }
            Err(error) => Ok(Err(ResolveError::Log(error))),
        }
    }

    /// The name of a version of the log's DIDs.
    pub(crate) fn version_of(&self, did: &Did) -> Result<String> {
        let resolved = self.ledger.resolve(did, &VersionSelector::Latest)?;
        resolved.metadata.version_id.context("a version has a name")
    }
}

fn signed(draft: DraftEntry, key: &SigningKey) -> Result<Entry> {
    let prepared = draft.prepare(key.verifying_key())?;
    let signature = key.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}

fn webvh_document(did: &str) -> Map<String, Value> {
    let key = statement_key().verifying_key().to_multikey().to_string();
    let id = format!("{did}#key-1");
    let document = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"],
        "id": did,
        "verificationMethod": [{"id": id, "type": "Multikey", "controller": did, "publicKeyMultibase": key}],
        "assertionMethod": [id],
        "service": [{"id": format!("{did}#office"), "type": "Office", "serviceEndpoint": "https://office.example/"}],
    });
    document.as_object().cloned().unwrap_or_default()
}
