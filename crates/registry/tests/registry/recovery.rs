//! Recovery keys: what a thief did with the update key is set aside, within 72 hours, and counts for nothing.

use crate::{
    accreditation::{accredit, change_status, granted, issue, lookup, may_issue},
    world::{World, as_organisation, by, document, log_key, origin, update_key},
};
use sinpyo_core::{did::Did, resolved::VersionSelector};
use sinpyo_registry::{
    accreditation::{AccreditationRecord, AccreditationStatus, draft_status},
    did_tlog::{
        Control, DidHead, ProvenDocument, RECOVERY_WINDOW, ResolutionProof, deactivate, recover, rotate,
        update,
    },
    engine::LogEngine,
    heads::{Recency, Topic},
    status_digest::{StatusDigest, publish},
};
use std::time::Duration;

const WINDOW: u64 = 72 * 60 * 60;

/// Organisation 7, whose update key is number 7 and whose recovery keys are numbers 70 and 71.
fn recoverable(world: &World) -> Did {
    let control = Control::by(&update_key(7)).recovered_by(&update_key(70)).recovered_by(&update_key(71));
    world.submit(crate::world::create(7, control)).unwrap().did
}

/// A thief of update key 7 takes the DID over with key 66.
fn stolen(world: &World, did: &Did) {
    let head = world.head(did);
    let draft = update(&head, &origin(), &document(did, 66), Some(Control::by(&update_key(66))));
    world.submit(by(7, draft)).unwrap();
}

fn base(world: &World, did: &Did, number: u64) -> DidHead {
    world.ledger().recoverable(did, number).unwrap().unwrap()
}

/// Key `seed` sets aside what came after `base`; the update key is number 8 afterwards.
fn recovery(base: &DidHead, seed: u8) -> Vec<u8> {
    let draft = recover(base, &origin(), base.document(), Control::by(&update_key(8)));
    by(seed, draft).as_bytes().to_vec()
}

fn latest(world: &World, did: &Did, selector: &VersionSelector) -> Result<DidDocumentAndVersion, String> {
    let ledger = world.ledger();
    let live = ledger.resolve(did, selector).map_err(|error| error.code().to_owned());
    let Ok(proof) = ledger.prove_latest(did, selector, world.now()) else {
        return live.map(|_| panic!("resolved but not proven"));
    };
    let proof: ResolutionProof = proof.to_string().parse().unwrap();
    let proven = proof.verify_latest(&log_key().0, did, selector, &Recency::default());
    let proven = proven.map_err(|error| error.code().to_owned());
    assert_eq!(proven.as_ref().map(ProvenDocument::resolved), live.as_ref());
    live.map(|resolved| (resolved.document, resolved.metadata.version_id.unwrap()))
}

type DidDocumentAndVersion = (sinpyo_core::document::DidDocument, String);

#[test]
fn a_recovery_sets_aside_what_a_thief_did() {
    let world = World::new();
    let did = recoverable(&world);
    let first = world.head(&did);
    world.later(10);
    stolen(&world, &did);
    let (stolen_at, thief) = (world.now(), world.head(&did));
    world.later(10);
    world.submit(by(66, update(&thief, &origin(), &document(&did, 67), None))).unwrap();
    let wrong = world.head(&did);
    world.later(10);
    assert_eq!(latest(&world, &did, &VersionSelector::Latest).unwrap().0, document(&did, 67));

    assert!(world.append(&recovery(&base(&world, &did, 1), 70)).is_ok());
    let recovered = world.head(&did);
    assert_eq!(recovered.version().number(), 2);
    assert_eq!(recovered.document(), &document(&did, 7));
    assert_eq!(recovered.update_keys()[0].as_str(), update_key(8).to_multikey().to_string());
    // The history that counts is the recovered one, for every time.
    for selector in [
        VersionSelector::Latest,
        VersionSelector::Time(stolen_at),
        VersionSelector::Time(world.now()),
        VersionSelector::Id(first.version().to_string()),
        VersionSelector::Id(recovered.version().to_string()),
    ] {
        assert_eq!(latest(&world, &did, &selector).unwrap().0, document(&did, 7), "{selector:?}");
    }
    for set_aside in [&thief, &wrong] {
        let id = set_aside.version().to_string();
        assert_eq!(latest(&world, &did, &VersionSelector::Id(id)), Err("TLOG-35".into()));
    }
    // Neither the thief's key nor the stolen one signs anything any more.
    for (seed, head) in [(66, &recovered), (66, &wrong), (7, &recovered), (7, &first)] {
        let operation = by(seed, update(head, &origin(), &document(&did, 66), None));
        assert!(matches!(
            world.append(operation.as_bytes()).unwrap_err().as_str(),
            "TLOG-12" | "TLOG-08" | "TLOG-07" | "TLOG-06"
        ));
    }
    let next = by(8, update(&recovered, &origin(), &document(&did, 9), None));
    assert_eq!(world.submit(next).unwrap().version.number(), 3);
}

