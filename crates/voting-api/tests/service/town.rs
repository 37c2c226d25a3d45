//! An election in memory: the service over HTTP values, trustees and voters with programs of their own.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::missing_docs_in_private_items,
    reason = "each test uses a part of it"
)]

use crate::memory::{MemoryLogs, NoWorkers, TownClock};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    ballot::Token,
    ceremony::{BoxSecret, TrusteeNumber},
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::{Group as _, Ristretto},
    prove::{BallotSeed, Eligibility, PreparedBallot, prove},
    ring::{Ring, RingIndex},
};
use sinpyo_blind_rsa::{PublicKey, Variant, token::PendingToken};
use sinpyo_core::{
    Secret,
    accreditation::LocalizedName,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
    time::{Clock as _, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, key_thumbprint};
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::MemoryState;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{Examined, OneThread, examine},
    event::{Body, Complaint, EventDraft, Role},
    form::{from_hex_array, to_hex},
    record::EngineRecord,
    trustee::Custody,
};
use sinpyo_voting_api::{Logs as _, Registrar, Service, ServiceKey, Settings, Step};
use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering::SeqCst},
        mpsc,
    },
};

pub(crate) const HOST: &str = "vote.example.kr";
pub(crate) const START: i64 = 1_795_392_000;
pub(crate) const HOUR: i64 = 3600;

/// A trustee's program.
pub(crate) struct TownTrustee {
    pub(crate) key: SigningKey,
    pub(crate) custody: Custody,
}

/// A voter's program.
pub(crate) struct Voter {
    pub(crate) secret: Option<VoterSecret<Ristretto>>,
    pub(crate) holder: SigningKey,
    pub(crate) tokens: Vec<String>,
    pub(crate) code: String,
    pub(crate) answer: Value,
}

pub(crate) struct Town {
    pub(crate) service: Service,
    pub(crate) state: Arc<MemoryState>,
    pub(crate) clock: TownClock,
    pub(crate) logs: Arc<MemoryLogs>,
    pub(crate) entropy: TestEntropy,
    pub(crate) election: ElectionId,
    pub(crate) trustees: Vec<TownTrustee>,
}

pub(crate) fn service(
    state: Arc<MemoryState>,
    logs: Arc<MemoryLogs>,
    registrar: Option<Arc<dyn Registrar>>,
) -> Service {
    Service::new(Settings {
        site: sinpyo_web::site::Site::new(format!("https://{HOST}").parse().unwrap(), vec![]),
        operator: LocalizedName {
            ko: "아파트 선거관리위원회".into(), en: "Apartment election board".into()
        },
        key: ServiceKey::new(Secret::new([7; 32])),
        state,
        logs,
        workers: Arc::new(NoWorkers),
        registrar,
        relay: None,
        catalogue: |_| None,
    })
}

pub(crate) fn draft(profile: &str, revote: &str) -> Value {
    json!({
        "title": {"ko": "동대표 선거", "en": "Representatives"}, "profile": profile, "revote": revote, "floor": 1,
        "threshold": 2, "opens": START + 24 * HOUR, "closes": START + 48 * HOUR,
        "contests": [{"title": {"ko": "회장", "en": "Chair"}, "districts": [], "options": [
            {"ko": "김가람", "en": "Kim"}, {"ko": "이나래", "en": "Lee"}, {"ko": "박다온", "en": "Park"}]}],
        "districts": [{"name": {"ko": "101동", "en": "Block 101"}, "legal": 12}],
        "witnesses": [], "quorum": 0, "admission": true,
    })
}

impl Town {
    pub(crate) fn new() -> Self {
        Self::seeded(1)
    }

    /// One whose draws begin with `seed`.
    pub(crate) fn seeded(seed: u64) -> Self {
        let clock = TownClock(Arc::new(AtomicI64::new(START)));
        let logs = Arc::new(MemoryLogs { logs: Mutex::default(), clock: clock.clone() });
        let state = Arc::new(MemoryState::new());
        Self {
            service: service(Arc::clone(&state), Arc::clone(&logs), None),
            state,
            clock,
            logs,
            entropy: TestEntropy::new(seed),
            election: ElectionId([0; 32]),
            trustees: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, SeqCst);
    }

