//! Digital Bazaar's libraries, which `interop/node` measures.

use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use bench_harness::{Alg, raw_verify};
use serde_json::{Value, from_str, json};

/// The name of the peer.
pub(crate) const PEER: &str = "digital-bazaar";

/// Whether there is a Node.js to run it.
pub(crate) fn is_there() -> bool {
    let version = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Runs the measurement, and puts the raw verification of the same algorithm beside each row.
pub(crate) fn measure() -> anyhow::Result<Vec<Value>> {
    eprintln!("peer {PEER}: measuring");
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../node/run"))
        .arg("bench")
        .stderr(Stdio::inherit())
        .output()
        .context("interop/node/run did not start")?;
    ensure!(output.status.success(), "interop/node/run failed");
    let (ed25519, es256) = (raw_verify(Alg::Ed25519)?, raw_verify(Alg::Es256)?);
    let mut rows = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let printed: Value = from_str(line).with_context(|| format!("not a row: {line}"))?;
        // As our own rows, the derived proofs of BBS stand beside ES256.
        let (baseline, baseline_name) = match printed.get("algorithm").and_then(Value::as_str) {
            Some("Ed25519") => (ed25519, "raw ed25519 verify"),
            Some("ES256" | "BLS12-381") => (es256, "raw es256 verify"),
            _ => continue,
        };
        let name = printed.get("name").and_then(Value::as_str).context("a row without name")?;
        let value = printed.get("value").and_then(Value::as_f64).context("a row without value")?;
        let library = printed.get("library").and_then(Value::as_str).unwrap_or_default();
        rows.push(json!({
            "name": format!("peer {PEER}: {name}"),
            "value": value,
            "unit": printed.get("unit"),
            "baseline": baseline,
            "baseline_name": baseline_name,
            "ratio": value / baseline,
            "inputs": 1,
            "leaves_out": format!(
                "{library}: wall time, one input over and over; a citizenship card of 27 statements; resolves \
                 did:key on every call; hostile inputs are not tried"
            ),
        }));
    }
    Ok(rows)
}
