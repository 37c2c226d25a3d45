//! The registry over HTTP, bytes in and bytes out, with its explorer page.
//!
//! What it promises: [`Api::answer`] turns one request into one answer without a socket, a thread or a clock. An operation
//! is answered when it is durable, and the same bytes again get the place of the first time. The log is served to the
//! letter of C2SP tlog-tiles, and only as far as its published checkpoint commits to it. Every refusal is a problem
//! [RFC 9457] that names the rule and the mend in English and Korean. Routing and `/openapi.json` are one table.
//!
//! What it refuses to do: fetch anything, whatever is submitted; answer from anything but the log and what follows from
//! it; believe a header about who asks; say which software of which version this is.
//!
//! ```
//! use http::Request;
//! use sinpyo_core::time::Timestamp;
//! use sinpyo_registry::{Ledger, engine::LogEngine};
//! use sinpyo_registry_api::{Answer, Api, Settings};
//!
//! fn checkpoint(ledger: &Ledger<'_>, engine: &dyn LogEngine, now: Timestamp) -> Option<String> {
//!     let settings = Settings::default();
//!     let api = Api { settings: &settings, ledger, engine };
//!     let request = Request::get("/checkpoint").body("").ok()?;
//!     match api.answer(&request, now) {
//!         Answer::Whole(response) => String::from_utf8(response.into_body()).ok(),
//!         Answer::Stream(_) => None,
//!     }
//! }
//! ```

mod accreditation;
mod admission;
mod did;
mod health;
mod history;
mod limit;
mod log;
mod openapi;
mod page;
mod problem;
mod query;
mod route;
mod settings;
mod stream;
mod submit;

pub use admission::Admission;
pub use limit::{Budget, LimitSettings};
pub use settings::Settings;
pub use sinpyo_web::{
    limit::{Rate, TooOften},
    problem::{RuleId, RuleText},
};
pub use stream::{Cursor, Stream};

use http::{HeaderMap, Method, Request, Response, StatusCode};
use problem::refused;
use query::Query;
use route::Operation;
use sinpyo_core::time::Timestamp;
use sinpyo_registry::{
    Ledger,
    engine::{EngineError, LogEngine, MAX_SUBMISSION},
};
use sinpyo_tlog::checkpoint::SignedCheckpoint;
use sinpyo_web::{
    answer::{self, allow_anyone},
    body::is_compressed,
    problem::Refusal,
    route::Routed,
};
use std::time::Duration;

/// A registry that is served.
#[derive(Clone, Copy)]
pub struct Api<'a> {
    /// How it is set up.
    pub settings: &'a Settings,
    /// What it knows.
    pub ledger: &'a Ledger<'a>,
    /// Where that is kept: the engine of `ledger`.
    pub engine: &'a dyn LogEngine,
}

impl std::fmt::Debug for Api<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("ledger", self.ledger).finish_non_exhaustive()
    }
}

/// What is sent back.
#[derive(Debug)]
pub enum Answer {
    /// This, and nothing more.
    Whole(Response<Vec<u8>>),
    /// A stream that goes on as the log grows.
    Stream(Stream),
}

/// How often each peer asks.
pub type Limits = sinpyo_web::limit::Limits<Budget>;

/// One request on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'c> {
    pub(crate) api: Api<'c>,
    pub(crate) routed: &'c Routed<Operation>,
    pub(crate) query: &'c Query,
    pub(crate) headers: &'c HeaderMap,
    pub(crate) body: &'c [u8],
    pub(crate) now: Timestamp,
}

impl Call<'_> {
    /// The variable part `name` of the path, as sent.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.routed.part(name)
    }

    /// The published checkpoint. There is one since the ledger was opened.
    pub(crate) fn published(&self) -> Result<SignedCheckpoint, Refusal> {
        let published = self.api.engine.checkpoint().map_err(|error| problem::failed(&error))?;
        published.ok_or_else(|| problem::failed(&EngineError::OutsideLog))
    }
}

