//! `/1.0/identifiers/{did}`: the DID Resolution HTTP binding of `sinpyo-resolver`.

use crate::{
    Call,
    need::{Fact, Need, Stop},
    route::Operation,
};
use http::{HeaderValue, Response, StatusCode, header};
use sinpyo_resolver::{
    Fetched, ResolveError, VersionQuery,
    http_binding::{Answer, Options, Pending, Question, Request, Step, start},
};

/// Resolves, or says what must be fetched first.
pub(crate) fn resolve(
    call: &Call<'_>,
    query: &str,
    accept: Option<&str>,
    body: &[u8],
) -> Result<Response<Vec<u8>>, Stop> {
    let target = call.routed.part("did");
    let options = match call.routed.route.operation {
        Operation::ResolveWithOptions => Options::from_json(body),
        _ => Options::from_query(query),
    };
    // An option that the binding refuses makes it say so in its own words.
    let Ok(options) = options else { return Ok(respond(malformed_options(target, accept))) };
    let mut step = start(&Request { target, options, accept });
    loop {
        let pending = match step {
            Step::Done(answer) => return Ok(respond(answer)),
            Step::Ask(pending) => pending,
        };
        step = ask(call, *pending)?;
    }
}

/// Goes on with what is known of the answer to the pending question.
fn ask(call: &Call<'_>, pending: Pending) -> Result<Step, Stop> {
    let (need, fact) = match pending.question() {
        Question::Log(query) => {
            let (did, version) = (query.did().clone(), VersionQuery::from(query.version()));
            let fact = call.facts.document(&did, &version);
            (Need::Document { did, version }, fact)
        }
        Question::Fetch(request) => {
            let (url, accept) = (request.url().to_owned(), request.accept());
            let fact = call.facts.body(&url);
            (Need::Get { url, accept }, fact)
        }
    };
    match fact {
        None if call.facts.is_full() => Ok(Step::Done(pending.unreachable())),
        None => Err(Stop::Needs(vec![need])),
        Some(Fact::Unavailable) => Ok(Step::Done(pending.unreachable())),
        Some(Fact::Document(document)) => Ok(Step::Done(pending.resolved(Ok(document.as_ref().clone())))),
        Some(Fact::Absent) if matches!(need, Need::Document { .. }) => {
            Ok(Step::Done(pending.resolved(Err(ResolveError::Absent))))
        }
        Some(Fact::Absent) => Ok(pending.fetched(&Fetched::Absent, call.now)),
        Some(Fact::Body(body)) => Ok(pending.fetched(&Fetched::Body(body), call.now)),
    }
}

/// The binding's answer to options that cannot be read: what it says to a time that is none.
fn malformed_options(target: &str, accept: Option<&str>) -> Answer {
    let options = Options::from_query("versionTime=malformed").unwrap_or_default();
    match start(&Request { target, options, accept }) {
        Step::Done(answer) => answer,
        Step::Ask(pending) => pending.unreachable(),
    }
}

fn respond(answer: Answer) -> Response<Vec<u8>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(answer.body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Some(kind) = answer.content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if let Some(location) = answer.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}
