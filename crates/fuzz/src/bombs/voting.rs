//! Bombs for elections: events and manifests as long as they may be, the greatest rings, long rolls, many false ballots.

use super::{Bomb, bomb, within};
use crate::{
    Outcome,
    people::manifest_body,
    targets::{self, voting as read},
    world::ELECTION,
};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    ballot::UnverifiedBallot,
    batch::verify_batch,
    ceremony::{BoxSecret, Ceremony, Message, Parameters, Phase, Size, Trustee, TrusteeNumber},
    credential::VoterSecret,
    group::{Group as _, Ristretto},
    prove::{BallotSeed, Eligibility, prove},
    ring::{Beacon, Ring, RingIndex, RingPlan},
    setting::{Context, Setting, Shape},
    verify::verify,
};
use sinpyo_core::Secret;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{OneThread, Outcome as Checked, examine},
    record::MemoryRecord,
};
use std::sync::{LazyLock, OnceLock};

pub(super) const BOMBS: &[Bomb] = &[
    bomb("event: a refused ballot of 40,000 bytes", || rejected(40_000), read::body, "ok"),
    bomb("event: 70,000 bytes", || rejected(52_000), read::body, "VOT-41"),
    bomb("event: 60,000 arrays deep", || vec![b'['; 60_000], read::event, "VOT-41"),
    bomb("event: 12,000 groups of nobody", empty_groups, read::body, "VOT-42"),
    bomb("manifest: 64 options and 700 districts", wide_manifest, read::manifest, "another"),
    bomb("manifest: 20,000 references to the last of 100 contests", references, read::manifest, "VOT-45"),
    bomb("manifest: 16,000 styles", styles, read::manifest, "VOT-45"),
    bomb("ceremony: 256 coefficients of one trustee", reveal, reveal_all, "ok"),
    bomb("ballot: a ring of 4,096 and 64 options", || great_ballot(0), great_ring, "ok"),
    bomb("ballot: the same with a false proof", || great_ballot(1), great_ring, "BAL-14"),
    within(bomb("ballots: 64 false ones among 128", false_ballots, judge, "64"), 1_000),
    bomb("audit: 10,000 entries that are none", || vec![10; 2], audit_junk, "AUD-05"),
    bomb("audit: a checkpoint of 4 MiB", || vec![b'\n'; 4 << 20], audit_checkpoint, "AUD-05"),
    bomb("voter: a link of 1 MB", || vec![b'a'; 1_000_000], read::link, "VTR-06"),
    bomb("voter: a record of 100,000 tokens", tokens, read::record, "ok"),
    bomb("voter: a record of 100,000 receipts", receipts, read::record, "VTR-05"),
    bomb("voter: a summary 60,000 arrays deep", summary, read::reading, "VTR-07"),
    bomb("voter: 10,000 rings", || listed(10_000), read::rings, "VTR-10"),
    bomb("check: a text of 10 MB", || vec![b'a'; 10_000_000], read::package, "VTR-14"),
    bomb("check: a text of 4,000,000 words", || b"a ".repeat(4_000_000), read::package, "VTR-14"),
    bomb("blind-rsa: a private key of 16 MiB", || vec![0x30; 16 << 20], targets::read_private_key, "BRS-05"),
];

/// The election is held before it counts.
fn hold() {
    LazyLock::force(&read::HELD);
}

fn body(by: &str, name: &str, body: &Value) -> Vec<u8> {
    hold();
    json!({"by": by, "type": name, "body": body}).to_string().into_bytes()
}

fn rejected(length: usize) -> Vec<u8> {
    let ballot = sinpyo_core::encoding::to_base64url(&vec![7; length]);
    body("board", "rejected", &json!({"ballot": ballot, "reason": "encoding"}))
}

fn empty_groups() -> Vec<u8> {
    body("host", "result", &json!({"groups": vec![json!({}); 12_000], "trustees": [], "withheld": []}))
}

fn manifest(change: impl FnOnce(&mut Map<String, Value>)) -> Vec<u8> {
    hold();
    let mut body = manifest_body(false, false);
    change(&mut body);
    Value::Object(body).to_string().into_bytes()
}

