//! One test-suite for the event store on disk and in memory, and a comparison of the two.

use crate::kept::at;
use proptest::prelude::*;
use sinpyo_store::events::{
    AllocateError, AppendEventsError, EventStore, IssueError, ListId, RedeemError, Snapshot, SnapshotError,
    SpendKey, StreamId, Version,
};
use std::{thread, time::Duration};

/// Runs `check` on both kinds of store.
fn on_both(check: impl Fn(&EventStore)) {
    let folder = tempfile::tempdir().unwrap();
    check(&EventStore::in_memory());
    check(&EventStore::open(&folder.path().join("events")).unwrap());
}

fn key(text: &str) -> SpendKey {
    SpendKey::new("test", text.as_bytes())
}

fn events(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn a_stream_takes_events_only_at_the_expected_version() {
    on_both(|store| {
        let (stream, other) = (StreamId::new("issuance/1"), StreamId::new("issuance/2"));
        assert_eq!(store.append(&stream, Version(0), events(&["a", "b"])), Ok(Version(2)));
        for wrong in [Version(0), Version(1), Version(3), Version(u64::MAX)] {
            let refused = store.append(&stream, wrong, events(&["x"])).unwrap_err();
            assert_eq!(refused, AppendEventsError::Conflict { actual: Version(2) });
            assert_eq!(refused.code(), Some("STO-16"));
        }
        assert_eq!(store.append(&stream, Version(2), events(&["c"])), Ok(Version(3)));
        assert_eq!(store.read(&stream, Version(0), 10), Ok(events(&["a", "b", "c"])));
        assert_eq!(store.read(&stream, Version(1), 1), Ok(events(&["b"])));
        assert_eq!(store.read(&stream, Version(u64::MAX), 10), Ok(Vec::new()));
        assert_eq!(store.read(&other, Version(0), 10), Ok(Vec::new()));
    });
}

#[test]
fn a_snapshot_is_never_ahead_and_never_goes_back() {
    on_both(|store| {
        let stream = StreamId::new("s");
        let snapshot = |version, state: &str| Snapshot { version: Version(version), state: state.into() };
        assert_eq!(store.snapshot(&stream), Ok(None));
        store.append(&stream, Version(0), events(&["a", "b"])).unwrap();
        let refused = store.save_snapshot(&stream, snapshot(3, "ahead")).unwrap_err();
        assert_eq!(refused, SnapshotError::Ahead { actual: Version(2) });
        assert_eq!(refused.code(), Some("STO-17"));
        assert_eq!(store.snapshot(&stream), Ok(None));
        store.save_snapshot(&stream, snapshot(2, "two")).unwrap();
        store.save_snapshot(&stream, snapshot(1, "one, late")).unwrap();
        assert_eq!(store.snapshot(&stream), Ok(Some(snapshot(2, "two"))));
    });
}

#[test]
fn a_record_is_redeemed_once() {
    on_both(|store| {
        store.issue(key("n"), b"data", at(100)).unwrap();
        assert_eq!(store.redeem(key("n"), at(99)), Ok(b"data".to_vec()));
        let refused = store.redeem(key("n"), at(99)).unwrap_err();
        assert_eq!((refused, refused.code()), (RedeemError::AlreadyRedeemed, Some("STO-13")));
        assert_eq!(store.redeem(key("n"), at(500)), Err(RedeemError::AlreadyRedeemed));
    });
}

#[test]
fn an_unknown_record_is_not_redeemed() {
    on_both(|store| {
        store.issue(key("n"), b"data", at(100)).unwrap();
        for unknown in [key("m"), SpendKey::new("another purpose", b"n"), SpendKey::new("tes", b"tn")] {
            let refused = store.redeem(unknown, at(1)).unwrap_err();
            assert_eq!((refused, refused.code()), (RedeemError::Unknown, Some("STO-12")));
        }
    });
}

#[test]
fn a_record_is_not_redeemed_from_its_expiry_on() {
    on_both(|store| {
        store.issue(key("n"), b"data", at(100)).unwrap();
        for now in [100, 101] {
            let refused = store.redeem(key("n"), at(now)).unwrap_err();
            assert_eq!((refused, refused.code()), (RedeemError::Expired, Some("STO-14")));
        }
        assert_eq!(store.redeem(key("n"), at(99)), Ok(b"data".to_vec()), "a refusal spends nothing");
    });
}

#[test]
fn a_key_is_not_issued_twice() {
    on_both(|store| {
        store.issue(key("n"), b"first", at(100)).unwrap();
        let refused = store.issue(key("n"), b"second", at(900)).unwrap_err();
        assert_eq!((refused, refused.code()), (IssueError::Exists, Some("STO-18")));
        assert_eq!(store.redeem(key("n"), at(1)), Ok(b"first".to_vec()));
        assert_eq!(store.issue(key("n"), b"third", at(900)), Err(IssueError::Exists));
    });
}

#[test]
fn a_spent_record_is_remembered_until_expiry_and_retention() {
    on_both(|store| {
        store.issue(key("spent"), b"", at(100)).unwrap();
        store.issue(key("unspent"), b"", at(150)).unwrap();
        store.redeem(key("spent"), at(1)).unwrap();
        let retention = Duration::from_mins(1);
        assert_eq!(store.sweep(at(159), retention), Ok(0));
        assert_eq!(store.redeem(key("spent"), at(159)), Err(RedeemError::AlreadyRedeemed));
        assert_eq!(store.sweep(at(160), retention), Ok(1));
        assert_eq!(store.redeem(key("spent"), at(160)), Err(RedeemError::Unknown));
        assert_eq!(store.redeem(key("unspent"), at(160)), Err(RedeemError::Expired));
    });
}

#[test]
fn an_index_is_given_out_once_per_list() {
    on_both(|store| {
        let (list, other) =
            (ListId::new("https://status.example/1"), ListId::new("https://status.example/2"));
        for index in [0, 7, u64::MAX] {
            store.allocate(&list, index).unwrap();
            let refused = store.allocate(&list, index).unwrap_err();
            assert_eq!((refused, refused.code()), (AllocateError::Taken, Some("STO-15")));
            store.allocate(&other, index).unwrap();
        }
    });
}

/// Fifty threads, every second one through a handle of its own on the same file.
fn winners(stores: [&EventStore; 2], attempt: impl Fn(&EventStore) -> bool + Sync) -> usize {
    let attempt = &attempt;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..50).map(|n: usize| scope.spawn(move || attempt(stores[n % 2]))).collect();
        threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum()
    })
}

