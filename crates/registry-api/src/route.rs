//! The one table of what can be asked: routing and the description of the interface both read it.

use crate::problem::{absent, refused};
use http::{HeaderValue, Method, Response, StatusCode, header};
use sinpyo_web::{
    answer::{allow_anyone, empty, secured},
    problem::Refusal,
    route::{Content, Parameter, Route, RouteError, Routed, Table, allow},
};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Submit,
    Proof,
    Checkpoint,
    Tile,
    Entries,
    Consistency,
    Log,
    Events,
    Resolve,
    ResolveWithOptions,
    History,
    HistoryProof,
    Head,
    StatusDigest,
    Accreditations,
    Health,
    Describe,
    Page,
    Asset,
}

impl Operation {
    /// Whether pages of other origins may read the answer: everything but what changes the log, and the explorer.
    pub(crate) const fn is_public(self) -> bool {
        !matches!(self, Self::Submit | Self::Page | Self::Asset)
    }
}

const JSON: Content = Content::of("application/json");
const TEXT: Content = Content::of("text/plain");

const fn get(path: &'static str, operation: Operation) -> Route<Operation> {
    Route::get(path, operation).gives(200, JSON)
}

use Operation as O;

/// Everything that can be asked.
static ROUTES: [Route<Operation>; 20] = [
    Route::post("/operations", O::Submit, Content::json("Operation"))
        .says("Append a signed operation; answered when it is durable. The same bytes again get 200 and their first index")
        .gives(201, JSON)
        .refuses(&[403, 409, 413, 415, 422]),
    get("/operations/{index+}/proof", O::Proof).says("Proof that the entry stands in the log (C2SP tlog-proof)")
        .gives(200, TEXT).refuses(&[404]),
    get("/checkpoint", O::Checkpoint).says("The published checkpoint (C2SP tlog-checkpoint)").gives(200, TEXT),
    get("/tile/{tile+}", O::Tile).says("A tile of the tree or a bundle of entries (C2SP tlog-tiles)")
        .gives(200, Content::of("application/octet-stream")).refuses(&[404]),
    get("/entries", O::Entries).says("Entries as JSON, also those that no checkpoint commits to yet")
        .asks(&[Parameter::required("from", "index of the first"), Parameter::optional("limit", "how many, at most 256")]),
    get("/consistency", O::Consistency).says("Proof that the log only grew between two sizes").asks(&[
        Parameter::required("from", "the smaller size"),
        Parameter::required("to", "the larger size, at most that of the checkpoint"),
    ]),
    get("/log", O::Log).says("The log's name, keys, policy, witnesses and size"),
    get("/events", O::Events).says("Entries and checkpoints as they come (server-sent events)")
        .asks(&[Parameter::optional("from", "index of the first; Last-Event-ID counts more")])
        .gives(200, Content::of("text/event-stream")),
    get("/1.0/identifiers/{did+}", O::Resolve).says("Resolve a did:tlog or dereference a DID URL (DID Resolution)")
        .asks(&[Parameter::optional("versionId", "name of the version"), Parameter::optional("versionTime", "ledger time")])
        .gives(200, Content::of("application/did-resolution")).refuses(&[404, 406, 410, 501]),
    Route::post("/1.0/identifiers/{did+}", O::ResolveWithOptions, Content::json("Options"))
        .says("Resolve with options in the body")
        .gives(200, Content::of("application/did-resolution")).refuses(&[404, 406, 410, 415, 501]),
    // Before the shorter path, whose variable part would take the rest too.
    get("/dids/{did+}/proof", O::HistoryProof).says("The proof of all versions of a DID, with the statement which is the newest")
    .refuses(&[404, 422]),
    get("/dids/{did+}", O::History).says("The newest versions of a DID, each with its proof; `next` is where the older ones go on. If all are here, \
         `proof` is that of `/dids/{did}/proof`")
    .asks(&[
        Parameter::optional("from", "number of the newest version in the answer"),
        Parameter::optional("limit", "how many, at most 50"),
    ])
    .refuses(&[404]),
    get("/heads/{did+}", O::Head).says("The signed statement which version of a DID is the newest")
        .gives(200, TEXT).refuses(&[404]),
    get("/status-digests/{did+}", O::StatusDigest).says("The newest digest of a status list of this issuer")
        .asks(&[Parameter::required("list", "address of the list")])
        .refuses(&[404]),
    get("/accreditations/{did+}", O::Accreditations).says("An organisation's accreditations, or the chain and proof of one right")
    .asks(&[
        Parameter::optional("right", "issue:<credential type> or request:<service code>"),
        Parameter::optional("at", "ledger time"),
    ])
    .refuses(&[404, 422]),
    get("/healthz", O::Health).says("Whether the log takes operations; 503 if not"),
    get("/openapi.json", O::Describe).says("This description"),
    get("/", O::Page).says("The explorer").asks(&[Parameter::optional("lang", "ko or en")]).gives(200, Content::of("text/html")),
    get("/explorer/{file+}", O::Asset).says("Files of the explorer").gives(200, Content::of("text/javascript")).refuses(&[404]),
    get("/favicon.ico", O::Asset).says("The explorer's icon").gives(200, Content::of("image/svg+xml")).refuses(&[404]),
];

pub(crate) static TABLE: Table<Operation> = Table(&ROUTES);

/// Finds the line for a request.
pub(crate) fn find(method: &Method, path: &str) -> Result<Routed<Operation>, Refusal> {
    TABLE.find(method, path).map_err(|error| match error {
        RouteError::Method { .. } => {
            let refusal = refused(StatusCode::METHOD_NOT_ALLOWED, "RGA-02", &error); // [RGA-02]
            refusal.with(header::ALLOW, methods(path))
        }
        _ => absent("RGA-01", &error), // [RGA-01]
    })
}

/// The answer to OPTIONS, also of a browser that asks before it sends.
pub(crate) fn options(path: &str) -> Result<Response<Vec<u8>>, Refusal> {
    let routed = find(&Method::GET, path).or_else(|_| find(&Method::POST, path))?;
    let mut response = empty(StatusCode::NO_CONTENT);
    let allowed = methods(path);
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, allowed.clone());
    if routed.route.operation.is_public() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allowed);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("accept, content-type, last-event-id"),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        allow_anyone(&mut response);
    }
    Ok(secured(response))
}

fn methods(path: &str) -> HeaderValue {
    allow(&[&["OPTIONS"][..], &TABLE.methods(path)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_its_variable_part() {
        for (path, found) in [
            ("/operations/7/proof", Some((O::Proof, "index", "7"))),
            ("/tile/entries/x001/067.p/3", Some((O::Tile, "tile", "entries/x001/067.p/3"))),
            ("/1.0/identifiers/did:tlog:a/b", Some((O::Resolve, "did", "did:tlog:a/b"))),
            ("/", Some((O::Page, "", ""))),
            ("/operations//proof", None),
            ("/tile/", None),
            ("/checkpoint/", None),
            ("//checkpoint", None),
            ("", None),
        ] {
            let routed = find(&Method::GET, path).ok();
            assert_eq!(routed.is_some(), found.is_some(), "{path}");
            if let (Some(routed), Some((operation, name, part))) = (routed, found) {
                assert_eq!((routed.route.operation, routed.part(name)), (operation, part), "{path}");
            }
        }
    }
}
