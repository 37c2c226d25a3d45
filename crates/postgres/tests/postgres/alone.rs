//! One server.

use crate::kept::{
    self, Journal, append, behind, cluster, failure, open, options, signed, still, within_ten_seconds,
};
use sinpyo_postgres::{Mode, OpenError, PgError, PgLog, SchemaName, Unfit, VerifyError, cluster::Cluster};
use sinpyo_registry::{
    engine::{
        AppendError, EngineError, LogEngine, MAX_ENTRY, NewEntry, Opaque, Position, PublishError, Refusal,
        Sequencing, StateView, StateWrite,
    },
    engine_suite::{self, Counting, Harness, SuiteClock},
};
use std::{
    collections::BTreeSet,
    env,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::Duration,
};

struct Server {
    cluster: Cluster,
    logs: AtomicU32,
}

impl Server {
    fn open(&self, sequencing: Counting, clock: SuiteClock) -> Box<dyn LogEngine> {
        let schema: SchemaName = format!("log_{}", self.logs.load(Ordering::SeqCst)).parse().unwrap();
        let options = options(Mode::Single).schema(schema);
        Box::new(PgLog::open(&self.cluster.url(), &options, sequencing, clock).unwrap())
    }
}

impl Harness for Server {
    fn create(&self, sequencing: Counting, clock: SuiteClock) -> Box<dyn LogEngine> {
        self.logs.fetch_add(1, Ordering::SeqCst);
        self.open(sequencing, clock)
    }

    fn reopen(
        &self,
        engine: Box<dyn LogEngine>,
        sequencing: Counting,
        clock: SuiteClock,
    ) -> Box<dyn LogEngine> {
        drop(engine);
        self.open(sequencing, clock)
    }
}

#[test]
fn the_postgres_log_keeps_the_contract() {
    let Some(cluster) = cluster(0) else { return };
    engine_suite::run(&Server { cluster, logs: AtomicU32::new(0) });
}

fn refused(cluster: &Cluster, mode: Mode) -> Unfit {
    match PgLog::open(&cluster.url(), &options(mode), Opaque, still()).unwrap_err() {
        OpenError::Database(PgError::Refused(unfit)) => unfit,
        other => panic!("{other:?}"),
    }
}

/// LED-02's precondition: no setting may give up what an acknowledgement promises.
#[test]
fn a_server_that_may_lose_commits_is_refused() {
    let Some(mut cluster) = cluster(0) else { return };
    assert_eq!(refused(&cluster, Mode::HighlyAvailable), Unfit::NoQuorum);
    let set = |setting: &str, value: &str| kept::set(&cluster, setting, value);
    let open_already = open(&cluster.url(), &options(Mode::Single));
    append(&open_already, "before").unwrap();
    for (setting, value, good, unfit) in [
        ("synchronous_commit", "off", "on", Unfit::SynchronousCommit),
        ("fsync", "off", "on", Unfit::Flushing { setting: "fsync" }),
        ("full_page_writes", "off", "on", Unfit::Flushing { setting: "full_page_writes" }),
    ] {
        set(setting, value);
        assert_eq!(refused(&cluster, Mode::Single), unfit);
        if setting != "synchronous_commit" {
            // That one a session sets for itself.
            let noticed = failure(append(&open_already, "while it is off").unwrap_err());
            assert!(matches!(noticed, PgError::Refused(found) if found == unfit), "{noticed:?}");
        }
        set(setting, good);
    }
    set("synchronous_standby_names", "s1, s2");
    assert_eq!(refused(&cluster, Mode::HighlyAvailable), Unfit::NoQuorum);
    set("synchronous_commit", "local");
    assert_eq!(refused(&cluster, Mode::HighlyAvailable), Unfit::SynchronousCommit);
    set("synchronous_standby_names", "");
    open(&cluster.url(), &options(Mode::Single));

    cluster.query(0, "ALTER SYSTEM SET data_sync_retry = on").unwrap();
    cluster.kill(0).unwrap();
    cluster.start_again(0).unwrap();
    assert_eq!(refused(&cluster, Mode::Single), Unfit::Flushing { setting: "data_sync_retry" });
}