    /// Ticks, a second each, until nothing follows any more.
    pub(crate) fn tick(&mut self) {
        for _ in 0..4 {
            self.service.tick(self.clock.now(), &mut self.entropy).unwrap();
        }
        while self.service.audit_next(self.clock.now(), &mut self.entropy).unwrap() {}
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("/e/{}{path}", to_hex(&self.election.0))
    }

    pub(crate) fn send(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let peer: IpAddr = [192, 0, 2, 7].into();
        match self.service.answer(request, peer, self.clock.now(), &mut self.entropy) {
            Step::Answer(response) => response,
            Step::Follow(_) => panic!("a stream"),
            Step::Cast(cast) => {
                let (sender, receiver) = mpsc::channel();
                self.service.cast(cast, Box::new(move |response| sender.send(response).unwrap()));
                while self.service.work(self.clock.now(), &mut self.entropy) {}
                receiver.recv().unwrap()
            }
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Response<Vec<u8>> {
        self.send(&Request::get(path).header("host", HOST).body(Vec::new()).unwrap())
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(path).header("host", HOST).header("content-type", "application/json");
        let response = self.send(&request.body(body.to_string().into_bytes()).unwrap());
        (response.status(), parsed(&response))
    }

    pub(crate) fn manage(&mut self, path: &str, body: &Value) -> Value {
        let token = format!("Bearer {}", self.service.manage_token().expose());
        let request = Request::post(format!("/manage/elections{path}"))
            .header("host", HOST)
            .header("authorization", token)
            .header("content-type", "application/json");
        let response = self.send(&request.body(body.to_string().into_bytes()).unwrap());
        let answer = parsed(&response);
        assert!(response.status().is_success(), "{path}: {} {answer}", response.status());
        answer
    }

    pub(crate) fn step(&mut self, step: &str) -> Value {
        let path = format!("/{}/steps/{step}", to_hex(&self.election.0));
        self.manage(&path, &json!({}))
    }

    /// An election with three trustees of whom two decrypt, called and with keys.
    pub(crate) fn with_keys(draft: &Value) -> Self {
        let mut town = Self::new();
        town.make_keys(draft);
        town
    }

    pub(crate) fn make_keys(&mut self, draft: &Value) {
        self.make_keys_asking(draft, &Value::Null);
    }

    /// As [`Town::make_keys`], with claims that voters have to show.
    pub(crate) fn make_keys_asking(&mut self, draft: &Value, ask: &Value) {
        self.call_asking(draft, ask);
        for _ in 0..4 {
            self.trustees_work();
        }
        self.pass(300);
        self.tick();
    }

    /// Calls the election: its keys are still to be made.
    pub(crate) fn call(&mut self, draft: &Value) {
        self.call_asking(draft, &Value::Null);
    }

    fn call_asking(&mut self, draft: &Value, ask: &Value) {
        let town = self;
        let names: Vec<Value> =
            (1..=3).map(|n| json!({"ko": format!("수탁자 {n}"), "en": format!("Trustee {n}")})).collect();
        let made = town.manage("", &json!({"draft": draft, "trustees": names, "ask": ask}));
        let links: Vec<String> = made["trustees"]
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link.as_str().unwrap().rsplit('/').next().unwrap().to_owned())
            .collect();
        town.adopt(made["election"].as_str().unwrap(), &links);
        town.step("call");
        town.tick();
    }

    /// A trustee complains about another, with reason or not.
    pub(crate) fn complain(&mut self, by: u32, against: u32) {
        let body = Body::CeremonyComplaint(Complaint { against });
        let event = EventDraft { by: Role::Trustee(by), election: self.election, time: self.now(), body };
        let key = &self.trustees[usize::try_from(by).unwrap() - 1].key;
        let (status, answer) = self.event(event.sign(key).unwrap());
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }

    /// Takes over an election with these invitations: each is accepted by a trustee's program.
    pub(crate) fn adopt(&mut self, election: &str, invitations: &[String]) {
        self.election = ElectionId(from_hex_array(election).unwrap());
        for (number, invitation) in (1_u32..).zip(invitations) {
            let key = SigningKey::generate(Algorithm::Ed25519, &mut self.entropy);
            let sealing = BoxSecret::generate(&mut self.entropy);
            let mut seed = [0; 32];
            self.entropy.fill(&mut seed);
            let body = json!({
                "key": to_hex(key.verifying_key().to_multikey().key()),
                "box": to_hex(sealing.public().as_bytes()),
            });
            let path = self.at(&format!("/trustees/{invitation}"));
            let (status, answer) = self.post(&path, &body);
            assert_eq!((status, answer["number"].as_u64()), (StatusCode::CREATED, Some(number.into())));
            let number = TrusteeNumber::new(number).unwrap();
            let custody = Custody { number, seed: Secret::new(seed), sealing, opened: None };
            self.trustees.push(TownTrustee { key, custody });
        }
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn log(&self) -> Arc<dyn LogEngine> {
        self.logs.open(&self.election).unwrap().unwrap()
    }

    pub(crate) fn examined(&mut self) -> Examined {
        let log = self.log();
        examine(&EngineRecord::new(&*log), &OneThread, &mut self.entropy).unwrap()
    }

    /// Each trustee reads the record and posts what it owes.
    pub(crate) fn trustees_work(&mut self) {
        for at in 0..self.trustees.len() {
            self.tick();
            let seen = self.examined();
            let custody = &self.trustees[at].custody;
            let owed = custody.owed(&seen, &mut self.entropy).unwrap();
            let number = custody.number.number();
            if owed.opens.is_some() {
                self.trustees[at].custody.opened = owed.opens;
            }
            for body in owed.bodies {
                let event =
                    EventDraft { by: Role::Trustee(number), election: self.election, time: self.now(), body };
                let bytes = event.sign(&self.trustees[at].key).unwrap();
                let (status, answer) = self.event(bytes);
                assert_eq!(status, StatusCode::CREATED, "trustee {number}: {answer}");
            }
        }
        self.tick();
    }

    pub(crate) fn event(&mut self, bytes: Vec<u8>) -> (StatusCode, Value) {
        let path = self.at("/events");
        let request = Request::post(path).header("host", HOST).header("content-type", "application/json");
        let response = self.send(&request.body(bytes).unwrap());
        (response.status(), parsed(&response))
    }

    /// Codes for a roll of so many lines.
    pub(crate) fn codes(&mut self, lines: usize) -> Vec<String> {
        let lines: Vec<String> = (1..=lines).map(|n| format!("101동,{n}호")).collect();
        let path = format!("/manage/elections/{}/roll", to_hex(&self.election.0));
        let token = format!("Bearer {}", self.service.manage_token().expose());
        let request = Request::post(path).header("host", HOST).header("authorization", token);
        let request = request
            .header("content-type", "text/csv")
            .body(format!("district,label\n{}\n", lines.join("\n")).into_bytes());
        let response = self.send(&request.unwrap());
        assert_eq!(response.status(), 200, "{}", parsed(&response));
        let codes = self.manage(&format!("/{}/codes", to_hex(&self.election.0)), &json!({}));
        codes["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|code| code["code"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn manifest(&mut self) -> Value {
        let path = self.at("/summary");
        let response = self.get(&path);
        parsed(&response)["manifest"].clone()
    }

    /// The request that a wallet signs for what `begin` said.
    pub(crate) fn request(
        &mut self,
        begun: &Value,
        seed: [u8; 32],
        holder: &SigningKey,
    ) -> (String, VoterSecret<Ristretto>, Vec<PendingToken>) {
        let text = |name: &str| begun[name].as_str().unwrap().to_owned();
        let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &self.election);
        let (slot, nonce) = (from_hex_array(&text("slot")).unwrap(), from_hex_array(&text("nonce")).unwrap());
        let binding =
            Binding::new(&self.election, &slot, &Secret::new(nonce), &key_thumbprint(holder.verifying_key()));
        let district = u32::try_from(begun["district"].as_u64().unwrap()).unwrap();
        let registration = secret.register(binding, district, &mut self.entropy);
        let (mut blinded, mut pending) = (Vec::new(), Vec::new());
        let manifest = self.manifest();
        if let Some(key) = manifest["admission"]["key"].as_str() {
            let key = PublicKey::from_spki(&from_base64url(key).unwrap()).unwrap();
            for _ in 0..3 {
                let (message, token) =
                    PendingToken::request(&key, &self.election.0, &mut self.entropy).unwrap();
                blinded.push(to_base64url(message.as_bytes()));
                pending.push(token);
            }
        }
        let claims = json!({
            "blinded": blinded, "commitment": to_hex(&registration.commitment), "district": district,
            "election": to_hex(&self.election.0), "nonce": text("nonce"), "proof": to_hex(&registration.proof.to_bytes()),
            "slot": text("slot"), "token": null,
        });
        (jws(&claims, holder), secret, pending)
    }

    pub(crate) fn begin(&mut self, code: &str) -> (StatusCode, Value) {
        let path = self.at("/register/begin");
        self.post(&path, &json!({"code": code}))
    }

    /// Registers by a code.
    pub(crate) fn register(&mut self, code: &str, seed: [u8; 32]) -> Voter {
        let (status, begun) = self.begin(code);
        assert_eq!(status, StatusCode::OK, "{begun}");
        let holder = SigningKey::generate(Algorithm::Es256, &mut self.entropy);
        let (request, secret, pending) = self.request(&begun, seed, &holder);
        let path = self.at("/register");
        let (status, answer) =
            self.post(&path, &json!({"code": code, "presentation": null, "request": request}));
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let signatures = answer["blind_signatures"].as_array().unwrap();
        let tokens = pending.iter().zip(signatures).map(|(token, signature)| {
            let signature = from_base64url(signature.as_str().unwrap()).unwrap();
            to_base64url(&token.finish(&signature).unwrap().to_bytes())
        });
        Voter { secret: Some(secret), holder, tokens: tokens.collect(), code: code.to_owned(), answer }
    }

    /// Registers in profile `token`.
    pub(crate) fn register_token(&mut self, code: &str, seed: [u8; 32]) -> (Voter, Token) {
        self.register_token_asking(code, seed, 0)
    }

    /// As [`Town::register_token`], a voter of the first district, with a token for the district `asked`.
    pub(crate) fn register_token_asking(&mut self, code: &str, seed: [u8; 32], asked: u32) -> (Voter, Token) {
        let (status, begun) = self.begin(code);
        assert_eq!(status, StatusCode::OK, "{begun}");
        let holder = SigningKey::generate(Algorithm::Es256, &mut self.entropy);
        let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &self.election);
        let manifest = self.manifest();
        let key = |name: &str| {
            let entry = &manifest[name];
            let spki = entry["key"].as_str().or_else(|| entry["keys"][0].as_str()).unwrap();
            PublicKey::from_spki(&from_base64url(spki).unwrap()).unwrap()
        };
        let tag = Ristretto::encode(&secret.tag());
        let message = [&b"sinpyo-vote/1/token\0"[..], &self.election.0, &asked.to_le_bytes(), &tag].concat();
        let prepared = Variant::PssRandomized.prepare(&message, &mut self.entropy);
        let randomizer = *prepared.randomizer().unwrap();
        let (blinded, blinding) = key("token").blind(prepared, &mut self.entropy).unwrap();
        let (mut messages, mut pending) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let (message, token) =
                PendingToken::request(&key("admission"), &self.election.0, &mut self.entropy).unwrap();
            messages.push(to_base64url(message.as_bytes()));
            pending.push(token);
        }
        let claims = json!({
            "blinded": messages, "commitment": null, "district": 0, "election": to_hex(&self.election.0),
            "nonce": begun["nonce"], "proof": null, "slot": begun["slot"], "token": to_base64url(blinded.as_bytes()),
        });
        let path = self.at("/register");
        let body = json!({"code": code, "presentation": null, "request": jws(&claims, &holder)});
        let (status, answer) = self.post(&path, &body);
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let bytes = |value: &Value| from_base64url(value.as_str().unwrap()).unwrap();
        let signature = blinding.finalize(&bytes(&answer["token"])).unwrap().as_bytes().to_vec();
        let signatures = answer["blind_signatures"].as_array().unwrap();
        let tokens = pending
            .iter()
            .zip(signatures)
            .map(|(token, signature)| to_base64url(&token.finish(&bytes(signature)).unwrap().to_bytes()));
        let tokens = tokens.collect();
        (
            Voter { secret: Some(secret), holder, tokens, code: code.to_owned(), answer },
            Token { randomizer, signature },
        )
    }

