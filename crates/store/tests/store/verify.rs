//! Files that contradict themselves in the middle, where opening does not look.

use crate::{
    kept::{append, clock},
    open::signed,
};
use rusqlite::Connection;
use sinpyo_registry::{
    engine::{AppendError, EngineError, LogEngine, Opaque, PublishError},
    engine_suite::Counting,
};
use sinpyo_store::{
    OpenError, SqliteLog,
    backup::Progress,
    verify::{VerifyError, verify_log},
};
use std::path::{Path, PathBuf};

fn open(path: &Path) -> SqliteLog {
    SqliteLog::open(path, Counting, clock()).unwrap()
}

/// A log of 700 entries that published at 300, closed.
fn filled(folder: &Path) -> PathBuf {
    let path = folder.join("log");
    let log = open(&path);
    log.append((0..300).map(|n| format!("+key{} n{n}", n % 20).into_bytes()).collect());
    log.publish(&signed(log.head().unwrap())).unwrap();
    log.append((300..700).map(|n| format!("+key{} n{n}", n % 20).into_bytes()).collect());
    path
}

fn verify(path: &Path) -> Result<u64, VerifyError> {
    verify_log(path, &Counting, &mut |_| {}).map(|head| head.size)
}

fn change(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// SECURITY LED-11: one row changed, deleted, swapped, inserted.
#[test]
fn the_first_damaged_entry_is_named() {
    let swap = "UPDATE entry SET position = -1 WHERE position = 256;
                UPDATE entry SET position = 256 WHERE position = 600;
                UPDATE entry SET position = 600 WHERE position = -1;";
    let shift = "DELETE FROM entry WHERE position = 699;
                 UPDATE entry SET position = -position WHERE position >= 30;
                 UPDATE entry SET position = 1 - position WHERE position < 0;
                 INSERT INTO entry VALUES (30, x'00');";
    for (damage, index) in [
        ("UPDATE entry SET data = x'00' WHERE position = 0", 0),
        ("UPDATE entry SET data = CAST(data || 'x' AS BLOB) WHERE position = 511", 511),
        ("DELETE FROM entry WHERE position = 257", 257),
        ("DELETE FROM entry WHERE position = 699", 699),
        (swap, 256),
        (shift, 30),
        ("INSERT INTO entry VALUES (700, x'00')", 700),
        ("INSERT INTO entry VALUES (-1, x'00')", 0),
        ("DELETE FROM tile WHERE place = 1", 256),
        (
            "UPDATE tile SET hashes = CAST(substr(hashes, 1, 320) || zeroblob(32) || substr(hashes, 353) AS BLOB) WHERE place = 0",
            10,
        ),
        (
            "UPDATE tile SET hashes = CAST(substr(hashes, 1, 32) || zeroblob(32) AS BLOB) WHERE place = 1 << 56",
            256,
        ),
        ("DELETE FROM tile WHERE place = 1 << 56", 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        assert_eq!(verify(&path).unwrap(), 700);
        change(&path, damage);
        let found = verify(&path).unwrap_err();
        assert_eq!((found.code(), found.index()), (Some("STO-24"), Some(index)), "{damage}: {found}");
    }
}

#[test]
fn other_damage_is_named() {
    for (damage, code) in [
        ("UPDATE head SET root = zeroblob(32)", "STO-05"),
        ("UPDATE head SET frontier = zeroblob(length(frontier))", "STO-05"),
        ("UPDATE checkpoint SET root = zeroblob(32)", "STO-10"),
        ("UPDATE checkpoint SET size = 701", "STO-10"),
        ("UPDATE state SET value = x'39' WHERE key = CAST('key7' AS BLOB)", "STO-26"),
        ("DELETE FROM state WHERE key = CAST('key19' AS BLOB)", "STO-26"),
        ("DELETE FROM state WHERE key = CAST('key9' AS BLOB)", "STO-26"),
        ("INSERT INTO state VALUES (x'ff', x'ff')", "STO-26"),
        ("DELETE FROM submission WHERE position = 5", "STO-27"),
        ("UPDATE submission SET position = 701 WHERE position = 5", "STO-27"),
        ("INSERT INTO segment VALUES (0, 0, zeroblob(64))", "STO-27"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        change(&path, damage);
        let found = verify(&path).unwrap_err();
        assert_eq!((found.code(), found.index()), (Some(code), None), "{damage}: {found}");
    }
}

#[test]
fn an_entry_that_breaks_a_rule_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = SqliteLog::open(&path, Opaque, clock()).unwrap();
    append(&log, "no entry of the counting fold");
    drop(log);
    assert!(verify_log(&path, &Opaque, &mut |_| {}).is_ok());
    let found = verify(&path).unwrap_err();
    assert_eq!((found.code(), found.index()), (Some("STO-25"), Some(0)));
}

/// What SQLite's own checksumless pages can tell: a flipped page type.
#[test]
fn a_broken_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let mut file = std::fs::read(&path).unwrap();
    let pages = file.len() / 4096;
    file[(pages / 2) * 4096] ^= 0x55;
    std::fs::write(&path, file).unwrap();
    let found = verify(&path).unwrap_err();
    assert_eq!(found.code(), Some("STO-23"), "{found:?}");
}

/// SECURITY LED-11: after damage was found, the log takes nothing and publishes nothing; it still reads.
#[test]
fn a_log_found_damaged_takes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let log = open(&path);
    assert_eq!(log.verify(&Counting, &mut |_| {}).unwrap(), log.head().unwrap());
    assert_eq!(append(&log, "+goes on"), 700);
    change(&path, "UPDATE entry SET data = x'00' WHERE position = 40");
    assert_eq!(log.verify(&Counting, &mut |_| {}).unwrap_err().index(), Some(40));
    let refused = log.append(vec![b"+more".to_vec()]).remove(0).unwrap_err();
    assert!(matches!(refused, AppendError::Engine(EngineError::Stopped)), "{refused:?}");
    let unpublished = log.publish(&signed(log.head().unwrap())).unwrap_err();
    assert!(matches!(unpublished, PublishError::Engine(EngineError::Stopped)), "{unpublished:?}");
    assert_eq!(log.entries(0..701).unwrap().len(), 701);
}

#[test]
fn progress_goes_up_to_the_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = SqliteLog::open(&path, Opaque, clock()).unwrap();
    log.append((0..40_000_u32).map(|n| n.to_string().into_bytes()).collect());
    let mut seen = Vec::new();
    // While the log is in use.
    verify_log(&path, &Opaque, &mut |progress| seen.push(progress)).unwrap();
    assert!(seen.len() > 2 && seen.is_sorted_by_key(|progress| progress.done), "{seen:?}");
    assert_eq!(seen.last(), Some(&Progress { done: 40_000, total: 40_000 }));
}

#[test]
fn a_file_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let found = verify(&path).unwrap_err();
    assert!(matches!(found, VerifyError::Open(OpenError::File(_))), "{found:?}");
    assert!(!path.exists());
}
