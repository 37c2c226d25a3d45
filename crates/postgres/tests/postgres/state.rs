//! What services remember, on real servers.

use crate::kept::{cluster, options, within_ten_seconds};
use sinpyo_core::time::Timestamp;
use sinpyo_postgres::{Mode, PgError, PgState, Unfit, cluster::Cluster};
use sinpyo_state::{Change, CommitError, Key, Space, State, Version, suite};
use std::{
    collections::BTreeSet,
    env,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

const SPACE: Space = Space::new("test");

fn connect(cluster: &Cluster) -> PgState {
    PgState::connect(&cluster.url(), &options(Mode::Single)).unwrap()
}

fn epoch() -> Timestamp {
    Timestamp::from_unix(0).unwrap()
}

fn insert(state: &PgState, name: &str) -> Result<(), CommitError> {
    state.commit(&[Change::insert(&Key::named(SPACE, name), name.as_bytes(), None)])
}

fn is_there(state: &PgState, name: &str) -> bool {
    state.get(&Key::named(SPACE, name), epoch()).unwrap().is_some()
}

#[test]
fn the_postgres_engine_keeps_the_contract() {
    let Some(cluster) = cluster(0) else { return };
    let state = connect(&cluster);
    suite::all(&state);
    suite::histories(&state, 128);
    assert!(state.failure().is_none(), "{:?}", state.failure());
}

/// Two pools, as two nodes have them.
#[test]
fn of_a_hundred_on_two_nodes_who_spend_one_code_one_succeeds() {
    let Some(cluster) = cluster(0) else { return };
    let nodes = [connect(&cluster), connect(&cluster)];
    suite::one_of_many(&[&nodes[0], &nodes[1]], "nodes", 100, 200);
    suite::appends_at_once(&[&nodes[0], &nodes[1]], "appends", 8, 50);
    suite::kept_or_changed(&[&nodes[0], &nodes[1]], "kept", 8, 50);
    assert!(nodes.iter().all(|node| node.failure().is_none()), "{nodes:?}");
}

/// As the release before made it: with a function that knows nothing of records that are kept.
#[test]
fn a_memory_of_the_format_before_is_brought_up_to_date() {
    let Some(cluster) = cluster(0) else { return };
    assert!(insert(&connect(&cluster), "before").is_ok());
    let older = "UPDATE sinpyo.record_format SET version = 1;
        CREATE OR REPLACE FUNCTION sinpyo.make_changes(
            kinds int2[], spaces bytea[], names bytea[], versions bigint[], contents bytea[], expiries bigint[],
            places int4[]
        ) RETURNS int4 LANGUAGE plpgsql AS 'BEGIN RETURN 0; END'";
    cluster.query(0, older).unwrap();
    let state = connect(&cluster);
    let key = Key::named(SPACE, "before");
    assert_eq!(state.commit(&[Change::keep(&key, Version(1))]), Ok(()));
    assert_eq!(state.commit(&[Change::keep(&key, Version(2))]), Err(CommitError::Conflict { index: 0 }));
    cluster.query(0, "UPDATE sinpyo.record_format SET version = 3").unwrap();
    let newer = PgState::connect(&cluster.url(), &options(Mode::Single));
    assert!(newer.is_err(), "of a format that is not known yet");
}

/// A database whose text is Korean and whose order is not that of bytes.
#[test]
fn the_encoding_of_the_database_does_not_matter() {
    let Some(cluster) = cluster(0) else { return };
    let create = "CREATE DATABASE other ENCODING 'EUC_KR' LOCALE 'C' TEMPLATE template0";
    cluster.query(0, create).unwrap();
    let url = cluster.url().replace("dbname=postgres", "dbname=other");
    suite::all(&PgState::connect(&url, &options(Mode::Single)).unwrap());
}

/// Lists that change the same records in opposite orders do not wait for each other.
#[test]
fn opposite_orders_make_no_deadlock() {
    let Some(cluster) = cluster(0) else { return };
    let nodes = [connect(&cluster), connect(&cluster)];
    let keys = ["a", "b", "c", "d"].map(|name| Key::named(SPACE, name));
    let inserts: Vec<_> = keys.iter().map(|key| Change::insert(key, b"0", None)).collect();
    nodes[0].commit(&inserts).unwrap();
    thread::scope(|scope| {
        for client in 0..8_usize {
            let (node, keys) = (&nodes[client % 2], &keys);
            scope.spawn(move || {
                for _ in 0..50 {
                    let read = |key| (key, node.get(key, epoch()).unwrap().unwrap().version);
                    let read: Vec<(&Key, Version)> = keys.iter().map(read).collect();
                    let mut list: Vec<_> = read
                        .iter()
                        .map(|(key, version)| Change::replace(key, *version, b"1", None))
                        .collect();
                    if client % 2 == 0 {
                        list.reverse();
                    }
                    match node.commit(&list) {
                        Ok(()) | Err(CommitError::Conflict { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    let versions: BTreeSet<Version> =
        keys.iter().map(|key| nodes[0].get(key, epoch()).unwrap().unwrap().version).collect();
    assert_eq!(versions.len(), 1, "all four were changed together, always");
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'";
    assert_eq!(cluster.query(0, deadlocks).unwrap().trim(), "0");
}

/// LED-01, REL-04: `SINPYO_KILL_ROUNDS` rounds; REL-06: back within five seconds.
#[test]
fn no_change_that_was_acknowledged_is_lost_when_the_server_is_killed() {
    let Some(mut cluster) = cluster(0) else { return };
    let rounds = env::var("SINPYO_KILL_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let state = connect(&cluster);
    let (acknowledged, mut slowest) = (Mutex::new(BTreeSet::new()), Duration::ZERO);
    for round in 0..rounds {
        let stop = AtomicBool::new(false);
        let before = acknowledged.lock().unwrap().len();
        thread::scope(|scope| {
            for client in 0..4 {
                let (state, acknowledged, stop) = (&state, &acknowledged, &stop);
                scope.spawn(move || {
                    for number in 0.. {
                        let name = format!("{round}/{client}/{number}");
                        if insert(state, &name).is_ok() {
                            acknowledged.lock().unwrap().insert(name);
                        }
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                    }
                });
            }
            while acknowledged.lock().unwrap().len() < before + 100 + 37 * (round % 11) {
                thread::yield_now();
            }
            cluster.kill(0).unwrap();
            stop.store(true, Ordering::SeqCst);
        });
        assert_eq!(
            insert(&state, "while it is down"),
            Err(CommitError::Unavailable(sinpyo_state::Unavailable))
        );
        assert!(matches!(state.failure(), Some(PgError::Unavailable(_))), "{:?}", state.failure());
        cluster.start_again(0).unwrap();
        let ((), took) = within_ten_seconds(|| insert(&state, &format!("{round}/again")));
        slowest = slowest.max(took);
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert!(acknowledged.lock().unwrap().iter().all(|name| is_there(&state, name)));
    }
    let count = acknowledged.lock().unwrap().len();
    eprintln!("{rounds} rounds, {count} acknowledged, 0 lost, back after {slowest:?} at most");
}

/// REL-06: where nothing was under way, nobody notices.
#[test]
fn ended_connections_are_replaced() {
    let Some(cluster) = cluster(0) else { return };
    let state = connect(&cluster);
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    for round in 0..20 {
        let name = format!("{round}");
        insert(&state, &name).unwrap();
        cluster.query(0, end).unwrap();
        assert!(is_there(&state, &name));
        cluster.query(0, end).unwrap();
        insert(&state, &format!("{name} and on")).unwrap();
    }
}

/// A server that others use up, too.
#[test]
fn a_node_makes_do_with_the_connections_that_it_gets() {
    const MANY: usize = 16;
    let Some(cluster) = cluster(0) else { return };
    for sql in ["CREATE ROLE few LOGIN CONNECTION LIMIT 2", "GRANT CREATE ON DATABASE postgres TO few"] {
        cluster.query(0, sql).unwrap();
    }
    let url = cluster.url().replace("user=postgres", "user=few");
    let state = PgState::connect(&url, &options(Mode::Single)).unwrap();
    let start = Barrier::new(MANY);
    thread::scope(|scope| {
        for number in 0..MANY {
            let (state, start) = (&state, &start);
            scope.spawn(move || {
                start.wait();
                for turn in 0..8 {
                    insert(state, &format!("{number} {turn}")).unwrap();
                    assert!(is_there(state, &format!("{number} {turn}")));
                }
            });
        }
    });
    assert!(state.failure().is_none(), "{:?}", state.failure());
    // None at all is still told in time.
    cluster.query(0, "ALTER ROLE few CONNECTION LIMIT 0").unwrap();
    assert!(PgState::connect(&url, &options(Mode::Single).patience(Duration::from_secs(1))).is_err());
}

#[test]
fn what_no_standby_confirmed_is_not_acknowledged() {
    let Some(mut cluster) = cluster(1) else { return };
    let state = PgState::connect(&cluster.url(), &options(Mode::HighlyAvailable)).unwrap();
    insert(&state, "both").unwrap();
    cluster.kill(1).unwrap();
    assert!(insert(&state, "one").is_err());
    assert!(state.failure().is_some());
    cluster.start_again(1).unwrap();
    within_ten_seconds(|| insert(&state, "both again"));
}

#[test]
fn a_memory_may_share_its_schema_with_a_log() {
    let Some(cluster) = cluster(0) else { return };
    let log = crate::kept::open(&cluster.url(), &options(Mode::Single));
    crate::kept::append(&log, "an entry").unwrap();
    insert(&connect(&cluster), "a record").unwrap();
    assert!(is_there(&connect(&cluster), "a record"));
    log.verify().unwrap();

    cluster.query(0, "UPDATE sinpyo.record_format SET version = 3").unwrap();
    let refused = PgState::connect(&cluster.url(), &options(Mode::Single)).unwrap_err();
    assert_eq!(refused.code(), Some(Unfit::Format { found: 2, known: 1 }.code()));
}
