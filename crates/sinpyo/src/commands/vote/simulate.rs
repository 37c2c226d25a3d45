//! `sinpyo vote simulate`

use super::{Done, audit};
use crate::{
    files,
    say::Voice,
    vote::simulation::{self, Outcome, Plan, drawn},
};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::Value;
use sinpyo_voting::{audit::Stage, phase::Phase};
use std::path::{Path, PathBuf};

const MAX_CHOICES: u64 = 64 << 20;
/// Voters of a district, in the usual case: three rings of 1,024.
const DISTRICT: usize = 2_500;
const HOSTILE: usize = 100;

/// Options of the simulation.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote simulate --voters 10000 --json\n  sinpyo vote simulate --voters 500 --choices choices.txt --keep election --json"
)]
pub(crate) struct Options {
    /// How many vote.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    voters: u32,
    /// What they want to be counted: one option's number a line, 0 for blank. Without it the choices are drawn.
    #[arg(long, value_name = "FILE")]
    choices: Option<PathBuf>,
    /// From what the choices are drawn.
    #[arg(long, value_name = "S", default_value_t = 1, conflicts_with = "choices")]
    seed: u64,
    /// How many options there are; at least as many as the choices name.
    #[arg(long = "options", value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=64))]
    candidates: u8,
    /// How many districts; by default one for 2,500 voters.
    #[arg(long, value_name = "N")]
    districts: Option<u32>,
    /// Keep the public record, the trustees' folders and the service's in this folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Who is hidden how.
    #[arg(long, value_enum, default_value_t = Profile::Ring)]
    profile: Profile,
    /// Ballots of hostile kinds.
    #[arg(long, value_name = "N", default_value_t = HOSTILE)]
    hostile: usize,
    /// When the ballot box closes, in seconds from the beginning; by default as long as voting is estimated to take.
    #[arg(long, value_name = "SECONDS")]
    closes_after: Option<u64>,
}

/// Who is hidden how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// In rings of the public roll.
    Ring,
    /// By blind signatures of the registrar: weaker.
    Token,
}

pub(super) fn run(options: &Options, voice: Voice) -> Result<Done> {
    let plan = plan(options)?;
    // It goes when this ends.
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = options.keep.clone().unwrap_or_else(|| temporary.path().join("election"));
    if folder.join("board").exists() {
        bail!("{} has an election already", folder.display());
    }
    let Some(outcome) = simulation::run(&plan, &folder, voice)? else { return Ok(Done::Accepted) };
    if options.keep.is_some() {
        keep(&plan, &outcome, &folder)?;
    }
    // One line, in the order in which its members are documented.
    println!("{}", line(&outcome));
    for fault in &outcome.faults {
        voice.tell(&format!("실패: {fault}"), &format!("failed: {fault}"));
    }
    let is_fine = outcome.faults.is_empty();
    Ok(if is_fine { Done::Accepted } else { Done::Refused })
}

fn plan(options: &Options) -> Result<Plan> {
    let voters = usize::try_from(options.voters)?;
    let choices = match &options.choices {
        Some(file) => read(file)?,
        None => drawn(options.seed, voters, options.candidates),
    };
    if choices.len() != voters {
        bail!("the file has {} choices for {voters} voters", choices.len());
    }
    let most = choices.iter().copied().max().unwrap_or(0).max(options.candidates);
    if most > 64 {
        bail!("an election has at most 64 options");
    }
    let districts = match options.districts {
        Some(0) => bail!("an election has at least one district"),
        Some(districts) => usize::try_from(districts)?.min(voters),
        None => (voters / DISTRICT).max(1),
    };
    Ok(Plan {
        choices,
        options: most,
        districts,
        has_rings: options.profile == Profile::Ring,
        // Tokens are few: five of a voter's eight.
        hostile: options.hostile.min(5 * voters),
        closes_after: options.closes_after,
        until: Phase::Tallied,
    })
}

/// One number a line.
fn read(file: &Path) -> Result<Vec<u8>> {
    let text = String::from_utf8(files::read(file, MAX_CHOICES)?).context("the choices are no text")?;
    let number = |(line, text): (usize, &str)| {
        let text = text.trim();
        text.parse::<u8>().with_context(|| format!("line {}: {text:?} is no option's number", line + 1))
    };
    text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()).map(number).collect()
}

/// Leaves beside the record what was meant, and what the audit said.
fn keep(plan: &Plan, outcome: &Outcome, folder: &Path) -> Result<()> {
    let choices: Vec<String> = plan.choices.iter().map(u8::to_string).collect();
    std::fs::write(folder.join("choices"), choices.join("\n") + "\n")
        .context("cannot write in the folder")?;
    let report = format!("{:#}\n", audit::to_json(&outcome.report));
    std::fs::write(folder.join("audit.json"), report).context("cannot write in the folder")
}

/// `{"voters","cast","rejected","duplicates","result_ok","audit","us_per_ballot","bytes_per_ballot"}`
fn line(outcome: &Outcome) -> String {
    let verdicts = outcome.report.verdicts.iter().map(|verdict| {
        let holds = outcome.report.outcome(verdict.check) == sinpyo_voting::audit::Outcome::Passed;
        format!("{}:{}", Value::from(verdict.check.name()), Value::from(holds))
    });
    let verdicts: Vec<String> = verdicts.collect();
    let took = outcome.report.took.iter().filter(|(stage, _)| *stage == Stage::Ballots);
    let micros: f64 = took.map(|(_, took)| took.as_secs_f64() * 1e6).sum();
    let ballots = f64::from(u32::try_from(outcome.ballots.max(1)).unwrap_or(u32::MAX));
    format!(
        "{{\"voters\":{},\"cast\":{},\"rejected\":{},\"duplicates\":{},\"result_ok\":{},\"audit\":{{{}}},\
         \"us_per_ballot\":{:.1},\"bytes_per_ballot\":{}}}",
        outcome.voters,
        outcome.ballots,
        outcome.rejected,
        outcome.duplicates,
        outcome.result_ok,
        verdicts.join(","),
        micros / ballots,
        outcome.bytes_per_ballot
    )
}
