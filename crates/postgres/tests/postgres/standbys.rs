//! Three servers, the primary stays.

use crate::kept::{Journal, append, cluster, failure, open, options, still, within_ten_seconds};
use sinpyo_postgres::{Mode, PgError, PgLog};
use sinpyo_registry::engine::{LogEngine, Opaque};
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
    let broken_off = thread::scope(|scope| {
        let appending = scope.spawn(|| append(&log, "broken off").unwrap_err());
        let waits = || (cluster.query(0, SYNC_WAIT).unwrap().trim() == "1").then_some(());
        within_ten_seconds(|| waits().ok_or("not yet"));
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        cluster.query(0, cancel).unwrap();
        appending.join().unwrap()
    });
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
