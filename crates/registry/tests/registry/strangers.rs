//! What those who may accredit cannot do to others: keep the log busy, or grant somebody out of sight.

use crate::{
    accreditation::{accredit, accreditation, change_status, granted, issue, lookup, may_issue, resigned},
    world::{World, as_organisation, origin},
};
use serde_json::json;
use sinpyo_core::{
    accreditation::{Accreditation, Grant},
    did::Did,
    jcs, json,
};
use sinpyo_registry::{
    Fold, Operation,
    accreditation::{
        AccreditationRecord, AccreditationStatus, AccreditationVersion, draft_grant, draft_status,
    },
    engine::{EngineError, LogEngine, Position, Sequencing, StateView},
};
use std::{cell::Cell, time::Duration};

/// The state, and how often it was read.
struct Counting<'a> {
    state: Box<dyn StateView + 'a>,
    reads: Cell<usize>,
}

impl StateView for Counting<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.reads.set(self.reads.get() + 1);
        self.state.get(key)
    }
}

/// The rule that refuses `submission`, and how many reads that took.
fn refused(world: &World, submission: &[u8]) -> (&'static str, usize) {
    let state = Counting { state: world.engine.state().unwrap(), reads: Cell::new(0) };
    let at = Position { index: world.engine.head().unwrap().size, time: world.now() };
    let refusal = Fold::new(origin()).sequence(&state, at, submission).unwrap_err();
    (refusal.code().unwrap(), state.reads.get())
}

/// As [`granted`], for `seconds` only.
fn briefly(
    world: &World,
    (by, seed): (&Did, u8),
    subject: &Did,
    (grant, seconds): (Grant, u64),
) -> Operation<AccreditationVersion> {
    let mut accreditation: Accreditation = accreditation(world, by, subject, grant);
    accreditation.validity.until = Some(world.now().plus(Duration::from_secs(seconds)));
    as_organisation(by, seed, draft_grant(&origin(), &accreditation).unwrap())
}

/// Takes the proof of somebody else's operation.
fn unsigned(operation: &Operation<AccreditationVersion>, other: &Operation<AccreditationVersion>) -> Vec<u8> {
    let mut op = json::parse_object(operation.as_bytes()).unwrap();
    op["proof"]["proofValue"] = json::parse_object(other.as_bytes()).unwrap()["proof"]["proofValue"].clone();
    jcs::canonicalize_object(&op)
}

/// One get for the entry of the list and one for the record, of 1,024 records; the rest is constant, and two counts
/// of lists for each of the organisations on the way.
const BOUND: usize = 2 * 1_024 + 64;

/// An expired accreditor had granted much to itself and to a partner. Its grants lead the search in circles.
#[test]
fn nobody_keeps_the_log_searching() {
    let world = World::new();
    let (expired, partner, victim) = (world.organisation(2), world.organisation(3), world.organisation(4));
    let root = world.root.clone();
    world.append(briefly(&world, (&root, 1), &expired, (accredit(&[]), 1_000)).as_bytes()).unwrap();
    // 64 at a time are allowed: each time they wait until the last ones are over.
    for round in 0..4 {
        for number in 0..if round == 3 { 63 } else { 64 } {
            for subject in [&expired, &partner] {
                // The last ones outlive the accreditor.
                let seconds = if round == 3 { 100_000 } else { 99 };
                let grant = accredit(&[&format!("T{round}x{number}"), "K04"]);
                let operation = briefly(&world, (&expired, 2), subject, (grant, seconds));
                world.append(operation.as_bytes()).unwrap();
            }
        }
        world.later(100);
    }
    world.later(1_000);
    let operation = granted(&world, (&partner, 3), &victim, issue("K04"));
    let other = granted(&world, (&partner, 3), &victim, issue("K05"));
    let (code, reads) = refused(&world, &unsigned(&operation, &other));
    assert_eq!(code, "TLOG-11");
    assert!(reads <= 4, "{reads}: root, time, whether it exists, the organisation's keys");
    let (code, reads) = refused(&world, operation.as_bytes());
    assert_eq!(code, "ACC-03");
    assert!(reads <= BOUND, "{reads}");
    assert!(reads > 200, "{reads}: it did search");
}

