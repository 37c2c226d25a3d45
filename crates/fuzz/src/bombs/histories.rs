//! Bombs made of lawful operations: long histories, and chains of recoveries.

use super::{Bomb, bomb, within};
use crate::{
    Outcome,
    targets::{self, by, control, create, log_key, origin, recoverable, signed, text_of},
};
use http::Request;
use serde_json::Value;
use sinpyo_core::{did::Did, document::DidDocument, resolved::VersionSelector, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    Fold, Ledger, LedgerKeys,
    did_tlog::{self, DidHead, MAX_VERSIONS, ResolutionProof},
    engine::{AppendError, Appended, LogEngine, Position, Sequencing},
    heads::{HeadEquivocation, Recency, SignedHeads, Topic},
    person::PersonRecord,
};
use sinpyo_registry_api::{Answer, Api, RuleId, Settings};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use std::{str, sync::OnceLock};

pub(super) const BOMBS: &[Bomb] = &[
    bomb("registry: 256 topics", || statement(256), heads, "ok"),
    bomb("registry: 2,000 topics", || statement(2_000), heads, "TLOG-36"),
    bomb("registry: a statement of 1,000,000 lines", || b"\n".repeat(1_000_000), heads, "TLOG-36"),
    bomb("registry: a person's record 100,000 deep", || b"{\"proof\":".repeat(100_000), person, "TLOG-46"),
    bomb("registry: a history of 1,000 versions", || history(1_000), verify_history, "ok"),
    within(bomb("registry: the longest history", || history(MAX_VERSIONS), verify_history, "ok"), 1_000),
    bomb("registry: a recovery of 2,000 versions", || stolen(2_000), sequence, "ok"),
    bomb("registry: the 257th recovery", recoveries, sequence, "TLOG-30"),
    bomb("registry: what 256 recoveries leave", recovered_history, verify_history, "ok"),
    bomb("registry: evidence about 255 lists", lists, accuse, "TLOG-39"),
    bomb("registry-api: a DID of 1,000 versions", || request_for(1_000), ask_grown, "ok"),
    bomb("registry-api: the DID of the longest history", || request_for(MAX_VERSIONS), ask_grown, "ok"),
];

fn text(input: &[u8]) -> &str {
    str::from_utf8(input).unwrap_or_default()
}

fn statement(topics: usize) -> Vec<u8> {
    let lines: Vec<String> = (0..topics).map(|number| format!("did did:x:{number:06} none\n")).collect();
    let root = "A".repeat(43);
    let text = format!("did:tlog heads 1\n{}\n7\n{root}\n2026-11-22T00:00:00Z\n{}", origin(), lines.concat());
    let line = format!("\u{2014} {}/heads AAAAAAAA\n", origin());
    format!("{text}\n{line}").into_bytes()
}

fn heads(input: &[u8]) -> Outcome {
    text(input).parse::<SignedHeads>().map_or_else(|error| error.code(), |_| "ok")
}

fn person(input: &[u8]) -> Outcome {
    text(input).parse::<PersonRecord>().map_or_else(|error| error.code(), |_| "ok")
}

/// A log with one DID on it.
struct Grown {
    engine: MemoryLog,
    now: Timestamp,
    did: Did,
    keys: [KeySigner; 2],
}

/// What the bomb at hand is about: each runs in a process of its own.
static GROWN: OnceLock<Grown> = OnceLock::new();

impl Grown {
    fn new() -> Self {
        let now = targets::now();
        let engine = MemoryLog::new(Fold::new(origin()), FixedClock(now));
        let signer =
            |seed| KeySigner::new("did:x:a#b".parse().expect("a key id"), key(Algorithm::Ed25519, seed));
        let first = create(7, recoverable(7, 70));
        let grown = Self { engine, now, did: first.fact().did.clone(), keys: [200, 201].map(signer) };
        Ledger::with_keys(&grown.engine, grown.ledger_keys(), &grown.did).expect("a new log");
        grown.append(first.as_bytes());
        grown
    }

