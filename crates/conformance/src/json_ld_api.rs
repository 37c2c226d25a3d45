//! `json-ld-api`: the negative tests of the W3C's JSON-LD 1.1 API suite. A case is an entry of a manifest.
//!
//! Each document is refused under the specification's code. Some entries state what others must refuse: processors of
//! JSON-LD 1.0, those that write JSON-LD, and those that load documents; ours does none of it.

use crate::{
    expect, given,
    report::{Report, Verdict},
};
use anyhow::{Context, Result};
use serde_json::Value;
use sinpyo_core::json;
use sinpyo_jsonld::{Contexts, RegisterContextError, to_rdf};
use std::path::Path;

/// Where the suite lives on the web, and thus where its documents think that they are.
const BASE: &str = "https://w3c.github.io/json-ld-api/tests/";
/// A "context" that is an array is refused when it is registered, as no JSON object.
const NO_OBJECT: &str = "er05-in.jsonld";

/// A manifest, and why its entries do not concern us if they do not.
const MANIFESTS: [(&str, Option<&str>); 4] = [
    ("expand", None),
    ("toRdf", None),
    ("fromRdf", Some("JSON-LD 1.1 API §8.5: statements are not written as JSON-LD")),
    ("remote-doc", Some("JSON-LD 1.1 API §9.4: nothing is loaded; contexts are registered")),
];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let tests = folder.join("tests");
    let mut entries = Vec::new();
    for (name, inapplicable) in MANIFESTS {
        let manifest = given::json(&tests.join(format!("{name}-negative-manifest.jsonld")))?;
        for entry in given::array(given::member(&manifest, "sequence")?)? {
            entries.push((name, inapplicable, entry.clone()));
        }
    }
    let mut report = Report::new(entries.len());
    for (manifest, inapplicable, entry) in entries {
        let name = format!("{manifest} {}", given::text_member(&entry, "@id")?);
        let verdict = match inapplicable {
            Some(reason) => Verdict::Differs(reason.to_owned()),
            None if is_for_1_0(&entry) => former(&tests, &entry),
            None => check(&tests, &entry).into(),
        };
        report.record(name, verdict);
    }
    Ok(report)
}

fn is_for_1_0(entry: &Value) -> bool {
    let option = |name: &str| entry.get("option").and_then(|option| option.get(name)?.as_str());
    option("specVersion") == Some("json-ld-1.0") || option("processingMode") == Some("json-ld-1.0")
}

/// Whatever comes of a document that is an error in JSON-LD 1.0 only, it comes without a panic.
fn former(tests: &Path, entry: &Value) -> Verdict {
    match given::text_member(entry, "input").and_then(|input| outcome(tests, input)) {
        Ok(_) => Verdict::Differs("JSON-LD 1.1 §4.1.1: there is no processing mode json-ld-1.0".to_owned()),
        Err(error) => Verdict::from(Err(error)),
    }
}

fn check(tests: &Path, entry: &Value) -> Result<()> {
    let input = given::text_member(entry, "input")?;
    let stated = given::text_member(entry, "expectErrorCode")?;
    let expected = if input.ends_with(NO_OBJECT) { "JSON-06" } else { stated };
    expect::refused_by("the document", expected, outcome(tests, input)?.as_deref())
}

/// Why a document is refused, with the contexts that it names registered; nothing if it is not.
fn outcome(tests: &Path, input: &str) -> Result<Option<String>> {
    let mut text = given::text(&tests.join(input))?;
    let (folder, _) = input.split_once('/').context("an input stands in a folder")?;
    let mut contexts = Contexts::bundled();
    for path in given::entries(&tests.join(folder))? {
        let name = given::name(&tests.join(folder), &path);
        let quoted = format!("\"{name}\"");
        if !text.contains(&quoted) {
            continue;
        }
        let url = format!("{BASE}{folder}/{name}");
        text = text.replace(&quoted, &format!("\"{url}\""));
        match contexts.with(&url, &given::bytes(&path)?) {
            Ok(more) => contexts = more.into(),
            Err(RegisterContextError::Context(error)) => {
                return Ok(Some(error.json_ld_code().unwrap_or(error.code()).to_owned()));
            }
            Err(error) => return Ok(Some(error.code().to_owned())),
        }
    }
    let document = match json::parse(text.as_bytes())? {
        Value::Array(documents) => documents.into_iter().next().context("an empty list of documents")?,
        document => document,
    };
    let refusal = to_rdf(given::object(&document)?, &contexts).err();
    Ok(refusal.map(|error| error.json_ld_code().unwrap_or(error.code()).to_owned()))
}
