//! The ledger over its engine, and the auditor over an export.

use crate::world::{self, World, as_organisation, by, document, log_key, origin, start, update_key};
use proptest::prelude::*;
use sinpyo_core::{did::Did, resolved::VersionSelector};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    EntryProof, Fold, Ledger, OpenLedgerError,
    audit::{AuditError, Audited, ExportedEntry, audit},
    did_tlog::{Control, create, update},
    engine::{AppendError, Appended, EngineError, LogEngine, Position, PublishError, Sequencing, StateView},
    status_digest::{StatusDigest, publish},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, TreeHead},
    note::LogKey,
    tile::TileId,
};
use std::{ops::Range, time::Duration};

/// A log with 12 organisations, some updates and a status digest, as exported.
fn export() -> (World, Vec<ExportedEntry>, String) {
    let world = World::new();
    for seed in 2..14 {
        let did = world.organisation(seed);
        world.later(5);
        world
            .submit(by(seed, update(&world.head(&did), &origin(), &document(&did, seed + 50), None)))
            .unwrap();
    }
    let checkpoint = world.ledger().checkpoint().unwrap();
    let size = checkpoint.claimed_head().size;
    let entries = world.engine.entries(0..size).unwrap();
    let entries =
        entries.into_iter().map(|entry| ExportedEntry { leaf: Hash::leaf(&entry), entry }).collect();
    (world, entries, checkpoint.to_string())
}

fn check(entries: &[ExportedEntry], checkpoint: &str) -> Result<Audited, AuditError> {
    audit(entries.iter().cloned(), checkpoint, &log_key().0)
}

#[test]
fn an_auditor_reaches_the_same_root_and_state() {
    let (world, entries, checkpoint) = export();
    let audited = check(&entries, &checkpoint).unwrap();
    assert_eq!(audited.head(), world.engine.head().unwrap());
    let state = world.engine.state().unwrap();
    let did = world::create(2, Control::by(&update_key(2))).fact().did.clone();
    for key in ["log".to_owned(), "time".into(), format!("did/{did}"), format!("did/{did}/version/2")] {
        let live = state.get(key.as_bytes()).unwrap();
        assert!(live.is_some(), "{key}");
        assert_eq!(audited.state().get(key.as_bytes()).unwrap(), live, "{key}");
    }
}

#[test]
fn an_auditor_names_the_flipped_byte() {
    let (_, entries, checkpoint) = export();
    for position in 0..entries.len() {
        let mut flipped = entries.clone();
        let at = flipped[position].entry.len() / 2;
        flipped[position].entry[at] ^= 1;
        let error = check(&flipped, &checkpoint).unwrap_err();
        assert!(
            matches!(error, AuditError::Leaf { index } if index == u64::try_from(position).unwrap()),
            "{error}"
        );
        // With the leaf hash made to fit, the entry breaks a rule or the root differs.
        flipped[position].leaf = Hash::leaf(&flipped[position].entry);
        assert!(matches!(check(&flipped, &checkpoint).unwrap_err().code(), "LOG-26" | "LOG-27"));
    }
    let mut later = entries.clone();
    let last = later.last_mut().unwrap();
    last.entry =
        String::from_utf8(last.entry.clone()).unwrap().replace("2026-11-22", "2026-11-23").into_bytes();
    last.leaf = Hash::leaf(&last.entry);
    assert!(
        matches!(check(&later, &checkpoint), Err(AuditError::Root { size: 26 })),
        "lawful, but not what was signed"
    );
}

#[test]
fn an_auditor_names_what_is_missing_or_too_much() {
    let (_, entries, checkpoint) = export();
    assert!(matches!(check(&entries[..20], &checkpoint), Err(AuditError::Missing { index: 20 })));
    assert!(matches!(check(&[], &checkpoint), Err(AuditError::Missing { index: 0 })));
    let mut doubled = entries.clone();
    doubled.push(entries[25].clone());
    assert!(matches!(check(&doubled, &checkpoint), Err(AuditError::Surplus { index: 26 })));
    let mut swapped = entries.clone();
    swapped.swap(4, 5);
    assert!(matches!(check(&swapped, &checkpoint), Err(AuditError::Entry { index: 4, .. })));
    let mut without = entries.clone();
    without.remove(2);
    assert!(
        matches!(check(&without, &checkpoint), Err(AuditError::Entry { index: 2, .. })),
        "a DID without its creation"
    );
    // An entry that nothing else needs is missed by its hash in the tile.
    let mut cut = entries.clone();
    for index in 3..25 {
        cut[index].entry = entries[index + 1].entry.clone();
    }
    assert!(matches!(check(&cut, &checkpoint), Err(AuditError::Leaf { index: 3 })));
}

