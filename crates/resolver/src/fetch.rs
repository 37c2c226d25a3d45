//! Questions to web servers, and what their answers come to.

use crate::{
    ResolveError, ResolvedJson, VersionQuery, did_web,
    did_webvh::{self, DidLog, WebvhDid, WitnessProofs},
    web_location::WebLocation,
};
use sinpyo_core::{did::Did, time::Timestamp};

/// Longest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 1 << 20;

/// A request that somebody has to make: a GET over https without cookies, credentials or redirects to other hosts, to an
/// address that is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    url: String,
    accept: &'static str,
}

impl FetchRequest {
    /// The https URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The media types to ask for, as an `Accept` header has them.
    pub const fn accept(&self) -> &'static str {
        self.accept
    }
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub enum Fetched<'b> {
    /// The body, with success. Read at most [`MAX_ANSWER`] and one byte of it.
    Body(&'b [u8]),
    /// The server says that there is no such file (404 or 410).
    Absent,
}

/// A question to the server of a did:web or did:webvh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchQuery {
    did: Did,
    version: VersionQuery,
    request: FetchRequest,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Waits for `did.json`.
    Web,
    /// Waits for `did.jsonl`.
    Log(WebLocation),
    /// Waits for `did-witness.json`.
    Witnesses(Box<DidLog>),
}

/// What an answer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchAnswer {
    /// The document.
    Resolved(Box<ResolvedJson>),
    /// One more file is needed.
    Fetch(FetchQuery),
}

impl FetchQuery {
    pub(crate) fn web(did: &Did, version: &VersionQuery) -> Result<Self, ResolveError> {
        let location = WebLocation::of_did_web(did).map_err(ResolveError::Location)?;
        if !version.is_latest() {
            return Err(ResolveError::NotFound); // [RES-05]
        }
        let accept = "application/did+json, application/did, application/json;q=0.9";
        let request = FetchRequest { url: location.file("did.json"), accept };
        Ok(Self { did: did.clone(), version: version.clone(), request, state: State::Web })
    }

    pub(crate) fn webvh(did: &Did, version: &VersionQuery) -> Result<Self, ResolveError> {
        let parsed = WebvhDid::parse(did.as_str()).map_err(ResolveError::Webvh)?;
        let location = parsed.location().clone();
        let request = FetchRequest {
            url: location.file(did_webvh::LOG_FILE),
            accept: "text/jsonl, application/json;q=0.9",
        };
        Ok(Self { did: did.clone(), version: version.clone(), request, state: State::Log(location) })
    }

    /// The DID to resolve.
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The request to make.
    pub const fn request(&self) -> &FetchRequest {
        &self.request
    }

    /// Takes the answer to [`FetchQuery::request`].
    ///
    /// # Errors
    /// There is no document, or it is refused.
    pub fn answer(self, fetched: &Fetched<'_>, now: Timestamp) -> Result<FetchAnswer, ResolveError> {
        match (self.state, fetched) {
            (State::Web, Fetched::Body(bytes)) => {
                did_web::document(&self.did, bytes).map(|resolved| FetchAnswer::Resolved(Box::new(resolved)))
            }
            (State::Web | State::Log(_), Fetched::Absent) => Err(ResolveError::Absent), // [WEB-07]
            (State::Log(location), Fetched::Body(bytes)) => {
                let log = DidLog::read(bytes, now);
                if !log.needs_witnesses() {
                    return resolved(&log, &self.did, &self.version);
                }
                let request =
                    FetchRequest { url: location.file(did_webvh::WITNESS_FILE), accept: "application/json" };
                Ok(FetchAnswer::Fetch(Self { request, state: State::Witnesses(Box::new(log)), ..self }))
            }
            (State::Witnesses(log), fetched) => {
                let proofs = match fetched {
                    Fetched::Body(bytes) => WitnessProofs::read(bytes).map_err(ResolveError::Webvh)?,
                    Fetched::Absent => WitnessProofs::default(),
                };
                resolved(&log.witnessed(&proofs, now), &self.did, &self.version)
            }
        }
    }
}

fn resolved(log: &DidLog, did: &Did, version: &VersionQuery) -> Result<FetchAnswer, ResolveError> {
    log.resolve(did, version).map(|resolved| FetchAnswer::Resolved(Box::new(resolved)))
}