    fn ledger_keys(&self) -> LedgerKeys<'_> {
        let [log, heads] = &self.keys;
        LedgerKeys::new(log_key(200), log).with_heads(targets::heads_key(201), heads)
    }

    fn ledger(&self) -> Ledger<'_> {
        Ledger::reopened(&self.engine, self.ledger_keys())
    }

    fn append(&self, operation: &[u8]) {
        let appended = self.try_append(operation);
        assert!(appended.is_ok(), "{appended:?}");
    }

    fn try_append(&self, operation: &[u8]) -> Result<Appended, AppendError> {
        self.engine.append(vec![operation.to_vec()]).remove(0)
    }

    fn head(&self) -> DidHead {
        self.ledger().head_of(&self.did).expect("a state").expect("a DID")
    }

    /// One version more, by update key `seed`, if the log takes it.
    fn update(&self, seed: u8) -> Result<Appended, AppendError> {
        let head = self.head();
        let update = did_tlog::update(&head, &origin(), head.document(), None);
        self.try_append(by(seed, update).as_bytes())
    }

    /// So many versions, or as many as the log takes.
    fn grow(&self, versions: u64) {
        let _last = (1..versions).try_for_each(|_| self.update(7).map(|_| ()));
    }

    /// A recovery that goes back to version `number`.
    fn recovery(&self, number: u64) -> Vec<u8> {
        let base =
            self.ledger().recoverable(&self.did, number).expect("a state").expect("a version to go back to");
        by(70, did_tlog::recover(&base, &origin(), base.document(), control(7))).as_bytes().to_vec()
    }

    /// A thief makes two versions; what sets them aside.
    fn robbed(&self) -> Vec<u8> {
        let good = self.head().version().number();
        self.grow(3);
        self.recovery(good)
    }

    fn proof(&self) -> Vec<u8> {
        let ledger = self.ledger();
        ledger.checkpoint().expect("a checkpoint");
        let proof = ledger.prove_latest(&self.did, &VersionSelector::Latest, self.now).expect("a DID");
        proof.to_string().into_bytes()
    }
}

fn history(versions: u64) -> Vec<u8> {
    let grown = GROWN.get_or_init(Grown::new);
    grown.grow(versions);
    grown.proof()
}

fn verify_history(input: &[u8]) -> Outcome {
    let Some(grown) = GROWN.get() else { return "nothing" };
    let latest = (&VersionSelector::Latest, &Recency::default());
    match text(input).parse::<ResolutionProof>() {
        Ok(proof) => match proof.verify_latest(&log_key(200), &grown.did, latest.0, latest.1) {
            Ok(_) => "ok",
            Err(error) => error.code(),
        },
        Err(error) => error.code(),
    }
}

fn stolen(versions: u64) -> Vec<u8> {
    let grown = GROWN.get_or_init(Grown::new);
    grown.grow(versions);
    grown.recovery(1)
}

fn sequence(input: &[u8]) -> Outcome {
    let Some(grown) = GROWN.get() else { return "nothing" };
    let state = grown.engine.state().expect("a state");
    let at = Position { index: grown.engine.head().expect("a head").size, time: grown.now };
    let new = Fold::new(origin()).sequence(&*state, at, input);
    new.map_or_else(|refusal| refusal.code().unwrap_or("engine"), |_| "ok")
}

fn recovered(times: usize) -> &'static Grown {
    let grown = GROWN.get_or_init(Grown::new);
    (0..times).for_each(|_| grown.append(&grown.robbed()));
    grown
}

fn recoveries() -> Vec<u8> {
    recovered(256).robbed()
}

fn recovered_history() -> Vec<u8> {
    recovered(256).proof()
}

/// The request for the history of a DID.
fn request_for(versions: u64) -> Vec<u8> {
    let _proof = history(versions);
    GROWN.get().map(|grown| format!("/dids/{}", grown.did).into_bytes()).unwrap_or_default()
}

fn ask_grown(input: &[u8]) -> Outcome {
    let Some(grown) = GROWN.get() else { return "nothing" };
    let Ok(request) = Request::get(text(input)).body(Vec::new()) else { return "skipped" };
    let (settings, ledger) = (Settings::default(), grown.ledger());
    let api = Api { settings: &settings, ledger: &ledger, engine: &grown.engine };
    match api.answer(&request, grown.now) {
        Answer::Whole(response) if response.status().is_success() => "ok",
        Answer::Whole(response) => response.extensions().get().map_or("refused", |RuleId(rule)| rule),
        Answer::Stream(_) => "stream",
    }
}

/// A statement about 255 lists of an organisation whose document is long, over the organisation's own entries.
fn lists() -> Vec<u8> {
    let grown = GROWN.get_or_init(Grown::new);
    let head = grown.head();
    let mut members = head.document().to_json();
    let names = (0..64).map(|number| format!("https://{}.example/{number}", "a".repeat(480)));
    members.insert("alsoKnownAs".to_owned(), names.collect());
    let long = DidDocument::from_json(&members).expect("a document");
    grown.append(by(7, did_tlog::update(&head, &origin(), &long, None)).as_bytes());
    let mut value: Value = serde_json::from_slice(&grown.proof()).expect("JSON");
    let honest = grown.ledger().state_heads([Topic::Did(grown.did.clone())], grown.now).expect("a statement");
    let topics = (0..255).map(|number| format!("status-list {} l{number:03} none\n", grown.did));
    let lie = signed(&[text_of(&honest)].into_iter().chain(topics).collect::<String>());
    if let Some(heads) = value.get_mut("heads") {
        *heads = lie.to_string().into();
    }
    value.to_string().into_bytes()
}

fn accuse(input: &[u8]) -> Outcome {
    match text(input).parse::<HeadEquivocation>() {
        Ok(evidence) => evidence.verify(&log_key(200)).map_or_else(|error| error.code(), |_| "ok"),
        Err(error) => error.code(),
    }
}
