//! Operations and salts of persons: kept until they are erased, then nowhere.

use crate::{
    crash::{acknowledged_by_killed, child_folder, kill_rounds, say},
    kept::{below, private_folder},
};
use rusqlite::Connection;
use sinpyo_core::{encoding::to_base64url, key::Entropy};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{
    engine::{EngineError, StateView},
    person::{PersonSecret, PersonStore, PersonStoreError, draft, reconcile},
};
use sinpyo_store::{
    SqlitePersonStore,
    backup::{Kind, back_up, restore},
    verify::verify_file,
};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::merkle::Hash;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn file(folder: &Path) -> PathBuf {
    folder.join("persons")
}

fn open(folder: &Path) -> SqlitePersonStore {
    SqlitePersonStore::open(&file(folder)).unwrap()
}

/// An operation of 350 to 600 bytes by a key of its own, and a salt; both follow from `entry`.
fn parts(entry: u64) -> (Vec<u8>, [u8; 32]) {
    let mut entropy = TestEntropy::new(entry.wrapping_add(1_000));
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    let key = SigningKey::generate(Algorithm::Ed25519, &mut entropy);
    let public = key.verifying_key().clone();
    let log = format!("log.example/{}", "x".repeat(below(240, &mut entropy)));
    let signer = KeySigner::new("did:example:any#key".parse().unwrap(), key);
    let operation = draft(&log.parse().unwrap(), &public, None).unwrap().sign(&signer, &public).unwrap();
    (operation.as_bytes().to_vec(), salt)
}

fn secret(entry: u64) -> PersonSecret {
    let (operation, salt) = parts(entry);
    PersonSecret::from_parts(operation, salt).unwrap()
}

fn holds(store: &SqlitePersonStore, entry: u64) -> bool {
    let Some(found) = store.get(entry).unwrap() else { return false };
    assert_eq!((found.operation().expose().clone(), *found.salt().expose()), parts(entry));
    true
}

/// What only the operation and the salt of these entries have, 16 bytes each: raw, and the salt also as text.
fn pieces(entries: impl Iterator<Item = u64>) -> BTreeSet<Vec<u8>> {
    // What another operation has too says nothing about a person.
    let other = [parts(u64::MAX - 7).0, b"xxxxxxxx".to_vec()].concat();
    let common: BTreeSet<&[u8]> = other.windows(8).collect();
    let is_own = |piece: &[u8]| !piece.windows(8).any(|window| common.contains(window));
    let mut pieces = BTreeSet::new();
    for entry in entries {
        let (operation, salt) = parts(entry);
        let hex = Hash::from(salt).to_string();
        let base64 = to_base64url(&salt);
        let forms = [&operation[..], &salt, hex.as_bytes(), base64.as_bytes()];
        let every = forms.iter().flat_map(|form| form.chunks_exact(16));
        pieces.extend(every.filter(|piece| is_own(piece)).map(<[u8]>::to_vec));
    }
    pieces
}

/// How often `path`, its write-ahead log or its index holds anything of these entries.
fn traces(path: &Path, entries: impl Iterator<Item = u64>) -> usize {
    let pieces = pieces(entries);
    let mut found = 0;
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let part = PathBuf::from(format!("{}{suffix}", path.display()));
        let Ok(content) = fs::read(part) else { continue };
        found += content.windows(16).filter(|window| pieces.contains(*window)).count();
    }
    found
}

/// In an order in which the tree has to be balanced again and again.
fn shuffled(count: u64) -> Vec<u64> {
    let mut entropy = TestEntropy::new(9);
    let mut left: Vec<u64> = (0..count).collect();
    (0..count).map(|_| left.swap_remove(below(left.len(), &mut entropy))).collect()
}

#[test]
fn what_is_put_comes_back() {
    let folder = private_folder();
    let store = open(folder.path());
    for entry in [7, 3, u64::MAX] {
        store.put(entry, &secret(entry)).unwrap();
    }
    assert_eq!(store.entries().unwrap(), [3, 7, u64::MAX]);
    drop(store);
    let store = open(folder.path());
    assert!([3, 7, u64::MAX].iter().all(|entry| holds(&store, *entry)) && !holds(&store, 4));
    store.erase(3).unwrap();
    store.erase(4).unwrap();
    assert!(!holds(&store, 3));
    assert_eq!(store.entries().unwrap(), [7, u64::MAX]);
}

