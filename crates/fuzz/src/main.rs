//! Runs the targets and the bombs, each in a process of its own, so that whatever ends it is seen and named.

mod supervise;

use anyhow::{Context, ensure};
use clap::Parser;
use serde_json::{Value, json};
use sinpyo_fuzz::{
    bombs,
    run::{self, Scratch},
    targets,
};
use std::{
    panic::resume_unwind,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};
use supervise::Work;

/// Throws malformed input at every parser of the workspace.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seconds for each target.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only the targets whose name contains this.
    #[arg(long)]
    target: Option<String>,
    /// How many targets at the same time. Bombs are timed: one at a time.
    #[arg(long, default_value_t = 1, conflicts_with = "bombs")]
    jobs: usize,
    /// Another seed finds other inputs; the same one finds the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The result as JSON.
    #[arg(long)]
    json: bool,
    /// The bombs instead of the targets.
    #[arg(long)]
    bombs: bool,
    /// Runs one input, given in hexadecimal, through the targets.
    #[arg(long)]
    input: Option<String>,
    /// Does the work itself; for the parent process.
    #[arg(long, hide = true, requires = "scratch")]
    child: bool,
    /// Where the input at hand is noted.
    #[arg(long, hide = true)]
    scratch: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(input) = &arguments.input {
        return replay(&arguments, input);
    }
    if arguments.child {
        println!("{}", work(&arguments)?);
        return Ok(ExitCode::SUCCESS);
    }
    let fits = |name: &str| arguments.target.as_deref().is_none_or(|part| name.contains(part));
    let names: Vec<&str> = if arguments.bombs {
        bombs::all().iter().map(|bomb| bomb.name).collect()
    } else {
        targets::all().iter().map(|target| target.name).collect()
    };
    let names: Vec<&str> = names.into_iter().filter(|name| fits(name)).collect();
    ensure!(!names.is_empty(), "no such target");
    let results = supervise_all(&arguments, &names)?;
    let clean = results.iter().all(|result| findings(result).is_empty());
    if arguments.json {
        println!("{}", Value::Array(results));
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One child after another in each lane; the results stand in the order of the names.
fn supervise_all(arguments: &Arguments, names: &[&str]) -> anyhow::Result<Vec<Value>> {
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(&name) = names.get(place) else { return anyhow::Ok(done) };
            let Arguments { seconds, seed, bombs: is_bomb, .. } = *arguments;
            let result = supervise::supervise(&Work { name, seconds, seed, is_bomb })?;
            if !arguments.json {
                println!("{}", line(name, &result));
            }
            done.push((place, result));
        }
    };
    let mut done = thread::scope(|scope| {
        let lanes: Vec<_> = (0..arguments.jobs.max(1)).map(|_| scope.spawn(lane)).collect();
        let ended = lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|panic| resume_unwind(panic)));
        ended.collect::<anyhow::Result<Vec<_>>>()
    })?
    .concat();
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

/// What the child process does.
fn work(arguments: &Arguments) -> anyhow::Result<Value> {
    let name = arguments.target.as_deref().context("a child has one target")?;
    let scratch = arguments.scratch.as_deref().context("a child has a scratch file")?;
    let scratch = Scratch::create(scratch)?;
    if arguments.bombs {
        let bomb = bombs::named(name).context("no such bomb")?;
        return Ok(run::on_small_stack(|| bomb.run(&scratch)));
    }
    let target = targets::named(name).context("no such target")?;
    let time = Duration::from_secs(arguments.seconds);
    let report = run::on_small_stack(|| run::run(&target, time, arguments.seed, &scratch));
    let findings: Vec<Value> = report.findings.iter().map(run::Finding::to_json).collect();
    Ok(json!({"executions": report.executions, "outcomes": report.outcomes, "findings": findings}))
}

fn replay(arguments: &Arguments, input: &str) -> anyhow::Result<ExitCode> {
    let name = arguments.target.as_deref().context("an input needs a target")?;
    let target = targets::named(name).context("no such target")?;
    let input = run::unhex(input).context("the input is not hexadecimal")?;
    println!("{}", run::on_small_stack(|| (target.run)(&input)));
    Ok(ExitCode::SUCCESS)
}

fn findings(result: &Value) -> &[Value] {
    result.get("findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// One line for people, and one for each finding.
fn line(name: &str, result: &Value) -> String {
    let number = |member: &str| result.get(member).and_then(Value::as_f64).unwrap_or_default();
    let found = findings(result);
    let summary = match result.get("outcomes").and_then(Value::as_object) {
        Some(outcomes) => format!(
            "{name:32} {:>9} executions {:>6.1} s {:>3} outcomes {:>3} crashes",
            number("executions"),
            number("seconds"),
            outcomes.len(),
            found.len()
        ),
        None => format!(
            "{name:44} {:>8} {:>7.1} ms {:>6.1} MiB {:>3} crashes",
            result.get("outcome").and_then(Value::as_str).unwrap_or("-"),
            number("milliseconds"),
            number("kib") / 1024.0,
            found.len()
        ),
    };
    let mut lines = vec![summary];
    for finding in found {
        let part = |member: &str| finding.get(member).and_then(Value::as_str).unwrap_or_default();
        let input: String = part("input").chars().take(2_000).collect();
        lines.push(format!("  {}: {}", part("kind"), part("what")));
        lines.push(format!("  input {input}, in {}", part("file")));
    }
    lines.join("\n")
}
