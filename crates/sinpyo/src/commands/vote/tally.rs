//! `sinpyo vote tally`

use super::{
    Done,
    host::{MAX_FILE, Which, stepped},
};
use crate::{
    files,
    os::OsEntropy,
    say::Voice,
    vote::{
        machine::Cores,
        office::At,
        place::Place,
        rehearsal::{self, Opened},
    },
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use sinpyo_voting::{audit::examine, event::Body};
use std::{fmt::Write as _, path::PathBuf};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote tally 0123… --at https://vote.example.kr --token-file voting/manage.token\n  sinpyo vote tally --record record --shares one.jsonl --shares two.jsonl --shares three.jsonl"
)]
pub(crate) struct Options {
    /// The election's id, to announce the result of.
    #[arg(required_unless_present = "record", requires_all = ["at", "token_file"])]
    election: Option<String>,
    /// The voting service.
    #[arg(long, value_name = "URL")]
    at: Option<String>,
    /// File with the token of its management interface.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Open the sums of this record beside the service, with the shares of the files alone.
    #[arg(long, value_name = "PLACE", conflicts_with = "election", requires = "shares")]
    record: Option<String>,
    /// Shares as `sinpyo vote trustee --shares-of` prints them; may be repeated.
    #[arg(long, value_name = "FILE")]
    shares: Vec<PathBuf>,
}

pub(super) fn run(options: &Options, voice: Voice) -> Result<Done> {
    if let Some(place) = &options.record {
        return rehearse(place, &options.shares, voice);
    }
    let (Some(election), Some(at), Some(token_file)) = (&options.election, &options.at, &options.token_file)
    else {
        bail!("an election with --at and --token-file, or --record with --shares");
    };
    let at = At { at: at.clone(), token_file: token_file.clone() };
    let which = Which { election: election.clone(), at };
    stepped(&which, "result", voice)
}

fn rehearse(place: &str, files: &[PathBuf], voice: Voice) -> Result<Done> {
    let mut events = Vec::new();
    for file in files {
        let text = String::from_utf8(files::read(file, MAX_FILE)?).context("shares are text")?;
        events.extend(text.lines().filter(|line| !line.is_empty()).map(|line| line.as_bytes().to_vec()));
    }
    let record = Place::open(place)?;
    let seen = examine(&record, &Cores::all(voice), &mut OsEntropy)?;
    let Opened { result, trustees, faults } = rehearsal::open(&seen, &events)?;
    let announced = seen.report.result.clone();
    let (opened, announced) = (result.map(Body::Result), announced.map(Body::Result));
    let counts = |body: &Option<Body>| body.as_ref().and_then(|body| body.to_json().get("groups").cloned());
    let is_same = opened.is_some() && (announced.is_none() || counts(&opened) == counts(&announced));
    let result = opened.map(|body| body.to_json());
    let machine = json!({"ok": is_same, "result": result, "trustees": trustees, "faults": faults});
    let mut people = String::new();
    for fault in &faults {
        // Writing to a string does not fail.
        let _ = writeln!(people, "{fault}");
    }
    match &result {
        Some(result) => people.push_str(&result.to_string()),
        None => people.push_str(voice.pick("집계할 수 없습니다", "the sums cannot be opened")),
    }
    voice.report(&machine, &people);
    Ok(if is_same { Done::Accepted } else { Done::Refused })
}
