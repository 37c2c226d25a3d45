//! did:webvh.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
    keys::{Signing, private_key},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{did::Did, json, time::Timestamp};
use sinpyo_resolver::{
    VersionQuery,
    did_webvh::{DidLog, DraftEntry, Entry, KeyHash, Parameters, UpdateKey, WitnessProofs, create as draft},
};
use std::time::Duration;

/// What stands for the DID in the texts of a document that does not have one yet.
const PLACEHOLDER: &str = "{DID}";

/// `webvh.create`.
pub(super) fn create(arguments: &Arguments) -> Answer {
    let key = Signing::read(arguments, "key", "kid")?;
    let at = arguments.time("versionTime")?;
    let additions = arguments.maybe_object("document")?.cloned().unwrap_or_default();
    let parameters = Parameters {
        update_keys: Some(vec![update_key(&key)?]),
        next_key_hashes: next_key(arguments)?.map(|hash| vec![hash]),
        portable: arguments.flag("portable")?.then_some(true),
        ..Parameters::default()
    };
    let entry = draft(arguments.text("domain")?, &parameters, at, |did| document(did, &additions))?;
    let log = DidLog::start(sign(entry, &key)?, arguments.now()?.max(at))?;
    let did = log.versions().first().and_then(|version| version.entry().state().get("id").cloned());
    Ok(json!({"did": did, "log": log.to_jsonl()}))
}

/// `webvh.update`. Where keys were announced, `key` is one of them.
pub(super) fn update(arguments: &Arguments) -> Answer {
    let (log, at, now) = current(arguments)?;
    let key = Signing::read(arguments, "key", "kid")?;
    let next = next_key(arguments)?;
    let document = match arguments.maybe_object("document")? {
        Some(document) => document.clone(),
        None => newest(&log)?.clone(),
    };
    let parameters = if announces(&log) {
        let hashes = next.into_iter().collect();
        Parameters {
            update_keys: Some(vec![update_key(&key)?]),
            next_key_hashes: Some(hashes),
            ..Parameters::default()
        }
    } else {
        Parameters { next_key_hashes: next.map(|hash| vec![hash]), ..Parameters::default() }
    };
    let entry = sign(log.update(&parameters, document, at)?, &key)?;
    Ok(json!({"log": log.append(entry, now)?.to_jsonl()}))
}

/// `webvh.deactivate`. Announcements are ended first, in an entry of its own.
pub(super) fn deactivate(arguments: &Arguments) -> Answer {
    let (mut log, mut at, mut now) = current(arguments)?;
    let key = Signing::read(arguments, "key", "kid")?;
    if announces(&log) {
        let parameters = Parameters {
            update_keys: Some(vec![update_key(&key)?]),
            next_key_hashes: Some(Vec::new()),
            ..Parameters::default()
        };
        let entry = sign(log.update(&parameters, newest(&log)?.clone(), at)?, &key)?;
        log = log.append(entry, now)?;
        at = at.plus(Duration::from_secs(1));
        now = now.max(at);
    }
    let entry = sign(log.deactivate(at)?, &key)?;
    Ok(json!({"log": log.append(entry, now)?.to_jsonl()}))
}

/// `webvh.resolve`.
pub(super) fn resolve(arguments: &Arguments) -> Answer {
    let did: Did = arguments.text("did")?.parse()?;
    let now = arguments.now()?;
    let mut log = DidLog::read(arguments.text("log")?.as_bytes(), now);
    if log.needs_witnesses() {
        let proofs = match arguments.maybe_text("witness")? {
            Some(text) => WitnessProofs::read(text.as_bytes())?,
            None => WitnessProofs::default(),
        };
        log = log.witnessed(&proofs, now);
    }
    let mut parameters = Vec::new();
    for name in ["versionId", "versionTime", "versionNumber"] {
        match arguments.value(name) {
            Some(Value::Number(number)) => parameters.push((name, number.to_string())),
            Some(_) => parameters.push((name, arguments.text(name)?.to_owned())),
            None => {}
        }
    }
    let query =
        VersionQuery::from_parameters(parameters.iter().map(|(name, value)| (*name, value.as_str())))?;
    let resolved = log.resolve(&did, &query)?;
    Ok(json!({"document": resolved.document(), "metadata": resolved.metadata_json()}))
}

/// The log of the request, a time for its next entry, and the present for the reader.
fn current(arguments: &Arguments) -> Result<(DidLog, Timestamp, Timestamp), Refusal> {
    let now = arguments.now()?;
    let log = DidLog::read(arguments.text("log")?.as_bytes(), now);
    if let Some(error) = log.error() {
        return Err(error.clone().into());
    }
    let asked = arguments.time("versionTime")?;
    // Two calls within a second would give two entries of the same time.
    let after = log.versions().last().map(|version| version.entry().time().plus(Duration::from_secs(1)));
    let at = after.map_or(asked, |after| asked.max(after));
    Ok((log, at, now.max(at)))
}

fn newest(log: &DidLog) -> Result<&Map<String, Value>, Refusal> {
    log.versions().last().map(|version| version.entry().state()).ok_or_else(|| wrong("log"))
}

/// Whether the newest entry that speaks of announcements makes some.
fn announces(log: &DidLog) -> bool {
    let mut announced = false;
    for version in log.versions() {
        let line = json::parse_object(version.entry().to_line().trim_ascii().as_bytes()).unwrap_or_default();
        let hashes = line.get("parameters").and_then(|parameters| parameters.get("nextKeyHashes"));
        announced = hashes.map_or(announced, |hashes| hashes.as_array().is_some_and(|list| !list.is_empty()));
    }
    announced
}

fn sign(entry: DraftEntry, key: &Signing) -> Result<Entry, Refusal> {
    let prepared = entry.prepare(key.public())?;
    let signature = key.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}

fn update_key(key: &Signing) -> Result<UpdateKey, Refusal> {
    UpdateKey::new(key.public()).ok_or_else(|| wrong("key"))
}

/// What announces the key in the argument `nextKey`.
fn next_key(arguments: &Arguments) -> Result<Option<KeyHash>, Refusal> {
    let Some(value) = arguments.value("nextKey") else { return Ok(None) };
    let key = private_key(value, "nextKey")?;
    UpdateKey::new(key.verifying_key()).map(|key| Some(key.hash())).ok_or_else(|| wrong("nextKey"))
}

/// The document of `did` with `additions`, in whose texts the placeholder stands for it.
fn document(did: &str, additions: &Map<String, Value>) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert(
        "@context".to_owned(),
        json!(["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]),
    );
    members.extend(additions.iter().map(|(name, value)| (name.clone(), named(did, value))));
    members.insert("id".to_owned(), json!(did));
    members
}

fn named(did: &str, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(PLACEHOLDER, did)),
        Value::Array(list) => list.iter().map(|value| named(did, value)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), named(did, value))).collect()
        }
        other => other.clone(),
    }
}
