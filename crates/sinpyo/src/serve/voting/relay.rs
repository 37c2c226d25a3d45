//! A relay for ballots: the board sees its address and not the voter's.
//!
//! It passes on the bytes of a ballot and its admission token, or the tracking code whose receipt is asked for, and nothing
//! else that it was sent: no address, no cookie, no other header. It keeps nothing and writes nothing down. What it hides is
//! only hidden from a board that is run by somebody else.

use super::super::edge::{Answer, Limits, Service};
use crate::remote::peer::{base_url, straight};
use anyhow::{Context, Result};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use reqwest::Client;
use sinpyo_voting::event::Rejected;
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
};
use url::Url;

/// Longest ballot, in bytes: no longer one is anything but refused.
const MAX_BALLOT: usize = Rejected::MAX_KEPT;
/// Longest answer.
const MAX_ANSWER: usize = 256 << 10;
const AT_ONCE: usize = 64;
/// Requests that wait for the board, whose ballots are kept meanwhile: some 10 MB.
const MOST_WAITING: usize = 256;
const PATIENCE: Duration = Duration::from_secs(40);
/// What is passed on of a request and of an answer, and nothing beside it.
const TOKEN: HeaderName = HeaderName::from_static("admission-token");
const ANSWERED: [HeaderName; 3] =
    [header::CONTENT_TYPE, header::RETRY_AFTER, HeaderName::from_static("entry-index")];

/// A relay to one board.
#[derive(Debug)]
pub(crate) struct Relay {
    board: Url,
    client: Client,
    waiting: Arc<Semaphore>,
}

impl Relay {
    /// Will pass ballots on to the service at `board`.
    pub(crate) fn new(board: &str) -> Result<Self> {
        let client = straight().timeout(PATIENCE).build().context("cannot make an HTTP client")?;
        Ok(Self { board: base_url(board)?, client, waiting: Arc::new(Semaphore::new(MOST_WAITING)) })
    }

    /// Where the board takes what was sent to `path`: `/e/<64 hex digits>/ballots` and
    /// `/e/<64 hex digits>/receipts/<20 letters>`, and no other place.
    fn place(&self, method: &Method, path: &str) -> Option<Url> {
        let (election, rest) = path.strip_prefix("/e/")?.split_once('/')?;
        let is_hex =
            election.len() == 64 && election.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_known = match rest.strip_prefix("receipts/") {
            Some(code) => *method == Method::GET && code.len() == 20 && code.bytes().all(is_base32),
            None => *method == Method::POST && rest == "ballots",
        };
        if !is_hex || !is_known {
            return None;
        }
        self.board.join(&format!("e/{election}/{rest}")).ok()
    }
}

/// A letter of a tracking code.
const fn is_base32(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'2'..=b'7')
}

impl Service for Relay {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        if request.method() == Method::GET && request.uri().path() == "/healthz" {
            return Answer::Whole(Response::new(b"{\"ready\":true}".to_vec()));
        }
        let Some(place) = self.place(request.method(), request.uri().path()) else {
            return Answer::Whole(super::super::plain(StatusCode::NOT_FOUND));
        };
        // A board that is slow must not fill the memory with ballots. [CLI-34]
        let Ok(permit) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return Answer::Whole(later(StatusCode::SERVICE_UNAVAILABLE));
        };
        let onwards = if request.method() == Method::GET {
            self.client.get(place)
        } else {
            let token = request.headers().get(TOKEN).cloned();
            let onwards = self.client.post(place).header(header::CONTENT_TYPE, "application/octet-stream");
            let onwards = token.into_iter().fold(onwards, |onwards, token| onwards.header(TOKEN, token));
            onwards.body(request.into_body())
        };
        let (reply, answer) = oneshot::channel();
        Handle::current().spawn(async move {
            // Whoever posted it may have gone.
            let _ = reply.send(passed_on(onwards).await);
            drop(permit);
        });
        Answer::Later(answer)
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BALLOT, at_once: AT_ONCE }
    }
}

async fn passed_on(request: reqwest::RequestBuilder) -> Response<Vec<u8>> {
    match sent(request).await {
        Some(response) => response,
        None => later(StatusCode::BAD_GATEWAY),
    }
}

/// An answer after which the same may be sent again.
fn later(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = super::super::plain(status);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

async fn sent(request: reqwest::RequestBuilder) -> Option<Response<Vec<u8>>> {
    let mut received = request.send().await.ok()?;
    let mut response = Response::new(Vec::new());
    *response.status_mut() = received.status();
    let headers: HeaderMap = std::mem::take(received.headers_mut());
    for name in ANSWERED {
        if let Some(value) = headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    while let Some(chunk) = received.chunk().await.ok()? {
        if response.body().len() + chunk.len() > MAX_ANSWER {
            return None;
        }
        response.body_mut().extend_from_slice(&chunk);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ballot that is posted to the relay: the answer's status, or what answers later.
    fn posted(relay: &Relay) -> Result<oneshot::Receiver<Response<Vec<u8>>>, StatusCode> {
        let path = format!("/e/{}/ballots", "0123456789abcdef".repeat(4));
        match relay.answer(Request::post(path).body(Bytes::from_static(b"ballot")).unwrap()) {
            Answer::Later(answer) => Ok(answer),
            Answer::Whole(answer) => {
                assert!(answer.headers().contains_key(header::RETRY_AFTER));
                Err(answer.status())
            }
            Answer::Events(..) => panic!("no events"),
        }
    }

    #[tokio::test]
    async fn a_slow_board_does_not_fill_the_relay() {
        // It takes connections and says nothing.
        let board = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay::new(&format!("http://{}/", board.local_addr().unwrap())).unwrap();
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| posted(&relay).unwrap()).collect();
        assert_eq!(posted(&relay).unwrap_err(), StatusCode::SERVICE_UNAVAILABLE);
        // It is gone: all are answered, and others may come.
        drop(board);
        for answer in waiting {
            assert_eq!(answer.await.unwrap().status(), StatusCode::BAD_GATEWAY);
        }
        assert!(posted(&relay).is_ok());
    }

    #[test]
    fn only_ballots_are_passed_on() {
        let relay = Relay::new("http://127.0.0.1:9/").unwrap();
        let (election, code) = ("0123456789abcdef".repeat(4), "abcdefghijklmnop2345");
        for (method, rest) in
            [(Method::POST, "ballots".to_owned()), (Method::GET, format!("receipts/{code}"))]
        {
            let path = format!("/e/{election}/{rest}");
            let place = relay.place(&method, &path).unwrap();
            assert_eq!(place.as_str(), format!("http://127.0.0.1:9{path}"));
            let other = if method == Method::GET { Method::POST } else { Method::GET };
            assert!(relay.place(&other, &path).is_none());
        }
        let upper = election.to_uppercase();
        for other in [
            format!("/e/{election}/events"),
            format!("/e/{election}/ballots/"),
            format!("/e/{upper}/ballots"),
            format!("/e/{election}/../../admin/ballots"),
            format!("/e/{election}/receipts/../../../admin000"),
            format!("/e/{election}/receipts/{code}/"),
            "/admin/ballots".to_owned(),
            "/e//ballots".to_owned(),
        ] {
            for method in [Method::GET, Method::POST] {
                assert!(relay.place(&method, &other).is_none(), "{other}");
            }
        }
    }
}
