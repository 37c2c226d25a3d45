//! The versions of a DID, some at a time, and the proof of all.

use crate::{
    Call,
    did::{did_of, unresolved, unstated},
    log::proving,
    problem,
    query::malformed,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::{did::Did, encoding::to_base64url, json, resolved::VersionSelector};
use sinpyo_registry::{
    ProveLatestError,
    did_tlog::{DidHead, ResolutionProof, ResolveError},
    engine::{EngineError, StateView},
};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::prove_inclusion, tile::TileNodes};
use sinpyo_web::{answer, problem::Refusal};

/// Most versions in one answer, and the bytes of their entries, beyond which no older one is added.
const MOST: u64 = 50;
const MOST_BYTES: usize = 1 << 20;

/// `GET /dids/{did}/proof`: what convinces without this server, however long.
pub(crate) fn proof(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let proof = whole(call, &did_of(call.part("did"))?)?;
    Ok(answer::with_type("application/json", proof.to_string().into_bytes()))
}

fn whole(call: &Call<'_>, did: &Did) -> Result<ResolutionProof, Refusal> {
    let (ledger, newest) = (call.api.ledger, VersionSelector::Latest);
    match ledger.prove_latest(did, &newest, call.now) {
        Err(ProveLatestError::NoKey) => ledger.prove(did, &newest).map_err(|error| unresolved(&error)),
        other => other.map_err(|error| unstated(&error)),
    }
}

/// `GET /dids/{did}`: the newest versions, or those from number `from` back, with the proof of each.
pub(crate) fn history(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let did = did_of(call.part("did"))?;
    let (from, limit): (Option<u64>, Option<u64>) =
        (call.query.optional("from")?, call.query.optional("limit")?);
    if from == Some(0) || limit == Some(0) {
        return Err(malformed(if from == Some(0) { "from" } else { "limit" }));
    }
    let page = Page::read(call, &did, from.unwrap_or(u64::MAX), limit.unwrap_or(MOST).min(MOST))?; // [RGA-19]
    let proof = if page.holds_all() {
        serde_json::from_str(&whole(call, &did)?.to_string()).map_err(|error| problem::failed(&error))?
    } else {
        json!({"checkpoint": page.checkpoint.to_string(), "entries": page.items})
    };
    let entries = proof.get("entries").and_then(Value::as_array);
    let versions: Value = entries.into_iter().flatten().filter_map(|item| version(&did, item)).collect();
    let body = json!({
        "did": did.as_str(),
        "count": page.count,
        "next": page.next,
        "versions": versions,
        "proof": proof,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// Some versions with neighbouring numbers.
struct Page {
    checkpoint: SignedCheckpoint,
    /// The number of the newest version of all.
    count: u64,
    /// The number of the version before those here.
    next: Option<u64>,
    /// Index, entry and path of each, in the order of the log.
    items: Vec<Value>,
}

impl Page {
    /// Reads at most `limit` versions from number `from` back.
    fn read(call: &Call<'_>, did: &Did, from: u64, limit: u64) -> Result<Self, Refusal> {
        let failed = |error: EngineError| problem::failed(&error);
        let checkpoint = call.published()?;
        let state = call.api.engine.state().map_err(failed)?;
        let size = checkpoint.claimed_head().size;
        let count = count(&*state, did, size).map_err(failed)?;
        if count == 0 {
            return Err(unresolved(&ResolveError::NotFound));
        }
        let newest = from.min(count);
        let numbers = (newest.saturating_sub(limit)..newest).rev().map(|before| before + 1);
        let indices: Result<Vec<u64>, EngineError> =
            numbers.map(|number| index_of(&*state, did, number)?.ok_or(EngineError::CorruptState)).collect();
        // A view is not kept longer than it is needed.
        drop(state);
        let nodes = TileNodes::new(call.api.engine, size);
        let (mut items, mut bytes, mut next) = (Vec::new(), 0, newest);
        for index in indices.map_err(failed)? {
            if bytes >= MOST_BYTES {
                break;
            }
            let entry = call.api.engine.entries(index..index.saturating_add(1)).map_err(failed)?;
            let path = prove_inclusion(&nodes, index, size).map_err(|error| proving(&error))?;
            let path: Value = path.iter().map(|hash| json!(to_base64url(hash.as_bytes()))).collect();
            let entry = String::from_utf8_lossy(entry.first().map_or(&[], Vec::as_slice)).into_owned();
            bytes += entry.len();
            items.push(json!({"index": index, "entry": entry, "path": path}));
            next -= 1;
        }
        items.reverse();
        Ok(Self { checkpoint, count, next: (next > 0).then_some(next), items })
    }

    fn holds_all(&self) -> bool {
        u64::try_from(self.items.len()) == Ok(self.count)
    }
}

/// The number of the newest version of `did` among the first `size` entries of the log; 0 if it has none.
fn count(state: &dyn StateView, did: &Did, size: u64) -> Result<u64, EngineError> {
    let Some(head) = DidHead::read(state, did)? else { return Ok(0) };
    let (mut low, mut high) = (0, head.version().number());
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        match index_of(state, did, middle)? {
            Some(index) if index < size => low = middle,
            _ => high = middle - 1,
        }
    }
    Ok(low)
}

/// Index of the entry of version `number`, if there is one that counts. The fold keeps it as the first word under this
/// key.
fn index_of(state: &dyn StateView, did: &Did, number: u64) -> Result<Option<u64>, EngineError> {
    let Some(bytes) = state.get(format!("did/{did}/version/{number}").as_bytes())? else { return Ok(None) };
    let first = str::from_utf8(&bytes).ok().and_then(|text| text.split(' ').next());
    first.and_then(|index| index.parse().ok()).map(Some).ok_or(EngineError::CorruptState)
}

/// What one entry of the proof says about the DID.
fn version(did: &Did, item: &Value) -> Option<Value> {
    let entry = json::parse_object(item.get("entry")?.as_str()?.as_bytes()).ok()?;
    let operation = entry.get("op")?;
    if operation.get("did")?.as_str()? != did.as_str() {
        return None;
    }
    let parameters = operation.get("parameters");
    Some(json!({
        "index": item.get("index")?,
        "time": entry.get("time")?,
        "versionId": operation.get("versionId")?,
        "deactivated": parameters.and_then(|parameters| parameters.get("deactivated")).is_some_and(|value| *value == json!(true)),
    }))
}
