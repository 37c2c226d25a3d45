//! What is newest, who lied about it, and what a person shows.

use super::world::{LIST, WORLD, document, heads_key, origin, persons, secret, signer};
use crate::{
    Outcome,
    targets::{OK, SKIPPED, texts},
};
use sinpyo_core::{
    did::Did,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_crypto::Algorithm;
use sinpyo_registry::{
    accreditation::AccreditationProof,
    did_tlog::ResolutionProof,
    engine::LogEngine,
    heads::{HeadEquivocation, HeadsKey, Recency, SignedHeads, Topic},
    person::{Commitment, PersonRecord, PersonSecret},
};
use sinpyo_tlog::{
    checkpoint::Checkpoint,
    note::{LogKey, Note},
};
use std::{str, sync::LazyLock, time::Duration};

const LATEST: VersionSelector = VersionSelector::Latest;

/// A statement of heads with the text `text`, signed by the heads key.
pub(crate) fn signed(text: &str) -> SignedHeads {
    let name = format!("{}/heads", origin()).parse().expect("a name");
    let heads = signer(Algorithm::Ed25519, 201);
    let key = LogKey::new(name, heads.key().verifying_key().clone()).expect("an Ed25519 key");
    let line = key.sign(text, &heads).expect("our own key");
    let note = Note::new(text, vec![line]).expect("a note");
    note.to_string().parse().expect("a statement")
}

/// The lines of a statement.
pub(crate) fn text_of(heads: &SignedHeads) -> String {
    heads.to_string().parse::<Note>().expect("a note").unverified_text().to_owned()
}

/// The truth about everything.
static HONEST: LazyLock<SignedHeads> = LazyLock::new(|| {
    let list = Topic::StatusList { by: WORLD.organisation.clone(), list: LIST.into() };
    let topics = [Topic::Did(WORLD.recovered.clone()), Topic::Did(WORLD.stolen.clone()), list];
    WORLD.ledger().state_heads(topics, WORLD.now).expect("a statement")
});

/// The statement of a log that leaves something out, in each way it can.
static LIES: LazyLock<Vec<SignedHeads>> = LazyLock::new(|| {
    let text = text_of(&HONEST);
    let lines =
        text.lines().skip(5).filter(|line| !line.starts_with("did ") || line.contains(WORLD.stolen.as_str()));
    let lie = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let topic = words.split_last_chunk::<2>().map(|(topic, _)| topic.join(" ")).unwrap_or_default();
        signed(&text.replace(line, &format!("{topic} none")))
    };
    lines.map(lie).collect()
});

pub(super) fn statements() -> Vec<Vec<u8>> {
    [&*HONEST].into_iter().chain(&*LIES).map(|heads| heads.to_string().into_bytes()).collect()
}

/// A statement is the text that it was read from; what verifies was stated.
pub(super) fn verify_heads(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let heads: SignedHeads = match text.parse() {
        Ok(heads) => heads,
        Err(error) => return error.code(),
    };
    assert_eq!(heads.to_string(), text, "a statement has one form");
    match heads.verify(&WORLD.heads_key) {
        Ok(stated) => {
            let known = [&*HONEST].into_iter().chain(&*LIES).any(|known| text_of(known) == text_of(&heads));
            assert!(known, "nobody stated this");
            assert_eq!((stated.at(), stated.head()), (WORLD.now, WORLD.checkpoint.claimed_head()));
            assert!(stated.iter().all(|(topic, newest)| stated.newest(topic) == Ok(newest)));
            OK
        }
        Err(_) => "not verified",
    }
}

pub(super) fn names() -> Vec<Vec<u8>> {
    texts(&[&heads_key(201).to_string(), &secret(30).commitment().to_string()])
}

/// A heads key is the text that it was read from, and so is a commitment.
pub(super) fn read_names(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    if let Ok(commitment) = text.parse::<Commitment>() {
        assert_eq!(commitment.to_string(), text, "a commitment has one form");
        return OK;
    }
    match text.parse::<HeadsKey>() {
        Ok(key) => {
            assert_eq!(key.to_string(), text, "a key has one form");
            assert_eq!(HONEST.verify(&key).is_ok(), key == WORLD.heads_key);
            OK
        }
        Err(error) => error.code(),
    }
}

/// The checkpoint that the verifier has seen.
static SEEN: LazyLock<Checkpoint> =
    LazyLock::new(|| WORLD.checkpoint.verify(&WORLD.key).expect("our own checkpoint"));

fn recency() -> Recency<'static> {
    Recency::default().not_before(&SEEN).within(Duration::from_mins(5), WORLD.now)
}

fn subjects() -> [&'static Did; 3] {
    [&WORLD.organisation, &WORLD.recovered, &WORLD.stolen]
}

static NEWEST: LazyLock<[Resolved; 3]> =
    LazyLock::new(|| subjects().map(|did| WORLD.ledger().resolve(did, &LATEST).expect("a DID")));

pub(super) fn latest_proofs() -> Vec<Vec<u8>> {
    let ledger = WORLD.ledger();
    let proof = |did| ledger.prove_latest(did, &LATEST, WORLD.now).expect("a DID");
    let superseded = WORLD.superseded.clone().expect("an old proof");
    subjects()
        .map(proof)
        .into_iter()
        .chain([superseded])
        .map(|proof| proof.to_string().into_bytes())
        .collect()
}

