//! What every engine is held to, to be run by the engines' own tests.
//!
//! A check panics where an engine differs. The names of its records are its own, so that all may run on one engine, but
//! not at the same time: sweeping concerns everything.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that fails panics"
)]

mod contention;
mod histories;
mod laws;

pub use contention::{appends_at_once, kept_or_changed, one_of_many};
pub use histories::histories;
pub use laws::{
    all_or_nothing, any_data, any_name, changes_in_order, each_change_and_its_refusal, expiry, keeping,
    paging, spaces, streams, sweeping, versions,
};

use crate::{Change, CommitError, Key, Record, State, Version};
use sinpyo_core::time::Timestamp;

/// Everything that one handle can show.
pub fn all(state: &dyn State) {
    each_change_and_its_refusal(state);
    all_or_nothing(state);
    changes_in_order(state);
    keeping(state);
    versions(state);
    paging(state);
    expiry(state);
    sweeping(state);
    streams(state);
    spaces(state);
    any_data(state);
    any_name(state);
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).expect("a year below 10,000")
}

fn commit(state: &dyn State, changes: &[Change<'_>]) {
    state.commit(changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"));
}

#[track_caller]
fn refused(state: &dyn State, changes: &[Change<'_>], place: usize) {
    assert_eq!(state.commit(changes), Err(CommitError::Conflict { index: place }), "{changes:?}");
}

fn found(state: &dyn State, key: &Key, now: i64) -> Option<Record> {
    state.get(key, at(now)).expect("the engine answers")
}

#[track_caller]
fn holds(state: &dyn State, key: &Key, expected: Option<(u64, &[u8])>) {
    let record = found(state, key, 0);
    let held = record.as_ref().map(|record| (record.version.0, record.data.as_slice()));
    assert_eq!(held, expected, "{key:?}");
}

fn all_events(state: &dyn State, stream: &Key) -> Vec<Vec<u8>> {
    state.events(stream, Version(0), usize::MAX).expect("the engine answers")
}
