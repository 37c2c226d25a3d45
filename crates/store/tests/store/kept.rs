//! What several tests need: a clock, and a look at everything that a log's file holds.

use rusqlite::Connection;
use sinpyo_core::{
    key::Entropy,
    time::{Clock, Timestamp},
};
use sinpyo_registry::{
    engine::{EngineError, LogEngine, Sequencing, StateView},
    engine_suite::Counting,
};
use sinpyo_testkit::{FixedClock, TestEntropy};
use sinpyo_tlog::merkle::{Frontier, Hash};
use std::{collections::BTreeMap, fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path};
use tempfile::TempDir;

pub(crate) fn clock() -> impl Clock + 'static {
    FixedClock(at(1_000))
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// A new folder of nobody else's.
pub(crate) fn private_folder() -> TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap()
}

/// A number below `bound`, the same in each run.
pub(crate) fn below(bound: usize, entropy: &mut TestEntropy) -> usize {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    usize::try_from(u64::from_be_bytes(bytes) % u64::try_from(bound).unwrap()).unwrap()
}

pub(crate) fn append(log: &dyn LogEngine, submission: &str) -> u64 {
    log.append(vec![submission.as_bytes().to_vec()]).remove(0).unwrap().index
}

#[derive(Default)]
struct Replayed(BTreeMap<Vec<u8>, Vec<u8>>);

impl StateView for Replayed {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.0.get(key).cloned())
    }
}

/// Reads every entry and checks that head and stored state are what the entries lead to.
pub(crate) fn audit(log: &dyn LogEngine, path: &Path) -> Vec<String> {
    let head = log.head().unwrap();
    let entries = log.entries(0..head.size).unwrap();
    let (mut frontier, mut replayed) = (Frontier::new(), Replayed::default());
    for (index, entry) in (0..).zip(&entries) {
        frontier.append(Hash::leaf(entry));
        for write in Counting.replay(&replayed, index, entry).unwrap() {
            match write.value {
                Some(value) => replayed.0.insert(write.key, value),
                None => replayed.0.remove(&write.key),
            };
        }
    }
    assert_eq!(frontier.head(), head, "the root follows from the entries");
    assert_eq!(stored_state(path), replayed.0, "the state follows from the entries");
    assert_eq!(count(path, "entry"), head.size, "no entry lies past the head");
    assert_eq!(count(path, "submission"), head.size);
    entries.into_iter().map(|entry| String::from_utf8(entry).unwrap()).collect()
}

fn stored_state(path: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let db = Connection::open(path).unwrap();
    let mut select = db.prepare("SELECT key, value FROM state").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn count(path: &Path, table: &str) -> u64 {
    let db = Connection::open(path).unwrap();
    let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
    u64::try_from(rows).unwrap()
}
