//! Runs published test vectors against the crates, and makes our own.
//!
//! `sinpyo-conformance run [SET…] [--json]`; started by `cargo xtask conformance`. The folder that `SINPYO_VECTORS`
//! names holds the sets; `test-vectors/README.md` says where each is published. Prints a table, or with `--json` one
//! array in the last line of standard output and the reasons of failures on standard error. Exits with 1 when a case
//! failed, or when the sets are required (`SINPYO_REQUIRE_ALL=1`) and absent; with 2 when it is used wrongly.
//!
//! `sinpyo-conformance vectors [--write]`; started by `cargo xtask vectors`. Makes the files of `test-vectors/` again and
//! compares them with those that are there, after having written them if asked to. Exits with 1 at the first difference.
//!
//! `sinpyo-conformance bridge` answers requests of other people's programs; see [`bridge`].

mod assertion_inputs;
mod bbs_draft;
mod bitstring_status_list;
mod bridge;
mod contexts;
mod data_integrity;
mod data_model;
mod did_core;
mod did_jwk;
mod did_key;
mod did_resolution;
mod did_webvh;
mod did_world;
mod ed25519;
mod expect;
mod given;
mod jcs;
mod jose_cose;
mod json_ld_api;
mod json_test_suite;
mod merkle_proofs;
mod multibase_tables;
mod rdf_canon;
mod report;
mod sd_jwt;
mod token_status_list;
mod vectors;

#[cfg(test)]
mod tests;

use anyhow::Result;
use report::Report;
use serde_json::Value;
use std::{
    env, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A set of somebody else's vectors.
struct Set {
    /// Its folder, by which it is asked for.
    name: &'static str,
    /// What one case is.
    case: &'static str,
    /// Runs the cases in that folder.
    run: fn(&Path) -> Result<Report>,
}

const SETS: [Set; 24] = [
    Set { name: "jcs", case: "an input of RFC 8785", run: jcs::run },
    Set { name: "sd-jwt", case: "a case of the manifest", run: sd_jwt::run },
    Set { name: "did-key", case: "a file", run: did_key::run },
    Set { name: "did-jwk", case: "a DID and its key, both ways", run: did_jwk::run },
    Set {
        name: "multibase",
        case: "a row; z and u are read, other bases refused",
        run: multibase_tables::run,
    },
    Set { name: "json-test-suite", case: "a file", run: json_test_suite::run },
    Set { name: "ed25519-speccheck", case: "a signature", run: ed25519::run_speccheck },
    Set { name: "ed25519-cctv", case: "a signature", run: ed25519::run_cctv },
    Set { name: "merkle-proofs", case: "a probe", run: merkle_proofs::run },
    Set { name: "vc-di-eddsa", case: "a file of a step", run: data_integrity::run_eddsa },
    Set { name: "vc-di-ecdsa", case: "a file of a step", run: data_integrity::run_ecdsa },
    Set { name: "vc-di-bbs", case: "a file of a step", run: data_integrity::run_bbs },
    Set { name: "vc-di-assertion-inputs", case: "a file", run: assertion_inputs::run },
    Set { name: "didwebvh", case: "a history or a question", run: did_webvh::run },
    Set { name: "vcdm2-testsuite-input", case: "a document", run: data_model::run },
    Set { name: "vc-jose-cose-testsuite-input", case: "a file", run: jose_cose::run },
    Set { name: "did-core-fixtures", case: "an example, or a file of ours in its form", run: did_core::run },
    Set { name: "didresolution", case: "an answer of our resolver", run: did_resolution::run },
    Set { name: "rdf-canon", case: "an entry of the manifest", run: rdf_canon::run },
    Set { name: "json-ld-api", case: "a negative entry of a manifest", run: json_ld_api::run },
    Set { name: "contexts", case: "a URL", run: contexts::run },
    Set { name: "bbs-draft", case: "a file", run: bbs_draft::run },
    Set { name: "token-status-list", case: "a list of the manifest", run: token_status_list::run },
    Set { name: "bitstring-status-list", case: "a list", run: bitstring_status_list::run },
];

const USAGE: &str = "usage: sinpyo-conformance run [SET…] [--json] | vectors [--write] | bridge";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match Request::parse(&arguments) {
        Some(Request::Run(sets)) => run_all(&sets),
        Some(Request::Vectors(task)) => own_vectors(task),
        Some(Request::Bridge) => serve_bridge(),
        None => {
            let names: Vec<_> = SETS.iter().map(|set| set.name).collect();
            eprintln!("{USAGE}\nsets: {}", names.join(", "));
            ExitCode::from(2)
        }
    }
}

