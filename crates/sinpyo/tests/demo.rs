//! The main job, as a newcomer runs it, and what becomes of it with other input.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

#[path = "support/files.rs"]
mod files;
mod personal;
mod support;

use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};
use support::{json_of, sinpyo};

/// The synthetic input.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data");

fn demo(extra: &[&str]) -> (Value, i32) {
    let mut arguments = vec!["demo", "--json"];
    arguments.extend(extra);
    let output = sinpyo(Path::new("."), &arguments);
    (json_of(&output), output.status.code().unwrap())
}

#[test]
fn one_identity_is_accepted_by_three_services_and_refused_in_fourteen_ways() {
    let keep = tempfile::tempdir().unwrap();
    let folder = keep.path().join("kept");
    let (result, code) = demo(&["--data", DATA, "--keep", folder.to_str().unwrap()]);
    assert_eq!((code, &result["ok"]), (0, &Value::Bool(true)), "{result}");
    let services: Vec<_> =
        result["accepted"].as_array().unwrap().iter().map(|a| a["service"].as_str().unwrap()).collect();
    assert_eq!(services, ["postal", "donation", "voting"]);
    let negatives = result["negatives"].as_array().unwrap();
    assert!(negatives.len() == 14 && negatives.iter().all(|negative| negative["ok"] == true));
    let codes: BTreeSet<_> = negatives.iter().map(|negative| negative["code"].as_str().unwrap()).collect();
    assert!(codes.len() >= 13, "{codes:?}");
    let expected = fs::read(Path::new(DATA).join("expected-rejects.json")).unwrap();
    assert_eq!(result["import"]["rejected"], serde_json::from_slice::<Value>(&expected).unwrap());
    every_case_is_decided_again(&folder);
    the_exported_ledger_holds_and_any_change_shows(&folder);
}

/// A new process, with the case's files and the log's key only, reaches the same verdict.
fn every_case_is_decided_again(folder: &Path) {
    let key = folder.join("log.vkey");
    let mut accepted = 0;
    for case in fs::read_dir(folder.join("cases")).unwrap() {
        let case = case.unwrap().path();
        let written: Value = serde_json::from_slice(&fs::read(case.join("case.json")).unwrap()).unwrap();
        let arguments =
            ["verify", "--json", "--case", case.to_str().unwrap(), "--log-key", key.to_str().unwrap()];
        let output = sinpyo(Path::new("/"), &arguments);
        let verdict = json_of(&output);
        assert_eq!(verdict["code"], written["verdict"], "{}", case.display());
        assert_eq!(output.status.success(), verdict["ok"] == true);
        accepted += i32::from(output.status.success());
    }
    assert!(accepted >= 3 + 12, "the controls are accepted");
    evidence_of_another_log_is_worth_nothing(folder);
}

#[test]
fn evidence_of_another_checkpoint_is_worth_nothing() {
    let keep = tempfile::tempdir().unwrap();
    let folder = keep.path().join("kept");
    assert_eq!(demo(&["--data", DATA, "--keep", folder.to_str().unwrap()]).1, 0);
    let (key, old, new) =
        (folder.join("log.vkey"), folder.join("cases/control-voting"), folder.join("cases/N4"));
    let verify = |case: &Path| {
        let arguments =
            ["verify", "--json", "--case", case.to_str().unwrap(), "--log-key", key.to_str().unwrap()];
        json_of(&sinpyo(Path::new("/"), &arguments))
    };
    let good = verify(&old);
    assert_eq!(
        (&good["code"], good["evidence"]["ledger_size"].as_u64().is_some()),
        (&Value::from("ok"), true)
    );
    fs::copy(new.join("checkpoint"), old.join("checkpoint")).unwrap();
    assert_eq!(verify(&old)["code"], "VP-12", "proofs against an older head than the case's");
}