#[test]
fn what_a_thief_said_counts_for_nothing() {
    let world = World::new();
    let (did, issuer, other) = (recoverable(&world), world.organisation(8), world.organisation(9));
    let root = (&world.root.clone(), 1);
    world.submit(granted(&world, root, &did, accredit(&["K04"]))).unwrap();
    let honest = world.submit(granted(&world, (&did, 7), &other, issue("K04"))).unwrap();
    let list = |version| StatusDigest {
        by: did.clone(),
        list: "https://a.example/list".into(),
        version,
        sha256: [1; 32],
        issued_at: world.now(),
        time_to_live: Duration::from_mins(1),
    };
    world.submit(as_organisation(&did, 7, publish(&origin(), list(1)))).unwrap();
    world.later(10);
    stolen(&world, &did);
    world.submit(granted(&world, (&did, 66), &issuer, issue("K04"))).unwrap();
    change_status(&world, (&did, 66), &honest, AccreditationStatus::Revoked).unwrap();
    world.submit(as_organisation(&did, 66, publish(&origin(), list(2)))).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Ok(2));
    assert_eq!(lookup(&world, &other, &may_issue("K04"), world.now()), Err("ACC-13"));
    world.later(10);

    world.append(&recovery(&base(&world, &did, 1), 71)).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Err("ACC-12"));
    assert_eq!(lookup(&world, &other, &may_issue("K04"), world.now()), Ok(2));
    let ledger = world.ledger();
    let digest = ledger.status_digest(&did, "https://a.example/list").unwrap().unwrap();
    assert_eq!(digest.digest.version, 1);
    // The owner goes on where it had been, under a number that nobody has seen for a list.
    let record = ledger.accreditation_record(&honest.id).unwrap().unwrap();
    assert_eq!((record.version(), record.status()), (1, AccreditationStatus::Active));
    let ended = draft_status(&origin(), &record, AccreditationStatus::Ended);
    assert!(world.append(as_organisation(&did, 7, ended).as_bytes()).is_ok());
    let again = as_organisation(&did, 7, publish(&origin(), list(2)));
    assert_eq!(world.append(again.as_bytes()).unwrap_err(), "ACC-21");
    assert!(world.append(as_organisation(&did, 7, publish(&origin(), list(3))).as_bytes()).is_ok());
    // An accreditation that counts for nothing cannot be changed either.
    let state = world.engine.state().unwrap();
    let void = AccreditationRecord::of(&*state, &issuer).unwrap().remove(0);
    assert!(void.is_void());
    let ended = as_organisation(&did, 7, draft_status(&origin(), &void, AccreditationStatus::Ended));
    assert_eq!(world.append(ended.as_bytes()).unwrap_err(), "ACC-08");
    // Who has only the proof sees the same.
    let right = may_issue("K04");
    let proof = ledger.prove_accreditation_latest(&other, &right, world.now()).unwrap();
    let now = world.now().minus(Duration::from_secs(5));
    assert!(proof.verify_latest(&log_key().0, &other, &right, now, &Recency::default()).is_ok());
}