#[test]
fn an_auditor_refuses_a_foreign_key() {
    let (_, entries, checkpoint) = export();
    let stranger = LogKey::new(origin(), key(Algorithm::Ed25519, 99).verifying_key().clone()).unwrap();
    let error = audit(entries.clone(), &checkpoint, &stranger).unwrap_err();
    assert_eq!(error.code(), "LOG-13");
    let elsewhere =
        LogKey::new("ledger.example/2027".parse().unwrap(), log_key().1.key().verifying_key().clone())
            .unwrap();
    assert_eq!(audit(entries, &checkpoint, &elsewhere).unwrap_err().code(), "LOG-18");
}

/// Entries that no log would write are not replayed.
#[test]
fn an_entry_is_an_operation_with_its_time() {
    let (_, entries, _) = export();
    let fold = Fold::new(origin());
    let world = World::new();
    let state = world.engine.state().unwrap();
    let good = String::from_utf8(entries[1].entry.clone()).unwrap();
    let replay = |entry: &str| match fold.replay(&*state, 2, entry.as_bytes()) {
        Err(refusal) => refusal.code().unwrap().to_owned(),
        Ok(_) => panic!("replayed {entry:.60}"),
    };
    for entry in [
        String::new(),
        "{}".into(),
        good.replacen("\"v\":1", "\"v\":2", 1),
        good.replacen("\"v\":1", "\"v\":1,\"w\":1", 1),
        good.replacen('{', "{ ", 1),
        good.replacen("T00:00:00Z\"", "T00:00:00+00:00\"", 1),
        "{\"op\":1,\"time\":\"2026-11-22T00:00:00Z\",\"v\":1}".into(),
        format!("{{\"op\":{{\"x\":\"{}\"}},\"time\":\"2026-11-22T00:00:00Z\",\"v\":1}}", "x".repeat(70_000)),
    ] {
        assert_eq!(replay(&entry), "TLOG-22", "{entry:.60}");
    }
    assert_eq!(replay(&good.replace("2026-11-22T", "2026-11-21T")), "TLOG-23");
}

/// An engine restored from a backup, beside a checkpoint that it published later.
struct Restored<'a>(&'a MemoryLog, SignedCheckpoint);

impl LogEngine for Restored<'_> {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        self.0.append(submissions)
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        self.0.head()
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        self.0.entries(range)
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        self.0.tile(id)
    }

    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        self.0.state()
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        self.0.publish(checkpoint)
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        Ok(Some(self.1.clone()))
    }
}

#[test]
fn a_log_that_forgot_what_it_published_is_not_opened() {
    let (world, _, checkpoint) = export();
    let published: SignedCheckpoint = checkpoint.parse().unwrap();
    let open = |engine: &dyn LogEngine, root: &Did| {
        Ledger::open(engine, log_key().0, &world.log_signer, root).map(drop)
    };
    // Yesterday's backup beside today's checkpoint, and a log that went another way.
    let younger = World::new();
    let error = open(&Restored(&younger.engine, published.clone()), &younger.root).unwrap_err();
    assert!(matches!(error, OpenLedgerError::RolledBack { .. }) && error.code() == "LOG-20");
    for seed in 40..70 {
        younger.organisation(seed);
    }
    let error = open(&Restored(&younger.engine, published.clone()), &younger.root).unwrap_err();
    assert_eq!(error.code(), "LOG-20");
    assert!(open(&Restored(&world.engine, published), &world.root).is_ok(), "control");
}

