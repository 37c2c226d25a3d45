//! What the caller wants.

use anyhow::{Context as _, Result, bail, ensure};
use sinpyo_load::town::Engine;
use std::{path::PathBuf, str::FromStr, time::Duration};

/// How the services are driven.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) drive: Drive,
    /// Where the services keep their state.
    pub(crate) engine: Engine,
    /// The program `sinpyo`.
    pub(crate) binary: PathBuf,
    /// Print the report as JSON.
    pub(crate) json: bool,
}

/// What is done to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drive {
    /// Flows begin at a rate.
    Load {
        /// Wallets; as many flows can be under way.
        wallets: u16,
        /// How long flows begin.
        length: Duration,
        /// Flows a second.
        rate: u32,
    },
    /// What works once is tried by 100 at the same time, so many times.
    Races(u32),
    /// The servers are killed while so many flows are under way.
    Kill(u64),
}

const USAGE: &str = "usage: sinpyo-load openid --binary FILE [--wallets N] [--seconds N] [--rate N] \
                     [--races ROUNDS | --kill FLOWS] [--database URL|postgres|sqlite] [--json]";

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// A word is not understood, or one that must be there is not.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        ensure!(words.next().as_deref() == Some("openid"), "{USAGE}");
        let (mut wallets, mut seconds, mut rate) = (200, 60, 100);
        let (mut races, mut kill, mut engine) = (None, None, None);
        let mut parsed =
            Self { drive: Drive::Races(0), engine: Engine::Sqlite, binary: PathBuf::new(), json: false };
        while let Some(word) = words.next() {
            if word == "--json" {
                parsed.json = true;
                continue;
            }
            let value = words.next().with_context(|| format!("{word} needs a value\n{USAGE}"))?;
            match word.as_str() {
                "--wallets" => wallets = number(&word, &value)?,
                "--seconds" => seconds = number(&word, &value)?,
                "--rate" => rate = number(&word, &value)?,
                "--races" => races = Some(number(&word, &value)?),
                "--kill" => kill = Some(number(&word, &value)?),
                "--database" if value == "postgres" => engine = Some(Engine::Cluster),
                "--database" if value == "sqlite" => engine = Some(Engine::Sqlite),
                "--database" => engine = Some(Engine::Database(value)),
                "--binary" => parsed.binary = value.into(),
                _ => bail!("not understood: {word}\n{USAGE}"),
            }
        }
        ensure!(parsed.binary.is_file(), "--binary names no file");
        parsed.drive = match (races, kill) {
            (None, None) => Drive::Load { wallets, length: Duration::from_secs(seconds), rate },
            (Some(rounds), None) => Drive::Races(rounds),
            (None, Some(flows)) => Drive::Kill(flows),
            (Some(_), Some(_)) => bail!("--races and --kill are two things\n{USAGE}"),
        };
        parsed.drive.check()?;
        // A file is one process's: nodes that race share a database.
        let usual = if races.is_some() { Engine::Cluster } else { Engine::Sqlite };
        parsed.engine = engine.unwrap_or(usual);
        Ok(parsed)
    }
}

impl Drive {
    fn check(self) -> Result<()> {
        match self {
            Self::Load { wallets, length, rate } => {
                ensure!((1..=2000).contains(&wallets), "--wallets takes 1 to 2000");
                ensure!((1..=3600).contains(&length.as_secs()), "--seconds takes 1 to 3600");
                ensure!((1..=10_000).contains(&rate), "--rate takes 1 to 10000");
            }
            Self::Races(rounds) => ensure!((1..=10_000).contains(&rounds), "--races takes 1 to 10000"),
            Self::Kill(flows) => ensure!((10..=100_000).contains(&flows), "--kill takes 10 to 100000"),
        }
        Ok(())
    }
}

fn number<N: FromStr>(word: &str, text: &str) -> Result<N> {
    text.parse().ok().with_context(|| format!("{word} takes a whole number, not: {text}"))
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
        let complete = ["openid", "--binary", binary.to_str().unwrap()];
        let length = Duration::from_mins(1);
        let plain = parse(&complete).unwrap();
        assert_eq!(plain.drive, Drive::Load { wallets: 200, length, rate: 100 });
        assert_eq!((plain.engine, plain.json), (Engine::Sqlite, false));
        let words = ["--wallets", "20", "--seconds", "6", "--rate", "7", "--database", "postgres", "--json"];
        let all = parse(&[&complete[..], &words].concat()).unwrap();
        assert_eq!(all.drive, Drive::Load { wallets: 20, length: Duration::from_secs(6), rate: 7 });
        assert_eq!((all.engine, all.json), (Engine::Cluster, true));
        let races = parse(&[&complete[..], &["--races", "200", "--database", "host=x"]].concat()).unwrap();
        assert_eq!((races.drive, races.engine), (Drive::Races(200), Engine::Database("host=x".to_owned())));
        assert_eq!(parse(&[&complete[..], &["--races", "1"]].concat()).unwrap().engine, Engine::Cluster);
        let one_node = parse(&[&complete[..], &["--races", "1", "--database", "sqlite"]].concat()).unwrap();
        assert_eq!(one_node.engine, Engine::Sqlite);
        assert_eq!(parse(&[&complete[..], &["--kill", "1000"]].concat()).unwrap().drive, Drive::Kill(1000));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let binary = std::env::current_exe().unwrap();
        let complete = ["openid", "--binary", binary.to_str().unwrap()];
        for more in [
            &["--wallets"][..],
            &["--wallets", "0"],
            &["--seconds", "-1"],
            &["--rate", "NaN"],
            &["--rate", "0"],
            &["--races", "0"],
            &["--kill", "1"],
            &["--races", "1", "--kill", "10"],
            &["--jsom", "1"],
        ] {
            assert!(parse(&[&complete[..], more].concat()).is_err(), "{more:?}");
        }
        assert!(parse(&["ledger"]).is_err());
        assert!(parse(&["openid"]).is_err());
    }
}
