//! VCALM / VC-API and the DID Resolution HTTP binding: bytes in, bytes out.
//!
//! What it promises: [`Api::answer`] turns one request into one response without a socket, a file or a clock; what must
//! be fetched is asked for by name and supplied before the request is answered again from its beginning. Every refusal
//! is a problem [RFC 9457] that names the rule, the place and the mend in English and Korean. Routing and the description
//! at `/openapi.json` are one table. Input that is bad is answered with 4xx, whatever it is.
//!
//! What it refuses to do: fetch; change a status, or give out an entry of a list, before the store has it; take an
//! unsigned or foreign document for a verified one; tell a caller that a document is fit for use: `verified` means that
//! the proof holds, and everything else that is not in order is among the errors or warnings.
//!
//! ```
//! use http::Request;
//! use sinpyo_vcapi::{Api, Fact, Facts, Instances, Mode, Need, Settings, Step};
//! # use sinpyo_core::{jwk::PublicJwk, key::Entropy, time::Timestamp};
//! # use sinpyo_vcapi::{Keep, KeepError, Kept, Slot};
//! # #[derive(Debug)]
//! # struct Nothing;
//! # impl Keep for Nothing {
//! #     fn take(&self, _: &str, _: u64) -> Result<Slot, KeepError> { Ok(Slot::Taken) }
//! #     fn events(&self, _: &str) -> Result<Vec<Vec<u8>>, KeepError> { Ok(Vec::new()) }
//! #     fn append(&self, _: &str, _: Option<u64>, _: Vec<Vec<u8>>) -> Result<(), KeepError> { Ok(()) }
//! #     fn credential(&self, _: &str) -> Result<Kept, KeepError> { Ok(Kept::Nothing) }
//! #     fn keep_credential(&self, _: &str, _: &[u8]) -> Result<(), KeepError> { Ok(()) }
//! #     fn erase_credential(&self, _: &str) -> Result<(), KeepError> { Ok(()) }
//! #     fn client(&self, _: &str) -> Result<Option<PublicJwk>, KeepError> { Ok(None) }
//! #     fn use_once(&self, _: &str, _: Timestamp) -> Result<(), KeepError> { Ok(()) }
//! #     fn may_ask(&self, _: &str, _: Timestamp) -> bool { true }
//! # }
//! # fn run(now: Timestamp, entropy: &mut dyn Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! # let keep = Nothing;
//! let settings = Settings {
//!     mode: Mode::Conformance,
//!     base: "https://api.example".to_owned(),
//!     contexts: sinpyo_jsonld::Contexts::bundled(),
//!     access: None,
//!     catalogue: |_| None,
//! };
//! let api = Api { settings: &settings, instances: &Instances::default(), keep: &keep };
//! let request = Request::get("/1.0/identifiers/did:web:a.example").body("")?;
//! let mut facts = Facts::default();
//! let answer = loop {
//!     match api.answer(&request, &facts, now, entropy) {
//!         Step::Answer(answer) => break answer,
//!         Step::Need(needs) => {
//!             for need in needs {
//!                 assert!(matches!(&need, Need::Get { url, .. } if url == "https://a.example/.well-known/did.json"));
//!                 facts.supply(need, Fact::Body(br#"{"id": "did:web:a.example"}"#.to_vec()));
//!             }
//!         }
//!     }
//! };
//! assert_eq!(answer.status(), 200);
//! # Ok(())
//! # }
//! # run(Timestamp::from_unix(1_795_319_100).unwrap(), &mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

mod access;
mod body;
mod holder;
mod identifiers;
mod instance;
mod issue;
mod keep;
mod limit;
mod need;
mod oauth;
mod openapi;
mod presentation;
mod problem;
mod record;
mod related;
mod route;
mod secure;
mod settings;
mod status_check;
mod status_list;
mod verdict;
mod verify;

pub use access::{Access, Scope, Scopes, UnknownScope};
pub use instance::{
    CONFORMANCE, Instance, Instances, KeyKind, Listing, PrivateKey, Suite, UnknownListing, UnknownSuite,
};
pub use keep::{Keep, KeepError, Kept};
pub use limit::Limiter;
pub use need::{Fact, Facts, MAX_NEEDS, Need};
pub use settings::{Mode, Settings};
pub use sinpyo_issuer::Slot;
pub use sinpyo_web::problem::RuleText;

use body::Body;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use need::Stop;
use problem::Kind;
use route::Operation;
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_web::{
    answer,
    problem::Refusal,
    route::{Route, Routed},
};

/// Who asks, if the edge knows: an extension of the request, for limiting those who have no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer(pub String);

/// A server: how it is set up, who issues, what it remembers.
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
    /// How it is set up.
    pub settings: &'a Settings,
    /// Who issues.
    pub instances: &'a Instances,
    /// What it remembers.
    pub keep: &'a dyn Keep,
}