#[test]
fn a_recovery_comes_within_72_hours() {
    assert_eq!(RECOVERY_WINDOW, Duration::from_secs(WINDOW));
    for (seconds, expected) in
        [(0, None), (WINDOW - 1, None), (WINDOW, None), (WINDOW + 1, Some("TLOG-27".to_owned()))]
    {
        let world = World::new();
        let did = recoverable(&world);
        world.later(10);
        stolen(&world, &did);
        let base = base(&world, &did, 1);
        world.later(seconds);
        assert_eq!(world.append(&recovery(&base, 70)).err(), expected, "{seconds}");
    }
    // Later versions do not begin the window anew, and what is out of reach is kept no longer.
    let world = World::new();
    let did = recoverable(&world);
    stolen(&world, &did);
    let base = base(&world, &did, 1);
    for seed in 0..4 {
        world.later(WINDOW / 2 + 1);
        world.submit(by(66, update(&world.head(&did), &origin(), &document(&did, 90 + seed), None))).unwrap();
    }
    assert_eq!(world.append(&recovery(&base, 70)), Err("TLOG-27".into()));
    let kept = |number| world.ledger().recoverable(&did, number).unwrap().is_some();
    assert_eq!((1..=7).map(kept).collect::<Vec<_>>(), [false, false, false, true, true, false, false]);
}

#[test]
fn a_deactivation_is_set_aside_like_anything_else() {
    let world = World::new();
    let did = recoverable(&world);
    world.submit(by(7, deactivate(&world.head(&did), &origin()))).unwrap();
    let base = base(&world, &did, 1);
    world.later(10);
    assert!(latest(&world, &did, &VersionSelector::Latest).unwrap().0.methods().is_empty());
    let by_thief = by(7, update(&base, &origin(), &document(&did, 7), None));
    assert_eq!(world.append(by_thief.as_bytes()), Err("TLOG-10".into()));
    assert!(world.append(&recovery(&base, 70)).is_ok());
    assert!(!world.head(&did).is_deactivated());
    assert_eq!(latest(&world, &did, &VersionSelector::Latest).unwrap().0, document(&did, 7));
    // By the highest recovery key it is for good.
    world.submit(by(70, deactivate(&world.head(&did), &origin()))).unwrap();
    let base = world.ledger().recoverable(&did, 2).unwrap().unwrap();
    assert_eq!(world.append(&recovery(&base, 71)), Err("TLOG-28".into()));
    assert_eq!(world.append(&recovery(&base, 70)), Err("TLOG-28".into()));
}

#[test]
fn a_higher_recovery_key_outranks_a_lower_one() {
    let world = World::new();
    let did = recoverable(&world);
    stolen(&world, &did);
    let first = base(&world, &did, 1);
    assert!(world.append(&recovery(&first, 71)).is_ok());
    // Not again by the same key, nor by an update key.
    let other = recover(&first, &origin(), &document(&did, 7), Control::by(&update_key(9)));
    assert_eq!(world.append(by(71, other).as_bytes()), Err("TLOG-28".into()));
    let undo = update(&first, &origin(), &document(&did, 66), None);
    assert_eq!(world.append(by(7, undo).as_bytes()), Err("TLOG-08".into()));
    // By the higher one within 72 hours of the recovery, in which the theft stays set aside.
    world.later(WINDOW);
    let higher = recover(&first, &origin(), &document(&did, 7), Control::by(&update_key(10)));
    assert!(world.append(by(70, higher).as_bytes()).is_ok());
    assert_eq!(world.head(&did).update_keys()[0].as_str(), update_key(10).to_multikey().to_string());
    assert_eq!(latest(&world, &did, &VersionSelector::Latest).unwrap().0, document(&did, 7));
}

#[test]
fn only_a_recovery_key_changes_recovery_keys() {
    let world = World::new();
    let did = recoverable(&world);
    let head = world.head(&did);
    let keep = Control::by(&update_key(7));
    let change = keep.clone().recovered_by(&update_key(72));
    let drop = Control { recovery_keys: Some(Vec::new()), ..keep };
    for control in [&change, &drop] {
        let operation = by(7, rotate(&head, &origin(), control.clone()));
        assert_eq!(world.append(operation.as_bytes()), Err("TLOG-29".into()));
    }
    assert!(world.append(by(71, rotate(&head, &origin(), change)).as_bytes()).is_ok());
    assert_eq!(world.head(&did).recovery_keys().len(), 1);
    // The keys before it may undo that, the one that was added may not.
    let undo = recovery(&base(&world, &did, 1), 70);
    assert_eq!(world.append(&recovery(&base(&world, &did, 1), 72)), Err("TLOG-27".into()));
    assert!(world.append(&undo).is_ok());
    // Who has none sets the first with an update key.
    let none = world.organisation(8);
    let first = Control::by(&update_key(8)).recovered_by(&update_key(73));
    assert!(world.append(by(8, rotate(&world.head(&none), &origin(), first)).as_bytes()).is_ok());
}

