//! Files that are refused.

use crate::kept::{append, audit, clock};
use rusqlite::Connection;
use sinpyo_core::key::Entropy;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{engine::LogEngine, engine_suite::Counting};
use sinpyo_store::{OpenError, SqliteLog, SqliteState};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::TreeHead, note::LogKey};
use std::{fs, path::Path};

fn open(path: &Path) -> Result<SqliteLog, OpenError> {
    SqliteLog::open(path, Counting, clock())
}

/// A log of 300 entries, closed.
fn filled(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("log");
    let log = open(&path).unwrap();
    log.append((0..300).map(|n| format!("+key{n}").into_bytes()).collect());
    path
}

fn refusal(path: &Path) -> &'static str {
    open(path).unwrap_err().code().unwrap()
}

/// A checkpoint of `head` by a key that only tests have.
pub(crate) fn signed(head: TreeHead) -> SignedCheckpoint {
    let mut entropy = TestEntropy::new(1);
    let entropy: &mut dyn Entropy = &mut entropy;
    let key = SigningKey::generate(Algorithm::Ed25519, entropy);
    let log = LogKey::new("log.example".parse().unwrap(), key.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:log#key".parse().unwrap(), key);
    SignedCheckpoint::sign(head, &log, &signer).unwrap()
}

#[test]
fn a_second_writer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let first = open(&path).unwrap();
    append(&first, "+a");
    assert!(matches!(open(&path), Err(OpenError::Locked)));
    assert_eq!(refusal(&path), "STO-01");
    assert_eq!(append(&first, "+b"), 1, "the first is not disturbed");
    drop(first);
    assert_eq!(audit(&open(&path).unwrap(), &path).len(), 2);
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    fs::write(&text, "no database ".repeat(1000)).unwrap();
    let foreign = folder.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE entry (position)").unwrap();
    let state = folder.path().join("state");
    drop(SqliteState::open(&state).unwrap());
    for path in [&text, &foreign, &state] {
        let before = fs::read(path).unwrap();
        assert_eq!(refusal(path), "STO-02", "{path:?}");
        assert_eq!(fs::read(path).unwrap(), before, "{path:?} is left alone");
    }
    assert!(matches!(SqliteState::open(&filled(folder.path())), Err(OpenError::Foreign)));
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let set = |version: u32| Connection::open(&path).unwrap().pragma_update(None, "user_version", version);
    set(3).unwrap();
    assert!(matches!(open(&path), Err(OpenError::Newer { found: 3, known: 2 })));
    assert_eq!(refusal(&path), "STO-03");
    set(2).unwrap();
    assert!(open(&path).is_ok());
}

/// A file as the first release wrote it.
#[test]
fn an_older_format_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TABLE segment; DROP TABLE bucket; ALTER TABLE head ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
         CREATE TABLE submission_index (
             prefix INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (prefix, position)
         ) STRICT, WITHOUT ROWID;
         PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let log = open(&path).unwrap();
    assert_eq!(append(&log, "+key299"), 299, "repetitions are known");
    assert_eq!(append(&log, "+new"), 300);
    assert_eq!(audit(&log, &path).len(), 301);
    drop(log);
    assert!(open(&path).is_ok());
}

/// SQLite keeps no write-ahead log for a database without a file: the one place where it says no to us.
#[test]
fn a_place_without_durability_is_refused() {
    let refused = SqliteState::open(Path::new(":memory:")).unwrap_err();
    assert!(matches!(refused, OpenError::NotDurable), "{refused:?}");
    assert_eq!(refused.code(), Some("STO-04"));
}

#[test]
fn a_head_that_does_not_match_is_refused() {
    for damage in [
        "UPDATE head SET size = size + 1",
        "UPDATE head SET root = (SELECT substr(hashes, 1, 32) FROM tile LIMIT 1)",
        "UPDATE head SET frontier = substr(frontier, 1, 64)",
        "UPDATE head SET frontier = CAST(substr(frontier, 33) || substr(frontier, 1, 32) AS BLOB)",
        "DELETE FROM head",
        "DELETE FROM entry WHERE position = 299",
        "UPDATE entry SET data = x'00' WHERE position = 299",
        "INSERT INTO entry VALUES (300, x'00')",
        "DELETE FROM tile WHERE place = 1",
        "DELETE FROM tile WHERE place = 1 << 56",
        "UPDATE tile SET hashes = substr(hashes, 1, 320) WHERE place = 1",
        "UPDATE tile SET hashes = CAST(substr(hashes, 33) || substr(hashes, 1, 32) AS BLOB) WHERE place = 1",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = filled(folder.path());
        assert_eq!(Connection::open(&path).unwrap().execute(damage, []).unwrap(), 1, "{damage}");
        assert_eq!(refusal(&path), "STO-05", "{damage}");
    }
}

#[test]
fn a_log_behind_its_own_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path());
    let log = open(&path).unwrap();
    log.publish(&signed(log.head().unwrap())).unwrap();
    drop(log);
    assert!(open(&path).is_ok());
    for damage in [
        "UPDATE checkpoint SET size = 301",
        "UPDATE checkpoint SET size = 299",
        "UPDATE checkpoint SET root = zeroblob(32)",
    ] {
        let copy = folder.path().join("copy");
        fs::copy(&path, &copy).unwrap();
        Connection::open(&copy).unwrap().execute(damage, []).unwrap();
        assert!(matches!(open(&copy), Err(OpenError::Rollback { size: 300, .. })), "{damage}");
        assert_eq!(refusal(&copy), "STO-10", "{damage}");
    }
}
