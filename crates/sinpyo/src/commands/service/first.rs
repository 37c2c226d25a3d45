//! What a service that is tried out begins with.

use super::{Kind, NewClient, NewTenant, enter_client, enter_tenant, tenants};
use crate::{home::Home, office::Organisation, service::memory::Place};
use anyhow::Result;
use sinpyo_verifier_api::tenant::TenantId;

/// Enters each organisation as a tenant, and a program of its name that may do everything, with its private key beside the
/// service's memory: unless there is a tenant already, or that is in a database, which is not for trying out.
pub(crate) fn enter(kind: Kind, place: &Place, home: &Home, organisations: &[String]) -> Result<()> {
    let Some(folder) = place.folder() else { return Ok(()) };
    if !tenants(kind, place)?.is_empty() {
        return Ok(());
    }
    let scopes = match kind {
        Kind::Issuer => ["issue", "status", "read", "admin"],
        Kind::Verifier => ["request", "result", "read", "admin"],
    };
    // Other names than these cannot stand in an address.
    for id in organisations.iter().filter(|name| name.parse::<TenantId>().is_ok()) {
        let key = folder.join(format!("{id}.jwk"));
        if !key.exists() {
            enter_client(&NewClient {
                name: id.clone(),
                service: kind,
                place: place.clone(),
                scopes: scopes.map(str::to_owned).to_vec(),
                key: None,
                generate: Some(key),
                tenant: None,
            })?;
        }
        let organisation = Organisation::load(home, id)?;
        let (did, names) = (organisation.did(), organisation.names);
        enter_tenant(&NewTenant {
            id: id.clone(),
            service: kind,
            place: place.clone(),
            ko: names.ko,
            en: names.en,
            settings: None,
            return_to: Vec::new(),
            haip: false,
            did: (kind == Kind::Verifier).then_some(did),
        })?;
    }
    Ok(())
}
