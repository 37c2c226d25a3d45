//! A registry in memory, asked as over HTTP.

use http::{Request, Response};
use serde_json::Value;
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName},
    credential::Validity,
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    Draft, Fold, Ledger, LedgerKeys, Operation,
    accreditation::draft_grant,
    did_tlog::{Control, DidVersion, create, rotate},
    engine::LogEngine,
    heads::HeadsKey,
};
use sinpyo_registry_api::{Admission, Answer, Api, RuleId, RuleText, Settings};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use sinpyo_tlog::note::{LogKey, Origin};

pub(crate) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(crate) fn origin() -> Origin {
    "ledger.example/2026".parse().unwrap()
}

pub(crate) fn log_key() -> (LogKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, 200);
    let public = LogKey::new(origin(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:log#key".parse().unwrap(), secret))
}

pub(crate) fn heads_key() -> (HeadsKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, 201);
    let public = HeadsKey::new(&origin(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:log#heads".parse().unwrap(), secret))
}

pub(crate) struct World {
    pub(crate) engine: &'static MemoryLog,
    pub(crate) ledger: Ledger<'static>,
    pub(crate) root: Did,
    pub(crate) settings: Settings,
}

impl World {
    /// A log whose root accreditor, organisation 1, is on it, under a checkpoint of 2 entries.
    pub(crate) fn new() -> Self {
        Self::with(|keys| keys)
    }

    /// The same with a key that states what is newest.
    pub(crate) fn stating() -> Self {
        let (key, signer) = heads_key();
        Self::with(|keys| keys.with_heads(key, Box::leak(Box::new(signer))))
    }

    fn with(more: impl FnOnce(LedgerKeys<'static>) -> LedgerKeys<'static>) -> Self {
        let engine: &'static MemoryLog =
            Box::leak(Box::new(MemoryLog::new(Fold::new(origin()), FixedClock(now()))));
        let (key, signer) = log_key();
        let operation = organisation(1);
        let root = operation.fact().did.clone();
        let keys = more(LedgerKeys::new(key, Box::leak(Box::new(signer))));
        let ledger = Ledger::with_keys(engine, keys, &root).unwrap();
        let catalogue = |rule: &str| {
            (rule == "RGA-01").then_some(RuleText {
                en: "a rule",
                ko: "규칙",
                mend: Some(("mend it", "고친다")),
            })
        };
        let base = "https://ledger.example".into();
        let settings = Settings { base, admission: Admission::Open, catalogue, ..Settings::default() };
        let world = Self { engine, ledger, root, settings };
        assert_eq!(world.post(operation.as_bytes()).status(), 201);
        world.publish();
        world
    }

    pub(crate) fn publish(&self) {
        self.ledger.checkpoint().unwrap();
    }

    pub(crate) const fn api(&self) -> Api<'_> {
        Api { settings: &self.settings, ledger: &self.ledger, engine: self.engine }
    }

    pub(crate) fn whole<T: AsRef<[u8]>>(&self, request: &Request<T>) -> Response<Vec<u8>> {
        match self.api().answer(request, now()) {
            Answer::Whole(response) => response,
            Answer::Stream(_) => panic!("a stream"),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Response<Vec<u8>> {
        self.whole(&Request::get(path).body("").unwrap())
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let response = self.get(path);
        assert_eq!(response.status(), 200, "{path}: {}", String::from_utf8_lossy(response.body()));
        serde_json::from_slice(response.body()).unwrap()
    }

    pub(crate) fn post(&self, body: &[u8]) -> Response<Vec<u8>> {
        self.whole(
            &Request::post("/operations").header("content-type", "application/json").body(body).unwrap(),
        )
    }

    pub(crate) fn size(&self) -> u64 {
        self.engine.head().unwrap().size
    }

    /// Appends `times` more versions of organisation 1.
    pub(crate) fn grow(&self, times: usize) {
        for _ in 0..times {
            let head = self.ledger.head_of(&self.root).unwrap().unwrap();
            let own = key(Algorithm::Ed25519, 1);
            let public = own.verifying_key().clone();
            let draft = rotate(&head, &origin(), Control::by(&public));
            let signer = KeySigner::new("did:example:a#key".parse().unwrap(), own);
            assert_eq!(self.post(draft.sign(&signer, &public).unwrap().as_bytes()).status(), 201);
        }
    }

    /// Organisation 1 permits `subject` to issue residents' cards.
    pub(crate) fn accredit(&self, subject: &Did, name: &str) -> Value {
        let accreditation = Accreditation {
            subject: subject.clone(),
            name: LocalizedName { ko: name.to_owned(), en: name.to_owned() },
            granted_by: self.root.clone(),
            grant: Grant::Issue { types: vec!["ResidentCard".parse().unwrap()] },
            validity: Validity { from: Some(now()), until: None },
        };
        let operation = self.as_root(draft_grant(&origin(), &accreditation).unwrap());
        let response = self.post(operation.as_bytes());
        assert_eq!(response.status(), 201);
        serde_json::from_slice(response.body()).unwrap()
    }

    pub(crate) fn as_root<T>(&self, draft: Draft<T>) -> Operation<T> {
        let own = key(Algorithm::Ed25519, 1);
        let public = own.verifying_key().clone();
        draft.sign(&KeySigner::new(self.root.key("key").unwrap(), own), &public).unwrap()
    }
}

/// A new organisation whose one key is number `number`.
pub(crate) fn organisation(number: u8) -> Operation<DidVersion> {
    let own = key(Algorithm::Ed25519, number);
    let public = own.verifying_key().clone();
    let material = PublicKeyMaterial::Multikey(public.to_multikey());
    let draft = create(&origin(), Control::by(&public), |did| {
        let id = did.key("key").unwrap();
        let method = VerificationMethod { id, controller: did.clone(), key: material, revoked: None };
        DidDocument::new(did.clone()).with_key(method, &[VerificationRelationship::AssertionMethod])
    });
    let signer = KeySigner::new("did:example:a#key".parse().unwrap(), own);
    draft.unwrap().sign(&signer, &public).unwrap()
}

/// The value of a header, empty if it is not there.
pub(crate) fn header<'r, T>(response: &'r Response<T>, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Status and rule of a refusal, which is the same in the body and for the operator.
pub(crate) fn refused(response: &Response<Vec<u8>>) -> (u16, &'static str) {
    let rule = response.extensions().get::<RuleId>().expect("a refusal").0;
    if !response.body().is_empty() {
        let problem: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(
            (problem["rule"].as_str(), problem["status"].as_u64()),
            (Some(rule), Some(response.status().as_u16().into()))
        );
        for text in ["title", "title_ko", "detail", "detail_ko", "mend", "mend_ko"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{text}");
        }
    }
    assert_eq!(header(response, "content-type"), "application/problem+json");
    (response.status().as_u16(), rule)
}
