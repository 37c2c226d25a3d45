//! Histories that we write.

use crate::exchange::{History, now};
use serde_json::{Map, Value, json};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_resolver::did_webvh::{
    DidLog, DraftEntry, Entry, Parameters, UpdateKey, WitnessProofs, Witnesses, create, prepare_approval,
};

fn key(seed: u8) -> SigningKey {
    sinpyo_testkit::key(Algorithm::Ed25519, seed)
}

fn update_key(seed: u8) -> UpdateKey {
    UpdateKey::new(key(seed).verifying_key()).unwrap()
}

fn at(day: usize) -> Timestamp {
    format!("2026-01-{day:02}T00:00:00Z").parse().unwrap()
}

fn by(seed: u8) -> Parameters {
    Parameters { update_keys: Some(vec![update_key(seed)]), ..Parameters::default() }
}

fn announcing(seed: u8, next: &[u8]) -> Parameters {
    let hashes = next.iter().map(|seed| update_key(*seed).hash()).collect();
    Parameters { next_key_hashes: Some(hashes), ..by(seed) }
}

fn document(did: &str) -> Map<String, Value> {
    let service =
        json!({"id": "#office", "type": "Office", "serviceEndpoint": "https://office.example/service"});
    let document = json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "service": [service]});
    document.as_object().unwrap().clone()
}

fn signed(draft: DraftEntry, seed: u8) -> Entry {
    let prepared = draft.prepare(key(seed).verifying_key()).unwrap();
    let signature = key(seed).sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap()
}

/// The history of these entries, each with who signs it.
fn history(name: &'static str, entries: &[(Parameters, u8)]) -> History {
    let mut log: Option<DidLog> = None;
    for (day, (parameters, seed)) in (1..).zip(entries) {
        log = Some(match log {
            None => {
                let draft = create("office.example", parameters, at(day), document).unwrap();
                DidLog::start(signed(draft, *seed), now()).unwrap()
            }
            Some(log) => {
                let draft = log.update(parameters, state(&log), at(day)).unwrap();
                log.append(signed(draft, *seed), now()).unwrap()
            }
        });
    }
    let log = log.unwrap();
    let did = state(&log)["id"].as_str().unwrap().to_owned();
    History { name, did, log: log.to_jsonl(), witnesses: None }
}

fn state(log: &DidLog) -> Map<String, Value> {
    log.versions().last().unwrap().entry().state().clone()
}

fn deactivated() -> History {
    let open = history("deactivated", &[(by(1), 1)]);
    let log = DidLog::read(open.log.as_bytes(), now());
    let draft = log.deactivate(at(2)).unwrap();
    let log = log.append(signed(draft, 1), now()).unwrap();
    History { log: log.to_jsonl(), ..open }
}

fn witnessed() -> History {
    let witnesses = Witnesses::new(2, [16, 17, 18].map(update_key).to_vec());
    let open =
        history("witnessed", &[(Parameters { witness: witnesses, ..by(1) }, 1), (Parameters::default(), 1)]);
    let log = DidLog::read(open.log.as_bytes(), now());
    let mut proofs = WitnessProofs::default();
    let newest = log.versions().last().unwrap().id();
    for seed in [16, 18] {
        let prepared = prepare_approval(newest, key(seed).verifying_key(), at(9)).unwrap();
        let signature = key(seed).sign(prepared.signing_input()).unwrap();
        proofs.add(newest, prepared.attach(&signature).unwrap());
    }
    History { witnesses: Some(proofs.to_json()), ..open }
}

pub(crate) fn histories() -> Vec<History> {
    vec![
        history("created", &[(by(1), 1)]),
        history("updated", &[(by(1), 1), (Parameters::default(), 1), (Parameters::default(), 1)]),
        history("rotated", &[(by(1), 1), (by(2), 1), (Parameters::default(), 2)]),
        history("announced", &[(announcing(1, &[2]), 1), (announcing(2, &[3]), 2), (announcing(3, &[]), 3)]),
        deactivated(),
        witnessed(),
    ]
}
