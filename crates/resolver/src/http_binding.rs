//! The HTTPS binding of DID resolution and DID URL dereferencing [DID Resolution §10.1].
//!
//! Pure functions: [`start`] takes a request apart and answers it, or says which [`Question`] must be answered first. A
//! server moves bytes and does the asking.
//!
//! Two dialects share one URL and are told apart by `Accept`. The present one reports errors as problem details
//! [RFC 9457], the older one, `application/ld+json;profile="https://w3id.org/did-resolution"`, as words.
//!
//! ```
//! use sinpyo_resolver::http_binding::{Options, Request, Step, start};
//!
//! let target = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
//! let request = Request { target, options: Options::default(), accept: Some("application/did") };
//! let Step::Done(answer) = start(&request) else { panic!("nobody to ask") };
//! assert_eq!((answer.status, answer.content_type), (200, Some("application/did")));
//! ```

mod accept;
mod answer;
mod options;
mod problem;

pub use accept::Accept;
pub use answer::Answer;
pub use options::Options;
pub use problem::Problem;

use crate::{
    FetchAnswer, FetchQuery, FetchRequest, Fetched, LogQuery, Resolution, ResolveError, ResolvedJson,
    dereference::Target,
    did_key::{self, KeyFormat},
    resolve_version,
};
use serde_json::{Map, Value};
use sinpyo_core::{did::DidUrl, resolved::Resolved, time::Timestamp};

/// A request, as far as it matters here.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// What follows `/1.0/identifiers/` in the path, not decoded: a DID or DID URL.
    pub target: &'r str,
    /// The options: the query of a GET, or the body of a POST.
    pub options: Options,
    /// The `Accept` header, if it is ASCII.
    pub accept: Option<&'r str>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Step {
    /// It is answered.
    Done(Answer),
    /// Somebody has to be asked.
    Ask(Box<Pending>),
}

/// A request that waits for somebody else's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    target: Target,
    accept: Accept,
    waiting: Waiting,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Waiting {
    Log(LogQuery),
    Fetch(FetchQuery),
}

/// Whom to ask.
#[derive(Clone, Copy, Debug)]
pub enum Question<'p> {
    /// A log. Its answer goes to [`Pending::resolved`].
    Log(&'p LogQuery),
    /// A web server. Its answer goes to [`Pending::fetched`].
    Fetch(&'p FetchRequest),
}

/// Takes a request as far as it goes without asking anybody.
pub fn start(request: &Request<'_>) -> Step {
    let accept = match Accept::choose(request.accept, request.options.get("accept")) {
        Ok(accept) => accept,
        Err(problem) => return Step::Done(answer::refusal(Accept::Resolution, false, problem)),
    };
    let refused = |is_url, problem| Step::Done(answer::refusal(accept, is_url, problem));
    let text = options::decoded_target(request.target);
    let is_url = text.contains(['#', '?', '/']);
    let Ok(url) = text.parse::<DidUrl>() else {
        return refused(is_url, if is_url { Problem::InvalidDidUrl } else { Problem::InvalidDid }); // [RES-12]
    };
    if request.options.check().is_err() {
        return refused(is_url, Problem::InvalidOptions); // [RES-10]
    }
    // Beside a DID, `service` and its like are options that resolution has no use for; to a dereferencer they are part
    // of the URL.
    let more = request.options.for_target(accept.wants_dereferencing());
    let target = match Target::new(&url, &more) {
        Ok(target) => target,
        Err(_) if is_url => return refused(true, Problem::InvalidDidUrl),
        Err(_) => return refused(false, Problem::InvalidOptions),
    };
    if accept == Accept::Legacy && target.did().method() == "key" {
        match legacy_did_key(&target, &request.options) {
            Ok(document) if target.is_document() => return Step::Done(answer::legacy_document(document)),
            Ok(_) => {}
            Err(problem) => return refused(!target.is_document(), problem.into()),
        }
    }
    let resolution = resolve_version(target.did(), target.version());
    let pending = |waiting| Step::Ask(Box::new(Pending { target: target.clone(), accept, waiting }));
    match resolution {
        Ok(Resolution::Log(query)) => pending(Waiting::Log(query)),
        Ok(Resolution::Fetch(query)) => pending(Waiting::Fetch(query)),
        Ok(Resolution::Resolved(resolved)) => {
            Step::Done(answer::success(&target, accept, &ResolvedJson::from(resolved)))
        }
        Err(error) => Step::Done(answer::failure(&target, accept, &error)),
    }
}

/// A did:key with the options that its method has for the format of the key [did:key v0.9 §3.1].
fn legacy_did_key(target: &Target, options: &Options) -> Result<Map<String, Value>, did_key::KeyProblem> {
    let experimental = options.get("enableExperimentalPublicKeyTypes") == Some("true");
    let format = options.get("publicKeyFormat").map_or(Ok(KeyFormat::default()), KeyFormat::from_name);
    match format.and_then(|format| did_key::document_in(target.did(), format)) {
        Err(did_key::KeyProblem::Experimental) if experimental => Err(did_key::KeyProblem::Format),
        other => other,
    }
}

impl Pending {
    /// Whom to ask now.
    pub const fn question(&self) -> Question<'_> {
        match &self.waiting {
            Waiting::Log(query) => Question::Log(query),
            Waiting::Fetch(query) => Question::Fetch(query.request()),
        }
    }

    /// The answer to the request, with what the log proved.
    ///
    /// Also for whoever has the document from a place of his own, a cache for instance.
    pub fn resolved(self, outcome: Result<Resolved, ResolveError>) -> Answer {
        match outcome {
            Ok(resolved) => answer::success(&self.target, self.accept, &ResolvedJson::from(resolved)),
            Err(error) => answer::failure(&self.target, self.accept, &error),
        }
    }

    /// Takes what a web server answered.
    pub fn fetched(self, fetched: &Fetched<'_>, now: Timestamp) -> Step {
        let Waiting::Fetch(query) = self.waiting else {
            return Step::Done(answer::refusal(self.accept, false, Problem::InternalError));
        };
        match query.answer(fetched, now) {
            Ok(FetchAnswer::Resolved(resolved)) => {
                Step::Done(answer::success(&self.target, self.accept, &resolved))
            }
            Ok(FetchAnswer::Fetch(query)) => {
                Step::Ask(Box::new(Self { waiting: Waiting::Fetch(query), ..self }))
            }
            Err(error) => Step::Done(answer::failure(&self.target, self.accept, &error)),
        }
    }

    /// The answer to the request if nobody could be asked: the document was not found. Why, stays with the operator.
    pub fn unreachable(self) -> Answer {
        answer::failure(&self.target, self.accept, &ResolveError::Absent)
    }
}
