//! The one table of what can be asked: routing and the description of the interface both read it.

use crate::{access::Scope, problem::Kind};
use http::{Method, StatusCode, header};
use sinpyo_web::{
    problem::Refusal,
    route::{Content, Route, RouteError, Routed, Table, Verb, allow},
};

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
    /// What a token must permit, in production.
    pub(crate) const fn scope(self) -> Option<Scope> {
        match self {
            Self::Issue | Self::Credential | Self::EraseCredential | Self::Instances => Some(Scope::Issue),
            Self::VerifyCredential | Self::VerifyPresentation => Some(Scope::Verify),
            Self::Derive | Self::Present => Some(Scope::Hold),
            Self::SetStatus | Self::OpenStatusList => Some(Scope::Status),
            Self::StatusList | Self::Resolve | Self::ResolveWithOptions | Self::Token | Self::Describe => {
                None
            }
        }
    }

    /// Whether a refusal means that something was not verified.
    pub(crate) const fn is_verification(self) -> bool {
        matches!(self, Self::VerifyCredential | Self::VerifyPresentation)
    }
}

use Operation as O;

/// Everything that can be asked.
static ROUTES: [Route<Operation>; 15] = [
    post("/issuers/{instance}/credentials/issue", O::Issue, "IssueRequest")
        .gives(201, Content::json("Issued"))
        .says("Issue a credential as the instance")
        .refuses(&[401, 403, 404, 409, 415, 429]),
    post("/credentials/verify", O::VerifyCredential, "VerifyCredentialRequest")
        .gives(200, Content::json("Verified"))
        .says("Verify a credential")
        .refuses(&[401, 403, 415, 429])
        .refuses_as(Content::json("NotVerified")),
    post("/presentations/verify", O::VerifyPresentation, "VerifyPresentationRequest")
        .gives(200, Content::json("Verified"))
        .says("Verify a presentation and the credentials in it")
        .refuses(&[401, 403, 415, 429])
        .refuses_as(Content::json("NotVerified")),
    post("/credentials/derive", O::Derive, "DeriveRequest")
        .gives(201, Content::json("Issued"))
        .says("Show selected parts of a credential that has a base proof")
        .refuses(&[401, 403, 415, 429]),
    post("/presentations", O::Present, "PresentRequest")
        .gives(201, Content::json("Presented"))
        .says("Sign a presentation as an instance, which is its holder")
        .refuses(&[401, 403, 415, 429]),
    post("/credentials/status", O::SetStatus, "StatusRequest")
        .gives(200, Content::json("StatusRequest"))
        .says("Revoke, suspend or reinstate an issued credential")
        .refuses(&[401, 403, 404, 415, 429]),
    post("/status-lists", O::OpenStatusList, "StatusListRequest")
        .gives(201, Content::json("StatusListOpened"))
        .says("Begin a new status list: later credentials get their entries there")
        .refuses(&[401, 403, 404, 415, 429]),
    get("/status-lists/{instance}/{number}/{purpose}", O::StatusList)
        .gives(200, Content::json("Credential"))
        .says("A status list credential")
        .refuses(&[404, 429]),
    get("/credentials/{id+}", O::Credential)
        .gives(200, Content::json("Issued"))
        .says("A credential that was issued under a credentialId")
        .refuses(&[401, 403, 404, 410, 429]),
    permitted(Route::new(Verb::Delete, "/credentials/{id+}", O::EraseCredential))
        .gives_nothing(202)
        .says("Erase a credential that was issued under a credentialId")
        .refuses(&[401, 403, 404, 410, 429]),
    get("/instances", O::Instances)
        .gives(200, Content::json("Instances"))
        .says("The issuers of this server")
        .refuses(&[401, 403, 429]),
    get("/1.0/identifiers/{did*}", O::Resolve)
        .gives(200, Content::json("Resolution"))
        .says("Resolve a DID or dereference a DID URL")
        .refuses(&[404, 406, 410, 429, 501]),
    Route::post("/1.0/identifiers/{did*}", O::ResolveWithOptions, Content::json("ResolveOptions"))
        .gives(200, Content::json("Resolution"))
        .says("Resolve a DID or dereference a DID URL, with options")
        .refuses(&[404, 406, 410, 415, 429, 501]),
    Route::post("/oauth/token", O::Token, Content::form("TokenRequest"))
        .gives(200, Content::json("Token"))
        .says("A short-lived access token for a registered client (private_key_jwt)")
        .refuses(&[401, 404, 429]),
    get("/openapi.json", O::Describe)
        .gives(200, Content::json("Description"))
        .says("This description")
        .refuses(&[429]),
];

pub(crate) static TABLE: Table<Operation> = Table(&ROUTES);

const fn get(path: &'static str, operation: O) -> Route<Operation> {
    permitted(Route::get(path, operation))
}

const fn post(path: &'static str, operation: O, body: &'static str) -> Route<Operation> {
    permitted(Route::post(path, operation, Content::json(body)))
}

const fn permitted(route: Route<Operation>) -> Route<Operation> {
    match route.operation.scope() {
        Some(scope) => route.permitted_by(scope.name()),
        None => route,
    }
}

/// Finds the line for a request.
pub(crate) fn find(method: &Method, path: &str) -> Result<Routed<Operation>, Refusal> {
    TABLE.find(method, path).map_err(|error| {
        let problem = Kind::Absent.problem("VCA-12", &error); // [VCA-12]
        match error {
            RouteError::Method { allowed } => {
                problem.refuse(StatusCode::METHOD_NOT_ALLOWED).with(header::ALLOW, allow(&allowed))
            }
            _ => problem.refuse(StatusCode::NOT_FOUND),
        }
    })
}
