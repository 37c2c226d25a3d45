//! Webhooks.

use super::once;
use crate::{
    call::Call,
    desk::{Deed, Told},
    problem::{absent, fault, unavailable},
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer,
    audit::Outcome,
    problem::{Problem, Refusal},
    webhook::{Dead, Hook, HookUrl},
};

const MOST: usize = 16;

pub(super) fn list(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let hooks = call.service.webhooks(call.world.state).list(tenant.id.as_str(), call.world.now);
    let hook =
        |hook: &Hook| json!({"id": hook.id, "url": hook.url.as_str(), "since": hook.since.to_string()});
    let hooks: Vec<Value> = hooks.map_err(unavailable)?.iter().map(hook).collect();
    Ok(answer::json(StatusCode::OK, &json!({"webhooks": hooks})))
}

pub(super) fn add(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let body = call.json()?;
    let url = body.get("url").and_then(Value::as_str).unwrap_or_default();
    let url = read(call, url).map_err(Problem::bad)?;
    once(call, client, entropy, &mut |keeping, entropy| {
        let (registered, mut changes) = register(call, &url, client, entropy)?;
        let answer = json!({
            "id": registered.id,
            "url": url.as_str(),
            "secret": registered.secret.expose(),
        });
        let response = answer::json(StatusCode::CREATED, &answer);
        changes.push(registered.change);
        changes.extend(keeping.change(&response, entropy)?);
        Ok(call.world.state.commit_owned(&changes).map(|()| response))
    })
}

/// Reads an address.
pub(crate) fn read(call: &Call<'_>, url: &str) -> Result<HookUrl, Problem> {
    let transport = call.service.settings.site.main().transport();
    HookUrl::parse(url, transport)
        .map_err(|error| Problem::because(crate::problem::words(), error.code(), &error).at("/url"))
}

/// A server that is registered once the changes and its own are committed.
pub(crate) fn register(
    call: &Call<'_>,
    url: &HookUrl,
    who: &str,
    entropy: &mut dyn Entropy,
) -> Result<(sinpyo_web::webhook::Registered, Vec<sinpyo_state::OwnedChange>), Refusal> {
    let tenant = call.tenant()?;
    let hooks = call.service.webhooks(call.world.state);
    let owner = tenant.id.as_str();
    if hooks.list(owner, call.world.now).map_err(unavailable)?.len() >= MOST {
        return Err(fault("VSV-19", "the tenant has as many webhooks as it may").bad()); // [VSV-19]
    }
    let registered = hooks.register(owner, url, call.world.now, entropy);
    let registered = registered.map_err(|_| unavailable(Unavailable))?;
    let deed =
        Deed { who, did: "webhook.added", id: &registered.id, outcome: Outcome::Done, told: Told::Log };
    let changes = call.desk(&tenant).deeds(&deed, entropy).map_err(unavailable)?;
    Ok((registered, changes))
}

pub(super) fn remove(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let id = call.routed.part("hook");
    let hooks = call.service.webhooks(call.world.state);
    let forgotten = hooks.forget(tenant.id.as_str(), id, call.world.now).map_err(unavailable)?;
    let forgotten = forgotten.ok_or_else(|| absent("VSV-20", "the tenant has no such webhook"))?; // [VSV-20]
    let deed = Deed { who: client, did: "webhook.removed", id, outcome: Outcome::Done, told: Told::Log };
    let mut changes = call.desk(&tenant).deeds(&deed, entropy).map_err(unavailable)?;
    changes.push(forgotten);
    call.world.state.commit_owned(&changes).map_err(|_| unavailable(Unavailable))?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

pub(super) fn dead(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let hooks = call.service.webhooks(call.world.state);
    let dead = hooks.dead(tenant.id.as_str(), 100, call.world.now).map_err(unavailable)?;
    let notice = |dead: &Dead| json!({"webhook": dead.hook, "event": dead.event, "id": dead.id, "at": dead.at.to_string()});
    let notices: Vec<Value> = dead.iter().map(notice).collect();
    Ok(answer::json(StatusCode::OK, &json!({"notices": notices})))
}
