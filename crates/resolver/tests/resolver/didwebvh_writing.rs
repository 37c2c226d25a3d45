//! Writing did:webvh, against what other implementations wrote with the same keys.

use crate::keys::{key, update_key};
use serde_json::{Map, Value};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::SigningKey;
use sinpyo_resolver::{
    VersionQuery,
    did_webvh::{
        DidLog, DraftEntry, DraftError, Entry, Parameters, UpdateKey, WitnessProofs, Witnesses, create,
        prepare_approval,
    },
};
use std::fs;

fn at(day: u8) -> Timestamp {
    format!("2000-01-{day:02}T00:00:00Z").parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn signed(draft: DraftEntry, key: &SigningKey) -> Entry {
    let prepared = draft.prepare(key.verifying_key()).unwrap();
    let signature = key.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap()
}

fn document(did: &str) -> Map<String, Value> {
    let document = serde_json::json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": did});
    document.as_object().unwrap().clone()
}

fn keys(seeds: &[u8]) -> Vec<UpdateKey> {
    seeds.iter().copied().map(update_key).collect()
}

fn by(seed: u8) -> Parameters {
    Parameters { update_keys: Some(keys(&[seed])), ..Parameters::default() }
}

fn started(parameters: &Parameters) -> DidLog {
    let entry = signed(create("example.com", parameters, at(1), document).unwrap(), &key(1));
    DidLog::start(entry, now()).unwrap()
}

fn state(log: &DidLog) -> Map<String, Value> {
    log.versions().last().unwrap().entry().state().clone()
}

fn updated(log: DidLog, parameters: &Parameters, signer: u8) -> Result<DidLog, &'static str> {
    let day = u8::try_from(log.versions().len()).unwrap() + 1;
    let draft = log.update(parameters, state(&log), at(day)).unwrap();
    log.append(signed(draft, &key(signer)), now()).map_err(|error| error.code())
}

/// Who signs the entries of each scenario, by the seeds of `script.yaml`.
const SIGNERS: [(&str, &[u8]); 13] = [
    ("basic-create", &[1]),
    ("basic-update", &[1, 1]),
    ("deactivate", &[1, 1]),
    ("key-rotation", &[1, 1]),
    ("multi-update", &[1, 1, 1]),
    ("multiple-update-keys", &[1, 2]),
    ("portable", &[1]),
    ("portable-move", &[1, 1]),
    ("pre-rotation", &[1]),
    ("pre-rotation-consume", &[1, 2, 3]),
    ("services", &[1, 1]),
    ("witness-threshold", &[1]),
    ("witness-update", &[1, 1]),
];

/// What the writer makes of the parameters and documents of a log is that log, to the last bit of each signature.
#[test]
fn the_same_keys_write_the_same_history() {
    let Some(root) = sinpyo_testkit::vectors("didwebvh") else { return };
    let mut compared = 0;
    for (scenario, seeds) in SIGNERS {
        for implementation in ["ts", "java-eecc"] {
            let file = root.join(scenario).join(implementation).join("did.jsonl");
            compared += written_again(&fs::read(file).unwrap(), seeds);
        }
    }
    // All 24 entries of `ts`; of `java-eecc` the 13 first ones, since it signs later ones a second before their time.
    assert_eq!(compared, 24 + 13);
}

/// Writes the log again, entry by entry, as far as each was signed at the time that it says. The number of entries.
fn written_again(text: &[u8], seeds: &[u8]) -> usize {
    let theirs = DidLog::read(text, now());
    assert!(theirs.error().is_none());
    let mut ours: Option<DidLog> = None;
    for (version, seed) in theirs.versions().iter().zip(seeds) {
        let line: Value = serde_json::from_str(&version.entry().to_line()).unwrap();
        let at = version.entry().time();
        if line["proof"][0]["created"] != at.to_string() {
            break;
        }
        let parameters = set_by(&line["parameters"]);
        let draft = match &ours {
            None => {
                let scid = line["parameters"]["scid"].as_str().unwrap();
                let state = serde_json::to_string(version.entry().state()).unwrap();
                let state = serde_json::from_str(&state.replace(scid, "{SCID}")).unwrap();
                create("example.com", &parameters, at, |_| state).unwrap()
            }
            Some(log) => log.update(&parameters, version.entry().state().clone(), at).unwrap(),
        };
        let entry = signed(draft, &key(*seed));
        assert_eq!(entry.to_line(), version.entry().to_line());
        ours = Some(match ours {
            None => DidLog::start(entry, now()).unwrap(),
            Some(log) => log.append(entry, now()).unwrap(),
        });
    }
    ours.map_or(0, |log| log.versions().len())
}

