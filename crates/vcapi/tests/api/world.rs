//! A server in memory, with a clock that stands still and an internet that is a map.

use http::{Request, Response, header};
use serde_json::{Value, json};
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_jsonld::Contexts;
use sinpyo_testkit::TestEntropy;
use sinpyo_vcapi::{
    Access, Api, CONFORMANCE, Fact, Facts, Instance, Instances, Keep, KeepError, Kept, KeyKind, Limiter,
    Listing, Mode, Need, PrivateKey, RuleText, Scope, Settings, Slot, Step, Suite,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub(crate) const BASE: &str = "https://api.example";

/// What happened and was kept.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    taken: RefCell<BTreeSet<(String, u64)>>,
    streams: RefCell<BTreeMap<String, Vec<Vec<u8>>>>,
    credentials: RefCell<BTreeMap<String, Vec<u8>>>,
    used: RefCell<BTreeSet<String>>,
    pub(crate) clients: RefCell<BTreeMap<String, PublicJwk>>,
    pub(crate) limiter: RefCell<Option<Limiter>>,
    pub(crate) broken: RefCell<bool>,
}

impl Memory {
    fn check(&self) -> Result<(), KeepError> {
        if *self.broken.borrow() { Err(KeepError::Failed("disk full".into())) } else { Ok(()) }
    }
}

impl Keep for Memory {
    fn take(&self, list: &str, index: u64) -> Result<Slot, KeepError> {
        self.check()?;
        let free = self.taken.borrow_mut().insert((list.to_owned(), index));
        Ok(if free { Slot::Taken } else { Slot::Occupied })
    }

    fn events(&self, stream: &str) -> Result<Vec<Vec<u8>>, KeepError> {
        self.check()?;
        Ok(self.streams.borrow().get(stream).cloned().unwrap_or_default())
    }

    fn append(&self, stream: &str, after: Option<u64>, events: Vec<Vec<u8>>) -> Result<(), KeepError> {
        self.check()?;
        let mut streams = self.streams.borrow_mut();
        let stream = streams.entry(stream.to_owned()).or_default();
        if after.is_some_and(|after| after != u64::try_from(stream.len()).unwrap()) {
            return Err(KeepError::Taken);
        }
        stream.extend(events);
        Ok(())
    }

    fn credential(&self, id: &str) -> Result<Kept, KeepError> {
        self.check()?;
        Ok(match self.credentials.borrow().get(id) {
            None => Kept::Nothing,
            Some(record) if record.is_empty() => Kept::Erased,
            Some(record) => Kept::Credential(record.clone()),
        })
    }

    fn keep_credential(&self, id: &str, record: &[u8]) -> Result<(), KeepError> {
        self.check()?;
        self.credentials.borrow_mut().insert(id.to_owned(), record.to_vec());
        Ok(())
    }

    fn erase_credential(&self, id: &str) -> Result<(), KeepError> {
        self.keep_credential(id, b"")
    }

    fn client(&self, name: &str) -> Result<Option<PublicJwk>, KeepError> {
        self.check()?;
        Ok(self.clients.borrow().get(name).cloned())
    }

    fn use_once(&self, value: &str, _: Timestamp) -> Result<(), KeepError> {
        if self.used.borrow_mut().insert(value.to_owned()) { Ok(()) } else { Err(KeepError::Taken) }
    }

    fn may_ask(&self, caller: &str, now: Timestamp) -> bool {
        self.limiter.borrow_mut().as_mut().is_none_or(|limiter| limiter.admit(caller, now))
    }
}

/// A server and what is around it.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) instances: Instances,
    pub(crate) memory: Memory,
    pub(crate) now: Timestamp,
    /// What is found where.
    pub(crate) web: BTreeMap<String, Fact>,
    /// What was asked for.
    pub(crate) fetched: RefCell<Vec<String>>,
    entropy: RefCell<TestEntropy>,
    token: RefCell<Option<String>>,
}

impl World {
    pub(crate) fn conformance() -> Self {
        Self::new(Mode::Conformance)
    }

    /// In production, with a token for everything.
    pub(crate) fn production() -> Self {
        let world = Self::new(Mode::Production);
        world.permit(&Scope::ALL);
        world
    }

    fn new(mode: Mode) -> Self {
        let mut entropy = TestEntropy::new(3);
        let mut instances = Instances::default();
        for (name, suite, kind, listing) in CONFORMANCE {
            let key = PrivateKey::generate(kind, &mut entropy);
            let id = key.own_name().parse().unwrap();
            instances.insert(name, Instance::new(suite, listing, id, key).unwrap());
        }
        let key = PrivateKey::generate(KeyKind::Signature(Algorithm::Ed25519), &mut entropy);
        let suite: Suite = "eddsa-rdfc-2022".parse().unwrap();
        let id = key.own_name().parse().unwrap();
        instances.insert("seoul", Instance::new(suite, Listing::Suspendable, id, key).unwrap());
        let access = match mode {
            Mode::Conformance => None,
            Mode::Production => Some(Access::new(signer("did:web:api.example#key", &mut entropy))),
        };
        let (base, contexts) = (BASE.to_owned(), Contexts::bundled());
        let settings = Settings { mode, base, contexts, access, catalogue };
        Self {
            settings,
            instances,
            memory: Memory::default(),
            now: "2026-11-22T09:00:00Z".parse().unwrap(),
            web: BTreeMap::new(),
            fetched: RefCell::default(),
            entropy: RefCell::new(entropy),
            token: RefCell::default(),
        }
    }

