//! `did-core-fixtures`: files in the form that the W3C's DID test suite runs on, for every method that we resolve. A case
//! is an example of somebody else, which shows the form, or a file of ours, which meets it and the rules of DID Core too.

mod emit;
mod form;

use crate::{did_world, given, report::Report};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let examples = given::json_files(folder)?;
    let ours = did_world::with(emit::all)?;
    let mut report = Report::new(examples.len() + ours.len());
    for file in examples {
        let name = given::name(folder, &file);
        let outcome = given::json(&file).and_then(|example| form::check(&name, &example));
        report.record(name, outcome);
    }
    for (name, fixture) in ours {
        report.record(format!("ours: {name}"), own(&name, &fixture));
    }
    Ok(report)
}

/// A file of ours, which goes through JSON text as it would to the suite.
fn own(name: &str, fixture: &Value) -> Result<()> {
    let again: Value = serde_json::from_str(&fixture.to_string())?;
    form::check(name, &again).context("form")?;
    form::check_core(name, &again).context("DID Core")
}