/// What became of a request.
#[derive(Debug)]
pub enum Step {
    /// It is answered.
    Answer(Response<Vec<u8>>),
    /// These must be fetched and supplied; then the request is asked again. At most [`MAX_NEEDS`] at once, and in all.
    Need(Vec<Need>),
}

/// One request on its way through the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'c> {
    pub(crate) settings: &'c Settings,
    pub(crate) instances: &'c Instances,
    pub(crate) keep: &'c dyn Keep,
    pub(crate) routed: &'c Routed<Operation>,
    pub(crate) facts: &'c Facts,
    pub(crate) now: Timestamp,
}

impl Api<'_> {
    /// Answers `request` with what is known, or says what must be known first.
    pub fn answer<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        facts: &Facts,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Step {
        let mut is_verification = false;
        let answered =
            route::find(request.method(), request.uri().path()).map_err(Stop::from).and_then(|routed| {
                is_verification = routed.route.operation.is_verification();
                self.admit(routed.route, request, facts, now)?;
                let (settings, instances, keep) = (self.settings, self.instances, self.keep);
                let call = Call { settings, instances, keep, routed: &routed, facts, now };
                perform(&call, request, entropy)
            });
        match answered {
            Ok(answer) => Step::Answer(answer),
            Err(Stop::Needs(needs)) => Step::Need(needs),
            Err(Stop::Refused(refusal)) => Step::Answer(self.refuse(&refusal, is_verification)),
        }
    }

    /// The answer to a request whose body is longer than the edge takes.
    pub fn too_long(&self) -> Response<Vec<u8>> {
        let problem = Kind::Request.problem("VCA-24", &"the body is longer than is read"); // [VCA-24]
        self.refuse(&problem.refuse(StatusCode::PAYLOAD_TOO_LARGE), false)
    }

    /// Lets through who may ask this, and not too often.
    fn admit<B>(
        &self,
        route: &Route<Operation>,
        request: &Request<B>,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<(), Stop> {
        let client = match (&self.settings.access, route.operation.scope()) {
            (Some(access), Some(scope)) => Some(access.admit(request.headers(), scope, now)?),
            _ => None,
        };
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0.as_str());
        let caller = client.as_deref().unwrap_or(peer.unwrap_or_default());
        // A request that comes back with what it needed was counted when it came.
        if self.settings.mode == Mode::Production && facts.is_empty() && !self.keep.may_ask(caller, now) {
            let problem = Kind::Access.problem("VCA-23", &"too many requests"); // [VCA-23]
            let refusal = problem.refuse(StatusCode::TOO_MANY_REQUESTS);
            return Err(refusal.with(header::RETRY_AFTER, HeaderValue::from_static("60")).into());
        }
        Ok(())
    }

    fn refuse(&self, refusal: &Refusal, is_verification: bool) -> Response<Vec<u8>> {
        let mut members = problem::members(refusal, self.settings.catalogue);
        if is_verification {
            members.insert("verified".to_owned(), Value::Bool(false));
        }
        let own_form = is_verification || members.contains_key("error");
        refusal.answer(if own_form { "application/json" } else { "application/problem+json" }, members)
    }
}

/// Does what the table says.
fn perform<B: AsRef<[u8]>>(
    call: &Call<'_>,
    request: &Request<B>,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Stop> {
    let (headers, bytes) = (request.headers(), request.body().as_ref());
    let body = || Body::parse(headers, bytes);
    let value = match call.routed.route.operation {
        Operation::Issue => issue::issue(call, body()?, entropy)?,
        Operation::VerifyCredential => verify::credential(call, body()?)?,
        Operation::VerifyPresentation => presentation::presentation(call, body()?)?,
        Operation::Derive => holder::derive(call, body()?, entropy)?,
        Operation::Present => holder::present(call, body()?, entropy)?,
        Operation::SetStatus => status_list::set(call, body()?)?,
        Operation::OpenStatusList => status_list::open(call, body()?)?,
        Operation::StatusList => status_list::list(call)?,
        Operation::Credential => record::read(call)?,
        Operation::EraseCredential => record::erase(call)?,
        Operation::Instances => call.instances.to_json(),
        Operation::Describe => openapi::describe(call.settings),
        Operation::Token => {
            let access = call.settings.access.as_ref().ok_or_else(|| {
                let problem = Kind::Absent.problem("VCA-12", &"this server asks for no tokens"); // [VCA-12]
                problem.refuse(StatusCode::NOT_FOUND)
            })?;
            oauth::token(call, access, (headers, bytes), entropy)?
        }
        Operation::Resolve | Operation::ResolveWithOptions => {
            let query = request.uri().query().unwrap_or_default();
            return identifiers::resolve(call, query, accept(headers), bytes);
        }
    };
    let (status, schema) = call.routed.route.answer;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if schema.is_some() {
        return Ok(answer::json(status, &value));
    }
    Ok(answer::empty(status))
}

fn accept(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok())
}
