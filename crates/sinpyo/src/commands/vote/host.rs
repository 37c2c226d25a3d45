//! `sinpyo vote election|ceremony|roll|close|tally`: the host's office, through the service's management interface.

use super::Done;
use crate::{
    files::{self, Access},
    os::OsEntropy,
    say::Voice,
    vote::{
        machine::Cores,
        office::{At, Office, Refused, summary},
        place::Place,
        rehearsal::{self, Opened},
        wire::Wire,
    },
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use sinpyo_voting::{audit::examine, event::Body};
use std::{fmt::Write as _, path::PathBuf};

const MAX_FILE: u64 = 16 << 20;

#[derive(Debug, Subcommand)]
pub(crate) enum ElectionCommand {
    /// Begin an election with a draft: JSON with `draft` and `trustees`; prints its address and the trustees' invitations.
    #[command(
        after_help = "Example:\n  sinpyo vote election new draft.json --at https://vote.example.kr --token-file voting/manage.token"
    )]
    New {
        /// The draft.
        draft: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Call the election: the draft becomes its manifest. All trustees must have accepted.
    Call(Which),
    /// Make the rings of the roll, once enough trustees have shown their beacon values.
    Rings(Which),
    /// Open the ballot box.
    Open(Which),
    /// A candidate withdraws; votes for it are still counted and shown.
    Withdraw {
        #[command(flatten)]
        which: Which,
        /// The contest's id.
        #[arg(long)]
        contest: String,
        /// The option's id.
        #[arg(long)]
        option: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Show where an election stands.
    Show {
        /// Its address, `https://…/e/<id>`.
        address: String,
    },
}

/// An election of a service.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The election's id: 64 hex digits.
    election: String,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote ceremony 0123… --at https://vote.example.kr --token-file voting/manage.token --next complaints\n  sinpyo vote ceremony 0123… --at https://vote.example.kr --token-file voting/manage.token --done"
)]
pub(crate) struct Ceremony {
    #[command(flatten)]
    which: Which,
    /// Go on to this step without those who do not answer.
    #[arg(long, value_enum, required_unless_present = "done")]
    next: Option<Next>,
    /// End the ceremony: registration begins.
    #[arg(long, conflicts_with = "next")]
    done: bool,
}

/// A step of the ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Next {
    /// Those who committed reveal.
    Reveal,
    /// Those who revealed deal.
    Shares,
    /// Those who were dealt badly complain.
    Complaints,
    /// Those complained against answer.
    Answers,
}

