//! The audit of records: what it takes, what it needs, and how it grows.

use super::{machine::Cores, record::Folder};
use crate::os::OsEntropy;
use anyhow::{Context as _, ensure};
use cpu_time::ProcessTime;
use serde_json::{Value, json};
use sinpyo_voting::audit::{Machine as _, Stage, examine};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// First argument of the process that audits one record: memory is told of a whole process.
pub(crate) const AUDIT_ONE: &str = "audit-one";

/// Audits each record in a process of its own, smallest first, and prints one line for each, the exponent from the
/// smallest to the largest, and what it says of ten million ballots.
///
/// # Errors
/// A record cannot be read or does not pass.
pub(super) fn all(folders: &[PathBuf]) -> anyhow::Result<()> {
    let mut audited = Vec::new();
    for folder in folders {
        let one = Audited::in_process(folder)?;
        println!("{}: {one}", folder.display());
        audited.push(one);
    }
    audited.sort_by(|a, b| a.ballots.total_cmp(&b.ballots));
    if let (Some(first), Some(last)) = (audited.first(), audited.last()) {
        for pair in audited.windows(2) {
            if let [smaller, larger] = pair {
                let (busy, wall) = smaller.exponents(larger);
                let sizes = format!("from {} to {} ballots", smaller.ballots, larger.ballots);
                println!("{sizes}: exponent {busy:.3} of processor time, {wall:.3} by the clock");
            }
        }
        let exponent = if audited.len() > 1 { first.exponents(last).0 } else { 1.0 };
        let growth = (TEN_MILLION / last.ballots).powf(exponent);
        println!(
            "10,000,000 ballots with exponent {exponent:.3}: {:.0} s of processor time, {:.0} s by this run's clock, {:.0} MiB",
            last.processor * growth,
            last.seconds * growth,
            last.mebibytes * TEN_MILLION / last.ballots,
        );
    }
    Ok(())
}

const TEN_MILLION: f64 = 1e7;

/// What an audit took.
struct Audited {
    ballots: f64,
    seconds: f64,
    /// Seconds of processor time, of all cores together: what else runs on the machine does not show in it.
    processor: f64,
    stages: Vec<(String, f64)>,
    mebibytes: f64,
}

impl Audited {
    fn in_process(folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let output = command.arg(AUDIT_ONE).arg(folder).stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "the audit of {} failed", folder.display());
        let value: Value = serde_json::from_slice(&output.stdout)?;
        let number = |name: &str| value.get(name).and_then(Value::as_f64).context("no figure");
        let stages = value.get("stages").and_then(Value::as_object).context("no stages")?;
        Ok(Self {
            ballots: number("ballots")?,
            seconds: number("seconds")?,
            processor: number("processor")?,
            stages: stages
                .iter()
                .map(|(name, value)| (name.clone(), value.as_f64().unwrap_or(f64::NAN)))
                .collect(),
            mebibytes: number("mebibytes")?,
        })
    }

    /// The exponents by which processor time and time grow from here to `larger`.
    fn exponents(&self, larger: &Self) -> (f64, f64) {
        let growth = (larger.ballots / self.ballots).ln();
        ((larger.processor / self.processor).ln() / growth, (larger.seconds / self.seconds).ln() / growth)
    }
}

impl std::fmt::Display for Audited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ballots, seconds, processor, stages, mebibytes } = self;
        write!(
            f,
            "{ballots} ballots and their roll verified in {seconds:.1} s, with {processor:.1} s of processor time"
        )?;
        write!(f, " ({:.1} us each), at most {mebibytes:.0} MiB", processor / ballots * 1e6)?;
        stages.iter().try_for_each(|(name, seconds)| write!(f, ", {name} {seconds:.1} s"))
    }
}

/// Audits one record and prints the figures as JSON.
///
/// # Errors
/// It cannot be read, or a check does not pass.
pub(crate) fn one(folder: &Path) -> anyhow::Result<()> {
    let (cores, began) = (Cores::new(), ProcessTime::now());
    let report = examine(&Folder::new(folder), &cores, &mut OsEntropy)?.report;
    let (seconds, processor) = (cores.elapsed().as_secs_f64(), began.elapsed().as_secs_f64());
    for verdict in report.verdicts.iter().filter(|verdict| verdict.first.is_some()) {
        eprintln!("{} {:?}: {:?}", verdict.check, verdict.outcome, verdict.first);
    }
    ensure!(report.passed(), "not all of V1 to V14 passed: {:?}", report.verdicts);
    let stage =
        |(stage, took): &(Stage, std::time::Duration)| (stage.as_str().to_owned(), json!(took.as_secs_f64()));
    let stages: serde_json::Map<String, Value> = report.took.iter().map(stage).collect();
    let figures = json!({"ballots": report.ballots, "seconds": seconds, "processor": processor, "stages": stages,
        "mebibytes": peak()?});
    println!("{figures}");
    Ok(())
}

/// The most memory that this process had at once, in MiB [proc(5), `VmHWM`].
fn peak() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_is_that_of_the_power() {
        let audited = |ballots: f64, exponent: f64| Audited {
            ballots,
            seconds: ballots,
            processor: ballots.powf(exponent),
            stages: Vec::new(),
            mebibytes: 1.0,
        };
        let (busy, wall) = audited(1e4, 1.5).exponents(&audited(1e6, 1.5));
        assert!((busy - 1.5).abs() < 1e-9 && (wall - 1.0).abs() < 1e-9);
    }
}
