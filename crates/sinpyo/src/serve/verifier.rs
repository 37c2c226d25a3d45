//! The verifier as a service: sockets, the clock and the looking up around `sinpyo-verifier-api`.

use super::{
    edge::{Answer, Limits, Service},
    issuer::peer_of,
    pulse::{Piece, Polled, Working},
};
use crate::{
    http::GuardedClient,
    os::{OsEntropy, SystemClock},
    service::{memory::Memory, world::World},
};
use hyper::{Request, StatusCode, body::Bytes};
use sinpyo_core::time::Clock as _;
use sinpyo_verifier::Known;
use sinpyo_verifier_api::{Facts, Incoming, MAX_BODY, Poll, Service as Api, Step, Wanted};
use sinpyo_web::{event, webhook::Webhooks};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Requests that are worked on at once: as many share one commit.
const AT_ONCE: usize = 64;
/// Rounds of looking up for one request: a chain of documents and lists has a few.
const ROUNDS: usize = 16;

/// A verifier that is served; it answers once it knows under which address.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) api: OnceLock<Arc<Api>>,
    pub(crate) memory: Memory,
    pub(crate) world: Arc<World>,
    pub(crate) beats: watch::Receiver<u64>,
}

/// What is known, and what was looked up for this one request, even if it cannot be had.
#[derive(Debug)]
struct Found<'w> {
    world: &'w World,
    here: Vec<(Wanted, Known)>,
}

impl Facts for Found<'_> {
    fn known(&self, wanted: &Wanted) -> Option<Known> {
        let here = self.here.iter().find(|(other, _)| is_same(other, wanted));
        here.map(|(_, known)| known.clone()).or_else(|| self.world.known(&wanted.need))
    }
}

/// One request has one trust: its roots, which are read anew each time, are the same.
fn is_same(one: &Wanted, other: &Wanted) -> bool {
    one.need == other.need && one.roots.is_some() == other.roots.is_some()
}

impl Verifier {
    fn step(&self, api: &Arc<Api>, request: &Request<Vec<u8>>) -> Answer {
        let mut incoming = Incoming::new(request, peer_of(request));
        let mut found = Found { world: &self.world, here: Vec::new() };
        for _ in 0..ROUNDS {
            let world = sinpyo_verifier_api::World {
                state: self.memory.state(),
                facts: &found,
                now: SystemClock.now(),
            };
            match api.answer(&mut incoming, &world, &mut OsEntropy) {
                Step::Answer(answer) => return Answer::Whole(answer),
                Step::Follow(feed) => return self.follow(api, request.uri().path(), feed),
                Step::Need(wanted) => {
                    let needs: Vec<_> = wanted.iter().map(|one| (&one.need, one.roots.as_ref())).collect();
                    let known = self.world.find(&needs);
                    found.here.extend(wanted.into_iter().zip(known));
                }
            }
        }
        tracing::error!("a request asked for ever more facts");
        Answer::Whole(super::plain(StatusCode::SERVICE_UNAVAILABLE))
    }

    fn follow(&self, api: &Arc<Api>, path: &str, mut feed: sinpyo_verifier_api::Feed) -> Answer {
        let (api, memory) = (Arc::clone(api), self.memory.clone());
        let next = move || match api.poll(&mut feed, memory.state(), SystemClock.now()) {
            Ok(Poll::Frames(frames)) => Some(Piece::Frames(frames)),
            Ok(Poll::End(frames)) => Some(Piece::End(frames)),
            Err(_) => None,
        };
        Answer::Events(event::stream(), Box::new(Polled::new(path, next, self.beats.clone())))
    }
}

impl Service for Verifier {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        let api = match super::begun(&self.api, &self.memory, &request) {
            Ok(api) => api,
            Err(answer) => return Answer::Whole(*answer),
        };
        self.step(api, &request.map(|body| body.to_vec()))
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY + 1, at_once: AT_ONCE }
    }
}

impl Working for Verifier {
    fn memory(&self) -> &Memory {
        &self.memory
    }

    fn webhooks(&self) -> Option<Webhooks<'_>> {
        self.api.get().map(|api| api.webhooks(self.memory.state()))
    }

    fn client(&self) -> Arc<GuardedClient> {
        self.world.client()
    }
}
