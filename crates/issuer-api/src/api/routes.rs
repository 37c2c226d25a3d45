//! The table of the management interface.

use super::schemas::schemas;
use crate::client::Permission::{self, Admin, Issue, Read, Status};
use serde_json::Value;
use sinpyo_oauth::access::Scope;
use sinpyo_web::{
    openapi::{About, Tokens, describe},
    route::{Content, Parameter, Route, Table},
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Health,
    Describe,
    Token,
    /// What a token must permit.
    Manage(Permission),
}

use Operation::Manage;

const SLICE: [Parameter; 2] = [
    Parameter::optional("after", "leaves out everything up to this identifier"),
    Parameter::optional("limit", "how many at most, 1 to 200; 50 otherwise"),
];

static ROUTES: [Route<Operation>; 21] = [
    Route::get("/healthz", Operation::Health).says("Whether the service can answer.").refuses(&[503]),
    Route::get("/openapi.json", Operation::Describe).says("This description."),
    Route::post("/manage/token", Operation::Token, Content::form("TokenRequest"))
        .says("An access token for a client that signs for itself (client_credentials, private_key_jwt).")
        .gives(200, Content::json("Token"))
        .refuses(&[401, 429]),
    Route::get("/manage/tenants", Manage(Admin))
        .says("All tenants.")
        .permitted_by("admin")
        .gives(200, Content::json("Tenants")),
    Route::post("/manage/tenants", Manage(Admin), Content::json("Tenant"))
        .says("Enters a tenant, in place of what there was under its name. The name of a removed tenant is not given again.")
        .permitted_by("admin")
        .gives(201, Content::json("Tenant"))
        .refuses(&[409]),
    Route::get("/manage/tenants/{tenant}", Manage(Read))
        .says("One tenant.")
        .permitted_by("read")
        .gives(200, Content::json("Tenant"))
        .refuses(&[404]),
    Route::new(sinpyo_web::route::Verb::Delete, "/manage/tenants/{tenant}", Manage(Admin))
        .says("Removes a tenant for good. What it issued stays issued, but its lists are not published any more.")
        .permitted_by("admin")
        .gives_nothing(204)
        .refuses(&[404]),
    Route::get("/manage/{tenant}/types", Manage(Read))
        .says("What can be issued: configurations and their claims.")
        .permitted_by("read")
        .gives(200, Content::json("Types"))
        .refuses(&[404]),
    Route::post("/manage/{tenant}/offers", Manage(Issue), Content::json("NewOffer"))
        .says("Offers credentials to one person. The answer alone has the link and the codes. Takes an Idempotency-Key.")
        .permitted_by("issue")
        .gives(201, Content::json("MadeOffer"))
        .refuses(&[404, 422]),
    Route::get("/manage/{tenant}/offers", Manage(Read))
        .says("Offers, the newest first.")
        .permitted_by("read")
        .asks(&SLICE)
        .gives(200, Content::json("Offers"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/offers/{offer}", Manage(Read))
        .says("How far an offer is.")
        .permitted_by("read")
        .gives(200, Content::json("Offer"))
        .refuses(&[404]),
    Route::new(sinpyo_web::route::Verb::Delete, "/manage/{tenant}/offers/{offer}", Manage(Issue))
        .says("Withdraws an offer: what was not issued is not issued any more. What was issued stays.")
        .permitted_by("issue")
        .gives_nothing(204)
        .refuses(&[404]),
    Route::new(sinpyo_web::route::Verb::Post, "/manage/{tenant}/offers/{offer}/ready", Manage(Issue))
        .says("Releases a deferred offer.")
        .permitted_by("issue")
        .gives(200, Content::json("Offer"))
        .refuses(&[404, 409]),
    Route::get("/manage/{tenant}/credentials", Manage(Read))
        .says("What was issued, the newest offers' first. No claims.")
        .permitted_by("read")
        .asks(&SLICE)
        .gives(200, Content::json("Credentials"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/credentials/{credential}", Manage(Read))
        .says("One credential: all its copies and renewals.")
        .permitted_by("read")
        .gives(200, Content::json("Credential"))
        .refuses(&[404]),
    Route::post("/manage/{tenant}/credentials/{credential}/status", Manage(Status), Content::json("NewStatus"))
        .says("Revokes, suspends or reinstates a credential with all its copies.")
        .permitted_by("status")
        .gives(200, Content::json("Credential"))
        .refuses(&[404, 409]),
    Route::get("/manage/{tenant}/events", Manage(Read))
        .says("What happens, as server-sent events without claims; resumed by Last-Event-ID.")
        .permitted_by("read")
        .gives(200, Content::of("text/event-stream"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/audit", Manage(Read))
        .says("Who did what to which identifier, the newest first.")
        .permitted_by("read")
        .asks(&SLICE)
        .gives(200, Content::json("Audit"))
        .refuses(&[404]),
    Route::post("/manage/{tenant}/webhooks", Manage(Admin), Content::json("NewWebhook"))
        .says("Registers a server that is told what happens. The answer alone has the secret. Takes an Idempotency-Key.")
        .permitted_by("admin")
        .gives(201, Content::json("MadeWebhook"))
        .refuses(&[404]),
    Route::get("/manage/{tenant}/webhooks", Manage(Admin))
        .says("The servers that are told, and what was given up.")
        .permitted_by("admin")
        .gives(200, Content::json("Webhooks"))
        .refuses(&[404]),
    Route::new(sinpyo_web::route::Verb::Delete, "/manage/{tenant}/webhooks/{webhook}", Manage(Admin))
        .says("Tells this server nothing any more.")
        .permitted_by("admin")
        .gives_nothing(204)
        .refuses(&[404]),
];

/// All that can be asked.
pub(crate) static TABLE: Table<Operation> = Table(&ROUTES);

/// The description of the interface.
pub(crate) fn description(base: &str) -> Value {
    let scopes = Permission::ALL.iter().map(|one| (one.name(), one.describe())).collect();
    let about = About {
        title: "Sinpyo issuer: management",
        version: env!("CARGO_PKG_VERSION"),
        description: "Offers, issued credentials and their status, for the institution's own systems. Wallets use \
            OpenID4VCI, which the issuer's own metadata describe.",
        base,
        schemas: schemas(),
        tokens: Some(Tokens { path: "/manage/token", scopes }),
        refusals: &[401, 403, 421, 429, 503],
    };
    describe(&TABLE, about)
}
