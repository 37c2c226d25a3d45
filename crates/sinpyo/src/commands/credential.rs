//! `sinpyo credential …`

use super::{Done, refuse};
use crate::{
    asking::Refusal,
    files::{self, Access},
    home::Home,
    issuing::Desk,
    office::Organisation,
    say::Voice,
};
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Value, json};
use sinpyo_core::{claims::ClaimStep, json, jwk::PublicJwk};
use sinpyo_proof::{jws::Typ, sd_jwt::Holding};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Issue a credential to a holder's key.
    #[command(
        after_help = "Example:\n  sinpyo wallet key --profile K14 > key.json\n  sinpyo credential issue --issuer post --profile K14 --claims claims.json --holder key.json --out k14.sd-jwt"
    )]
    Issue {
        /// Short name of the issuing organisation.
        #[arg(long)]
        issuer: String,
        /// Profile id (K01…) or JSON file.
        #[arg(long)]
        profile: String,
        /// JSON object with the claims.
        #[arg(long, value_name = "FILE")]
        claims: PathBuf,
        /// The holder's public JWK, as `sinpyo wallet key` prints it.
        #[arg(long, value_name = "FILE")]
        holder: PathBuf,
        /// Where to write the credential.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show what a credential says, without verifying it.
    #[command(after_help = "Example:\n  sinpyo credential inspect k14.sd-jwt")]
    Inspect {
        /// The credential.
        file: PathBuf,
    },
}

/// Longest file that is read here.
const MAX_FILE: u64 = 1 << 20;

pub(crate) fn run(open: impl Fn() -> Result<Home>, command: CredentialCommand, voice: Voice) -> Result<Done> {
    match command {
        CredentialCommand::Inspect { file } => inspect(&file, voice),
        CredentialCommand::Issue { issuer, profile, claims, holder, out } => {
            let home = open()?;
            let (issuer, name) = (Organisation::load(&home, &issuer)?, profile);
            let profile = home.profile(&name)?;
            let claims = json::parse_object(&files::read(&claims, MAX_FILE)?)
                .context("the claims are no JSON object")?;
            let holder = json::parse_object(&files::read(&holder, MAX_FILE)?)
                .context("the holder's key is no JSON object")?;
            let holder = PublicJwk::from_members(holder).context("the holder's key is refused")?;
            let mut desk = Desk::open(&home, &issuer, (&name, &profile))?;
            let issued = match desk.issue(&claims, &holder, None) {
                Ok(issued) => issued,
                Err(error) => return refused_by_issuer(error, voice),
            };
            desk.publish()?;
            files::replace(&out, issued.wire.as_bytes(), Access::Private)?;
            let people =
                format!("{} → {}", voice.pick(&profile.name().ko, &profile.name().en), out.display());
            voice.report(&json!({"ok": true, "type": profile.credential_type().as_str()}), &people);
            Ok(Done::Accepted)
        }
    }
}

/// A claim that the profile does not admit is a refusal; a key store that does not work is not.
fn refused_by_issuer(error: anyhow::Error, voice: Voice) -> Result<Done> {
    match error.downcast_ref::<sinpyo_issuer::IssueError>() {
        Some(refused) => Ok(refuse(voice, &Refusal::new(refused.code(), refused))),
        None => Err(error),
    }
}

/// Shows what a credential says, to its holder. Nothing is verified.
fn inspect(file: &Path, voice: Voice) -> Result<Done> {
    let wire = String::from_utf8(files::read(file, MAX_FILE)?).context("the credential is no text")?;
    let holding = match Holding::parse(wire.trim_end(), &[Typ::SD_JWT_VC]) {
        Ok(holding) => holding,
        Err(error) => return Ok(refuse(voice, &Refusal::new(error.code(), &error))),
    };
    let hidden: Value = holding.hidden().filter_map(<[ClaimStep]>::first).map(step).collect();
    let claims = Value::Object(holding.claims().clone());
    let note = voice.pick("서명은 확인하지 않았습니다", "the signature was not checked");
    voice.report(&json!({"ok": true, "claims": claims, "selective": hidden}), &format!("{claims:#}\n{note}"));
    Ok(Done::Accepted)
}

fn step(step: &ClaimStep) -> Value {
    match step {
        ClaimStep::Name(name) => json!(name),
        ClaimStep::Index(index) => json!(index),
        ClaimStep::Every => Value::Null,
    }
}
