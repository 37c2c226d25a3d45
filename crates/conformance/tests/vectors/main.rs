//! Reads the files of `test-vectors/` and runs them through the public interface of the crates, as anybody could who
//! has nothing but the files and their README.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test")]

mod outcome;

use outcome::outcome;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const SPECS: [&str; 12] = [
    "batch",
    "data-integrity",
    "data-integrity-rdf",
    "did",
    "did-tlog",
    "did-webvh",
    "jcs",
    "mdoc",
    "presentation",
    "sd-jwt-vc",
    "status-list",
    "vc-cose",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What lies in `folder`, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every case with its specification and its name.
fn cases() -> Vec<(&'static str, String, Value)> {
    let files = SPECS.into_iter().flat_map(|spec| {
        entries(&root().join("test-vectors").join(spec)).into_iter().map(move |path| (spec, path))
    });
    let read = |(spec, path): (&'static str, PathBuf)| {
        let name = format!("{spec}/{}", path.file_stem().unwrap().to_str().unwrap());
        (spec, name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.map(read).collect()
}

/// What our code makes of the case, in the words of `expect`.
fn actual(spec: &str, case: &Value) -> Value {
    match outcome(spec, &case["given"], case["input"].as_str().unwrap()) {
        Ok(facts) => json!({"accepted": facts}),
        Err(rule) => json!({"refused": rule}),
    }
}

#[test]
fn every_case_ends_as_it_expects() {
    let wrong: Vec<_> = cases()
        .into_iter()
        .map(|(spec, name, case)| (name, actual(spec, &case), case["expect"].clone()))
        .filter(|(_, actual, expected)| actual != expected)
        .map(|(name, actual, expected)| format!("{name}: expected {expected}, got {actual}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One character changed anywhere, and the input no longer ends as its case expects.
#[test]
fn an_altered_input_of_an_accepted_case_is_refused() {
    // What jcs and did accept is signed by nobody, nor is a context that was appended.
    let signed = cases().into_iter().filter(|(spec, name, case)| {
        !matches!(*spec, "jcs" | "did")
            && name != "data-integrity/context-appended"
            && case["expect"].get("accepted").is_some()
    });
    for (spec, name, case) in signed {
        let text: Vec<char> = case["input"].as_str().unwrap().chars().collect();
        for position in (0..text.len()).step_by(text.len() / 100 + 1) {
            let mut altered = text.clone();
            altered[position] = if altered[position] == 'A' { 'B' } else { 'A' };
            let input: String = altered.into_iter().collect();
            let altered = json!({"given": case["given"], "input": input});
            let outcome = actual(spec, &altered);
            // No device signs which of its elements it shows: on the way they can be taken away, not altered.
            let withheld = spec == "mdoc" && outcome["accepted"]["elements"] == json!({});
            assert!(withheld || outcome.get("refused").is_some(), "{name}: {input}");
        }
    }
}

#[test]
fn every_case_names_rules_that_exist() {
    let files =
        entries(&root().join("spec/checks")).into_iter().map(|path| fs::read_to_string(path).unwrap());
    let known: BTreeSet<String> = files
        .flat_map(|text| {
            let file: Value = toml::from_str(&text).unwrap();
            let rules = file["rule"].as_array().unwrap().iter();
            rules.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    for (_, name, case) in cases() {
        let checks: Vec<_> =
            case["checks"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert!(!checks.is_empty(), "{name} checks nothing");
        assert!(checks.iter().all(|id| known.contains(*id)), "{name}: {checks:?}");
        assert!(!case["source"].as_str().unwrap().is_empty(), "{name}");
        if let Some(rule) = case["expect"].get("refused") {
            assert_eq!(rule, checks[0], "{name}: a refused case breaks the first rule that it names");
        }
    }
}

#[test]
fn every_folder_is_run_and_has_twins() {
    let folders: Vec<_> =
        entries(&root().join("test-vectors")).into_iter().filter(|path| path.is_dir()).collect();
    // Known answers of `voting` come from its second implementation; the tests of `ballot` read them.
    let folders: Vec<_> = folders.into_iter().filter(|path| !path.ends_with("voting")).collect();
    let names: Vec<_> = folders.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, SPECS);
    let all = cases();
    for spec in SPECS {
        for end in ["accepted", "refused"] {
            let found = all.iter().any(|(of, _, case)| *of == spec && case["expect"].get(end).is_some());
            assert!(found, "no case of {spec} is {end}");
        }
    }
}
