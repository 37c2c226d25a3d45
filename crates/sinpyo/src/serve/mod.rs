//! The servers.

pub(crate) mod edge;
pub(crate) mod folder;
pub(crate) mod issuer;
pub(crate) mod keep;
pub(crate) mod pulse;
pub(crate) mod registry;
pub(crate) mod tls;
pub(crate) mod vcapi;
pub(crate) mod verifier;
pub(crate) mod voting;
pub(crate) mod wallet;
pub(crate) mod witness;

use crate::{os::SystemClock, service::memory::Memory};
use hyper::{Request, Response, StatusCode, body::Bytes, header, header::HeaderValue};
use sinpyo_core::time::Clock as _;
use sinpyo_state::{Key, Space};
use std::sync::{Arc, OnceLock};

/// Whether a service can work now: for whoever distributes requests among nodes. `/healthz` says that it runs.
const READY: &str = "/readyz";

/// The service behind the socket; before it is there, and for [`READY`], the answer without it.
fn begun<'a, A>(
    api: &'a OnceLock<Arc<A>>,
    memory: &Memory,
    request: &Request<Bytes>,
) -> Result<&'a Arc<A>, Box<Response<Vec<u8>>>> {
    match api.get() {
        None => Err(Box::new(plain(StatusCode::SERVICE_UNAVAILABLE))),
        Some(_) if request.uri().path() == READY => Err(Box::new(ready(memory))),
        Some(api) => Ok(api),
    }
}

/// 200 if the memory answers, 503 if not.
fn ready(memory: &Memory) -> Response<Vec<u8>> {
    let probe = Key::named(Space::new("probe"), "ready");
    if memory.state().get(&probe, SystemClock.now()).is_err() {
        tracing::error!(why = memory.failure(), "the service's memory cannot be reached");
        return plain(StatusCode::SERVICE_UNAVAILABLE); // [CLI-28]
    }
    let mut answer = plain(StatusCode::OK);
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, text);
    answer.body_mut().extend_from_slice(b"ready\n");
    answer
}

fn plain(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}
