//! The management interface: for the institution's own systems.

mod credentials;
mod offers;
mod order;
mod routes;
mod schemas;
mod tenants;

pub(crate) use order::parse;
pub(crate) use routes::description;

use crate::{
    Call, Reply,
    client::Permission,
    core::{Actor, Use},
    feed::Feed,
    house::House,
    unavailable,
};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use routes::{Operation, TABLE};
use serde_json::{Map, Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_oauth::access::{Caller, TokenRefusal};
use sinpyo_state::{CommitError, OwnedChange, Unavailable};
use sinpyo_web::{
    answer,
    audit::{Log, LogWord},
    body::json_object,
    form::Fields,
    idempotency::{Before, Named},
    problem::Refusal,
    route::Routed,
};
use std::{sync::Arc, time::Duration};

/// Whether the path is one of the management interface.
pub(crate) fn is_of(path: &str) -> bool {
    path == "/healthz" || path == "/openapi.json" || path == "/manage" || path.starts_with("/manage/")
}

/// Most entries of one page of a list.
const MAX_PAGE: usize = 200;
const USUAL_PAGE: usize = 50;
/// After how long a client asks again that follows as much as it may.
const AGAIN: Duration = Duration::from_secs(10);

/// Answers a request to the management interface.
pub(crate) fn answer(call: Call<'_>, entropy: &mut dyn Entropy) -> Reply {
    let answered = route(call, entropy);
    answered.unwrap_or_else(|refusal| call.refuse(&refusal).into())
}

fn route(call: Call<'_>, entropy: &mut dyn Entropy) -> Result<Reply, Refusal> {
    let routed = TABLE.find(&call.parts.method, call.parts.uri.path());
    let routed = routed.map_err(|error| error.refuse("HTTP-21"))?;
    match routed.route.operation {
        Operation::Health => health(call).map(Reply::from),
        Operation::Describe => {
            let description = description(call.core.site.main().as_str());
            Ok(answer::unless_known(
                answer::tagged(answer::json(StatusCode::OK, &description)),
                &call.parts.headers,
            )
            .into())
        }
        Operation::Token => token(call, entropy).map(Reply::from),
        Operation::Manage(permission) => {
            let desk = Desk::admit(call, routed, permission)?;
            desk.serve(entropy)
        }
    }
}

fn health(call: Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    call.core.tenants().find("healthz-probe", call.now).map_err(|_| unavailable())?;
    Ok(answer::json(StatusCode::OK, &json!({ "status": "ok" })))
}

fn token(call: Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    call.admit(Use::Knocking)?;
    let endpoint = format!("{}/manage/token", call.core.site.main());
    let known = |id: &str| -> Result<_, Unavailable> {
        let client = call.core.clients().find(id, call.now)?;
        Ok(client.and_then(|client| Some((client.keys()?, client.scopes()?))))
    };
    let granting =
        call.core.access.token((&call.parts.headers, call.body), &endpoint, known, call.now, entropy);
    let granting = match granting {
        Ok(granting) => granting,
        Err(refusal) => return Ok(refusal.response()),
    };
    match call.core.state.commit_owned(&[granting.once.clone().spend()]) {
        Ok(()) => Ok(answer::json(StatusCode::OK, &granting.into_body())),
        Err(CommitError::Conflict { .. }) => Ok(TokenRefusal::replayed().response()),
        Err(_) => Err(unavailable()),
    }
}

/// A request of a client that may make it.
struct Desk<'a> {
    call: Call<'a>,
    routed: Routed<Operation>,
    caller: Caller<Permission>,
    actor: Actor,
    /// The tenant that it is about, if it is about one.
    house: Option<Arc<House>>,
}

impl<'a> Desk<'a> {
    fn admit(call: Call<'a>, routed: Routed<Operation>, permission: Permission) -> Result<Self, Refusal> {
        let caller = call.core.access.admit(&call.parts.headers, permission, call.now).map_err(|error| {
            let (status, challenge) = error.challenge();
            let refusal = Refusal::because(status, error.code(), &error);
            match HeaderValue::from_str(&challenge) {
                Ok(challenge) => refusal.with(header::WWW_AUTHENTICATE, challenge),
                Err(_) => refusal,
            }
        })?;
        let client = call.core.clients().find(&caller.client, call.now).map_err(|_| unavailable())?;
        let named = routed.part("tenant");
        let tenant = (!named.is_empty()).then_some(named);
        // A client that was removed, or works for others, sees what nobody else sees either.
        if !client.is_some_and(|client| client.serves(tenant)) {
            return Err(refuse(StatusCode::NOT_FOUND, "ISV-16", "there is no such tenant for this client")); // [ISV-16]
        }
        let house = match tenant {
            Some(id) => call.core.house(id, call.now).map_err(|_| unavailable())?,
            None => None,
        };
        let actor = Actor(LogWord::parse(&caller.client).map_err(|_| unavailable())?);
        Ok(Self { call, routed, caller, actor, house })
    }

