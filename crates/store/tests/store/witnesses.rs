//! What a witness has cosigned: never lost, never taken back.

use crate::{
    crash::{acknowledged_by_killed, child, child_folder, kill_rounds, say},
    kept::below,
};
use rusqlite::Connection;
use sinpyo_store::{SqliteWitnessStore, backup::Kind, verify::verify_file};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::{
    merkle::{Hash, TreeHead},
    note::Origin,
    witness::{Advance, WitnessStore},
    witness_suite::{self, Harness},
};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

fn origin(name: &str) -> Origin {
    name.parse().unwrap()
}

fn head(size: u64) -> TreeHead {
    TreeHead { size, root: Hash::leaf(&size.to_be_bytes()) }
}

fn open(folder: &Path) -> SqliteWitnessStore {
    SqliteWitnessStore::open(&folder.join("witness")).unwrap()
}

struct OnDisk {
    folder: tempfile::TempDir,
    files: AtomicU32,
}

impl OnDisk {
    fn open(&self) -> SqliteWitnessStore {
        let name = self.files.load(Ordering::SeqCst).to_string();
        SqliteWitnessStore::open(&self.folder.path().join(name)).unwrap()
    }
}

impl Harness for OnDisk {
    type Store = SqliteWitnessStore;

    fn create(&self) -> SqliteWitnessStore {
        self.files.fetch_add(1, Ordering::SeqCst);
        self.open()
    }

    fn reopen(&self, store: SqliteWitnessStore) -> SqliteWitnessStore {
        drop(store);
        self.open()
    }
}

#[test]
fn the_sqlite_witness_store_keeps_the_contract() {
    witness_suite::run(&OnDisk { folder: tempfile::tempdir().unwrap(), files: AtomicU32::new(0) });
}

#[test]
fn a_head_is_replaced_only_as_it_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (log, other) = (origin("log.example"), origin("other.example"));
    let store = open(folder.path());
    assert_eq!(store.latest(&log).unwrap(), None);
    let step = |from, to| store.advance(&log, from, to).unwrap();
    let overtaken = |latest| Advance::Overtaken { latest };
    assert_eq!(step(Some(head(1)), head(2)), overtaken(None));
    assert_eq!(step(None, head(5)), Advance::Done);
    assert_eq!(step(None, head(6)), overtaken(Some(head(5))));
    assert_eq!(step(Some(head(4)), head(6)), overtaken(Some(head(5))));
    let another_root = TreeHead { size: 5, root: head(4).root };
    assert_eq!(step(Some(another_root), head(6)), overtaken(Some(head(5))));
    assert_eq!(step(Some(head(5)), head(5)), Advance::Done, "the same head again");
    assert_eq!(step(Some(head(5)), head(9)), Advance::Done);
    assert_eq!(store.latest(&other).unwrap(), None, "logs do not touch each other");
    drop(store);
    assert_eq!(open(folder.path()).latest(&log).unwrap(), Some(head(9)));
}

#[test]
fn of_simultaneous_steps_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(folder.path()), open(folder.path())];
    let log = origin("log.example");
    for round in 0..20 {
        let from = (round > 0).then(|| head(round * 100));
        let done: usize = thread::scope(|scope| {
            let step =
                |store: &SqliteWitnessStore, to| store.advance(&log, from, to).unwrap() == Advance::Done;
            let threads: Vec<_> = (0..8_u64)
                .map(|client| {
                    let store = &stores[usize::try_from(client % 2).unwrap()];
                    // All to one head, or the next round would not know where it starts.
                    scope.spawn(move || step(store, head((round + 1) * 100)))
                })
                .collect();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum()
        });
        assert_eq!(done, 1, "round {round}");
    }
}

/// Steps on from where the file is and says so after each, for ever; true if this process is a child.
fn is_child() -> bool {
    let Some(folder) = child_folder() else { return false };
    let (store, log) = (open(&folder), origin("log.example"));
    let mut latest = store.latest(&log).unwrap();
    let limit = latest.map_or(0, |latest| latest.size) + 2_000;
    loop {
        let to = head(latest.map_or(1, |latest| latest.size + 1));
        latest = match store.advance(&log, latest, to).unwrap() {
            Advance::Done => {
                say(&format!("ack {}", to.size));
                Some(to)
            }
            Advance::Overtaken { latest } => {
                say("overtaken");
                latest
            }
        };
        if to.size >= limit {
            return true;
        }
    }
}

#[test]
fn a_killed_witness_has_not_forgotten() {
    if is_child() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut entropy = TestEntropy::new(7);
    for _ in 0..kill_rounds() {
        let test = "witnesses::a_killed_witness_has_not_forgotten";
        let said = acknowledged_by_killed(test, folder.path(), 1 + below(50, &mut entropy));
        let acknowledged: u64 = said.last().unwrap().parse().unwrap();
        let latest = open(folder.path()).latest(&origin("log.example")).unwrap().unwrap();
        assert!(latest.size >= acknowledged && latest == head(latest.size), "{latest:?} {acknowledged}");
    }
    verify_file(&folder.path().join("witness"), Kind::Witnesses).unwrap();
}

#[test]
fn two_processes_never_make_the_same_step() {
    if is_child() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "witnesses::two_processes_never_make_the_same_step";
    drop(open(folder.path()));
    let children: Vec<_> = (0..2).map(|_| child(test, folder.path(), 0, &[]).spawn().unwrap()).collect();
    let (mut steps, mut overtaken) = (BTreeSet::new(), 0);
    let readers: Vec<_> = children
        .into_iter()
        .map(|mut child| {
            thread::spawn(move || {
                let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
                let said: Vec<String> = lines.collect();
                child.wait().unwrap();
                said
            })
        })
        .collect();
    for reader in readers {
        let said = reader.join().unwrap();
        overtaken += said.iter().filter(|line| line.ends_with("overtaken")).count();
        for (_, step) in said.iter().filter_map(|line| line.rsplit_once("ack ")) {
            assert!(steps.insert(step.parse::<u64>().unwrap()), "step {step} was made twice");
        }
    }
    let last = open(folder.path()).latest(&origin("log.example")).unwrap().unwrap();
    assert!(steps.iter().copied().eq(1..=last.size), "every step was made by one of them");
    assert!(overtaken > 0, "they came in each other's way");
}

#[test]
fn a_damaged_row_is_no_head() {
    let folder = tempfile::tempdir().unwrap();
    let (store, log) = (open(folder.path()), origin("log.example"));
    assert_eq!(store.advance(&log, None, head(3)).unwrap(), Advance::Done);
    let db = Connection::open(folder.path().join("witness")).unwrap();
    db.execute("UPDATE latest SET root = x'00'", []).unwrap();
    assert!(store.latest(&log).is_err());
    assert!(store.advance(&log, Some(head(3)), head(4)).is_err());
}
