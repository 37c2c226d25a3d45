//! `contexts`: the JSON-LD contexts that we bundle are the published ones, byte for byte. A case is a URL of the index.
//!
//! The contexts that were taken out of npm packages were written anew there, so that only their content is compared.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sinpyo_core::encoding::{Base, to_multibase};
use sinpyo_crypto::hash::{sha256, sha384};
use sinpyo_jsonld::Contexts;
use std::path::Path;

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let published = given::json(&folder.join("index.json"))?;
    let packaged = given::json(&folder.join("npm/index.json"))?;
    let (published, packaged) = (given::object(&published)?, given::object(&packaged)?);
    let mut report = Report::new(published.len() + packaged.len());
    for (url, entry) in published {
        report.record(url, check(folder, url, entry));
    }
    for (url, entry) in packaged {
        report.record(format!("npm: {url}"), check_content(&folder.join("npm"), url, entry));
    }
    Ok(report)
}

fn check(folder: &Path, url: &str, entry: &Value) -> Result<()> {
    let contexts = Contexts::bundled();
    let ours = contexts.get(url).context("not bundled")?;
    expect::same_bytes("context", ours, &given::bytes(&folder.join(given::text_member(entry, "file")?))?)?;
    let digest = contexts.digest(url).context("not bundled")?;
    expect::same_bytes("our digest", &digest, &sha256(ours))?;
    expect::same_bytes("digest", &digest, &given::hex(given::text_member(entry, "sha256")?)?)?;
    let integrity = format!("sha384-{}", STANDARD.encode(sha384(ours)));
    expect::same("digestSRI", integrity.as_str(), given::text_member(entry, "digestSRI")?)?;
    // The index has the bare digest where a multihash would stand.
    let multibase = to_multibase(Base::Base64Url, &digest);
    expect::same("digestMultibase", multibase.as_str(), given::text_member(entry, "digestMultibase")?)?;
    let altered = [ours, b" "].concat();
    expect::refused("other bytes under the same URL", &contexts.with(url, &altered))
}

fn check_content(folder: &Path, url: &str, entry: &Value) -> Result<()> {
    let contexts = Contexts::bundled();
    let ours: Value = serde_json::from_slice(contexts.get(url).context("not bundled")?)?;
    expect::same("context", &ours, &given::json(&folder.join(given::text_member(entry, "file")?))?)
}
