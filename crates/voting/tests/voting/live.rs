//! Elections on a log that runs the rules.

use crate::{
    people::{box_of, key_of, manifest_body, re_votes, token_spki, voter_plan, votes},
    record_of::Heads,
    world::{ELECTION, Entry, Plan, START, World, flipped},
};
use serde_json::{Value, json};
use sinpyo_ballot::{
    ceremony::TrusteeNumber,
    credential::{Binding, VoterSecret},
    group::{Group as _, Ristretto},
    prove::{BallotSeed, Eligibility, prove},
    ring::Ring,
};
use sinpyo_blind_rsa::{KeySize, SecretKey};
use sinpyo_core::{
    Secret,
    encoding::to_base64url,
    time::{Clock, Timestamp},
};
use sinpyo_registry::engine::{AppendError, EngineError, LogEngine, Position, Sequencing, StateView};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{Check, Examined, OneThread, Outcome, examine},
    ballots::{BallotBox, Reason, Settings},
    election::{Election, Rules, Submission, done},
    event::{Body, Closing, EventDraft, FrozenDistrict, Registration, RingsMade, Role},
    manifest::Manifest,
    phase::Phase,
    record::EngineRecord,
    roll::beacon_values,
    trustee::{Custody, Unwilling},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A clock that a test sets.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn time_of(entry: &Entry) -> Option<i64> {
    let event: Value = serde_json::from_slice(&entry.bytes).ok()?;
    Some(event["time"].as_str()?.parse::<Timestamp>().ok()?.unix())
}

/// Hands a log every entry of `world` at its time; the first that is refused, and why.
fn first_refusal(world: &World) -> Option<(String, &'static str)> {
    let hand = Hand::new();
    let log = MemoryLog::new(Rules::new(), hand.clone());
    for entry in &world.entries {
        if let Some(time) = time_of(entry) {
            hand.set(time);
        }
        match log.append(vec![entry.bytes.clone()]).remove(0) {
            Ok(appended) if appended.repeated => return Some((entry.label.clone(), "repeated")),
            Ok(_) => {}
            Err(error) => return Some((entry.label.clone(), error.code().expect("no rule"))),
        }
    }
    None
}

#[test]
fn a_lawful_record_is_taken_entry_by_entry() {
    for (token, first_counts) in [(false, false), (false, true), (true, false)] {
        let world = World::run(Plan { token, first_counts, ..Plan::USUAL });
        assert_eq!(first_refusal(&world), None);
    }
}

/// The usual election with one change is refused at the entry `label` by the rule `code`.
fn refused(usual: &World, label: &str, code: &str, change: impl FnOnce(&mut World)) {
    let mut world = usual.clone();
    change(&mut world);
    let refusal = first_refusal(&world);
    assert_eq!(
        refusal,
        Some((label.to_owned(), code)).as_ref().map(|(l, c)| (l.clone(), *c)),
        "{label} {code}"
    );
}

fn set(world: &mut World, label: &str, member: &str, value: Value) {
    world.edit_body(label, |body| drop(body.insert(member.into(), value)));
}

#[test]
fn an_event_of_another_form_is_refused() {
    let usual = World::run(Plan::USUAL);
    let raw = |world: &mut World, label: &str, from: &str, to: &str| {
        let place = world.place(label);
        let text = String::from_utf8(world.entries[place].bytes.clone()).unwrap();
        world.entries[place].bytes = text.replacen(from, to, 1).into_bytes();
    };
    refused(&usual, "withdraw", "VOT-41", |world| raw(world, "withdraw", ",", ", "));
    refused(&usual, "withdraw", "VOT-41", |world| raw(world, "withdraw", "{", "{\"by\":\"host\","));
    refused(&usual, "withdraw", "VOT-41", |world| set(world, "withdraw", "reason", json!("e\u{301}")));
    refused(&usual, "withdraw", "VOT-41", |world| set(world, "withdraw", "reason", json!(-1)));
    refused(&usual, "freeze", "VOT-42", |world| set(world, "freeze", "colour", json!("red")));
    refused(&usual, "open", "VOT-42", |world| set(world, "open", "context", json!("00")));
    refused(&usual, "inserted", "VOT-42", |world| world.insert("open", Role::Host, "greeting", &json!({})));
    refused(&usual, "inserted", "VOT-42", |world| world.insert_bytes("open", None, vec![2, 3]));
    refused(&usual, "withdraw", "VOT-43", |world| raw(world, "withdraw", "ill", "fit"));
    refused(&usual, "inserted", "VOT-44", |world| {
        let body = world.body("strike");
        world.insert("freeze", Role::Host, "strike", &body);
    });
    refused(&usual, "open", "VOT-10", |world| {
        world.edit("open", |event| drop(event.insert("election".into(), json!("08".repeat(32)))));
    });
}

