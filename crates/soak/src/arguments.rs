//! What the caller wants.

use crate::sabotage::Sabotage;
use anyhow::{Context as _, Result, bail, ensure};
use std::{path::PathBuf, str::FromStr, time::Duration};

/// How the soak is run.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// How long clients submit.
    pub(crate) length: Duration,
    /// Where the log lives.
    pub(crate) engine: Engine,
    /// How the log is damaged behind the server's back; `None`: not at all.
    pub(crate) sabotage: Option<Sabotage>,
    /// Decides which faults happen when, and what clients submit.
    pub(crate) seed: u64,
    /// How many submit at the same time.
    pub(crate) clients: u32,
    /// The program `sinpyo`.
    pub(crate) binary: PathBuf,
    /// Where files are made.
    pub(crate) folder: PathBuf,
    /// Print the report as JSON.
    pub(crate) json: bool,
}

/// An engine of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// One file on one machine.
    Sqlite,
    /// A primary and two standbys.
    Postgres,
}

impl Engine {
    /// As on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// A word is not understood, or one that must be there is not.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        ensure!(words.next().as_deref() == Some("ledger"), "{USAGE}");
        let mut parsed = Self {
            length: Duration::from_mins(1),
            engine: Engine::Sqlite,
            sabotage: None,
            seed: 0,
            clients: 8,
            binary: PathBuf::new(),
            folder: "target".into(),
            json: false,
        };
        while let Some(word) = words.next() {
            if word == "--json" {
                parsed.json = true;
                continue;
            }
            let value = words.next().with_context(|| format!("{word} needs a value\n{USAGE}"))?;
            match word.as_str() {
                "--minutes" => parsed.length = minutes(&value)?,
                "--engine" => parsed.engine = engine(&value)?,
                "--sabotage" => parsed.sabotage = Some(sabotage(&value)?),
                "--seed" => parsed.seed = number(&word, &value)?,
                "--clients" => parsed.clients = number(&word, &value)?,
                "--binary" => parsed.binary = value.into(),
                "--dir" => parsed.folder = value.into(),
                _ => bail!("not understood: {word}\n{USAGE}"),
            }
        }
        ensure!((2..=64).contains(&parsed.clients), "--clients takes 2 to 64");
        ensure!(parsed.binary.is_file(), "--binary names no file");
        ensure!(
            parsed.sabotage.is_none() || parsed.engine == Engine::Sqlite,
            "--sabotage damages a file: it goes with --engine sqlite"
        );
        Ok(parsed)
    }
}

const USAGE: &str = "usage: sinpyo-soak ledger --binary FILE [--minutes N] [--engine sqlite|postgres] \
                     [--sabotage lose|double|fork] [--seed N] [--clients N] [--dir DIR] [--json]";

fn number<N: FromStr>(word: &str, text: &str) -> Result<N> {
    text.parse().ok().with_context(|| format!("{word} takes a whole number, not: {text}"))
}

fn minutes(text: &str) -> Result<Duration> {
    let length = text.parse().ok().and_then(|minutes: f64| Duration::try_from_secs_f64(minutes * 60.0).ok());
    let sensible = Duration::from_secs(5)..=Duration::from_hours(24);
    length.filter(|length| sensible.contains(length)).context("--minutes takes 0.1 to 1440")
}

fn engine(text: &str) -> Result<Engine> {
    let known = [Engine::Sqlite, Engine::Postgres].into_iter().find(|engine| engine.name() == text);
    known.context("--engine takes sqlite or postgres")
}

fn sabotage(text: &str) -> Result<Sabotage> {
    let known = Sabotage::ALL.into_iter().find(|sabotage| sabotage.name() == text);
    known.context("--sabotage takes lose, double or fork")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments> {
        Arguments::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn everything_can_be_said() {
        let binary = std::env::current_exe().unwrap();
        let binary = binary.to_str().unwrap();
        let words = ["ledger", "--minutes", "10", "--sabotage", "fork", "--seed", "7", "--json", "--binary"];
        let parsed = parse(&[&words[..], &[binary]].concat()).unwrap();
        assert_eq!((parsed.length, parsed.seed, parsed.json), (Duration::from_mins(10), 7, true));
        assert_eq!((parsed.engine, parsed.sabotage), (Engine::Sqlite, Some(Sabotage::Fork)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let binary = std::env::current_exe().unwrap();
        let complete = ["ledger", "--binary", binary.to_str().unwrap()];
        assert!(parse(&complete).is_ok());
        for more in [
            &["--minutes"][..],
            &["--minutes", "-1"],
            &["--minutes", "0"],
            &["--minutes", "NaN"],
            &["--engine", "flat"],
            &["--sabotage", "loose"],
            &["--clients", "1"],
            &["--jsom", "1"],
            &["--engine", "postgres", "--sabotage", "lose"],
        ] {
            assert!(parse(&[&complete[..], more].concat()).is_err(), "{more:?}");
        }
        assert!(parse(&["registry"]).is_err());
        assert!(parse(&["ledger"]).is_err());
    }
}
