//! A whole small election, made without asking the rules, so that any part of it can be wrong.

mod change;
mod stage;
mod votes;

pub(crate) use change::{flipped, kept};

use crate::{
    people::{SPARE, box_of, key_of, manifest_body, re_votes, slot, token_key, voter_plan, votes},
    record_of::Heads,
};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    ballot::Token,
    ceremony::{self, BoxSecret, Ceremony, Message, Parameters, Size, Trustee, TrusteeKeys, TrusteeNumber},
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::{Group as _, Ristretto},
    hash::Transcript,
    prove::{BallotSeed, Eligibility, PreparedBallot, prove},
    ring::Ring,
};
use sinpyo_core::{Secret, encoding::to_base64url, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{Examined, OneThread, examine},
    ballots::{BallotBox, Reason, Settings, Turned},
    election::{Slot, bodies},
    event::{
        Body, Closing, Done, EventDraft, FrozenDistrict, RegisteredToken, Registration, RingsMade, Role,
        Spoiled, Strike, Withdrawal, hazmat,
    },
    form::{from_hex_array, to_hex},
    manifest::{Manifest, Profile, Revote},
    phase::Step,
    roll::Roll,
};
use std::{collections::BTreeMap, sync::Arc};

pub(crate) const START: i64 = 1_800_000_000;
pub(crate) const ELECTION: ElectionId = ElectionId([7; 32]);

/// What becomes of trustee 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    NoCommit,
    OtherHash,
    BadProof,
    NeutralPoint,
    StrangePoint,
    NoReveal,
    NoDeal,
    NoAnswer,
    WrongAnswer,
}

/// How the election is to be.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) token: bool,
    pub(crate) first_counts: bool,
    pub(crate) fate: Fate,
    pub(crate) manifest: fn(&mut Map<String, Value>),
}

impl Plan {
    pub(crate) const USUAL: Self =
        Self { token: false, first_counts: false, fate: Fate::WrongAnswer, manifest: |_| () };
}

/// An entry under a name by which it is found again.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) by: Option<Role>,
    pub(crate) bytes: Vec<u8>,
}

/// A voter: wallet seed, district, choices.
struct Voter {
    secret: VoterSecret<Ristretto>,
    district: u32,
    choices: Vec<u8>,
    token: Option<Token>,
}

/// The election.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) entries: Vec<Entry>,
    pub(crate) heads: Heads,
    pub(crate) settings: Option<Settings>,
    pub(crate) spares: Vec<Vec<u8>>,
    /// Profile `token`: voter 1 in another district than the own, with what the registrar signed for it.
    pub(crate) foreign: Option<Vec<u8>>,
    time: i64,
    entropy: TestEntropy,
}

fn trustee(number: u32) -> TrusteeNumber {
    TrusteeNumber::new(number).unwrap()
}

impl World {
    /// The whole election by `plan`.
    pub(crate) fn run(plan: Plan) -> Self {
        let mut world = Self {
            entries: Vec::new(),
            heads: Heads::default(),
            settings: None,
            spares: Vec::new(),
            foreign: None,
            time: START,
            entropy: TestEntropy::new(1),
        };
        let mut body = manifest_body(plan.token, plan.first_counts);
        (plan.manifest)(&mut body);
        let manifest = Arc::new(Manifest::read(&body).expect("readable").manifest);
        world.say("manifest", Role::Host, Body::Manifest(body));
        let (ceremony, trustees) = world.ceremony(&manifest, plan.fate);
        let (voters, roll) = world.register(&manifest);
        let keys = ceremony.joint_keys().unwrap();
        world.freeze(&manifest, &roll, &trustees, &ceremony, &keys);
        world.vote(&voters, &manifest);
        world.count(&ceremony, &trustees);
        world
    }

    pub(crate) fn push(&mut self, label: &str, by: Option<Role>, bytes: Vec<u8>) {
        self.entries.push(Entry { label: label.to_owned(), by, bytes });
    }

    fn say(&mut self, label: &str, by: Role, body: Body) {
        self.time += 1;
        let draft =
            EventDraft { by, election: ELECTION, time: Timestamp::from_unix(self.time).unwrap(), body };
        let bytes = draft.sign(&key_of(by)).unwrap();
        self.push(label, Some(by), bytes);
    }

    /// The record, whatever stands in it.
    pub(crate) fn record(&self) -> sinpyo_voting::record::MemoryRecord {
        self.heads.record(self.entries.iter().map(|entry| entry.bytes.clone()).collect())
    }

    pub(crate) fn examine(&self) -> Examined {
        examine(&self.record(), &OneThread, &mut TestEntropy::new(99)).unwrap()
    }