#[test]
fn an_event_at_another_time_is_refused() {
    let usual = World::run(Plan::USUAL);
    refused(&usual, "commit-first", "VOT-47", |world| {
        let place = world.place("ceremony-commit/1");
        let mut first = world.entries.remove(place);
        first.label = "commit-first".into();
        world.entries.insert(0, first);
    });
    refused(&usual, "inserted", "VOT-48", |world| {
        let body = world.body("register/struck");
        world.insert("open", Role::Registrar, "register", &body);
    });
    refused(&usual, "inserted", "VOT-48", |world| {
        let body = world.body("beacon/1");
        world.insert("rings", Role::Trustee(1), "beacon", &body);
    });
    refused(&usual, "open", "VOT-49", |world| {
        world.edit("open", |event| drop(event.insert("time".into(), json!("2026-11-22T03:45:00Z"))));
    });
    // The board's clock decides: before, and after the last second.
    refused(&usual, "close", "VOT-22", |world| {
        let time = Timestamp::from_unix(START + 899).unwrap().to_string();
        world.edit("close", |event| drop(event.insert("time".into(), json!(time))));
    });
    refused(&usual, "inserted", "VOT-48", |world| {
        let spare = world.spares[0].clone();
        world.insert_bytes("result", None, spare);
    });
}

#[test]
fn a_time_ahead_of_the_board_is_refused() {
    let usual = World::run(Plan::USUAL);
    let (hand, call) = (Hand::new(), usual.entries[0].clone());
    let log = MemoryLog::new(Rules::new(), hand.clone());
    hand.set(time_of(&call).unwrap() - 61);
    let refusal = log.append(vec![call.bytes.clone()]).remove(0).unwrap_err();
    assert_eq!(refusal.code(), Some("VOT-49"));
    hand.set(time_of(&call).unwrap() - 60);
    log.append(vec![call.bytes]).remove(0).unwrap();
}

#[test]
fn a_ballot_counts_until_the_last_second() {
    let usual = World::run(Plan::USUAL);
    let until_open = usual.place("open");
    // The manifest opens at 400 and closes at 900.
    for (at, code) in
        [(399, Some("VOT-22")), (400, None), (899, None), (900, Some("VOT-22")), (901, Some("VOT-22"))]
    {
        let hand = Hand::new();
        let log = MemoryLog::new(Rules::new(), hand.clone());
        for entry in &usual.entries[..=until_open] {
            // The election is opened ahead of its hour.
            let mut world = usual.clone();
            let entry = if entry.label == "open" {
                let time = Timestamp::from_unix(START + 399).unwrap().to_string();
                world.edit("open", |event| drop(event.insert("time".into(), json!(time))));
                world.entries[until_open].clone()
            } else {
                entry.clone()
            };
            hand.set(time_of(&entry).unwrap());
            log.append(vec![entry.bytes]).remove(0).unwrap();
        }
        hand.set(START + at);
        let spare = usual.spares[0].clone();
        let answer = log.append(vec![spare.clone()]).remove(0);
        assert_eq!(answer.as_ref().err().and_then(AppendError::code), code, "at {at}");
        // What was taken is answered alike for ever.
        hand.set(START + 5_000);
        assert_eq!(log.append(vec![spare]).remove(0).is_ok_and(|again| again.repeated), code.is_none());
    }
}

