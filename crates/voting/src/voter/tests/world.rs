//! A whole small election in memory, with a service that answers as the real one does, and can be made to lie.

mod service;

use crate::{
    election::{KeyCeremony, Rules, Submission, bodies},
    event::{Body, Done, EventDraft, FrozenDistrict, RegisteredToken, Registration, RingsMade, Role, Strike},
    form::{from_hex_array, to_hex},
    manifest::Manifest,
    voter::{Place, Step},
};
use http::{Request, Response};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    ballot::{Header, UnverifiedBallot},
    ceremony::{BoxSecret, Parameters, Size, Trustee, TrusteeKeys, TrusteeNumber},
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::{Group as _, Ristretto},
    ring::{Beacon, Ring, RingIndex, RingPlan, Roster},
    setting::{Context, Setting},
    verify::verify,
};
use sinpyo_blind_rsa::{KeySize, SecretKey, token::AdmissionToken};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    json,
    jwk::PublicJwk,
    key::Entropy as _,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey, hash::sha256};
use sinpyo_jose::thumbprint;
use sinpyo_registry::engine::{
    LogEngine, NewEntry, Position, Refusal as SequencingRefusal, Sequencing, StateView, StateWrite,
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, TestEntropy, key};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::{Frontier, Hash},
    note::LogKey,
    tile::{EntryBundle, Resource},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

pub(super) const SERVICE: &str = "https://vote.example";
const TRUSTEES: u32 = 3;

/// Seeds of the keys that sign heads.
const LOG: u8 = 4;
const WITNESS: u8 = 5;

/// Which profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ring,
    Token,
}

pub(super) struct World {
    pub(super) election: ElectionId,
    pub(super) log: MemoryLog,
    pub(super) manifest: Map<String, Value>,
    keys: BTreeMap<&'static str, SigningKey>,
    pub(super) log_key: LogKey,
    witness: CosignerKey,
    /// Of admission tokens, and of profile `token`, for each district.
    rsa: &'static SecretKey,
    permits: &'static [SecretKey],
    trustees: Vec<(SigningKey, BoxSecret, Option<TrusteeKeys<Ristretto>>)>,
    pub(super) marks: Map<String, Value>,
    pub(super) rosters: Vec<Roster<Ristretto>>,
    pub(super) beacon: Beacon,
    context: Option<Context>,
    joint: Vec<<Ristretto as sinpyo_ballot::group::Group>::Point>,
    /// By code: slot, nonce.
    codes: BTreeMap<String, ([u8; 16], [u8; 32])>,
    answers: BTreeMap<String, Value>,
    live: BTreeMap<[u8; 16], [u8; 32]>,
    spent: BTreeSet<[u8; 32]>,
    entropy: TestEntropy,
    /// Paths below the election that were asked for, with the method.
    pub(super) asked: Vec<String>,
    /// Answers to give in place of the right ones, by path.
    pub(super) lies: BTreeMap<String, (u16, Vec<u8>)>,
    pub(super) relay: Option<String>,
    /// Whether lies come with a time to come back.
    pub(super) patience: bool,
}

pub(super) fn now() -> Timestamp {
    "2026-11-22T03:45:00Z".parse().unwrap()
}

/// The same keys for all tests: making them takes long.
fn rsa() -> &'static [SecretKey; 3] {
    static KEYS: OnceLock<[SecretKey; 3]> = OnceLock::new();
    KEYS.get_or_init(|| [(); 3].map(|()| SecretKey::generate(KeySize::Bits2048).unwrap()))
}

/// Signs notes.
fn signer(seed: u8) -> KeySigner {
    KeySigner::new("did:x:log#0".parse().unwrap(), key(Algorithm::Ed25519, seed))
}