fn words() -> Value {
    json!({"en": "n", "ko": "ㄴ"})
}

/// As wide as an event can be.
fn wide_manifest() -> Vec<u8> {
    manifest(|body| {
        let option = |number| json!({"id": format!("o{number}"), "name": words()});
        let options: Vec<Value> = (0..64).map(option).collect();
        let district = |number| json!({"id": format!("d{number}"), "legal": 1, "name": words(), "style": 0});
        body.insert("contests".into(), json!([{"id": "c", "options": options, "title": words()}]));
        body.insert("styles".into(), json!([{"contests": ["c"]}]));
        body.insert("districts".into(), (0..700).map(district).collect());
        body.insert("keys".into(), json!(64));
    })
}

fn references() -> Vec<u8> {
    manifest(|body| {
        let contest = |number| json!({"id": format!("c{number}"), "options": [], "title": words()});
        body.insert("contests".into(), (0..100).map(contest).collect());
        body.insert("styles".into(), json!([{"contests": vec!["c99"; 20_000]}]));
    })
}

fn styles() -> Vec<u8> {
    manifest(|body| drop(body.insert("styles".into(), vec![json!({"contests": []}); 16_000].into())))
}

/// A trustee's commitments that are about to be checked.
static REVEAL: OnceLock<(Ceremony<Ristretto>, TrusteeNumber, Message)> = OnceLock::new();

/// As many coefficients as there may be.
fn reveal() -> Vec<u8> {
    let mut entropy = TestEntropy::new(3);
    let boxes: Vec<BoxSecret> = (0..4).map(|_| BoxSecret::generate(&mut entropy)).collect();
    let size = Size { threshold: 4, keys: 64 };
    let parameters =
        Parameters::new(ELECTION, size, boxes.iter().map(BoxSecret::public).collect()).expect("a size");
    let numbers = (1..=4).filter_map(TrusteeNumber::new);
    let trustees: Vec<_> =
        numbers.map(|number| (number, Trustee::begin(parameters.clone(), number, &mut entropy))).collect();
    let mut ceremony = Ceremony::<Ristretto>::new(parameters.clone());
    let mut owed = Vec::new();
    while ceremony.phase() < Phase::Shares && owed.is_empty() {
        let phase = ceremony.phase();
        for ((number, trustee), own) in trustees.iter().zip(&boxes) {
            for message in trustee.owed(&ceremony, own) {
                match phase {
                    Phase::Commit => ceremony.apply(*number, &message).expect("its turn"),
                    _ => owed.push((*number, message)),
                }
            }
        }
    }
    let (number, message) = owed.swap_remove(0);
    let _first = REVEAL.set((ceremony, number, message));
    vec![1]
}

fn reveal_all(input: &[u8]) -> Outcome {
    let Some((ceremony, number, message)) = REVEAL.get().filter(|_| !input.is_empty()) else {
        return "nothing";
    };
    let mut ceremony = ceremony.clone();
    ceremony.apply(*number, message).expect("its turn");
    if ceremony.fault(*number).is_none() { "ok" } else { "out" }
}

/// An election with the greatest ring.
static GREAT: OnceLock<(Setting<Ristretto>, Ring<Ristretto>)> = OnceLock::new();

/// A ballot of it, with `flip` in `zr`.
fn great_ballot(flip: u8) -> Vec<u8> {
    let secret = VoterSecret::<Ristretto>::derive(&Secret::new([5; 32]), &ELECTION);
    let (setting, ring) = GREAT.get_or_init(|| {
        let shape = Shape::ring(&[64], 8, 4).expect("a shape");
        let keys: Vec<_> = (2_u64..66).map(|number| Ristretto::mul_base(&number.into())).collect();
        let setting = Setting::new(&ELECTION, Context([3; 64]), 0, [0], shape, &keys).expect("keys");
        let plan = RingPlan { election: ELECTION, beacon: Beacon([1; 32]), size: 4096 };
        let own = Ristretto::encode(&secret.commitment());
        let roster = plan.rings::<Ristretto>(0, RingIndex(0), &[own]).expect("a ring").swap_remove(0);
        (setting, Ring::new(roster).expect("points"))
    });
    let mut entropy = TestEntropy::new(6);
    let place = Eligibility::Ring { ring, position: 0 };
    let seed = BallotSeed::fresh(&mut entropy);
    let mut ballot = prove(setting, place, &secret, &[64], seed, &mut entropy).expect("a choice").cast();
    // The cast key is behind it.
    let at = ballot.len() - 64;
    if let Some(byte) = ballot.get_mut(at) {
        *byte ^= flip;
    }
    ballot
}