#[test]
fn of_fifty_redemptions_at_once_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events");
    let (one, two) = (EventStore::open(&path).unwrap(), EventStore::open(&path).unwrap());
    let memory = EventStore::in_memory();
    for stores in [[&one, &two], [&memory, &memory]] {
        for round in 0..10 {
            let key = key(&round.to_string());
            stores[0].issue(key, b"x", at(100)).unwrap();
            let redeemed = winners(stores, |store| match store.redeem(key, at(1)) {
                Ok(data) => data == b"x",
                Err(RedeemError::AlreadyRedeemed) => false,
                Err(error) => panic!("{error}"),
            });
            assert_eq!(redeemed, 1);
            let list = ListId::new("list");
            assert_eq!(winners(stores, |store| store.allocate(&list, round).is_ok()), 1);
            let stream = StreamId::new(&round.to_string());
            let append = |store: &EventStore| store.append(&stream, Version(0), events(&["e"])).is_ok();
            assert_eq!(winners(stores, append), 1);
        }
    }
}

#[test]
fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events");
    let (stream, list) = (StreamId::new("s"), ListId::new("l"));
    let store = EventStore::open(&path).unwrap();
    store.append(&stream, Version(0), events(&["a"])).unwrap();
    store.issue(key("open"), b"x", at(100)).unwrap();
    store.issue(key("spent"), b"y", at(100)).unwrap();
    store.redeem(key("spent"), at(1)).unwrap();
    store.allocate(&list, 3).unwrap();
    drop(store);
    let store = EventStore::open(&path).unwrap();
    assert_eq!(store.read(&stream, Version(0), 9), Ok(events(&["a"])));
    assert_eq!(store.redeem(key("spent"), at(1)), Err(RedeemError::AlreadyRedeemed));
    assert_eq!(store.redeem(key("open"), at(1)), Ok(b"x".to_vec()));
    assert_eq!(store.allocate(&list, 3), Err(AllocateError::Taken));
}

/// The file is searched for the data of a redeemed record: spent means gone, not hidden.
#[test]
fn the_data_of_a_redeemed_record_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events");
    let store = EventStore::open(&path).unwrap();
    store.issue(key("n"), b"what only the caller needs", at(100)).unwrap();
    store.redeem(key("n"), at(1)).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let left: Option<Vec<u8>> = db.query_row("SELECT data FROM single_use", [], |row| row.get(0)).unwrap();
    assert_eq!(left, None);
}

#[derive(Clone, Debug)]
enum Step {
    Append(u8, u64),
    Read(u8, u64),
    Issue(u8, i64),
    Redeem(u8, i64),
    Sweep(i64),
    Allocate(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_u8, 0..4_u64).prop_map(|(stream, expected)| Step::Append(stream, expected)),
        (0..3_u8, 0..4_u64).prop_map(|(stream, after)| Step::Read(stream, after)),
        (0..4_u8, 0..50_i64).prop_map(|(key, expires)| Step::Issue(key, expires)),
        (0..4_u8, 0..50_i64).prop_map(|(key, now)| Step::Redeem(key, now)),
        (0..80_i64).prop_map(Step::Sweep),
        (0..4_u64).prop_map(Step::Allocate),
    ]
}

fn take(store: &EventStore, step: &Step) -> String {
    let stream = |number: &u8| StreamId::new(&number.to_string());
    match step {
        Step::Append(number, expected) => {
            format!("{:?}", store.append(&stream(number), Version(*expected), events(&["e"])))
        }
        Step::Read(number, after) => format!("{:?}", store.read(&stream(number), Version(*after), 2)),
        Step::Issue(number, expires) => {
            format!("{:?}", store.issue(key(&number.to_string()), &[*number], at(*expires)))
        }
        Step::Redeem(number, now) => format!("{:?}", store.redeem(key(&number.to_string()), at(*now))),
        Step::Sweep(now) => format!("{:?}", store.sweep(at(*now), Duration::from_secs(20))),
        Step::Allocate(index) => format!("{:?}", store.allocate(&ListId::new("l"), *index)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn disk_and_memory_answer_alike(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let (disk, memory) =
            (EventStore::open(&folder.path().join("events")).unwrap(), EventStore::in_memory());
        for step in &steps {
            prop_assert_eq!(take(&disk, step), take(&memory, step), "{:?}", step);
        }
    }
}
