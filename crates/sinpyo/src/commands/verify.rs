//! `sinpyo verify`

use super::{Done, ledger::trusted, refuse};
use crate::{
    asking::{self, Verdict},
    case::Case,
    facts::{Facts, Source},
    files,
    home::Home,
    online::Online,
    say::Voice,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Map, Value, json};
use sinpyo_tlog::note::LogKey;
use sinpyo_verifier::Accepted;
use std::{
    io::{BufRead as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo verify --request request.jwt --presentation presentation.json\n  sinpyo verify --case out/cases/N4 --log-key out/log.vkey\n  printf 'request.jwt\\tpresentation.json\\n' | sinpyo verify --stream --registry https://ledger.example.kr/"
)]
pub(crate) struct Verify {
    /// The request, as the verifier signed it.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["case", "stream"], conflicts_with = "case")]
    pub(crate) request: Option<PathBuf>,
    /// The presentation.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["case", "stream"], conflicts_with = "case")]
    pub(crate) presentation: Option<PathBuf>,
    /// Go on: read lines of two file names, request and presentation, with a tab between them, from standard input, and
    /// answer each with a line of JSON. What was looked up is kept for half of --freshness, and may be half as old when it is.
    #[arg(long, conflicts_with_all = ["case", "request", "presentation"])]
    pub(crate) stream: bool,
    /// Folder with request, presentation, checkpoint and proof: nothing else is consulted.
    #[arg(long, value_name = "DIR")]
    pub(crate) case: Option<PathBuf>,
    /// The log's public key, as a C2SP verifier key; or give --policy, with witnesses.
    #[arg(long, value_name = "FILE")]
    pub(crate) log_key: Option<PathBuf>,
    /// Fetch status lists that are not in the home folder, by https from public hosts.
    #[arg(long)]
    pub(crate) online: bool,
}

/// Longest presentation or request that is read.
const MAX_FILE: u64 = 4 << 20;

pub(crate) fn run(
    open: impl Fn() -> Result<Home>,
    (options, policy): (&Verify, Option<&Path>),
    voice: Voice,
) -> Result<Done> {
    let (verdict, basis) = match &options.case {
        Some(folder) => {
            let trusted = trusted(options.log_key.as_deref(), policy)?;
            let mut case = Case::read(folder)?;
            (case.examine(&trusted)?, Some(case.basis(&trusted)))
        }
        None => (live(&open()?, options)?, None),
    };
    if let Some(basis) = &basis {
        eprintln!("{}", basis.describe(voice));
    }
    match verdict {
        Verdict::Accepted(accepted) => {
            let disclosed = disclosed(&accepted);
            let people = format!("{}\n{disclosed:#}", voice.pick("확인되었습니다", "accepted"));
            let mut result = json!({"ok": true, "code": "ok", "disclosed": disclosed});
            if let (Some(basis), Value::Object(members)) = (basis, &mut result) {
                let witnessed = basis.witnessed_at.map(|at| at.to_string());
                let evidence = json!({"at": basis.at.to_string(), "ledger_size": basis.size,
                    "newest": basis.newest, "witnessed_at": witnessed});
                members.insert("evidence".into(), evidence);
            }
            voice.report(&result, &people);
            Ok(Done::Accepted)
        }
        Verdict::Refused(refusal) => Ok(refuse(voice, &refusal)),
    }
}

fn live(home: &Home, options: &Verify) -> Result<Verdict> {
    let path = |path: &Option<PathBuf>| path.clone().context("a request and a presentation are needed");
    let files = (path(&options.request)?, path(&options.presentation)?);
    let online = Online::new(home)?;
    let source: &dyn Source = if options.online { &online } else { home };
    examine(home, (&files.0, &files.1), &mut Facts::new(source, home.trust()?, home.now()))
}

fn examine(home: &Home, (request, answer): (&Path, &Path), facts: &mut Facts<'_>) -> Result<Verdict> {
    let request = String::from_utf8(files::read(request, MAX_FILE)?).context("the request is no text")?;
    let answer = files::read(answer, MAX_FILE)?;
    asking::examine(home, request.trim_end(), &answer, facts)
}

/// Answers one line of standard input after the other. What was looked up is relied on for `keep`, and no longer.
pub(crate) fn stream(home: &Home, options: &Verify, keep: Duration) -> Result<Done> {
    let online = Online::new(home)?;
    let source: &dyn Source = if options.online { &online } else { home };
    let mut kept: Option<(Instant, Facts<'_>)> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.context("standard input is no text")?;
        if kept.as_ref().is_some_and(|(since, _)| since.elapsed() >= keep) {
            kept = None; // [CLI-19]
        }
        let verdict = verdict_of(home, &line, &mut kept, source);
        let told = match verdict {
            Ok(Verdict::Accepted(accepted)) => {
                json!({"ok": true, "code": "ok", "disclosed": disclosed(&accepted)})
            }
            Ok(Verdict::Refused(refusal)) => json!({"ok": false, "code": refusal.code}),
            Err(error) => json!({"ok": false, "error": format!("{error:#}")}),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{told}").and_then(|()| out.flush()).context("nobody reads the answers")?;
    }
    Ok(Done::Accepted)
}

fn verdict_of<'a>(
    home: &'a Home,
    line: &str,
    kept: &mut Option<(Instant, Facts<'a>)>,
    source: &'a dyn Source,
) -> Result<Verdict> {
    let (request, answer) =
        line.split_once('\t').context("a line has two file names, with a tab between them")?;
    let (_, facts) = if let Some(kept) = kept {
        kept
    } else {
        // The clock starts before the first question is asked.
        let since = Instant::now();
        home.look_again()?;
        kept.insert((since, Facts::new(source, home.trust()?, home.now())))
    };
    examine(home, (Path::new(request), Path::new(answer)), facts)
}

/// The log key in a file.
pub(crate) fn read_log_key(path: &Path) -> Result<LogKey> {
    let text = String::from_utf8(files::read(path, 4096)?).context("the log key is no text")?;
    text.trim().parse().with_context(|| format!("{} holds no log key", path.display()))
}

/// What an accepted presentation shows, for the service that asked.
pub(crate) fn disclosed(accepted: &Accepted) -> Value {
    let shown: Map<String, Value> = accepted
        .credentials()
        .map(|(query, credential)| (query.to_owned(), Value::Object(credential.claims().clone())))
        .collect();
    Value::Object(shown)
}
