//! Whoever replays a log says the same of it, also where it holds what it should not.

use crate::{
    accreditation::{change_status, granted, issue},
    world::{World, as_organisation, by, document, log_key, origin, update_key},
};
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, jcs, json};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::{
    Fold,
    accreditation::AccreditationStatus,
    audit::{Audited, ExportedEntry, audit},
    did_tlog::{Control, update},
    engine::{LogEngine, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite},
    person::{PersonSecret, admit, draft},
    status_digest::{StatusDigest, publish},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, TestEntropy};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::Hash};
use std::time::Duration;

fn entries(engine: &dyn LogEngine) -> Vec<Vec<u8>> {
    engine.entries(0..engine.head().unwrap().size).unwrap()
}

/// Audits `entries` as a log whose operator signs whatever it has.
fn audited(entries: &[Vec<u8>]) -> Audited {
    let mut tree = sinpyo_tlog::merkle::Frontier::new();
    for entry in entries {
        tree.append(Hash::leaf(entry));
    }
    let (key, signer) = log_key();
    let checkpoint = SignedCheckpoint::sign(tree.head(), &key, &signer).unwrap();
    let exported =
        entries.iter().map(|entry| ExportedEntry { leaf: Hash::leaf(entry), entry: entry.clone() });
    audit(exported, &checkpoint.to_string(), &key).unwrap()
}

/// A log with something of every kind.
fn full() -> World {
    let world = World::new();
    let did = world.organisation(7);
    world.later(5);
    world.submit(by(7, update(&world.head(&did), &origin(), &document(&did, 70), None))).unwrap();
    let root = (&world.root.clone(), 1);
    let version = world.submit(granted(&world, root, &did, issue("K04"))).unwrap();
    world.later(5);
    change_status(&world, root, &version, AccreditationStatus::Suspended).unwrap();
    let list = StatusDigest {
        by: did.clone(),
        list: "https://a.example/count/list".into(),
        version: 1,
        sha256: [9; 32],
        issued_at: world.now(),
        time_to_live: Duration::from_mins(1),
    };
    world.submit(as_organisation(&did, 70, publish(&origin(), list))).unwrap();
    let secret = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 30);
    let public = secret.verifying_key().clone();
    let signer = sinpyo_crypto::KeySigner::new("did:example:p#k".parse().unwrap(), secret);
    let person = draft(&origin(), &public, None).unwrap().sign(&signer, &public).unwrap();
    let person = PersonSecret::new(person, &mut TestEntropy::new(1));
    world
        .submit(as_organisation(&world.root, 1, admit(&origin(), &world.root, person.commitment())))
        .unwrap();
    world
}

/// RFC 6962 over the lines, written down a second time.
fn tree_root(lines: &[Vec<u8>]) -> [u8; 32] {
    match lines {
        [] => sha256(&[]),
        [line] => sha256(&[&[0][..], line].concat()),
        lines => {
            let split = lines.len().next_power_of_two() / 2;
            let (left, right) = lines.split_at(split);
            sha256(&[&[1][..], &tree_root(left), &tree_root(right)].concat())
        }
    }
}

/// The lines by the words of the specification, from the entries themselves.
#[test]
fn the_state_root_is_what_the_specification_says() {
    let world = full();
    let entries = entries(&world.engine);
    let entry: Vec<Value> = entries.iter().map(|entry| serde_json::from_slice(entry).unwrap()).collect();
    let (op, time) = (|at: usize| &entry[at]["op"], |at: usize| &entry[at]["time"]);
    let did = |at: usize, first: usize| {
        json!({"type": "did", "did": op(at)["did"], "versionId": op(at)["versionId"], "index": at,
            "time": time(at), "deactivated": false, "recoveryKeys": [],
            "updateKeys": op(first)["parameters"]["updateKeys"],
            "nextKeyHashes": op(first)["parameters"]["nextKeyHashes"]})
    };
    let lines = [
        json!({"type": "log", "root": op(0)["root"], "key": op(0)["key"], "heads": op(0)["heads"]}),
        did(1, 1),
        did(3, 2),
        json!({"type": "accreditation", "id": op(4)["id"], "by": op(4)["by"], "subject": op(4)["subject"],
            "index": 4, "time": time(4),
            "changes": [{"index": 5, "time": time(5), "status": "suspended"}]}),
        json!({"type": "status-list", "by": op(6)["by"], "list": op(6)["list"], "version": 1,
            "sha256": to_base64url(&[9; 32]), "index": 6, "time": time(6)}),
        json!({"type": "person", "index": 7, "commitment": op(7)["commitment"], "by": op(7)["by"],
            "erased": false}),
    ];
    let mut lines: Vec<Vec<u8>> = lines.iter().map(jcs::canonicalize).collect();
    lines.sort();
    let audited = audited(&entries);
    assert!(audited.invalid().is_empty());
    assert_eq!(audited.state_root().as_bytes(), &tree_root(&lines));
    // One second later is another state.
    lines[0].push(b' ');
    assert_ne!(audited.state_root().as_bytes(), &tree_root(&lines));
}

