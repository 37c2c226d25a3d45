//! A whole small election, made without asking the rules, so that any part of it can be wrong.

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
    ballots::{Reason, Settings, Turned},
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

    fn ceremony(
        &mut self,
        manifest: &Manifest,
        fate: Fate,
    ) -> (Ceremony<Ristretto>, Vec<(Trustee<Ristretto>, BoxSecret)>) {
        let boxes: Vec<_> = (1..=4).map(box_of).collect();
        let size = Size { threshold: manifest.threshold, keys: manifest.keys };
        let parameters =
            Parameters::new(ELECTION, size, boxes.iter().map(BoxSecret::public).collect()).unwrap();
        let trustees: Vec<_> = (1..=4_u8)
            .zip(boxes)
            .map(|(n, key)| {
                (
                    Trustee::<Ristretto>::resume(
                        parameters.clone(),
                        trustee(n.into()),
                        Secret::new([100 + n; 32]),
                    ),
                    key,
                )
            })
            .collect();
        let mut stage = Stage { world: self, ceremony: Ceremony::new(parameters.clone()), fate, count: 0 };
        let bad = stage.bad_reveal(&trustees, &parameters);
        let (commit, reveal) =
            bad.map(|(commit, reveal)| (Message::Commit(commit), Message::Reveal(reveal))).unzip();
        stage.round(&trustees, commit.as_ref(), Fate::NoCommit, Step::Reveal);
        stage.round(&trustees, reveal.as_ref(), Fate::NoReveal, Step::Shares);
        stage.round(&trustees, None, Fate::NoDeal, Step::Complaints);
        // A needless complaint, answered rightly.
        stage.speak(1, Message::Complaint { against: trustee(2) });
        if stage.ceremony.fault(trustee(4)).is_none() {
            stage.speak(3, Message::Complaint { against: trustee(4) });
        }
        stage.answers(&trustees);
        let ceremony = stage.ceremony;
        let done = done_of(&ceremony);
        self.say("done", Role::Host, Body::CeremonyDone(done));
        (ceremony, trustees)
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

    fn prepare(&mut self, voter: &Voter, choices: &[u8]) -> PreparedBallot<Ristretto> {
        let settings = self.settings.clone().unwrap();
        let style = settings.manifest().district(voter.district).unwrap().style;
        let setting = settings.setting(style).unwrap();
        let seed = BallotSeed::fresh(&mut self.entropy);
        if let Some(token) = &voter.token {
            let place = Eligibility::Token { district: voter.district, token };
            return prove(setting, place, &voter.secret, choices, seed, &mut self.entropy).unwrap();
        }
        let own = Ristretto::encode(&voter.secret.commitment());
        let rosters = settings.rings().rosters();
        let (ring, position) = rosters.iter().find_map(|ring| Some((ring, ring.position_of(&own)?))).unwrap();
        let ring = Ring::new(ring.clone()).unwrap();
        let place = Eligibility::Ring { ring: &ring, position: u32::try_from(position).unwrap() };
        prove(setting, place, &voter.secret, choices, seed, &mut self.entropy).unwrap()
    }

    fn vote(&mut self, voters: &[Voter], manifest: &Manifest) {
        let mut made: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (number, voter) in voters.iter().enumerate().filter(|(number, _)| votes(*number)) {
            if manifest.revote == Revote::Last && re_votes(number) {
                let blank: Vec<u8> = voter.choices.iter().map(|_| 0).collect();
                let ballot = self.prepare(voter, &blank).cast();
                self.push(&format!("old/{number}"), None, ballot);
            }
            let ballot = self.prepare(voter, &voter.choices).cast();
            made.insert(number, ballot.clone());
            self.push(&format!("ballot/{number}"), None, ballot);
        }
        // Ballots that nobody cast: for those who put them where they do not belong.
        for voter in voters.iter().skip(SPARE).take(3) {
            let spare = self.prepare(voter, &voter.choices).cast();
            self.spares.push(spare);
        }
        if manifest.profile == Profile::Token {
            let Voter { secret, choices, .. } = &voters[1];
            let (_, token) = self.token(secret, 0, 1);
            let setting = self.settings.as_ref().unwrap().setting(0).unwrap().clone();
            let place = Eligibility::Token { district: 1, token: &token };
            let seed = BallotSeed::fresh(&mut self.entropy);
            let made = prove(&setting, place, secret, choices, seed, &mut self.entropy).unwrap();
            self.foreign = Some(made.cast());
        }
        for voter in voters.iter().take(2) {
            let package = self.prepare(voter, &voter.choices).check();
            self.spoil(&package, voter);
        }
        self.reject(&made, voters, manifest);
        self.time = START + 1_000;
        let ballots = self.entries.iter().filter(|entry| entry.by.is_none()).count();
        let closing = Closing {
            ballots: u64::try_from(ballots).unwrap(),
            size: u64::try_from(self.entries.len()).unwrap(),
        };
        self.say("close", Role::Board, Body::Close(closing));
    }

    fn spoil(&mut self, package: &sinpyo_ballot::check::CheckPackage<Ristretto>, voter: &Voter) {
        let settings = self.settings.clone().unwrap();
        let style = settings.manifest().district(voter.district).unwrap().style;
        let own = Ristretto::encode(&voter.secret.commitment());
        let roster = settings.rings().rosters().iter().find(|ring| ring.position_of(&own).is_some());
        let ring = roster.map(|roster| Ring::new(roster.clone()).unwrap());
        let checked = package.check(settings.setting(style).unwrap(), ring.as_ref()).unwrap();
        let spoiled = checked.spoiled();
        let body = Spoiled {
            alpha: spoiled.alpha,
            beta: spoiled.beta.clone(),
            choices: spoiled.choices.iter().map(|choice| u32::from(*choice)).collect(),
            rho: spoiled.rho,
            tracking: spoiled.tracking.as_str().to_owned(),
        };
        let count = self.entries.iter().filter(|entry| entry.label.starts_with("spoiled")).count();
        self.say(&format!("spoiled/{count}"), Role::Board, Body::Spoiled(body));
    }

    fn reject(&mut self, made: &BTreeMap<usize, Vec<u8>>, voters: &[Voter], manifest: &Manifest) {
        let (_, good) = made.iter().next().unwrap();
        let changed = |at: usize, to: &[u8]| {
            let mut bytes = good.clone();
            bytes[at..at + to.len()].copy_from_slice(to);
            bytes
        };
        let last = good.len() - 33;
        let mut refused = vec![
            (Reason::Encoding, good[..good.len() - 1].to_vec()),
            (Reason::Encoding, vec![1; 41_000]),
            (Reason::Style, changed(1, &[9, 0])),
            (Reason::Ring, changed(3, &999_u32.to_le_bytes())),
            (Reason::Tag, changed(8, &[0; 32])),
            (Reason::Proof, changed(last, &[good[last] ^ 1])),
        ];
        if manifest.revote == Revote::First {
            let again = self.prepare(&voters[*made.keys().next().unwrap()], &[0, 0]).cast();
            refused.push((Reason::Duplicate, again));
        }
        for (number, (reason, bytes)) in refused.into_iter().enumerate() {
            let event = Turned::new(&bytes, reason).event;
            self.say(&format!("rejected/{number}"), Role::Board, Body::Rejected(event));
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

/// The ceremony while it is played.
struct Stage<'w> {
    world: &'w mut World,
    ceremony: Ceremony<Ristretto>,
    fate: Fate,
    count: usize,
}

impl Stage<'_> {
    fn speak(&mut self, from: u32, message: Message) {
        self.ceremony.apply(trustee(from), &message).unwrap();
        for body in bodies(message) {
            let label = match &body {
                Body::CeremonyShares(share) => format!("shares/{from}/{}", share.to),
                body => format!("{}/{from}", body.kind().as_str()),
            };
            self.world.say(&label, Role::Trustee(from), body);
        }
    }

    /// Everybody says what is owed; trustee 4 says `instead`, or nothing if that is its fate.
    fn round(
        &mut self,
        trustees: &[(Trustee<Ristretto>, BoxSecret)],
        instead: Option<&Message>,
        silent: Fate,
        next: Step,
    ) {
        for ((own, sealing), number) in trustees.iter().zip(1..=4) {
            if number == 4 && self.fate == silent {
                self.ceremony.advance(phase(next)).unwrap();
                self.count += 1;
                let label = format!("next/{}", self.count);
                self.world.say(&label, Role::Host, Body::CeremonyNext(next));
                return;
            }
            if self.ceremony.fault(trustee(number)).is_some() {
                continue;
            }
            match (number, instead) {
                (4, Some(message)) => self.speak(4, message.clone()),
                _ => {
                    for message in own.owed(&self.ceremony, sealing) {
                        self.speak(number, message);
                    }
                }
            }
        }
    }

    /// What trustee 4 commits to and reveals, where that is wrong.
    fn bad_reveal(
        &self,
        trustees: &[(Trustee<Ristretto>, BoxSecret)],
        parameters: &Parameters,
    ) -> Option<(ceremony::Commit, ceremony::Reveal)> {
        let mut shadow = Ceremony::<Ristretto>::new(parameters.clone());
        let mut commit = None;
        for ((own, sealing), number) in trustees.iter().zip(1..=4) {
            for message in own.owed(&shadow, sealing) {
                shadow.apply(trustee(number), &message).unwrap();
                if let (4, Message::Commit(own)) = (number, &message) {
                    commit = Some(*own);
                }
            }
        }
        let (own, sealing) = &trustees[3];
        let Some(Message::Reveal(mut reveal)) = own.owed(&shadow, sealing).into_iter().next() else {
            panic!("owed")
        };
        let mut commit = commit.unwrap();
        match self.fate {
            Fate::BadProof => reveal.proofs[40] ^= 1,
            Fate::NeutralPoint => reveal.commitments[..32].fill(0),
            Fate::StrangePoint => reveal.commitments[..32].fill(0xff),
            Fate::OtherHash => {
                commit.commit[5] ^= 1;
                return Some((commit, reveal));
            }
            _ => return None,
        }
        let transcript = Transcript::new("ceremony-commit").field(&ELECTION.0).number(4);
        commit.commit = transcript.field(&reveal.commitments).field(&reveal.proofs).hash();
        Some((commit, reveal))
    }

    fn answers(&mut self, trustees: &[(Trustee<Ristretto>, BoxSecret)]) {
        let (own, sealing) = &trustees[1];
        for message in own.owed(&self.ceremony, sealing) {
            self.speak(2, message);
        }
        if self.ceremony.fault(trustee(4)).is_some() {
            return;
        }
        if self.fate == Fate::WrongAnswer {
            let shares = vec![1; 32 * usize::try_from(self.ceremony.parameters().size().keys).unwrap()];
            self.speak(4, Message::Answer(ceremony::Answer { to: trustee(3), shares }));
        } else {
            self.ceremony.advance(ceremony::Phase::Answers).unwrap();
            self.world.say("next/answers", Role::Host, Body::CeremonyNext(Step::Answers));
        }
    }
}

const fn phase(step: Step) -> ceremony::Phase {
    match step {
        Step::Commit => ceremony::Phase::Commit,
        Step::Reveal => ceremony::Phase::Reveal,
        Step::Shares => ceremony::Phase::Shares,
        Step::Complaints => ceremony::Phase::Complaints,
        Step::Answers => ceremony::Phase::Answers,
    }
}

fn done_of(ceremony: &Ceremony<Ristretto>) -> Done {
    let keys = ceremony.joint_keys().unwrap();
    Done {
        keys: keys.keys().iter().map(Ristretto::encode).collect(),
        qualified: keys.qualified().map(TrusteeNumber::number).collect(),
    }
}

impl World {
    /// The place of the entry called `label`.
    pub(crate) fn place(&self, label: &str) -> usize {
        self.entries
            .iter()
            .position(|entry| entry.label == label)
            .unwrap_or_else(|| panic!("no entry {label}"))
    }

    /// Changes the members of an event and signs it anew.
    pub(crate) fn edit(&mut self, label: &str, change: impl FnOnce(&mut Map<String, Value>)) {
        let place = self.place(label);
        let entry = &mut self.entries[place];
        let mut event: Map<String, Value> = serde_json::from_slice(&entry.bytes).unwrap();
        change(&mut event);
        entry.bytes = sign(entry.by.unwrap(), &event);
    }

    /// Changes the body of an event and signs it anew.
    pub(crate) fn edit_body(&mut self, label: &str, change: impl FnOnce(&mut Map<String, Value>)) {
        self.edit(label, |event| change(event.get_mut("body").unwrap().as_object_mut().unwrap()));
    }

    /// Flips a bit of a hex member.
    pub(crate) fn flip(&mut self, label: &str, member: &str, at: usize) {
        self.edit_body(label, |body| {
            let text = body[member].as_str().unwrap();
            body.insert(member.into(), json!(flipped(text, at)));
        });
    }

    /// Puts an event before the entry `before`, at the time of that entry.
    pub(crate) fn insert(&mut self, before: &str, by: Role, name: &str, body: &Value) {
        let place = self.place(before);
        let time = self.time_at(place);
        let heading = hazmat::Heading { by, election: ELECTION, time };
        let bytes = hazmat::sign(&heading, name, body, &key_of(by)).unwrap();
        self.insert_bytes(before, Some(by), bytes);
    }

    /// Puts any bytes before the entry `before`.
    pub(crate) fn insert_bytes(&mut self, before: &str, by: Option<Role>, bytes: Vec<u8>) {
        let place = self.place(before);
        self.entries.insert(place, Entry { label: "inserted".into(), by, bytes });
        self.recount();
    }

    /// The time of the next event at or after `place`.
    fn time_at(&self, place: usize) -> Timestamp {
        let event = self.entries[place..].iter().find(|entry| entry.by.is_some()).unwrap();
        let event: Value = serde_json::from_slice(&event.bytes).unwrap();
        event["time"].as_str().unwrap().parse().unwrap()
    }

    /// Makes `close` count what stands before it.
    pub(crate) fn recount(&mut self) {
        let (open, place) = (self.place("open"), self.place("close"));
        let ballots =
            self.entries[open..place].iter().filter(|entry| entry.bytes.first() == Some(&1)).count();
        self.edit_body("close", |body| {
            body.insert("ballots".into(), json!(ballots));
            body.insert("size".into(), json!(place));
        });
    }

    /// The body of an event.
    pub(crate) fn body(&self, label: &str) -> Value {
        let event: Value = serde_json::from_slice(&self.entries[self.place(label)].bytes).unwrap();
        event["body"].clone()
    }
}

/// Signs the members of an event as they stand.
fn sign(by: Role, event: &Map<String, Value>) -> Vec<u8> {
    let heading = hazmat::Heading {
        by,
        election: ElectionId(from_hex_array(event["election"].as_str().unwrap()).unwrap()),
        time: event["time"].as_str().unwrap().parse().unwrap(),
    };
    hazmat::sign(&heading, event["type"].as_str().unwrap(), &event["body"], &key_of(by)).unwrap()
}

/// Hexadecimal text with one bit of byte `at` flipped.
pub(crate) fn flipped(text: &str, at: usize) -> String {
    let mut bytes = sinpyo_voting::form::from_hex(text).unwrap();
    bytes[at] ^= 1;
    to_hex(&bytes)
}

/// A ballot as `rejected` keeps it.
pub(crate) fn kept(bytes: &[u8]) -> Value {
    json!(to_base64url(bytes))
}