impl Next {
    const fn step(self) -> &'static str {
        match self {
            Self::Reveal => "next-reveal",
            Self::Shares => "next-shares",
            Self::Complaints => "next-complaints",
            Self::Answers => "next-answers",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RollCommand {
    /// Take the lines of a CSV file (columns district, label, and code if the office has its own) into the roll: all, or none.
    #[command(
        after_help = "Example:\n  sinpyo vote roll import 0123… roll.csv --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Import {
        #[command(flatten)]
        which: Which,
        /// The file.
        #[arg(long, value_name = "FILE")]
        csv: PathBuf,
    },
    /// Make the codes of all lines that have none, and write them into a file that nobody else can read. Only once.
    Codes {
        #[command(flatten)]
        which: Which,
        /// The file, as CSV.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take a line out of the roll.
    Strike {
        #[command(flatten)]
        which: Which,
        /// Its number.
        #[arg(long)]
        line: u32,
        /// Why; it stands in the record.
        #[arg(long)]
        reason: String,
    },
    /// End registration.
    Freeze(Which),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote tally 0123… --at https://vote.example.kr --token-file voting/manage.token\n  sinpyo vote tally --record record --shares one.jsonl --shares two.jsonl --shares three.jsonl"
)]
pub(crate) struct Tally {
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

pub(super) fn election(command: ElectionCommand, voice: Voice) -> Result<Done> {
    let which = match command {
        ElectionCommand::New { draft, at } => return new(&draft, &at, voice),
        ElectionCommand::Show { address } => return show(&address, voice),
        ElectionCommand::Withdraw { which, contest, option, reason } => {
            let body = json!({"contest": contest, "option": option, "reason": reason});
            return posted(&which, "withdraw", &body, voice);
        }
        ElectionCommand::Call(which) => (which, "call"),
        ElectionCommand::Rings(which) => (which, "rings"),
        ElectionCommand::Open(which) => (which, "open"),
    };
    let (which, step) = which;
    stepped(&which, step, voice)
}

pub(super) fn ceremony(options: &Ceremony, voice: Voice) -> Result<Done> {
    stepped(&options.which, options.next.map_or("done", Next::step), voice)
}

pub(super) fn close(which: &Which, voice: Voice) -> Result<Done> {
    stepped(which, "close", voice)
}

pub(super) fn roll(command: RollCommand, voice: Voice) -> Result<Done> {
    match command {
        RollCommand::Freeze(which) => stepped(&which, "freeze", voice),
        RollCommand::Strike { which, line, reason } => {
            posted(&which, "strike", &json!({"line": line, "reason": reason}), voice)
        }
        RollCommand::Import { which, csv } => {
            let office = Office::open(&which.at)?;
            let done = office.roll(&which.election, files::read(&csv, MAX_FILE)?);
            told(done, voice, |answer| {
                let lines = answer.get("lines").and_then(Value::as_u64).unwrap_or(0);
                format!("{} {lines}", voice.pick("명부의 줄", "lines of the roll:"))
            })
        }
        RollCommand::Codes { which, out } => {
            if out.exists() {
                bail!("{} exists already", out.display());
            }
            let office = Office::open(&which.at)?;
            let done = office.post(&format!("/{}/codes", which.election), &json!({}));
            let answer = match done {
                Ok(answer) => answer,
                refused @ Err(_) => return told(refused, voice, |_| String::new()),
            };
            let codes = answer.get("codes").and_then(Value::as_array).context("the service gave no codes")?;
            files::create(&out, sheet(codes)?.as_bytes(), Access::Private)?;
            let people = format!("{}: {}", voice.pick("코드", "codes"), codes.len());
            voice.report(&json!({"ok": true, "codes": codes.len()}), &people);
            Ok(Done::Accepted)
        }
    }
}

/// The codes as CSV.
fn sheet(codes: &[Value]) -> Result<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["line", "district", "label", "code"])?;
    for code in codes {
        let text = |name: &str| code.get(name).and_then(Value::as_str).unwrap_or_default();
        let line = code.get("line").and_then(Value::as_u64).unwrap_or(0).to_string();
        csv.write_record([&*line, text("district"), text("label"), text("code")])?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

pub(super) fn tally(options: &Tally, voice: Voice) -> Result<Done> {
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

fn new(draft: &std::path::Path, at: &At, voice: Voice) -> Result<Done> {
    let draft: Value =
        serde_json::from_slice(&files::read(draft, MAX_FILE)?).context("the draft is no JSON")?;
    let done = Office::open(at)?.post("", &draft);
    told(done, voice, |answer| {
        let id = answer.get("election").and_then(Value::as_str).unwrap_or_default();
        let mut people = format!("{}/e/{id}", at.at.trim_end_matches('/'));
        for link in answer.get("trustees").and_then(Value::as_array).into_iter().flatten() {
            let _ = write!(people, "\n{}", link.as_str().unwrap_or_default());
        }
        people
    })
}

fn show(address: &str, voice: Voice) -> Result<Done> {
    let summary = summary(&Wire::new()?, address.trim_end_matches('/'))?;
    let number = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or(0);
    let people = format!(
        "{} · {} {} · {} {} · {} {}",
        summary.get("phase").and_then(Value::as_str).unwrap_or_default(),
        voice.pick("기록", "entries"),
        number("size"),
        voice.pick("투표", "ballots"),
        number("ballots"),
        voice.pick("거부", "rejected"),
        number("rejected")
    );
    voice.report(&Value::Object(summary), &people);
    Ok(Done::Accepted)
}

fn stepped(which: &Which, step: &str, voice: Voice) -> Result<Done> {
    posted(which, &format!("steps/{step}"), &json!({}), voice)
}

fn posted(which: &Which, path: &str, body: &Value, voice: Voice) -> Result<Done> {
    let done = Office::open(&which.at)?.post(&format!("/{}/{path}", which.election), body);
    told(done, voice, |answer| answer.get("phase").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Reports what the service did; that it refused is no failure of this program.
fn told(
    done: Result<Map<String, Value>>,
    voice: Voice,
    says: impl FnOnce(&Map<String, Value>) -> String,
) -> Result<Done> {
    match done {
        Ok(answer) => {
            let people = says(&answer);
            let mut machine = answer;
            machine.insert("ok".to_owned(), Value::Bool(true));
            voice.report(&Value::Object(machine), &people);
            Ok(Done::Accepted)
        }
        Err(error) => match error.downcast::<Refused>() {
            Ok(Refused(problem)) => {
                voice.report(&json!({"ok": false, "problem": problem}), &problem);
                Ok(Done::Refused)
            }
            Err(error) => Err(error),
        },
    }
}
