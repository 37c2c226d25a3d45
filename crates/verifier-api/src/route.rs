//! The one table of what can be asked.

use crate::client::Scope;
use sinpyo_oauth::access::Scope as _;
use sinpyo_web::{
    asset,
    route::{Content, Parameter, Route, Table},
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Health,
    Describe,
    Asset,
    Token,
    Tenants,
    Tenant,
    PutTenant,
    RemoveTenant,
    Open,
    List,
    Read,
    Link,
    Result,
    Evidence,
    ForgetEvidence,
    Hooks,
    AddHook,
    RemoveHook,
    DeadNotices,
    Audit,
    Events,
    LoginPage,
    LogIn,
    LogOut,
    Desk,
    PutTenantAtDesk,
    TenantDesk,
    OpenAtDesk,
    OpenedAtDesk,
    RequestAtDesk,
    HooksAtDesk,
    AddHookAtDesk,
    AuditAtDesk,
    WalletRequest,
    WalletRequestPosted,
    WalletResponse,
    Page,
    PageEvents,
    PageDigital,
    PageSwitch,
    PageBack,
    Return,
    Confirm,
    Choose,
}

const REQUEST: &str = "request";
const RESULT: &str = "result";
const READ: &str = "read";
const ADMIN: &str = "admin";

static PAGED: [Parameter; 2] = [
    Parameter::optional("after", "the last identifier of the page before"),
    Parameter::optional("limit", "how many, at most 100"),
];
static CODED: [Parameter; 1] = [Parameter::required("response_code", "what the wallet was given")];

const HTML: Content = Content::of("text/html");

