//! The one table of what can be asked: routing and the description of the interface both read it.

use crate::{
    access::Scope,
    problem::{Kind, Problem, Refusal},
};
use http::{HeaderValue, Method, StatusCode, header};
use std::collections::BTreeMap;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Issue,
    VerifyCredential,
    VerifyPresentation,
    Derive,
    Present,
    SetStatus,
    OpenStatusList,
    StatusList,
    Credential,
    EraseCredential,
    Instances,
    Resolve,
    ResolveWithOptions,
    Token,
    Describe,
}

impl Operation {
    /// Whether a refusal means that something was not verified.
    pub(crate) const fn is_verification(self) -> bool {
        matches!(self, Self::VerifyCredential | Self::VerifyPresentation)
    }
}

/// The body of a request or an answer, as `components/schemas` describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    IssueRequest,
    Issued,
    VerifyCredentialRequest,
    VerifyPresentationRequest,
    Verified,
    NotVerified,
    DeriveRequest,
    PresentRequest,
    Presented,
    StatusRequest,
    StatusListRequest,
    StatusListOpened,
    Credential,
    Instances,
    Resolution,
    ResolveOptions,
    TokenRequest,
    Token,
    Description,
    Problem,
}

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Delete,
}

impl Verb {
    /// The method's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// Segments; `{name}` stands for one, `{name+}` for all that follow.
    pub(crate) path: &'static str,
    pub(crate) operation: Operation,
    /// What a token must permit, in production.
    pub(crate) scope: Option<Scope>,
    pub(crate) summary: &'static str,
    pub(crate) request: Option<Schema>,
    pub(crate) answer: (u16, Option<Schema>),
    /// The refusals beside 400.
    pub(crate) refusals: &'static [u16],
}

use Operation as O;
use Schema as S;

/// Everything that can be asked.
pub(crate) static ROUTES: [Route; 15] = [
    post(
        "/issuers/{instance}/credentials/issue",
        O::Issue,
        Some(Scope::Issue),
        S::IssueRequest,
        (201, S::Issued),
    )
    .says("Issue a credential as the instance", &[401, 403, 404, 409, 415, 429]),
    post(
        "/credentials/verify",
        O::VerifyCredential,
        Some(Scope::Verify),
        S::VerifyCredentialRequest,
        (200, S::Verified),
    )
    .says("Verify a credential", &[401, 403, 415, 429]),
    post(
        "/presentations/verify",
        O::VerifyPresentation,
        Some(Scope::Verify),
        S::VerifyPresentationRequest,
        (200, S::Verified),
    )
    .says("Verify a presentation and the credentials in it", &[401, 403, 415, 429]),
    post("/credentials/derive", O::Derive, Some(Scope::Hold), S::DeriveRequest, (201, S::Issued))
        .says("Show selected parts of a credential that has a base proof", &[401, 403, 415, 429]),
    post("/presentations", O::Present, Some(Scope::Hold), S::PresentRequest, (201, S::Presented))
        .says("Sign a presentation as an instance, which is its holder", &[401, 403, 415, 429]),
    post("/credentials/status", O::SetStatus, Some(Scope::Status), S::StatusRequest, (200, S::StatusRequest))
        .says("Revoke, suspend or reinstate an issued credential", &[401, 403, 404, 415, 429]),
    post(
        "/status-lists",
        O::OpenStatusList,
        Some(Scope::Status),
        S::StatusListRequest,
        (201, S::StatusListOpened),
    )
    .says("Begin a new status list: later credentials get their entries there", &[401, 403, 404, 415, 429]),
    get("/status-lists/{instance}/{number}/{purpose}", O::StatusList, None, (200, S::Credential))
        .says("A status list credential", &[404, 429]),
    get("/credentials/{id+}", O::Credential, Some(Scope::Issue), (200, S::Issued))
        .says("A credential that was issued under a credentialId", &[401, 403, 404, 410, 429]),
    Route {
        verb: Verb::Delete,
        ..get("/credentials/{id+}", O::EraseCredential, Some(Scope::Issue), (202, S::Issued))
    }
    .says("Erase a credential that was issued under a credentialId", &[401, 403, 404, 410, 429])
    .empty(),
    get("/instances", O::Instances, Some(Scope::Issue), (200, S::Instances))
        .says("The issuers of this server", &[401, 403, 429]),
    get("/1.0/identifiers/{did+}", O::Resolve, None, (200, S::Resolution))
        .says("Resolve a DID or dereference a DID URL", &[404, 406, 410, 429, 501]),
    post("/1.0/identifiers/{did+}", O::ResolveWithOptions, None, S::ResolveOptions, (200, S::Resolution))
        .says("Resolve a DID or dereference a DID URL, with options", &[404, 406, 410, 415, 429, 501]),
    post("/oauth/token", O::Token, None, S::TokenRequest, (200, S::Token))
        .says("A short-lived access token for a registered client (private_key_jwt)", &[401, 404, 429]),
    get("/openapi.json", O::Describe, None, (200, S::Description)).says("This description", &[429]),
];

