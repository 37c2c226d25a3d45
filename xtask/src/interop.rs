//! `cargo xtask interop`: other people's software against ours, each in its own language.
//!
//! A group is a script that installs what it needs by its lock file and prints one JSON line per peer:
//! `{"peer","version","passed","failed","unsupported"}`. Lines without a `peer` are details and go to standard error.

use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::cargo::{cargo, root, succeed};

/// Script and arguments.
const GROUPS: [(&str, &[&str]); 12] = [
    ("vcapi", &["interop/node/run", "vcapi"]),
    ("jose-cose", &["interop/node/run", "jose-cose"]),
    ("node", &["interop/node/run", "peers"]),
    ("oracles", &["interop/node/run", "oracle"]),
    ("openid", &["interop/openid/run"]),
    ("python", &["interop/python/run"]),
    ("ssi", &["crates/ssi-adapter/run"]),
    ("browser", &["interop/browser/run"]),
    ("ledger-reader", &["interop/ledger-reader/run"]),
    ("evm", &["crates/anchor-evm/run"]),
    ("samples", &["interop/samples/run"]),
    ("voting", &["interop/voting-verifier/run"]),
];

type Peer = Map<String, Value>;

/// Runs all groups, or the one named; prints a table or, with `--json`, the array of peers.
///
/// A group that did not run, a peer that disagrees, or one that tried nothing makes the outcome a failure.
///
/// # Errors
/// On a wrong argument, or when our own programs cannot be built.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let (group, json) = match *arguments {
        [] => (None, false),
        ["--json"] => (None, true),
        [group, "--json"] | ["--json", group] => (Some(group), true),
        [group] if !group.starts_with('-') => (Some(group), false),
        _ => bail!("usage: cargo xtask interop [GROUP] [--json]"),
    };
    let known = group.is_none_or(|name| GROUPS.iter().any(|(known, _)| *known == name));
    ensure!(known, "groups: {}", GROUPS.map(|(name, _)| name).join(", "));
    // Apart: together they have other features than alone, and the large binary would be built anew.
    succeed(&mut cargo("build --quiet --release --package sinpyo"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-conformance"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-registry --example export"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-voting --example records"))?;
    let mut peers = Vec::new();
    let mut fine = true;
    for (name, script) in GROUPS.iter().filter(|(name, _)| group.is_none_or(|group| group == *name)) {
        let (found, ended_well) = peers_of(script).with_context(|| format!("group {name}"))?;
        if !ended_well || found.is_empty() || !found.iter().all(agrees) {
            eprintln!("interop: group {name} failed");
            fine = false;
        }
        peers.extend(found);
    }
    if json {
        println!("{}", serde_json::to_string(&peers)?);
    } else {
        for peer in &peers {
            println!("{}", line(peer));
        }
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The peers that a script reports, and whether it ended well.
fn peers_of(script: &[&str]) -> Result<(Vec<Peer>, bool)> {
    let Some((program, arguments)) = script.split_first() else { bail!("no script") };
    let built = root().join("target").join("release");
    let mut command = Command::new(root().join(program));
    command
        .args(arguments)
        .current_dir(root())
        .env("SINPYO_BIN", program_at(&built, "sinpyo"))
        .env("SINPYO_BRIDGE", program_at(&built, "sinpyo-conformance"))
        .env("SINPYO_EXPORT", program_at(&built.join("examples"), "export"))
        .env("SINPYO_RECORDER", program_at(&built.join("examples"), "records"))
        .stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {program}"))?;
    let text = String::from_utf8(output.stdout).context("its output is not UTF-8")?;
    let mut peers = Vec::new();
    for line in text.lines() {
        match serde_json::from_str::<Peer>(line) {
            Ok(peer) if peer.contains_key("peer") => peers.push(peer),
            _ => eprintln!("{line}"),
        }
    }
    Ok((peers, output.status.success()))
}

fn program_at(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// Whether something was tried and nothing failed.
fn agrees(peer: &Peer) -> bool {
    let count = |name: &str| peer.get(name).and_then(Value::as_u64);
    count("failed") == Some(0) && count("passed").is_some_and(|passed| passed > 0)
}

fn line(peer: &Peer) -> String {
    let text = |name: &str| match peer.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "?".to_owned(),
    };
    format!(
        "{:<28} {:<10} {:>6} passed {:>4} failed  unsupported: {}",
        text("peer"),
        text("version"),
        text("passed"),
        text("failed"),
        text("unsupported")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn peer(value: &Value) -> Peer {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_peer_that_tried_nothing_does_not_agree() {
        assert!(agrees(&peer(&json!({"peer": "a", "passed": 3, "failed": 0}))));
        for other in [
            json!({"peer": "a", "passed": 0, "failed": 0}),
            json!({"peer": "a", "passed": 3, "failed": 1}),
            json!({"peer": "a", "passed": 3}),
            json!({"peer": "a"}),
        ] {
            assert!(!agrees(&peer(&other)), "{other}");
        }
    }

    #[test]
    fn an_unknown_group_is_refused_before_anything_is_built() {
        assert!(run(&["nobody"]).is_err());
        assert!(run(&["--jsom"]).is_err());
    }
}