pub(crate) static ROUTES: [Route<Operation>; 44] = [
    Route::get("/healthz", Operation::Health)
        .says("whether the service and its memory are there")
        .refuses(&[503]),
    Route::get("/openapi.json", Operation::Describe)
        .says("this description")
        .gives(200, Content::json("OpenApi")),
    Route::get(asset::PATH, Operation::Asset).says("a file that pages refer to").refuses(&[404]),
    Route::post("/manage/token", Operation::Token, Content::form("TokenRequest"))
        .says("an access token for a client that signs for itself (private_key_jwt)")
        .gives(200, Content::json("Token"))
        .refuses(&[401, 429]),
    Route::get("/manage/tenants", Operation::Tenants)
        .says("all tenants")
        .permitted_by(ADMIN)
        .gives(200, Content::json("Tenants")),
    Route::get("/manage/tenants/{tenant}", Operation::Tenant)
        .says("one tenant")
        .permitted_by(ADMIN)
        .gives(200, Content::json("Tenant"))
        .refuses(&[404]),
    Route::new(sinpyo_web::route::Verb::Put, "/manage/tenants/{tenant}", Operation::PutTenant)
        .says("make a tenant, or set it up anew")
        .permitted_by(ADMIN)
        .gives(200, Content::json("Tenant")),
    Route::new(sinpyo_web::route::Verb::Delete, "/manage/tenants/{tenant}", Operation::RemoveTenant)
        .says("remove a tenant")
        .permitted_by(ADMIN)
        .gives_nothing(204)
        .refuses(&[404]),
    Route::post("/manage/{tenant}/requests", Operation::Open, Content::json("Order"))
        .says("open a request; with Idempotency-Key it is opened once")
        .permitted_by(REQUEST)
        .gives(201, Content::json("Opened"))
        .refuses(&[404, 422]),
    Route::get("/manage/{tenant}/requests", Operation::List)
        .says("requests, the newest first")
        .permitted_by(READ)
        .asks(&PAGED)
        .gives(200, Content::json("Requests"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/requests/{id}", Operation::Read)
        .says("how far a request is, and the rule that refused it")
        .permitted_by(READ)
        .gives(200, Content::json("Request"))
        .refuses(&[404]),
    Route::post("/manage/{tenant}/requests/{id}/link", Operation::Link, Content::json("Nothing"))
        .says("another link in the place of one that has run out")
        .permitted_by(REQUEST)
        .gives(200, Content::json("Link"))
        .refuses(&[404, 409, 410]),
    Route::post("/manage/{tenant}/requests/{id}/result", Operation::Result, Content::json("Claim"))
        .says("the verified claims, once")
        .permitted_by(RESULT)
        .gives(200, Content::json("Result"))
        .refuses(&[403, 404, 409, 410]),
    Route::get("/manage/{tenant}/requests/{id}/evidence", Operation::Evidence)
        .says("what the holder sent, if it was to be kept")
        .permitted_by(RESULT)
        .gives(200, Content::json("Evidence"))
        .refuses(&[404]),
    Route::new(
        sinpyo_web::route::Verb::Delete,
        "/manage/{tenant}/requests/{id}/evidence",
        Operation::ForgetEvidence,
    )
    .says("forget the evidence")
    .permitted_by(RESULT)
    .gives_nothing(204)
    .refuses(&[404]),
    Route::get("/manage/{tenant}/webhooks", Operation::Hooks)
        .says("the servers that are told")
        .permitted_by(ADMIN)
        .gives(200, Content::json("Webhooks"))
        .refuses(&[404]),
    Route::post("/manage/{tenant}/webhooks", Operation::AddHook, Content::json("Webhook"))
        .says("tell another server; the secret is shown once")
        .permitted_by(ADMIN)
        .gives(201, Content::json("RegisteredWebhook"))
        .refuses(&[404, 422]),
    Route::new(sinpyo_web::route::Verb::Delete, "/manage/{tenant}/webhooks/{hook}", Operation::RemoveHook)
        .says("tell a server no more")
        .permitted_by(ADMIN)
        .gives_nothing(204)
        .refuses(&[404]),
    Route::get("/manage/{tenant}/notices/dead", Operation::DeadNotices)
        .says("notices that nobody took for a day")
        .permitted_by(READ)
        .gives(200, Content::json("Notices"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/audit", Operation::Audit)
        .says("the audit log, the newest first")
        .permitted_by(READ)
        .asks(&PAGED)
        .gives(200, Content::json("AuditLines"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/events", Operation::Events)
        .says("what happens, as it happens; Last-Event-ID goes on where it stopped")
        .permitted_by(READ)
        .gives(200, Content::of("text/event-stream"))
        .refuses(&[404]),
    Route::get("/admin/login", Operation::LoginPage).gives(200, HTML),
    Route::post("/admin/login", Operation::LogIn, Content::form("Login")).gives(200, HTML),
    Route::post("/admin/logout", Operation::LogOut, Content::form("Form")).gives(303, HTML),
    Route::get("/admin", Operation::Desk).gives(200, HTML),
    Route::post("/admin", Operation::PutTenantAtDesk, Content::form("Form")).gives(200, HTML),
    Route::get("/admin/{tenant}", Operation::TenantDesk).gives(200, HTML),
    Route::get("/admin/{tenant}/requests/{id}", Operation::RequestAtDesk).gives(200, HTML),
    Route::get("/admin/{tenant}/new", Operation::OpenAtDesk).gives(200, HTML),
    Route::post("/admin/{tenant}/new", Operation::OpenedAtDesk, Content::form("Form")).gives(200, HTML),
    Route::get("/admin/{tenant}/webhooks", Operation::HooksAtDesk).gives(200, HTML),
    Route::post("/admin/{tenant}/webhooks", Operation::AddHookAtDesk, Content::form("Form")).gives(200, HTML),
    Route::get("/admin/{tenant}/audit", Operation::AuditAtDesk).gives(200, HTML),
    Route::get("/{tenant}/vp/{id}/request/{handle}", Operation::WalletRequest)
        .says("the signed request of the link [OpenID4VP 1.0 §5.10]")
        .gives(200, Content::of("application/oauth-authz-req+jwt"))
        .refuses(&[404, 410]),
    Route::post(
        "/{tenant}/vp/{id}/request/{handle}",
        Operation::WalletRequestPosted,
        Content::form("WalletMetadata"),
    )
    .says("the same, for a wallet that adds a nonce")
    .gives(200, Content::of("application/oauth-authz-req+jwt"))
    .refuses(&[404, 410]),
    Route::post(
        "/{tenant}/vp/{id}/response/{handle}",
        Operation::WalletResponse,
        Content::form("AuthorizationResponse"),
    )
    .says("the response of a wallet [OpenID4VP 1.0 §8.2]")
    .gives(200, Content::json("DirectPostAnswer"))
    .refuses(&[404, 413, 503]),
    Route::get("/{tenant}/r/{page}", Operation::Page).gives(200, HTML),
    Route::get("/{tenant}/r/{page}/events", Operation::PageEvents)
        .gives(200, Content::of("text/event-stream")),
    Route::post("/{tenant}/r/{page}/digital", Operation::PageDigital, Content::json("DigitalCredential"))
        .gives(200, Content::json("Next")),
    Route::post("/{tenant}/r/{page}/switch", Operation::PageSwitch, Content::form("Form")).gives(303, HTML),
    Route::get("/{tenant}/r/{page}/back", Operation::PageBack).gives(303, HTML),
    Route::get("/{tenant}/return/{id}", Operation::Return).asks(&CODED).gives(303, HTML),
    Route::get("/{tenant}/confirm/{id}", Operation::Confirm).asks(&CODED).gives(200, HTML),
    Route::post("/{tenant}/confirm/{id}", Operation::Choose, Content::form("Form")).gives(200, HTML),
];

pub(crate) static TABLE: Table<Operation> = Table(&ROUTES);

/// The scope of a route's own words.
pub(crate) fn scope(name: &str) -> Option<Scope> {
    Scope::ALL.iter().copied().find(|scope| scope.name() == name)
}
