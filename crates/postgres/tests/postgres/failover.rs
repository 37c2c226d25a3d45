//! Three servers, the primary dies.

use crate::kept::{Journal, append, behind, cluster, failure, open, options, still, within_ten_seconds};
use sinpyo_postgres::{Mode, OpenError, PgError, PgLog, Unfit};
use sinpyo_registry::engine::{LogEngine, Opaque};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

#[test]
fn nothing_acknowledged_is_lost_when_the_primary_dies() {
    let Some(mut cluster) = cluster(2) else { return };
    let nodes = [(); 2].map(|()| open(&cluster.url(), &options(Mode::HighlyAvailable)));
    let (journal, stop) = (Journal::default(), AtomicBool::new(false));
    let took = thread::scope(|scope| {
        for (number, node) in nodes.iter().enumerate() {
            for client in 0..3 {
                let (journal, stop) = (&journal, &stop);
                scope.spawn(move || journal.write(node, &format!("{number}.{client}"), stop));
            }
        }
        while journal.len() < 500 {
            thread::yield_now();
        }
        cluster.kill(0).unwrap();
        let acknowledged = journal.len();
        let killed = Instant::now();
        cluster.fail_over().unwrap();
        // The clients hold what came back just before the kill; only what is new counts.
        while journal.len() < acknowledged + 100 {
            assert!(killed.elapsed() < Duration::from_secs(20), "no progress");
            thread::yield_now();
        }
        let took = killed.elapsed();
        stop.store(true, Ordering::SeqCst);
        took
    });
    eprintln!(
        "appending again {took:?} after the primary was killed; {} acknowledged, 0 lost",
        journal.len()
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
    journal.check(&nodes[0]);
    assert_eq!(nodes[0].head().unwrap(), nodes[1].head().unwrap());

    // The old primary comes back as a standby, from a new copy, and the second failover loses nothing either.
    cluster.rejoin(0).unwrap();
    cluster.wait_for_standbys(2).unwrap();
    let second = cluster.primary();
    cluster.kill(second).unwrap();
    assert_ne!(cluster.fail_over().unwrap(), second);
    within_ten_seconds(|| append(&nodes[1], "after the second failover"));
    journal.check(&nodes[0]);
}

#[test]
fn an_old_primary_with_commits_of_its_own_is_fenced() {
    let Some(mut cluster) = cluster(2) else { return };
    let options = options(Mode::HighlyAvailable);
    let log = open(&cluster.url(), &options);
    append(&log, "common").unwrap();

    // The old primary commits what no standby has.
    cluster.kill(1).unwrap();
    cluster.kill(2).unwrap();
    assert!(matches!(failure(append(&log, "extra").unwrap_err()), PgError::Unknown));
    cluster.kill(0).unwrap();
    cluster.start_again(1).unwrap();
    cluster.start_again(2).unwrap();
    cluster.fail_over().unwrap();
    let (answer, _) = within_ten_seconds(|| append(&log, "instead"));
    assert_eq!((answer.index, answer.repeated), (1, false), "what was not acknowledged may be gone");
    let seen = log.head().unwrap();

    // It comes back as it was. It is named first in the URL, and nobody goes there.
    cluster.start_again(0).unwrap();
    assert_eq!(
        cluster.query(0, "SELECT count(*) FROM sinpyo.entry").unwrap().trim(),
        "2",
        "its own extra commit"
    );
    let fresh = open(&cluster.url(), &options);
    assert_eq!(fresh.entries(1..2).unwrap(), [b"instead"]);
    // Asked alone it proves nothing, because no standby follows it.
    let old = cluster.url_of(0).unwrap();
    let alone = PgLog::open(&old, &options, Opaque, still()).unwrap_err();
    assert!(matches!(alone, OpenError::Database(PgError::Unavailable(_))), "{alone:?}");
    // Even without standbys, by mistake, it does not hold what the world has seen.
    let mistaken = crate::kept::options(Mode::Single);
    cluster.query(0, "ALTER SYSTEM SET synchronous_standby_names = ''").unwrap();
    cluster.query(0, "SELECT pg_reload_conf()").unwrap();
    let known = mistaken.clone().continues(seen);
    let refused = PgLog::open(&old, &known, Opaque, still()).unwrap_err();
    assert!(matches!(refused, OpenError::Database(PgError::Refused(Unfit::Fork { size: 2 }))), "{refused:?}");
    // And who was on the new primary does not go back when that one dies.
    let (first, second) = (cluster.primary(), 3 - cluster.primary());
    cluster.kill(second).unwrap();
    cluster.kill(first).unwrap();
    let superseded = Unfit::Superseded { found: 1, seen: 2 };
    let refusal = |error: PgError| matches!(error, PgError::Refused(found) if found == superseded);
    assert!(refusal(failure(append(&log, "more").unwrap_err())));
    assert!(refusal(behind(&log.head().unwrap_err())));
}

/// The old primary has not died: nobody reaches it for a while, and then it answers again.
#[test]
fn a_primary_that_was_cut_off_is_left() {
    let Some(mut cluster) = cluster(2) else { return };
    let log = open(&cluster.url(), &options(Mode::HighlyAvailable));
    append(&log, "before").unwrap();
    assert_eq!(log.entries(0..1).unwrap().len(), 1, "a reading connection, too");
    cluster.pause(0).unwrap();
    cluster.fail_over().unwrap();
    let (first, took) = within_ten_seconds(|| append(&log, "after"));
    assert_eq!(first.index, 1, "after {took:?}");
    let head = log.head().unwrap();
    cluster.resume(0).unwrap();
    assert_eq!(
        cluster.query(0, "SELECT pg_is_in_recovery()").unwrap().trim(),
        "f",
        "takes itself for the primary"
    );
    assert_eq!(append(&log, "and on").unwrap().index, 2);
    assert_eq!(log.entries(1..3).unwrap(), [b"after".to_vec(), b"and on".to_vec()]);
    assert!(log.head().unwrap().size > head.size);
    let fresh = open(&cluster.url(), &options(Mode::HighlyAvailable));
    assert_eq!(fresh.head().unwrap(), log.verify().unwrap());
}
