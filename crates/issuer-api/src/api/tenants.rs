//! Tenants and webhooks, through the management interface.

use super::{Desk, refuse};
use crate::{
    core::Did,
    tenant::{Tenant, TenantError},
    unavailable,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_state::{OwnedChange, Unavailable, retrying};
use sinpyo_web::{
    answer,
    problem::{Problem, Refusal, usual},
    webhook::HookUrl,
};

impl Desk<'_> {
    pub(super) fn list_tenants(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let tenants = self.call.core.tenants().list(self.call.now).map_err(|_| unavailable())?;
        let listed: Vec<Value> = tenants.iter().map(Tenant::to_json).collect();
        Ok(answer::json(StatusCode::OK, &json!({ "tenants": listed })))
    }

    pub(super) fn enter_tenant(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let tenant = Tenant::parse(self.body()?).map_err(|error| faulty(&error))?; // [ISV-02]
        let core = self.call.core;
        self.once(entropy, |entropy| {
            let change = core.tenants().entering(&tenant);
            let mut changes = vec![change.map_err(|error| faulty(&error))?]; // [ISV-22]
            let about = (Did::TenantEntered, tenant.id());
            let told = core.tell(tenant.id(), &self.actor, about, self.call.now, entropy);
            changes.extend(told.map_err(|_| unavailable())?);
            Ok((answer::json(StatusCode::CREATED, &tenant.to_json()), changes))
        })
    }

    pub(super) fn read_tenant(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let found = self.call.core.tenants().find(self.routed.part("tenant"), self.call.now);
        let tenant = found.map_err(|_| unavailable())?.ok_or_else(absent)?;
        Ok(answer::json(StatusCode::OK, &tenant.to_json()))
    }

    pub(super) fn remove_tenant(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let id = self.routed.part("tenant");
        let core = self.call.core;
        let removed = retrying::<bool, Unavailable>(|| {
            let Some(change) = core.tenants().removing(id, self.call.now)? else { return Ok(Ok(false)) };
            let mut changes: Vec<OwnedChange> = vec![change];
            changes.extend(core.tell(id, &self.actor, (Did::TenantRemoved, id), self.call.now, entropy)?);
            Ok(core.state.commit_owned(&changes).map(|()| true))
        });
        match removed {
            Ok(true) => Ok(answer::empty(StatusCode::NO_CONTENT)),
            Ok(false) => Err(absent()),
            Err(_) => Err(unavailable()),
        }
    }

    pub(super) fn register_hook(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let tenant = self.house()?.tenant.id().to_owned();
        let members = self.body()?;
        let core = self.call.core;
        let url = members.get("url").and_then(Value::as_str).unwrap_or_default();
        let url = HookUrl::parse(url, core.transport()).map_err(|error| {
            let status = StatusCode::BAD_REQUEST;
            Problem::because(usual(status), error.code(), &error).at("/url").refuse(status)
        })?;
        self.once(entropy, |entropy| {
            let registered = core.webhooks().register(&tenant, &url, self.call.now, entropy);
            let registered = registered.map_err(|_| unavailable())?;
            let about = (Did::HookRegistered, registered.id.as_str());
            let told = core.tell(&tenant, &self.actor, about, self.call.now, entropy);
            let body = json!({
                "id": registered.id,
                "url": url.as_str(),
                "secret": registered.secret.expose(),
            });
            let mut changes = vec![registered.change];
            changes.extend(told.map_err(|_| unavailable())?);
            Ok((answer::json(StatusCode::CREATED, &body), changes))
        })
    }

    pub(super) fn list_hooks(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let tenant = self.house()?.tenant.id();
        let hooks = self.call.core.webhooks();
        let listed = hooks.list(tenant, self.call.now).map_err(|_| unavailable())?;
        let dead = hooks.dead(tenant, 100, self.call.now).map_err(|_| unavailable())?;
        let hook = |one: &sinpyo_web::webhook::Hook| json!({ "id": one.id, "url": one.url.as_str(), "since": one.since.to_string() });
        let gone = |one: &sinpyo_web::webhook::Dead| json!({ "webhook": one.hook, "event": one.event, "id": one.id, "at": one.at.to_string() });
        let body = json!({
            "webhooks": listed.iter().map(hook).collect::<Vec<_>>(),
            "dead": dead.iter().map(gone).collect::<Vec<_>>(),
        });
        Ok(answer::json(StatusCode::OK, &body))
    }

    pub(super) fn forget_hook(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let tenant = self.house()?.tenant.id();
        let id = self.routed.part("webhook");
        let core = self.call.core;
        let forgotten = retrying::<bool, Unavailable>(|| {
            let Some(change) = core.webhooks().forget(tenant, id, self.call.now)? else {
                return Ok(Ok(false));
            };
            let mut changes = vec![change];
            changes.extend(core.tell(
                tenant,
                &self.actor,
                (Did::HookForgotten, id),
                self.call.now,
                entropy,
            )?);
            Ok(core.state.commit_owned(&changes).map(|()| true))
        });
        match forgotten {
            Ok(true) => Ok(answer::empty(StatusCode::NO_CONTENT)),
            Ok(false) => Err(refuse(StatusCode::NOT_FOUND, "ISV-18", "there is no such webhook")), // [ISV-18]
            Err(_) => Err(unavailable()),
        }
    }
}

fn absent() -> Refusal {
    refuse(StatusCode::NOT_FOUND, "ISV-16", "there is no such tenant for this client")
}

/// Why an organisation cannot be a tenant.
fn faulty(error: &TenantError) -> Refusal {
    let status = match error {
        TenantError::Gone => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    let problem = Problem::because(usual(status), error.code(), error);
    match error {
        TenantError::Gone => problem.at("/id").refuse(status),
        TenantError::Member(name) => problem.at(format!("/{name}")).refuse(status),
        TenantError::Unavailable(_) => unavailable(),
    }
}
