//! The voting service in memory, with its trustees, as a wallet meets it.

mod office;

pub(crate) use office::office_signer;

use crate::world::{RESIDENT, VERIFIER_DID, document, now};
use http::{Request, Response};
use office::{Nobody, Office, Shelf, Time};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    ceremony::{BoxSecret, TrusteeNumber},
    generators::ElectionId,
};
use sinpyo_core::{
    Secret,
    accreditation::LocalizedName,
    key::Entropy as _,
    time::{Clock as _, Timestamp},
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_issuer::{Issuer, IssuerOptions};
use sinpyo_registry::engine::LogEngine as _;
use sinpyo_state::MemoryState;
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{StepClock, TestEntropy, key};
use sinpyo_voting::{
    audit::{OneThread, examine},
    election::Rules,
    event::{Body, EventDraft, Role},
    form::{from_hex_array, to_hex},
    manifest::Manifest,
    record::EngineRecord,
    trustee::Custody,
};
use sinpyo_voting_api::{Service, ServiceKey, Settings, SharedSigner, Step};
use sinpyo_web::site::Site;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) const VOTES: &str = "https://vote.example";
pub(crate) const REGISTRAR_DID: &str = "did:web:vote.example";

pub(crate) struct Polls {
    service: Service,
    shelf: Arc<Shelf>,
    time: Time,
    pub(crate) election: ElectionId,
    trustees: Vec<(SigningKey, Custody)>,
    entropy: TestEntropy,
    /// Headers of ballots that came.
    pub(crate) posted: Vec<Vec<String>>,
    /// The relay that the summary names.
    pub(crate) relay: Option<String>,
    /// Answers to give in place of the right ones, by the end of the path; each is given so many times.
    pub(crate) lies: BTreeMap<String, (u16, Vec<u8>, usize)>,
    /// The credential that was issued last, and one to be sent in the place of the next.
    pub(crate) issued: Option<Value>,
    pub(crate) swap: Option<Value>,
}

impl Polls {
    /// Called, with keys: voters may be registered. `asks`: the resident credential has to be shown.
    pub(crate) fn new(profile: &str, asks: bool) -> Self {
        let time = Time(Arc::new(StepClock::new(now())));
        let shelf = Arc::new(Shelf { logs: Mutex::default(), time: time.clone() });
        let office = office_signer(REGISTRAR_DID, 6);
        let own = document(REGISTRAR_DID, &office);
        let issuer = Issuer::new(SharedSigner(Arc::new(office)), &own, IssuerOptions::default());
        let asker = Arc::new(office_signer(VERIFIER_DID, 2));
        let office = Office { issuer: issuer.unwrap(), asker, did: VERIFIER_DID.parse().unwrap() };
        let logs: Arc<Shelf> = Arc::clone(&shelf);
        let service = Service::new(Settings {
            site: Site::new(VOTES.parse().unwrap(), Vec::new()),
            operator: LocalizedName { ko: "선거 사무소".into(), en: "Election office".into() },
            key: ServiceKey::new(Secret::new([4; 32])),
            state: Arc::new(MemoryState::new()),
            logs,
            workers: Arc::new(Nobody),
            registrar: Some(Arc::new(office)),
            relay: None,
            catalogue: |_| None,
        });
        let mut entropy = TestEntropy::new(91);
        let trustees = (1..=3).map(|number| {
            let mut seed = [0; 32];
            entropy.fill(&mut seed);
            let sealing = BoxSecret::generate(&mut entropy);
            let number = TrusteeNumber::new(number).unwrap();
            let custody = Custody { number, seed: Secret::new(seed), sealing, opened: None };
            (key(Algorithm::Ed25519, 30 + u8::try_from(number.number()).unwrap()), custody)
        });
        let trustees = trustees.collect();
        let election = ElectionId([0; 32]);
        let (posted, lies) = (Vec::new(), BTreeMap::new());
        let mut polls = Self {
            service,
            shelf,
            time,
            election,
            trustees,
            entropy,
            posted,
            relay: None,
            lies,
            issued: None,
            swap: None,
        };
        polls.call(profile, asks);
        polls.hold_ceremony();
        polls
    }

