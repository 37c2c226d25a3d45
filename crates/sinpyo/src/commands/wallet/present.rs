//! `sinpyo wallet present`

use super::super::{Done, refuse};
use crate::{
    asking::Refusal,
    cli::Global,
    files::{self, Access},
    os::OsEntropy,
    pocket::{self, Pocket, walk::Walk},
    say::Voice,
    service::world::{Installation, World},
    vault::Vault,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use sinpyo_wallet::{Choice, HeldId};
use sinpyo_wallet_app::{
    Claimant, Decision, Inquiry, Present as Flow, PresentOutcome, Silence, misbehave::Misbehaviour,
};
use std::{
    io::{BufRead as _, IsTerminal as _},
    path::PathBuf,
};

/// Options of `sinpyo wallet present`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub(crate) struct Present {
    /// The link, as a page shows it or a QR code holds it; or a request of `sinpyo request`.
    link: String,
    /// Show what is asked for, without asking again.
    #[arg(long, conflicts_with = "decline")]
    yes: bool,
    /// Show nothing, and send nothing.
    #[arg(long)]
    decline: bool,
    /// Tell the verifier that access was denied.
    #[arg(long, requires = "decline")]
    tell: bool,
    /// Show this credential, by its name in the list, in place of another that would do; may be repeated.
    #[arg(long, value_name = "NAME")]
    credential: Vec<u64>,
    /// Where to write an answer that the holder carries.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Reach verifiers on this machine by plain http.
    #[arg(long)]
    development: bool,
    /// Do one thing wrong, to test verifiers: nonce, audience, wrong-sd-hash, replay, …
    #[arg(long, value_name = "FAULT")]
    misbehave: Option<Misbehaviour>,
}

pub(super) fn run(global: &Global, options: &Present, voice: Voice) -> Result<Done> {
    let mut vault = match Vault::open(&global.home)? {
        Ok(vault) => vault,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let (reach, rules) = pocket::rules(&global.home, options.development)?;
    let pocket = Pocket::new(World::new(Installation::of(global), reach)?, rules.issuer_roots.clone())?;
    let mut flow = match Flow::begin(&options.link, &rules) {
        Ok(flow) => flow,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    if let Some(fault) = options.misbehave {
        flow = flow.misbehaving(fault);
    }
    let walk = Walk { pocket: &pocket, vault: &mut vault, rules: &rules, callback: None };
    let ended = walk.present(&mut flow, |flow, world| {
        let choice = match flow.review(world) {
            Ok(choice) => choice,
            Err(error) => return Ok(Err(error)),
        };
        let inquiry = flow.inquiry().context("nobody asks")?;
        tell(inquiry, &choice, voice);
        if options.decline || !(options.yes || consents(voice)?) {
            let silence = if options.tell { Silence::Told } else { Silence::Complete };
            return Ok(flow.decline(silence, &mut OsEntropy));
        }
        let copies = options.credential.iter().map(|number| HeldId::new(*number)).collect();
        Ok(flow.agree(&Decision { copies, ..Decision::default() }, world))
    })?;
    match ended {
        Ok(outcome) => report(outcome, options, voice),
        Err(refusal) => Ok(refuse(voice, &refusal)),
    }
}

/// Whether the holder, who has seen what would be shown, wants to.
fn consents(voice: Voice) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody is there to agree: --yes or --decline");
    }
    eprint!("{} ", voice.pick("제출할까요? [y/N]", "show this? [y/N]"));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("no answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "예" | "네"))
}

/// Shows the holder who asks, why, what would be shown and what stays hidden.
fn tell(inquiry: &Inquiry, choice: &Choice, voice: Voice) {
    let by = match inquiry.claimant() {
        Claimant::Address(name)
        | Claimant::Host(name)
        | Claimant::Certificate(name)
        | Claimant::Origin(name)
        | Claimant::Attested { name, .. } => name.clone(),
        Claimant::Did(did) => did.to_string(),
    };
    match choice.accredited() {
        Some(asker) => {
            let name = voice.pick(&asker.name.ko, &asker.name.en);
            eprintln!("{}: {name} ({})", voice.pick("요청 기관", "asked by"), asker.service);
        }
        None => eprintln!("{}: {by}", voice.pick("요청 (등록되지 않음)", "asked by (not registered)")),
    }
    if let Some(purpose) = inquiry.purpose() {
        eprintln!("{}: {}", voice.pick("밝힌 목적", "says why"), voice.pick(&purpose.ko, &purpose.en));
    }
    for answer in choice.answers() {
        let list = |paths: &[sinpyo_core::claims::ClaimPath]| {
            paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        eprintln!("  {}: {}", voice.pick("제출", "shown"), list(answer.asked()));
        eprintln!("  {}: {}", voice.pick("비공개", "hidden"), list(&answer.chosen().hidden));
    }
}

fn report(outcome: PresentOutcome, options: &Present, voice: Voice) -> Result<Done> {
    let (machine, people): (Value, String) = match outcome {
        PresentOutcome::Sent(next) => {
            let next = next.map(|next| next.as_str().to_owned());
            let people = next.clone().unwrap_or_else(|| voice.pick("보냈습니다", "sent").to_owned());
            (json!({"ok": true, "outcome": "sent", "redirect_uri": next}), people)
        }
        PresentOutcome::Carried(answer) => {
            let out = options.out.as_ref().context("the answer needs a file: --out FILE")?;
            files::replace(out, &answer, Access::Private)?;
            (json!({"ok": true, "outcome": "carried"}), out.display().to_string())
        }
        PresentOutcome::Declined => declined("declined", voice),
        PresentOutcome::DeclinedAloud => declined("declined_aloud", voice),
    };
    voice.report(&machine, &people);
    Ok(Done::Accepted)
}

fn declined(outcome: &str, voice: Voice) -> (Value, String) {
    let people = voice.pick("거절했습니다", "declined").to_owned();
    (json!({"ok": true, "outcome": outcome}), people)
}
