//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! This crate links none of ours, so that it builds in seconds and is not rebuilt with them: what needs
//! them (vectors, benchmarks) lives in packages of its own, which are started from here.

mod bench;
mod cargo;
mod check;
mod conformance;
mod data;
mod interop;
mod load;
mod soak;
mod steps;
mod test;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test                          format, lints, all tests, documentation, licences, the project's own checks
  check                         the same for the crates touched since HEAD; before every commit
  status                        write the status table of README.md anew from spec/checks
  data [--out DIR]              write the synthetic input anew (default examples/data)
  conformance [SET] [--json]    run published test vectors (SINPYO_VECTORS names their folder)
  vectors [--write]             compare test-vectors with what the crates produce, or write them anew
  interop [GROUP] [--json]      other people's software against ours (needs Node.js, npm, Python)
  bench [GROUP] [--quick] [--json]   measure ours beside the raw primitive and beside peers
  bench ballot [--native] --record N --out DIR | [--native] --audit DIR... | --intake N | --constant-time
                                a whole election of N ballots; its audit; a served board; the prover under valgrind
  soak ledger --minutes N [--engine sqlite|postgres] [--sabotage lose|double|fork] [--seed N] [--json]
                                drive the served registry under faults; the clients' journals judge it
  load openid [--wallets N] [--seconds N] [--rate N | --races ROUNDS | --kill FLOWS] [--database URL|postgres|sqlite] [--json]
                                drive the served issuer and verifier with whole flows: at a rate, at once, under kills";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match *words.as_slice() {
        ["test"] => test::everything(),
        ["check"] => test::touched(),
        ["status"] => check::status::write(),
        ["data"] => data::write("examples/data"),
        ["data", "--out", folder] => data::write(folder),
        ["conformance", ref rest @ ..] => conformance::run("run", rest),
        ["vectors", ref rest @ ..] => conformance::run("vectors", rest),
        ["interop", ref rest @ ..] => interop::run(rest),
        ["bench", ref rest @ ..] => bench::run(rest),
        ["soak", ref rest @ ..] => soak::run(rest),
        ["load", ref rest @ ..] => load::run(rest),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}