    pub(crate) fn prepare_token(
        &mut self,
        (voter, token): &(Voter, Token),
        choices: &[u8],
    ) -> PreparedBallot<Ristretto> {
        self.prepare_token_with(voter, (0, token), choices)
    }

    pub(crate) fn prepare_token_with(
        &mut self,
        voter: &Voter,
        (district, token): (u32, &Token),
        choices: &[u8],
    ) -> PreparedBallot<Ristretto> {
        let settings = self.examined().settings.unwrap();
        let eligibility = Eligibility::Token { district, token };
        let seed = BallotSeed::fresh(&mut self.entropy);
        let secret = voter.secret.as_ref().unwrap();
        prove(settings.setting(0).unwrap(), eligibility, secret, choices, seed, &mut self.entropy).unwrap()
    }

    /// From registration to open.
    pub(crate) fn open(&mut self) {
        self.step("freeze");
        self.tick();
        self.trustees_work();
        let to = START + 24 * HOUR - self.now().unix();
        self.pass(to.max(0));
        self.tick();
        let path = self.at("/summary");
        let summary = parsed(&self.get(&path));
        assert_eq!(summary["phase"], "open");
    }

    pub(crate) fn prepare(&mut self, voter: &Voter, choices: &[u8]) -> PreparedBallot<Ristretto> {
        let settings = self.examined().settings.unwrap();
        let secret = voter.secret.as_ref().unwrap();
        let commitment = Ristretto::encode(&secret.commitment());
        let (roster, position) = (0..)
            .map_while(|ring| settings.roster(RingIndex(ring)))
            .find_map(|roster| Some((roster.clone(), roster.position_of(&commitment)?)))
            .expect("in a ring");
        let ring = Ring::new(roster).unwrap();
        let eligibility = Eligibility::Ring { ring: &ring, position: u32::try_from(position).unwrap() };
        let seed = BallotSeed::fresh(&mut self.entropy);
        prove(settings.setting(0).unwrap(), eligibility, secret, choices, seed, &mut self.entropy).unwrap()
    }

