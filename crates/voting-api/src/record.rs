//! The public record: the election's log as C2SP `tlog-tiles`, and proofs from it.

use crate::{
    call::Call,
    followed::Followed,
    problem::{absent, failed, unavailable},
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_ballot::{ballot::TrackingCode, generators::ElectionId};
use sinpyo_core::encoding::to_base64url;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::prove_inclusion,
    proof::TlogProof,
    tile::{EntryBundle, Resource, TileNodes},
};
use sinpyo_voting::form::to_hex;
use sinpyo_web::{answer, problem::Refusal};
use std::time::Duration;

/// Most entries in one answer, and their bytes, beyond which no further one is added.
const MOST_ENTRIES: u64 = 256;
const MOST_BYTES: usize = 4 << 20;

/// `GET /elections`.
pub(crate) fn elections(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let logs = &call.service.settings.logs;
    let mut elections = Vec::new();
    for election in logs.list().map_err(unavailable)? {
        let Some(log) = logs.open(&election).map_err(unavailable)? else { continue };
        let line = |record: &Followed| {
            let manifest = record.manifest.as_ref()?;
            Some(json!({
                "id": to_hex(&election.0),
                "title": manifest.title,
                "phase": record.phase().as_str(),
                "opens": manifest.opens.to_string(),
                "closes": manifest.closes.to_string(),
            }))
        };
        elections.extend(call.service.following.with(&election, &*log, line)?);
    }
    Ok(answer::json(StatusCode::OK, &json!({"elections": elections})))
}

fn published(log: &dyn LogEngine) -> Result<SignedCheckpoint, Refusal> {
    let checkpoint = log.checkpoint().map_err(|error| failed(&error))?;
    let wait = || absent("VTS-04", "nothing is published yet").retry_after(Duration::from_secs(1));
    checkpoint.ok_or_else(wait) // [VTS-04]
}

/// `GET /e/{election}/log/checkpoint`.
pub(crate) fn checkpoint(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (_, log) = call.log()?;
    let text = published(&*log)?.to_string();
    Ok(answer::tagged(answer::with_type("text/plain; charset=utf-8", text.into_bytes())))
}

/// `GET /e/{election}/log/tile/…`: as far as the checkpoint commits to it, so that it never changes.
pub(crate) fn tile(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (_, log) = call.log()?;
    let none = || absent("VTS-04", "the checkpoint has no such tile");
    let resource: Resource = format!("tile/{}", call.routed.part("tile")).parse().map_err(|_| none())?;
    let (id, is_entries) = match resource {
        Resource::Tile(id) => (id, false),
        Resource::Entries(id) => (id, true),
        Resource::Checkpoint => return Err(none()),
    };
    let size = published(&*log)?.claimed_head().size;
    let rows = size.checked_shr(8 * u32::from(id.level())).unwrap_or(0);
    if id.row_range().end > rows {
        return Err(none()); // [VTS-04]
    }
    let content = if is_entries {
        let bundle = |entries| {
            let first = id.row_range().start;
            EntryBundle::new(entries)
                .map(|bundle| bundle.to_bytes())
                .map_err(|_| EngineError::Corrupt { index: first })
        };
        log.entries(id.row_range()).and_then(bundle)
    } else {
        log.tile(id)
    };
    let content = content.map_err(|error| failed(&error))?;
    Ok(answer::for_ever(answer::with_type(resource.content_type(), content)))
}

/// `GET /e/{election}/log/entries`.
pub(crate) fn entries(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (_, log) = call.log()?;
    let query = call.query()?;
    let number = |name: &str| {
        query
            .parsed::<u64>(name)
            .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "HTTP-05", &"a parameter is no number"))
    };
    let (from, limit) = (number("from")?.unwrap_or(0), number("limit")?.unwrap_or(MOST_ENTRIES));
    let size = log.head().map_err(|error| failed(&error))?.size;
    let end = from.saturating_add(limit.min(MOST_ENTRIES)).min(size);
    let (mut list, mut bytes, mut next) = (Vec::new(), 0, from.min(end));
    while next < end && bytes < MOST_BYTES {
        let some = next..(next + 16).min(end);
        for (index, entry) in some.clone().zip(log.entries(some.clone()).map_err(|error| failed(&error))?) {
            bytes += entry.len();
            list.push(json!({"index": index, "bytes": to_base64url(&entry)}));
        }
        next = some.end;
    }
    Ok(answer::json(StatusCode::OK, &json!({"size": size, "entries": list})))
}

/// `GET /e/{election}/receipts/{tracking}`.
pub(crate) fn receipt(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (election, log) = call.log()?;
    let index = place(call, &election, &*log, call.routed.part("tracking"))?;
    let proof = prove(&*log, index)?;
    let mut response = answer::with_type("text/plain; charset=utf-8", proof.to_string().into_bytes());
    response.headers_mut().insert(HeaderName::from_static("entry-index"), HeaderValue::from(index));
    Ok(response)
}

/// Where the ballot of a tracking code stands, however the code is typed.
pub(crate) fn place(
    call: &Call<'_>,
    election: &ElectionId,
    log: &dyn LogEngine,
    typed: &str,
) -> Result<u64, Refusal> {
    let unknown = || absent("VTS-14", "no ballot has this tracking code"); // [VTS-14]
    let code = TrackingCode::parse(typed).ok_or_else(unknown)?;
    let found = call.service.following.with(election, log, |record| record.ballot(&code, log))?;
    found.map_err(|error| failed(&error))?.ok_or_else(unknown)
}

/// That the entry at `index` is in the log, under the head that is published.
pub(crate) fn prove(log: &dyn LogEngine, index: u64) -> Result<TlogProof, Refusal> {
    let checkpoint = published(log)?;
    let size = checkpoint.claimed_head().size;
    if index >= size {
        let wait = absent("VTS-04", "no published head commits to this entry yet");
        return Err(wait.retry_after(Duration::from_secs(1))); // [VTS-04]
    }
    let nodes = TileNodes::new(log, size);
    let path = prove_inclusion(&nodes, index, size).map_err(|_| failed(&EngineError::CorruptState))?;
    Ok(TlogProof::new(index, path, checkpoint))
}

/// A JSON value for a state that the log shows: asked for again each time.
pub(crate) fn current(value: &Value) -> Response<Vec<u8>> {
    answer::tagged(answer::json(StatusCode::OK, value))
}
