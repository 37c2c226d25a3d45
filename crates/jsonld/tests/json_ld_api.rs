//! The negative tests of the JSON-LD API test suite: each document is refused, with the specification's code.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::Value;
use sinpyo_core::json;
use sinpyo_jsonld::{Contexts, RegisterContextError, to_rdf};
use std::{fs, path::Path};

/// Where the test suite lives on the web, and thus where its documents think that they are.
const BASE: &str = "https://w3c.github.io/json-ld-api/tests/";

/// A "context" that is an array is refused when it is registered, as no JSON object.
const NO_OBJECT: &str = "er05-in.jsonld";

#[test]
fn every_negative_of_the_test_suite_is_refused() {
    let Some(folder) = sinpyo_testkit::vectors("json-ld-api") else { return };
    let tests = folder.join("tests");
    let (mut refused, mut old) = (0, 0);
    for manifest in ["expand", "toRdf"] {
        let text = fs::read(tests.join(format!("{manifest}-negative-manifest.jsonld"))).unwrap();
        let manifest: Value = serde_json::from_slice(&text).unwrap();
        for entry in manifest["sequence"].as_array().unwrap() {
            let option = |name: &str| entry["option"][name].as_str();
            if option("specVersion") == Some("json-ld-1.0") || option("processingMode") == Some("json-ld-1.0")
            {
                // An error only of JSON-LD 1.0, which is not processed; whatever comes of it is right or refused.
                drop(outcome(&tests, entry["input"].as_str().unwrap()));
                old += 1;
            } else {
                check(&tests, entry);
                refused += 1;
            }
        }
    }
    assert_eq!((refused, old), (188, 27));
}

fn check(tests: &Path, entry: &Value) {
    let input = entry["input"].as_str().unwrap();
    let suite = entry["expectErrorCode"].as_str().unwrap();
    let expected = if input.ends_with(NO_OBJECT) { "JSON-06" } else { suite };
    assert_eq!(outcome(tests, input), Err(expected.to_owned()), "{input}");
}

/// What comes of a document, with the contexts that it names registered.
fn outcome(tests: &Path, input: &str) -> Result<(), String> {
    let mut text = fs::read_to_string(tests.join(input)).unwrap();
    let folder = input.split('/').next().unwrap();
    let mut contexts = Contexts::bundled();
    for entry in fs::read_dir(tests.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let quoted = format!("\"{name}\"");
        if !text.contains(&quoted) {
            continue;
        }
        let url = format!("{BASE}{folder}/{name}");
        text = text.replace(&quoted, &format!("\"{url}\""));
        match contexts.with(&url, &fs::read(&path).unwrap()) {
            Ok(more) => contexts = more.into(),
            Err(RegisterContextError::Context(error)) => {
                return Err(error.json_ld_code().unwrap_or(error.code()).to_owned());
            }
            Err(error) => return Err(error.code().to_owned()),
        }
    }
    let document = match json::parse(text.as_bytes()).unwrap() {
        Value::Array(documents) => documents.into_iter().next().unwrap(),
        document => document,
    };
    match to_rdf(document.as_object().unwrap(), &contexts) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.json_ld_code().unwrap_or(error.code()).to_owned()),
    }
}
