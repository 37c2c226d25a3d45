//! Copies of files in use, and the way back.

use crate::{
    kept::{append, at, audit, clock},
    open::signed,
};
use rusqlite::Connection;
use sinpyo_registry::{engine::LogEngine, engine_suite::Counting};
use sinpyo_state::{Change, CommitError, Key, Space, State as _, Version};
use sinpyo_store::{
    OpenError, SqliteLog, SqliteState,
    backup::{BackupError, Continuity, Kind, back_up, restore, restore_log},
    verify::{verify_file, verify_log},
};
use sinpyo_tlog::merkle::TreeHead;
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

fn open(path: &Path) -> SqliteLog {
    SqliteLog::open(path, Counting, clock()).unwrap()
}

fn fill(log: &SqliteLog, from: u32, to: u32) {
    log.append((from..to).map(|n| format!("+key{} n{n}", n % 20).into_bytes()).collect());
}

fn restored(from: &Path, to: &Path, continuity: Continuity) -> Result<TreeHead, BackupError> {
    restore_log((from, to), &Counting, continuity, &mut |_| {})
}

#[test]
fn a_backup_of_a_busy_log_is_one_moment_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("log"), folder.path().join("copy"));
    let log = open(&path);
    fill(&log, 0, 20_000);
    let before = log.head().unwrap().size;
    let done = AtomicBool::new(false);
    let mut steps = 0;
    let written = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut n = 20_000;
            while !done.load(Ordering::SeqCst) {
                fill(&log, n, n + 10);
                n += 10;
            }
            u64::from(n)
        });
        back_up(Kind::Log, &path, &copy, &mut |_| steps += 1).unwrap();
        done.store(true, Ordering::SeqCst);
        writer.join().unwrap()
    });
    assert!(steps > 0);
    let head = verify_log(&copy, &Counting, &mut |_| {}).unwrap();
    assert!((before..=written).contains(&head.size), "{before} ≤ {} ≤ {written}", head.size);
    assert_eq!(log.entries(0..head.size).unwrap(), open(&copy).entries(0..head.size).unwrap());
    assert!(!folder.path().join("copy.new").exists());
}

#[test]
fn a_restored_log_opens_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy, back] = ["log", "copy", "back"].map(|name| folder.path().join(name));
    let log = open(&path);
    fill(&log, 0, 600);
    let published = log.head().unwrap();
    log.publish(&signed(published)).unwrap();
    back_up(Kind::Log, &path, &copy, &mut |_| {}).unwrap();
    drop(log);
    assert_eq!(restored(&copy, &back, Continuity::Published(published)).unwrap(), published);
    let log = open(&back);
    assert_eq!(append(&log, "+key0 goes on"), 600);
    assert_eq!(append(&log, "+key7 n7"), 7, "repetitions are known");
    assert_eq!(log.checkpoint().unwrap().unwrap().claimed_head(), published);
    assert_eq!(audit(&log, &back).len(), 601);
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy] = ["log", "copy"].map(|name| folder.path().join(name));
    fill(&open(&path), 0, 10);
    back_up(Kind::Log, &path, &copy, &mut |_| {}).unwrap();
    let before = fs::read(&path).unwrap();
    let refused = back_up(Kind::Log, &copy, &path, &mut |_| {}).unwrap_err();
    assert_eq!(refused.code(), Some("STO-28"));
    assert_eq!(restored(&copy, &path, Continuity::Broken).unwrap_err().code(), Some("STO-28"));
    assert_eq!(fs::read(&path).unwrap(), before);
    // A write-ahead log that was left behind would be read into the restored file.
    for part in ["-wal", "-shm", "-journal"] {
        let to = folder.path().join(format!("to{part}.db"));
        fs::write(folder.path().join(format!("to{part}.db{part}")), "left behind").unwrap();
        assert_eq!(restored(&copy, &to, Continuity::Broken).unwrap_err().code(), Some("STO-28"), "{part}");
        assert!(!to.exists());
    }
}

#[test]
fn a_log_is_not_restored_under_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy] = ["log", "copy"].map(|name| folder.path().join(name));
    let log = open(&path);
    fill(&log, 0, 10);
    back_up(Kind::Log, &path, &copy, &mut |_| {}).unwrap();
    let refused = restored(&copy, &path, Continuity::Broken).unwrap_err();
    assert!(matches!(refused, BackupError::Open(OpenError::Locked)), "{refused:?}");
    assert_eq!(append(&log, "+undisturbed"), 10);
}

