//! The registry's contract of an engine, on both engines; and what is the store's own.

use crate::kept::{append, clock};
use sinpyo_registry::{
    engine::{
        AppendError, LogEngine, NewEntry, Opaque, Position, Refusal, Sequencing, StateView, StateWrite,
    },
    engine_suite::{self, Counting, Harness, SuiteClock},
};
use sinpyo_store::{MAX_ENTRY, MemoryLog, SqliteLog, verify::verify_log};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

struct InMemory;

impl Harness for InMemory {
    fn create(&self, sequencing: Counting, clock: SuiteClock) -> Box<dyn LogEngine> {
        Box::new(MemoryLog::new(sequencing, clock))
    }

    fn reopen(&self, engine: Box<dyn LogEngine>, _: Counting, _: SuiteClock) -> Box<dyn LogEngine> {
        engine
    }
}

struct OnDisk {
    folder: tempfile::TempDir,
    files: AtomicU32,
}

impl OnDisk {
    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("{}.sqlite", self.files.load(Ordering::SeqCst)))
    }
}

impl Harness for OnDisk {
    fn create(&self, sequencing: Counting, clock: SuiteClock) -> Box<dyn LogEngine> {
        self.files.fetch_add(1, Ordering::SeqCst);
        Box::new(SqliteLog::open(&self.path(), sequencing, clock).unwrap())
    }

    fn reopen(
        &self,
        engine: Box<dyn LogEngine>,
        sequencing: Counting,
        clock: SuiteClock,
    ) -> Box<dyn LogEngine> {
        drop(engine);
        Box::new(SqliteLog::open(&self.path(), sequencing, clock).unwrap())
    }
}

#[test]
fn the_memory_log_keeps_the_contract() {
    engine_suite::run(&InMemory);
}

#[test]
fn the_sqlite_log_keeps_the_contract() {
    engine_suite::run(&OnDisk { folder: tempfile::tempdir().unwrap(), files: AtomicU32::new(0) });
}

/// Makes an entry as long as the submission says.
struct Long;

impl Sequencing for Long {
    fn sequence(&self, _: &dyn StateView, _: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        let length = str::from_utf8(submission).unwrap().parse().unwrap();
        Ok(NewEntry { entry: vec![b'x'; length], writes: Vec::new() })
    }

    fn replay(&self, _: &dyn StateView, _: u64, _: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        Ok(Vec::new())
    }
}

#[test]
fn an_entry_that_no_bundle_can_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SqliteLog::open(&folder.path().join("log"), Long, clock()).unwrap();
    let memory = MemoryLog::new(Long, clock());
    let logs: [&dyn LogEngine; 2] = [&disk, &memory];
    for log in logs {
        let refused = log.append(vec![(MAX_ENTRY + 1).to_string().into_bytes()]).remove(0).unwrap_err();
        assert_eq!(refused.code(), Some("STO-07"));
        assert!(matches!(refused, AppendError::Refused(_)), "{refused:?}");
        assert_eq!(append(log, &MAX_ENTRY.to_string()), 0);
        assert_eq!(log.entries(0..1).unwrap()[0].len(), 65_535);
    }
}

#[test]
fn both_engines_answer_alike() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SqliteLog::open(&folder.path().join("log"), Counting, clock()).unwrap();
    let memory = MemoryLog::new(Counting, clock());
    for batch in 0..40_usize {
        let one = |n: usize| match n % 7 {
            0 => format!("!refused {n}"),
            1 => format!("-key{} {batch}.{n}", n % 5),
            2 => "+repeated".to_owned(),
            _ => format!("+key{} {batch}.{n}", n % 5),
        };
        let submissions: Vec<_> = (0..batch * 3).map(|n| one(n + batch).into_bytes()).collect();
        let (left, right) = (disk.append(submissions.clone()), memory.append(submissions));
        assert_eq!(format!("{left:?}"), format!("{right:?}"));
        assert_eq!(disk.head().unwrap(), memory.head().unwrap());
    }
    let size = disk.head().unwrap().size;
    assert!(size > 512, "more than two tiles, or the rows above were not tested: {size}");
    assert_eq!(disk.entries(0..size).unwrap(), memory.entries(0..size).unwrap());
    for id in sinpyo_tlog::tile::TileId::touched_by(0..size) {
        assert_eq!(disk.tile(id).unwrap(), memory.tile(id).unwrap(), "{id}");
        assert_eq!(disk.expanded(id).unwrap(), memory.expanded(id).unwrap(), "{id}");
    }
}

#[test]
fn clients_that_append_at_once_each_get_their_own_place() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(&folder.path().join("log"), Opaque, clock()).unwrap();
    let places: Vec<(u64, String)> = thread::scope(|scope| {
        let client = |client: u32| {
            let log = &log;
            move || {
                let text = |n: u32| format!("{client}/{n}");
                (0..50).map(|n| (append(log, &text(n)), text(n))).collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..16).map(|number| scope.spawn(client(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(log.head().unwrap().size, 800);
    let entries = log.entries(0..800).unwrap();
    for (index, text) in places {
        assert_eq!(entries[usize::try_from(index).unwrap()], text.as_bytes());
    }
}

#[test]
fn a_view_of_the_state_stays_at_its_moment() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SqliteLog::open(&folder.path().join("log"), Counting, clock()).unwrap();
    let memory = MemoryLog::new(Counting, clock());
    let logs: [&dyn LogEngine; 2] = [&disk, &memory];
    for log in logs {
        append(log, "+a");
        let before = log.state().unwrap();
        append(log, "+a again");
        assert_eq!(before.get(b"a").unwrap().unwrap(), b"1");
        assert_eq!(log.state().unwrap().get(b"a").unwrap().unwrap(), b"2");
    }
}

#[test]
fn who_waits_for_an_entry_is_woken() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(&folder.path().join("log"), Opaque, clock()).unwrap();
    assert_eq!(log.changed(0, Duration::ZERO).size, 0, "nothing came");
    append(&log, "first");
    assert_eq!(log.changed(0, Duration::MAX).size, 1, "it is there already");
    thread::scope(|scope| {
        // Without being woken, it would wait for ever.
        let waiting = scope.spawn(|| log.changed(1, Duration::MAX));
        append(&log, "second");
        assert_eq!(waiting.join().unwrap(), log.head().unwrap());
    });
}

/// The index of submissions is filled late and many at a time: 300,000 is past the first merge of segments.
#[test]
fn a_repetition_is_known_before_and_after_it_is_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let text = |n: u32| n.to_string().into_bytes();
    let log = SqliteLog::open(&path, Opaque, clock()).unwrap();
    for first in (0..300_000).step_by(10_000) {
        let answers = log.append((first..first + 10_000).map(text).collect());
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|appended| !appended.repeated)));
    }
    drop(log);
    let log = SqliteLog::open(&path, Opaque, clock()).unwrap();
    for n in [0_u32, 1, 65_535, 65_536, 69_999, 70_000, 262_144, 280_000, 299_999] {
        let again = log.append(vec![text(n)]).remove(0).unwrap();
        assert_eq!((again.index, again.repeated), (u64::from(n), true));
    }
    assert_eq!(log.head().unwrap().size, 300_000);
    assert_eq!(verify_log(&path, &Opaque, &mut |_| {}).unwrap(), log.head().unwrap());
}
