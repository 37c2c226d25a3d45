//! `sinpyo vote trustee`

use super::Done;
use crate::{
    os::OsEntropy,
    say::Voice,
    vote::{
        machine::Cores,
        place::Place,
        rehearsal,
        trustee::{Passphrase, Program, TrusteeFolder},
    },
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde_json::json;
use sinpyo_voting::{audit::examine, form::to_hex, phase::Phase};
use std::path::PathBuf;

/// Options of a trustee's program.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote trustee --folder ~/trustee\n  sinpyo vote trustee --folder ~/trustee --invitation https://vote.example.kr/e/0123…/trustees/4f…\n  sinpyo vote trustee --folder ~/trustee --serve\n  sinpyo vote trustee --folder ~/trustee --shares-of record > shares.jsonl"
)]
pub(crate) struct Options {
    /// The trustee's folder, which nobody else may look into; it is made if there is none.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// File with the passphrase that the secrets are sealed under; without one they lie in a file that only its owner
    /// can read.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Accept this invitation first.
    #[arg(long, value_name = "URL")]
    invitation: Option<String>,
    /// Go on until the election has come this far.
    #[arg(long, value_enum)]
    until: Option<Until>,
    /// Go on until the result is there: as --until result.
    #[arg(long, conflicts_with = "until")]
    serve: bool,
    /// Print this trustee's shares of the sums of a record, one signed event a line, and post nothing.
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["invitation", "until", "serve"])]
    shares_of: Option<String>,
}

/// How far a trustee's program goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    /// Until the trustees have made the keys.
    Keys,
    /// Until the election is open.
    Open,
    /// Until the result is announced.
    Result,
}

impl Until {
    const fn phase(self) -> Phase {
        match self {
            Self::Keys => Phase::Registration,
            Self::Open => Phase::Open,
            Self::Result => Phase::Tallied,
        }
    }
}

pub(super) fn run(options: &Options, voice: Voice) -> Result<Done> {
    let passphrase = Passphrase::from_file(options.passphrase_file.as_deref())?;
    let mut folder = TrusteeFolder::open(&options.folder, passphrase)?;
    if let Some(place) = &options.shares_of {
        return shares(&mut folder, place, voice);
    }
    let key = to_hex(folder.signing_key()?.verifying_key().to_multikey().key());
    let sealing = to_hex(folder.box_key().as_bytes());
    let is_invited = folder.number().is_ok();
    let mut program = Program::new(folder, voice)?;
    let number = match &options.invitation {
        Some(invitation) => Some(program.accept(invitation)?),
        None => None,
    };
    let machine = json!({"ok": true, "key": key, "box": sealing, "number": number});
    let says = match number {
        Some(number) => format!("{} {number}", voice.pick("이 선거의 수탁자", "of this election trustee")),
        None => format!("{}: {key} {sealing}", voice.pick("공개 열쇠", "public keys")),
    };
    let until = options.until.or(options.serve.then_some(Until::Result));
    let Some(until) = until else {
        if number.is_none() && is_invited {
            // Once: whoever runs it by hand comes again.
            let look = program.look()?;
            let machine = json!({"ok": true, "phase": look.phase.as_str(), "posted": look.posted});
            voice.report(&machine, &format!("{}: {}", look.phase, look.posted));
        } else {
            voice.report(&machine, &says);
        }
        return Ok(Done::Accepted);
    };
    voice.tell(&says, &says);
    let phase = program.run(until.phase())?;
    voice.report(&json!({"ok": true, "phase": phase.as_str()}), phase.as_str());
    Ok(Done::Accepted)
}

fn shares(folder: &mut TrusteeFolder, place: &str, voice: Voice) -> Result<Done> {
    let record = Place::open(place)?;
    let seen = examine(&record, &Cores::all(voice), &mut OsEntropy)?;
    for event in rehearsal::shares(folder, &seen)? {
        println!("{}", String::from_utf8(event).context("an event is text")?);
    }
    Ok(Done::Accepted)
}
