//! `jcs`: RFC 8785 test data. A case is an input; its canonical form is compared with both outputs, byte by byte.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result};
use sinpyo_core::{jcs, json};
use std::path::Path;

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let mut report = Report::new(given::entries(&folder.join("output"))?.len());
    for input in given::json_files(&folder.join("input"))? {
        report.record(given::name(folder, &input), check(folder, &input));
    }
    Ok(report)
}

fn check(folder: &Path, input: &Path) -> Result<()> {
    let name = input.file_name().context("a file has a name")?;
    let canonical = jcs::canonicalize(&json::parse(&given::bytes(input)?)?);
    expect::same_bytes("output", &canonical, &given::bytes(&folder.join("output").join(name))?)?;
    let hex = given::text(&folder.join("outhex").join(name).with_extension("txt"))?;
    expect::same_bytes("outhex", &canonical, &given::hex(&hex)?)?;
    let again = jcs::canonicalize(&json::parse(&canonical)?);
    expect::same_bytes("the canonical form of the canonical form", &again, &canonical)
}
