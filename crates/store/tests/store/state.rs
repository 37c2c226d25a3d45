//! What services remember, in a file: the suite of every engine, `kill -9`, and files of an earlier release.

use crate::{
    crash::{LIMIT, acknowledged_by_killed, child_folder, kill_rounds, say, variable},
    kept::at,
};
use rusqlite::Connection;
use sinpyo_state::{Change, CommitError, Key, Space, State, Unavailable, Version, suite};
use sinpyo_store::{OpenError, SqliteState, StorageError};
use std::{
    path::{Path, PathBuf},
    thread,
};
use tempfile::TempDir;

const SPACE: Space = Space::new("test");

fn file(folder: &Path) -> PathBuf {
    folder.join("state.db")
}

fn new() -> (TempDir, SqliteState) {
    let folder = tempfile::tempdir().unwrap();
    let state = SqliteState::open(&file(folder.path())).unwrap();
    (folder, state)
}

#[test]
fn the_sqlite_engine_keeps_the_contract() {
    let (_folder, state) = new();
    suite::all(&state);
    suite::histories(&state, 96);
    assert_eq!(state.failure(), None);
}

#[test]
fn of_a_hundred_who_spend_one_code_in_a_file_one_succeeds() {
    let (folder, one) = new();
    suite::one_of_many(&[&one], "one handle", 100, 200);
    let two = SqliteState::open(&file(folder.path())).unwrap();
    suite::one_of_many(&[&one, &two], "two handles", 100, 20);
    suite::appends_at_once(&[&one, &two], "appends", 8, 25);
    suite::kept_or_changed(&[&one, &two], "kept", 8, 20);
}

/// Makes tokens for codes and says so; true if this process is a child.
pub(crate) fn is_child() -> bool {
    let Some(folder) = child_folder() else { return false };
    let limit: u32 = variable(LIMIT).unwrap().parse().unwrap();
    let state = SqliteState::open(&file(&folder)).unwrap();
    let made = state.page(SPACE, None, usize::MAX, at(0)).unwrap().len();
    thread::scope(|scope| {
        for client in 0..4 {
            let state = &state;
            scope.spawn(move || {
                for number in 0..if limit == 0 { u32::MAX } else { limit } {
                    let mark = format!("r{made}c{client}n{number};");
                    let (record, stream) =
                        (Key::named(SPACE, &mark), Key::named(SPACE, &format!("{client}")));
                    let after = state.events(&stream, Version(0), usize::MAX).unwrap().len();
                    // With a space before it, a trace shows it as a word.
                    let data = format!(" {mark}");
                    let list = [
                        Change::insert(&record, data.as_bytes(), None),
                        Change::append(&stream, Version(after.try_into().unwrap()), mark.as_bytes()),
                    ];
                    state.commit(&list).unwrap();
                    say(&format!("ack {} {mark}", client * 100_000 + number));
                }
            });
        }
    });
    true
}

/// REL-04: `SINPYO_KILL_ROUNDS` rounds.
#[test]
fn no_change_that_was_acknowledged_is_lost_when_the_process_is_killed() {
    if is_child() {
        return;
    }
    let test = "state::no_change_that_was_acknowledged_is_lost_when_the_process_is_killed";
    let mut folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..kill_rounds() {
        // A new file now and then: the first moments of a file are the most delicate ones.
        if round % 5 == 0 {
            (folder, acknowledged) = (tempfile::tempdir().unwrap(), Vec::new());
        }
        acknowledged.extend(acknowledged_by_killed(test, folder.path(), 1 + 7 * (round % 23)));
        let state = SqliteState::open(&file(folder.path())).unwrap();
        let records = state.page(SPACE, None, usize::MAX, at(0)).unwrap();
        let streams = (0..4).map(|client| Key::named(SPACE, &format!("{client}")));
        let mut events: Vec<Vec<u8>> =
            streams.flat_map(|stream| state.events(&stream, Version(0), usize::MAX).unwrap()).collect();
        events.sort_unstable();
        let mut marks: Vec<Vec<u8>> = records.iter().map(|(key, _)| key.name().as_bytes().to_vec()).collect();
        marks.sort_unstable();
        assert_eq!(events, marks, "records and events were made together or not at all");
        for told in &acknowledged {
            let mark = told.split_once(' ').unwrap().1;
            assert!(marks.binary_search(&mark.as_bytes().to_vec()).is_ok(), "lost: {mark}");
        }
    }
}

/// A conflict of one must not undo, or be blamed on, others of its group.
#[test]
fn a_conflict_is_its_own_list_s_alone() {
    let (_folder, state) = new();
    let taken = Key::named(SPACE, "taken");
    state.commit(&[Change::insert(&taken, b"", None)]).unwrap();
    thread::scope(|scope| {
        for client in 0..16 {
            let (state, taken) = (&state, &taken);
            scope.spawn(move || {
                for number in 0..50 {
                    let key = Key::named(SPACE, &format!("{client}/{number}"));
                    let own = Change::insert(&key, b"", None);
                    let refused = state.commit(&[own, Change::insert(taken, b"", None)]);
                    assert_eq!(refused, Err(CommitError::Conflict { index: 1 }));
                    state.commit(&[own]).unwrap();
                }
            });
        }
    });
    assert_eq!(state.page(SPACE, None, usize::MAX, at(0)).unwrap().len(), 801);
}

/// A file as the release before wrote it.
#[test]
fn streams_and_indexes_of_an_earlier_release_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "CREATE TABLE event (
            stream TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (stream, version)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE snapshot (stream TEXT PRIMARY KEY, version INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
        CREATE TABLE single_use (
            key BLOB PRIMARY KEY, expires INTEGER NOT NULL, redeemed INTEGER NOT NULL, data BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX single_use_expiry ON single_use (expires);
        CREATE TABLE allocated (
            list TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (list, position)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO event VALUES ('https://a.example/1', 1, x'61'), ('https://a.example/1', 2, x'62');
        INSERT INTO allocated VALUES ('https://a.example/1', 7);
        INSERT INTO single_use VALUES (x'00', 100, 0, x'00');
        PRAGMA application_id = 0x53506576; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let state = SqliteState::open(&path).unwrap();
    let stream = Key::named(Space::new("status"), "https://a.example/1");
    assert_eq!(state.events(&stream, Version(0), 9).unwrap(), [b"a", b"b"]);
    let taken = Key::named(Space::new("status.index"), "https://a.example/1#7");
    let again = state.commit(&[Change::insert(&taken, b"", None)]);
    assert_eq!(again, Err(CommitError::Conflict { index: 0 }));
    drop(state);
    let state = SqliteState::open(&path).unwrap();
    assert_eq!(state.events(&stream, Version(1), 9).unwrap(), [b"b"]);

    Connection::open(&path).unwrap().pragma_update(None, "user_version", 3).unwrap();
    assert!(matches!(SqliteState::open(&path), Err(OpenError::Newer { found: 3, known: 2 })));
}

#[test]
fn a_damaged_file_is_not_an_empty_one() {
    let (folder, state) = new();
    let key = Key::named(SPACE, "record");
    state.commit(&[Change::insert(&key, b"data", None)]).unwrap();
    let db = Connection::open(file(folder.path())).unwrap();
    db.execute_batch("UPDATE record SET expires = 1 << 62").unwrap();
    assert_eq!(state.get(&key, at(0)), Err(Unavailable));
    assert_eq!(state.failure(), Some(StorageError::Damaged));
    assert_eq!(Unavailable.code(), "STA-02");
}
