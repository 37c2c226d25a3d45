//! The one table of what can be asked: routing and the description of the interface both read it.

use crate::{
    answer::{allow_anyone, secured},
    problem::Refusal,
};
use http::{HeaderValue, Method, Response, StatusCode, header};

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

/// A parameter after the question mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    pub(crate) need: Need,
}

/// Whether a parameter has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// GET, which HEAD goes with, or POST.
    pub(crate) method: &'static str,
    /// Has at most one variable part, in braces, which stands for anything but nothing.
    pub(crate) path: &'static str,
    pub(crate) operation: Operation,
    pub(crate) summary: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// The success, and its media type.
    pub(crate) answer: (u16, &'static str),
    /// The refusals.
    pub(crate) refusals: &'static [u16],
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

use Operation as O;

/// Everything that can be asked.
pub(crate) static ROUTES: [Route; 20] = [
    Route {
        method: "POST",
        answer: (201, JSON),
        refusals: &[400, 403, 409, 413, 415, 422, 429, 503],
        ..get(
            "/operations",
            O::Submit,
            "Append a signed operation; answered when it is durable. The same bytes again get 200 and their first index",
        )
    },
    get("/operations/{index}/proof", O::Proof, "Proof that the entry stands in the log (C2SP tlog-proof)")
        .gives(TEXT, &[404]),
    get("/checkpoint", O::Checkpoint, "The published checkpoint (C2SP tlog-checkpoint)").gives(TEXT, &[]),
    get("/tile/{tile}", O::Tile, "A tile of the tree or a bundle of entries (C2SP tlog-tiles)")
        .gives("application/octet-stream", &[404]),
    get("/entries", O::Entries, "Entries as JSON, also those that no checkpoint commits to yet")
        .asks(&[required("from", "index of the first"), optional("limit", "how many, at most 256")]),
    get("/consistency", O::Consistency, "Proof that the log only grew between two sizes").asks(&[
        required("from", "the smaller size"),
        required("to", "the larger size, at most that of the checkpoint"),
    ]),
    get("/log", O::Log, "The log's name, keys, policy, witnesses and size"),
    get("/events", O::Events, "Entries and checkpoints as they come (server-sent events)")
        .asks(&[optional("from", "index of the first; Last-Event-ID counts more")])
        .gives("text/event-stream", &[]),
    get("/1.0/identifiers/{did}", O::Resolve, "Resolve a did:tlog or dereference a DID URL (DID Resolution)")
        .asks(&[optional("versionId", "name of the version"), optional("versionTime", "ledger time")])
        .gives("application/did-resolution", &[404, 406, 410, 501]),
    Route {
        method: "POST",
        ..get("/1.0/identifiers/{did}", O::ResolveWithOptions, "Resolve with options in the body")
            .gives("application/did-resolution", &[404, 406, 410, 415, 501])
    },
    // Before the shorter path, whose variable part would take the rest too.
    get(
        "/dids/{did}/proof",
        O::HistoryProof,
        "The proof of all versions of a DID, with the statement which is the newest",
    )
    .gives(JSON, &[404, 422]),
    get(
        "/dids/{did}",
        O::History,
        "The newest versions of a DID, each with its proof; `next` is where the older ones go on. If all are here, \
         `proof` is that of `/dids/{did}/proof`",
    )
    .asks(&[
        optional("from", "number of the newest version in the answer"),
        optional("limit", "how many, at most 50"),
    ])
    .gives(JSON, &[404]),
    get("/heads/{did}", O::Head, "The signed statement which version of a DID is the newest")
        .gives(TEXT, &[404]),
    get("/status-digests/{did}", O::StatusDigest, "The newest digest of a status list of this issuer")
        .asks(&[required("list", "address of the list")])
        .gives(JSON, &[404]),
    get(
        "/accreditations/{did}",
        O::Accreditations,
        "An organisation's accreditations, or the chain and proof of one right",
    )
    .asks(&[
        optional("right", "issue:<credential type> or request:<service code>"),
        optional("at", "ledger time"),
    ])
    .gives(JSON, &[404, 422]),
    get("/healthz", O::Health, "Whether the log takes operations; 503 if not"),
    get("/openapi.json", O::Describe, "This description"),
    get("/", O::Page, "The explorer").asks(&[optional("lang", "ko or en")]).gives("text/html", &[]),
    get("/explorer/{file}", O::Asset, "Files of the explorer").gives("text/javascript", &[404]),
    get("/favicon.ico", O::Asset, "The explorer's icon").gives("image/svg+xml", &[404]),
];

const fn get(path: &'static str, operation: O, summary: &'static str) -> Route {
    Route { method: "GET", path, operation, summary, parameters: &[], answer: (200, JSON), refusals: &[] }
}

const fn required(name: &'static str, says: &'static str) -> Parameter {
    Parameter { name, says, need: Need::Required }
}

const fn optional(name: &'static str, says: &'static str) -> Parameter {
    Parameter { name, says, need: Need::Optional }
}

impl Route {
    const fn gives(self, media: &'static str, refusals: &'static [u16]) -> Self {
        Self { answer: (self.answer.0, media), refusals, ..self }
    }

    const fn asks(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    /// The variable part of `path`, empty if there is none; nothing if it is not of this line.
    fn part<'p>(&self, path: &'p str) -> Option<&'p str> {
        let Some((before, after)) = self.path.split_once('{') else {
            return (path == self.path).then_some("");
        };
        let (_, after) = after.split_once('}')?;
        path.strip_prefix(before)?.strip_suffix(after).filter(|part| !part.is_empty())
    }
}