    pub(crate) fn ballot_request(&self, bytes: &[u8], token: Option<&str>) -> Request<Vec<u8>> {
        let mut request = Request::post(self.at("/ballots"))
            .header("host", HOST)
            .header("content-type", "application/octet-stream");
        if let Some(token) = token {
            request = request.header("admission-token", token);
        }
        request.body(bytes.to_vec()).unwrap()
    }

    pub(crate) fn cast(&mut self, bytes: &[u8], token: Option<&str>) -> (StatusCode, Value) {
        let response = self.send(&self.ballot_request(bytes, token));
        (response.status(), parsed(&response))
    }

    pub(crate) fn close(&mut self) {
        let to = START + 48 * HOUR - self.now().unix();
        self.pass(to.max(0));
        self.tick();
    }
}

pub(crate) fn parsed(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or(Value::Null)
}

pub(crate) fn jws(claims: &Value, holder: &SigningKey) -> String {
    let multikey = holder.verifying_key().to_multikey().to_string();
    let id = format!("did:key:{multikey}#{multikey}").parse().unwrap();
    let copy = SigningKey::from_private_jwk(&holder.to_private_jwk()).unwrap();
    let signer = KeySigner::new(id, copy);
    let header = JwtHeader::new(Typ::application("sinpyo-vote-registration+jwt"), KeyHint::Jwk);
    let claims: Map<String, Value> = claims.as_object().unwrap().clone();
    sinpyo_jose::sign(header, &claims, (&signer, holder.verifying_key())).unwrap()
}
