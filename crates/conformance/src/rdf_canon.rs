//! `rdf-canon`: the W3C's test suite for RDFC-1.0. A case is an entry of its manifest.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads};
use std::{collections::BTreeMap, path::Path};

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let manifest = given::json(&folder.join("manifest.jsonld"))?;
    let entries = given::array(given::member(&manifest, "entries")?)?;
    let mut report = Report::new(entries.len());
    for entry in entries {
        report.record(given::text_member(entry, "id")?, check(folder, entry));
    }
    Ok(report)
}

fn check(folder: &Path, entry: &Value) -> Result<()> {
    let algorithm = match entry.get("hashAlgorithm").and_then(Value::as_str) {
        None => HashAlgorithm::Sha256,
        Some("SHA384") => HashAlgorithm::Sha384,
        Some(other) => bail!("the hash {other} is not known"),
    };
    let input = given::text(&folder.join(given::text_member(entry, "action")?))?;
    let dataset = nquads::parse(&input)?;
    let result = canonicalize(&dataset, algorithm, Limit::default());
    let stated = || given::text(&folder.join(given::text_member(entry, "result")?));
    match given::text_member(entry, "type")? {
        "rdfc:RDFC10EvalTest" => {
            let canonical = result?;
            expect::same_bytes("canonical statements", canonical.nquads().as_bytes(), stated()?.as_bytes())?;
            let again = nquads::parse(canonical.nquads()).context("our own statements")?;
            let again = canonicalize(&again, algorithm, Limit::default())?;
            expect::same("canonical form of the canonical form", again.nquads(), canonical.nquads())
        }
        "rdfc:RDFC10MapTest" => {
            let stated: BTreeMap<String, String> = serde_json::from_str(&stated()?)?;
            let ours: BTreeMap<String, String> =
                result?.labels().iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
            expect::same("labels", &ours, &stated)
        }
        "rdfc:RDFC10NegativeEvalTest" => {
            expect::refused_by("a poisonous graph", "RDF-01", result.err().map(|error| error.code()))
        }
        other => bail!("a test of the type {other} is not known"),
    }
}