/// The parameters that `value` says, by way of the keys of the scenarios.
fn set_by(value: &Value) -> Parameters {
    let key_of = |text: &str| (1..=17).map(update_key).find(|key| key.as_str() == text).unwrap();
    let hash_of =
        |text: &str| (1..=4).map(|seed| update_key(seed).hash()).find(|hash| hash.as_str() == text).unwrap();
    let list = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let witnesses = |value: &Value| match value["threshold"].as_u64() {
        None => Witnesses::default(),
        Some(threshold) => {
            let ids = value["witnesses"].as_array().unwrap().iter();
            let keys = ids.map(|id| key_of(id["id"].as_str().unwrap().trim_start_matches("did:key:")));
            Witnesses::new(usize::try_from(threshold).unwrap(), keys.collect()).unwrap()
        }
    };
    Parameters {
        update_keys: value.get("updateKeys").map(|keys| list(keys).iter().map(|key| key_of(key)).collect()),
        next_key_hashes: value
            .get("nextKeyHashes")
            .map(|hashes| list(hashes).iter().map(|hash| hash_of(hash)).collect()),
        witness: value.get("witness").map(witnesses),
        watchers: value.get("watchers").map(list),
        portable: value.get("portable").map(|portable| portable.as_bool().unwrap()),
        deactivated: value.get("deactivated").map(|deactivated| deactivated.as_bool().unwrap()),
        ttl: None,
    }
}

#[test]
fn a_written_history_reads_back() {
    let log = updated(started(&by(1)), &Parameters::default(), 1).unwrap();
    let draft = log.deactivate(at(3)).unwrap();
    let log = log.append(signed(draft, &key(1)), now()).unwrap();
    let read = DidLog::read(log.to_jsonl().as_bytes(), now());
    assert_eq!(read, log);
    let did = state(&log)["id"].as_str().unwrap().parse().unwrap();
    let resolved = read.resolve(&did, &VersionQuery::default()).unwrap();
    assert!(resolved.is_deactivated());
    assert_eq!(log.update(&Parameters::default(), state(&log), at(4)), Err(DraftError::Unusable));
    let second = VersionQuery { time: Some(at(2)), ..VersionQuery::default() };
    let second = read.resolve(&did, &second).unwrap();
    assert_eq!(second.metadata_json()["versionNumber"], 2);
    assert_eq!(second.metadata_json()["nextUpdate"], at(3).to_string());
    assert!(!second.is_deactivated());
    let services = second.document()["service"].as_array().unwrap();
    assert_eq!(services[0]["serviceEndpoint"], "https://example.com/");
    assert_eq!(services[1]["serviceEndpoint"], "https://example.com/whois.vp");
    let before =
        VersionQuery { time: Some("1999-12-31T23:59:59Z".parse().unwrap()), ..VersionQuery::default() };
    assert_eq!(read.resolve(&did, &before).unwrap_err().code(), "WVH-17");
}

#[test]
fn only_a_key_in_charge_writes() {
    assert_eq!(updated(started(&by(1)), &Parameters::default(), 2), Err("WVH-10"));
    // A rotation is signed by the old key, what follows by the new one.
    assert_eq!(updated(started(&by(1)), &by(2), 2), Err("WVH-10"));
    let rotated = updated(started(&by(1)), &by(2), 1).unwrap();
    assert_eq!(updated(rotated.clone(), &Parameters::default(), 1), Err("WVH-10"));
    assert!(updated(rotated, &Parameters::default(), 2).is_ok());
}

#[test]
fn announced_keys_alone_write_what_follows() {
    let announcing = |seed: u8, next: &[u8]| Parameters {
        next_key_hashes: Some(next.iter().map(|seed| update_key(*seed).hash()).collect()),
        ..by(seed)
    };
    let log = started(&announcing(1, &[2]));
    assert_eq!(log.deactivate(at(2)), Err(DraftError::Announced));
    assert_eq!(updated(log.clone(), &Parameters::default(), 1), Err("WVH-11"));
    assert_eq!(updated(log.clone(), &by(2), 2), Err("WVH-11"));
    assert_eq!(updated(log.clone(), &announcing(1, &[3]), 1), Err("WVH-11"));
    assert_eq!(updated(log.clone(), &announcing(2, &[3]), 1), Err("WVH-10"));
    let consumed = updated(log, &announcing(2, &[3]), 2).unwrap();
    // The last announcement is used up before ordinary rules apply again.
    let ended = updated(consumed, &announcing(3, &[]), 3).unwrap();
    let draft = ended.deactivate(at(4)).unwrap();
    assert!(ended.append(signed(draft, &key(3)), now()).is_ok());
}

