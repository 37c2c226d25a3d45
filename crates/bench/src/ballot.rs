//! Ballots: what one costs, alone and in mass.

mod audit;
mod constant;
mod election;
#[cfg(feature = "everything")]
mod intake;
mod machine;
mod native;
mod record;
mod rows;

pub(crate) use audit::{AUDIT_ONE, one as audit_one};
pub(crate) use constant::{PROVE_ONCE, prove_once};

use crate::row::Report;
use constant::Size;

use anyhow::{Context as _, bail};
#[cfg(feature = "everything")]
use std::path::Path;
use std::path::PathBuf;

/// What the group can do beside its rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Make the record of so many voters.
    Record { voters: u32, folder: PathBuf },
    /// Audit records.
    Audit(Vec<PathBuf>),
    /// Post the ballots of so many voters to a served board.
    #[cfg(feature = "everything")]
    Intake { voters: u32, binary: PathBuf },
    /// Count the prover's instructions.
    ConstantTime(Size),
}

impl Task {
    /// What `ballot` is followed by; `None` if that is not a task.
    ///
    /// # Errors
    /// It is one, but incomplete.
    pub(crate) fn parse(arguments: &[String]) -> anyhow::Result<Option<Self>> {
        let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Ok(Some(match texts.as_slice() {
            ["ballot", "--record", voters, "--out", folder] => Self::Record {
                voters: voters.parse().context("--record needs a number")?,
                folder: folder.into(),
            },
            ["ballot", "--audit", folders @ ..] if !folders.is_empty() => {
                Self::Audit(folders.iter().map(PathBuf::from).collect())
            }
            #[cfg(feature = "everything")]
            ["ballot", "--intake", voters, "--binary", binary] => Self::Intake {
                voters: voters.parse().context("--intake needs a number")?,
                binary: binary.into(),
            },
            ["ballot", "--constant-time"] => Self::ConstantTime(Size::Full),
            ["ballot", "--constant-time", "--quick"] => Self::ConstantTime(Size::Small),
            ["ballot", "--record" | "--audit" | "--intake" | "--constant-time", ..] => {
                bail!(
                    "usage: ballot --record VOTERS --out DIR, --audit DIR..., --intake VOTERS --binary FILE, or \
                     --constant-time"
                )
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
            #[cfg(feature = "everything")]
            Self::Intake { voters, binary } => intake::measure(*voters, binary, Path::new("target")),
            Self::ConstantTime(size) => constant::check(*size),
        }
    }
}

/// Measures the rows of the group.
pub(crate) fn measure(report: &mut Report) {
    eprintln!("{}", native::features());
    rows::measure(report);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> anyhow::Result<Option<Task>> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Task::parse(&arguments)
    }

    #[test]
    fn tasks_are_told_from_rows() {
        let record = Task::Record { voters: 20, folder: "x".into() };
        assert_eq!(parse(&["ballot", "--record", "20", "--out", "x"]).unwrap(), Some(record));
        let folders = vec!["a".into(), "b".into()];
        assert_eq!(parse(&["ballot", "--audit", "a", "b"]).unwrap(), Some(Task::Audit(folders)));
        assert_eq!(parse(&["ballot", "--constant-time"]).unwrap(), Some(Task::ConstantTime(Size::Full)));
        for rows in [&["ballot"][..], &["ballot", "--json"], &["proof", "--record"], &[]] {
            assert_eq!(parse(rows).unwrap(), None, "{rows:?}");
        }
        for bad in [
            &["ballot", "--record", "x", "--out", "x"][..],
            &["ballot", "--record", "2"],
            &["ballot", "--audit"],
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
