//! `sinpyo request` and `sinpyo present`

use super::{Done, refuse};
use crate::{
    asking::{self, Refusal},
    files::{self, Access},
    holder,
    home::Home,
    office::Organisation,
    say::Voice,
    vault::Vault,
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};
use sinpyo_core::request::{ClaimQuery, CredentialQuery};
use sinpyo_wallet::Choice;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sinpyo request --verifier post --service post.login --profile K14 --claim identity_assured=true --out request.jwt"
)]
pub(crate) struct Request {
    /// Short name of the asking organisation.
    #[arg(long)]
    pub(crate) verifier: String,
    /// The service code.
    #[arg(long)]
    pub(crate) service: String,
    /// Profile id (K01…) or JSON file.
    #[arg(long)]
    pub(crate) profile: String,
    /// Claim to ask for, optionally with values that will do (JSON, separated by `|`); may be repeated.
    #[arg(long, value_name = "CLAIM[=VALUE|…]")]
    pub(crate) claim: Vec<String>,
    /// Where to write the request.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  sinpyo present --request request.jwt --out presentation.json")]
pub(crate) struct Present {
    /// The request.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// Where to write the presentation.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

pub(crate) fn request(home: &Home, options: &Request, voice: Voice) -> Result<Done> {
    let organisation = Organisation::load(home, &options.verifier)?;
    let profile = home.profile(&options.profile)?;
    let service = options.service.parse().context("not a service code")?;
    let claims = options.claim.iter().map(|claim| claim_query(claim)).collect::<Result<_>>()?;
    let query = CredentialQuery {
        id: "credential".to_owned(),
        types: vec![profile.credential_type().clone()],
        claims,
    };
    let wire = asking::ask(home, &organisation, &service, vec![query])?;
    files::replace(&options.out, wire.as_bytes(), Access::Public)?;
    voice.report(&json!({"ok": true}), &options.out.display().to_string());
    Ok(Done::Accepted)
}

/// `claim` or `claim=value|value`, where a value that is not JSON is text.
fn claim_query(text: &str) -> Result<ClaimQuery> {
    let (path, values) = text.split_once('=').unwrap_or((text, ""));
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    let values = if values.is_empty() { Vec::new() } else { values.split('|').map(value).collect() };
    Ok(ClaimQuery { path: path.parse().with_context(|| format!("{path} is no claim"))?, values })
}

pub(crate) fn present(home: &Home, options: &Present, voice: Voice) -> Result<Done> {
    let mut vault = match Vault::open(home.folder())? {
        Ok(vault) => vault,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let wire = files::read(&options.request, 1 << 20)?;
    let reviewed = match holder::review(home, &vault.wallet, wire.trim_ascii_end())? {
        Ok(reviewed) => reviewed,
        Err(refusal) => return Ok(refuse(voice, &refusal)),
    };
    tell_choice(home, &reviewed.choice, voice);
    let answer = match reviewed.agree(&mut vault.wallet, home.now()) {
        Ok(answer) => answer,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    // A crash between the two leaves a record of something not shown, never the reverse.
    vault.save()?;
    files::replace(&options.out, &answer, Access::Private)?;
    voice.report(&json!({"ok": true}), &options.out.display().to_string());
    Ok(Done::Accepted)
}

/// Shows the holder who asks, what would be shown and what stays hidden.
fn tell_choice(home: &Home, choice: &Choice, voice: Voice) {
    if let Some(asker) = choice.accredited() {
        let who = voice.pick(&asker.name.ko, &asker.name.en);
        eprintln!("{}: {who} ({})", voice.pick("요청", "asked by"), asker.service);
    }
    for answer in choice.answers() {
        let profile = home.catalogue.by_type(&answer.chosen().kind);
        let name = |path: &sinpyo_core::claims::ClaimPath| {
            let display = profile.and_then(|profile| Some(&profile.claim(&path.to_string())?.display));
            display
                .map_or_else(|| path.to_string(), |display| voice.pick(&display.ko, &display.en).to_owned())
        };
        let list = |paths: &[_]| paths.iter().map(name).collect::<Vec<_>>().join(", ");
        eprintln!("  {}: {}", voice.pick("제출", "shown"), list(answer.asked()));
        eprintln!("  {}: {}", voice.pick("비공개", "hidden"), list(&answer.chosen().hidden));
    }
}