/// A request that is in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routed<'p> {
    pub(crate) route: &'static Route,
    pub(crate) part: &'p str,
}

impl Routed<'_> {
    /// Whether pages of other origins may read the answer: everything but what changes the log, and the explorer.
    pub(crate) const fn is_public(&self) -> bool {
        !matches!(self.route.operation, O::Submit | O::Page | O::Asset)
    }

    /// The answer to OPTIONS, also of a browser that asks before it sends.
    pub(crate) fn options(&self) -> Response<Vec<u8>> {
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let allowed = allow(self.route.path);
        let headers = response.headers_mut();
        headers.insert(header::ALLOW, allowed.clone());
        if self.is_public() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allowed);
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static("accept, content-type, last-event-id"),
            );
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
            allow_anyone(&mut response);
        }
        secured(response)
    }
}

/// What can be done at the path of a line.
fn allow(path: &str) -> HeaderValue {
    let mut methods = vec!["OPTIONS"];
    for route in ROUTES.iter().filter(|route| route.path == path) {
        let more: &[&str] = if route.method == "GET" { &["GET", "HEAD"] } else { &["POST"] };
        methods.extend(more);
    }
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

/// Finds the line for a request; to OPTIONS, the first of its path.
pub(crate) fn find<'p>(method: &Method, path: &'p str) -> Result<Routed<'p>, Refusal> {
    let wanted = if method == Method::HEAD { "GET" } else { method.as_str() };
    let mut here =
        ROUTES.iter().filter_map(|route| Some(Routed { route, part: route.part(path)? })).peekable();
    let Some(first) = here.peek().copied() else {
        return Err(Refusal::absent("RGA-01", &"there is nothing at this path")); // [RGA-01]
    };
    let fitting = |routed: &Routed<'_>| method == Method::OPTIONS || routed.route.method == wanted;
    here.find(fitting).ok_or_else(|| {
        let detail = "the path does not take this method"; // [RGA-02]
        let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "RGA-02", &detail);
        refusal.with(header::ALLOW, allow(first.route.path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_its_variable_part() {
        for (path, found) in [
            ("/operations/7/proof", Some((O::Proof, "7"))),
            ("/tile/entries/x001/067.p/3", Some((O::Tile, "entries/x001/067.p/3"))),
            ("/1.0/identifiers/did:tlog:a/b", Some((O::Resolve, "did:tlog:a/b"))),
            ("/", Some((O::Page, ""))),
            ("/operations//proof", None),
            ("/tile/", None),
            ("/checkpoint/", None),
            ("//checkpoint", None),
            ("", None),
        ] {
            let routed = find(&Method::GET, path).ok();
            assert_eq!(routed.map(|routed| (routed.route.operation, routed.part)), found, "{path}");
        }
    }
}