#[test]
fn a_manifest_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    for (member, value) in [
        ("floor", json!(0)),
        ("version", json!(2)),
        ("keys", json!(4)),
        ("keys", json!(65)),
        ("threshold", json!(5)),
        ("threshold", json!(0)),
        ("ring", json!({"base": 3, "digits": 3})),
        ("ring", json!({"base": 8, "digits": 5})),
        ("title", json!({})),
        ("colour", json!("red")),
        ("token", json!({"keys": []})),
        ("token", json!({"keys": ["AAAA"]})),
        ("revote", json!("often")),
        ("styles", json!([{"contests": ["nothing"]}])),
    ] {
        refused(&usual, "manifest", "VOT-45", |world| set(world, "manifest", member, value));
    }
    refused(&usual, "manifest", "VOT-46", |world| {
        world.edit_body("manifest", |body| {
            let key = body["registrar"].clone();
            body["trustees"][0]["key"] = key;
        });
    });
    refused(&usual, "manifest", "VOT-46", |world| {
        world.edit_body("manifest", |body| {
            let sealing = body["trustees"][1]["box"].clone();
            body["trustees"][0]["box"] = sealing;
        });
    });
    let token = World::run(Plan { token: true, ..Plan::USUAL });
    let keys: Vec<String> = (0..5).map(token_spki).collect();
    refused(&token, "manifest", "VOT-46", |world| {
        set(world, "manifest", "admission", json!({"key": keys[3]}));
    });
    let more = [&keys[..], &["AAAA".to_owned()]].concat();
    let twice = [&keys[..4], &keys[..1]].concat();
    let long = SecretKey::generate(KeySize::Bits3072).unwrap();
    let lengths = [&keys[..4], &[to_base64url(&long.public().to_spki())]].concat();
    for (code, value) in [
        ("VOT-46", json!({"keys": twice})),
        ("VOT-45", json!({"keys": keys[..4]})),
        ("VOT-45", json!({"keys": more})),
        ("VOT-45", json!({"keys": lengths})),
        ("VOT-45", json!({"keys": []})),
        ("VOT-45", json!({"key": keys[0]})),
        ("VOT-45", Value::Null),
    ] {
        refused(&token, "manifest", code, |world| set(world, "manifest", "token", value));
    }
    for strange in ["01".to_owned() + &"00".repeat(31), "ed".to_owned() + &"ff".repeat(30) + "7f"] {
        refused(&usual, "manifest", "VOT-45", |world| {
            world.edit_body("manifest", |body| body["trustees"][2]["box"] = json!(strange));
        });
    }
}

#[test]
fn a_manifest_that_changes_what_is_fixed_is_refused() {
    let usual = World::run(Plan::USUAL);
    let changed = |change: fn(&mut Value)| {
        move |world: &mut World| {
            let mut body = world.body("manifest");
            change(&mut body);
            world.insert("register/5", Role::Host, "manifest", &body);
        }
    };
    refused(&usual, "inserted", "VOT-50", changed(|body| body["threshold"] = json!(3)));
    refused(
        &usual,
        "inserted",
        "VOT-50",
        changed(|body| body["districts"].as_array_mut().unwrap().swap(0, 1)),
    );
    refused(
        &usual,
        "inserted",
        "VOT-50",
        changed(|body| drop(body["districts"].as_array_mut().unwrap().pop())),
    );
    // A token got by one key would be worth another district's after that.
    let token = World::run(Plan { token: true, ..Plan::USUAL });
    refused(
        &token,
        "inserted",
        "VOT-50",
        changed(|body| body["token"]["keys"].as_array_mut().unwrap().swap(0, 1)),
    );
    let mut world = usual.clone();
    changed(|body| body["title"]["en"] = json!("another title"))(&mut world);
    // Lawful: only the context is another then.
    assert_eq!(first_refusal(&world), Some(("open".to_owned(), "VOT-58")));
}

#[test]
fn a_ceremony_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    refused(&usual, "inserted", "VOT-51", |world| {
        let body = world.body("ceremony-reveal/1");
        world.insert("ceremony-commit/2", Role::Trustee(1), "ceremony-reveal", &body);
    });
    refused(&usual, "inserted", "VOT-51", |world| {
        world.insert("done", Role::Trustee(3), "ceremony-complaint", &json!({"against": 3}));
    });
    refused(&usual, "done", "VOT-52", |world| set(world, "done", "qualified", json!([1, 2, 3, 4])));
    refused(&usual, "early", "VOT-52", |world| {
        let place = world.place("shares/1/2");
        let mut done = world.entries[world.place("done")].clone();
        let time = Timestamp::from_unix(time_of(&world.entries[place]).unwrap()).unwrap().to_string();
        world.edit("done", |event| drop(event.insert("time".into(), json!(time))));
        done.bytes = world.entries[world.place("done")].bytes.clone();
        done.label = "early".into();
        world.entries.insert(place, done);
    });
}