impl World {
    /// Called, the ceremony done: voters are being registered.
    pub(super) fn registering(kind: Kind) -> Self {
        let mut entropy = TestEntropy::new(77);
        let names = ["host", "registrar", "board"];
        let keys: BTreeMap<_, _> =
            names.into_iter().zip(1..).map(|(name, seed)| (name, key(Algorithm::Ed25519, seed))).collect();
        let public = |seed| key(Algorithm::Ed25519, seed).verifying_key().clone();
        let log_key = LogKey::new("vote.example/2026/1".parse().unwrap(), public(LOG)).unwrap();
        let witness = CosignerKey::new("witness.example".parse().unwrap(), public(WITNESS));
        let trustees = (0..TRUSTEES)
            .map(|number| {
                let seed = u8::try_from(number).unwrap() + 20;
                (key(Algorithm::Ed25519, seed), BoxSecret::generate(&mut entropy), None)
            })
            .collect();
        let mut world = Self {
            election: ElectionId([7; 32]),
            log: MemoryLog::new(Rules::new(), FixedClock(now())),
            manifest: Map::new(),
            keys,
            log_key,
            witness: witness.unwrap(),
            rsa: &rsa()[0],
            permits: &rsa()[1..],
            trustees,
            marks: Map::new(),
            rosters: Vec::new(),
            beacon: Beacon([0; 32]),
            context: None,
            joint: Vec::new(),
            codes: BTreeMap::new(),
            answers: BTreeMap::new(),
            live: BTreeMap::new(),
            spent: BTreeSet::new(),
            entropy,
            asked: Vec::new(),
            lies: BTreeMap::new(),
            relay: None,
            patience: false,
        };
        world.call(kind);
        world.hold_ceremony();
        world
    }

    /// The election's place, as its notices have it.
    pub(super) fn place(&self) -> Place {
        let host: [u8; 32] = hex_key(&self.keys["host"]);
        Place::parse(&format!("{SERVICE}/e/{}", to_hex(&self.election.0))).unwrap().called_by(host)
    }

    fn call(&mut self, kind: Kind) {
        let words = |text: &str| json!({"ko": text, "en": text});
        let spki = |key: &SecretKey| json!(to_base64url(&key.public().to_spki()));
        let permits: Vec<Value> = self.permits.iter().map(spki).collect();
        let trustee = |(key, sealing, _): &(SigningKey, BoxSecret, Option<TrusteeKeys<Ristretto>>)| json!({"box": to_hex(sealing.public().as_bytes()), "key": to_hex(&hex_key(key)), "name": words("t")});
        let body = json!({
            "admission": {"key": spki(self.rsa)},
            "board": {"key": to_hex(&hex_key(&self.keys["board"])), "log": self.log_key.to_string()},
            "closes": "2026-11-22T05:00:00Z",
            "contests": [
                {"id": "chair", "options": [{"id": "kim", "name": words("Kim")}, {"id": "lee", "name": words("Lee")}],
                 "title": words("Chair")},
                {"id": "rule", "options": [{"id": "yes", "name": words("Yes")}], "title": words("Rule")},
            ],
            "districts": [{"id": "d1", "legal": 99, "name": words("First"), "style": 0},
                          {"id": "d2", "legal": 99, "name": words("Second"), "style": 0}],
            "floor": 1,
            "host": to_hex(&hex_key(&self.keys["host"])),
            "keys": 3,
            "opens": "2026-11-22T03:00:00Z",
            "profile": if kind == Kind::Ring { "ring" } else { "token" },
            "registrar": to_hex(&hex_key(&self.keys["registrar"])),
            "revote": "last",
            "ring": if kind == Kind::Ring { json!({"base": 2, "digits": 2}) } else { Value::Null },
            "styles": [{"contests": ["chair", "rule"]}],
            "threshold": 2,
            "title": {"ko": "입주자대표 선거", "en": "Election of the chair"},
            "token": if kind == Kind::Ring { Value::Null } else { json!({"keys": permits}) },
            "trustees": self.trustees.iter().map(trustee).collect::<Vec<_>>(),
            "version": 1,
            "witnesses": {"keys": [self.witness.to_string()], "quorum": 1},
        });
        self.manifest = body.as_object().unwrap().clone();
        let index = self.say(Role::Host, Body::Manifest(self.manifest.clone()));
        self.marks.insert("manifest".into(), json!(index));
    }

