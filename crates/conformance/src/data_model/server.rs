//! The HTTP interface in memory, set up for conformance suites.

use crate::given;
use anyhow::{Context, Result, bail, ensure};
use http::{Request, header};
use serde_json::{Value, json};
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_jsonld::Contexts;
use sinpyo_testkit::TestEntropy;
use sinpyo_vcapi::{
    Api, CONFORMANCE, Fact, Facts, Instance, Instances, Keep, KeepError, Kept, Mode, PrivateKey, Settings,
    Slot, Step,
};
use std::cell::RefCell;

/// More rounds of questions than any document of the set needs.
const MAX_ROUNDS: usize = 8;

pub(super) struct Server {
    settings: Settings,
    instances: Instances,
    now: Timestamp,
    entropy: RefCell<TestEntropy>,
}

impl Server {
    pub(super) fn new() -> Result<Self> {
        let mut entropy = TestEntropy::new(1);
        let mut instances = Instances::default();
        for (name, suite, kind, listing) in CONFORMANCE {
            let key = PrivateKey::generate(kind, &mut entropy);
            let key_id = key.own_name().parse()?;
            let instance = Instance::new(suite, listing, key_id, key).context("the key fits the suite")?;
            instances.insert(name, instance);
        }
        let base = "https://api.example".to_owned();
        let settings = Settings {
            mode: Mode::Conformance,
            base,
            contexts: Contexts::bundled(),
            access: None,
            catalogue: |_| None,
        };
        let now = "2026-11-22T09:00:00Z".parse()?;
        Ok(Self { settings, instances, now, entropy: RefCell::new(entropy) })
    }

    pub(super) fn did(&self, instance: &str) -> Result<String> {
        let instance = self.instances.get(instance).context("there is such an instance")?;
        Ok(instance.did().as_str().to_owned())
    }

    /// Status and body of the answer. Nobody else can be reached.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let request = request.body(body.to_string().into_bytes())?;
        let api = Api { settings: &self.settings, instances: &self.instances, keep: &Nothing };
        let mut facts = Facts::default();
        for _ in 0..MAX_ROUNDS {
            match api.answer(&request, &facts, self.now, &mut *self.entropy.borrow_mut()) {
                Step::Answer(answer) => {
                    let body = serde_json::from_slice(answer.body()).context("the answer is JSON")?;
                    return Ok((answer.status().as_u16(), body));
                }
                Step::Need(needs) => {
                    for need in needs {
                        facts.supply(need, Fact::Unavailable);
                    }
                }
            }
        }
        bail!("the server needs ever more")
    }

    /// A small credential.
    pub(super) fn issue(&self, instance: &str) -> Result<Value> {
        let credential = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
            "issuer": self.did(instance)?, "credentialSubject": {"id": "did:example:subject"},
        });
        let body = json!({"credential": credential});
        let (status, answer) = self.post(&format!("/issuers/{instance}/credentials/issue"), &body)?;
        ensure!(status == 201, "{instance} issued nothing: {answer}");
        Ok(given::member(&answer, "verifiableCredential")?.clone())
    }
}

/// A memory without content: the set asks for nothing that was kept.
#[derive(Debug)]
struct Nothing;

impl Keep for Nothing {
    fn take(&self, _: &str, _: u64) -> Result<Slot, KeepError> {
        Ok(Slot::Taken)
    }

    fn events(&self, _: &str) -> Result<Vec<Vec<u8>>, KeepError> {
        Ok(Vec::new())
    }

    fn append(&self, _: &str, _: Option<u64>, _: Vec<Vec<u8>>) -> Result<(), KeepError> {
        Ok(())
    }

    fn credential(&self, _: &str) -> Result<Kept, KeepError> {
        Ok(Kept::Nothing)
    }

    fn keep_credential(&self, _: &str, _: &[u8]) -> Result<(), KeepError> {
        Ok(())
    }

    fn erase_credential(&self, _: &str) -> Result<(), KeepError> {
        Ok(())
    }

    fn client(&self, _: &str) -> Result<Option<PublicJwk>, KeepError> {
        Ok(None)
    }

    fn use_once(&self, _: &str, _: Timestamp) -> Result<(), KeepError> {
        Ok(())
    }

    fn may_ask(&self, _: &str, _: Timestamp) -> bool {
        true
    }
}
