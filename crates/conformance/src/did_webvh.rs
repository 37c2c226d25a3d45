//! `didwebvh`: the histories that five implementations wrote, those that must be refused, and one implementation's
//! suite of errors. A case is a history, or a question to one.
//!
//! Compared are the fields that the specification fixes: implementations differ in others.

use crate::{
    expect, given,
    report::{Report, Verdict},
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sinpyo_core::{did::DidUrl, time::Timestamp};
use sinpyo_resolver::{
    FetchAnswer, Fetched, Resolution, ResolveError, ResolvedJson, dereference::Target, did_webvh::WebvhDid,
    resolve_version,
};
use std::{fs, path::Path};

/// Later than every log of the suite.
const NOW: &str = "2026-11-22T00:00:00Z";

/// Where an implementation recorded something else than version 1.0 of the method asks for.
const DIVERGENT: [(&str, &str, &str); 4] = [
    ("witness-update", "java/resolutionResult.json", WITNESSES),
    ("witness-update", "ts/resolutionResult.json", WITNESSES),
    ("multi-update", "python/resolutionResult.1.json", NEWEST),
    ("multi-update", "python/resolutionResult.2.json", NEWEST),
];
const WITNESSES: &str = "did:webvh v1.0 §3.7.8: the former witnesses approve the entry that replaces them, and one of two \
                         did; the implementations python and java-eecc refused this history of theirs too";
const NEWEST: &str = "the file records the newest version, and its name says an older one";

/// The rule that refuses each negative scenario.
const NEGATIVE: [(&str, &str); 11] = [
    ("negative-cross-did-witness-replay", "WVH-12"),
    ("negative-did-key-body-fragment-mismatch", "WVH-10"),
    ("negative-duplicate-witness-ids", "WVH-08"),
    ("negative-portable-scid-swap", "WVH-01"),
    ("negative-pre-rotation-omit-updatekeys", "WVH-11"),
    ("negative-scid-mismatch-genesis", "WVH-03"),
    ("negative-unknown-method-version", "WVH-07"),
    ("negative-versiontime-future", "WVH-06"),
    ("negative-versiontime-non-monotonic", "WVH-06"),
    ("negative-wrong-cryptosuite", "WVH-09"),
    ("negative-zero-witness-threshold", "WVH-08"),
];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let mut outcomes: Vec<(String, Verdict)> = Vec::new();
    for scenario in given::entries(folder)? {
        let name = given::name(folder, &scenario);
        if !scenario.join("script.yaml").exists() {
            continue; // Not a scenario: schemas, and the suite below.
        }
        if name.starts_with("negative-") {
            outcomes.push((name.clone(), negative(&scenario, &name).into()));
            continue;
        }
        for result in given::json_files(&scenario)? {
            let file = given::name(&scenario, &result);
            if !file.contains("/resolutionResult") {
                continue;
            }
            let divergent = DIVERGENT.iter().find(|(scenario, other, _)| *scenario == name && *other == file);
            let verdict = match divergent {
                Some((_, _, reason)) => Verdict::Differs((*reason).to_owned()),
                None => positive(&result).into(),
            };
            outcomes.push((format!("{name}/{file}"), verdict));
        }
    }
    let suite = given::json(&folder.join("python-error-suite/resolver-suite.json"))?;
    for case in given::array(&suite)? {
        let name = format!("{} {}", given::text_member(case, "log")?, given::text_member(case, "did_url")?);
        outcomes.push((name, error_case(&folder.join("python-error-suite/logs"), case).into()));
    }
    let mut report = Report::new(outcomes.len());
    for (name, verdict) in outcomes {
        report.record(name, verdict);
    }
    Ok(report)
}