    pub(super) fn parsed(&self) -> Manifest {
        Manifest::parse(&self.manifest).unwrap()
    }

    /// Appends an event that the board takes.
    pub(super) fn say(&mut self, by: Role, body: Body) -> u64 {
        let bytes = self.signed(by, body);
        let appended = self.log.append(vec![Submission::event(bytes).unwrap().into_bytes()]).remove(0);
        appended.unwrap().index
    }

    pub(super) fn signed(&self, by: Role, body: Body) -> Vec<u8> {
        let key = match by {
            Role::Host => &self.keys["host"],
            Role::Registrar => &self.keys["registrar"],
            Role::Board => &self.keys["board"],
            Role::Trustee(number) => &self.trustees[usize::try_from(number).unwrap() - 1].0,
        };
        EventDraft { by, election: self.election, time: now(), body }.sign(key).unwrap()
    }

    fn hold_ceremony(&mut self) {
        let manifest = self.parsed();
        let boxes = self.trustees.iter().map(|(_, sealing, _)| sealing.public()).collect();
        let size = Size { threshold: manifest.threshold, keys: manifest.keys };
        let parameters = Parameters::new(self.election, size, boxes).unwrap();
        let own: Vec<Trustee<Ristretto>> = (1..=TRUSTEES)
            .map(|number| {
                Trustee::begin(parameters.clone(), TrusteeNumber::new(number).unwrap(), &mut self.entropy)
            })
            .collect();
        let mut ceremony = KeyCeremony::begin(&manifest, &self.election).unwrap();
        for _ in 0..3 {
            for (trustee, number) in own.iter().zip(1_u32..) {
                let sealing =
                    BoxSecret::from_bytes(Secret::new(*self.trustees[place(number)].1.as_bytes().expose()));
                for body in trustee.owed(ceremony.seen(), &sealing).into_iter().flat_map(bodies) {
                    ceremony.perform(Some(number), &body).unwrap();
                    self.say(Role::Trustee(number), body);
                }
            }
        }
        let joint = ceremony.seen().joint_keys().unwrap();
        self.joint = joint.keys().to_vec();
        for (trustee, number) in own.iter().zip(1_u32..) {
            let sealing =
                BoxSecret::from_bytes(Secret::new(*self.trustees[place(number)].1.as_bytes().expose()));
            self.trustees[place(number)].2 = Some(trustee.keys(ceremony.seen(), &sealing).unwrap());
        }
        let keys = joint.keys().iter().map(Ristretto::encode).collect();
        let qualified = joint.qualified().map(TrusteeNumber::number).collect();
        let index = self.say(Role::Host, Body::CeremonyDone(Done { keys, qualified }));
        self.marks.insert("ceremony_done".into(), json!(index));
    }

    /// A line of the roll, in the first district, and its code.
    pub(super) fn line(&mut self) -> String {
        let mut slot = [0; 16];
        self.entropy.fill(&mut slot);
        let code = format!("CODE{}", self.codes.len());
        self.codes.insert(code.clone(), (slot, [9; 32]));
        code
    }

