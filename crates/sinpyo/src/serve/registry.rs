//! The registry as a service: the log, its checkpoints and its witnesses around `sinpyo-registry-api`.

mod metered;
pub(crate) mod metrics;
pub(crate) mod publish;
mod witnesses;

use super::edge::{Answer, Feed, Limits, PeerAddress, Service};
use crate::{
    log_keys::LogSigners,
    os::{SharedClock, SystemClock},
    published::Published,
};
use anyhow::{Context, Result};
use hyper::{Request, Response, StatusCode, body::Bytes};
use metered::Metered;
use metrics::Metrics;
use publish::Publisher;
use sinpyo_core::{did::Did, time::Clock as _};
use sinpyo_registry::{Ledger, engine::LogEngine};
use sinpyo_registry_api::{Api, Budget, Cursor, LimitSettings, Limits as PeerLimits, Settings};
use sinpyo_tlog::policy::Policy;
use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError, watch};

/// Longest request body: an operation, and a little, so that a longer one is answered as such.
const MAX_BODY: usize = 70_000;
/// Requests that are worked on at once: as many share one commit.
const AT_ONCE: usize = 256;
/// Long proofs that are made at once: each may be of many megabytes.
const PROVING: usize = 4;
/// When to ask again for one.
const BUSY: Duration = Duration::from_secs(1);

/// A log with its keys.
pub(crate) struct ServedLog {
    pub(crate) engine: Box<dyn LogEngine>,
    pub(crate) signers: LogSigners,
    /// What it published last.
    pub(crate) published: Published,
    /// The root accreditor, and the operation that creates its DID, if the log may still lack that.
    pub(crate) root: (Did, Option<Vec<u8>>),
    /// Whose cosignatures are asked for, and how many are wanted.
    pub(crate) policy: Policy,
}

/// A registry that is served.
pub(crate) struct Registry {
    engine: Arc<dyn LogEngine>,
    signers: Arc<LogSigners>,
    publisher: Arc<Publisher>,
    pub(crate) metrics: Arc<Metrics>,
    limits: Mutex<PeerLimits>,
    /// Long proofs that are made at once.
    proving: Semaphore,
    /// Set once it is known under which URL.
    pub(crate) settings: OnceLock<Settings>,
    /// Itself, for streams that outlive the request they began with.
    own: std::sync::Weak<Self>,
}

impl Registry {
    /// Opens the log, which gets its first entry now if it has none.
    pub(crate) fn open(log: ServedLog, limits: LimitSettings) -> Result<Arc<Self>> {
        let metrics = Arc::new(Metrics::default());
        let engine: Arc<dyn LogEngine> = Arc::new(Metered { log: log.engine, metrics: Arc::clone(&metrics) });
        let (root, operation) = &log.root;
        log.published.announce(&log.signers, &*engine)?;
        Ledger::with_keys(&*engine, log.signers.keys(), root).context("cannot open the log")?;
        // A new log has its first entry now.
        log.published.announce(&log.signers, &*engine)?;
        // The same bytes again change nothing.
        if let Some(Err(error)) = operation.clone().and_then(|operation| engine.append(vec![operation]).pop())
        {
            return Err(error).context("the log does not take its root accreditor");
        }
        let signers = Arc::new(log.signers);
        let clock = SharedClock::new(SystemClock);
        let voice = (Arc::clone(&signers), log.published);
        let publisher = Publisher::new(Arc::clone(&engine), voice, log.policy, Arc::clone(&metrics), clock);
        Ok(Arc::new_cyclic(|own| Self {
            engine,
            signers,
            publisher: Arc::new(publisher),
            metrics,
            limits: Mutex::new(PeerLimits::new(limits)),
            proving: Semaphore::new(PROVING),
            settings: OnceLock::new(),
            own: own.clone(),
        }))
    }

    /// Starts to publish.
    pub(crate) fn start(&self) -> Result<Working> {
        let publisher = Arc::clone(&self.publisher);
        let publishing = std::thread::Builder::new().name("publisher".into());
        let publishing = publishing.spawn(move || publisher.run()).context("cannot start a thread")?;
        let mut threads = vec![publishing];
        threads.extend(witnesses::start(&self.publisher)?);
        Ok(Working { publisher: Arc::clone(&self.publisher), threads })
    }