fn great_ring(input: &[u8]) -> Outcome {
    let Some((setting, ring)) = GREAT.get() else { return "nothing" };
    let ballot = UnverifiedBallot::parse(input, setting.shape());
    match ballot.map(|ballot| verify(setting, Some(ring), &ballot)) {
        Ok(Ok(_)) => "ok",
        Ok(Err(error)) => error.code(),
        Err(error) => error.code(),
    }
}

/// A ballot and the same with another proof, 64 times.
fn false_ballots() -> Vec<u8> {
    let good = targets::made_ballots().first().cloned().unwrap_or_default();
    let bad = |number: u8| {
        let mut ballot = good.clone();
        // `zs`: `zr` and the cast key are behind it.
        let place = ballot.len() - 96;
        if let Some(byte) = ballot.get_mut(place) {
            *byte = byte.wrapping_add(number + 1);
        }
        [good.clone(), ballot].concat()
    };
    (0..64).flat_map(bad).collect()
}

/// How many are refused.
fn judge(input: &[u8]) -> Outcome {
    let length = targets::made_ballots().first().map_or(1, Vec::len);
    let (settings, mut entropy) = (targets::settings(), TestEntropy::new(1));
    let ballots: Result<Vec<_>, _> = input.chunks(length).map(|bytes| settings.parse(bytes)).collect();
    let Ok(ballots) = ballots else { return "encoding" };
    let rings: Vec<Ring<Ristretto>> =
        settings.rings().rosters().iter().filter_map(|roster| Ring::new(roster.clone()).ok()).collect();
    let Some(setting) = settings.setting(0) else { return "style" };
    let judged = verify_batch(setting, &rings.iter().collect::<Vec<_>>(), &ballots, &mut entropy);
    if judged.iter().filter(|one| one.is_err()).count() == 64 { "64" } else { "another number" }
}

/// Of the record of `entries` under a checkpoint that all witnesses signed: the first check that objects.
fn audited(record: &MemoryRecord) -> Outcome {
    let seen = examine(record, &OneThread, &mut TestEntropy::new(9)).expect("a record in memory");
    let first = seen.report.verdicts.iter().find(|verdict| verdict.outcome == Checked::Failed);
    first.map_or("ok", |verdict| verdict.check.code())
}

fn audit_junk(input: &[u8]) -> Outcome {
    audited(&read::HELD.heads.record(vec![input.to_vec(); 10_000]))
}

fn audit_checkpoint(input: &[u8]) -> Outcome {
    audited(&MemoryRecord::new(String::from_utf8_lossy(input).into_owned(), Vec::new()))
}

/// Lines of a voter's record below those that it must have.
fn voter(line: &str) -> Vec<u8> {
    [read::unregistered_record(), line.repeat(100_000).into_bytes()].concat()
}

fn tokens() -> Vec<u8> {
    let slot = format!("slot {} 0 1\n", "00".repeat(16));
    [read::unregistered_record(), slot.into_bytes(), b"token AAAA\n".repeat(100_000)].concat()
}

fn receipts() -> Vec<u8> {
    voter(&format!("receipt 1 {} {} proven\n", "a".repeat(20), "00".repeat(32)))
}

fn summary() -> Vec<u8> {
    hold();
    [&b"summary\n"[..], &vec![b'['; 60_000]].concat()
}

fn listed(count: usize) -> Vec<u8> {
    hold();
    let (root, first) = ("00".repeat(32), "00".repeat(64));
    let ring = |number| json!({"district": 0, "first": first, "ring": number, "root": root, "voters": 4});
    let rings: Vec<Value> = (0..count).map(ring).collect();
    format!("rings\n{}", json!({"beacon": root, "rings": rings})).into_bytes()
}
