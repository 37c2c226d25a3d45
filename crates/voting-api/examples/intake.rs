//! How many ballots a second the box takes on two cores: each with its token, verified wholly, durable in SQLite and
//! answered. Everything but HTTP.
//!
//! `cargo run --release -p sinpyo-voting-api --example intake -- [voters] [waiting at once]`
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a measurement"
)]

use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_ballot::{
    ceremony::{BoxSecret, TrusteeNumber},
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::Ristretto,
    hazmat::bulk::{BallotSecrets, BulkProver, BulkRing},
    ring::{Ring, RingIndex},
};
use sinpyo_blind_rsa::{PublicKey, token::PendingToken};
use sinpyo_core::{
    Secret,
    accreditation::LocalizedName,
    encoding::{from_base64url, to_base64url},
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, key_thumbprint};
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::Unavailable;
use sinpyo_store::{SqliteLog, SqliteState};
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{Examined, OneThread, examine},
    election::Rules,
    event::{EventDraft, Role},
    form::{from_hex_array, to_hex},
    record::EngineRecord,
    trustee::Custody,
};
use sinpyo_voting_api::{Logs, Service, ServiceKey, Settings, Step, Workers};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
        mpsc,
    },
    time::{Duration, Instant},
};

#[derive(Clone, Debug)]
struct Hand(Arc<AtomicI64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(SeqCst)).unwrap()
    }
}

struct Shelf {
    folder: PathBuf,
    open: Mutex<BTreeMap<ElectionId, Arc<dyn LogEngine>>>,
    clock: Hand,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

impl Logs for Shelf {
    fn open(&self, election: &ElectionId) -> Result<Option<Arc<dyn LogEngine>>, Unavailable> {
        Ok(self.open.lock().unwrap().get(election).cloned())
    }

    fn create(&self, election: &ElectionId) -> Result<Arc<dyn LogEngine>, Unavailable> {
        let path = self.folder.join(to_hex(&election.0));
        let log: Arc<dyn LogEngine> =
            Arc::new(SqliteLog::open(&path, Rules::new(), self.clock.clone()).unwrap());
        Ok(Arc::clone(self.open.lock().unwrap().entry(*election).or_insert(log)))
    }