fn evidence_of_another_log_is_worth_nothing(folder: &Path) {
    let other = tempfile::tempdir().unwrap();
    let home = other.path().join("home");
    let created = sinpyo(
        other.path(),
        &["did", "create", "other", "--ko", "다른", "--en", "Other", "--home", home.to_str().unwrap()],
    );
    assert!(created.status.success());
    let case = folder.join("cases/control-voting");
    let key = home.join("log.vkey");
    let output = sinpyo(
        Path::new("/"),
        &["verify", "--case", case.to_str().unwrap(), "--log-key", key.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(2), "the checkpoint is not by this log");
}

fn the_exported_ledger_holds_and_any_change_shows(folder: &Path) {
    let (ledger, key) = (folder.join("ledger"), folder.join("log.vkey"));
    let check = |key: &Path| {
        let arguments =
            ["ledger", "check", ledger.to_str().unwrap(), "--log-key", key.to_str().unwrap(), "--json"];
        let output = sinpyo(Path::new("/"), &arguments);
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, head) = check(&key);
    let outcome: Value = serde_json::from_slice(&fs::read(folder.join("outcome.json")).unwrap()).unwrap();
    assert_eq!(code, 0);
    assert!(head.contains(outcome["ledger"]["root"].as_str().unwrap()), "{head}");
    // What the export locks while it works is no part of the log.
    let is_content = |file: &std::path::PathBuf| !file.ends_with(".export.lock");
    for file in files::files_below(&ledger).into_iter().filter(is_content) {
        let good = fs::read(&file).unwrap();
        for position in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[position] ^= 1;
            fs::write(&file, &bad).unwrap();
            assert_eq!(check(&key).0, 1, "byte {position} of {}", file.display());
        }
        fs::write(&file, &good[..good.len() - 1]).unwrap();
        assert_ne!(check(&key).0, 0, "a byte less of {}", file.display());
        fs::write(&file, &good).unwrap();
    }
    let other = tempfile::tempdir().unwrap();
    let home = other.path().join("home");
    assert!(
        sinpyo(
            other.path(),
            &["did", "create", "a", "--ko", "가", "--en", "A", "--home", home.to_str().unwrap()]
        )
        .status
        .success()
    );
    assert_eq!(check(&home.join("log.vkey")).0, 1, "a foreign key");
    assert_eq!(check(&key).0, 0);
}

#[test]
fn other_data_gives_another_outcome() {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(DATA).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let edit = |file: &str, from: &str, to: &str| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    // The person turns 18 tomorrow, has the lower grade, and a row that was broken is whole.
    let first = fs::read_to_string(folder.path().join("residents.csv")).unwrap();
    let line = first.lines().nth(1).unwrap().to_owned();
    let cells: Vec<_> = line.split(',').collect();
    edit("residents.csv", &line, &line.replacen(cells[3], "2008-11-23", 1));
    let workers = fs::read_to_string(folder.path().join("social_workers.csv")).unwrap();
    let worker = workers.lines().nth(1).unwrap().to_owned();
    edit("social_workers.csv", &worker, &worker.replacen(",1,", ",2,", 1));
    let broken = workers.lines().nth(19).unwrap().to_owned();
    edit("social_workers.csv", &broken, &broken.replacen(",3,", ",2,", 1));

    let (result, code) = demo(&["--data", folder.path().to_str().unwrap()]);
    assert_eq!((code, &result["ok"]), (1, &Value::Bool(false)));
    let services: Vec<_> =
        result["accepted"].as_array().unwrap().iter().map(|a| a["service"].as_str().unwrap()).collect();
    assert_eq!(services, ["postal"], "too young for the vote, and not of grade 1");
    let rejected = result["import"]["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), 45);
    assert!(
        rejected.iter().all(|row| (&row["file"], &row["row"]) != (&"social_workers.csv".into(), &20.into()))
    );
    assert!(
        result["negatives"].as_array().unwrap().iter().all(|negative| negative["ok"] == true),
        "{}",
        result["negatives"]
    );
}

#[test]
fn the_ledger_holds_nothing_personal() {
    let keep = tempfile::tempdir().unwrap();
    let folder = keep.path().join("kept");
    assert_eq!(demo(&["--data", DATA, "--keep", folder.to_str().unwrap()]).1, 0);
    let mut values = BTreeSet::new();
    for file in ["residents.csv", "social_workers.csv", "post_customers.csv"] {
        let text = fs::read_to_string(Path::new(DATA).join(file)).unwrap();
        for line in text.lines().skip(1) {
            values.extend(line.split([',', '"']).map(str::to_owned));
        }
    }
    // Codes of a few digits occur by chance in any hash; what identifies a person is longer, or Hangul. The ledger states
    // its own day, on which somebody was born too.
    values.retain(|value| value.len() >= 6 && value != "2026-11-22");
    assert!(values.len() > 3000, "{}", values.len());
    let exported: Vec<_> =
        files::files_below(&folder.join("ledger")).iter().map(|file| fs::read(file).unwrap()).collect();
    let leak = personal::first(&exported, &values);
    assert_eq!(leak, None);
    for planted in personal::leaks("R000001") {
        let mut leaking = exported.clone();
        leaking.push(planted.clone());
        assert!(personal::first(&leaking, &values).is_some(), "{}", String::from_utf8_lossy(&planted));
    }
    for planted in personal::leaks("한별") {
        let leaking = vec![planted.clone()];
        assert!(personal::first(&leaking, &BTreeSet::from(["한별".to_owned()])).is_some());
    }
}
