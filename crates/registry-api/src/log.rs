//! The log itself: checkpoint, tiles, entries and proofs [C2SP tlog-tiles, tlog-proof].

use crate::{Call, problem, query::malformed};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::encoding::to_base64url;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_tlog::{
    merkle::{Hash, ProveError, prove_consistency, prove_inclusion},
    proof::TlogProof,
    tile::{EntryBundle, Resource, TileNodeError, TileNodes},
};
use sinpyo_web::{answer, problem::Refusal};
use std::{ops::Range, time::Duration};

/// Most entries in one answer, and their bytes, beyond which no further one is added.
const MOST_ENTRIES: u64 = 256;
const MOST_BYTES: usize = 1 << 20;

/// `GET /checkpoint`.
pub(crate) fn checkpoint(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let text = call.published()?.to_string();
    Ok(answer::tagged(answer::with_type("text/plain; charset=utf-8", text.into_bytes())))
}

/// `GET /tile/…`: as far as the checkpoint commits to it, so that it never changes.
pub(crate) fn tile(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let absent = || problem::absent("RGA-06", &"the checkpoint has no such tile");
    let resource = format!("tile/{}", call.part("tile")).parse().map_err(|_| absent())?;
    let (Resource::Tile(id) | Resource::Entries(id)) = resource else { return Err(absent()) };
    let size = call.published()?.claimed_head().size;
    let rows = size.checked_shr(8 * u32::from(id.level())).unwrap_or(0);
    if id.row_range().end > rows {
        return Err(absent()); // [RGA-06]
    }
    let engine = call.api.engine;
    let content = match resource {
        Resource::Entries(_) => engine.entries(id.row_range()).and_then(|entries| {
            let start = id.row_range().start;
            let bundle = EntryBundle::new(entries).map_err(|_| EngineError::Corrupt { index: start })?;
            Ok(bundle.to_bytes())
        }),
        _ => engine.tile(id),
    };
    let content = content.map_err(|error| problem::failed(&error))?;
    Ok(answer::for_ever(answer::with_type(resource.content_type(), content)))
}

/// `GET /operations/{index}/proof`.
pub(crate) fn proof(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let index: u64 = call.part("index").parse().map_err(|_| malformed("index"))?;
    let checkpoint = call.published()?;
    let size = checkpoint.claimed_head().size;
    if index >= size {
        let known = index < call.api.engine.head().map_err(|error| problem::failed(&error))?.size;
        let absent = problem::absent("RGA-06", &"the checkpoint commits to no such entry"); // [RGA-06]
        return Err(if known { absent.retry_after(Duration::from_secs(1)) } else { absent });
    }
    let nodes = TileNodes::new(call.api.engine, size);
    let path = prove_inclusion(&nodes, index, size).map_err(|error| proving(&error))?;
    let text = TlogProof::new(index, path, checkpoint).to_string();
    Ok(answer::with_type("text/plain; charset=utf-8", text.into_bytes()))
}

/// `GET /consistency`: for two sizes that the checkpoint commits to.
pub(crate) fn consistency(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (from, to): (u64, u64) = (call.query.required("from")?, call.query.required("to")?);
    let size = call.published()?.claimed_head().size;
    if from == 0 || from > to {
        return Err(malformed("from"));
    }
    if to > size {
        return Err(problem::absent("RGA-06", &"the checkpoint does not reach that size")); // [RGA-06]
    }
    let nodes = TileNodes::new(call.api.engine, to);
    let path = prove_consistency(&nodes, from, to).map_err(|error| proving(&error))?;
    let path: Value = path.iter().map(|hash: &Hash| json!(to_base64url(hash.as_bytes()))).collect();
    let body = json!({"from": from, "to": to, "path": path});
    Ok(answer::for_ever(answer::json(StatusCode::OK, &body)))
}

pub(crate) fn proving(error: &ProveError<TileNodeError<EngineError>>) -> Refusal {
    match error {
        ProveError::Source(TileNodeError::Source(error)) => problem::failed(error),
        ProveError::Source(TileNodeError::NoSuchNode) | ProveError::OutsideTree => {
            problem::failed(&EngineError::OutsideLog)
        }
    }
}

/// `GET /entries`.
pub(crate) fn entries(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let from: u64 = call.query.required("from")?;
    let limit = call.query.optional("limit")?.unwrap_or(MOST_ENTRIES).min(MOST_ENTRIES);
    let failed = |error: EngineError| problem::failed(&error);
    let size = call.api.engine.head().map_err(failed)?.size;
    let range = from.min(size)..from.saturating_add(limit).min(size);
    let read = read(call.api.engine, range).map_err(failed)?;
    let entries: Value = read.iter().map(|(index, entry)| entry_json(*index, entry)).collect();
    Ok(answer::json(StatusCode::OK, &json!({"size": size, "entries": entries})))
}

/// The entries of `range` with their indices; as many as one answer may hold.
pub(crate) fn read(engine: &dyn LogEngine, range: Range<u64>) -> Result<Vec<(u64, Vec<u8>)>, EngineError> {
    let (mut read, mut bytes, mut next) = (Vec::new(), 0, range.start);
    while next < range.end && bytes < MOST_BYTES {
        // Few at a time: each may be 64 KiB long.
        let some = next..(next + 16).min(range.end);
        for (index, entry) in some.clone().zip(engine.entries(some.clone())?) {
            bytes += entry.len();
            read.push((index, entry));
        }
        next = some.end;
    }
    Ok(read)
}

/// An entry for programs: its exact text, of which the leaf is the hash.
pub(crate) fn entry_json(index: u64, entry: &[u8]) -> Value {
    match str::from_utf8(entry) {
        Ok(text) => json!({"index": index, "entry": text}),
        Err(_) => json!({"index": index, "bytes": STANDARD.encode(entry)}),
    }
}

/// `GET /log`.
pub(crate) fn describe(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let settings = call.api.settings;
    let checkpoint = call.published()?.claimed_head();
    let appended = call.api.engine.head().map_err(|error| problem::failed(&error))?.size;
    let body = json!({
        "origin": call.api.ledger.origin().as_str(),
        "vkey": call.api.ledger.key().to_string(),
        "heads": settings.heads,
        "policy": settings.policy,
        "witnesses": settings.witnesses,
        "size": checkpoint.size,
        "unpublished": appended.saturating_sub(checkpoint.size),
        "now": call.now.to_string(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}