#[test]
fn a_roll_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    for member in ["proof", "binding"] {
        refused(&usual, "register/2", "VOT-53", |world| world.flip("register/2", member, 1));
    }
    for commitment in ["00".repeat(32), "ff".repeat(32)] {
        refused(&usual, "register/2", "VOT-53", |world| {
            set(world, "register/2", "commitment", json!(commitment));
        });
    }
    refused(&usual, "register/2", "VOT-53", |world| set(world, "register/2", "replaces", json!(true)));
    refused(&usual, "register/2", "VOT-53", |world| set(world, "register/2", "district", json!("d9")));
    // Two commitments for one slot, and one commitment for two slots.
    refused(&usual, "register/2", "VOT-53", |world| {
        let slot = world.body("register/1")["slot"].clone();
        set(world, "register/2", "slot", slot);
    });
    refused(&usual, "register/2", "VOT-53", |world| {
        for member in ["binding", "commitment", "proof"] {
            let value = world.body("register/1")[member].clone();
            set(world, "register/2", member, value);
        }
    });
    refused(&usual, "strike", "VOT-53", |world| set(world, "strike", "slot", json!("00".repeat(16))));
    refused(&usual, "freeze", "VOT-54", |world| {
        world.edit_body("freeze", |body| body["districts"][1]["registered"] = json!(1));
    });
    let full = World::run(Plan { manifest: |body| body["districts"][0]["legal"] = json!(17), ..Plan::USUAL });
    refused(&full, "freeze", "VOT-55", |_| ());
    refused(&usual, "beacon/1", "VOT-56", |world| world.flip("beacon/1", "value", 0));
    refused(&usual, "inserted", "VOT-56", |world| {
        let value = flipped(world.body("beacon/1")["value"].as_str().unwrap(), 0);
        world.insert("rings", Role::Trustee(4), "beacon", &json!({"value": value}));
    });
    refused(&usual, "rings", "VOT-57", |world| set(world, "rings", "without", json!([3])));
    refused(&usual, "rings", "VOT-57", |world| set(world, "rings", "rings", json!(1)));
    refused(&usual, "open", "VOT-58", |world| world.flip("open", "context", 0));
}

#[test]
fn a_count_that_breaks_a_rule_is_refused() {
    let usual = World::run(Plan::USUAL);
    refused(&usual, "withdraw", "VOT-59", |world| set(world, "withdraw", "option", json!("nobody")));
    for member in ["ballots", "size"] {
        refused(&usual, "close", "VOT-60", |world| {
            let number = world.body("close")[member].as_u64().unwrap();
            set(world, "close", member, json!(number + 1));
        });
    }
    refused(&usual, "inserted", "VOT-15", |world| {
        let body = world.body("share/1/0");
        world.insert("result", Role::Trustee(4), "tally-share", &body);
    });
    refused(&usual, "inserted", "VOT-15", |world| {
        let body = world.body("share/1/0");
        world.insert("result", Role::Trustee(1), "tally-share", &body);
    });
}

/// State as an engine keeps it.
#[derive(Default)]
struct Kept(BTreeMap<Vec<u8>, Vec<u8>>);

impl StateView for Kept {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}

#[test]
fn replaying_the_log_leads_to_the_same_state() {
    let world = World::run(Plan::USUAL);
    let (running, mut kept, mut time) = (Rules::new(), Kept::default(), START);
    for (index, entry) in (0..).zip(&world.entries) {
        time = time_of(entry).unwrap_or(time).max(time);
        let at = Position { index, time: Timestamp::from_unix(time).unwrap() };
        let new = running.sequence(&kept, at, &entry.bytes).unwrap();
        // Whoever replays remembers nothing of what was sequenced before.
        let replayed = Rules::new().replay(&kept, index, &entry.bytes).unwrap();
        assert_eq!((new.entry, &new.writes), (entry.bytes.clone(), &replayed), "{}", entry.label);
        for write in new.writes {
            assert!(write.key.len() <= 64 && write.value.as_ref().is_none_or(|value| value.len() <= 65_000));
            kept.0.insert(write.key, write.value.unwrap());
        }
    }
}

