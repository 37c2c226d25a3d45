//! One request on its way through the service.

use crate::{
    client::{Client, Scope},
    desk::Desk,
    incoming::Passage,
    limit::Budget,
    problem::{absent, unavailable},
    record::RequestId,
    route::Operation,
    service::Service,
    tenant::{Tenant, TenantId},
    world::World,
};
use http::{Request, StatusCode, request::Parts};
use serde_json::{Map, Value};
use sinpyo_web::{
    body::json_object, form::Fields, lang::Lang, limit::Caller, problem::Refusal, route::Routed,
};
use std::net::IpAddr;

/// Bytes of the longest JSON body of the management interface.
const MAX_JSON: usize = 256 << 10;

/// One request on its way through the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'c> {
    pub(crate) service: &'c Service,
    pub(crate) world: &'c World<'c>,
    pub(crate) request: &'c Request<Vec<u8>>,
    pub(crate) parts: &'c Parts,
    pub(crate) peer: IpAddr,
    pub(crate) passage: Passage,
    pub(crate) routed: &'c Routed<Operation>,
}

impl<'c> Call<'c> {
    /// Takes what this costs from `budget`. What waited for facts has paid: it would use up alone what is there for many.
    pub(crate) fn spend(&self, caller: impl Into<Caller>, budget: Budget) -> Result<(), Refusal> {
        match self.passage {
            Passage::New => self.service.spend(caller, budget, self.world.now),
            Passage::LetThrough => Ok(()), // [VSV-29]
        }
    }

    /// The tenant of the path.
    pub(crate) fn tenant(&self) -> Result<Tenant, Refusal> {
        let unknown = || absent("VSV-01", "there is no such tenant"); // [VSV-01]
        let id: TenantId = self.routed.part("tenant").parse().map_err(|_| unknown())?;
        let found = Tenant::find(&id, self.world.state, self.world.now).map_err(unavailable)?;
        found.ok_or_else(unknown)
    }

    pub(crate) const fn desk(&self, tenant: &'c Tenant) -> Desk<'c> {
        Desk { service: self.service, world: self.world, tenant }
    }

    /// The request of the path.
    pub(crate) fn id(&self) -> Result<RequestId, Refusal> {
        let id = self.routed.part("id").parse();
        id.map_err(|_| absent("VSV-09", "the tenant has no such request")) // [VSV-09]
    }

    /// That the client still is one, may still do this, and may do it for the tenant of the path.
    pub(crate) fn check_client(&self, client: &str, scope: Scope) -> Result<(), Refusal> {
        let found = Client::find(client, self.world.state, self.world.now).map_err(unavailable)?;
        let tenant: Option<TenantId> = self.routed.part("tenant").parse().ok();
        let may = found.is_some_and(|client| {
            let is_for = match &tenant {
                Some(tenant) => client.is_for(tenant),
                None => client.tenant.is_none(),
            };
            client.scopes.contains(scope) && is_for
        });
        let detail = "the client may not do this for the tenant";
        if may { Ok(()) } else { Err(Refusal::new(StatusCode::FORBIDDEN, "VSV-02", &detail)) } // [VSV-02]
    }

    /// The JSON object in the body; an empty body is one without members.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Refusal> {
        if self.request.body().is_empty() {
            return Ok(Map::new());
        }
        json_object(self.request.headers(), self.request.body(), MAX_JSON)
            .map_err(|error| Refusal::because(error.status(), error.code(), &error))
    }

    /// What follows the question mark.
    pub(crate) fn query(&self) -> Result<Fields, Refusal> {
        Fields::of_uri(self.request.uri())
    }

    /// The language of whoever asks.
    pub(crate) fn lang(&self) -> Lang {
        Lang::asked(self.request.uri(), self.request.headers())
    }
}
