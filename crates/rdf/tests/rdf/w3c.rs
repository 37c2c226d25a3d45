//! The W3C's test suite for RDFC-1.0.

use serde_json::Value;
use sinpyo_rdf::{CanonicalizeError, Dataset, HashAlgorithm, Limit, canonicalize, nquads};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

#[test]
fn every_entry_of_the_w3c_suite_is_met() {
    let Some(folder) = sinpyo_testkit::vectors("rdf-canon") else { return };
    let manifest: Value = serde_json::from_str(&read(&folder, "manifest.jsonld")).unwrap();
    let mut counts = BTreeMap::new();
    for entry in manifest["entries"].as_array().unwrap() {
        let kind = entry["type"].as_str().unwrap().trim_start_matches("rdfc:");
        check(&folder, kind, entry);
        *counts.entry(kind).or_insert(0) += 1;
    }
    let expected = [("RDFC10EvalTest", 64), ("RDFC10MapTest", 21), ("RDFC10NegativeEvalTest", 1)];
    assert_eq!(counts, BTreeMap::from(expected));
}

fn check(folder: &Path, kind: &str, entry: &Value) {
    let id = entry["id"].as_str().unwrap();
    let algorithm = match entry["hashAlgorithm"].as_str() {
        None => HashAlgorithm::Sha256,
        Some("SHA384") => HashAlgorithm::Sha384,
        Some(other) => panic!("{id}: {other}"),
    };
    let input = dataset(folder, entry["action"].as_str().unwrap());
    let result = canonicalize(&input, algorithm, Limit::default());
    let expected = || read(folder, entry["result"].as_str().unwrap());
    match kind {
        "RDFC10EvalTest" => assert_eq!(result.unwrap().nquads(), expected(), "{id}"),
        "RDFC10MapTest" => {
            let map: BTreeMap<String, String> = serde_json::from_str(&expected()).unwrap();
            let map: BTreeMap<Arc<str>, Arc<str>> =
                map.into_iter().map(|(from, to)| (from.into(), to.into())).collect();
            assert_eq!(*result.unwrap().labels(), map, "{id}");
        }
        "RDFC10NegativeEvalTest" => assert_eq!(result, Err(CanonicalizeError::TooMuchWork), "{id}"),
        other => panic!("{id}: {other}"),
    }
}

/// How much of the default limit the hardest datasets that must be canonicalised take.
#[test]
fn the_suite_leaves_most_of_the_limit_unused() {
    let Some(folder) = sinpyo_testkit::vectors("rdf-canon") else { return };
    for number in [44, 45, 46] {
        let input = dataset(&folder, &format!("rdfc10/test{number:03}-in.nq"));
        let enough = |steps: &u32| {
            let limit = Limit::steps(usize::try_from(*steps).unwrap(), 0);
            canonicalize(&input, HashAlgorithm::Sha256, limit).is_ok()
        };
        let least = (0..24).map(|power| 1 << power).find(enough);
        eprintln!("test{number:03}: at most {least:?} steps");
        assert!(least.is_some_and(|steps| steps <= 16_384));
    }
}

fn dataset(folder: &Path, name: &str) -> Dataset {
    nquads::parse(&read(folder, name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}