#[test]
fn tables_of_another_format_are_refused() {
    let Some(cluster) = cluster(0) else { return };
    open(&cluster.url(), &options(Mode::Single));
    cluster.query(0, "UPDATE sinpyo.format SET version = 2").unwrap();
    assert_eq!(refused(&cluster, Mode::Single), Unfit::Format { found: 2, known: 1 });
    cluster.query(0, "DROP TABLE sinpyo.format").unwrap();
    assert_eq!(refused(&cluster, Mode::Single), Unfit::Format { found: 0, known: 1 });
    let Err(OpenError::Url(_)) = PgLog::open("postgresql://", &options(Mode::Single), Opaque, still()) else {
        panic!("no host is no URL");
    };
}

/// LED-01, REL-04: `SINPYO_KILL_ROUNDS` rounds.
#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let Some(mut cluster) = cluster(0) else { return };
    let rounds = env::var("SINPYO_KILL_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let log = open(&cluster.url(), &options(Mode::Single));
    let journal = Journal::default();
    for round in 0..rounds {
        let stop = AtomicBool::new(false);
        let before = journal.len();
        thread::scope(|scope| {
            for client in 0..4 {
                let (log, journal, stop) = (&log, &journal, &stop);
                scope.spawn(move || journal.write(log, &format!("{round}.{client}"), stop));
            }
            while journal.len() < before + 100 + 37 * (round % 11) {
                thread::yield_now();
            }
            cluster.kill(0).unwrap();
            stop.store(true, Ordering::SeqCst);
        });
        let down = append(&log, "while it is down").unwrap_err();
        assert!(matches!(failure(down), PgError::Unavailable(_)));
        cluster.start_again(0).unwrap();
        let (_, took) = within_ten_seconds(|| log.head());
        assert!(took < Duration::from_secs(5), "{took:?}");
        journal.check(&open(&cluster.url(), &options(Mode::Single)));
    }
    eprintln!("{rounds} rounds, {} acknowledged, 0 lost", journal.len());
    append(&log, "and on").unwrap();
    journal.check(&log);
}

/// REL-06.
#[test]
fn killed_connections_are_replaced() {
    let Some(cluster) = cluster(0) else { return };
    let log = open(&cluster.url(), &options(Mode::Single));
    append(&log, "first").unwrap();
    assert_eq!(log.entries(0..1).unwrap().len(), 1);
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    cluster.query(0, others).unwrap();
    assert_eq!(append(&log, "second").unwrap().index, 1, "at the first attempt: nothing was under way");
    assert_eq!(log.entries(0..2).unwrap().len(), 2);
    let state = log.state().unwrap();
    cluster.query(0, others).unwrap();
    let broken = state.get(b"a").unwrap_err();
    assert!(matches!(behind(&broken), PgError::Unavailable(_)), "a view does not go on elsewhere");
    drop(state);
    assert_eq!(log.state().unwrap().get(b"a").unwrap(), None);
    log.verify().unwrap();
}

/// A node that hangs within its transaction: the others say so, and go on when it has ended.
#[test]
fn a_lock_that_is_not_to_be_had_is_unavailable() {
    let Some(cluster) = cluster(0) else { return };
    let log = open(&cluster.url(), &options(Mode::Single));
    append(&log, "first").unwrap();
    let held = thread::scope(|scope| {
        scope
            .spawn(|| cluster.query(0, "BEGIN; LOCK TABLE sinpyo.head; SELECT pg_sleep(5); COMMIT").unwrap());
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        within_ten_seconds(|| match cluster.query(0, waiting).unwrap().trim() {
            "1" => Ok(()),
            _ => Err("not yet"),
        });
        append(&log, "second").unwrap_err()
    });
    assert!(matches!(failure(held), PgError::Unavailable(_)));
    assert_eq!(append(&log, "second").unwrap().index, 1, "nothing was written before");
}