/// LEDGER group 9: an invalid entry at its position is ignored identically.
#[test]
fn an_invalid_entry_changes_nothing() {
    let world = full();
    let lawful = entries(&world.engine);
    let root = audited(&lawful).state_root();
    let time = json::parse_object(lawful.last().unwrap()).unwrap()["time"].clone();
    let stranger = world.head(&world.root.clone());
    let forged = by(66, update(&stranger, &origin(), &document(&world.root, 66), None));
    let forged: Value = serde_json::from_slice(forged.as_bytes()).unwrap();
    let wrap = |op: &Value, time: &Value| jcs::canonicalize(&json!({"op": op, "time": time, "v": 1}));
    let first: Value = serde_json::from_slice(&lawful[0]).unwrap();
    for (entry, code) in [
        (wrap(&forged, &time), "TLOG-12"),
        (wrap(&forged, &json!("9999-12-31T23:59:59Z")), "TLOG-12"),
        (wrap(&forged, &json!("2026-01-01T00:00:00Z")), "TLOG-23"),
        (wrap(&first["op"], &time), "TLOG-21"),
        (b"not JSON".to_vec(), "TLOG-22"),
        (b"{}".to_vec(), "TLOG-22"),
    ] {
        let mut with = lawful.clone();
        with.push(entry);
        // What comes after it is judged as if it were not there.
        let next =
            by(1, update(&stranger, &origin(), &document(&world.root, 2), Some(Control::by(&update_key(1)))));
        let next: Value = serde_json::from_slice(next.as_bytes()).unwrap();
        with.push(wrap(&next, &time));
        let mut without = lawful.clone();
        without.push(wrap(&next, &time));
        let (with, without) = (audited(&with), audited(&without));
        let [invalid] = with.invalid() else { panic!("{:?}", with.invalid()) };
        assert_eq!((invalid.index, invalid.code), (u64::try_from(lawful.len()).unwrap(), code));
        assert!(without.invalid().is_empty());
        assert_ne!(without.state_root(), root, "control");
        // The same state but for the place of what came after.
        let key = format!("did/{}", world.root);
        let state = |audited: &Audited| audited.state().get(key.as_bytes()).unwrap().unwrap();
        assert_eq!(state(&with), state(&without));
    }
}

/// Sequences like [`Fold`], but takes what it refuses too: an operator who keeps no rules.
#[derive(Debug)]
struct Lawless(Fold);

impl Sequencing for Lawless {
    fn sequence(&self, state: &dyn StateView, at: Position, op: &[u8]) -> Result<NewEntry, Refusal> {
        let time = at.time.to_string();
        let entry = [b"{\"op\":", op, b",\"time\":\"", time.as_bytes(), b"\",\"v\":1}"].concat();
        let writes = self.replay(state, at.index, &entry)?;
        Ok(NewEntry { entry, writes })
    }

    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        Ok(self.0.replay(state, index, entry).unwrap_or_default())
    }
}

#[test]
fn a_log_that_keeps_no_rules_is_read_alike() {
    let world = full();
    let honest = entries(&world.engine);
    let engine = MemoryLog::new(Lawless(Fold::new(origin())), FixedClock(world.now()));
    let ops = honest.iter().map(|entry| jcs::canonicalize(&json::parse_object(entry).unwrap()["op"]));
    for op in ops.chain([br#"{"any":"thing"}"#.to_vec()]) {
        engine.append(vec![op]).remove(0).unwrap();
    }
    let entries = entries(&engine);
    let audited = audited(&entries);
    assert_eq!(audited.invalid().last().unwrap().code, "TLOG-03");
    let live = engine.state().unwrap();
    for key in [format!("did/{}", world.root), "log".into(), "time".into(), "keys".into()] {
        assert_eq!(audited.state().get(key.as_bytes()).unwrap(), live.get(key.as_bytes()).unwrap(), "{key}");
    }
}

/// LEDGER group 7: a long history is proven in space that grows with its versions only. Ten times this is the most a DID
/// can have (TLOG-19).
#[test]
fn a_long_history_has_bounds() {
    const MANY: usize = 1_000;
    let world = World::new();
    let did = world.organisation(7);
    for _ in 0..MANY {
        let head = world.engine.state().unwrap();
        let head = sinpyo_registry::did_tlog::DidHead::read(&*head, &did).unwrap().unwrap();
        let next = by(7, update(&head, &origin(), &document(&did, 7), None));
        world.engine.append(vec![next.as_bytes().to_vec()]).remove(0).unwrap();
    }
    let ledger = world.ledger();
    let latest = sinpyo_core::resolved::VersionSelector::Latest;
    let proof = ledger.prove_latest(&did, &latest, world.now()).unwrap();
    let text = proof.to_string();
    // An entry of a small document and at most 10 hashes for each version.
    assert!(text.len() < (MANY + 2) * 2_500, "{}", text.len());
    let proof: sinpyo_registry::did_tlog::ResolutionProof = text.parse().unwrap();
    let recency = sinpyo_registry::heads::Recency::default();
    let proven = proof.verify_latest(&log_key().0, &did, &latest, &recency).unwrap();
    let version = proven.resolved().metadata.version_id.clone().unwrap();
    assert!(version.starts_with(&format!("{}-", MANY + 1)));
}