/// Resolves `url` with the files of `folder`, by the questions that the resolver asks.
fn resolve_in(folder: &Path, url: &str) -> Result<Result<ResolvedJson, ResolveError>> {
    let now: Timestamp = NOW.parse()?;
    let Ok(url) = url.parse::<DidUrl>() else { return Ok(Err(ResolveError::InvalidDid)) };
    let target = Target::new(&url, &[])?;
    let mut query = match resolve_version(target.did(), target.version()) {
        Ok(Resolution::Fetch(query)) => query,
        Ok(_) => bail!("a file is needed"),
        Err(error) => return Ok(Err(error)),
    };
    loop {
        let file = query.request().url().rsplit('/').next().unwrap_or_default().to_owned();
        let body = fs::read(folder.join(file));
        let fetched = body.as_ref().map_or(Fetched::Absent, |body| Fetched::Body(body));
        match query.answer(&fetched, now) {
            Ok(FetchAnswer::Resolved(resolved)) => return Ok(Ok(*resolved)),
            Ok(FetchAnswer::Fetch(next)) => query = next,
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// The DID of a log: that of its newest document.
fn did_of(folder: &Path) -> Result<String> {
    let log = given::text(&folder.join("did.jsonl"))?;
    let newest: Value = serde_json::from_str(log.trim_end().lines().last().context("a log has entries")?)?;
    Ok(given::text_member(given::member(&newest, "state")?, "id")?.to_owned())
}

fn positive(result: &Path) -> Result<()> {
    let stated = given::json(result)?;
    let folder = result.parent().context("a result stands in a folder")?;
    let file = given::name(folder, result);
    let number = file.strip_prefix("resolutionResult.").and_then(|rest| rest.strip_suffix(".json"));
    let query = number.map_or(String::new(), |number| format!("?versionNumber={number}"));
    let did = did_of(folder)?;
    let outcome = resolve_in(folder, &format!("{did}{query}"))?;
    let document = given::member(&stated, "didDocument")?;
    if document.is_null() {
        return expect::refused_by("the history", "WVH-12", outcome.err().map(|error| error.code()));
    }
    let resolved = outcome?;
    let ours = Value::Object(resolved.document().clone());
    let (metadata, stated) = (resolved.metadata_json(), given::member(&stated, "didDocumentMetadata")?);
    expect::same("id", &ours.get("id"), &document.get("id"))?;
    expect::same("verification methods", &methods(&ours)?, &methods(document)?)?;
    for member in ["versionId", "versionNumber", "versionTime", "created"] {
        expect::same(member, &metadata.get(member), &stated.get(member))?;
    }
    let deactivated = stated.get("deactivated") == Some(&Value::Bool(true));
    expect::same("deactivated", &resolved.is_deactivated(), &deactivated)?;
    ensure!(
        !deactivated || resolved.resolved().document.methods().is_empty(),
        "a key of a deactivated DID can be used"
    );
    another_scid(folder, &did)
}

/// The same history under another hash is refused.
fn another_scid(folder: &Path, did: &str) -> Result<()> {
    let scid = did.split(':').nth(2).context("a did:webvh has a hash")?;
    let reversed: String =
        scid.chars().take(2).chain(scid.chars().skip(2).collect::<Vec<_>>().into_iter().rev()).collect();
    expect::refused("a history under another hash", &resolve_in(folder, &did.replace(scid, &reversed))?)
}

/// Names and keys of the verification methods, sorted.
fn methods(document: &Value) -> Result<Vec<(String, String)>> {
    let id = given::text_member(document, "id")?;
    let mut methods = Vec::new();
    for method in document.get("verificationMethod").and_then(Value::as_array).into_iter().flatten() {
        let name = given::text_member(method, "id")?;
        let name = if name.starts_with('#') { format!("{id}{name}") } else { name.to_owned() };
        methods.push((name, given::text_member(method, "publicKeyMultibase")?.to_owned()));
    }
    methods.sort();
    Ok(methods)
}

fn negative(scenario: &Path, name: &str) -> Result<()> {
    let Some((_, rule)) = NEGATIVE.iter().find(|(known, _)| *known == name) else {
        return identifiers(scenario);
    };
    let folder = scenario.join("ts");
    let log = given::text(&folder.join("did.jsonl"))?;
    let first: Value = serde_json::from_str(log.lines().next().context("a log has entries")?)?;
    // The hash that the log certifies, and the one that an attacker would have his victim ask for.
    let scid = given::text_member(given::member(&first, "parameters")?, "scid")?;
    let outcome = resolve_in(&folder, &format!("did:webvh:{scid}:example.com"))?;
    expect::refused_by("the history", rule, outcome.err().map(|error| error.code()))?;
    expect::refused("the history under its own name", &resolve_in(&folder, &did_of(&folder)?)?)
}

/// Identifiers that lead where they must not.
fn identifiers(scenario: &Path) -> Result<()> {
    let script = given::text(&scenario.join("script.yaml"))?;
    let mut seen = 0;
    for line in script.lines().filter_map(|line| line.trim().strip_prefix("did: ")) {
        let url = line.trim_matches('"');
        expect::refused(url, &resolve_in(scenario, url)?)?;
        // The place is refused by itself, whatever stands before it.
        let place = url.splitn(4, ':').nth(3).and_then(|place| place.split('#').next());
        let place = place.context("a did:webvh has a place")?;
        let parsed =
            WebvhDid::parse(&format!("did:webvh:QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL:{place}"));
        let rule = parsed.err().map(|error| error.code());
        ensure!(rule.is_some_and(|rule| rule.starts_with("WEB-")), "{place}: {rule:?}");
        seen += 1;
    }
    ensure!(seen > 0, "the script names no identifier");
    Ok(())
}

fn error_case(logs: &Path, case: &Value) -> Result<()> {
    let log = given::text_member(case, "log")?;
    let outcome = resolve_in(&logs.join(log), given::text_member(case, "did_url")?)?;
    if given::text_member(case, "status")? == "error" {
        let stated = given::text_member(given::member(case, "didResolutionMetadata")?, "error")?;
        let rule = outcome.err().map(|error| error.code()).context("the history was accepted")?;
        let ours = if rule == "WVH-17" { "notFound" } else { "invalidDid" };
        return expect::same(&format!("error ({rule})"), ours, stated);
    }
    let metadata = outcome?.metadata_json();
    for (name, value) in given::object(given::member(case, "didDocumentMetadata")?)? {
        // That of the last valid entry; the suite takes the time of one that its witness did not approve.
        if !(name == "updated" && log == "missing-witness") {
            expect::same(name, &metadata.get(name), &Some(value))?;
        }
    }
    Ok(())
}