#[test]
fn two_nodes_racing_make_one_sequence() {
    let Some(cluster) = cluster(0) else { return };
    let options = options(Mode::Single);
    let nodes = [open(&cluster.url(), &options), open(&cluster.url(), &options)];
    let journal = Journal::default();
    let stop = AtomicBool::new(false);
    let shared = |number: u32| format!("shared {number}");
    let told = thread::scope(|scope| {
        for (number, node) in nodes.iter().enumerate() {
            for client in 0..3 {
                let (journal, stop) = (&journal, &stop);
                scope.spawn(move || journal.write(node, &format!("{number}.{client}"), stop));
            }
        }
        let told = nodes.each_ref().map(|node| {
            scope.spawn(|| (0..100).map(|one| append(node, &shared(one)).unwrap()).collect::<Vec<_>>())
        });
        let told = told.map(|told| told.join().unwrap());
        stop.store(true, Ordering::SeqCst);
        told
    });
    let indices = told.each_ref().map(|told| told.iter().map(|one| one.index).collect::<Vec<_>>());
    assert_eq!(indices[0], indices[1], "the same bytes have one place, whoever was first");
    for (one, other) in told[0].iter().zip(&told[1]) {
        assert!(one.repeated != other.repeated, "one of them was first");
    }
    assert_eq!(indices[0].iter().collect::<BTreeSet<_>>().len(), 100);
    journal.check(&nodes[0]);
    assert_eq!(nodes[0].verify().unwrap(), nodes[1].verify().unwrap());
}

/// LED-11: somebody with access to the tables.
#[test]
fn a_changed_row_is_found_and_stops_the_log() {
    let Some(cluster) = cluster(0) else { return };
    let options = options(Mode::Single);
    let log = open(&cluster.url(), &options);
    let texts: Vec<Vec<u8>> = (0..700).map(|number| format!("entry {number}").into_bytes()).collect();
    assert!(log.append(texts).iter().all(Result::is_ok));
    log.verify().unwrap();
    cluster.query(0, "UPDATE sinpyo.entry SET data = 'forged' WHERE position = 500").unwrap();
    assert!(matches!(log.verify(), Err(VerifyError::Entry { index: 500 })));
    let stopped = append(&log, "more").unwrap_err();
    assert!(matches!(stopped, AppendError::Engine(EngineError::Corrupt { index: 500 })));
    let stopped = log.publish(&signed(log.head().unwrap())).unwrap_err();
    assert!(matches!(stopped, PublishError::Engine(EngineError::Corrupt { index: 500 })));

    cluster.query(0, "UPDATE sinpyo.entry SET data = 'entry 500' WHERE position = 500").unwrap();
    let other = open(&cluster.url(), &options);
    other.verify().unwrap();
    other.publish(&signed(other.head().unwrap())).unwrap();
    cluster.query(0, "DELETE FROM sinpyo.entry WHERE position = 500").unwrap();
    assert!(matches!(other.verify(), Err(VerifyError::Entry { index: 500 })));
}

/// What [`Counting`] put before a submission is index and time.
fn counted(entry: &[u8]) -> Option<Vec<u8>> {
    entry.splitn(3, |byte| *byte == b' ').nth(2).map(<[u8]>::to_vec)
}

