//! Identifiers and files made to break something.

use crate::keys::{key, update_key};
use proptest::prelude::*;
use serde_json::{Value, json};
use sinpyo_core::{resolved::VersionSelector, time::Timestamp};
use sinpyo_resolver::{
    MAX_ANSWER, VersionQuery,
    did_webvh::{DidLog, Parameters, WitnessProofs, create},
    http_binding::{Options, Request, Step, start},
    resolve,
    web_location::WebLocation,
};

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// A log of three good entries, a line each.
fn lines() -> Vec<Value> {
    let parameters = Parameters { update_keys: Some(vec![update_key(1)]), ..Parameters::default() };
    let at = |day: u8| format!("2000-01-{day:02}T00:00:00Z").parse().unwrap();
    let sign = |draft: sinpyo_resolver::did_webvh::DraftEntry| {
        let prepared = draft.prepare(key(1).verifying_key()).unwrap();
        let signature = key(1).sign(prepared.signing_input()).unwrap();
        prepared.attach(&signature).unwrap()
    };
    let first =
        create("example.com", &parameters, at(1), |did| json!({"id": did}).as_object().unwrap().clone());
    let mut log = DidLog::start(sign(first.unwrap()), now()).unwrap();
    for day in 2..=3 {
        let state = log.versions()[0].entry().state().clone();
        let draft = log.update(&Parameters::default(), state, at(day)).unwrap();
        log = log.append(sign(draft), now()).unwrap();
    }
    log.to_jsonl().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(lines: &[Value]) -> DidLog {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    DidLog::read(lines.join("\n").as_bytes(), now())
}

fn code(log: &DidLog) -> &'static str {
    log.error().map_or("ok", |error| error.code())
}

#[test]
fn a_log_that_was_tampered_with_is_refused() {
    let good = lines();
    assert_eq!(code(&read(&good)), "ok");
    let changed = |index: usize, change: &dyn Fn(&mut Value)| {
        let mut lines = good.clone();
        change(&mut lines[index]);
        let log = read(&lines);
        assert_eq!(log.versions().len(), index, "the entries before stay");
        code(&log)
    };
    assert_eq!(code(&read(&[good[0].clone(), good[2].clone()])), "WVH-05");
    assert_eq!(code(&read(&[good[0].clone(), good[2].clone(), good[1].clone()])), "WVH-05");
    assert_eq!(code(&read(&[good[1].clone()])), "WVH-07");
    assert_eq!(code(&read(&[])), "WVH-02");
    assert_eq!(changed(0, &|line| line["parameters"]["scid"] = json!("Qm")), "WVH-08");
    assert_eq!(
        changed(0, &|line| line["parameters"]["scid"] =
            json!("QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL")),
        "WVH-03"
    );
    assert_eq!(changed(0, &|line| line["state"]["name"] = json!("other")), "WVH-03");
    assert_eq!(changed(1, &|line| line["state"]["name"] = json!("other")), "WVH-04");
    assert_eq!(changed(1, &|line| line["versionTime"] = json!("2000-01-02T00:00:01Z")), "WVH-04");
    assert_eq!(changed(1, &|line| line["versionTime"] = json!("1999-01-02T00:00:00Z")), "WVH-06");
    assert_eq!(changed(1, &|line| line["versionTime"] = json!("2000-01-02T09:00:00+09:00")), "WVH-06");
    assert_eq!(changed(2, &|line| line["versionTime"] = json!("9999-01-01T00:00:00Z")), "WVH-06");
    assert_eq!(changed(1, &|line| line["parameters"]["method"] = json!("did:webvh:0.5")), "WVH-07");
    assert_eq!(changed(1, &|line| line["parameters"]["new"] = json!(1)), "WVH-08");
    assert_eq!(changed(1, &|line| line["more"] = json!(1)), "WVH-02");
    assert_eq!(changed(1, &|line| line["state"] = json!([])), "WVH-02");
    assert_eq!(changed(1, &|line| line["proof"] = json!([])), "WVH-09");
    assert_eq!(changed(1, &|line| drop(line.as_object_mut().unwrap().remove("proof"))), "WVH-09");
    assert_eq!(changed(1, &|line| line["proof"][0]["proofPurpose"] = json!("authentication")), "WVH-09");
    assert_eq!(changed(1, &|line| line["proof"][0]["created"] = json!("2000-01-02T00:00:01Z")), "WVH-09");
    let other = good[2]["proof"][0].clone();
    assert_eq!(changed(1, &|line| line["proof"][0] = other.clone()), "WVH-09");
    // A second proof that does not verify is not hidden by the first, which does.
    assert_eq!(changed(1, &|line| line["proof"].as_array_mut().unwrap().push(other.clone())), "WVH-09");
    let proof = good[1]["proof"][0].clone();
    assert_eq!(changed(1, &|line| line["proof"] = json!(vec![proof.clone(); 17])), "WVH-09");
    assert_eq!(changed(1, &|line| line["versionId"] = json!("2-x")), "WVH-05");
    let id = good[1]["versionId"].as_str().unwrap().replacen('2', "02", 1);
    assert_eq!(changed(1, &|line| line["versionId"] = json!(id)), "WVH-05");
    assert_eq!(changed(1, &|line| line["parameters"]["ttl"] = json!(1_u64 << 33)), "WVH-08");
    assert_eq!(changed(1, &|line| line["parameters"]["deactivated"] = json!("true")), "WVH-08");
    assert_eq!(changed(1, &|line| line["parameters"]["portable"] = json!(true)), "WVH-08");
    assert_eq!(
        changed(1, &|line| line["parameters"]["scid"] = good[0]["parameters"]["scid"].clone()),
        "WVH-08"
    );
}

