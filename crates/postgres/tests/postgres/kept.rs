//! Logs to test with, clients that append to them, and what must be there afterwards.

use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_postgres::{
    Mode, PgError, PgLog, PgOptions,
    cluster::{Cluster, Programs},
};
use sinpyo_registry::engine::{AppendError, Appended, EngineError, LogEngine, Opaque};
use sinpyo_testkit::FixedClock;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Frontier, Hash, TreeHead},
    note::LogKey,
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A clock that stands still.
pub(crate) fn still() -> FixedClock {
    FixedClock(Timestamp::from_unix(1000).unwrap())
}

/// A primary with so many standbys; `None` where there is no PostgreSQL.
pub(crate) fn cluster(standbys: usize) -> Option<Cluster> {
    Some(Cluster::start(&Programs::find_or_skip()?, standbys).unwrap())
}

pub(crate) fn options(mode: Mode) -> PgOptions {
    PgOptions::new(mode).patience(Duration::from_secs(3))
}

pub(crate) fn open(url: &str, options: &PgOptions) -> PgLog {
    PgLog::open(url, options, Opaque, still()).unwrap()
}

/// Appends one.
pub(crate) fn append(log: &PgLog, text: &str) -> Result<Appended, AppendError> {
    log.append(vec![text.as_bytes().to_vec()]).remove(0)
}

/// The failure of the database behind a refused append.
pub(crate) fn failure(error: AppendError) -> PgError {
    match error {
        AppendError::Engine(error) => behind(&error),
        other => panic!("not a failure of the engine: {other:?}"),
    }
}

pub(crate) fn behind(error: &EngineError) -> PgError {
    PgError::behind(error).unwrap_or_else(|| panic!("not a failure of the database: {error:?}")).clone()
}

/// Tries until it succeeds, for ten seconds at most; gives how long it took.
pub(crate) fn within_ten_seconds<T, E: std::fmt::Debug>(
    mut attempt: impl FnMut() -> Result<T, E>,
) -> (T, Duration) {
    let started = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return (value, started.elapsed()),
            Err(error) => assert!(started.elapsed() < Duration::from_secs(10), "still failing: {error:?}"),
        }
    }
}

/// Sets what needs no restart, and waits until new sessions have it.
pub(crate) fn set(cluster: &Cluster, setting: &str, value: &str) {
    cluster.query(0, &format!("ALTER SYSTEM SET {setting} = '{value}'")).unwrap();
    cluster.query(0, "SELECT pg_reload_conf()").unwrap();
    let shown = || (cluster.query(0, &format!("SHOW {setting}")).unwrap().trim() == value).then_some(());
    within_ten_seconds(|| shown().ok_or("not yet"));
}

/// A checkpoint that a key of the tests signed.
pub(crate) fn signed(head: TreeHead) -> SignedCheckpoint {
    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(7);
        }
    }
    let key = SigningKey::generate(Algorithm::Ed25519, &mut Fixed);
    let log = LogKey::new("log.example".parse().unwrap(), key.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:log#key".parse().unwrap(), key);
    SignedCheckpoint::sign(head, &log, &signer).unwrap()
}

/// What clients were told: by submission, its index.
#[derive(Default)]
pub(crate) struct Journal(Mutex<BTreeMap<String, u64>>);

impl Journal {
    /// Appends batches of ten until `stop`, and notes what was acknowledged. A failed batch is sent again.
    pub(crate) fn write(&self, log: &PgLog, client: &str, stop: &AtomicBool) {
        let mut number = 0;
        while !stop.load(Ordering::SeqCst) {
            let batch: Vec<String> = (number..number + 10).map(|one| format!("{client} {one}")).collect();
            let answers = log.append(batch.iter().map(|text| text.clone().into_bytes()).collect());
            if answers.iter().any(Result::is_err) {
                continue;
            }
            let indices = answers.into_iter().map(|answer| answer.unwrap().index);
            self.0.lock().unwrap().extend(batch.into_iter().zip(indices));
            number += 10;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Every acknowledged submission is at the index that was told, once; entries, tiles and head agree.
    pub(crate) fn check(&self, log: &PgLog) {
        let head = log.verify().unwrap();
        let entries = log.entries(0..head.size).unwrap();
        let mut frontier = Frontier::new();
        let mut places = BTreeMap::new();
        for (index, entry) in (0..).zip(&entries) {
            frontier.append(Hash::leaf(entry));
            let twice = places.insert(String::from_utf8(entry.clone()).unwrap(), index);
            assert_eq!(twice, None, "entry {index} is there twice");
        }
        assert_eq!(frontier.head(), head);
        for (submission, index) in &*self.0.lock().unwrap() {
            assert_eq!(places.get(submission), Some(index), "{submission:?} was acknowledged");
        }
    }
}