#[test]
fn a_log_is_opened_with_its_own_key_and_root() {
    let world = World::new();
    drop(world.ledger());
    let other = world::create(9, Control::by(&update_key(9))).fact().did.clone();
    let error = Ledger::open(&world.engine, log_key().0, &world.log_signer, &other).unwrap_err();
    assert!(matches!(error, OpenLedgerError::AnotherRoot) && error.code() == "LOG-21");
    let stranger = key(Algorithm::Ed25519, 99);
    let public = LogKey::new(origin(), stranger.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:log#key".parse().unwrap(), stranger);
    let error = Ledger::open(&world.engine, public, &signer, &world.root).unwrap_err();
    assert_eq!(error.code(), "LOG-13", "the key of another log");
    let fresh = MemoryLog::new(Fold::new(origin()), FixedClock(start()));
    let error = Ledger::open(&fresh, log_key().0, &signer, &world.root).unwrap_err();
    assert!(matches!(error, OpenLedgerError::Checkpoint(_)), "the signer of another key");
}

#[test]
fn a_repeated_submission_answers_with_the_first_place() {
    let world = World::new();
    let operation = world::create(7, Control::by(&update_key(7)));
    let ledger = world.ledger();
    let first = ledger.submit(operation.clone()).unwrap().index();
    assert_eq!(ledger.submit(operation).unwrap().index(), first);
}

#[test]
fn an_entry_proof_is_for_its_own_entry() {
    let (world, entries, _) = export();
    let text = world.ledger().prove_entry(7).unwrap().to_string();
    let proven = text.parse::<EntryProof>().unwrap().verify(&log_key().0).unwrap();
    assert_eq!((proven.index(), proven.entry()), (7, entries[7].entry.as_slice()));
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["entries"][0]["entry"] = serde_json::json!(String::from_utf8(entries[8].entry.clone()).unwrap());
    let forged: EntryProof = value.to_string().parse().unwrap();
    assert_eq!(forged.verify(&log_key().0).unwrap_err().code(), "TLOG-32");
    value["entries"] = serde_json::json!([]);
    let empty: EntryProof = value.to_string().parse().unwrap();
    assert_eq!(empty.verify(&log_key().0).unwrap_err().code(), "TLOG-31");
    assert!(world.ledger().prove_entry(26).is_err());
}

/// Rule 0: a person's data finds no member to hide in.
#[test]
fn nothing_personal_finds_a_place() {
    let world = World::new();
    let did = world.organisation(7);
    let planted = "홍길동";
    let list = StatusDigest {
        by: did.clone(),
        list: format!("https://issuer.example/{planted}"),
        version: 1,
        sha256: [0; 32],
        issued_at: start(),
        time_to_live: Duration::from_secs(1),
    };
    assert!(world.append(as_organisation(&did, 7, publish(&origin(), list)).as_bytes()).is_err());
    let named = create(&origin(), Control::by(&update_key(8)), |did| {
        let mut document = document(did, 8);
        document = document.with_service(sinpyo_core::document::Service {
            id: format!("{did}#{planted}"),
            kind: "Person".into(),
            endpoint: serde_json::json!("https://a.example"),
        });
        document
    });
    assert!(world.append(by(8, named.unwrap()).as_bytes()).is_err());
    let size = world.engine.head().unwrap().size;
    let log = world.engine.entries(0..size).unwrap().concat();
    assert!(!String::from_utf8(log).unwrap().contains(planted));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever two controllers try in whatever order: the state after replaying the log is the state of the log.
    #[test]
    fn replaying_the_log_gives_its_state(steps in proptest::collection::vec((0_u8..3, 0_u8..4), 1..12)) {
        let world = World::new();
        let dids = [world.organisation(20), world.organisation(21), world.organisation(22)];
        for (who, what) in steps {
            let (did, seed) = (&dids[usize::from(who)], 20 + who);
            let head = world.head(did);
            let draft = match what {
                0 => sinpyo_registry::did_tlog::deactivate(&head, &origin()),
                number => update(&head, &origin(), &document(did, 100 + number), None),
            };
            // Some are refused; what counts is that everybody agrees on which.
            let _ = world.append(by(seed, draft).as_bytes());
            world.later(u64::from(what));
        }
        let checkpoint = world.ledger().checkpoint().unwrap();
        let entries = world.engine.entries(0..checkpoint.claimed_head().size).unwrap();
        let entries = entries.into_iter().map(|entry| ExportedEntry { leaf: Hash::leaf(&entry), entry });
        let audited = audit(entries, &checkpoint.to_string(), &log_key().0).unwrap();
        let state = world.engine.state().unwrap();
        for did in &dids {
            let key = format!("did/{did}");
            prop_assert_eq!(audited.state().get(key.as_bytes()).unwrap(), state.get(key.as_bytes()).unwrap());
            let resolved = world.ledger().resolve(did, &VersionSelector::Latest).unwrap();
            let head = world.head(did);
            prop_assert_eq!(&resolved.document, head.document());
        }
    }

    /// No bytes make the fold panic, and none that are not an operation are taken.
    #[test]
    fn no_submission_or_entry_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[\\[\\]{}\":,a-z0-9]{0,60}") {
        let world = World::new();
        let fold = Fold::new(origin());
        let state = world.engine.state().unwrap();
        let at = Position { index: 2, time: start() };
        for input in [bytes.as_slice(), text.as_bytes()] {
            prop_assert!(fold.sequence(&*state, at, input).is_err_and(|refusal| refusal.code().is_some()));
            prop_assert!(fold.replay(&*state, 2, input).is_err_and(|refusal| refusal.code().is_some()));
            prop_assert!(String::from_utf8_lossy(input).parse::<EntryProof>().is_err());
            prop_assert!(String::from_utf8_lossy(input).parse::<SignedCheckpoint>().is_err());
            prop_assert!(String::from_utf8_lossy(input).parse::<LogKey>().is_err());
        }
    }
}