impl Api<'_> {
    /// Answers `request`.
    ///
    /// What the edge has to do itself: limit the length of what it reads ([`Api::too_long`]) and how often one peer asks
    /// ([`Limits`], [`Api::too_often`]).
    pub fn answer<B: AsRef<[u8]>>(&self, request: &Request<B>, now: Timestamp) -> Answer {
        let (path, body) = (request.uri().path(), request.body().as_ref());
        let found = if request.method() == Method::OPTIONS {
            route::options(path).map(Err)
        } else {
            route::find(request.method(), path).map(Ok)
        };
        let routed = match found {
            Ok(Ok(routed)) => routed,
            Ok(Err(options)) => return Answer::Whole(options),
            Err(refusal) => return Answer::Whole(self.refuse(&refusal, request.method())),
        };
        let answered = Query::parse(request.uri().query().unwrap_or_default()).and_then(|query| {
            let call =
                Call { api: *self, routed: &routed, query: &query, headers: request.headers(), body, now };
            check_body(&call)?;
            perform(&call).and_then(bounded)
        });
        match answered {
            Ok(Answer::Whole(response)) => {
                let response = answer::unless_known(response, request.headers()); // [RGA-12]
                Answer::Whole(finished(response, routed.route.operation, request.method()))
            }
            Ok(stream) => stream,
            Err(refusal) => {
                let mut response = self.refuse(&refusal, request.method());
                if routed.route.operation.is_public() {
                    allow_anyone(&mut response);
                }
                Answer::Whole(response)
            }
        }
    }

    /// The answer to a request whose body is longer than the edge reads.
    pub fn too_long(&self) -> Response<Vec<u8>> {
        self.refuse(&too_long(), &Method::POST)
    }

    /// The answer to a peer that has to wait for `retry_after`.
    pub fn too_often(&self, retry_after: Duration) -> Response<Vec<u8>> {
        let refusal =
            refused(StatusCode::TOO_MANY_REQUESTS, "RGA-07", &"too many requests from this address"); // [RGA-07]
        self.refuse(&refusal.retry_after(retry_after), &Method::GET)
    }

    fn refuse(&self, refusal: &Refusal, method: &Method) -> Response<Vec<u8>> {
        let response = answer::for_method(refusal.response(self.settings.catalogue), method);
        answer::secured(response) // [RGA-09]
    }
}

fn finished(response: Response<Vec<u8>>, operation: Operation, method: &Method) -> Response<Vec<u8>> {
    let mut response = answer::secured(answer::for_method(response, method));
    if operation.is_public() {
        allow_anyone(&mut response); // [RGA-15]
    }
    response
}

/// Refuses bodies that are too long, or compressed: what they unfold to is not looked at.
fn check_body(call: &Call<'_>) -> Result<(), Refusal> {
    if call.body.len() > MAX_SUBMISSION {
        return Err(too_long());
    }
    if is_compressed(call.headers) {
        return Err(problem::media("compressed requests are not read")); // [RGA-04]
    }
    Ok(())
}

fn too_long() -> Refusal {
    // [RGA-03]
    refused(StatusCode::PAYLOAD_TOO_LARGE, "RGA-03", &"an operation has at most 65000 bytes")
}

/// Longest answer, in bytes: what our own clients read. The bundle of 256 of the longest entries is shorter.
const MAX_ANSWER: usize = 16 << 20;

fn bounded(answer: Answer) -> Result<Answer, Refusal> {
    match answer {
        Answer::Whole(response) if response.body().len() > MAX_ANSWER => Err(problem::too_much()),
        other => Ok(other),
    }
}

/// Does what the table says.
fn perform(call: &Call<'_>) -> Result<Answer, Refusal> {
    let whole = match call.routed.route.operation {
        Operation::Submit => submit::submit(call),
        Operation::Proof => log::proof(call),
        Operation::Checkpoint => log::checkpoint(call),
        Operation::Tile => log::tile(call),
        Operation::Entries => log::entries(call),
        Operation::Consistency => log::consistency(call),
        Operation::Log => log::describe(call),
        Operation::Resolve | Operation::ResolveWithOptions => did::resolve(call),
        Operation::History => history::history(call),
        Operation::HistoryProof => history::proof(call),
        Operation::Head => did::head(call),
        Operation::StatusDigest => did::status_digest(call),
        Operation::Accreditations => accreditation::accreditations(call),
        Operation::Health => health::health(call),
        Operation::Describe => Ok(openapi::describe(call.api.settings)),
        Operation::Page => page::page(call),
        Operation::Asset => page::asset(call),
        Operation::Events => return stream::begin(call).map(Answer::Stream),
    };
    whole.map(Answer::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_too_long_is_refused() {
        let answer = |length| bounded(Answer::Whole(Response::new(vec![b' '; length])));
        assert!(answer(MAX_ANSWER).is_ok());
        let refusal = answer(MAX_ANSWER + 1).unwrap_err().response(|_| None);
        assert_eq!((refusal.status().as_u16(), refusal.extensions().get()), (422, Some(&RuleId("RGA-20"))));
    }
}