    pub(crate) fn at(&self) -> String {
        format!("{VOTES}/e/{}", to_hex(&self.election.0))
    }

    /// Where a relay at `base` takes ballots.
    pub(crate) fn relay_at(&self, base: &str) -> String {
        format!("{base}/e/{}/ballots", to_hex(&self.election.0))
    }

    /// The link on the election's notice.
    pub(crate) fn link(&self) -> String {
        let host = self.manifest().host.to_multikey();
        format!("sinpyo-vote:{}?host={}", self.at(), to_hex(host.key()))
    }

    fn log(&self) -> Arc<MemoryLog> {
        Arc::clone(&self.shelf.logs.lock().unwrap()[&self.election.0])
    }

    pub(crate) fn manifest(&self) -> Manifest {
        let log = self.log();
        let state = log.state().unwrap();
        Manifest::clone(&Rules::new().manifest(&*state).unwrap())
    }

    fn call(&mut self, profile: &str, asks: bool) {
        let words = |ko: &str, en: &str| json!({"ko": ko, "en": en});
        let order = json!({
            "draft": {
                "title": words("101동 대표 선거", "Election of the chair"), "profile": profile, "revote": "last",
                "floor": 1, "threshold": 2, "opens": now().unix() - 60, "closes": now().unix() + 7200,
                "contests": [
                    {"title": words("대표", "Chair"), "options": [words("김하나", "Kim"), words("이두리", "Lee")], "districts": []},
                    {"title": words("규약 개정", "New rules"), "options": [words("찬성", "Yes")], "districts": []},
                ],
                "districts": [
                    {"name": words("101동", "Building 101"), "legal": 9},
                    {"name": words("102동", "Building 102"), "legal": 9},
                ],
                "witnesses": [], "quorum": 0, "admission": true,
            },
            "trustees": (1..=3).map(|number| words(&format!("참관 {number}"), "Trustee")).collect::<Vec<_>>(),
            "ask": asks.then(|| json!({"service": "post.login", "credential": RESIDENT, "claims": [["age_over_18", true], ["region_sigungu", null]]})),
        });
        let begun = self.manage("elections", &order);
        self.election = ElectionId(from_hex_array(begun["election"].as_str().unwrap()).unwrap());
        let links: Vec<String> = begun["trustees"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link.as_str().unwrap().to_owned())
            .collect();
        for (place, link) in links.into_iter().enumerate() {
            let (signing, custody) = &self.trustees[place];
            let signing = signing.verifying_key().to_multikey();
            let keys =
                json!({"key": to_hex(signing.key()), "box": to_hex(custody.sealing.public().as_bytes())});
            let request = Request::post(link).header("content-type", "application/json");
            let response = self.ask(&request.body(keys.to_string().into()).unwrap(), now());
            assert_eq!(response.status(), 201);
        }
        self.step("call");
    }

    fn manage(&mut self, path: &str, body: &Value) -> Map<String, Value> {
        self.manage_with(path, "application/json", body.to_string().into())
    }

    fn manage_with(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Map<String, Value> {
        let token = self.service.manage_token();
        let request = Request::post(format!("{VOTES}/manage/{path}"))
            .header("authorization", format!("Bearer {}", token.expose()))
            .header("content-type", kind);
        let response = self.ask(&request.body(body).unwrap(), now());
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status().is_success(), "{path}: {text}");
        sinpyo_core::json::parse_object(response.body()).unwrap()
    }

    pub(crate) fn step(&mut self, step: &str) {
        self.manage(&format!("elections/{}/steps/{step}", to_hex(&self.election.0)), &json!({}));
        self.tick();
    }

    /// What the service does every second.
    pub(crate) fn tick(&mut self) {
        self.service.tick(self.time.now(), &mut self.entropy).unwrap();
    }

