//! Three servers, the primary stays.

use crate::kept::{
    Journal, append, behind, cluster, failure, open, options, set, signed, still, within_ten_seconds,
};
use sinpyo_postgres::{Mode, PgError, PgLog, Unfit, cluster::Cluster};
use sinpyo_registry::engine::{AppendError, EngineError, LogEngine, Opaque, PublishError};
use sinpyo_tlog::{
    merkle::{Frontier, Hash},
    tile::TileId,
};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

const SYNC_WAIT: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

#[test]
fn without_standbys_nothing_is_acknowledged() {
    let Some(cluster) = cluster(2) else { return };
    let options = options(Mode::HighlyAvailable);
    let log = open(&cluster.url(), &options);
    append(&log, "before").unwrap();
    cluster.pause(1).unwrap();
    append(&log, "one of two is enough").unwrap();
    cluster.pause(2).unwrap();
    let cut = failure(append(&log, "while both are cut").unwrap_err());
    assert!(matches!(cut, PgError::Unknown), "{cut:?}");
    let again = failure(append(&log, "while both are cut").unwrap_err());
    assert!(matches!(again, PgError::Unavailable(_) | PgError::Unknown), "{again:?}");
    assert_eq!(log.head().unwrap().size, 2, "reads go on, and do not show it");
    cluster.resume(2).unwrap();
    let (answer, took) = within_ten_seconds(|| append(&log, "while both are cut"));
    assert_eq!((answer.index, answer.repeated), (2, true), "after {took:?}");
    assert_eq!(append(&log, "after").unwrap().index, 3);
    log.verify().unwrap();
}

/// A wait for standbys that an administrator breaks off ends in success with a warning; and what it wrote is then
/// visible on the primary, and nowhere else.
#[test]
fn a_wait_that_is_broken_off_is_no_acknowledgement() {
    let Some(mut cluster) = cluster(2) else { return };
    let options = options(Mode::HighlyAvailable).patience(Duration::from_secs(5));
    let (log, other) = (open(&cluster.url(), &options), open(&cluster.url(), &options));
    append(&log, "before").unwrap();
    cluster.pause(1).unwrap();
    cluster.pause(2).unwrap();
    let broken_off = broken_off(&cluster, &log, "broken off");
    assert!(matches!(failure(broken_off), PgError::Unknown));
    assert_eq!(cluster.query(0, "SELECT size FROM sinpyo.head").unwrap().trim(), "2", "visible");
    let repeated = failure(append(&other, "broken off").unwrap_err());
    assert!(matches!(repeated, PgError::Unknown), "seen by the other node, and not confirmed: {repeated:?}");

    // A primary that starts again shows what no standby has: nobody who comes then believes it.
    cluster.kill(0).unwrap();
    cluster.start_again(0).unwrap();
    let fresh = PgLog::open(&cluster.url(), &options, Opaque, still()).unwrap_err();
    assert!(matches!(fresh, sinpyo_postgres::OpenError::Database(PgError::Unavailable(_))), "{fresh:?}");
    assert!(log.head().is_err());
    cluster.resume(1).unwrap();
    cluster.resume(2).unwrap();
    let (answer, _) = within_ten_seconds(|| append(&log, "broken off"));
    assert_eq!((answer.index, answer.repeated), (1, true));
}

#[test]
fn standbys_may_come_and_go() {
    let Some(mut cluster) = cluster(2) else { return };
    let log = open(&cluster.url(), &options(Mode::HighlyAvailable));
    let (journal, stop) = (Journal::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| journal.write(&log, "client", &stop));
        for standby in [1, 2, 1, 2] {
            cluster.kill(standby).unwrap();
            let before = journal.len();
            within_ten_seconds(|| if journal.len() > before + 50 { Ok(()) } else { Err("no progress") });
            cluster.start_again(standby).unwrap();
            cluster.wait_for_standbys(2).unwrap();
        }
        stop.store(true, Ordering::SeqCst);
    });
    journal.check(&log);
}

/// Appends, while no standby answers, until the wait for one is cancelled.
fn broken_off(cluster: &Cluster, log: &PgLog, text: &str) -> AppendError {
    while_waiting(cluster, log, text, || {
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        cluster.query(0, cancel).unwrap();
    })
}

/// Does something while an append waits for standbys; how the append fails.
fn while_waiting(cluster: &Cluster, log: &PgLog, text: &str, then: impl FnOnce()) -> AppendError {
    thread::scope(|scope| {
        let appending = scope.spawn(|| append(log, text).unwrap_err());
        let waits = || (cluster.query(0, SYNC_WAIT).unwrap().trim() == "1").then_some(());
        within_ten_seconds(|| waits().ok_or("not yet"));
        then();
        appending.join().unwrap()
    })
}

fn is_unavailable(error: &EngineError) -> bool {
    matches!(behind(error), PgError::Unavailable(_))
}

