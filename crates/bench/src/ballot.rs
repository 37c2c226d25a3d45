//! Ballots: what one costs, alone and in mass.

mod audit;
mod constant;
mod election;
mod machine;
mod native;
mod record;
mod rows;

pub(crate) use audit::{AUDIT_ONE, one as audit_one};
pub(crate) use constant::{PROVE_ONCE, prove_once};

use crate::row::Report;

use anyhow::{Context as _, bail};
use std::path::PathBuf;

/// What the group can do beside its rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Make the record of so many voters.
    Record { voters: u32, folder: PathBuf },
    /// Audit records.
    Audit(Vec<PathBuf>),
    /// Count the prover's instructions.
    ConstantTime,
}

impl Task {
    /// What `ballot` is followed by; `None` if that is not a task.
    ///
    /// # Errors
    /// It is one, but incomplete.
    pub(crate) fn parse(arguments: &[String]) -> anyhow::Result<Option<Self>> {
        let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Ok(Some(match texts.as_slice() {
            ["ballot", "--record", voters, "--out", folder] => {
                Self::Record { voters: voters.parse().context("--record needs a number")?, folder: folder.into() }
            }
            ["ballot", "--audit", folders @ ..] if !folders.is_empty() => {
                Self::Audit(folders.iter().map(PathBuf::from).collect())
            }
            ["ballot", "--constant-time"] => Self::ConstantTime,
            ["ballot", "--record" | "--audit" | "--constant-time", ..] => {
                bail!("usage: ballot --record VOTERS --out DIR, ballot --audit DIR..., or ballot --constant-time")
            }
            _ => return Ok(None),
        }))
    }

    /// Does it.
    ///
    /// # Errors
    /// What goes wrong on the way.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Record { voters, folder } => record::make(*voters, folder),
            Self::Audit(folders) => audit::all(folders),
            Self::ConstantTime => constant::check(),
        }
    }
}

/// Measures the rows of the group.
pub(crate) fn measure(report: &mut Report) {
    eprintln!("{}", native::features());
    rows::measure(report);
}
