//! Histories that `didwebvh-rs` writes, and its verdict on any.

use crate::{exchange::History, tally::Verdict};
use didwebvh_rs::prelude::{
    CreateDIDConfig, DIDWebVHState, KeyType, Multibase, Parameters, Secret, UpdateDIDConfig, create_did,
    generate_did_key, update_did,
};
use futures_executor::block_on;
use serde_json::json;
use std::sync::Arc;

/// Reads the whole history; a part of it will not do.
fn load(history: &History) -> Result<DIDWebVHState, String> {
    let mut state = DIDWebVHState::default();
    let resolved =
        block_on(state.resolve_log_owned(&history.did, &history.log, history.witnesses.as_deref()));
    resolved.map_err(|error| error.to_string())?;
    if state.log_entries().len() == history.log.trim_end().lines().count() {
        Ok(state)
    } else {
        Err("valid in part".to_owned())
    }
}

pub(crate) fn verify(history: &History) -> Verdict {
    load(history).map(|_| ())
}

fn public(key: &Secret) -> Multibase {
    Multibase::new(key.get_public_keymultibase().unwrap())
}

fn key() -> Secret {
    generate_did_key(KeyType::Ed25519).unwrap().1
}

fn created(name: &'static str, key: &Secret) -> History {
    let config = CreateDIDConfig::builder()
        .address("https://office.example/")
        .authorization_key(key.clone())
        .did_document(json!({
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": "{DID}",
            "service": [
                {"id": "{DID}#office", "type": "Office", "serviceEndpoint": "https://office.example/service"},
            ],
        }))
        .parameters(Parameters { update_keys: Some(Arc::new(vec![public(key)])), ..Parameters::default() })
        .version_time("2026-01-01T00:00:00Z".parse().unwrap())
        .build()
        .unwrap();
    let created = block_on(create_did(config)).unwrap();
    let log = serde_json::to_string(created.log_entry()).unwrap();
    History { name, did: created.did().to_owned(), log, witnesses: None }
}

/// What the next entry changes.
enum Step<'k> {
    Nothing,
    Keys(&'k Secret),
    Deactivation,
}

fn then(history: History, signer: &Secret, step: &Step<'_>) -> History {
    let state = load(&history).unwrap();
    let day = state.log_entries().len() + 1;
    let config = UpdateDIDConfig::builder()
        .state(state)
        .signing_key(signer.clone())
        .version_time(format!("2026-01-{day:02}T00:00:00Z").parse().unwrap());
    let config = match step {
        Step::Nothing => config,
        Step::Keys(next) => config.update_keys(vec![public(next)]),
        Step::Deactivation => config.deactivate(true),
    };
    let updated = block_on(update_did(config.build().unwrap())).unwrap();
    let lines = updated.state().log_entries().iter();
    let lines: Vec<_> = lines.map(|entry| serde_json::to_string(&entry.log_entry).unwrap()).collect();
    History { log: lines.join("\n"), ..history }
}

pub(crate) fn histories() -> Vec<History> {
    let (first, second) = (key(), key());
    let rotated = then(created("rotated", &first), &first, &Step::Keys(&second));
    vec![
        created("created", &first),
        then(created("updated", &first), &first, &Step::Nothing),
        then(rotated, &second, &Step::Nothing),
        then(created("deactivated", &first), &first, &Step::Deactivation),
    ]
}