    /// Ends registration: beacon, rings, open.
    pub(super) fn open(&mut self) {
        let manifest = self.parsed();
        let registered = u64::try_from(self.live.len()).unwrap();
        let districts = manifest.districts.iter().zip([registered, 0]).map(|(district, registered)| {
            FrozenDistrict { id: district.id.clone(), legal: district.legal, registered }
        });
        let frozen = Body::Freeze(districts.collect());
        let index = self.say(Role::Registrar, frozen);
        self.marks.insert("freeze".into(), json!(index));
        let mut values = Vec::new();
        for number in 1..=TRUSTEES {
            let value = *self.trustees[place(number)].2.as_ref().unwrap().beacon().expose();
            values.push((number, value));
            self.say(Role::Trustee(number), Body::Beacon(value));
        }
        let is_ring = manifest.token.is_none();
        let live: Vec<_> = self.live.iter().map(|(slot, commitment)| (*slot, *commitment)).collect();
        self.beacon = Beacon::new::<Ristretto>(&self.election, if is_ring { &live } else { &[] }, &values);
        if is_ring {
            let plan = RingPlan { election: self.election, beacon: self.beacon, size: 4 };
            let commitments: Vec<[u8; 32]> = self.live.values().copied().collect();
            self.rosters = plan.rings(0, RingIndex(0), &commitments).unwrap();
        }
        let mut tree = Frontier::new();
        self.rosters.iter().for_each(|roster| tree.append(Hash::leaf(&roster.leaf())));
        let (rings, root) = (tree.head().size, *tree.head().root.as_bytes());
        let made = RingsMade { beacon: self.beacon.0, rings, root, without: Vec::new() };
        let index = self.say(Role::Registrar, Body::Rings(made));
        self.marks.insert("rings".into(), json!(index));
        let ceremony = self.ceremony_hash();
        let context = Context::new(&self.election, manifest.hash(), &ceremony, &root, rings);
        self.context = Some(context);
        let index = self.say(Role::Host, Body::Open(context.0));
        self.marks.insert("open".into(), json!(index));
    }

    fn ceremony_hash(&self) -> [u8; 64] {
        let state = self.log.state().unwrap();
        *Rules::new().ceremony(&*state).unwrap().seen().joint_keys().unwrap().hash()
    }

    /// The head, signed and witnessed.
    pub(super) fn checkpoint(&self) -> SignedCheckpoint {
        let head = self.log.head().unwrap();
        let signed = SignedCheckpoint::sign(head, &self.log_key, &signer(LOG)).unwrap();
        let line = self.witness.cosign(&signed, now(), &signer(WITNESS)).unwrap();
        signed.with_signatures([line]).unwrap()
    }

    /// Registers so many others.
    pub(super) fn crowd(&mut self, count: u8) {
        for number in 0..count {
            let (slot, nonce) = ([number; 16], Secret::new([1; 32]));
            let own = VoterSecret::<Ristretto>::derive(&Secret::new([number; 32]), &self.election);
            let binding = Binding::new(&self.election, &slot, &nonce, &[2; 32]);
            let made = own.register(binding, 0, &mut self.entropy);
            self.live.insert(slot, made.commitment);
            let (district, proof) = (self.parsed().districts[0].id.clone(), made.proof.to_bytes());
            let line = Registration {
                binding: binding.0,
                commitment: made.commitment,
                district,
                holder: [number; 32],
                proof: proof.try_into().unwrap(),
                replaces: false,
                slot,
            };
            self.say(Role::Registrar, Body::Register(line));
        }
    }

    /// Takes a line out of the roll.
    pub(super) fn strike(&mut self, slot: [u8; 16]) {
        self.live.remove(&slot);
        self.say(Role::Registrar, Body::Strike(Strike { reason: "moved away".into(), slot }));
    }

    /// Puts an event into the log that the board would not take.
    pub(super) fn force(&mut self, by: Role, body: Body) -> u64 {
        let size = self.log.head().unwrap().size;
        let mut entries = self.log.entries(0..size).unwrap();
        entries.push(self.signed(by, body));
        let log = MemoryLog::new(Anything, FixedClock(now()));
        for entry in entries {
            log.append(vec![entry]).remove(0).unwrap();
        }
        self.log = log;
        size
    }
}

/// A log that takes anything.
struct Anything;

impl Sequencing for Anything {
    fn sequence(
        &self,
        _: &dyn StateView,
        _: Position,
        submission: &[u8],
    ) -> Result<NewEntry, SequencingRefusal> {
        Ok(NewEntry { entry: submission.to_vec(), writes: Vec::new() })
    }

    fn replay(&self, _: &dyn StateView, _: u64, _: &[u8]) -> Result<Vec<StateWrite>, SequencingRefusal> {
        Ok(Vec::new())
    }
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap() - 1
}

fn hex_key(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_multikey().key().try_into().unwrap()
}
