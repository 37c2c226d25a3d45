//! What holds with many who want the same.

use super::{all_events, at, commit, found};
use crate::{Change, CommitError, Key, Space, State, Version, retrying};
use std::sync::Barrier;

const CODES: Space = Space::new("suite.codes");
const TOKENS: Space = Space::new("suite.tokens");
const LOG: Space = Space::new("suite.log");

/// In each of `rounds`, `threads` spend one code at once, through any of `handles` of one engine: exactly one succeeds,
/// and the token and the event that it commits with the code are the only ones.
///
/// `run` tells the rounds of one call from those of another.
pub fn one_of_many(handles: &[&dyn State], run: &str, threads: usize, rounds: usize) {
    let first = *handles.first().expect("at least one handle");
    for round in 0..rounds {
        let code = Key::secret(CODES, format!("{run}/{round}").as_bytes());
        commit(first, &[Change::insert(&code, b"for whom", Some(at(300)))]);
        let barrier = Barrier::new(threads);
        let winners: Vec<usize> = std::thread::scope(|scope| {
            let (barrier, code) = (&barrier, &code);
            let mut attempts = Vec::new();
            for (thread, state) in (0..threads).zip(handles.iter().copied().cycle()) {
                let token = token(run, round, thread);
                attempts.push(scope.spawn(move || {
                    barrier.wait();
                    spend(state, code, &token).then_some(thread)
                }));
            }
            attempts.into_iter().filter_map(|attempt| attempt.join().expect("it answers")).collect()
        });
        let [winner] = winners[..] else { panic!("{winners:?} of {threads} succeeded in round {round}") };
        assert_eq!(all_events(first, &log_of(&code)), [b"spent"]);
        assert_eq!(found(first, &code, 0), None);
        assert!(found(first, &token(run, round, winner), 0).is_some());
        let others = (0..threads).filter(|thread| *thread != winner);
        // Looking for all of them takes longer than the round.
        for thread in others.take(if round % 20 == 0 { threads } else { 3 }) {
            assert_eq!(found(first, &token(run, round, thread), 0), None, "of loser {thread}");
        }
    }
}

fn token(run: &str, round: usize, thread: usize) -> Key {
    Key::named(TOKENS, &format!("{run}/{round}/{thread}"))
}

fn log_of(code: &Key) -> Key {
    Key::named(LOG, code.name())
}

/// Whether this caller is the one.
fn spend(state: &dyn State, code: &Key, token: &Key) -> bool {
    let log = log_of(code);
    let outcome = state.commit(&[
        Change::insert(token, b"token", None),
        Change::append(&log, Version(0), b"spent"),
        Change::remove(code, Version(1)),
    ]);
    match outcome {
        Ok(()) => true,
        Err(CommitError::Conflict { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

/// `threads` append `each` events to one stream and count them in one record, each trying again until it succeeds: none
/// is lost and none is there twice.
pub fn appends_at_once(handles: &[&dyn State], run: &str, threads: usize, each: usize) {
    let first = handles.first().expect("at least one handle");
    let (stream, counter) = (Key::named(LOG, run), Key::named(TOKENS, &format!("{run}/count")));
    commit(*first, &[Change::insert(&counter, b"0", None)]);
    std::thread::scope(|scope| {
        for (thread, state) in (0..threads).zip(handles.iter().cycle()) {
            let (stream, counter) = (&stream, &counter);
            scope.spawn(move || {
                for event in 0..each {
                    while !append(*state, stream, counter, &format!("{thread}/{event}")) {}
                }
            });
        }
    });
    let mut events = all_events(*first, &stream);
    let of_each = |thread| (0..each).map(move |event| format!("{thread}/{event}").into_bytes());
    let mut expected: Vec<Vec<u8>> = (0..threads).flat_map(of_each).collect();
    events.sort_unstable();
    expected.sort_unstable();
    assert_eq!(events, expected);
    let count = found(*first, &counter, 0).expect("it is there");
    assert_eq!(count.data, (threads * each).to_string().into_bytes());
}

/// Whether nobody else came first too often.
fn append(state: &dyn State, stream: &Key, counter: &Key, event: &str) -> bool {
    let attempt = || {
        let record = state.get(counter, at(0))?.expect("it is there");
        let count: u64 = String::from_utf8_lossy(&record.data).parse().expect("a number");
        let next = (count + 1).to_string();
        Ok::<_, crate::Unavailable>(state.commit(&[
            Change::append(stream, Version(count), event.as_bytes()),
            Change::replace(counter, record.version, next.as_bytes(), None),
        ]))
    };
    retrying(attempt).is_ok()
}

/// In each of `rounds`, `threads` insert a record each and keep a mark, while one more sets the mark: whoever kept it
/// committed before it was set, so that what is there once it is set is all that there will ever be.
pub fn kept_or_changed(handles: &[&dyn State], run: &str, threads: usize, rounds: usize) {
    let first = *handles.first().expect("at least one handle");
    for round in 0..rounds {
        let mark = Key::named(CODES, &format!("{run}/{round}/mark"));
        commit(first, &[Change::insert(&mark, b"open", None)]);
        let barrier = Barrier::new(threads + 1);
        let seen = |state: &dyn State| -> Vec<usize> {
            let is_there = |thread: &usize| found(state, &token(run, round, *thread), 0).is_some();
            (0..threads).filter(is_there).collect()
        };
        let (seen_then, succeeded) = std::thread::scope(|scope| {
            let (barrier, mark, seen) = (&barrier, &mark, &seen);
            let closing = scope.spawn(move || {
                barrier.wait();
                commit(first, &[Change::replace(mark, Version(1), b"closed", None)]);
                seen(first)
            });
            let mut attempts = Vec::new();
            for (thread, state) in (0..threads).zip(handles.iter().copied().cycle()) {
                attempts.push(scope.spawn(move || {
                    barrier.wait();
                    let token = token(run, round, thread);
                    let list = [Change::keep(mark, Version(1)), Change::insert(&token, b"token", None)];
                    match state.commit(&list) {
                        Ok(()) => Some(thread),
                        Err(CommitError::Conflict { index: 0 }) => None,
                        Err(error) => panic!("{error}"),
                    }
                }));
            }
            let joined = attempts.into_iter().filter_map(|attempt| attempt.join().expect("it answers"));
            let succeeded: Vec<usize> = joined.collect();
            (closing.join().expect("it answers"), succeeded)
        });
        assert_eq!(seen_then, succeeded, "round {round}: nobody came after the mark was set");
        assert_eq!(seen(first), succeeded);
    }
}