    fn list(&self) -> Result<Vec<ElectionId>, Unavailable> {
        Ok(self.open.lock().unwrap().keys().copied().collect())
    }
}

#[derive(Debug, Default)]
struct Bell(Mutex<bool>, Condvar);

impl Workers for Bell {
    fn wake(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

struct Town {
    service: Service,
    shelf: Arc<Shelf>,
    clock: Hand,
    entropy: TestEntropy,
    election: ElectionId,
}

impl Town {
    fn ask(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Value {
        let token = format!("Bearer {}", self.service.manage_token().expose());
        let request = Request::post(path).header("host", "127.0.0.1:1").header("content-type", kind);
        let request = request.header("authorization", token).body(body).unwrap();
        match self.service.answer(&request, [127, 0, 0, 1].into(), self.clock.now(), &mut self.entropy) {
            Step::Answer(response) => {
                let body: Value = serde_json::from_slice(response.body()).unwrap();
                assert!(response.status().is_success(), "{path}: {body}");
                body
            }
            _ => panic!("{path}"),
        }
    }

    fn json(&mut self, path: &str, body: &Value) -> Value {
        self.ask(path, "application/json", body.to_string().into_bytes())
    }

    fn at(&self, path: &str) -> String {
        format!("/e/{}{path}", to_hex(&self.election.0))
    }

    fn step(&mut self, step: &str) {
        let path = format!("/manage/elections/{}/steps/{step}", to_hex(&self.election.0));
        self.json(&path, &json!({}));
        self.tick();
    }

    fn tick(&mut self) {
        for _ in 0..3 {
            self.service.tick(self.clock.now(), &mut self.entropy).unwrap();
        }
    }

    fn seen(&mut self) -> Examined {
        let log = self.shelf.open(&self.election).unwrap().unwrap();
        examine(&EngineRecord::new(&*log), &OneThread, &mut self.entropy).unwrap()
    }

    fn trustee(&mut self, key: &SigningKey, custody: &Custody) {
        self.tick();
        let seen = self.seen();
        for body in custody.owed(&seen, &mut self.entropy).unwrap().bodies {
            let draft =
                EventDraft { by: Role::Trustee(1), election: self.election, time: self.clock.now(), body };
            let (path, bytes) = (self.at("/events"), draft.sign(key).unwrap());
            self.ask(&path, "application/json", bytes);
        }
        self.tick();
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>().unwrap());
    let (voters, waiting) = (arguments.next().unwrap_or(10_240), arguments.next().unwrap_or(1024));
    let folder = std::env::temp_dir().join(format!("intake-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let start = 1_795_392_000;
    let clock = Hand(Arc::new(AtomicI64::new(start)));
    let shelf = Arc::new(Shelf { folder: folder.clone(), open: Mutex::default(), clock: clock.clone() });
    let bell = Arc::new(Bell::default());
    let (logs, workers): (Arc<Shelf>, Arc<Bell>) = (Arc::clone(&shelf), Arc::clone(&bell));
    let service = Service::new(Settings {
        site: sinpyo_web::site::Site::new("http://127.0.0.1:1".parse().unwrap(), vec![]),
        operator: LocalizedName { ko: "측정".into(), en: "Measurement".into() },
        key: ServiceKey::new(Secret::new([7; 32])),
        state: Arc::new(SqliteState::open(&folder.join("state")).unwrap()),
        logs,
        workers,
        registrar: None,
        relay: None,
        catalogue: |_| None,
    })
    .trusting_callers();
    let election = ElectionId([0; 32]);
    let mut town = Town { service, shelf, clock, entropy: TestEntropy::new(1), election };

    let name = |ko: &str| json!({"ko": ko, "en": ko});
    let options: Vec<Value> = (1..=5).map(|number| name(&format!("후보 {number}"))).collect();
    let made = town.json("/manage/elections", &json!({"trustees": [name("수탁자")], "draft": {
        "title": name("측정"), "profile": "ring", "revote": "last", "floor": 1, "threshold": 1, "opens": start + 10, "closes": start + 90_000,
        "contests": [{"title": name("안건"), "districts": [], "options": options}],
        "districts": [{"name": name("전체"), "legal": voters}], "witnesses": [], "quorum": 0, "admission": true,
    }}));
    town.election = ElectionId(from_hex_array(made["election"].as_str().unwrap()).unwrap());
    let key = SigningKey::generate(Algorithm::Ed25519, &mut town.entropy);
    let sealing = BoxSecret::generate(&mut town.entropy);
    let link = made["trustees"][0].as_str().unwrap().strip_prefix("http://127.0.0.1:1").unwrap().to_owned();
    let keys = json!({"key": to_hex(key.verifying_key().to_multikey().key()), "box": to_hex(sealing.public().as_bytes())});
    town.json(&link, &keys);
    let custody =
        Custody { number: TrusteeNumber::new(1).unwrap(), seed: Secret::new([5; 32]), sealing, opened: None };
    town.step("call");
    for _ in 0..3 {
        town.trustee(&key, &custody);
    }
    town.step("done");

    let id = to_hex(&town.election.0);
    let rows: Vec<String> = (0..voters).map(|voter| format!("전체,{voter}")).collect();
    let csv = format!("district,label\n{}\n", rows.join("\n")).into_bytes();
    town.ask(&format!("/manage/elections/{id}/roll"), "text/csv", csv);
    let codes = town.json(&format!("/manage/elections/{id}/codes"), &json!({}))["codes"].clone();
    let admission = {
        let seen = town.seen();
        PublicKey::from_spki(&seen.manifest.unwrap().admission.clone().unwrap().to_spki()).unwrap()
    };
    let holder = SigningKey::generate(Algorithm::Es256, &mut town.entropy);
    let multikey = holder.verifying_key().to_multikey().to_string();
    let copy = SigningKey::from_private_jwk(&holder.to_private_jwk()).unwrap();
    let signer = KeySigner::new(format!("did:key:{multikey}#{multikey}").parse().unwrap(), copy);
    let began = Instant::now();
    let (mut tokens, mut seeds) = (BTreeMap::new(), BTreeMap::new());
    for (voter, code) in codes.as_array().unwrap().iter().enumerate() {
        let code = code["code"].as_str().unwrap();
        let (begin, register) = (town.at("/register/begin"), town.at("/register"));
        let begun = town.json(&begin, &json!({"code": code}));
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&voter.to_le_bytes());
        let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &town.election);
        let hex = |name: &str| begun[name].as_str().unwrap().to_owned();
        let nonce = Secret::new(from_hex_array(&hex("nonce")).unwrap());
        let slot = from_hex_array(&hex("slot")).unwrap();
        let binding = Binding::new(&town.election, &slot, &nonce, &key_thumbprint(holder.verifying_key()));
        let registration = secret.register(binding, 0, &mut town.entropy);
        let (blinded, pending) =
            PendingToken::request(&admission, &town.election.0, &mut town.entropy).unwrap();
        let claims = json!({
            "blinded": [to_base64url(blinded.as_bytes())], "commitment": to_hex(&registration.commitment), "district": 0,
            "election": id, "nonce": hex("nonce"), "proof": to_hex(&registration.proof.to_bytes()), "slot": hex("slot"), "token": null,
        });
        let header = JwtHeader::new(Typ::application("sinpyo-vote-registration+jwt"), KeyHint::Jwk);
        let request =
            sinpyo_jose::sign(header, claims.as_object().unwrap(), (&signer, holder.verifying_key()))
                .unwrap();
        let answer = town.json(&register, &json!({"code": code, "presentation": null, "request": request}));
        let signature = from_base64url(answer["blind_signatures"][0].as_str().unwrap()).unwrap();
        tokens.insert(registration.commitment, to_base64url(&pending.finish(&signature).unwrap().to_bytes()));
        seeds.insert(registration.commitment, seed);
    }
    let took = began.elapsed();
    println!(
        "registered {voters} in {:.1} s ({:.0} us each, one caller)",
        took.as_secs_f64(),
        took.as_micros() as f64 / voters as f64
    );

    town.step("freeze");
    town.trustee(&key, &custody);
    town.clock.0.fetch_add(20, SeqCst);
    town.tick();
    let settings = town.seen().settings.unwrap();
    let began = Instant::now();
    let prover = BulkProver::new(settings.setting(0).unwrap());
    let mut ballots: Vec<(Vec<u8>, String)> = Vec::with_capacity(voters);
    let mut rings = 0;
    for index in 0.. {
        let Some(roster) = settings.roster(RingIndex(index)) else { break };
        rings += 1;
        let ring = Ring::new(roster.clone()).unwrap();
        let election = town.election;
        let bulk = BulkRing::new(&ring, |commitment| {
            seeds.get(commitment).map(|seed| VoterSecret::derive(&Secret::new(*seed), &election))
        });
        for (position, commitment) in (0..).zip(roster.commitments()).take(roster.voters()) {
            let secrets = BallotSecrets::draw(&mut town.entropy);
            let choice = u8::try_from(position % 6).unwrap();
            let ballot = prover.prove(&bulk, position, &[choice], &secrets).unwrap();
            ballots.push((ballot, tokens[commitment].clone()));
        }
    }
    println!("made {} ballots of {rings} rings in {:.1} s", ballots.len(), began.elapsed().as_secs_f64());
    // From everywhere at once, and one in a hundred false.
    ballots.sort_by_key(|(ballot, _)| ballot[40]);
    for (ballot, _) in ballots.iter_mut().step_by(100) {
        let last = ballot.len() - 20;
        ballot[last] ^= 1;
    }

    let (over, entropies) = (AtomicBool::new(false), [11, 12]);
    let (service, clock) = (&town.service, &town.clock);
    let began = Instant::now();
    let (good, bad) = std::thread::scope(|scope| {
        for seed in entropies {
            let (bell, over) = (Arc::clone(&bell), &over);
            scope.spawn(move || {
                let mut entropy = TestEntropy::new(seed);
                while !over.load(SeqCst) {
                    while service.work(clock.now(), &mut entropy) {}
                    let rung = bell.0.lock().unwrap();
                    let (mut rung, _) = bell.1.wait_timeout(rung, Duration::from_millis(20)).unwrap();
                    *rung = false;
                }
            });
        }
        let (sender, receiver) = mpsc::channel::<Response<Vec<u8>>>();
        let (mut sent, mut good, mut bad) = (0, 0, 0);
        let path = format!("/e/{id}/ballots");
        while good + bad < ballots.len() {
            while sent < ballots.len() && sent - good - bad < waiting {
                let (ballot, token) = &ballots[sent];
                let request = Request::post(&path)
                    .header("host", "127.0.0.1:1")
                    .header("content-type", "application/octet-stream")
                    .header("admission-token", token);
                let request = request.body(ballot.clone()).unwrap();
                let step =
                    service.answer(&request, [127, 0, 0, 1].into(), clock.now(), &mut TestEntropy::new(9));
                let Step::Cast(cast) = step else { panic!("{step:?}") };
                let sender = sender.clone();
                service.cast(cast, Box::new(move |response| sender.send(response).unwrap()));
                sent += 1;
            }
            match receiver.recv().unwrap().status().as_u16() {
                201 => good += 1,
                422 => bad += 1,
                status => panic!("{status}"),
            }
        }
        over.store(true, SeqCst);
        (good, bad)
    });
    let took = began.elapsed().as_secs_f64();
    println!("{good} taken and {bad} refused in {took:.1} s: {:.0} a second", (good + bad) as f64 / took);
    std::fs::remove_dir_all(&folder).unwrap();
}