/// A row of organisations, each accredited by the next many times, at whose end nobody is.
#[test]
fn a_search_looks_at_a_bounded_number_of_accreditations() {
    let world = World::new();
    let root = world.root.clone();
    let row: Vec<(Did, u8)> = (2..22).map(|seed| (world.organisation(seed), seed)).collect();
    for (did, _) in &row {
        world.append(briefly(&world, (&root, 1), did, (accredit(&[]), 10)).as_bytes()).unwrap();
    }
    // Two others accredit each of the lower ones, 64 times: 128, and more than 1,024 by nine.
    for lower in 0..9 {
        for other in [2 * lower + 1, 2 * lower + 2] {
            for number in 0..64 {
                let grant = accredit(&["K04", &format!("T{number}")]);
                let operation = granted(&world, (&row[other].0, row[other].1), &row[lower].0, grant);
                world.append(operation.as_bytes()).unwrap();
            }
        }
    }
    world.later(100);
    let operation = granted(&world, (&row[0].0, row[0].1), &row[19].0, issue("K04"));
    let (code, reads) = refused(&world, operation.as_bytes());
    assert_eq!(code, "ACC-03");
    assert!(reads <= BOUND, "{reads}");
    assert!(reads > 2 * 1_000, "{reads}: it went to the bound");
}

#[test]
fn one_organisation_gives_another_a_bounded_number_of_accreditations() {
    let world = World::new();
    let (ministry, issuer, other) = (world.organisation(2), world.organisation(3), world.organisation(4));
    let root = world.root.clone();
    world.append(granted(&world, (&root, 1), &ministry, accredit(&[])).as_bytes()).unwrap();
    let brief = briefly(&world, (&ministry, 2), &issuer, (issue("T0"), 50));
    world.append(brief.as_bytes()).unwrap();
    let versions: Vec<_> = (1..64)
        .map(|number| {
            let operation = granted(&world, (&ministry, 2), &issuer, issue(&format!("T{number}")));
            let version = operation.fact().clone();
            world.append(operation.as_bytes()).unwrap();
            version
        })
        .collect();
    let more = |kind: &str| world.append(granted(&world, (&ministry, 2), &issuer, issue(kind)).as_bytes());
    assert_eq!(more("T64"), Err("ACC-11".into()));
    // Neither another subject nor another granting organisation is concerned.
    world.append(granted(&world, (&ministry, 2), &other, issue("T64")).as_bytes()).unwrap();
    world.append(granted(&world, (&root, 1), &issuer, issue("T64")).as_bytes()).unwrap();
    // What is over does not count: expired, ended, withdrawn. What is suspended does.
    world.later(51);
    assert!(more("expired").is_ok());
    for (version, status) in [(0, AccreditationStatus::Ended), (1, AccreditationStatus::Revoked)] {
        assert_eq!(more("refused"), Err("ACC-11".into()));
        change_status(&world, (&ministry, 2), &versions[version], status).unwrap();
        assert!(more(status.name()).is_ok(), "{status:?}");
    }
    change_status(&world, (&ministry, 2), &versions[2], AccreditationStatus::Suspended).unwrap();
    assert_eq!(more("suspended"), Err("ACC-11".into()));
}

/// A lower accreditor and those it made grant the victim more than a search looks at, and then lose their power.
#[test]
fn strangers_do_not_grant_somebody_out_of_sight() {
    let world = World::new();
    let (ministry, victim) = (world.organisation(2), world.organisation(3));
    let root = (&world.root.clone(), 1);
    world.submit(granted(&world, root, &ministry, accredit(&[]))).unwrap();
    world.submit(granted(&world, root, &victim, issue("K04"))).unwrap();
    world.submit(granted(&world, (&ministry, 2), &victim, issue("K05"))).unwrap();
    // Five times 32 of each kind, where a search looks at 128.
    for (stranger, seed) in (10..15).map(|seed| (world.organisation(seed), seed)) {
        world.append(briefly(&world, root, &stranger, (accredit(&["K04", "K05"]), 10)).as_bytes()).unwrap();
        for number in 0..32 {
            for kind in ["K04", "K05"] {
                let operation = briefly(&world, (&stranger, seed), &victim, (issue(kind), 1_000 + number));
                world.append(operation.as_bytes()).unwrap();
            }
        }
    }
    world.later(100);
    let found = |kind: &str| lookup(&world, &victim, &may_issue(kind), world.now());
    // What the root accreditor gave is always found.
    assert_eq!(found("K04"), Ok(1));
    assert_eq!(found("K05"), Err("ACC-14"), "the newest 128 are all the strangers'");
    // So is what is given anew, once the strangers have lost their power.
    world.later(1);
    world.submit(granted(&world, (&ministry, 2), &victim, issue("K05"))).unwrap();
    assert_eq!(found("K05"), Ok(2));
}

