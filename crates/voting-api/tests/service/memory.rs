//! What a service in memory works on: a clock that tests move, logs, and nobody who checks ballots by themselves.

use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::time::{Clock, Timestamp};
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::Unavailable;
use sinpyo_store::MemoryLog;
use sinpyo_voting::election::Rules;
use sinpyo_voting_api::{Logs, Workers};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
};

#[derive(Clone, Debug)]
pub(crate) struct TownClock(pub(crate) Arc<AtomicI64>);

impl Clock for TownClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(SeqCst)).unwrap()
    }
}

pub(crate) struct MemoryLogs {
    pub(crate) logs: Mutex<BTreeMap<ElectionId, Arc<dyn LogEngine>>>,
    pub(crate) clock: TownClock,
}

impl std::fmt::Debug for MemoryLogs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryLogs")
    }
}

impl MemoryLogs {
    /// Puts another log in the place of an election's.
    pub(crate) fn put(&self, election: ElectionId, log: Arc<dyn LogEngine>) {
        self.logs.lock().unwrap().insert(election, log);
    }
}

impl Logs for MemoryLogs {
    fn open(&self, election: &ElectionId) -> Result<Option<Arc<dyn LogEngine>>, Unavailable> {
        Ok(self.logs.lock().unwrap().get(election).cloned())
    }

    fn create(&self, election: &ElectionId) -> Result<Arc<dyn LogEngine>, Unavailable> {
        let mut logs = self.logs.lock().unwrap();
        let clock = self.clock.clone();
        let log = logs.entry(*election).or_insert_with(|| Arc::new(MemoryLog::new(Rules::new(), clock)));
        Ok(Arc::clone(log))
    }

    fn list(&self) -> Result<Vec<ElectionId>, Unavailable> {
        Ok(self.logs.lock().unwrap().keys().copied().collect())
    }
}

#[derive(Debug)]
pub(crate) struct NoWorkers;

impl Workers for NoWorkers {
    fn wake(&self) {}
}