#[test]
fn of_many_ballots_at_once_one_is_taken_where_the_first_counts() {
    let world = World::run(Plan { first_counts: true, ..Plan::USUAL });
    let hand = Hand::new();
    let log = MemoryLog::new(Rules::new(), hand.clone());
    for entry in &world.entries[..=world.place("open")] {
        hand.set(time_of(entry).unwrap());
        log.append(vec![entry.bytes.clone()]).remove(0).unwrap();
    }
    // The engine sees no proof: bytes with one tag and 100 different ends stand for 100 ballots of a voter.
    let ballot = |number: u8| {
        let mut bytes = world.spares[0].clone();
        *bytes.last_mut().unwrap() = number;
        bytes
    };
    let (log, ballot) = (&log, &ballot);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..100).map(|number| scope.spawn(move || log.append(vec![ballot(number)]).remove(0))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let refusals: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()?.code()).collect();
    assert_eq!(refusals, ["VOT-08"; 99]);
    assert_eq!(Election::new(&*log.state().unwrap()).ballots().unwrap(), 1);
}

#[test]
fn a_second_ballot_is_refused_where_the_first_counts() {
    let first = World::run(Plan { first_counts: true, ..Plan::USUAL });
    let mut world = first.clone();
    let refused = world.body("rejected/6")["ballot"].as_str().unwrap().to_owned();
    world.insert_bytes("close", None, sinpyo_core::encoding::from_base64url(&refused).unwrap());
    assert_eq!(first_refusal(&world), Some(("inserted".to_owned(), "VOT-08")));
}

/// An election in which everybody uses the programs that this crate offers.
struct Live {
    log: MemoryLog,
    hand: Hand,
    heads: Heads,
    custody: Vec<Custody>,
    entropy: TestEntropy,
}

impl Live {
    fn new() -> Self {
        let hand = Hand::new();
        let custody = |number: u8| Custody {
            number: TrusteeNumber::new(number.into()).unwrap(),
            seed: Secret::new([40 + number; 32]),
            sealing: box_of(number),
            opened: None,
        };
        Self {
            log: MemoryLog::new(Rules::new(), hand.clone()),
            hand,
            heads: Heads::default(),
            custody: (1..=4).map(custody).collect(),
            entropy: TestEntropy::new(5),
        }
    }

    fn say(&self, by: Role, body: Body) -> Result<(), AppendError> {
        let draft = EventDraft { by, election: ELECTION, time: self.hand.now(), body };
        let submission = Submission::event(draft.sign(&key_of(by)).unwrap()).unwrap();
        self.log.append(vec![submission.into_bytes()]).remove(0).map(|_| ())
    }

    fn see(&mut self) -> Examined {
        self.log.publish(&self.heads.sign(self.log.head().unwrap())).unwrap();
        examine(&EngineRecord::new(&self.log), &OneThread, &mut self.entropy).unwrap()
    }

    /// Trustees `who` post what they owe until they owe nothing.
    fn trustees(&mut self, who: &[usize]) {
        loop {
            let mut silent = true;
            for place in who {
                let seen = self.see();
                let owed = self.custody[*place].owed(&seen, &mut self.entropy).unwrap();
                if owed.opens.is_some() {
                    self.custody[*place].opened = owed.opens;
                }
                for body in owed.bodies {
                    silent = false;
                    let number = self.custody[*place].number.number();
                    self.say(Role::Trustee(number), body).unwrap();
                }
            }
            if silent {
                return;
            }
        }
    }

    fn phase(&self) -> Phase {
        Election::new(&*self.log.state().unwrap()).phase().unwrap()
    }
}

impl Live {
    fn call(&mut self) -> Manifest {
        let body = manifest_body(false, false);
        let manifest = Manifest::parse(&body).unwrap();
        self.say(Role::Host, Body::Manifest(body)).unwrap();
        self.trustees(&[0, 1, 2, 3]);
        let seen = self.see();
        let keys = done(seen.ceremony.as_ref().unwrap()).unwrap();
        assert_eq!(keys.qualified, [1, 2, 3, 4]);
        self.say(Role::Host, Body::CeremonyDone(keys)).unwrap();
        manifest
    }

