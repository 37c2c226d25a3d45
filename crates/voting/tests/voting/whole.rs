//! Whole elections.

use crate::{
    people::manifest_body,
    world::{Plan, World},
};
use serde_json::json;
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::tile::TileId;
use sinpyo_voting::{
    audit::{Check, OneThread, Outcome, examine, examine_since},
    manifest::Manifest,
    record::{MemoryRecord, Record, RecordError},
    tally::groups,
};
use std::{error::Error as _, ops::Range};

#[test]
fn a_whole_election_passes_every_check() {
    for (token, first_counts) in [(false, false), (false, true), (true, false)] {
        let world = World::run(Plan { token, first_counts, ..Plan::USUAL });
        let seen = world.examine();
        for verdict in &seen.report.verdicts {
            assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:?}");
        }
        assert!(seen.report.passed());
    }
}

#[test]
fn a_record_that_does_not_grow_from_a_known_head_is_named() {
    let mut world = World::run(Plan::USUAL);
    let whole = world.record();
    let cut = world.place("share/1/0");
    world.entries.truncate(cut);
    let known = world.examine().head;
    let examine = |record: &MemoryRecord, known| {
        examine_since(record, Some(known), &OneThread, &mut TestEntropy::new(1)).unwrap().report
    };
    assert!(examine(&whole, known).passed(), "it grew");
    assert!(examine(&world.record(), known).objects_to_nothing(), "it stayed");
    // A shorter one, and one of another history: one ballot was never there.
    let mut shorter = World::run(Plan::USUAL);
    shorter.entries.truncate(cut - 1);
    let place = world.place("ballot/0");
    world.entries.remove(place);
    world.recount();
    for other in [shorter.record(), world.record()] {
        let report = examine(&other, known);
        assert_eq!(report.outcome(Check::Log), Outcome::Failed);
    }
}

/// A server that shows another entry when it is asked for one again.
struct TwoFaced {
    record: MemoryRecord,
    index: u64,
    other: Vec<u8>,
}

impl Record for TwoFaced {
    fn checkpoint(&self) -> Result<String, RecordError> {
        self.record.checkpoint()
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        self.record.bundle(id)
    }

    fn entry(&self, index: u64, at: (TileId, Range<usize>)) -> Result<Vec<u8>, RecordError> {
        if index == self.index { Ok(self.other.clone()) } else { self.record.entry(index, at) }
    }
}

#[test]
fn a_record_that_changes_while_it_is_read_is_not_audited() {
    let world = World::run(Plan::USUAL);
    // A valid ballot for another, and a rejected or spoiled one for another: nothing that a check would object to.
    for (label, other) in [
        ("ballot/0", world.spares[0].clone()),
        ("rejected/0", world.entries[world.place("rejected/1")].bytes.clone()),
        ("spoiled/0", world.entries[world.place("spoiled/1")].bytes.clone()),
    ] {
        let place = world.place(label);
        let index = u64::try_from(place).unwrap();
        let audit = |other: Vec<u8>| {
            let record = TwoFaced { record: world.record(), index, other };
            examine(&record, &OneThread, &mut TestEntropy::new(1))
        };
        audit(world.entries[place].bytes.clone()).unwrap();
        let error = audit(other).unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "the record changed while it was read", "{label}");
    }
}

#[test]
fn small_districts_are_counted_together() {
    // Districts d1 and d2 have style 0, d3 and d5 style 1, d4 style 2. The floor is 3.
    let mut body = manifest_body(false, false);
    body.insert("floor".into(), json!(3));
    let manifest = Manifest::parse(&body).unwrap();
    let grouped = |counted: [u64; 5]| -> Vec<(Vec<u32>, u64, bool)> {
        let groups = groups(&manifest, &counted);
        groups.into_iter().map(|group| (group.districts, group.ballots, group.withheld)).collect()
    };
    let alone = |district, ballots| (vec![district], ballots, false);
    assert_eq!(grouped([3, 9, 4, 3, 5]), [alone(0, 3), alone(1, 9), alone(2, 4), alone(3, 3), alone(4, 5)]);
    // Two small ones of a style are enough together.
    assert_eq!(grouped([2, 1, 3, 3, 3])[0], (vec![0, 1], 3, false));
    // One small one joins the smallest of its style, and stands at its first district.
    assert_eq!(grouped([2, 9, 4, 3, 1]), [(vec![0, 1], 11, false), (vec![2, 4], 5, false), alone(3, 3)]);
    // Nobody of the style to join: it stays closed, also when nobody voted.
    assert_eq!(grouped([0, 2, 4, 2, 5])[0], (vec![0, 1], 2, true));
    assert_eq!(grouped([3, 3, 4, 0, 5])[3], (vec![3], 0, true));
    assert_eq!(grouped([3, 3, 4, 2, 5])[3], (vec![3], 2, true));
}

#[test]
fn of_equal_groups_the_first_is_joined() {
    let mut body = manifest_body(false, false);
    for district in body["districts"].as_array_mut().unwrap() {
        district["style"] = json!(0);
    }
    let manifest = Manifest::parse(&body).unwrap();
    let districts: Vec<_> =
        groups(&manifest, &[5, 4, 4, 1, 6]).into_iter().map(|group| group.districts).collect();
    assert_eq!(districts, [vec![0], vec![1, 3], vec![2], vec![4]]);
}