/// Runs other people's vectors.
fn run_all(request: &Run) -> ExitCode {
    let Some(root) = env::var_os("SINPYO_VECTORS").map(PathBuf::from) else {
        let names: Vec<_> = request.sets.iter().map(|set| set.name).collect();
        eprintln!("skipped: SINPYO_VECTORS is not set, so these sets could not run: {}", names.join(", "));
        if request.json {
            println!("[]");
        }
        return exit(env::var("SINPYO_REQUIRE_ALL").as_deref() != Ok("1"));
    };
    let reports: Vec<_> = request.sets.iter().map(|set| (*set, run(set, &root))).collect();
    for (set, report) in &reports {
        for (case, reason) in report.failures() {
            eprintln!("failed: {}: {case}: {reason}", set.name);
        }
    }
    if request.json {
        let array: Value = reports.iter().map(|(set, report)| report.to_json(set.name)).collect();
        println!("{array}");
    } else {
        print_table(&reports);
    }
    exit(reports.iter().all(|(_, report)| report.failed() == 0))
}

/// Compares our own vectors with the files.
fn own_vectors(task: Task) -> ExitCode {
    let folder = vectors::folder();
    let written = match task {
        Task::Write => vectors::write(&folder),
        Task::Compare => Ok(()),
    };
    match written.and_then(|()| vectors::compare(&folder)) {
        Ok(Ok(files)) => println!("{files} files are as they are made"),
        Ok(Err(difference)) => {
            eprintln!("differs: {difference}");
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("failed: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Answers requests until there are no more.
fn serve_bridge() -> ExitCode {
    match bridge::serve(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
enum Request {
    Run(Run),
    Vectors(Task),
    Bridge,
}

/// Which sets to run.
struct Run {
    sets: Vec<&'static Set>,
    json: bool,
}

/// What to do with our own vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Compare,
    Write,
}

impl Request {
    /// Reads the arguments; none if there is no such use.
    fn parse(arguments: &[String]) -> Option<Self> {
        let (command, rest) = arguments.split_first()?;
        match (command.as_str(), rest) {
            ("run", rest) => Run::parse(rest).map(Self::Run),
            ("bridge", []) => Some(Self::Bridge),
            ("vectors", []) => Some(Self::Vectors(Task::Compare)),
            ("vectors", [write]) if write == "--write" => Some(Self::Vectors(Task::Write)),
            _ => None,
        }
    }
}

impl Run {
    fn parse(arguments: &[String]) -> Option<Self> {
        let (options, names): (Vec<_>, Vec<_>) =
            arguments.iter().partition(|argument| argument.starts_with('-'));
        let by_name = |name: &&String| SETS.iter().find(|set| set.name == **name);
        let sets = if names.is_empty() {
            SETS.iter().collect()
        } else {
            names.iter().map(by_name).collect::<Option<_>>()?
        };
        options.iter().all(|option| *option == "--json").then_some(Self { sets, json: !options.is_empty() })
    }
}

/// Runs one set; what keeps it from being read is a failure of it.
fn run(set: &Set, root: &Path) -> Report {
    (set.run)(&root.join(set.name)).unwrap_or_else(|error| Report::unreadable(&error))
}

fn print_table(reports: &[(&Set, Report)]) {
    println!(
        "{:<30} {:>6} {:>7} {:>7} {:>7} {:>7}  a case is",
        "set", "cases", "passed", "differs", "skipped", "failed"
    );
    for (set, report) in reports {
        let (differs, skipped) = (report.differences().count(), report.skips().count());
        println!(
            "{:<30} {:>6} {:>7} {differs:>7} {skipped:>7} {:>7}  {}",
            set.name,
            report.cases(),
            report.passed(),
            report.failed(),
            set.case
        );
    }
    for (set, report) in reports {
        for (case, clause) in report.differences() {
            println!("differs: {}: {case}: {clause}", set.name);
        }
        for (case, reason) in report.skips() {
            println!("skipped: {}: {case}: {reason}", set.name);
        }
    }
}

fn exit(success: bool) -> ExitCode {
    if success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