    fn register(&mut self, manifest: &Manifest) -> Vec<(VoterSecret<Ristretto>, u32, Vec<u8>)> {
        let mut voters = Vec::new();
        for (number, (district, choices)) in voter_plan(manifest).into_iter().enumerate() {
            let seed = [u8::try_from(number).unwrap(); 32];
            let secret = VoterSecret::<Ristretto>::derive(&Secret::new(seed), &ELECTION);
            let slot = crate::people::slot(number);
            let binding = Binding::new(&ELECTION, &slot, &Secret::new([1; 32]), &[2; 32]);
            let made = secret.register(binding, district, &mut self.entropy);
            let body = Registration {
                binding: binding.0,
                commitment: made.commitment,
                district: manifest.district(district).unwrap().id.clone(),
                holder: [3; 32],
                proof: made.proof.to_bytes().try_into().unwrap(),
                replaces: false,
                slot,
            };
            self.say(Role::Registrar, Body::Register(body)).unwrap();
            voters.push((secret, district, choices));
        }
        voters
    }

    fn open(&mut self) -> Settings {
        let seen = self.see();
        let manifest = seen.manifest.clone().unwrap();
        let counts = seen.roll().counts(manifest.districts.len());
        let districts = manifest.districts.iter().zip(counts).map(|(district, registered)| FrozenDistrict {
            id: district.id.clone(),
            legal: district.legal,
            registered,
        });
        self.say(Role::Registrar, Body::Freeze(districts.collect())).unwrap();
        self.trustees(&[0, 2, 3]);
        let seen = self.see();
        let values = beacon_values(&*self.log.state().unwrap(), &manifest).unwrap();
        let beacon = seen.roll().beacon(&ELECTION, &manifest, &values);
        let rings = seen.roll().rings(&ELECTION, &manifest, beacon).unwrap();
        let made = RingsMade { beacon: beacon.0, rings: rings.count(), root: rings.root(), without: vec![2] };
        self.say(Role::Registrar, Body::Rings(made)).unwrap();
        let settings = self.see().settings.unwrap();
        self.hand.set(START + 450);
        self.say(Role::Host, Body::Open(settings.context().0)).unwrap();
        settings
    }

    fn ballot(
        &mut self,
        settings: &Settings,
        voter: &(VoterSecret<Ristretto>, u32, Vec<u8>),
        choices: &[u8],
    ) -> Vec<u8> {
        let (secret, district, _) = voter;
        let style = settings.manifest().district(*district).unwrap().style;
        let own = Ristretto::encode(&secret.commitment());
        let rosters = settings.rings().rosters();
        let (roster, position) =
            rosters.iter().find_map(|ring| Some((ring, ring.position_of(&own)?))).unwrap();
        let ring = Ring::new(roster.clone()).unwrap();
        let place = Eligibility::Ring { ring: &ring, position: u32::try_from(position).unwrap() };
        let seed = BallotSeed::fresh(&mut self.entropy);
        prove(settings.setting(style).unwrap(), place, secret, choices, seed, &mut self.entropy)
            .unwrap()
            .cast()
    }
}