#[test]
fn a_move_needs_leave_and_says_where_from() {
    let moved = |log: &DidLog, names_the_old: bool| {
        let old = state(log)["id"].as_str().unwrap().to_owned();
        let mut document = document(&old.replace("example.com", "example.org"));
        if names_the_old {
            document.insert("alsoKnownAs".into(), serde_json::json!([old]));
        }
        let draft = log.update(&Parameters::default(), document, at(2)).unwrap();
        log.clone().append(signed(draft, &key(1)), now()).map_err(|error| error.code())
    };
    let portable = started(&Parameters { portable: Some(true), ..by(1) });
    assert_eq!(moved(&started(&by(1)), true), Err("WVH-14"));
    assert_eq!(moved(&portable, false), Err("WVH-14"));
    let log = moved(&portable, true).unwrap();
    let old = log.versions()[0].entry().state()["id"].as_str().unwrap().parse().unwrap();
    let new = state(&log)["id"].as_str().unwrap().parse().unwrap();
    // Each place answers for its own name, and for no version under the other.
    let resolved = |did, number| {
        let query = VersionQuery { number, ..VersionQuery::default() };
        let found = log.resolve(did, &query).map_err(|error| error.code())?;
        assert_eq!(found.resolved().did(), did);
        Ok::<_, &str>(())
    };
    assert_eq!((resolved(&old, Some(1)), resolved(&new, None)), (Ok(()), Ok(())));
    assert_eq!((resolved(&old, None), resolved(&new, Some(1))), (Err("WVH-16"), Err("WVH-16")));
    let stranger = format!("did:webvh:{}:else.example", "QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL");
    let refused = log.resolve(&stranger.parse().unwrap(), &VersionQuery::default()).unwrap_err();
    assert_eq!(refused.code(), "WVH-16");
    assert_eq!(updated(started(&by(1)), &Parameters { portable: Some(true), ..by(1) }, 1), Err("WVH-08"));
}

fn approve(proofs: &mut WitnessProofs, log: &DidLog, version: usize, seed: u8) {
    let witness = key(seed);
    let id = log.versions()[version].id();
    let prepared = prepare_approval(id, witness.verifying_key(), at(9)).unwrap();
    let signature = witness.sign(prepared.signing_input()).unwrap();
    proofs.add(id, prepared.attach(&signature).unwrap());
}

#[test]
fn too_few_approvals_cut_the_history_off() {
    let witnesses = |threshold: usize, seeds: &[u8]| Witnesses::new(threshold, keys(seeds));
    assert_eq!(witnesses(0, &[16]), None);
    assert_eq!(witnesses(2, &[16]), None);
    assert_eq!(witnesses(1, &[16, 16]), None);
    let log = started(&Parameters { witness: witnesses(2, &[16, 17, 18]), ..by(1) });
    let log = updated(log, &Parameters { witness: witnesses(1, &[19]), ..by(1) }, 1).unwrap();
    let log = updated(log, &Parameters::default(), 1).unwrap();
    assert!(log.needs_witnesses());
    let valid = |proofs: &WitnessProofs| log.clone().witnessed(proofs, now()).versions().len();
    let mut proofs = WitnessProofs::default();
    assert_eq!(valid(&proofs), 0);
    approve(&mut proofs, &log, 0, 16);
    assert_eq!(valid(&proofs), 0);
    approve(&mut proofs, &log, 0, 17);
    assert_eq!(valid(&proofs), 1);
    // The old list is in charge of the entry that replaces it; one approval of it covers what was before.
    approve(&mut proofs, &log, 1, 19);
    assert_eq!(valid(&proofs), 1);
    approve(&mut proofs, &log, 1, 16);
    approve(&mut proofs, &log, 1, 18);
    assert_eq!(valid(&proofs), 2);
    approve(&mut proofs, &log, 2, 19);
    assert_eq!(valid(&proofs), 3);
    assert_eq!(WitnessProofs::read(proofs.to_json().as_bytes()).unwrap(), proofs);
    // One that does not verify counts for nothing.
    let forged = proofs.to_json().replace("\"created\":\"2000-01-09", "\"created\":\"2000-01-08");
    assert_eq!(valid(&WitnessProofs::read(forged.as_bytes()).unwrap()), 0);
    for text in ["{}", "[1]", "[{\"versionId\":1}]", "[{\"versionId\":\"1-a\",\"proof\":1}]", ""] {
        assert_eq!(WitnessProofs::read(text.as_bytes()).unwrap_err().code(), "WVH-13");
    }
}

#[test]
fn witnesses_are_not_stripped_silently() {
    let log = started(&Parameters { witness: Witnesses::new(1, keys(&[16])), ..by(1) });
    let log = updated(log, &Parameters { witness: Some(Witnesses::default()), ..by(1) }, 1).unwrap();
    let mut proofs = WitnessProofs::default();
    approve(&mut proofs, &log, 0, 16);
    assert_eq!(log.clone().witnessed(&proofs, now()).error().unwrap().code(), "WVH-12");
    approve(&mut proofs, &log, 1, 16);
    assert!(log.witnessed(&proofs, now()).error().is_none());
}