#[test]
fn a_recovery_leaves_nothing_as_it_was() {
    let world = World::new();
    let did = recoverable(&world);
    stolen(&world, &did);
    let base = base(&world, &did, 1);
    let silent = by(70, update(&base, &origin(), &document(&did, 7), None));
    assert_eq!(world.append(silent.as_bytes()), Err("TLOG-26".into()));
    // An update key that were a recovery key too would make a thief its own rescuer.
    let both = Control::by(&update_key(8)).recovered_by(&update_key(8));
    assert_eq!(
        world.append(by(70, recover(&base, &origin(), base.document(), both)).as_bytes()),
        Err("TLOG-16".into())
    );
    assert_eq!(world.append(&recovery(&base, 72)), Err("TLOG-08".into()), "a stranger's key");
    assert!(world.append(&recovery(&base, 70)).is_ok(), "control");
}

#[test]
fn a_recovery_key_helps_who_lost_the_update_key() {
    let world = World::new();
    let control = Control::by(&update_key(7)).announcing(&update_key(8)).recovered_by(&update_key(70));
    let did = world.submit(crate::world::create(7, control)).unwrap().did;
    // The announced key is lost as well; nothing is set aside.
    let head = world.head(&did);
    let anew = by(70, rotate(&head, &origin(), Control::by(&update_key(9))));
    assert_eq!(world.submit(anew).unwrap().version.number(), 2);
    let twin = by(9, rotate(&world.head(&did), &origin(), Control::by(&update_key(70))));
    assert_eq!(world.append(twin.as_bytes()), Err("TLOG-16".into()));
}

/// Between its append and the next checkpoint a recovery is not part of any answer, nor does it make one a lie.
#[test]
fn what_was_newest_at_a_checkpoint_stays_so() {
    let world = World::new();
    let did = recoverable(&world);
    world.later(1);
    stolen(&world, &did);
    let thief = world.head(&did);
    let ledger = world.ledger();
    let before = ledger.checkpoint().unwrap();
    let base = base(&world, &did, 1);
    let prove = || {
        let proof = ledger.prove_latest(&did, &VersionSelector::Latest, world.now()).unwrap();
        let proven =
            proof.verify_latest(&log_key().0, &did, &VersionSelector::Latest, &Recency::default()).unwrap();
        proven.resolved().metadata.version_id.clone().unwrap()
    };
    assert!(world.engine.append(vec![recovery(&base, 70)]).remove(0).is_ok());
    assert_eq!(prove(), thief.version().as_str());
    let stated = ledger.state_heads([Topic::Did(did.clone())], world.now()).unwrap();
    let after = ledger.checkpoint().unwrap();
    assert_eq!(prove(), world.head(&did).version().as_str());
    assert!(ledger.contradict(&before, &stated).unwrap().is_none());
    assert!(after.claimed_head().size > before.claimed_head().size);
}

#[test]
fn recoveries_are_bounded() {
    let world = World::new();
    let did = recoverable(&world);
    for round in 0..256 {
        let head = world.head(&did);
        let stolen = by(signer(round), update(&head, &origin(), &document(&did, 66), None));
        world.engine.append(vec![stolen.as_bytes().to_vec()]).remove(0).unwrap();
        let control = Control::by(&update_key(8));
        let draft = recover(&head, &origin(), head.document(), control);
        world.engine.append(vec![by(70, draft).as_bytes().to_vec()]).remove(0).unwrap();
    }
    let head = world.head(&did);
    assert_eq!(head.version().number(), 257);
    let stolen = by(8, update(&head, &origin(), &document(&did, 66), None));
    world.engine.append(vec![stolen.as_bytes().to_vec()]).remove(0).unwrap();
    assert_eq!(world.append(&recovery(&head, 70)), Err("TLOG-30".into()));
    // To go on from the newest version sets nothing aside.
    let newest = world.head(&did);
    assert!(world.append(&recovery(&newest, 70)).is_ok());
}

/// Who signs for the DID in a round of [`recoveries_are_bounded`].
const fn signer(round: usize) -> u8 {
    if round == 0 { 7 } else { 8 }
}