/// LED-11: somebody who leaves the entries as they are. Each change is found, and not after it was undone.
#[test]
fn what_belongs_to_the_entries_is_verified_with_them() {
    let Some(cluster) = cluster(0) else { return };
    let options = options(Mode::Single).submissions(counted);
    let open = || PgLog::open(&cluster.url(), &options, Counting, still()).unwrap();
    let log = open();
    let texts = (0..1500).map(|number| format!("+{number} x").into_bytes());
    let texts: Vec<_> = texts.chain([b"-7".to_vec(), b"+8 again".to_vec()]).collect();
    assert!(log.append(texts).iter().all(Result::is_ok));
    log.publish(&signed(log.head().unwrap())).unwrap();
    log.verify().unwrap();

    let found = |change: &str, code: &str| {
        cluster.query(0, "CREATE SCHEMA whole").unwrap();
        for table in ["head", "entry", "tile", "state", "checkpoint"] {
            cluster.query(0, &format!("CREATE TABLE whole.{table} AS TABLE sinpyo.{table}")).unwrap();
        }
        let log = open();
        cluster.query(0, change).unwrap();
        let error = log.verify().unwrap_err();
        assert_eq!(error.code(), Some(code), "{change}: {error:?}");
        assert!(append(&log, "+more").is_err(), "{change}");
        let published = log.publish(&signed(log.head().unwrap()));
        assert!(matches!(published, Err(PublishError::Engine(_))), "{change}");
        for table in ["head", "entry", "tile", "state", "checkpoint"] {
            let again = format!("DELETE FROM sinpyo.{table}; INSERT INTO sinpyo.{table} TABLE whole.{table}");
            cluster.query(0, &again).unwrap();
        }
        cluster.query(0, "DROP SCHEMA whole CASCADE").unwrap();
        open().verify().unwrap();
    };
    found("UPDATE sinpyo.state SET value = '2' WHERE key = '9'", "PGL-20");
    found("INSERT INTO sinpyo.state VALUES ('7', '1')", "PGL-20");
    found("DELETE FROM sinpyo.state WHERE key = '1499'", "PGL-20");
    found("UPDATE sinpyo.entry SET digest = sha256('another') WHERE position = 300", "PGL-21");
    found("UPDATE sinpyo.entry SET digest = 'short' WHERE position = 300", "PGL-21");
    found("UPDATE sinpyo.checkpoint SET note = replace(note, 'log.example', '')", "PGL-18");
    found("UPDATE sinpyo.checkpoint SET size = 3", "PGL-18");
    found("INSERT INTO sinpyo.entry VALUES (-1, 'x', sha256('x'))", "PGL-15");
    let inner =
        "UPDATE sinpyo.tile SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE place = 0";
    found(inner, "PGL-15");
    found(
        "ALTER TABLE sinpyo.entry DROP CONSTRAINT entry_digest_key;
         UPDATE sinpyo.entry SET digest = (SELECT digest FROM sinpyo.entry WHERE position = 1) WHERE position = 1400",
        "PGL-21",
    );
}

/// As [`Opaque`], and says when it reads the log again that one entry was never lawful.
struct Reformed;

impl Sequencing for Reformed {
    fn sequence(&self, state: &dyn StateView, at: Position, text: &[u8]) -> Result<NewEntry, Refusal> {
        Opaque.sequence(state, at, text)
    }

    fn replay(&self, _: &dyn StateView, _: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        match entry {
            b"unlawful" => Err(Refusal::Rule { code: "TEST", reason: "unlawful".into() }),
            _ => Ok(Vec::new()),
        }
    }
}

#[test]
fn an_entry_that_breaks_a_rule_is_named() {
    let Some(cluster) = cluster(0) else { return };
    let log = PgLog::open(&cluster.url(), &options(Mode::Single), Reformed, still()).unwrap();
    append(&log, "lawful").unwrap();
    log.verify().unwrap();
    append(&log, "unlawful").unwrap();
    let error = log.verify().unwrap_err();
    assert_eq!(error.code(), Some("PGL-19"));
    assert!(matches!(error, VerifyError::Unlawful { index: 1, reason: Refusal::Rule { code: "TEST", .. } }));
    assert!(append(&log, "more").is_err());
}

