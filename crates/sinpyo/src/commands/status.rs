//! `sinpyo status …`

use super::{Done, refuse};
use crate::{
    asking::Refusal,
    home::Home,
    issuing::{self, Desk},
    office::Organisation,
    say::Voice,
};
use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use sinpyo_core::status::CredentialStatus;
use sinpyo_issuer::StatusRefused;

#[derive(Debug, Subcommand)]
pub(crate) enum StatusCommand {
    /// Set the status of an issued credential.
    #[command(
        after_help = "Example:\n  sinpyo status set --issuer post --list https://… --index 4711 revoked"
    )]
    Set {
        /// Short name of the issuing organisation.
        #[arg(long)]
        issuer: String,
        /// The status list, as the credential names it.
        #[arg(long)]
        list: String,
        /// The entry, as the credential names it.
        #[arg(long)]
        index: u64,
        /// The new status.
        #[arg(value_enum)]
        status: NewStatus,
        /// JSON file of the profile, if it is not a bundled one.
        #[arg(long)]
        profile: Option<String>,
    },
}

/// A status that an issuer can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NewStatus {
    /// Valid again after a suspension.
    Valid,
    /// Revoked, for good.
    Revoked,
    /// Suspended until further notice.
    Suspended,
}

pub(crate) fn run(home: &Home, command: StatusCommand, voice: Voice) -> Result<Done> {
    let StatusCommand::Set { issuer, list, index, status, profile } = command;
    let organisation = Organisation::load(home, &issuer)?;
    let name = profile
        .as_deref()
        .or_else(|| issuing::profile_of(&list))
        .context("the list does not name a profile")?;
    let profile = home.profile(name)?;
    let status = match status {
        NewStatus::Valid => CredentialStatus::Valid,
        NewStatus::Revoked => CredentialStatus::Revoked,
        NewStatus::Suspended => CredentialStatus::Suspended,
    };
    match Desk::open(home, &organisation, (name, &profile))?.set_status(&list, index, status) {
        Ok(()) => {
            voice.report(
                &json!({"ok": true}),
                voice.pick("상태 목록을 게시했습니다", "the status list was published"),
            );
            Ok(Done::Accepted)
        }
        Err(error) => match error.downcast_ref::<StatusRefused>() {
            Some(refused) => Ok(refuse(voice, &Refusal::new(refused.code(), refused))),
            None => Err(error),
        },
    }
}
