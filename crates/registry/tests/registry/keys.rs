//! The log's own keys: named, kept apart, changed; and its clock.

use crate::world::{World, by, document, heads_key, log_key, origin, start, update_key};
use serde_json::Value;
use sinpyo_core::{
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    jcs, json,
    resolved::VersionSelector,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    Fold, Ledger, LedgerKeys, TrustedLog,
    did_tlog::{Control, create, update},
    engine::LogEngine,
    heads::{HeadsKey, Recency},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use sinpyo_tlog::{note::LogKey, policy::Policy};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Log key number `seed`.
fn other_key(seed: u8) -> (LogKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, seed);
    let public = LogKey::new(origin(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:log#next".parse().unwrap(), secret))
}

fn other_heads(seed: u8) -> (HeadsKey, KeySigner) {
    let secret = key(Algorithm::Ed25519, seed);
    let public = HeadsKey::new(&origin(), secret.verifying_key().clone()).unwrap();
    (public, KeySigner::new("did:example:heads#next".parse().unwrap(), secret))
}

#[test]
fn a_log_changes_its_key_in_sight_of_all() {
    let world = World::new();
    let did = world.organisation(7);
    let (next, next_signer) = other_key(210);
    let ledger = world.ledger();
    let change = ledger.log_keys().unwrap();
    assert_eq!(change.log(), Some(&log_key().0));
    let change = change.change(&world.log_signer, Some((&next, &next_signer)), None).unwrap();
    let both = world.keys().also_signing(next.clone(), &next_signer);
    let ledger = Ledger::with_keys(&world.engine, both.clone(), &world.root).unwrap();
    assert_eq!(ledger.submit(change).unwrap().get().log(), Some(&next));
    let checkpoint = ledger.checkpoint().unwrap();
    // Those who know only the old key go on for as long as both sign.
    assert!(checkpoint.verify(&log_key().0).is_ok() && checkpoint.verify(&next).is_ok());
    let proof = ledger.prove_latest(&did, &VersionSelector::Latest, world.now()).unwrap();
    let policy = Policy::of_log(next.clone());
    let old = log_key().0;
    let trusted: [&dyn TrustedLog; 3] = [&old, &next, &policy];
    for log in trusted {
        let latest = VersionSelector::Latest;
        assert!(proof.verify_latest(log, &did, &latest, &Recency::default()).is_ok());
    }
    // Afterwards the new one suffices, and the old one does not.
    let (_, heads_signer) = heads_key();
    let new = LedgerKeys::new(next.clone(), &next_signer).with_heads(heads_key().0, &heads_signer);
    let ledger = Ledger::with_keys(&world.engine, new, &world.root).unwrap();
    assert_eq!(ledger.checkpoint().unwrap().verify(&log_key().0).unwrap_err().code(), "LOG-13");
    let error = Ledger::with_keys(&world.engine, world.keys(), &world.root).unwrap_err();
    assert_eq!(error.code(), "LOG-13", "the published checkpoint is not by the old key");
    drop(both);
}

#[test]
fn a_ledger_is_opened_with_the_keys_that_the_log_names() {
    let world = World::new();
    let (next, next_signer) = other_key(210);
    let keys = LedgerKeys::new(next.clone(), &next_signer).also_signing(log_key().0, &world.log_signer);
    assert!(Ledger::with_keys(&world.engine, keys, &world.root).is_ok(), "the named key signs too");
    // The new key has now signed what is published, but the log does not name it.
    let keys = LedgerKeys::new(next, &next_signer);
    let error = Ledger::with_keys(&world.engine, keys, &world.root).unwrap_err();
    assert_eq!(error.code(), "TLOG-40");
    let (heads, heads_signer) = other_heads(211);
    let keys = LedgerKeys::new(log_key().0, &world.log_signer).with_heads(heads, &heads_signer);
    assert_eq!(Ledger::with_keys(&world.engine, keys, &world.root).unwrap_err().code(), "TLOG-40");
}

#[test]
fn a_change_of_keys_is_signed_by_old_and_new() {
    let world = World::new();
    let (next, next_signer) = other_key(210);
    let (heads, heads_signer) = other_heads(211);
    let keys = world.ledger().log_keys().unwrap();
    let change =
        keys.change(&world.log_signer, Some((&next, &next_signer)), Some((&heads, &heads_signer))).unwrap();
    let op: Value = serde_json::from_slice(change.as_bytes()).unwrap();
    let altered = |edit: &dyn Fn(&mut Value)| {
        let mut op = op.clone();
        edit(&mut op);
        world.append(&jcs::canonicalize(&op))
    };
    for dropped in 0..3 {
        let refused = altered(&|op| drop(op["signatures"].as_array_mut().unwrap().remove(dropped)));
        assert_eq!(refused, Err("TLOG-40".into()), "signature {dropped}");
    }
    let text = other_key(212).0.to_string();
    assert_eq!(altered(&|op| op["key"] = text.clone().into()), Err("TLOG-40".into()));
    assert_eq!(altered(&|op| op["version"] = 2.into()), Err("TLOG-40".into()));
    assert_eq!(altered(&|op| op["log"] = "ledger.example/2027".into()), Err("TLOG-04".into()));
    assert_eq!(altered(&|op| op["note"] = "x".into()), Err("TLOG-03".into()));
    assert!(world.append(change.as_bytes()).is_ok(), "control");
    // Once; and not under another signature either.
    assert!(world.append(change.as_bytes()).is_ok_and(|index| index == 2), "the first index");
    let stale = keys.change(&world.log_signer, Some((&other_key(213).0, &other_key(213).1)), None);
    assert_eq!(world.append(stale.unwrap().as_bytes()), Err("TLOG-40".into()));
    assert!(keys.change(&world.log_signer, None, None).is_err(), "nothing changes");
    assert!(keys.change(&next_signer, Some((&next, &next_signer)), None).is_err(), "not the present key");
}

/// SECURITY LOG-15.
#[test]
fn a_key_of_the_log_has_no_other_role() {
    let world = World::new();
    // As heads key.
    let shared = HeadsKey::new(&origin(), log_key().0.verifying_key().clone()).unwrap();
    let keys = LedgerKeys::new(log_key().0, &world.log_signer).with_heads(shared.clone(), &world.log_signer);
    let engine = MemoryLog::new(Fold::new(origin()), FixedClock(start()));
    assert_eq!(Ledger::with_keys(&engine, keys, &world.root).unwrap_err().code(), "TLOG-38");
    let change = world.ledger().log_keys().unwrap();
    assert!(change.change(&world.log_signer, None, Some((&shared, &world.log_signer))).is_err());
    // In a document, as Multikey or JWK, or as update key.
    let did = world.organisation(7);
    for seed in [200, 201] {
        let public = key(Algorithm::Ed25519, seed).verifying_key().clone();
        for material in
            [PublicKeyMaterial::Multikey(public.to_multikey()), PublicKeyMaterial::Jwk(public.to_jwk())]
        {
            let method = VerificationMethod {
                id: did.key("log").unwrap(),
                controller: did.clone(),
                key: material,
                revoked: None,
            };
            let document =
                DidDocument::new(did.clone()).with_key(method, &[VerificationRelationship::AssertionMethod]);
            let operation = by(7, update(&world.head(&did), &origin(), &document, None));
            assert_eq!(world.append(operation.as_bytes()), Err("TLOG-38".into()));
        }
        let control = Control::by(&update_key(8)).recovered_by(&public);
        let operation = by(8, create(&origin(), control, |did| document(did, 8)).unwrap());
        assert_eq!(world.append(operation.as_bytes()), Err("TLOG-38".into()));
    }
}

/// What the log gave up is not free: neither for others nor for the log itself.
#[test]
fn a_former_key_of_the_log_has_no_other_role_either() {
    let world = World::new();
    let (next, next_signer) = other_key(210);
    let (heads, heads_signer) = other_heads(211);
    let keys = || world.ledger_as_it_is().log_keys().unwrap();
    let change = keys().change(&world.log_signer, Some((&next, &next_signer)), Some((&heads, &heads_signer)));
    world.append(change.unwrap().as_bytes()).unwrap();
    for seed in [200, 201, 210, 211] {
        let operation =
            by(8, create(&origin(), Control::by(&update_key(8)), |did| document(did, seed)).unwrap());
        assert_eq!(world.append(operation.as_bytes()), Err("TLOG-38".into()), "{seed}");
    }
    // Not again, and not in the other role.
    let (old, old_signer) = log_key();
    assert!(keys().change(&next_signer, Some((&old, &old_signer)), None).is_err());
    let other_role = HeadsKey::new(&origin(), old.verifying_key().clone()).unwrap();
    assert!(keys().change(&next_signer, None, Some((&other_role, &old_signer))).is_err());
    let (former_heads, former_signer) = heads_key();
    assert!(keys().change(&next_signer, None, Some((&former_heads, &former_signer))).is_err());
    let swapped = LogKey::new(origin(), heads.verifying_key().clone()).unwrap();
    let heads_too = other_heads(210).0;
    let both = keys().change(&next_signer, Some((&swapped, &heads_signer)), Some((&heads_too, &next_signer)));
    assert!(both.is_err(), "the keys change places");
    // The present key named again beside a new heads key: one line serves for both.
    let (third, third_signer) = other_heads(212);
    let change =
        keys().change(&next_signer, Some((&next, &next_signer)), Some((&third, &third_signer))).unwrap();
    let op: Value = serde_json::from_slice(change.as_bytes()).unwrap();
    assert_eq!(op["signatures"].as_array().unwrap().len(), 2);
    for line in [0, 1] {
        let mut more = op.clone();
        let line = more["signatures"][line].clone();
        more["signatures"].as_array_mut().unwrap().push(line);
        assert_eq!(world.append(&jcs::canonicalize(&more)), Err("TLOG-40".into()), "a line too many");
    }
    let mut turned = op;
    turned["signatures"].as_array_mut().unwrap().reverse();
    assert_eq!(
        world.append(&jcs::canonicalize(&turned)),
        Err("TLOG-40".into()),
        "one change has one spelling"
    );
    assert!(world.append(change.as_bytes()).is_ok(), "control");
    assert_eq!(keys().heads(), Some(&third));
}

#[test]
fn a_clock_far_ahead_is_refused_at_start() {
    let world = World::new();
    let ledger = world.ledger();
    let day = Duration::from_hours(24);
    let at = |seconds: i64| Timestamp::from_unix(start().unix() + seconds).unwrap();
    assert_eq!(ledger.check_clock(at(86_400), day).unwrap(), day);
    assert_eq!(ledger.check_clock(at(-5), day).unwrap(), Duration::ZERO, "ledger time stands still");
    assert_eq!(ledger.check_clock(at(86_401), day).unwrap_err().code(), "TLOG-45");
    assert!(ledger.check_clock(at(86_401), day * 2).is_ok(), "the operator says so");
}

/// A clock that turns back by a minute at every look.
struct Backwards(AtomicI64);

impl Clock for Backwards {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.fetch_sub(60, Ordering::Relaxed)).unwrap()
    }
}

/// LEDGER group 7: a clock that turns back holds ledger time where it was, and the fold takes no entry that does not.
#[test]
fn ledger_time_does_not_turn_back() {
    let (clock, signer) = (Backwards(AtomicI64::new(start().unix())), log_key().1);
    let engine = MemoryLog::new(Fold::new(origin()), clock);
    let root = by(1, create(&origin(), Control::by(&update_key(1)), |did| document(did, 1)).unwrap());
    let ledger = Ledger::open(&engine, log_key().0, &signer, &root.fact().did).unwrap();
    let _ = ledger.submit(root).unwrap();
    let times: Vec<Value> = engine
        .entries(0..2)
        .unwrap()
        .iter()
        .map(|entry| json::parse_object(entry).unwrap()["time"].clone())
        .collect();
    assert_eq!(times[0], Value::from(start().to_string()));
    assert_eq!(times[1], times[0]);
}
