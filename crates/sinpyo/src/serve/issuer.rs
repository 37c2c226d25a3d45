//! The issuer as a service: sockets, the clock and the ledger around `sinpyo-issuer-api`.

use super::{
    edge::{Answer, Limits, PeerAddress, Service},
    pulse::{Piece, Polled, Working},
};
use crate::{
    http::GuardedClient,
    os::{OsEntropy, SystemClock},
    service::memory::Memory,
};
use hyper::{Request, body::Bytes};
use sinpyo_core::time::Clock as _;
use sinpyo_issuer_api::{MAX_BODY, Reply, Service as Api};
use sinpyo_web::webhook::Webhooks;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
};
use tokio::sync::watch;

/// Requests that are worked on at once: as many share one commit.
const AT_ONCE: usize = 64;

/// An issuer that is served; it answers once it knows under which address.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) api: OnceLock<Arc<Api>>,
    pub(crate) memory: Memory,
    pub(crate) client: Arc<GuardedClient>,
    pub(crate) beats: watch::Receiver<u64>,
}

impl Service for Issuer {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        let api = match super::begun(&self.api, &self.memory, &request) {
            Ok(api) => api,
            Err(answer) => return Answer::Whole(*answer),
        };
        match api.answer(&request, peer_of(&request), SystemClock.now(), &mut OsEntropy) {
            Reply::Response(answer) => Answer::Whole(answer),
            Reply::Feed(mut feed) => {
                let head = feed.head();
                let next = move || match feed.next(SystemClock.now()) {
                    Ok(Some(frames)) => Some(Piece::Frames(frames)),
                    Ok(None) => Some(Piece::End(Vec::new())),
                    Err(_) => None,
                };
                Answer::Events(head, Box::new(Polled::new(request.uri().path(), next, self.beats.clone())))
            }
        }
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY + 1, at_once: AT_ONCE }
    }
}

impl Working for Issuer {
    fn memory(&self) -> &Memory {
        &self.memory
    }

    fn webhooks(&self) -> Option<Webhooks<'_>> {
        self.api.get().map(|api| api.webhooks())
    }

    fn client(&self) -> Arc<GuardedClient> {
        Arc::clone(&self.client)
    }
}

/// The address at the other end of the connection: of a proxy, if one stands before the server.
pub(super) fn peer_of<B>(request: &Request<B>) -> IpAddr {
    request.extensions().get::<PeerAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
}
