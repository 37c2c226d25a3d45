//! Documents that live on web servers: did:web and did:webvh.

use crate::http::{FetchError, GuardedClient, Reach};
use anyhow::Result;
use http::{Request, Response};
use sinpyo_core::time::Timestamp;
use sinpyo_resolver::{FetchAnswer, FetchQuery, Fetched, MAX_ANSWER, ResolveError, ResolvedJson};
use tokio::runtime::{Builder, Runtime};

/// The way to web servers, through the guarded client.
#[derive(Debug)]
pub(crate) struct Web {
    client: GuardedClient,
    runtime: Runtime,
}

/// Why a document on a web server was not resolved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// The server could not be asked, or must not be.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What it answered is refused.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
}

impl WebError {
    /// The rule that was broken, as in `spec/checks/`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Resolve(error) => error.code(),
        }
    }
}

impl Web {
    /// Connects nothing yet, and will reach public servers.
    pub(crate) fn new() -> Result<Self> {
        Self::reaching(Reach::Public)
    }

    /// Connects nothing yet.
    pub(crate) fn reaching(reach: Reach) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { client: GuardedClient::reaching(reach)?, runtime })
    }

    /// The answer to `request`, with at most `limit` bytes.
    pub(crate) fn send(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        self.runtime.block_on(self.client.send(request, limit))
    }

    /// The body at `url`, at most `limit` bytes.
    pub(crate) fn get(&self, url: &str, accept: &str, limit: usize) -> Result<Vec<u8>, FetchError> {
        self.runtime.block_on(self.client.get(url, accept, limit))
    }

    /// Asks until `query` is answered: one or two files.
    pub(crate) fn resolve(&self, mut query: FetchQuery, now: Timestamp) -> Result<ResolvedJson, WebError> {
        loop {
            let request = query.request();
            let body = self.get(request.url(), request.accept(), MAX_ANSWER);
            let fetched = match &body {
                Ok(body) => Fetched::Body(body),
                Err(FetchError::Status(404 | 410)) => Fetched::Absent,
                Err(_) => return Err(body.err().map_or(ResolveError::Absent.into(), WebError::Fetch)),
            };
            match query.answer(&fetched, now)? {
                FetchAnswer::Resolved(resolved) => return Ok(*resolved),
                FetchAnswer::Fetch(next) => query = next,
            }
        }
    }
}
