//! Measures the crates beside the raw primitive.
//!
//! `sinpyo-bench [GROUP] [--quick] [--json] [--dir DIR]` prints the rows of the groups `proof`, `ledger`, `status` and
//! `ballot`, or of one of them; `cargo xtask bench` runs it together with the peers of `interop/bench-peers`. Rows go to
//! stdout, progress to stderr; a row that did not run makes the exit status 1. `--quick`: the logs have 200,000 leaves
//! instead of ten million.
//!
//! `sinpyo-bench ballot --record VOTERS --out DIR` makes the record of a whole election, `ballot --audit DIR...` measures
//! the audit of such records; `ballot --constant-time` counts the instructions of the wallet's prover under valgrind; `ballot --intake
//! VOTERS --binary FILE` posts the ballots of an election to a served board.

mod clock;
mod os;
mod row;
mod scale;

mod ballot;
#[cfg(feature = "everything")]
mod ledger;
#[cfg(feature = "everything")]
mod proof;
#[cfg(feature = "everything")]
mod status;

use anyhow::bail;
use ballot::Task;
use row::{Report, Row};
use scale::Scale;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, file] = arguments.as_slice()
        && let Some(outcome) = as_child(first, Path::new(file))
    {
        return succeeded(&outcome);
    }
    match Task::parse(&arguments) {
        Ok(Some(task)) => return succeeded(&task.run()),
        Ok(None) => {}
        Err(error) => return failed(&error, 2),
    }
    match Arguments::parse(arguments.into_iter()) {
        Ok(arguments) => run(&arguments),
        Err(error) => failed(&error, 2),
    }
}

/// The part of a row that runs in a process of its own; `None` if `name` is not one.
fn as_child(name: &str, path: &Path) -> Option<anyhow::Result<()>> {
    match name {
        #[cfg(feature = "everything")]
        APPEND_UNTIL_KILLED => Some(ledger::append_until_killed(path)),
        ballot::AUDIT_ONE => Some(ballot::audit_one(path)),
        ballot::PROVE_ONCE => Some(ballot::prove_once(path)),
        _ => None,
    }
}

fn succeeded(outcome: &anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error, 1),
    }
}

fn failed(error: &anyhow::Error, status: u8) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(status)
}

/// What to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Proof,
    Ledger,
    Status,
    Ballot,
}

const GROUPS: [(&str, Group); 4] = [
    ("proof", Group::Proof),
    ("ledger", Group::Ledger),
    ("status", Group::Status),
    ("ballot", Group::Ballot),
];

/// First argument of the process that `reopen after kill` starts; the second is the log's file.
#[cfg(feature = "everything")]
const APPEND_UNTIL_KILLED: &str = "append-until-killed";

struct Arguments {
    /// `None`: all of them.
    group: Option<Group>,
    scale: Scale,
    output: Output,
    /// Where files are made, and removed again.
    folder: PathBuf,
}

enum Output {
    Json,
    Table,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut parsed =
            Self { group: None, scale: Scale::Full, output: Output::Table, folder: "target".into() };
        while let Some(argument) = arguments.next() {
            let named = GROUPS.iter().find(|(name, _)| *name == argument);
            match (argument.as_str(), named) {
                ("--json", _) => parsed.output = Output::Json,
                ("--quick", _) => parsed.scale = Scale::Quick,
                ("--dir", _) => match arguments.next() {
                    Some(folder) => parsed.folder = folder.into(),
                    None => bail!("--dir needs a folder"),
                },
                (_, Some((_, group))) if parsed.group.is_none() => parsed.group = Some(*group),
                _ => bail!(
                    "usage: sinpyo-bench [proof|ledger|status|ballot] [--quick] [--json] [--dir DIR]; not: {argument}"
                ),
            }
        }
        Ok(parsed)
    }

    fn wants(&self, group: Group) -> bool {
        self.group.is_none_or(|wanted| wanted == group)
    }
}

fn run(arguments: &Arguments) -> ExitCode {
    let mut report = Report::default();
    #[cfg(feature = "everything")]
    measure_everything(&mut report, arguments);
    if arguments.wants(Group::Ballot) {
        ballot::measure(&mut report);
    }
    match arguments.output {
        Output::Json => println!("{}", report.rows().iter().map(Row::to_json).collect::<Value>()),
        Output::Table => report.rows().iter().for_each(|row| println!("{row}")),
    }
    if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "everything")]
fn measure_everything(report: &mut Report, arguments: &Arguments) {
    if arguments.wants(Group::Proof) {
        proof::measure(report);
    }
    if arguments.wants(Group::Ledger) {
        ledger::measure(report, &arguments.folder, arguments.scale);
    }
    if arguments.wants(Group::Status) {
        status::measure(report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> anyhow::Result<Arguments> {
        Arguments::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn without_a_group_everything_is_wanted() {
        let arguments = parse(&["--json", "--dir", "/x"]).unwrap();
        assert!(arguments.wants(Group::Proof) && arguments.wants(Group::Ledger));
        assert_eq!(arguments.folder, Path::new("/x"));
        assert!(matches!(arguments.output, Output::Json));
        assert_eq!(arguments.scale, Scale::Full);
        let arguments = parse(&["ledger", "--quick"]).unwrap();
        assert_eq!(arguments.scale, Scale::Quick);
        assert!(!arguments.wants(Group::Proof) && arguments.wants(Group::Ledger));
        assert!(matches!(arguments.output, Output::Table));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for arguments in [&["proofs"][..], &["--jsom"], &["--dir"], &["proof", "ledger"]] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