    fn register(&mut self, manifest: &Manifest) -> (Vec<Voter>, Roll) {
        let (mut voters, mut roll) = (Vec::new(), Roll::default());
        for (number, (district, choices)) in voter_plan(manifest).into_iter().enumerate() {
            let seed = sha256(&[b"voter".as_slice(), &number.to_le_bytes()].concat());
            let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &ELECTION);
            let slot = slot(number);
            let label = format!("register/{number}");
            if number == 3 && manifest.profile != Profile::Token {
                // A phone that is lost again: the line gets another commitment below.
                self.register_spare(manifest, "register/dead", slot, district, false);
            }
            let replaces = number == 3 && manifest.profile != Profile::Token;
            let (body, committed, token) = self.registration(manifest, &secret, slot, district, replaces);
            self.say(&label, Role::Registrar, body);
            roll.set(slot, Slot { live: true, district, commitment: committed, index: 0 });
            voters.push(Voter { secret, district, choices, token });
        }
        if manifest.profile != Profile::Token {
            self.register_spare(manifest, "register/struck", slot(90), 0, false);
            let strike = Strike { reason: "moved away".into(), slot: slot(90) };
            self.say("strike", Role::Registrar, Body::Strike(strike));
        }
        (voters, roll)
    }

    /// A registration that is dead before the roll is frozen.
    fn register_spare(
        &mut self,
        manifest: &Manifest,
        label: &str,
        slot: [u8; 16],
        district: u32,
        replaces: bool,
    ) {
        let seed = sha256(label.as_bytes());
        let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &ELECTION);
        let (body, ..) = self.registration(manifest, &secret, slot, district, replaces);
        self.say(label, Role::Registrar, body);
    }

    fn registration(
        &mut self,
        manifest: &Manifest,
        secret: &VoterSecret<Ristretto>,
        slot: [u8; 16],
        district: u32,
        replaces: bool,
    ) -> (Body, [u8; 32], Option<Token>) {
        let holder = sha256(&slot);
        let id = manifest.district(district).unwrap().id.clone();
        if manifest.profile == Profile::Token {
            let (digest, token) = self.token(secret, district, district);
            let body = RegisteredToken { blinded: digest, district: id, holder, replaces, slot };
            return (Body::RegisterToken(body), digest, Some(token));
        }
        let binding = Binding::new(&ELECTION, &slot, &Secret::new([9; 32]), &sha256(b"thumbprint"));
        let made = secret.register(binding, district, &mut self.entropy);
        let body = Registration {
            binding: binding.0,
            commitment: made.commitment,
            district: id,
            holder,
            proof: made.proof.to_bytes().try_into().unwrap(),
            replaces,
            slot,
        };
        (Body::Register(body), made.commitment, None)
    }

    /// What the registrar, who sees nothing of it, signs for a voter of `own` who asks for a token of `asked`.
    fn token(&mut self, secret: &VoterSecret<Ristretto>, own: u32, asked: u32) -> ([u8; 32], Token) {
        let tag = Ristretto::encode(&secret.tag());
        let message = [b"sinpyo-vote/1/token\0".as_slice(), &ELECTION.0, &asked.to_le_bytes(), &tag].concat();
        let prepared = sinpyo_blind_rsa::Variant::PssRandomized.prepare(&message, &mut self.entropy);
        let randomizer = *prepared.randomizer().unwrap();
        let key = token_key(own);
        let (blinded, blinding) = key.public().blind(prepared, &mut self.entropy).unwrap();
        let answer = key.blind_sign(blinded.as_bytes()).unwrap();
        let signature = blinding.finalize(answer.as_bytes()).unwrap().into_bytes();
        (sha256(blinded.as_bytes()), Token { randomizer, signature })
    }

    fn freeze(
        &mut self,
        manifest: &Arc<Manifest>,
        roll: &Roll,
        trustees: &[(Trustee<Ristretto>, BoxSecret)],
        ceremony: &Ceremony<Ristretto>,
        keys: &ceremony::JointKeys<Ristretto>,
    ) {
        let counts = roll.counts(manifest.districts.len());
        let frozen = manifest.districts.iter().zip(counts).map(|(district, registered)| FrozenDistrict {
            id: district.id.clone(),
            legal: district.legal,
            registered,
        });
        self.say("freeze", Role::Registrar, Body::Freeze(frozen.collect()));
        let mut values = Vec::new();
        // Trustee 3 stays silent.
        for ((own, sealing), number) in trustees.iter().zip(1..=2) {
            let value = *own.keys(ceremony, sealing).unwrap().beacon().expose();
            self.say(&format!("beacon/{number}"), Role::Trustee(number), Body::Beacon(value));
            values.push((number, value));
        }
        let beacon = roll.beacon(&ELECTION, manifest, &values);
        let rings = roll.rings(&ELECTION, manifest, beacon).unwrap();
        let made =
            RingsMade { beacon: beacon.0, rings: rings.count(), root: rings.root(), without: vec![3, 4] };
        self.say("rings", Role::Registrar, Body::Rings(made));
        let settings = Settings::new(ELECTION, Arc::clone(manifest), keys, Arc::new(rings)).unwrap();
        self.time = START + 500;
        self.say("open", Role::Host, Body::Open(settings.context().0));
        self.settings = Some(settings);
        if let Some(contest) = manifest.contests.first() {
            let option = contest.options.last().unwrap().id.clone();
            let withdrawal = Withdrawal { contest: contest.id.clone(), option, reason: "ill".into() };
            self.say("withdraw", Role::Host, Body::Withdraw(withdrawal));
        }
    }

    fn count(&mut self, ceremony: &Ceremony<Ristretto>, trustees: &[(Trustee<Ristretto>, BoxSecret)]) {
        let seen = self.examine();
        let tally = seen.tally.as_ref().expect("a tally");
        for ((own, sealing), number) in trustees.iter().zip(1..=3) {
            let keys: TrusteeKeys<Ristretto> = own.keys(ceremony, sealing).unwrap();
            for (group, _) in tally.opened() {
                let share = tally.share(group, &keys, &mut self.entropy).unwrap();
                self.say(&format!("share/{number}/{group}"), Role::Trustee(number), Body::TallyShare(share));
            }
        }
        let seen = self.examine();
        let result = seen.tally.as_ref().unwrap().result(&seen.shares).unwrap();
        self.say("result", Role::Host, Body::Result(result));
        let until = Timestamp::from_unix(START + 10_000_000).unwrap();
        self.say("archive", Role::Host, Body::Archive(until));
    }
}
