//! `sinpyo-vcapi`: whole HTTP requests through the service, with a memory that is empty each time.

mod memory;

use super::{OK, SKIPPED, target, texts};
use crate::{Outcome, Target};
use http::{Method, Request, Response};
use memory::Memory;
use serde_json::{Value, json};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_jsonld::Contexts;
use sinpyo_testkit::TestEntropy;
use sinpyo_vcapi::{
    Access, Api, CONFORMANCE, Fact, Facts, Instance, Instances, Mode, PrivateKey, RuleText, Settings, Step,
};
use std::cell::LazyCell;

pub(super) const TARGETS: &[Target] = &[
    target("vcapi/conformance", seeds, ask_conforming),
    target("vcapi/production", seeds, |input| ask(input, Mode::Production)),
];

/// A server, but for its memory.
struct Server {
    settings: Settings,
    instances: Instances,
}

thread_local! {
    static CONFORMING: LazyCell<Server> = LazyCell::new(|| Server::new(Mode::Conformance));
    static PRODUCTIVE: LazyCell<Server> = LazyCell::new(|| Server::new(Mode::Production));
}

fn now() -> Timestamp {
    "2026-11-22T09:00:00Z".parse().expect("a time")
}

const fn no_text(_: &str) -> Option<RuleText> {
    None
}

impl Server {
    fn new(mode: Mode) -> Self {
        let mut entropy = TestEntropy::new(3);
        let mut instances = Instances::default();
        for (name, suite, kind, listing) in CONFORMANCE {
            let key = PrivateKey::generate(kind, &mut entropy);
            let id = key.own_name().parse().expect("a key id");
            instances.insert(name, Instance::new(suite, listing, id, key).expect("a key for the suite"));
        }
        let access = match mode {
            Mode::Conformance => None,
            Mode::Production => {
                let id = "did:web:api.example#key".parse().expect("a key id");
                Some(Access::new(KeySigner::new(id, sinpyo_testkit::key(Algorithm::Es256, 3))))
            }
        };
        let (base, contexts) = ("https://api.example".to_owned(), Contexts::bundled());
        let settings = Settings { mode, base, contexts, access, catalogue: no_text };
        Self { settings, instances }
    }

    fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let memory = Memory::default();
        let api = Api { settings: &self.settings, instances: &self.instances, keep: &memory };
        let (mut facts, mut entropy) = (Facts::default(), TestEntropy::new(4));
        for _ in 0..20 {
            match api.answer(request, &facts, now(), &mut entropy) {
                Step::Answer(answer) => return answer,
                Step::Need(needs) => {
                    assert!(!needs.is_empty(), "a need that cannot be met");
                    for need in needs {
                        facts.supply(need, Fact::Absent);
                    }
                }
            }
        }
        unreachable!("the server needs ever more")
    }
}

/// A request: `METHOD path`, headers as `name: value`, an empty line, the body.
pub(super) fn parse(input: &[u8]) -> Option<Request<Vec<u8>>> {
    let split = input.windows(2).position(|pair| pair == b"\n\n")?;
    let (head, body) = (input.get(..split)?, input.get(split + 2..)?);
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(path);
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        request = request.header(name, value);
    }
    request.body(body.to_vec()).ok()
}

/// A request to the server of conformance suites; the rule that its answer names.
pub(crate) fn ask_conforming(input: &[u8]) -> Outcome {
    ask(input, Mode::Conformance)
}

/// Every request is answered, with JSON if with anything, and never with the server's fault.
fn ask(input: &[u8], mode: Mode) -> Outcome {
    let Some(request) = parse(input) else { return SKIPPED };
    let answer = match mode {
        Mode::Conformance => CONFORMING.with(|server| server.answer(&request)),
        Mode::Production => PRODUCTIVE.with(|server| server.answer(&request)),
    };
    let (status, body) = (answer.status().as_u16(), answer.body());
    let value = serde_json::from_slice::<Value>(body);
    assert!(body.is_empty() || value.is_ok(), "{status} with something else than JSON");
    let is_resolution = request.uri().path().starts_with("/1.0/identifiers/");
    assert!(status < 500 || is_resolution && status == 501, "{status} {}", String::from_utf8_lossy(body));
    if status == 400 && mode == Mode::Conformance {
        let rule = value.ok().and_then(|value| Some(value.get("rule")?.as_str()?.to_owned()));
        return rule.map_or("400", interned);
    }
    match status {
        200..300 => OK,
        400 => "400",
        401 => "401",
        404 => "404",
        415 => "415",
        422 => "422",
        _ => "other",
    }
}