    /// The ledger, which was opened before.
    pub(crate) fn ledger(&self) -> Ledger<'_> {
        Ledger::reopened(&*self.engine, self.signers.keys())
    }

    /// The API, as one request uses it.
    fn with_api<T>(&self, settings: &Settings, act: impl FnOnce(&Api<'_>) -> T) -> T {
        let ledger = self.ledger();
        act(&Api { settings, ledger: &ledger, engine: &*self.engine })
    }

    fn admitted(&self, request: &Request<Bytes>) -> Result<(), sinpyo_registry_api::TooOften> {
        let Some(PeerAddress(peer)) = request.extensions().get().copied() else { return Ok(()) };
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.admit(peer.ip(), Budget::of(request), SystemClock.now())
    }
}

/// The threads beside the server.
pub(crate) struct Working {
    publisher: Arc<Publisher>,
    threads: Vec<JoinHandle<()>>,
}

impl Working {
    /// Publishes what is not published yet, and waits for all threads.
    pub(crate) fn finish(self) {
        self.publisher.stop();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread beside the server broke down");
            }
        }
    }
}

impl Service for Registry {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        let Some(settings) = self.settings.get() else { return Answer::Whole(unavailable()) };
        let answered = self.with_api(settings, |api| {
            if let Err(often) = self.admitted(&request) {
                return sinpyo_registry_api::Answer::Whole(api.too_often(often.retry_after)); // [CLI-11]
            }
            let Ok(_place) = place_for(&request, &self.proving) else {
                return sinpyo_registry_api::Answer::Whole(api.too_often(BUSY)); // [CLI-22]
            };
            api.answer(&request, SystemClock.now())
        });
        match (answered, self.own.upgrade()) {
            (sinpyo_registry_api::Answer::Whole(answer), _) => Answer::Whole(answer),
            (sinpyo_registry_api::Answer::Stream(stream), Some(registry)) => {
                let feed = Events { registry, cursor: stream.cursor };
                Answer::Events(stream.head, Box::new(feed))
            }
            (sinpyo_registry_api::Answer::Stream(_), None) => Answer::Whole(unavailable()),
        }
    }

    fn too_long(&self) -> Response<Vec<u8>> {
        let Some(settings) = self.settings.get() else { return unavailable() };
        Api { settings, ledger: &self.ledger(), engine: &*self.engine }.too_long()
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY, at_once: AT_ONCE }
    }
}

/// A place among those for whom a long proof is made; none is needed for anything else.
fn place_for<'s>(
    request: &Request<Bytes>,
    proving: &'s Semaphore,
) -> Result<Option<SemaphorePermit<'s>>, TryAcquireError> {
    let is_long = Budget::of(request) == Budget::Prove;
    is_long.then(|| proving.try_acquire()).transpose()
}

fn unavailable() -> Response<Vec<u8>> {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer
}

/// One reader's stream of events.
struct Events {
    registry: Arc<Registry>,
    cursor: Cursor,
}

impl Feed for Events {
    fn next(&mut self) -> Option<Vec<u8>> {
        let (registry, cursor) = (&self.registry, &mut self.cursor);
        let settings = registry.settings.get()?;
        registry.with_api(settings, |api| api.events(cursor).ok())
    }

    fn news(&self) -> watch::Receiver<u64> {
        self.registry.publisher.news.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_long_proofs_are_made_at_once() {
        let ask = |path: &str| Request::get(path).body(Bytes::new()).unwrap();
        let (proof, checkpoint) = (ask("/dids/did:tlog:zQm/proof"), ask("/checkpoint"));
        let proving = Semaphore::new(PROVING);
        let mut places: Vec<_> = (0..4).map(|_| place_for(&proof, &proving).unwrap()).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(place_for(&proof, &proving).is_err());
        // Others are answered all the same, and the next one when a proof is done.
        assert!(place_for(&checkpoint, &proving).unwrap().is_none());
        places.pop();
        place_for(&proof, &proving).unwrap();
    }
}