#[test]
fn nothing_follows_a_deactivation() {
    let good = lines();
    let state = good[0]["state"].as_object().unwrap().clone();
    let draft =
        read(&good[..1]).update(&Parameters::default(), state, "2000-01-02T00:00:00Z".parse().unwrap());
    let prepared = draft.unwrap().prepare(key(1).verifying_key()).unwrap();
    let signature = key(1).sign(prepared.signing_input()).unwrap();
    let update = prepared.attach(&signature).unwrap();
    let draft = read(&good[..1]).deactivate("2000-01-02T00:00:00Z".parse().unwrap()).unwrap();
    let prepared = draft.prepare(key(1).verifying_key()).unwrap();
    let signature = key(1).sign(prepared.signing_input()).unwrap();
    let end = prepared.attach(&signature).unwrap();
    let ended = read(&good[..1]).append(end, now()).unwrap();
    assert_eq!(ended.append(update, now()).unwrap_err().code(), "WVH-15");
}

#[test]
fn a_time_after_the_break_is_not_answered() {
    let mut lines = lines();
    lines[2]["proof"] = json!([]);
    let log = read(&lines);
    let did = lines[0]["state"]["id"].as_str().unwrap().parse().unwrap();
    let at = |time: &str| {
        let query = VersionQuery { time: Some(time.parse().unwrap()), ..VersionQuery::default() };
        log.resolve(&did, &query).map(|resolved| resolved.metadata_json()["versionNumber"].clone())
    };
    assert_eq!(at("2000-01-01T12:00:00Z").unwrap(), 1);
    assert_eq!(at("2000-01-02T12:00:00Z").unwrap(), 2);
    assert_eq!(at("2000-01-03T00:00:00Z").unwrap_err().code(), "WVH-09");
    assert_eq!(log.resolve(&did, &VersionQuery::default()).unwrap_err().code(), "WVH-09");
    let third = VersionQuery { number: Some(3), ..VersionQuery::default() };
    assert_eq!(log.resolve(&did, &third).unwrap_err().code(), "WVH-09");
}

#[test]
fn a_witness_weight_that_counts_is_refused() {
    let mut line = lines().remove(0);
    let witness = |weight: u8| json!({"threshold": 1, "witnesses": [{"id": format!("did:key:{}", update_key(16)), "weight": weight}]});
    line["parameters"]["witness"] = witness(2);
    assert_eq!(code(&read(&[line.clone()])), "WVH-08");
    line["parameters"]["witness"] = witness(1);
    assert_eq!(code(&read(&[line])), "WVH-03", "well-formed; the hash is another matter");
}

#[test]
fn a_file_that_is_too_long_is_refused() {
    let long = vec![b' '; MAX_ANSWER + 1];
    assert_eq!(code(&DidLog::read(&long, now())), "WVH-18");
    assert_eq!(WitnessProofs::read(&long).unwrap_err().code(), "WVH-18");
    assert_eq!(code(&DidLog::read(&b"[".repeat(MAX_ANSWER), now())), "WVH-02");
}

#[test]
fn a_hostile_identifier_is_refused_before_anything_is_asked() {
    let base58 = "1".repeat(100_000);
    for did in [
        "did:web:localhost".to_owned(),
        "did:web:127.0.0.1".to_owned(),
        "did:web:%5B%3A%3A1%5D".to_owned(),
        "did:web:example.com%3A0".to_owned(),
        "did:web:example.com:..:..:etc:passwd".to_owned(),
        "did:web:user%40example.com".to_owned(),
        format!("did:web:{}.example", "a".repeat(3000)),
        format!("did:key:z{base58}"),
        format!("did:jwk:{base58}"),
        format!("did:webvh:{base58}:example.com"),
        "did:webvh:example.com".to_owned(),
        "did:tlog".to_owned(),
    ] {
        let Ok(parsed) = did.parse() else { continue };
        assert!(resolve(&parsed, &VersionSelector::Latest).is_err(), "{did:.60}");
    }
}

proptest! {
    /// Whatever place is accepted is a folder on a named host, and nothing in it climbs or ends the path.
    #[test]
    fn a_place_leads_nowhere_else(text in "[a-z0-9.%:A-F-]{0,40}") {
        if let Ok(place) = WebLocation::parse(&text) {
            let url = place.file("did.json");
            let rest = url.strip_prefix("https://").unwrap();
            let (authority, path) = rest.split_once('/').unwrap();
            prop_assert!(authority.split(':').next().unwrap().contains('.'));
            prop_assert!(!path.contains(['?', '#', ' ', '\\']) && path.ends_with("did.json"));
            prop_assert!(path.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != ".."));
        }
    }

    /// No target and no `Accept` is answered with a server error before anybody was asked.
    #[test]
    fn no_request_is_the_servers_fault(target in "(did[:%]{0,2}[a-z0-9:%#?/A-F]{0,40})|.{0,20}", query in ".{0,30}", accept in ".{0,30}") {
        if let Ok(options) = Options::from_query(&query)
            && let Step::Done(answer) = start(&Request { target: &target, options, accept: Some(&accept) })
        {
            prop_assert!(answer.status < 500 || answer.status == 501);
        }
    }

    /// Bytes that are no log are no log.
    #[test]
    fn random_bytes_are_no_log(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(DidLog::read(&bytes, now()).versions().is_empty());
        drop(WitnessProofs::read(&bytes));
    }
}