#[test]
fn a_head_that_does_not_match_is_refused() {
    let Some(cluster) = cluster(0) else { return };
    let options = options(Mode::Single);
    let log = open(&cluster.url(), &options);
    for text in ["a", "b", "c"] {
        append(&log, text).unwrap();
    }
    cluster.query(0, "UPDATE sinpyo.entry SET data = 'x' WHERE position = 2").unwrap();
    assert_eq!(refused(&cluster, Mode::Single), Unfit::HeadMismatch { size: 3 });
    cluster.query(0, "UPDATE sinpyo.entry SET data = 'c' WHERE position = 2").unwrap();
    open(&cluster.url(), &options);
    let flipped = "UPDATE sinpyo.tile SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)";
    cluster.query(0, flipped).unwrap();
    assert_eq!(refused(&cluster, Mode::Single), Unfit::HeadMismatch { size: 3 });
    cluster.query(0, flipped).unwrap();

    // Taken back as a whole, as by a restored backup: who has seen more refuses; who has not cannot know.
    let keep = "CREATE TABLE sinpyo.kept AS SELECT * FROM sinpyo.head";
    cluster.query(0, keep).unwrap();
    let kept_tile = "CREATE TABLE sinpyo.kept_tile AS SELECT * FROM sinpyo.tile";
    cluster.query(0, kept_tile).unwrap();
    append(&log, "d").unwrap();
    let seen = log.head().unwrap();
    cluster
        .query(
            0,
            "BEGIN; DELETE FROM sinpyo.head; INSERT INTO sinpyo.head SELECT * FROM sinpyo.kept;
             DELETE FROM sinpyo.tile; INSERT INTO sinpyo.tile SELECT * FROM sinpyo.kept_tile;
             DELETE FROM sinpyo.entry WHERE position = 3; COMMIT",
        )
        .unwrap();
    let gone_back = failure(append(&log, "e").unwrap_err());
    assert!(matches!(gone_back, PgError::Refused(Unfit::Fork { size: 4 })), "{gone_back:?}");
    assert_eq!(behind(&log.head().unwrap_err()).code(), Some("PGL-06"));
    let told = options.clone().continues(seen);
    let refused = PgLog::open(&cluster.url(), &told, Opaque, still()).unwrap_err();
    assert_eq!(refused.code(), Some("PGL-06"));
    assert_eq!(append(&open(&cluster.url(), &options), "another d").unwrap().index, 3);
    let forked = failure(append(&log, "f").unwrap_err());
    assert!(matches!(forked, PgError::Refused(Unfit::Fork { size: 4 })), "as long, and another: {forked:?}");
}

/// Makes an entry as long as the submission says.
struct Long;

impl Sequencing for Long {
    fn sequence(&self, _: &dyn StateView, _: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        let length: usize = std::str::from_utf8(submission).unwrap().parse().unwrap();
        Ok(NewEntry { entry: vec![b'x'; length], writes: Vec::new() })
    }

    fn replay(&self, _: &dyn StateView, _: u64, _: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        Ok(Vec::new())
    }
}

#[test]
fn an_entry_that_no_bundle_can_hold_is_refused() {
    let Some(cluster) = cluster(0) else { return };
    let log = PgLog::open(&cluster.url(), &options(Mode::Single), Long, still()).unwrap();
    let answers = log.append([MAX_ENTRY, MAX_ENTRY + 1].map(|length| length.to_string().into_bytes()).into());
    assert_eq!(answers[0].as_ref().unwrap().index, 0);
    assert_eq!(answers[1].as_ref().unwrap_err().code(), Some("PGL-14"));
    assert_eq!(log.head().unwrap().size, 1);
}

/// Appends behind the log's back while the log appends.
struct Intruder(Cluster);

impl Sequencing for Intruder {
    fn sequence(&self, _: &dyn StateView, _: Position, submission: &[u8]) -> Result<NewEntry, Refusal> {
        if submission == b"now" {
            self.0.query(0, "UPDATE sinpyo.head SET root = sha256('another')").unwrap();
        }
        Ok(NewEntry { entry: submission.to_vec(), writes: Vec::new() })
    }

    fn replay(&self, _: &dyn StateView, _: u64, _: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        Ok(Vec::new())
    }
}

#[test]
fn a_writer_that_ignores_the_lock_is_noticed() {
    let Some(cluster) = cluster(0) else { return };
    let url = cluster.url();
    let log = PgLog::open(&url, &options(Mode::Single), Intruder(cluster), still()).unwrap();
    append(&log, "before").unwrap();
    let noticed = failure(append(&log, "now").unwrap_err());
    assert!(matches!(noticed, PgError::Contended), "{noticed:?}");
    let entries = || log.entries(0..2);
    assert!(entries().is_err(), "nothing was written");
    let refused = failure(append(&log, "after").unwrap_err());
    assert_eq!(refused.code(), Some("PGL-09"), "the head that it left is no head: {refused:?}");
}