    /// From now on requests carry a token that permits `scopes`.
    pub(crate) fn permit(&self, scopes: &[Scope]) {
        let scopes = scopes.iter().copied().collect();
        let access = self.settings.access.as_ref().unwrap();
        let mut entropy = self.entropy.borrow_mut();
        let token = access.grant("office", &scopes, Duration::from_mins(15), self.now, &mut *entropy);
        *self.token.borrow_mut() = Some(token.unwrap());
    }

    /// From now on requests carry this token, or none.
    pub(crate) fn carry(&self, token: Option<&str>) {
        *self.token.borrow_mut() = token.map(str::to_owned);
    }

    pub(crate) fn token(&self) -> String {
        self.token.borrow().clone().unwrap()
    }

    pub(crate) fn did(&self, instance: &str) -> String {
        self.instances.get(instance).unwrap().did().as_str().to_owned()
    }

    pub(crate) fn ask(&self, mut request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        if let Some(token) = &*self.token.borrow() {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().entry(header::AUTHORIZATION).or_insert(value);
        }
        let api = Api { settings: &self.settings, instances: &self.instances, keep: &self.memory };
        let mut facts = Facts::default();
        for _ in 0..20 {
            match api.answer(&request, &facts, self.now, &mut *self.entropy.borrow_mut()) {
                Step::Answer(answer) => return answer,
                Step::Need(needs) => {
                    assert!(!needs.is_empty(), "a need that cannot be met");
                    for need in needs {
                        let name = match &need {
                            Need::Get { url, .. } => url.clone(),
                            Need::Document { did, .. } => did.as_str().to_owned(),
                            other => panic!("{other:?}"),
                        };
                        let fact = self.web.get(&name).cloned().unwrap_or(Fact::Unavailable);
                        self.fetched.borrow_mut().push(name);
                        facts.supply(need, fact);
                    }
                }
            }
        }
        panic!("the server needs ever more");
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let answer = self.ask(request.body(body.to_vec()).unwrap());
        let value = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
        (answer.status().as_u16(), value)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send("POST", path, body.to_string().as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, b"")
    }

    /// Issues a small credential as `instance`.
    pub(crate) fn issue(&self, instance: &str) -> Value {
        self.issue_with(instance, &json!({}), &json!({}))
    }

    /// Issues a small credential with other members and options.
    pub(crate) fn issue_with(&self, instance: &str, members: &Value, options: &Value) -> Value {
        let mut credential = small(&self.did(instance));
        credential.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let body = json!({"credential": credential, "options": options});
        let (status, answer) = self.post(&format!("/issuers/{instance}/credentials/issue"), &body);
        assert_eq!(status, 201, "{answer}");
        answer["verifiableCredential"].clone()
    }

    /// Asks whether the credential verifies; the rule if it does not.
    pub(crate) fn verify(&self, credential: &Value, options: &Value) -> Result<Value, String> {
        let body = json!({"verifiableCredential": credential, "options": options});
        verdict(self.post("/credentials/verify", &body))
    }

    /// Asks whether the presentation verifies; the rule if it does not.
    pub(crate) fn verify_presentation(&self, presentation: &Value, options: &Value) -> Result<Value, String> {
        let body = json!({"verifiablePresentation": presentation, "options": options});
        verdict(self.post("/presentations/verify", &body))
    }

    /// Presents as `holder`, signed for an occasion.
    pub(crate) fn present(&self, holder: &str, credentials: &[Value], challenge: &str) -> Value {
        let presentation = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
            "holder": self.did(holder), "verifiableCredential": credentials,
        });
        let options = json!({"challenge": challenge, "domain": "post.example"});
        let (status, answer) =
            self.post("/presentations", &json!({"presentation": presentation, "options": options}));
        assert_eq!(status, 201, "{answer}");
        answer["verifiablePresentation"].clone()
    }
}

/// A contract that every verification keeps: 200 with `verified` true, or 400 with `verified` false and the rule.
fn verdict((status, answer): (u16, Value)) -> Result<Value, String> {
    match (status, &answer["verified"]) {
        (200, Value::Bool(true)) => Ok(answer),
        (400, Value::Bool(false)) => {
            let errors = answer["errors"].as_array().unwrap();
            assert_eq!(answer["rule"], errors[0]["rule"], "{answer}");
            Err(answer["rule"].as_str().unwrap().to_owned())
        }
        _ => panic!("{status} {answer}"),
    }
}

pub(crate) fn small(issuer: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"], "issuer": issuer,
        "credentialSubject": {"id": "did:example:holder", "alumniOf": "서울"},
    })
}

pub(crate) fn signer(id: &str, entropy: &mut TestEntropy) -> KeySigner {
    KeySigner::new(id.parse().unwrap(), SigningKey::generate(Algorithm::Es256, entropy))
}

/// One text, so that a test can see that the catalogue is asked.
fn catalogue(code: &str) -> Option<RuleText> {
    (code == "VCA-05")
        .then_some(RuleText { en: "the rule", ko: "규칙", mend: Some(("mend it", "고친다")) })
}
