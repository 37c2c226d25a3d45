//! The VC API as a service: bytes, the clock and the fetching around `sinpyo-vcapi`.

use super::{
    edge::{Answer, Limits, PeerAddress, Service},
    keep::Memory,
};
use crate::{
    facts::Source,
    home::Home,
    http::{FetchError, GuardedClient},
    os::{OsEntropy, SharedClock, SystemClock},
};
use hyper::{Request, Response, StatusCode, body::Bytes};
use sinpyo_core::{did::Did, time::Clock};
use sinpyo_resolver::{Resolution, VersionQuery, resolve_version};
use sinpyo_vcapi::{Api, Fact, Facts, Instances, Need, Peer, Settings, Step};
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, task::JoinSet, time::timeout};

/// Longest document or list that is fetched.
const MAX_FETCHED: usize = 4 << 20;
/// Longest time that all fetching for one request may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Longest request body; the longest credential is 1 MiB.
const MAX_BODY: usize = 2 << 20;
/// Requests that are worked on at once.
const AT_ONCE: usize = 64;

/// A server with everything it needs; it answers once it knows under which URL.
#[derive(Debug)]
pub(crate) struct VcApi {
    pub(crate) settings: OnceLock<Settings>,
    pub(crate) instances: Instances,
    pub(crate) memory: Memory,
    pub(crate) client: Arc<GuardedClient>,
    /// The installation whose ledger resolves did:tlog, if there is one.
    pub(crate) home: Option<PathBuf>,
}

impl Service for VcApi {
    fn answer(&self, mut request: Request<Bytes>) -> Answer {
        let Some(settings) = self.settings.get() else {
            return Answer::Whole(plain(StatusCode::SERVICE_UNAVAILABLE));
        };
        if let Some(PeerAddress(address)) = request.extensions().get().copied() {
            request.extensions_mut().insert(Peer(address.ip().to_string()));
        }
        let api = self.api(settings);
        let (mut facts, begun) = (Facts::default(), Instant::now());
        loop {
            match api.answer(&request, &facts, SystemClock.now(), &mut OsEntropy) {
                Step::Answer(answer) => return Answer::Whole(answer),
                Step::Need(needs) => self.fetch(needs, PATIENCE.saturating_sub(begun.elapsed()), &mut facts),
            }
        }
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY, at_once: AT_ONCE }
    }

    fn too_long(&self) -> Response<Vec<u8>> {
        match self.settings.get() {
            Some(settings) => self.api(settings).too_long(),
            None => plain(StatusCode::PAYLOAD_TOO_LARGE),
        }
    }
}

impl VcApi {
    const fn api<'a>(&'a self, settings: &'a Settings) -> Api<'a> {
        Api { settings, instances: &self.instances, keep: &self.memory }
    }

    /// Fetches all of `needs` beside each other. What does not come in time is unavailable, and so is asked for once.
    fn fetch(&self, needs: Vec<Need>, patience: Duration, facts: &mut Facts) {
        let mut gets = JoinSet::new();
        for need in needs {
            match &need {
                Need::Get { url, accept } => {
                    let (client, url, accept) = (Arc::clone(&self.client), url.clone(), *accept);
                    let get = async move { timeout(patience, client.get(&url, accept, MAX_FETCHED)).await };
                    gets.spawn_on(
                        async move {
                            let fact = match get.await {
                                Ok(Ok(body)) => Fact::Body(body),
                                Ok(Err(FetchError::Status(404 | 410))) => Fact::Absent,
                                Ok(Err(_)) | Err(_) => Fact::Unavailable,
                            };
                            (need, fact)
                        },
                        &Handle::current(),
                    );
                }
                Need::Document { did, version } => {
                    let fact = self.document(did, version);
                    facts.supply(need, fact);
                }
                _ => facts.supply(need, Fact::Unavailable),
            }
        }
        for (need, fact) in Handle::current().block_on(gets.join_all()) {
            facts.supply(need, fact);
        }
    }

    /// The document of a DID on the ledger at hand.
    fn document(&self, did: &Did, version: &VersionQuery) -> Fact {
        let Some(home) = &self.home else { return Fact::Unavailable };
        let Ok(Resolution::Log(query)) = resolve_version(did, version) else { return Fact::Unavailable };
        let Ok(home) = Home::open(home, SharedClock::new(SystemClock)) else { return Fact::Unavailable };
        match home.document(query.did(), query.version()) {
            Ok(Some(proof)) => {
                let proven = home.trust().ok();
                let proven = proven.and_then(|log| proof.verify(log, query.did(), query.version()).ok());
                proven.map_or(Fact::Absent, |proven| Fact::Document(Box::new(proven.into_resolved())))
            }
            Ok(None) => Fact::Absent,
            Err(_) => Fact::Unavailable,
        }
    }
}

fn plain(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}