/// Between a stranger's grant and the power it was made with lie more accreditations than a proof has room for.
#[test]
fn a_grant_that_cannot_be_shown_does_not_spoil_a_proof() {
    let world = World::new();
    let (stranger, victim) = (world.organisation(2), world.organisation(3));
    let root = (&world.root.clone(), 1);
    let helpers = [(world.organisation(4), 4), (world.organisation(5), 5), (world.organisation(6), 6)];
    for (helper, _) in &helpers {
        world.submit(granted(&world, root, helper, accredit(&[]))).unwrap();
    }
    let accredited = |(helper, seed): &(Did, u8), types: &[&str]| {
        let operation = granted(&world, (helper, *seed), &stranger, accredit(types));
        world.append(operation.as_bytes()).unwrap();
    };
    accredited(&helpers[0], &[]);
    world.submit(granted(&world, root, &victim, issue("K04"))).unwrap();
    world.append(granted(&world, (&stranger, 2), &victim, issue("K04")).as_bytes()).unwrap();
    for number in 0..64 {
        for helper in &helpers[1..] {
            accredited(helper, &["K04", &format!("T{number}")]);
        }
    }
    world.ledger().checkpoint().unwrap();
    assert_eq!(lookup(&world, &victim, &may_issue("K04"), world.now()), Ok(1));
}

#[test]
fn a_long_accreditation_is_refused() {
    let world = World::new();
    let issuer = world.organisation(3);
    let honest = granted(&world, (&world.root, 1), &issuer, issue("K04"));
    // Signatures differ in length by a character, so that not every length is met.
    let sized = |sizes: std::ops::Range<usize>| {
        let types: Vec<String> = (0..14).map(|number| format!("{number:0>508}")).collect();
        (200..500).find_map(|more| {
            let mut types = types.clone();
            types.push("x".repeat(more));
            let grant = json!({"issue": {"types": types}});
            let bytes = resigned(&honest, &world.root, 1, |op| op["grant"] = grant.clone());
            sizes.contains(&bytes.len()).then_some(bytes)
        })
    };
    assert_eq!(world.append(&sized(8_193..8_196).unwrap()), Err("ACC-15".into()));
    assert!(world.append(&sized(8_189..8_193).unwrap()).is_ok(), "control");
    // A change of status is as short, whatever its proof says.
    let version = world.submit(honest).unwrap();
    let record = world.ledger().accreditation_record(&version.id).unwrap().unwrap();
    let change = draft_status(&origin(), &record, AccreditationStatus::Ended);
    let change = as_organisation(&world.root, 1, change);
    let mut op = json::parse_object(change.as_bytes()).unwrap();
    op["proof"]["created"] = json!("x".repeat(8_192));
    assert_eq!(world.append(&jcs::canonicalize_object(&op)), Err("ACC-15".into()));
}

#[test]
fn a_status_changes_a_bounded_number_of_times() {
    let world = World::new();
    let issuer = world.organisation(3);
    let root = (&world.root.clone(), 1);
    let version = world.submit(granted(&world, root, &issuer, issue("K04"))).unwrap();
    for _ in 0..50 {
        change_status(&world, root, &version, AccreditationStatus::Suspended).unwrap();
        change_status(&world, root, &version, AccreditationStatus::Active).unwrap();
    }
    let change = |status| change_status(&world, root, &version, status).map(|version| version.version);
    assert_eq!(change(AccreditationStatus::Suspended), Err("ACC-19".into()));
    assert_eq!(change(AccreditationStatus::Ended), Ok(102));
    assert_eq!(change(AccreditationStatus::Revoked), Ok(103));
}

#[test]
fn all_accreditations_of_an_organisation_can_be_listed() {
    let world = World::new();
    let (ministry, issuer) = (world.organisation(2), world.organisation(3));
    let root = (&world.root.clone(), 1);
    world.submit(granted(&world, root, &ministry, accredit(&[]))).unwrap();
    let expected = [
        world.submit(granted(&world, root, &issuer, issue("K04"))).unwrap().id,
        world.submit(granted(&world, (&ministry, 2), &issuer, accredit(&["K04"]))).unwrap().id,
        world.submit(granted(&world, (&ministry, 2), &issuer, issue("K05"))).unwrap().id,
    ];
    let state = world.engine.state().unwrap();
    let records = AccreditationRecord::of(&*state, &issuer).unwrap();
    assert_eq!(
        records.iter().map(AccreditationRecord::id).collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
    assert!(AccreditationRecord::of(&*state, &world.root).unwrap().is_empty());
}