/// The rule as a name that stays; there are as many as rules.
fn interned(rule: String) -> Outcome {
    use std::{collections::BTreeSet, sync::Mutex};
    static RULES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let Ok(mut rules) = RULES.lock() else { return "400" };
    if let Some(known) = rules.get(rule.as_str()) {
        return known;
    }
    let kept: &'static str = rule.leak();
    rules.insert(kept);
    kept
}

fn post(path: &str, body: &Value) -> Vec<u8> {
    format!("POST {path}\ncontent-type: application/json\n\n{body}").into_bytes()
}

/// The DID of an instance, and the name of its key.
pub(crate) fn instance_key(name: &str) -> (String, String) {
    CONFORMING.with(|server| {
        let instance = server.instances.get(name).expect("an instance");
        (instance.did().as_str().to_owned(), instance.key_id().as_str().to_owned())
    })
}

fn credential(server: &Server, instance: &str) -> Value {
    let did = server.instances.get(instance).expect("an instance").did();
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential"], "issuer": did.as_str(),
        "credentialSubject": {"id": "did:example:holder", "alumniOf": "서울"},
    })
}

/// What each instance is asked to issue, to verify what it issued, to derive and to present.
fn seeds() -> Vec<Vec<u8>> {
    let server = Server::new(Mode::Conformance);
    let issued_by = |instance: &str| {
        let body = json!({"credential": credential(&server, instance), "options": {}});
        let request = post(&format!("/issuers/{instance}/credentials/issue"), &body);
        let answer = server.answer(&parse(&request).expect("a request"));
        let value: Value = serde_json::from_slice(answer.body()).expect("an answer");
        (request, value.get("verifiableCredential").cloned().unwrap_or_default())
    };
    let mut seeds = Vec::new();
    for (name, ..) in CONFORMANCE {
        let (request, issued) = issued_by(name);
        seeds.push(request);
        seeds.push(post("/credentials/verify", &json!({"verifiableCredential": issued, "options": {}})));
        if matches!(name, "ecdsa-sd-2023" | "bbs-2023") {
            let options = json!({"selectivePointers": ["/credentialSubject"]});
            seeds.push(post(
                "/credentials/derive",
                &json!({"verifiableCredential": issued, "options": options}),
            ));
        }
    }
    let holder = server.instances.get("eddsa-rdfc-2022").expect("an instance").did();
    let presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": holder.as_str(), "verifiableCredential": [issued_by("eddsa-rdfc-2022").1],
    });
    let options = json!({"challenge": "c", "domain": "post.example"});
    seeds.push(post("/presentations", &json!({"presentation": presentation, "options": options})));
    seeds.push(post(
        "/presentations/verify",
        &json!({"verifiablePresentation": presentation, "options": options}),
    ));
    let status = json!({"credentialId": "urn:uuid:1", "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}, "status": true});
    seeds.push(post("/credentials/status", &status));
    seeds.extend(texts(&[
        "GET /instances\n\n",
        "GET /openapi.json\naccept: application/json\n\n",
        "GET /1.0/identifiers/did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK?versionTime=2026-01-01T00:00:00Z\naccept: application/did-resolution\n\n",
        "POST /1.0/identifiers/did:web:a.example\n\n{\"accept\":\"application/did\"}",
        "POST /token\ncontent-type: application/x-www-form-urlencoded\n\ngrant_type=client_credentials&scope=issue",
        "GET /credentials/urn:uuid:1\nauthorization: Bearer a.b.c\n\n",
        "DELETE /credentials/urn%3Auuid%3A1\n\n",
    ]));
    seeds
}
