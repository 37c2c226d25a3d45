//! One request and its answer.

use super::{
    PeerAddress,
    places::network,
    streams::{Audience, Streams},
};
use http_body_util::{BodyExt, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    header::{self, HeaderValue},
};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::{sleep, timeout},
};
use tracing::Instrument as _;

/// Longest time for the body of a request.
const BODY: Duration = Duration::from_secs(30);
/// Longest time that a request waits until it is worked on.
const QUEUE: Duration = Duration::from_secs(10);
/// A stream of events says something at least so often, so that both ends see whether the other is there.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// What is served.
pub(crate) trait Service: Send + Sync + 'static {
    /// Answers one request.
    fn answer(&self, request: Request<Bytes>) -> Answer;

    /// The answer to a request whose body is longer than is read.
    fn too_long(&self) -> Response<Vec<u8>> {
        super::super::plain(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// How much at a time.
    fn limits(&self) -> Limits;
}

/// How much is read and done at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Longest request body, in bytes.
    pub(crate) body: usize,
    /// Requests that are worked on at once; the others wait.
    pub(crate) at_once: usize,
}

/// An answer, or the beginning of one that does not end.
pub(crate) enum Answer {
    /// All of it.
    Whole(Response<Vec<u8>>),
    /// Its head; the rest comes as it happens.
    Events(Response<()>, Box<dyn Feed>),
    /// It is made elsewhere, and no thread waits for it.
    Later(oneshot::Receiver<Response<Vec<u8>>>),
}

/// What happens, as the bytes of an event stream.
pub(crate) trait Feed: Send {
    /// The events since the last call, as many as are sent at once; `None` if it failed. May block.
    fn next(&mut self) -> Option<Vec<u8>>;

    /// Changes when there may be more.
    fn news(&self) -> watch::Receiver<u64>;

    /// For whom it is.
    fn audience(&self) -> Audience {
        Audience::Everybody
    }
}

/// The work of one socket.
pub(super) struct Exchange {
    service: Arc<dyn Service>,
    body: usize,
    places: Arc<Semaphore>,
    streams: Arc<Streams>,
    stopping: watch::Receiver<bool>,
}

impl Exchange {
    pub(super) fn new(service: Arc<dyn Service>, stopping: watch::Receiver<bool>) -> Self {
        let limits = service.limits();
        let places = Semaphore::new(limits.at_once).into();
        Self { service, body: limits.body, places, streams: Arc::default(), stopping }
    }

    /// Answers one request, and tells the operator that it did.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Outgoing> {
        let (begun, id) = (Instant::now(), request_id());
        // The first part of the path is a word of ours; what follows may name somebody.
        let part = request.uri().path().split('/').nth(1).unwrap_or_default();
        let known = part.len() <= 24
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        let part = if known { part.to_owned() } else { String::from("-") };
        let span = tracing::info_span!("request", id, method = %request.method(), part);
        let mut answer = self.work(request).instrument(span.clone()).await;
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        span.in_scope(|| tracing::info!(status = answer.status().as_u16(), micros));
        if let Ok(id) = HeaderValue::from_str(&id) {
            answer.headers_mut().insert("x-request-id", id);
        }
        answer
    }

    async fn work(&self, request: Request<Incoming>) -> Response<Outgoing> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<PeerAddress>().map(|peer| network(peer.0.ip()));
        let (peer, path) = (peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), parts.uri.path().to_owned());
        let length = body.size_hint().lower();
        if usize::try_from(length).map_or(true, |length| length > self.body) {
            return self.too_long(); // [CLI-10]
        }
        let body = match timeout(BODY, Limited::new(body, self.body).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => return self.too_long(),
            Ok(Err(_)) => return closing(plain(StatusCode::BAD_REQUEST)),
            Err(_) => return closing(plain(StatusCode::REQUEST_TIMEOUT)), // [CLI-09]
        };
        let Ok(Ok(place)) = timeout(QUEUE, Arc::clone(&self.places).acquire_owned()).await else {
            return busy();
        };
        let (service, request) = (Arc::clone(&self.service), Request::from_parts(parts, body));
        let span = tracing::Span::current();
        let work = tokio::task::spawn_blocking(move || {
            let answer = span.in_scope(|| service.answer(request));
            drop(place);
            answer
        });
        match work.await {
            Ok(Answer::Whole(answer)) => whole(answer),
            Ok(Answer::Events(head, feed)) => self.stream(head, feed, (peer, &path)),
            Ok(Answer::Later(answer)) => match answer.await {
                Ok(answer) => whole(answer),
                Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
            },
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn too_long(&self) -> Response<Outgoing> {
        closing(whole(self.service.too_long()))
    }

    fn stream(
        &self,
        head: Response<()>,
        feed: Box<dyn Feed>,
        (peer, path): (IpAddr, &str),
    ) -> Response<Outgoing> {
        let Some(place) = self.streams.take(feed.audience(), peer, path) else { return busy() };
        // One piece at a time: a peer that does not read holds one of them.
        let (sender, receiver) = mpsc::channel(1);
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            follow(feed, &sender, stopping).await;
            drop(place);
        });
        with_headers(head.map(|()| Outgoing::Stream(receiver)))
    }
}

/// Sends events as they happen, until the peer is gone or the server stops.
async fn follow(mut feed: Box<dyn Feed>, sender: &mpsc::Sender<Bytes>, mut stopping: watch::Receiver<bool>) {
    let mut news = feed.news();
    loop {
        news.mark_unchanged();
        let read = tokio::task::spawn_blocking(move || (feed.next(), feed)).await;
        let Ok((Some(bytes), again)) = read else { return };
        feed = again;
        if !bytes.is_empty() {
            if sender.send(bytes.into()).await.is_err() {
                return;
            }
            continue;
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            () = sleep(HEARTBEAT) => if sender.send(Bytes::from_static(b":\n\n")).await.is_err() { return },
            // It changes once: when the server stops.
            _ = stopping.changed() => return,
            () = sender.closed() => return,
        }
    }
}

/// The body of an answer.
pub(super) enum Outgoing {
    Whole(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(Frame::data).map(Ok)),
            Self::Stream(pieces) => pieces.poll_recv(context).map(|piece| piece.map(Frame::data).map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

fn whole(answer: Response<Vec<u8>>) -> Response<Outgoing> {
    with_headers(answer.map(|body| Outgoing::Whole((!body.is_empty()).then(|| Bytes::from(body)))))
}

fn with_headers(mut answer: Response<Outgoing>) -> Response<Outgoing> {
    // Nothing in an answer is to be guessed at, and nothing kept by others unless it says so.
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

fn plain(status: StatusCode) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::Whole(None));
    *response.status_mut() = status;
    with_headers(response)
}

fn busy() -> Response<Outgoing> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// What is left of the request is not read.
fn closing(mut response: Response<Outgoing>) -> Response<Outgoing> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A name for one request, by which the operator finds it in the log; it says nothing about who asked.
fn request_id() -> String {
    let mut bytes = [0; 8];
    sinpyo_core::key::Entropy::fill(&mut crate::os::OsEntropy, &mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}
