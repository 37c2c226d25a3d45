//! `sinpyo accredit …`

use super::Done;
use crate::{cli::AccreditCommand, home::Home, office::Organisation, say::Voice};
use anyhow::{Context, Result};
use serde_json::json;
use sinpyo_core::{accreditation::Grant, claims::ClaimPath};
use std::collections::BTreeMap;

pub(crate) fn run(home: &Home, command: AccreditCommand, voice: Voice) -> Result<Done> {
    let (by, to, grant) = match command {
        AccreditCommand::Issue { by, to, profile } => {
            let types = profile.iter().map(|profile| Ok(home.profile(profile)?.credential_type().clone()));
            (by, to, Grant::Issue { types: types.collect::<Result<_>>()? })
        }
        AccreditCommand::Request { by, to, service, profile, claim } => {
            let profile = home.profile(&profile)?;
            let paths =
                claim.iter().map(|claim| Ok(claim.parse::<ClaimPath>()?)).collect::<Result<Vec<_>>>()?;
            let scope = BTreeMap::from([(profile.credential_type().clone(), paths)]);
            let service = service.parse().context("not a service code")?;
            (by, to, Grant::Request { service, scope })
        }
    };
    let (by, to) = (Organisation::load(home, &by)?, Organisation::load(home, &to)?);
    by.accredit(home, &to, grant)?;
    voice.report(
        &json!({"ok": true, "subject": to.did().as_str()}),
        &format!("{} {}", to.names.ko, voice.pick("등재됨", "accredited")),
    );
    Ok(Done::Accepted)
}
