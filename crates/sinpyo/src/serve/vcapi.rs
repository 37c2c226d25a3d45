//! The VC API as a service: bytes, the clock and the fetching around `sinpyo-vcapi`.

use super::{
    edge::{PeerAddress, Service},
    keep::Memory,
};
use crate::{
    facts::Source,
    home::Home,
    http::{FetchError, GuardedClient},
    os::{OsEntropy, SharedClock, SystemClock},
};
use axum::{
    body::Bytes,
    extract::ConnectInfo,
    http::{Request, Response, StatusCode},
};
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
    fn answer(&self, mut request: Request<Bytes>) -> Response<Vec<u8>> {
        let Some(settings) = self.settings.get() else { return plain(StatusCode::SERVICE_UNAVAILABLE) };
        if let Some(ConnectInfo(PeerAddress(address))) = request.extensions().get().copied() {
            request.extensions_mut().insert(Peer(address.ip().to_string()));
        }
        let api = self.api(settings);
        let (mut facts, begun) = (Facts::default(), Instant::now());
        loop {
            match api.answer(&request, &facts, SystemClock.now(), &mut OsEntropy) {
                Step::Answer(answer) => return answer,
                Step::Need(needs) => self.fetch(needs, PATIENCE.saturating_sub(begun.elapsed()), &mut facts),
            }
        }
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
            Ok(Some(proof)) => match query.answer(&proof, home.log_key()) {
                Ok(proven) => Fact::Document(Box::new(proven.into_resolved())),
                Err(_) => Fact::Absent,
            },
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
