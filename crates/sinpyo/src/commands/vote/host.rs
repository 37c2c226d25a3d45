//! `sinpyo vote election|ceremony|close`: the host's office, through the service's management interface.

use super::Done;
use crate::{
    files,
    say::Voice,
    vote::{
        office::{At, Office, Refused, number, summary, text},
        wire::Wire,
    },
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Longest file that a command of the office reads.
pub(super) const MAX_FILE: u64 = 16 << 20;

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
    #[command(
        after_help = "Example:\n  sinpyo vote election call 0123… --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Call(Which),
    /// Make the rings of the roll, once enough trustees have shown their beacon values.
    #[command(
        after_help = "Example:\n  sinpyo vote election rings 0123… --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Rings(Which),
    /// Open the ballot box.
    #[command(
        after_help = "Example:\n  sinpyo vote election open 0123… --at https://vote.example.kr --token-file voting/manage.token"
    )]
    Open(Which),
    /// A candidate withdraws; votes for it are still counted and shown.
    #[command(
        after_help = "Example:\n  sinpyo vote election withdraw 0123… --contest chair --option kim --reason 사퇴 --at https://vote.example.kr --token-file voting/manage.token"
    )]
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
    #[command(after_help = "Example:\n  sinpyo vote election show https://vote.example.kr/e/0123…")]
    Show {
        /// Its address, `https://…/e/<id>`.
        address: String,
    },
}

/// An election of a service.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The election's id: the 64 hex digits at the end of its address.
    pub(super) election: String,
    #[command(flatten)]
    pub(super) at: At,
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

fn new(draft: &Path, at: &At, voice: Voice) -> Result<Done> {
    let read = files::read(draft, MAX_FILE)?;
    let draft: Value =
        serde_json::from_slice(&read).with_context(|| format!("{} is no JSON", draft.display()))?;
    let done = Office::open(at)?.post("", &draft);
    told(done, voice, |answer| {
        let mut people = format!("{}/e/{}", at.at.trim_end_matches('/'), text(answer, "election")?);
        let links = answer.get("trustees").and_then(Value::as_array);
        for link in links.context("the service's answer has no trustees")? {
            people.push('\n');
            people.push_str(link.as_str().context("an invitation is no text")?);
        }
        Ok(people)
    })
}

fn show(address: &str, voice: Voice) -> Result<Done> {
    let summary = summary(&Wire::new()?, address.trim_end_matches('/'))?;
    let people = format!(
        "{} · {} {} · {} {} · {} {}",
        text(&summary, "phase")?,
        voice.pick("기록", "entries"),
        number(&summary, "size")?,
        voice.pick("투표", "ballots"),
        number(&summary, "ballots")?,
        voice.pick("거부", "rejected"),
        number(&summary, "rejected")?
    );
    voice.report(&Value::Object(summary), &people);
    Ok(Done::Accepted)
}

pub(super) fn stepped(which: &Which, step: &str, voice: Voice) -> Result<Done> {
    posted(which, &format!("steps/{step}"), &json!({}), voice)
}

pub(super) fn posted(which: &Which, path: &str, body: &Value, voice: Voice) -> Result<Done> {
    let done = Office::open(&which.at)?.post(&format!("/{}/{path}", which.election), body);
    told(done, voice, |answer| Ok(text(answer, "phase")?.to_owned()))
}

/// Reports what the service did; that it refused is no failure of this program.
pub(super) fn told(
    done: Result<Map<String, Value>>,
    voice: Voice,
    says: impl FnOnce(&Map<String, Value>) -> Result<String>,
) -> Result<Done> {
    match done {
        Ok(answer) => {
            let people = says(&answer)?;
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