impl Live {
    /// Takes ballots of which one is bad.
    fn take(&mut self, intake: &BallotBox, arriving: &[Vec<u8>]) {
        let answers = intake.check(arriving, &mut self.entropy);
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        for (bytes, answer) in arriving.iter().zip(answers) {
            match answer {
                Ok(accepted) => {
                    assert_eq!(accepted.submission.clone().into_bytes(), *bytes);
                    let first =
                        self.log.append(vec![accepted.submission.clone().into_bytes()]).remove(0).unwrap();
                    let again = self.log.append(vec![accepted.submission.into_bytes()]).remove(0).unwrap();
                    assert!(!first.repeated && again.repeated && first.index == again.index);
                }
                Err(turned) => {
                    assert!(matches!(turned.reason, Reason::Proof | Reason::Encoding), "{:?}", turned.reason);
                    self.say(Role::Board, Body::Rejected(turned.event)).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_whole_election_by_its_own_programs() {
    let mut live = Live::new();
    let manifest = live.call();
    let voters = live.register(&manifest);
    let settings = live.open();
    let intake = BallotBox::new(settings.clone(), 2);
    let mut arriving = Vec::new();
    let mut expected: BTreeMap<&str, BTreeMap<u8, u64>> = BTreeMap::new();
    for (number, voter) in voters.iter().enumerate().filter(|(number, _)| votes(*number)) {
        if re_votes(number) {
            let blank: Vec<u8> = voter.2.iter().map(|_| 0).collect();
            arriving.push(live.ballot(&settings, voter, &blank));
        }
        arriving.push(live.ballot(&settings, voter, &voter.2.clone()));
        let group = match voter.1 {
            0 | 1 => "d1",
            2 => "d3",
            4 => "d5",
            _ => continue,
        };
        let contest = if group == "d1" { voter.2[0] } else { *voter.2.last().unwrap() };
        *expected.entry(group).or_default().entry(contest).or_default() += 1;
    }
    let mut bad = arriving[3].clone();
    bad[300] ^= 1;
    arriving.insert(5, bad);
    live.take(&intake, &arriving);
    live.hand.set(START + 900);
    let closing = Closing {
        ballots: Election::new(&*live.log.state().unwrap()).ballots().unwrap(),
        size: live.log.head().unwrap().size,
    };
    live.say(Role::Board, Body::Close(closing)).unwrap();
    // Two of four open it; one alone does not.
    live.trustees(&[3]);
    let seen = live.see();
    assert!(seen.tally.as_ref().unwrap().result(&seen.shares).is_err());
    live.trustees(&[1]);
    let seen = live.see();
    let result = seen.tally.as_ref().unwrap().result(&seen.shares).unwrap();
    live.say(Role::Host, Body::Result(result.clone())).unwrap();
    assert_eq!(live.phase(), Phase::Tallied);
    let seen = live.see();
    assert!(seen.report.passed(), "{:?}", seen.report.verdicts);
    assert_eq!(seen.report.result.as_ref(), Some(&result));
    for group in &result.groups {
        let contest = group.contests.first().unwrap();
        let votes = &expected[group.districts[0].as_str()];
        let count = |column: u8| votes.get(&column).copied().unwrap_or(0);
        let counts: Vec<u64> = (1..).take(contest.counts.len()).map(count).collect();
        assert_eq!((contest.blank, &contest.counts), (count(0), &counts), "{:?}", group.districts);
    }
    assert_eq!(result.withheld.len(), 1);
}

#[test]
fn a_trustee_opens_nothing_of_a_record_with_a_fault() {
    // The last share is missing, and the record up to there has a bad ballot.
    let mut world = World::run(Plan::USUAL);
    let place = world.place("old/1");
    world.entries[place].bytes[300] ^= 1;
    let cut = world.place("share/1/0");
    world.entries.truncate(cut);
    let seen = world.examine();
    assert_eq!(seen.report.outcome(Check::Ballots), Outcome::Failed);
    let custody = Custody {
        number: TrusteeNumber::new(1).unwrap(),
        seed: Secret::new([101; 32]),
        sealing: box_of(1),
        opened: None,
    };
    let refusal = custody.owed(&seen, &mut TestEntropy::new(1)).unwrap_err();
    assert!(matches!(refusal, Unwilling::Wrong { check: Check::Ballots, .. }), "{refusal}");
}

#[test]
fn a_trustee_opens_two_different_sums_never() {
    let mut world = World::run(Plan::USUAL);
    let cut = world.place("share/1/0");
    world.entries.truncate(cut);
    let mut custody = Custody {
        number: TrusteeNumber::new(1).unwrap(),
        seed: Secret::new([101; 32]),
        sealing: box_of(1),
        opened: None,
    };
    let owed = custody.owed(&world.examine(), &mut TestEntropy::new(1)).unwrap();
    assert_eq!(owed.bodies.len(), 3, "one for each group that is opened");
    custody.opened = owed.opens;
    let _again = custody.owed(&world.examine(), &mut TestEntropy::new(1)).unwrap();
    // The same election without one ballot, as a board might show it to one trustee.
    let place = world.place("ballot/0");
    world.entries.remove(place);
    world.recount();
    let refusal = custody.owed(&world.examine(), &mut TestEntropy::new(1)).unwrap_err();
    assert!(matches!(refusal, Unwilling::OtherSums), "{refusal}");
}