/// SECURITY LOG-04: yesterday's backup does not come back as today's log.
#[test]
fn a_backup_behind_what_was_published_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy, back] = ["log", "copy", "back"].map(|name| folder.path().join(name));
    let log = open(&path);
    fill(&log, 0, 300);
    let earlier = log.head().unwrap();
    back_up(Kind::Log, &path, &copy, &mut |_| {}).unwrap();
    append(&log, "+key0 later");
    let published = log.head().unwrap();
    let behind = restored(&copy, &back, Continuity::Published(published)).unwrap_err();
    assert!(matches!(behind, BackupError::Behind { published: 301, size: 300 }), "{behind:?}");
    assert_eq!(behind.code(), Some("STO-29"));
    let other = TreeHead { size: 299, root: published.root };
    let fork = restored(&copy, &back, Continuity::Published(other)).unwrap_err();
    assert!(matches!(fork, BackupError::Fork { published: 299 }), "{fork:?}");
    assert_eq!(fork.code(), Some("STO-29"));
    assert!(!back.exists());
    assert_eq!(restored(&copy, &back, Continuity::Broken).unwrap(), earlier, "as the operator states");
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy, back] = ["log", "copy", "back"].map(|name| folder.path().join(name));
    fill(&open(&path), 0, 300);
    back_up(Kind::Log, &path, &copy, &mut |_| {}).unwrap();
    Connection::open(&copy)
        .unwrap()
        .execute("UPDATE entry SET data = x'00' WHERE position = 77", [])
        .unwrap();
    let refused = restored(&copy, &back, Continuity::Broken).unwrap_err();
    let BackupError::Damaged(error) = &refused else { panic!("{refused:?}") };
    assert_eq!((refused.code(), error.index()), (Some("STO-24"), Some(77)));
    let half = fs::read(&copy).unwrap();
    fs::write(&copy, &half[..half.len() / 2]).unwrap();
    assert!(restored(&copy, &back, Continuity::Broken).is_err());
    assert!(!back.exists());
}

#[test]
fn a_backup_of_another_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy, back] = ["log", "copy", "back"].map(|name| folder.path().join(name));
    fill(&open(&path), 0, 10);
    let refused = back_up(Kind::State, &path, &copy, &mut |_| {}).unwrap_err();
    assert_eq!(refused.code(), Some("STO-02"));
    let refused = restore(Kind::State, &path, &back, &mut |_| {}).unwrap_err();
    assert_eq!(refused.code(), Some("STO-02"));
    let refused = back_up(Kind::Log, &folder.path().join("none"), &copy, &mut |_| {}).unwrap_err();
    assert!(matches!(refused, BackupError::Open(OpenError::File(_))), "{refused:?}");
    assert!(!copy.exists() && !back.exists());
}

#[test]
fn what_was_spent_before_a_backup_stays_spent() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy, back] = ["state", "copy", "back"].map(|name| folder.path().join(name));
    let state = SqliteState::open(&path).unwrap();
    let [spent, open] = [b"spent", b"open!"].map(|code| Key::secret(Space::new("test"), code));
    for key in [&spent, &open] {
        state.commit(&[Change::insert(key, b"data", None)]).unwrap();
    }
    state.commit(&[Change::remove(&spent, Version(1))]).unwrap();
    back_up(Kind::State, &path, &copy, &mut |_| {}).unwrap();
    verify_file(&copy, Kind::State).unwrap();
    restore(Kind::State, &copy, &back, &mut |_| {}).unwrap();
    let state = SqliteState::open(&back).unwrap();
    let again = state.commit(&[Change::remove(&spent, Version(1))]);
    assert_eq!(again, Err(CommitError::Conflict { index: 0 }));
    assert_eq!(state.get(&open, at(2)).unwrap().unwrap().data, b"data");
}

/// A copy that could not be completed leaves nothing under its name.
#[test]
fn an_unfinished_copy_has_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fill(&open(&path), 0, 10);
    let nowhere = folder.path().join("none/copy");
    assert!(matches!(back_up(Kind::Log, &path, &nowhere, &mut |_| {}), Err(BackupError::File(_))));
    // What a killed attempt left is no obstacle.
    let copy = folder.path().join("copy");
    fs::write(folder.path().join("copy.new"), "half").unwrap();
    back_up(Kind::Log, &path, &copy, &mut |_| {}).unwrap();
    assert_eq!(verify_log(&copy, &Counting, &mut |_| {}).unwrap().size, 10);
}
