//! Measures other people's crates; each peer is a program of its own, built and run one after the other.
//!
//! `bench-peers [group] [--json]` prints the rows, `bench-peers --list` their names.

mod node;

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

const SD_JWT_VC_ED25519: &str = "sd-jwt-vc verify ed25519";
const SD_JWT_VC_ES256: &str = "sd-jwt-vc verify es256";
const SD_JWT_VC_ISSUE: &str = "sd-jwt-vc issue es256";
const PRESENTATION: &str = "presentation verify es256";
const VC_JWT_ED25519: &str = "vc+jwt verify ed25519";
const VC_JWT_ES256: &str = "vc+jwt verify es256";

const EDDSA_JCS: &str = "eddsa-jcs-2022 verify";
const ECDSA_JCS: &str = "ecdsa-jcs-2019 verify";
const MLDSA_JCS: &str = "mldsa44-jcs-2024 verify";
const EDDSA_RDFC: &str = "eddsa-rdfc-2022 verify";
const ECDSA_RDFC: &str = "ecdsa-rdfc-2019 verify";
const ECDSA_SD: [&str; 2] = ["ecdsa-sd-2023 derive", "ecdsa-sd-2023 verify"];
const BALLOT: [&str; 2] = ["ballot prove", "ballot verify alone"];
const BBS: [&str; 2] = ["bbs-2023 derive", "bbs-2023 verify"];

/// The peers of the group `proof`, and the rows each of them must print.
const PEERS: [(&str, &[&str]); 9] = [
    ("josekit", &[VC_JWT_ES256, VC_JWT_ED25519]),
    ("jsonwebtoken", &[VC_JWT_ES256, VC_JWT_ED25519]),
    ("sd-jwt-payload", &[SD_JWT_VC_ED25519, SD_JWT_VC_ES256, SD_JWT_VC_ISSUE]),
    ("affinidi-sd-jwt", &[SD_JWT_VC_ED25519, SD_JWT_VC_ES256, PRESENTATION, SD_JWT_VC_ISSUE]),
    ("affinidi-data-integrity", &[EDDSA_JCS, ECDSA_JCS, MLDSA_JCS, EDDSA_RDFC, BBS[0], BBS[1]]),
    ("affinidi-mdoc", &["mdoc verify"]),
    ("ssi", &[EDDSA_RDFC, ECDSA_RDFC]),
    (
        "identity-kit",
        &[SD_JWT_VC_ED25519, SD_JWT_VC_ES256, PRESENTATION, VC_JWT_ES256, VC_JWT_ED25519, SD_JWT_VC_ISSUE],
    ),
    (node::PEER, &[EDDSA_JCS, ECDSA_JCS, EDDSA_RDFC, ECDSA_RDFC, ECDSA_SD[0], ECDSA_SD[1], BBS[0], BBS[1]]),
];

/// The peers of the group `ballot`.
const BALLOT_PEERS: [(&str, &[&str]); 2] = [("elastic-elgamal", &BALLOT), ("electionguard-style", &BALLOT)];

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => run(&arguments),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    proof: bool,
    ballot: bool,
    output: Output,
}

enum Output {
    Json,
    Table,
    Names,
}

impl Arguments {
    fn parse(arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut parsed = Self { proof: true, ballot: true, output: Output::Table };
        for argument in arguments {
            match argument.as_str() {
                "--json" => parsed.output = Output::Json,
                "--list" => parsed.output = Output::Names,
                option if option.starts_with('-') => bail!("unknown option {option}"),
                group => (parsed.proof, parsed.ballot) = (group == "proof", group == "ballot"),
            }
        }
        Ok(parsed)
    }
}

fn run(arguments: &Arguments) -> ExitCode {
    let groups = [(arguments.proof, PEERS.as_slice()), (arguments.ballot, BALLOT_PEERS.as_slice())];
    let peers = groups.into_iter().filter(|(wanted, _)| *wanted).flat_map(|(_, peers)| peers);
    if matches!(arguments.output, Output::Names) {
        for (peer, rows) in peers {
            rows.iter().for_each(|row| println!("peer {peer}: {row}"));
        }
        return ExitCode::SUCCESS;
    }
    let mut complete = true;
    let mut rows = Vec::new();
    for (peer, expected) in peers {
        if *peer == node::PEER && !node::is_there() {
            eprintln!("peer {peer}: skipped: Node.js is not there");
            continue;
        }
        let printed = measure(peer).unwrap_or_else(|error| {
            eprintln!("error: peer {peer}: {error:#}");
            complete = false;
            Vec::new()
        });
        for row in *expected {
            let name = format!("peer {peer}: {row}");
            if !printed.iter().any(|row| text(row, "name") == name) {
                eprintln!("error: {name} did not run");
                complete = false;
            }
        }
        rows.extend(printed);
    }
    match arguments.output {
        Output::Json => println!("{}", Value::Array(rows)),
        Output::Table | Output::Names => rows.iter().for_each(print_row),
    }
    if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Builds one peer alone (features of shared dependencies would unify otherwise) and runs it.
fn measure(peer: &str) -> anyhow::Result<Vec<Value>> {
    if peer == node::PEER {
        return node::measure();
    }
    eprintln!("peer {peer}: building");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .args(["--package", &format!("peer-{peer}")])
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not start")?;
    // A peer that fails has named the row on stderr; the rows that ran are still printed.
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).context("no rows")?;
    ensure!(!rows.is_empty(), "no rows");
    Ok(rows)
}

fn print_row(row: &Value) {
    let number = |name| row.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
    println!(
        "{:<52} {:>8.1} us  {:>5.2} x {} ({:.1} us), {} inputs",
        text(row, "name"),
        number("value"),
        number("ratio"),
        text(row, "baseline_name"),
        number("baseline"),
        row.get("inputs").unwrap_or(&Value::Null),
    );
    println!("    {}", text(row, "leaves_out"));
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}