/// What a broken-off wait leaves visible on the primary may be gone after a failover: nobody may have been told.
#[test]
fn what_no_standby_confirmed_is_not_shown() {
    let Some(mut cluster) = cluster(2) else { return };
    let options = options(Mode::HighlyAvailable).patience(Duration::from_secs(5));
    let (log, other) = (open(&cluster.url(), &options), open(&cluster.url(), &options));
    append(&log, "before").unwrap();
    assert_eq!(other.head().unwrap().size, 1, "what another node appended is confirmed and shown");
    let before = log.head().unwrap();
    log.publish(&signed(before)).unwrap();
    cluster.kill(1).unwrap();
    cluster.kill(2).unwrap();
    assert!(matches!(failure(broken_off(&cluster, &log, "lost")), PgError::Unknown));
    assert_eq!(cluster.query(0, "SELECT size FROM sinpyo.head").unwrap().trim(), "2", "visible");
    let mut lost = Frontier::new();
    for entry in ["before", "lost"] {
        lost.append(Hash::leaf(entry.as_bytes()));
    }
    for node in [&log, &other] {
        assert_eq!(node.head().unwrap(), before, "reads go on with what is durable");
        assert_eq!(node.checkpoint().unwrap().unwrap().claimed_head(), before);
        assert_eq!(node.entries(0..1).unwrap(), [b"before"]);
        assert!(matches!(node.entries(1..2), Err(EngineError::OutsideLog)));
        assert!(matches!(node.tile(TileId::new(0, 0, 2).unwrap()), Err(EngineError::OutsideLog)));
        assert!(is_unavailable(&node.state().err().unwrap()), "the state before is not to be had");
        assert!(matches!(node.publish(&signed(lost.head())), Err(PublishError::Ahead)));
    }
    // A group that writes nothing says nothing of the head that it began with, either.
    assert!(matches!(failure(other.append(vec![Vec::new()]).remove(0).unwrap_err()), PgError::Unknown));
    assert_eq!(other.head().unwrap(), before);
    let published = "SET synchronous_commit = local; UPDATE sinpyo.checkpoint SET size = 2";
    cluster.query(0, published).unwrap();
    assert!(is_unavailable(&other.checkpoint().unwrap_err()));

    // It is gone with its server, and nobody has to contradict himself.
    cluster.kill(0).unwrap();
    cluster.start_again(1).unwrap();
    cluster.start_again(2).unwrap();
    cluster.fail_over().unwrap();
    let (answer, _) = within_ten_seconds(|| append(&log, "instead"));
    assert_eq!((answer.index, answer.repeated), (1, false));
    let (head, _) = within_ten_seconds(|| other.head());
    assert_eq!(head, log.head().unwrap());
    assert_eq!(other.entries(0..2).unwrap(), [b"before".to_vec(), b"instead".to_vec()]);
    drop(log.state().unwrap());
}

/// LED-02's precondition, while sessions last: what an operator types when the standbys are down.
#[test]
fn a_quorum_that_is_taken_away_is_noticed() {
    let Some(cluster) = cluster(2) else { return };
    let options = options(Mode::HighlyAvailable).patience(Duration::from_secs(5));
    let log = open(&cluster.url(), &options);
    append(&log, "before").unwrap();
    assert_eq!(log.head().unwrap().size, 1, "a reading connection, too");
    let shown = cluster.query(0, "SHOW synchronous_standby_names").unwrap();
    let quorum = shown.trim();
    set(&cluster, "synchronous_standby_names", "");
    let refused = failure(append(&log, "acknowledged alone").unwrap_err());
    assert!(matches!(refused, PgError::Refused(Unfit::NoQuorum)), "{refused:?}");
    assert_eq!(cluster.query(0, "SELECT size FROM sinpyo.head").unwrap().trim(), "1", "nothing was written");
    assert_eq!(log.head().unwrap().size, 1, "reads go on");
    set(&cluster, "synchronous_standby_names", quorum);
    assert_eq!(append(&log, "with a quorum again").unwrap().index, 1);

    // The server ends the waits without a warning when the quorum goes.
    cluster.pause(1).unwrap();
    cluster.pause(2).unwrap();
    let released = while_waiting(&cluster, &log, "released", || {
        set(&cluster, "synchronous_standby_names", "");
    });
    assert!(matches!(failure(released), PgError::Unknown));
    assert_eq!(log.head().unwrap().size, 2, "and is not shown");
    set(&cluster, "synchronous_standby_names", quorum);
    cluster.resume(1).unwrap();
    cluster.resume(2).unwrap();
    let (answer, _) = within_ten_seconds(|| append(&log, "released"));
    assert_eq!((answer.index, answer.repeated), (2, true));
    assert_eq!(log.head().unwrap().size, 3);
}
