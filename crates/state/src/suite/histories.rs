//! Random histories, compared with the memory engine.

use super::{all_events, at, found};
use crate::{Key, MemoryState, OwnedChange, Space, State, Version};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, TestRunner},
};
use std::cell::Cell;

const RECORDS: Space = Space::new("suite.history.records");
const STREAMS: Space = Space::new("suite.history.streams");
/// Few of them, so that changes meet.
const NAMES: u8 = 4;
/// Times are from 0 to this.
const LAST: i64 = 6;

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<Deed>),
    Sweep(i64),
    Page { after: u8, limit: usize, now: i64 },
}

/// A change, but for the prefix of its name.
#[derive(Clone, Debug)]
enum Deed {
    Insert(u8, Vec<u8>, Option<i64>),
    Replace(u8, u64, Vec<u8>, Option<i64>),
    Remove(u8, u64),
    Keep(u8, u64),
    Append(u8, u64, Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => vec(deed(), 0..5).prop_map(Step::Commit),
        1 => (0..=LAST).prop_map(Step::Sweep),
        1 => (0..=NAMES, 0_usize..4, 0..=LAST).prop_map(|(after, limit, now)| Step::Page { after, limit, now }),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let expires = || prop_oneof![Just(None), (0..=LAST).prop_map(Some)];
    let data = || vec(any::<u8>(), 0..4);
    prop_oneof![
        3 => (0..NAMES, data(), expires()).prop_map(|(name, data, expires)| Deed::Insert(name, data, expires)),
        2 => (0..NAMES, 0_u64..4, data(), expires())
            .prop_map(|(name, version, data, expires)| Deed::Replace(name, version, data, expires)),
        2 => (0..NAMES, 0_u64..4).prop_map(|(name, version)| Deed::Remove(name, version)),
        1 => (0..NAMES, 0_u64..4).prop_map(|(name, version)| Deed::Keep(name, version)),
        2 => (0..NAMES, 0_u64..4, data()).prop_map(|(name, after, data)| Deed::Append(name, after, data)),
    ]
}

/// `cases` random histories have the outcome that they have in memory.
pub fn histories(state: &dyn State, cases: u32) {
    let model = MemoryState::new();
    let case = Cell::new(0_u32);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(step(), 1..24), |steps| {
        // The case before must not count in this one's sweeps.
        case.set(case.get() + 1);
        for engine in [state, &model] {
            engine.sweep(at(LAST)).expect("the engine answers");
        }
        compare(state, &model, case.get(), &steps);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn compare(state: &dyn State, model: &dyn State, case: u32, steps: &[Step]) {
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::Commit(deeds) => {
                let changes: Vec<OwnedChange> = deeds.iter().map(|deed| change(case, deed)).collect();
                assert_eq!(state.commit_owned(&changes), model.commit_owned(&changes), "step {place}");
            }
            Step::Sweep(before) => {
                assert_eq!(state.sweep(at(*before)), model.sweep(at(*before)), "step {place}");
            }
            Step::Page { after, limit, now } => {
                let after = name(case, *after);
                let of = |engine: &dyn State| engine.page(RECORDS, Some(&after), *limit, at(*now));
                assert_eq!(of(state), of(model), "step {place}");
            }
        }
    }
    for name in (0..NAMES).map(|place| name(case, place)) {
        let (record, stream) = (Key::named(RECORDS, &name), Key::named(STREAMS, &name));
        for now in [0, LAST / 2, LAST] {
            assert_eq!(found(state, &record, now), found(model, &record, now), "{name} at {now}");
        }
        assert_eq!(all_events(state, &stream), all_events(model, &stream), "{name}");
    }
}

fn name(case: u32, place: u8) -> String {
    format!("{case}/{place}")
}

fn change(case: u32, deed: &Deed) -> OwnedChange {
    let record = |place: &u8| Key::named(RECORDS, &name(case, *place));
    match deed {
        Deed::Insert(place, data, expires) => {
            OwnedChange::insert(record(place), data.clone(), expires.map(at))
        }
        Deed::Replace(place, version, data, expires) => {
            OwnedChange::replace(record(place), Version(*version), data.clone(), expires.map(at))
        }
        Deed::Remove(place, version) => OwnedChange::remove(record(place), Version(*version)),
        Deed::Keep(place, version) => OwnedChange::keep(record(place), Version(*version)),
        Deed::Append(place, after, event) => {
            OwnedChange::append(Key::named(STREAMS, &name(case, *place)), Version(*after), event.clone())
        }
    }
}
