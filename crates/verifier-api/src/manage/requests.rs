//! Requests.

use super::once;
use crate::{
    asked::Mode,
    call::Call,
    desk::{Created, Deed, Desk, Told},
    outcome::{code, of_path},
    problem::{absent, unavailable},
    record::RequestId,
};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::Unavailable;
use sinpyo_web::{answer, audit::Outcome, form::Fields, problem::Refusal};

/// Opens one.
pub(super) fn open(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let body = call.json()?;
    once(call, client, entropy, &mut |keeping, entropy| {
        let mut response = None;
        let created = desk.create(
            body.clone(),
            client,
            &mut |created, entropy| {
                let answer = opened(&desk, created);
                let kept = keeping.change(&answer, entropy)?;
                response = Some(answer);
                Ok(kept)
            },
            entropy,
        )?;
        Ok(match (created, response) {
            (Ok(_), Some(response)) => Ok(response),
            (Ok(_), None) => Err(Unavailable.into()),
            (Err(error), _) => Err(error),
        })
    })
}

fn opened(desk: &Desk<'_>, created: &Created) -> Response<Vec<u8>> {
    let main = desk.service.settings.site.main();
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("id", json!(created.id.as_str()));
    put("page", json!(format!("{main}/{}/r/{}", desk.tenant.id, created.page.expose())));
    put("state", json!("waiting"));
    put("expires_at", json!(Timestamp::from_unix(created.record.expires).map(|at| at.to_string())));
    for (name, value) in link_members(created.record.mode, &created.record.link) {
        put(name, value);
    }
    let mut response = answer::json(StatusCode::CREATED, &Value::Object(members));
    let place = format!("{main}/manage/{}/requests/{}", desk.tenant.id, created.id);
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// The link, and the address within it; nothing for a request that goes through our page's browser.
fn link_members(mode: Mode, link: &str) -> Vec<(&'static str, Value)> {
    if mode == Mode::DcApi {
        return Vec::new();
    }
    let query = link.split_once('?').map_or("", |(_, query)| query);
    let address = Fields::of_query(query).ok().and_then(|query| query.text("request_uri").map(str::to_owned));
    let address = address.map(|address| ("request_uri", json!(address)));
    std::iter::once(("link", json!(link))).chain(address).collect()
}

/// The newest first.
pub(super) fn list(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (after, limit) = super::page(call)?;
    let after: Option<RequestId> = after.map(|after| after.parse()).transpose().map_err(|_| {
        Refusal::new(StatusCode::BAD_REQUEST, "VSV-03", &"after is not the name of a request")
    })?;
    let found = desk.records().newest(after.as_ref(), limit, call.world.now).map_err(unavailable)?;
    let next = (found.len() == limit).then(|| found.last().map(|(id, _)| id.to_string())).flatten();
    let requests: Vec<Value> = found
        .iter()
        .map(|(id, record)| desk.describe(id, record).map(Value::Object))
        .collect::<Result<_, _>>()?;
    Ok(answer::json(StatusCode::OK, &json!({"requests": requests, "next": next})))
}

/// One.
pub(super) fn read(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    Ok(answer::json(StatusCode::OK, &Value::Object(desk.describe(&id, &record)?)))
}

/// Another link.
pub(super) fn link(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    // A page that waits has a link of its own, which must not change under it.
    if record.owner.is_some() || record.mode == Mode::DcApi {
        let detail = "the page of the request makes its own links";
        return Err(Refusal::new(StatusCode::CONFLICT, "VSV-16", &detail)); // [VSV-16]
    }
    let rotated = desk.rotate(&id, entropy)?;
    let record = rotated.ok_or_else(|| {
        Refusal::new(StatusCode::CONFLICT, "VSV-17", &"a wallet has the request already") // [VSV-17]
    })?;
    let members: Map<String, Value> = link_members(record.mode, &record.link)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Ok(answer::json(StatusCode::OK, &Value::Object(members)))
}

/// The result, once.
pub(super) fn result(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    let body = call.json()?;
    let code = code(body.get("response_code").and_then(Value::as_str))?;
    desk.result(&id, &record, (code.as_ref(), client), entropy)
}

/// What the holder sent.
pub(super) fn evidence(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    let none = || absent("VSV-11", "no evidence of the request is kept"); // [VSV-11]
    // Evidence of what was not accepted for good is none.
    if desk.progress(&id, &record)?.word != "accepted" {
        return Err(none());
    }
    let (evidence, _) =
        desk.records().evidence(&id, call.world.now).map_err(unavailable)?.ok_or_else(none)?;
    Ok(answer::json(StatusCode::OK, &evidence))
}

/// Forgets it.
pub(super) fn forget_evidence(
    call: &Call<'_>,
    client: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let id = call.id()?;
    let forgotten = desk.records().forget_evidence(&id, call.world.now).map_err(unavailable)?;
    let forgotten = forgotten.ok_or_else(|| absent("VSV-11", "no evidence of the request is kept"))?;
    let deed = Deed {
        who: client,
        did: "evidence.forgotten",
        id: id.as_str(),
        outcome: Outcome::Done,
        told: Told::Log,
    };
    let mut changes = desk.deeds(&deed, entropy).map_err(unavailable)?;
    changes.push(forgotten);
    call.world.state.commit_owned(&changes).map_err(|_| unavailable(Unavailable))?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
