//! One digest of what a log says [spec/did-tlog.md §3.3].

use crate::{
    accreditation::{AccreditationId, AccreditationRecord},
    did_tlog::{DidHead, KeyHash, UpdateKey, VersionRecord},
    engine::{EngineError, Position},
    fold::{Fold, FoldedState},
    heads::HeadsKey,
    log_keys::LogKeys,
    person::PersonEntry,
    status_digest::StatusDigestRecord,
};
use serde_json::{Value, json};
use sinpyo_core::{did::Did, encoding::to_base64url, jcs};
use sinpyo_tlog::{
    merkle::{Frontier, Hash},
    note::LogKey,
};
use std::collections::BTreeSet;

/// The root of the tree over the lines of the state, in the order of their bytes.
pub(super) fn state_root(state: &FoldedState) -> Result<Hash, EngineError> {
    let mut lines: BTreeSet<Vec<u8>> = BTreeSet::new();
    for line in
        [log(state)?, dids(state)?, accreditations(state)?, status_lists(state)?, persons(state)?].concat()
    {
        lines.insert(jcs::canonicalize(&line));
    }
    let mut tree = Frontier::new();
    for line in &lines {
        tree.append(Hash::leaf(line));
    }
    Ok(tree.head().root)
}

fn log(state: &FoldedState) -> Result<Vec<Value>, EngineError> {
    let Some(root) = Fold::root(state)? else { return Ok(Vec::new()) };
    let keys = LogKeys::read(state)?;
    Ok(vec![json!({
        "type": "log",
        "root": root.as_str(),
        "key": keys.log().map(LogKey::to_string),
        "heads": keys.heads().map(HeadsKey::to_string),
    })])
}

fn dids(state: &FoldedState) -> Result<Vec<Value>, EngineError> {
    let mut lines = Vec::new();
    for did in names::<Did>(state, "did/") {
        let head = DidHead::read(state, &did)?.ok_or(EngineError::CorruptState)?;
        let version = VersionRecord::read(state, &did, head.version().number())?;
        let Position { index, time } = version.ok_or(EngineError::CorruptState)?.position;
        let keys = |keys: &[UpdateKey]| keys.iter().map(UpdateKey::as_str).collect::<Value>();
        lines.push(json!({
            "type": "did",
            "did": did.as_str(),
            "versionId": head.version().as_str(),
            "index": index,
            "time": time.to_string(),
            "deactivated": head.is_deactivated(),
            "updateKeys": keys(head.update_keys()),
            "nextKeyHashes": head.next_key_hashes().iter().map(KeyHash::as_str).collect::<Value>(),
            "recoveryKeys": keys(head.recovery_keys()),
        }));
    }
    Ok(lines)
}

fn accreditations(state: &FoldedState) -> Result<Vec<Value>, EngineError> {
    let mut lines = Vec::new();
    for id in names::<AccreditationId>(state, "accreditation/") {
        let record = AccreditationRecord::read(state, &id)?.ok_or(EngineError::CorruptState)?;
        if record.is_void() {
            continue;
        }
        let changes = record.changes().iter().map(|change| {
            let Position { index, time } = change.position;
            json!({"index": index, "time": time.to_string(), "status": change.status.name()})
        });
        let Position { index, time } = record.position();
        lines.push(json!({
            "type": "accreditation",
            "id": id.as_str(),
            "by": record.accreditation().granted_by.as_str(),
            "subject": record.accreditation().subject.as_str(),
            "index": index,
            "time": time.to_string(),
            "changes": changes.collect::<Value>(),
        }));
    }
    Ok(lines)
}

fn status_lists(state: &FoldedState) -> Result<Vec<Value>, EngineError> {
    let mut lines = Vec::new();
    for (key, _) in state.under("status/") {
        let text = str::from_utf8(key).map_err(|_| EngineError::CorruptState)?;
        let Some((by, list)) = text.strip_prefix("status/").and_then(|rest| rest.split_once("/count/"))
        else {
            continue;
        };
        // A version's key may hold "/count/" in its address; a DID holds no slash.
        let Ok(by) = by.parse::<Did>() else { continue };
        let Some(record) = StatusDigestRecord::read(state, &by, list)? else { continue };
        lines.push(json!({
            "type": "status-list",
            "by": by.as_str(),
            "list": list,
            "version": record.digest.version,
            "sha256": to_base64url(&record.digest.sha256),
            "index": record.position.index,
            "time": record.position.time.to_string(),
        }));
    }
    Ok(lines)
}

fn persons(state: &FoldedState) -> Result<Vec<Value>, EngineError> {
    let mut lines = Vec::new();
    for index in names::<u64>(state, "person/") {
        let person = PersonEntry::read(state, index)?.ok_or(EngineError::CorruptState)?;
        if person.is_void() {
            continue;
        }
        lines.push(json!({
            "type": "person",
            "index": index,
            "commitment": person.commitment().to_string(),
            "by": person.by().as_str(),
            "erased": person.is_erased(),
        }));
    }
    Ok(lines)
}

/// What stands behind `prefix` in the keys of the state, where that is a name by itself.
fn names<T: std::str::FromStr>(state: &FoldedState, prefix: &str) -> Vec<T> {
    let names = state.under(prefix).filter_map(|(key, _)| {
        let name = str::from_utf8(key).ok()?.strip_prefix(prefix)?;
        if name.contains('/') { None } else { name.parse().ok() }
    });
    names.collect()
}
