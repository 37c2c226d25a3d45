//! `sinpyo status …`

use super::{Done, refuse};
use crate::{
    asking::Refusal,
    cli::{NewStatus, StatusCommand},
    home::Home,
    issuing::{self, Desk},
    office::Organisation,
    say::Voice,
};
use anyhow::{Context, Result};
use serde_json::json;
use sinpyo_core::status::CredentialStatus;
use sinpyo_issuer::StatusRefused;

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