    fn serve(self, entropy: &mut dyn Entropy) -> Result<Reply, Refusal> {
        let path = self.routed.route.path;
        let method = self.routed.route.verb.name();
        let last = path.rsplit('/').next().unwrap_or_default();
        if last == "events" {
            let house = self.house()?;
            let last = self.call.parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
            let who = (house.tenant.id(), self.caller.client.as_str());
            let feed = Feed::of_log(self.call.core, who, last, self.call.now);
            let full =
                || refuse(StatusCode::TOO_MANY_REQUESTS, "ISV-21", "the client follows as much as it may");
            return feed.map(Reply::Feed).ok_or_else(|| full().retry_after(AGAIN)); // [ISV-21]
        }
        Ok(match (method, last) {
            ("GET", "tenants") => self.list_tenants()?,
            ("POST", "tenants") => self.enter_tenant(entropy)?,
            ("GET", "{tenant}") => self.read_tenant()?,
            ("DELETE", "{tenant}") => self.remove_tenant(entropy)?,
            ("GET", "types") => self.types()?,
            ("POST", "offers") => self.make_offer(entropy)?,
            ("GET", "offers") => self.list_offers()?,
            ("GET", "{offer}") => self.read_offer()?,
            ("DELETE", "{offer}") => self.withdraw_offer(entropy)?,
            ("POST", "ready") => self.release_offer(entropy)?,
            ("GET", "credentials") => self.list_credentials()?,
            ("GET", "{credential}") => self.read_credential()?,
            ("POST", "status") => self.set_status(entropy)?,
            ("GET", "audit") => self.audit()?,
            ("POST", "webhooks") => self.register_hook(entropy)?,
            ("GET", "webhooks") => self.list_hooks()?,
            ("DELETE", "{webhook}") => self.forget_hook(entropy)?,
            _ => return Err(refuse(StatusCode::NOT_FOUND, "HTTP-21", "nothing is here")),
        }
        .into())
    }

    fn house(&self) -> Result<&House, Refusal> {
        self.house
            .as_deref()
            .ok_or_else(|| refuse(StatusCode::NOT_FOUND, "ISV-16", "there is no such tenant for this client"))
    }

    fn body(&self) -> Result<Map<String, Value>, Refusal> {
        json_object(&self.call.parts.headers, self.call.body, crate::MAX_BODY)
            .map_err(|error| Refusal::because(error.status(), error.code(), &error))
    }

    /// `after` and `limit` of a list.
    fn slice(&self) -> Result<(Option<String>, usize), Refusal> {
        let query = self.call.parts.uri.query().unwrap_or_default();
        let query = Fields::of_query(query)
            .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
        let bad = || refuse(StatusCode::BAD_REQUEST, "ISV-04", "limit is a number from 1 to 200");
        let limit = query.parsed::<usize>("limit").map_err(|_| bad())?.unwrap_or(USUAL_PAGE);
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(bad()); // [ISV-04]
        }
        Ok((query.text("after").map(str::to_owned), limit))
    }

    fn audit(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let (after, limit) = self.slice()?;
        let log = Log { state: &*self.call.core.state, owner: self.house()?.tenant.id() };
        let lines = log.newest(after.as_deref(), limit, self.call.now).map_err(|_| unavailable())?;
        let line = |entry: &sinpyo_web::audit::Entry| {
            let line: Value = serde_json::from_str(&entry.line).unwrap_or(Value::Null);
            json!({ "id": entry.id, "line": line })
        };
        Ok(answer::json(StatusCode::OK, &json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() })))
    }

    /// Does something once, however often it is asked for under one idempotency key: what it changes and its answer are
    /// one commit.
    fn once(
        &self,
        entropy: &mut dyn Entropy,
        mut make: impl FnMut(&mut dyn Entropy) -> Result<(Response<Vec<u8>>, Vec<OwnedChange>), Refusal>,
    ) -> Result<Response<Vec<u8>>, Refusal> {
        let core = self.call.core;
        let request = Request::from_parts(self.call.parts.clone(), self.call.body);
        for _ in 0..32 {
            let fault = |error: sinpyo_web::idempotency::IdempotencyError| {
                Refusal::because(error.status(), error.code(), &error)
            };
            let named = Named::of(&request, &self.caller.client).map_err(fault)?;
            let before = named.map(|named| named.before(&*core.state, &core.vault.answers, self.call.now));
            let place = match before.transpose().map_err(fault)? {
                Some(Before::Answered(response)) => return Ok(response), // [HTTP-19]
                Some(Before::New(place)) => Some(place),
                None => None,
            };
            let (response, mut changes) = make(entropy)?;
            if let Some(place) = place {
                let kept = place.keep(&response, &core.vault.answers, self.call.now, entropy);
                changes.push(kept.map_err(|_| unavailable())?);
            }
            match core.state.commit_owned(&changes) {
                Ok(()) => return Ok(response),
                Err(CommitError::Conflict { .. }) => {}
                Err(_) => return Err(unavailable()),
            }
        }
        Err(unavailable())
    }
}

fn refuse(status: StatusCode, rule: &'static str, detail: &str) -> Refusal {
    Refusal::new(status, rule, &detail)
}

fn location(mut response: Response<Vec<u8>>, place: &str) -> Response<Vec<u8>> {
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(HeaderName::from_static("location"), place);
    }
    response
}
