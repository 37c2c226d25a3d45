//! Tenants.

use crate::{
    call::Call,
    client::Client,
    desk::{Deed, Told},
    problem::{absent, fault, unavailable},
    tenant::Tenant,
};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_core::{accreditation::LocalizedName, claims::nfc, key::Entropy};
use sinpyo_openid4vp::verifier::Profile;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer,
    audit::Outcome,
    problem::{Problem, Refusal},
    site::Transport,
    webhook::HookUrl,
};

const MEMBERS: [&str; 5] = ["id", "name", "profile", "return_to", "did"];
const LONGEST_NAME: usize = 200;
const MOST_ADDRESSES: usize = 32;

pub(super) fn list(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenants = Tenant::all(call.world.state, call.world.now).map_err(unavailable)?;
    let tenants: Vec<Value> = tenants.iter().map(to_json).collect();
    Ok(answer::json(StatusCode::OK, &json!({"tenants": tenants})))
}

pub(super) fn read(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    Ok(answer::json(StatusCode::OK, &to_json(&call.tenant()?)))
}

pub(super) fn put(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let members = call.json()?;
    let transport = call.service.settings.site.main().transport();
    let wanted = from_json(call.routed.part("tenant"), &members, transport).map_err(Problem::bad)?;
    let asker = Client::find(client, call.world.state, call.world.now).map_err(unavailable)?;
    let is_operator = asker.is_some_and(|asker| asker.tenant.is_none());
    let tenant = if is_operator { wanted } else { of_its_own(call.tenant()?, wanted, &members)? };
    keep(call, &tenant, client, entropy)?;
    Ok(answer::json(StatusCode::OK, &to_json(&tenant)))
}

/// A tenant as its own client may set it up: as whom it asks, and how strictly, is for the operator to say.
fn of_its_own(kept: Tenant, wanted: Tenant, members: &Map<String, Value>) -> Result<Tenant, Refusal> {
    let is_other = members.contains_key("did") && wanted.did != kept.did
        || members.contains_key("profile") && wanted.profile != kept.profile;
    if is_other {
        let detail = "only the operator says under which DID and profile a tenant asks";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "VSV-27", &detail)); // [VSV-27]
    }
    Ok(Tenant { did: kept.did, profile: kept.profile, ..wanted })
}

/// Keeps `tenant`, and that `who` set it up.
pub(crate) fn keep(
    call: &Call<'_>,
    tenant: &Tenant,
    who: &str,
    entropy: &mut dyn Entropy,
) -> Result<(), Refusal> {
    let deed =
        Deed { who, did: "tenant.set", id: tenant.id.as_str(), outcome: Outcome::Done, told: Told::Log };
    let mut changes = call.desk(tenant).deeds(&deed, entropy).map_err(unavailable)?;
    changes.push(tenant.change(call.world.state, call.world.now).map_err(unavailable)?);
    call.world.state.commit_owned(&changes).map_err(|_| unavailable(Unavailable))
}

pub(super) fn remove(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let removal = Tenant::removal(&tenant.id, call.world.state, call.world.now).map_err(unavailable)?;
    let removal = removal.ok_or_else(|| absent("VSV-01", "there is no such tenant"))?;
    let deed = Deed {
        who: client,
        did: "tenant.removed",
        id: tenant.id.as_str(),
        outcome: Outcome::Done,
        told: Told::Log,
    };
    let mut changes = call.desk(&tenant).deeds(&deed, entropy).map_err(unavailable)?;
    changes.push(removal);
    call.world.state.commit_owned(&changes).map_err(|_| unavailable(Unavailable))?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn to_json(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id.as_str(),
        "name": {"ko": tenant.name.ko, "en": tenant.name.en},
        "profile": match tenant.profile { Profile::Haip => "haip", Profile::Base => "base" },
        "return_to": tenant.return_to,
        "did": tenant.did.as_ref().map(ToString::to_string),
    })
}

/// Reads the setup of the tenant `id`.
///
/// # Errors
/// The member that is unknown, missing or wrong.
pub(crate) fn from_json(
    id: &str,
    members: &Map<String, Value>,
    transport: Transport,
) -> Result<Tenant, Problem> {
    let wrong = |place: &'static str| {
        fault("VSV-18", "the member is unknown, missing, or not what the description says").at(place) // [VSV-18]
    };
    if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(wrong(""));
    }
    if members.get("id").is_some_and(|own| own != id) {
        return Err(wrong("/id"));
    }
    let name = |lang: &str| {
        let name = members.get("name")?.get(lang)?.as_str().map(nfc)?;
        let is_name =
            !name.trim().is_empty() && name.len() <= LONGEST_NAME && !name.contains(char::is_control);
        is_name.then_some(name)
    };
    let (Some(ko), Some(en)) = (name("ko"), name("en")) else { return Err(wrong("/name")) };
    let profile = match members.get("profile").map(Value::as_str) {
        None | Some(Some("base")) => Profile::Base,
        Some(Some("haip")) => Profile::Haip,
        Some(_) => return Err(wrong("/profile")),
    };
    let return_to = match members.get("return_to") {
        None => Vec::new(),
        Some(Value::Array(list)) if list.len() <= MOST_ADDRESSES => {
            let address = |value: &Value| HookUrl::parse(value.as_str()?, transport).ok();
            let address = |value| address(value).map(|url| url.as_str().to_owned());
            list.iter().map(address).collect::<Option<_>>().ok_or_else(|| wrong("/return_to"))?
        }
        Some(_) => return Err(wrong("/return_to")),
    };
    let did = match members.get("did") {
        None | Some(Value::Null) => None,
        Some(did) => Some(did.as_str().and_then(|did| did.parse().ok()).ok_or_else(|| wrong("/did"))?),
    };
    let id = id.parse().map_err(|_| wrong("/id"))?;
    Ok(Tenant { id, name: LocalizedName { ko, en }, profile, return_to, did })
}
