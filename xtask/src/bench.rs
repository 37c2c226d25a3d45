//! `cargo xtask bench`: our rows from `crates/bench` and the peers' from `interop/bench-peers`, in one invocation.
//!
//! Peers run in a process of their own because they change features of shared dependencies. The rows of ballots are
//! measured twice: as everybody builds it, and for the instructions of this processor, in a target folder of its own.

use std::{
    fmt::Write as _,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::{
    cargo::{cargo, root, succeed},
    test::peers_target,
};

const PEERS: &str = "interop/bench-peers/Cargo.toml";

type Row = Map<String, Value>;

/// Measures, then prints a table or, with `--json`, the array of rows.
///
/// A row that did not run, ours or a peer's, makes the outcome a failure; the others are printed all the same.
///
/// # Errors
/// On a wrong argument, and when what a program printed is no array of rows.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    if let ["ballot", task, ..] = arguments
        && ["--native", "--record", "--audit", "--intake", "--constant-time"].contains(task)
    {
        return task_of_ballots(arguments);
    }
    let (mut group, mut json, mut quick) = (None, false, None);
    for argument in arguments {
        match *argument {
            "--json" => json = true,
            "--quick" => quick = Some("--quick"),
            name if group.is_none() && !name.starts_with('-') => group = Some(name),
            _ => bail!("usage: cargo xtask bench [GROUP] [--quick] [--json]"),
        }
    }
    let mut ours = cargo("run --quiet --release --package sinpyo-bench --");
    ours.args(quick);
    let wants_ballots = group.is_none_or(|group| group == "ballot");
    let mut native = wants_ballots.then(native);
    if let Some(native) = &mut native {
        native.arg("ballot");
    }
    let mut theirs = cargo(&format!("run --quiet --release --manifest-path {PEERS} --"));
    theirs.env("CARGO_TARGET_DIR", peers_target());
    let mut rows = Vec::new();
    let mut outcome = ExitCode::SUCCESS;
    ours.args(group);
    theirs.args(group);
    let native = native.as_mut().map(|native| ("ours, native", native));
    for (who, command) in [("ours", &mut ours)].into_iter().chain(native).chain([("peers", &mut theirs)]) {
        let (measured, complete) = measure(command).with_context(|| who.to_owned())?;
        rows.extend(measured);
        if !complete {
            eprintln!("{who}: a row did not run");
            outcome = ExitCode::FAILURE;
        }
    }
    if json {
        println!("{}", serde_json::to_string(&rows)?);
    } else {
        print!("{}", table(&rows));
    }
    Ok(outcome)
}

/// The program of the group `ballot`, built for this processor.
fn native() -> Command {
    let mut command = cargo("run --quiet --release --package sinpyo-bench --no-default-features --");
    command
        .env("RUSTFLAGS", "-C target-cpu=native")
        .env("CARGO_TARGET_DIR", root().join("target").join("native"));
    command
}

/// What `ballot` does beside its rows: `[--native] --record VOTERS --out DIR`, `[--native] --audit DIR...`,
/// `--intake VOTERS`, `--constant-time`.
fn task_of_ballots(arguments: &[&str]) -> Result<ExitCode> {
    let is_native = arguments.get(1) == Some(&"--native");
    let mut command =
        if is_native { native() } else { cargo("run --quiet --release --package sinpyo-bench --") };
    command.args(arguments.iter().filter(|argument| **argument != "--native"));
    if arguments.get(1) == Some(&"--intake") {
        succeed(&mut cargo("build --quiet --release --package sinpyo"))?;
        command.arg("--binary").arg(root().join("target").join("release").join("sinpyo"));
    }
    let status = command.status().context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The rows, and whether the program says that they are all there.
fn measure(command: &mut Command) -> Result<(Vec<Row>, bool)> {
    command.arg("--json").stderr(Stdio::inherit());
    let output = command.output().context("cannot start cargo")?;
    let complete = output.status.success();
    if output.stdout.is_empty() && !complete {
        return Ok((Vec::new(), false));
    }
    Ok((serde_json::from_slice(&output.stdout).context("not an array of rows")?, complete))
}

const COLUMNS: [&str; 10] =
    ["name", "value", "unit", "ratio", "baseline_name", "baseline", "inputs", "fs", "target", "met"];

/// The rows aligned in columns, each row's further members under it.
fn table(rows: &[Row]) -> String {
    let lines: Vec<Vec<String>> = std::iter::once(COLUMNS.iter().map(|name| (*name).to_owned()).collect())
        .chain(rows.iter().map(|row| COLUMNS.iter().map(|name| shown(row.get(*name))).collect()))
        .collect();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    let notes = std::iter::once(None).chain(rows.iter().map(|row| row.get("leaves_out")));
    let mut text = String::new();
    for (line, leaves_out) in lines.iter().zip(notes) {
        for (cell, width) in line.iter().zip(&widths) {
            let _ = write!(text, "{cell:<width$}  "); // writing to a String cannot fail
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        if let Some(note) = leaves_out.filter(|note| !note.is_null()) {
            let _ = writeln!(text, "    leaves out: {}", shown(Some(note)));
        }
    }
    text
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => format!("{float:.2}"),
            None => number.to_string(),
        },
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_and_say_what_they_leave_out() {
        let rows: Vec<Row> = serde_json::from_str(
            r#"[{"name":"a","value":66.456,"unit":"us","baseline":60,"baseline_name":"raw","ratio":1.1076},
                {"name":"peer long","value":7,"unit":"us","leaves_out":"exp"},
                {"name":"b","value":7,"unit":"/s","fs":"ext4","target":"9/s","met":false}]"#,
        )
        .unwrap();
        let expected = "\
name       value  unit  ratio  baseline_name  baseline  inputs  fs    target  met
a          66.46  us    1.11   raw            60
peer long  7      us
    leaves out: exp
b          7      /s                                            ext4  9/s     false
";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn an_unknown_option_is_refused_before_anything_runs() {
        assert!(run(&["--jsom"]).is_err());
        assert!(run(&["proof", "ledger"]).is_err());
    }
}