/// What is proven to be the newest is what the log answers, and never what a thief wrote before the recovery.
pub(super) fn verify_latest(input: &[u8]) -> Outcome {
    let proof = match str::from_utf8(input).map(str::parse::<ResolutionProof>) {
        Ok(Ok(proof)) => proof,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    assert_eq!(proof.to_string().parse::<ResolutionProof>().expect("what is written is read"), proof);
    let mut outcome = SKIPPED;
    for (did, newest) in subjects().into_iter().zip(&*NEWEST) {
        match proof.verify_latest(&WORLD.key, did, &LATEST, &recency()) {
            Ok(proven) => {
                assert_eq!(proven.resolved(), newest);
                assert!(*did != WORLD.recovered || newest.document == document(did, 7));
                outcome = OK;
            }
            Err(error) if outcome != OK => outcome = error.code(),
            Err(_) => {}
        }
    }
    outcome
}

pub(super) fn latest_rights() -> Vec<Vec<u8>> {
    let proof = WORLD.ledger().prove_accreditation_latest(&WORLD.organisation, &WORLD.right, WORLD.now);
    vec![proof.expect("a right").to_string().into_bytes()]
}

pub(super) fn verify_latest_right(input: &[u8]) -> Outcome {
    let proof = match str::from_utf8(input).map(str::parse::<AccreditationProof>) {
        Ok(Ok(proof)) => proof,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    let (subject, right) = (&WORLD.organisation, &WORLD.right);
    match proof.verify_latest(&WORLD.key, subject, right, WORLD.now, &recency()) {
        Ok(proven) => {
            assert_eq!(proven.chain().accreditation(), Some(&WORLD.accreditation));
            OK
        }
        Err(error) => error.code(),
    }
}

pub(super) fn lies() -> Vec<Vec<u8>> {
    let ledger = WORLD.ledger();
    let contradict = |lie| ledger.contradict(&WORLD.checkpoint, lie).expect("the log");
    assert!(contradict(&HONEST).is_none(), "an honest log is accused");
    let mut seeds: Vec<Vec<u8>> =
        LIES.iter().filter_map(contradict).map(|evidence| evidence.to_string().into_bytes()).collect();
    // The truth in the place of the lie.
    let first = seeds.first().and_then(|seed| serde_json::from_slice::<serde_json::Value>(seed).ok());
    if let Some(mut value) = first {
        if let Some(heads) = value.get_mut("heads") {
            *heads = HONEST.to_string().into();
        }
        seeds.push(value.to_string().into_bytes());
    }
    seeds
}

/// What is evidence quotes a lie, and names what stands on the log.
pub(super) fn verify_lie(input: &[u8]) -> Outcome {
    let evidence = match str::from_utf8(input).map(str::parse::<HeadEquivocation>) {
        Ok(Ok(evidence)) => evidence,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    let written = evidence.to_string();
    assert_eq!(written.parse::<HeadEquivocation>().expect("what is written is read"), evidence);
    match evidence.verify(&WORLD.key) {
        Ok(proven) => {
            let value: serde_json::Value = serde_json::from_str(&written).expect("JSON");
            let heads = value.get("heads").and_then(serde_json::Value::as_str).expect("a statement");
            let heads: SignedHeads = heads.parse().expect("a statement");
            assert!(LIES.iter().any(|lie| text_of(lie) == text_of(&heads)), "an honest log is accused");
            assert_eq!(proven.stated(), None, "all lies leave something out");
            let index = proven.found().index;
            let entry = WORLD.engine.entries(index..index + 1).expect("an entry").concat();
            let entry = String::from_utf8(entry).expect("JSON");
            assert!(entry.contains(&*proven.found().version), "{proven:?}");
            OK
        }
        Err(error) => error.code(),
    }
}

pub(super) fn records() -> Vec<Vec<u8>> {
    let proof = |index| WORLD.ledger().prove_entry(index).expect("an entry");
    let record = |seed, index| PersonRecord::new(secret(seed), proof(index)).to_json().into_bytes();
    vec![record(30, WORLD.admission), record(31, WORLD.admission), record(30, 1)]
}

/// Only the person who was admitted shows an admission.
pub(super) fn verify_person(input: &[u8]) -> Outcome {
    let record = match str::from_utf8(input).map(str::parse::<PersonRecord>) {
        Ok(Ok(record)) => record,
        Ok(Err(error)) => return error.code(),
        Err(_) => return SKIPPED,
    };
    let written = record.to_json();
    assert_eq!(written.parse::<PersonRecord>().expect("what is written is read").to_json(), written);
    match record.verify(&WORLD.key) {
        Ok(proven) => {
            assert_eq!(*proven.person(), *persons(30).fact());
            assert_eq!((proven.index(), proven.by()), (WORLD.admission, &WORLD.root));
            OK
        }
        Err(error) => error.code(),
    }
}

pub(super) fn persons_operations() -> Vec<Vec<u8>> {
    [30, 31].map(|seed| persons(seed).as_bytes().to_vec()).to_vec()
}

/// A person's operation is taken in the bytes that the person signed.
pub(super) fn read_person(input: &[u8]) -> Outcome {
    match PersonSecret::from_parts(input.to_vec(), [7; 32]) {
        Ok(secret) => {
            assert_eq!(secret.operation().expose(), input);
            assert!(persons_operations().iter().any(|known| known == input), "nobody signed this");
            OK
        }
        Err(error) => error.code(),
    }
}
