//! Whole records in which one entry is another, under a tree and heads that were made anew.

use super::{HELD, OK, SKIPPED, event, one_of_each_type, time_at, unsigned};
use crate::{Outcome, world::Entry};
use serde_json::Value;
use sinpyo_core::json as strict;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::{
    audit::{OneThread, Outcome as Checked, Report, examine},
    event::TallyResult,
};
use std::sync::LazyLock;

/// What the election came to. Its record has no fault.
static RESULT: LazyLock<Option<TallyResult>> = LazyLock::new(|| {
    let report = HELD.examine().report;
    assert!(report.passed(), "{:?}", report.verdicts);
    report.result
});

/// The place of an entry in two bytes, and what stands there instead.
pub(super) fn entries() -> Vec<Vec<u8>> {
    let of_each = one_of_each_type().map(|entry| entry.label.as_str());
    let ballots = ["old/1", "ballot/0", "ballot/22", "ballot/31"];
    of_each.chain(ballots).map(|label| at(HELD.place(label), &HELD.entries)).collect()
}

fn at(place: usize, entries: &[Entry]) -> Vec<u8> {
    let number = u16::try_from(place).expect("a few entries").to_le_bytes();
    let bytes = entries.get(place).map(|entry| entry.bytes.as_slice()).unwrap_or_default();
    [&number[..], bytes].concat()
}

/// Nobody but its author changes an entry without that an auditor sees it.
pub(super) fn examine_changed(input: &[u8]) -> Outcome {
    let Some((place, bytes)) = input.split_first_chunk() else { return SKIPPED };
    let place = usize::from(u16::from_le_bytes(*place));
    if is_as_it_was(place, bytes) {
        return OK;
    }
    let Some(report) = report(place, bytes.to_vec()) else { return SKIPPED };
    let is_made_up = HELD.entries.iter().all(|entry| entry.bytes != bytes);
    assert!(!(is_made_up && report.passed()), "nobody wrote this entry, and no check objects");
    outcome(&report)
}

pub(super) fn events() -> Vec<Vec<u8>> {
    let event = |entry: &Entry| {
        let mut event = unsigned(entry);
        event.insert("at".to_owned(), HELD.place(&entry.label).into());
        Value::Object(event).to_string().into_bytes()
    };
    one_of_each_type().map(event).collect()
}

/// Its author can change what an entry says, but not the result of the votes.
pub(super) fn examine_signed(input: &[u8]) -> Outcome {
    let Ok(members) = strict::parse_object(input) else { return SKIPPED };
    let place = members.get("at").and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
    let Some(place) = place.filter(|place| *place < HELD.entries.len()) else { return SKIPPED };
    let Some(bytes) = event::sign(&members, time_at(place)) else { return SKIPPED };
    if is_as_it_was(place, &bytes) {
        return OK;
    }
    report(place, bytes).map_or(SKIPPED, |report| outcome(&report))
}

/// Whether no entry is another: that record was examined once.
fn is_as_it_was(place: usize, bytes: &[u8]) -> bool {
    RESULT.is_some() && HELD.entries.get(place).is_some_and(|entry| entry.bytes == bytes)
}

fn report(place: usize, bytes: Vec<u8>) -> Option<Report> {
    let mut entries: Vec<Vec<u8>> = HELD.entries.iter().map(|entry| entry.bytes.clone()).collect();
    *entries.get_mut(place)? = bytes;
    // Longer than a log takes: no bundle could have it.
    if entries.iter().any(|entry| entry.len() > usize::from(u16::MAX)) {
        return None;
    }
    let record = HELD.heads.record(entries);
    Some(examine(&record, &OneThread, &mut TestEntropy::new(9)).expect("a record in memory").report)
}

/// The rule of the first check that objects. What passes has the result that the election has.
fn outcome(report: &Report) -> Outcome {
    if report.passed() {
        assert_eq!(report.result, *RESULT, "another result without a fault");
        return OK;
    }
    let first = report.verdicts.iter().find(|verdict| verdict.outcome == Checked::Failed);
    first.map_or("unfinished", |verdict| verdict.check.code())
}