const fn get(path: &'static str, operation: O, scope: Option<Scope>, answer: (u16, S)) -> Route {
    Route {
        verb: Verb::Get,
        path,
        operation,
        scope,
        summary: "",
        request: None,
        answer: (answer.0, Some(answer.1)),
        refusals: &[],
    }
}

const fn post(path: &'static str, operation: O, scope: Option<Scope>, body: S, answer: (u16, S)) -> Route {
    let route = get(path, operation, scope, answer);
    Route { verb: Verb::Post, request: Some(body), ..route }
}

impl Route {
    const fn says(self, summary: &'static str, refusals: &'static [u16]) -> Self {
        Self { summary, refusals, ..self }
    }

    const fn empty(self) -> Self {
        Self { answer: (self.answer.0, None), ..self }
    }

    /// What the variable parts of the path are, if `path` is one of this line.
    fn matches(&self, path: &str) -> Option<BTreeMap<&'static str, String>> {
        let mut parameters = BTreeMap::new();
        let mut rest = path.strip_prefix('/')?;
        let mut segments = self.path.strip_prefix('/')?.split('/').peekable();
        while let Some(segment) = segments.next() {
            let variable = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            if let Some(name) = variable.and_then(|name| name.strip_suffix('+')) {
                parameters.insert(name, rest.to_owned());
                return Some(parameters);
            }
            let (given, after) = match rest.split_once('/') {
                Some((given, after)) if segments.peek().is_some() => (given, after),
                None if segments.peek().is_none() => (rest, ""),
                _ => return None,
            };
            match variable {
                Some(name) => drop(parameters.insert(name, decoded(given)?)),
                None if given == segment => {}
                None => return None,
            }
            rest = after;
        }
        Some(parameters)
    }
}

/// A request that is in the table.
#[derive(Debug)]
pub(crate) struct Routed {
    pub(crate) route: &'static Route,
    parameters: BTreeMap<&'static str, String>,
}

impl Routed {
    /// The variable part `name` of the path; decoded if it is one segment, as sent if it is all that follows.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

/// What a percent-encoded text stands for; none if that is no text.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Finds the line for a request.
pub(crate) fn find(method: &Method, path: &str) -> Result<Routed, Refusal> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let mut allowed: Vec<&str> = Vec::new();
    for route in &ROUTES {
        let Some(parameters) = route.matches(path) else { continue };
        if route.verb.name() == method {
            return Ok(Routed { route, parameters });
        }
        allowed.push(route.verb.name());
    }
    if allowed.is_empty() {
        let problem = Problem::new(Kind::Absent, "VCA-12", &"there is nothing at this path"); // [VCA-12]
        return Err(problem.refuse(StatusCode::NOT_FOUND));
    }
    let problem = Problem::new(Kind::Absent, "VCA-12", &"the path does not take this method"); // [VCA-12]
    let refusal = problem.refuse(StatusCode::METHOD_NOT_ALLOWED);
    match HeaderValue::from_str(&allowed.join(", ")) {
        Ok(allowed) => Err(refusal.with(header::ALLOW, allowed)),
        Err(_) => Err(refusal),
    }
}
