//! The management interface.

mod hooks;
mod requests;
mod tenants;

use crate::{call::Call, client::Client, feed::Feed, problem::unavailable, route::Operation, service::Step};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_oauth::access::TokenRefusal;
use sinpyo_state::{CommitError, OwnedChange, Unavailable};
use sinpyo_web::{
    answer,
    audit::Log,
    idempotency::{Before, Named, Place},
    problem::Refusal,
};

pub(crate) use hooks::{read as read_hook, register as register_hook};
pub(crate) use tenants::{from_json, keep};

const MOST: usize = 100;
const ATTEMPTS: usize = 8;

/// Answers `client`.
pub(crate) fn answer(call: &Call<'_>, client: &str, entropy: &mut dyn Entropy) -> Result<Step, Refusal> {
    use Operation as O;
    let response = match call.routed.route.operation {
        O::Events => return events(call).map(Step::Follow),
        O::Tenants => tenants::list(call)?,
        O::Tenant => tenants::read(call)?,
        O::PutTenant => tenants::put(call, client, entropy)?,
        O::RemoveTenant => tenants::remove(call, client, entropy)?,
        O::Open => requests::open(call, client, entropy)?,
        O::List => requests::list(call)?,
        O::Read => requests::read(call)?,
        O::Link => requests::link(call, entropy)?,
        O::Result => requests::result(call, client, entropy)?,
        O::Evidence => requests::evidence(call)?,
        O::ForgetEvidence => requests::forget_evidence(call, client, entropy)?,
        O::Hooks => hooks::list(call)?,
        O::AddHook => hooks::add(call, client, entropy)?,
        O::RemoveHook => hooks::remove(call, client, entropy)?,
        O::DeadNotices => hooks::dead(call)?,
        _ => audit(call)?,
    };
    Ok(Step::Answer(response))
}

/// Gives a token to a client that proves who it is.
pub(crate) fn token(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let (service, world) = (call.service, call.world);
    let endpoint = format!("{}/manage/token", service.settings.site.main());
    let client = |name: &str| {
        let found = Client::find(name, world.state, world.now)?;
        Ok(found.map(|client| (client.keys, client.scopes)))
    };
    let body = (call.request.headers(), call.request.body().as_slice());
    let granting = match service.access.token(body, &endpoint, client, world.now, entropy) {
        Ok(granting) => granting,
        Err(refusal) => return Ok(refusal.response()),
    };
    match world.state.commit_owned(&[granting.once.clone().spend()]) {
        Ok(()) => Ok(answer::json(StatusCode::OK, &granting.into_body())),
        Err(CommitError::Conflict { .. }) => Ok(TokenRefusal::replayed().response()),
        Err(_) => Err(unavailable(Unavailable)),
    }
}

/// Decides one request: its answer, or that something else came first.
type Decide<'d> =
    dyn FnMut(&Keeping<'_>, &mut dyn Entropy) -> Result<Result<Response<Vec<u8>>, CommitError>, Refusal> + 'd;

/// Does what `decide` says, once for each name that the client gives to its request: the answer is committed with what is
/// changed.
fn once(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
    decide: &mut Decide<'_>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let refused = |error: sinpyo_web::idempotency::IdempotencyError| {
        Refusal::because(error.status(), error.code(), &error)
    };
    for _ in 0..ATTEMPTS {
        let named = Named::of(call.request, client).map_err(refused)?;
        let before = named.map(|named| named.before(call.world.state, &call.service.sealing, call.world.now));
        let place = match before.transpose().map_err(refused)? {
            Some(Before::Answered(response)) => return Ok(response),
            Some(Before::New(place)) => Some(place),
            None => None,
        };
        match decide(&Keeping { call, place }, entropy)? {
            Ok(response) => return Ok(response),
            Err(CommitError::Conflict { .. }) => {}
            Err(_) => break,
        }
    }
    Err(unavailable(Unavailable))
}

/// Where the answer of a request that has a name is kept.
struct Keeping<'c> {
    call: &'c Call<'c>,
    place: Option<Place>,
}

impl Keeping<'_> {
    /// The change that keeps `response`.
    fn change(
        &self,
        response: &Response<Vec<u8>>,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<OwnedChange>, Refusal> {
        let Some(place) = &self.place else { return Ok(None) };
        let kept = place.keep(response, &self.call.service.sealing, self.call.world.now, entropy);
        kept.map(Some).map_err(|error| Refusal::because(error.status(), error.code(), &error))
    }
}

/// The log, the newest first.
fn audit(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let (after, limit) = page(call)?;
    let log = Log { state: call.world.state, owner: tenant.id.as_str() };
    let entries = log.newest(after.as_deref(), limit, call.world.now).map_err(unavailable)?;
    let lines = entries.iter().map(|entry| {
        let mut line = sinpyo_core::json::parse_object(entry.line.as_bytes()).unwrap_or_default();
        line.insert("place".to_owned(), json!(entry.id));
        Value::Object(line)
    });
    let next = (entries.len() == limit).then(|| entries.last().map(|entry| &entry.id));
    Ok(answer::json(StatusCode::OK, &json!({"lines": lines.collect::<Vec<_>>(), "next": next.flatten()})))
}

fn events(call: &Call<'_>) -> Result<Feed, Refusal> {
    let tenant = call.tenant()?;
    let last = call.request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    Ok(Feed::of_tenant(tenant.id, last, call.world.now))
}

/// The page of a list that is asked for.
fn page(call: &Call<'_>) -> Result<(Option<String>, usize), Refusal> {
    let query = call.query()?;
    let wrong = || {
        Refusal::new(StatusCode::BAD_REQUEST, "VSV-03", &"after or limit is not what the description says") // [VSV-03]
    };
    let limit = query.parsed::<usize>("limit").map_err(|_| wrong())?.unwrap_or(MOST);
    let after = query.text("after").map(str::to_owned);
    if limit == 0 || limit > MOST || after.as_ref().is_some_and(|after| after.len() > 64) {
        return Err(wrong());
    }
    Ok((after, limit))
}