#[test]
fn what_is_erased_is_in_no_byte_of_the_files() {
    let folder = private_folder();
    let (path, copy) = (file(folder.path()), folder.path().join("copy"));
    let store = open(folder.path());
    let order = shuffled(300);
    for entry in &order {
        store.put(*entry, &secret(*entry)).unwrap();
    }
    let erased = || (0..300).filter(|entry| entry % 3 == 0);
    assert!(traces(&path, erased()) > 1_000, "the search finds what is there");
    for entry in order.iter().filter(|entry| *entry % 3 == 0) {
        store.erase(*entry).unwrap();
    }
    assert_eq!(traces(&path, erased()), 0);
    back_up(Kind::Persons, &path, &copy, &mut |_| {}).unwrap();
    verify_file(&copy, Kind::Persons).unwrap();
    assert_eq!(traces(&copy, erased()), 0);
    assert!(traces(&copy, [1].into_iter()) > 0, "the others are in it");
    assert!((0..300).all(|entry| holds(&store, entry) == (entry % 3 != 0)));
    // Replacing erases too.
    store.put(1, &secret(301)).unwrap();
    assert_eq!(traces(&path, [1].into_iter()), 0);
    drop(store);
    assert_eq!(traces(&path, erased()), 0);
}

/// Without [`SqlitePersonStore`]'s care, the same search finds what SQLite leaves behind.
#[test]
fn a_plain_deletion_leaves_traces() {
    let folder = private_folder();
    let store = open(folder.path());
    (0..50).for_each(|entry| store.put(entry, &secret(entry)).unwrap());
    Connection::open(file(folder.path())).unwrap().execute("DELETE FROM person", []).unwrap();
    assert!(traces(&file(folder.path()), 0..50) > 0);
    assert_eq!(store.entries().unwrap(), Vec::<u64>::new());
}

/// A log in whose state no person is known any more.
struct AllErased;

impl StateView for AllErased {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(None)
    }
}

#[test]
fn an_older_backup_brings_nobody_back() {
    let folder = private_folder();
    let (copy, back) = (folder.path().join("copy"), folder.path().join("back"));
    let store = open(folder.path());
    store.put(5, &secret(5)).unwrap();
    back_up(Kind::Persons, &file(folder.path()), &copy, &mut |_| {}).unwrap();
    store.erase(5).unwrap();
    restore(Kind::Persons, &copy, &back, &mut |_| {}).unwrap();
    let store = SqlitePersonStore::open(&back).unwrap();
    assert!(holds(&store, 5), "the backup is from before");
    assert_eq!(reconcile(&store, &AllErased).unwrap(), 1);
    assert!(!holds(&store, 5));
    assert_eq!(traces(&back, [5].into_iter()), 0);
}

#[test]
fn an_erasure_that_a_reader_holds_up_is_not_called_done() {
    let folder = private_folder();
    let store = open(folder.path());
    store.put(1, &secret(1)).unwrap();
    let reader = Connection::open(file(folder.path())).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM person").unwrap();
    let refused = store.erase(1).unwrap_err();
    assert!(matches!(refused, PersonStoreError::Storage(_)), "{refused:?}");
    drop(reader);
    store.erase(1).unwrap();
    assert_eq!(traces(&file(folder.path()), [1].into_iter()), 0);
}

#[test]
fn a_damaged_row_is_no_secret() {
    let folder = private_folder();
    let store = open(folder.path());
    store.put(1, &secret(1)).unwrap();
    Connection::open(file(folder.path())).unwrap().execute("UPDATE person SET salt = x'00'", []).unwrap();
    assert!(matches!(store.get(1), Err(PersonStoreError::Damaged)));
}

/// Puts, and erases what is older than ten; says so after each, for ever. True if this process is a child.
fn is_child() -> bool {
    let Some(folder) = child_folder() else { return false };
    let store = open(&folder);
    let first = store.entries().unwrap().last().map_or(0, |last| last + 1);
    // What the one before was killed at.
    for old in store.entries().unwrap().into_iter().filter(|entry| entry + 11 <= first) {
        store.erase(old).unwrap();
    }
    for entry in first.. {
        store.put(entry, &secret(entry)).unwrap();
        if let Some(old) = entry.checked_sub(10) {
            store.erase(old).unwrap();
        }
        say(&format!("ack {entry}"));
    }
    true
}

#[test]
fn a_killed_store_has_lost_nobody_and_brings_nobody_back() {
    if is_child() {
        return;
    }
    let folder = private_folder();
    let mut entropy = TestEntropy::new(10);
    for _ in 0..kill_rounds() {
        let test = "persons::a_killed_store_has_lost_nobody_and_brings_nobody_back";
        let said = acknowledged_by_killed(test, folder.path(), 1 + below(20, &mut entropy));
        let last: u64 = said.last().unwrap().parse().unwrap();
        let store = open(folder.path());
        // The child may have begun with the next one, and erased the ninth before the last.
        assert!((last.saturating_sub(8)..=last).all(|entry| holds(&store, entry)), "one is lost");
        let erased = 0..(last + 1).saturating_sub(10);
        assert!(erased.clone().all(|entry| !holds(&store, entry)));
        assert_eq!(traces(&file(folder.path()), erased.rev().take(20)), 0);
    }
}
