//! The voting service: sockets, the clock, files and threads around `sinpyo-voting-api`.

pub(crate) mod hands;
pub(crate) mod heads;
pub(crate) mod logs;
pub(crate) mod registrar;
pub(crate) mod relay;

use super::{
    edge::{Answer, Limits, Service},
    issuer::peer_of,
    pulse::{Piece, Polled, Working},
};
use crate::{
    http::GuardedClient,
    os::{OsEntropy, SystemClock},
    service::memory::Memory,
};
use hyper::{Request, body::Bytes};
use sinpyo_core::time::Clock as _;
use sinpyo_voting_api::{Cast, Feed, MAX_BODY, Poll, Service as Api, Step};
use sinpyo_web::{event, webhook::Webhooks};
use std::sync::{Arc, OnceLock};
use tokio::sync::{oneshot, watch};

/// Requests that are worked on at once: as many share one commit. Ballots that wait to be checked are not among them.
const AT_ONCE: usize = 128;

/// A voting service that is served; it answers once it knows under which address.
#[derive(Debug)]
pub(crate) struct Voting {
    pub(crate) api: OnceLock<Arc<Api>>,
    pub(crate) memory: Memory,
    pub(crate) client: Arc<GuardedClient>,
    pub(crate) beats: watch::Receiver<u64>,
}

impl Voting {
    fn follow(&self, api: &Arc<Api>, path: &str, mut feed: Feed) -> Answer {
        let api = Arc::clone(api);
        let next = move || match api.poll(&mut feed) {
            Poll::Frames(frames) => Some(Piece::Frames(frames)),
            Poll::Failed => None,
        };
        Answer::Events(event::stream(), Box::new(Polled::new(path, next, self.beats.clone())))
    }
}

/// A ballot is answered by whoever checks it, so that thousands may wait.
fn cast(api: &Api, cast: Cast) -> Answer {
    let (reply, answer) = oneshot::channel();
    api.cast(
        cast,
        Box::new(move |response| {
            // Whoever posted it may have gone; the ballot stays.
            let _ = reply.send(response);
        }),
    );
    Answer::Later(answer)
}

impl Service for Voting {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        let api = match super::begun(&self.api, &self.memory, &request) {
            Ok(api) => api,
            Err(answer) => return Answer::Whole(*answer),
        };
        let peer = peer_of(&request);
        let request = request.map(|body| body.to_vec());
        match api.answer(&request, peer, SystemClock.now(), &mut OsEntropy) {
            Step::Answer(answer) => Answer::Whole(answer),
            Step::Follow(feed) => self.follow(api, request.uri().path(), feed),
            Step::Cast(ballot) => cast(api, ballot),
        }
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY + 1, at_once: AT_ONCE }
    }
}

impl Working for Voting {
    fn memory(&self) -> &Memory {
        &self.memory
    }

    fn webhooks(&self) -> Option<Webhooks<'_>> {
        None
    }

    fn client(&self) -> Arc<GuardedClient> {
        Arc::clone(&self.client)
    }
}