    fn say(&mut self, place: usize, body: Body) {
        let by = Role::Trustee(u32::try_from(place).unwrap() + 1);
        let draft = EventDraft { by, election: self.election, time: self.time.now(), body };
        let bytes = draft.sign(&self.trustees[place].0).unwrap();
        let request =
            Request::post(format!("{}/events", self.at())).header("content-type", "application/json");
        let at = self.time.now();
        let response = self.ask(&request.body(bytes).unwrap(), at);
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status(), 201, "{text}");
    }

    /// Each trustee reads the record and posts what it owes.
    fn trustees_work(&mut self) {
        for place in 0..self.trustees.len() {
            self.tick();
            let log = self.log();
            let seen = examine(&EngineRecord::new(&*log), &OneThread, &mut self.entropy).unwrap();
            let owed = self.trustees[place].1.owed(&seen, &mut self.entropy).unwrap();
            self.trustees[place].1.opened = owed.opens;
            for body in owed.bodies {
                self.say(place, body);
            }
        }
        self.tick();
    }

    fn hold_ceremony(&mut self) {
        for _ in 0..3 {
            self.trustees_work();
        }
        self.step("done");
    }

    /// So many lines of the roll; their codes.
    pub(crate) fn lines(&mut self, count: usize) -> Vec<String> {
        let id = to_hex(&self.election.0);
        let lines: Vec<String> = (0..count).map(|line| format!("101동,{line}호")).collect();
        let file = format!("district,label\n{}\n", lines.join("\n")).into_bytes();
        self.manage_with(&format!("elections/{id}/roll"), "text/csv", file);
        let codes = self.manage(&format!("elections/{id}/codes"), &json!({}));
        let code = |line: &Value| line["code"].as_str().unwrap().to_owned();
        codes["codes"].as_array().unwrap().iter().map(code).collect()
    }

    /// Ends registration and opens the polls: rings and opening follow by themselves.
    pub(crate) fn open(&mut self) {
        self.step("freeze");
        self.trustees_work();
        self.tick();
    }

    /// Closes the polls and counts.
    pub(crate) fn close(&mut self) {
        self.time.0.advance(Duration::from_hours(3));
        self.tick();
        self.trustees_work();
        self.tick();
    }

    pub(crate) fn size(&self) -> u64 {
        self.log().head().unwrap().size
    }

    /// Answers as the server does.
    pub(crate) fn ask(&mut self, request: &Request<Vec<u8>>, at: Timestamp) -> Response<Vec<u8>> {
        let path = request.uri().path().to_owned();
        let lie = self.lies.iter_mut().find(|(end, _)| path.ends_with(end.as_str()));
        if let Some((_, (status, body, times))) = lie
            && *times > 0
        {
            *times -= 1;
            return Response::builder().status(*status).body(body.clone()).unwrap();
        }
        let (mut parts, body) = request.clone().into_parts();
        parts.headers.insert("host", "vote.example".parse().unwrap());
        parts.uri = path.parse().unwrap();
        let request = Request::from_parts(parts, body);
        if path.ends_with("/ballots") {
            let names = request.headers().keys().map(|name| name.as_str().to_owned());
            self.posted.push(names.collect());
        }
        let peer = "192.0.2.1".parse().unwrap();
        match self.service.answer(&request, peer, at, &mut self.entropy) {
            Step::Answer(response) if path.ends_with("/register") => self.swapped(response),
            Step::Answer(response) if path.ends_with("/summary") => {
                let (parts, body) = response.into_parts();
                let mut value: Value = serde_json::from_slice(&body).unwrap();
                value["relay"] = json!(self.relay);
                Response::from_parts(parts, value.to_string().into())
            }
            Step::Answer(response) => response,
            Step::Cast(cast) => {
                let answered = Arc::new(Mutex::new(None));
                let answer = Arc::clone(&answered);
                self.service.cast(cast, Box::new(move |response| *answer.lock().unwrap() = Some(response)));
                while self.service.work(at, &mut self.entropy) {}
                let answer = answered.lock().unwrap().take();
                answer.unwrap()
            }
            Step::Follow(_) => panic!("no wallet follows"),
        }
    }

    /// A registration's answer, with the credential that a test wants in it.
    fn swapped(&mut self, response: Response<Vec<u8>>) -> Response<Vec<u8>> {
        let (parts, body) = response.into_parts();
        let mut value: Value = serde_json::from_slice(&body).unwrap();
        self.issued = value.get("credential").cloned();
        if let Some(other) = self.swap.take() {
            value["credential"] = other;
        }
        Response::from_parts(parts, value.to_string().into())
    }
}
