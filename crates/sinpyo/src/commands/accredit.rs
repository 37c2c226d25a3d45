//! `sinpyo accredit …`

use super::Done;
use crate::{
    cli::{AccreditCommand, RightStatus, To},
    home::Home,
    office::{Organisation, Subject, wait_past},
    say::Voice,
};
use anyhow::{Context, Result, bail};
use serde_json::json;
use sinpyo_core::{
    accreditation::{Grant, LocalizedName, Right},
    claims::{ClaimPath, nfc},
    credential::CredentialType,
    did::Did,
    resolved::VersionSelector,
};
use sinpyo_registry::accreditation::AccreditationStatus;
use std::collections::BTreeMap;

pub(crate) fn run(home: &Home, command: AccreditCommand, voice: Voice) -> Result<Done> {
    let (by, to, grant) = match command {
        AccreditCommand::Issue { by, to, profile } => {
            (by, to, Grant::Issue { types: types(home, &profile)? })
        }
        AccreditCommand::Accreditor { by, to, profile } => {
            (by, to, Grant::Accredit { types: types(home, &profile)? })
        }
        AccreditCommand::Request { by, to, service, profile, claim } => {
            let profile = home.profile(&profile)?;
            let paths =
                claim.iter().map(|claim| Ok(claim.parse::<ClaimPath>()?)).collect::<Result<Vec<_>>>()?;
            let scope = BTreeMap::from([(profile.credential_type().clone(), paths)]);
            let service = service.parse().context("not a service code")?;
            (by, to, Grant::Request { service, scope })
        }
        AccreditCommand::Status { by, to, profile, service, status } => {
            let right = match (profile, service) {
                (Some(profile), _) => Right::Issue(home.profile(&profile)?.credential_type().clone()),
                (None, Some(service)) => Right::Request(service.parse().context("not a service code")?),
                (None, None) => bail!("a profile or a service code names the right"),
            };
            let (by, to) = (Organisation::load(home, &by)?, did_of(home, &to)?);
            // Times are whole seconds: what was issued in this one is to stay as it was.
            wait_past(home, home.now());
            let changed = by.set_right(home, &to, &right, registered(status))?;
            voice.report(&json!({"ok": true, "changed": changed}), &changed.to_string());
            return Ok(Done::Accepted);
        }
    };
    let (by, to) = (Organisation::load(home, &by)?, subject(home, to)?);
    by.accredit(home, to.clone(), grant)?;
    voice.report(
        &json!({"ok": true, "subject": to.did.as_str()}),
        &format!("{} {}", to.names.ko, voice.pick("등재됨", "accredited")),
    );
    Ok(Done::Accepted)
}

/// The types of these profiles.
fn types(home: &Home, profiles: &[String]) -> Result<Vec<CredentialType>> {
    profiles.iter().map(|profile| Ok(home.profile(profile)?.credential_type().clone())).collect()
}

/// The organisation of a short name, or of a DID that the registry knows.
fn subject(home: &Home, to: To) -> Result<Subject> {
    match (to.ko, to.en) {
        (Some(ko), Some(en)) => {
            let did: Did = to.name.parse().context("with --ko and --en, --to is a DID")?;
            let resolved = home.registry()?.resolve(&did, &VersionSelector::Latest)?;
            if resolved.metadata.deactivated {
                bail!("{did} is deactivated");
            }
            Ok(Subject { did, names: LocalizedName { ko: nfc(&ko), en: nfc(&en) } })
        }
        _ if to.name.starts_with("did:") => {
            bail!("a DID does not say what people call it: add --ko and --en")
        }
        _ => Ok(Organisation::load(home, &to.name)?.subject()),
    }
}

fn did_of(home: &Home, name: &str) -> Result<Did> {
    if name.starts_with("did:") { Ok(name.parse()?) } else { Ok(Organisation::load(home, name)?.did()) }
}

const fn registered(status: RightStatus) -> AccreditationStatus {
    match status {
        RightStatus::Active => AccreditationStatus::Active,
        RightStatus::Suspended => AccreditationStatus::Suspended,
        RightStatus::Ended => AccreditationStatus::Ended,
        RightStatus::Revoked => AccreditationStatus::Revoked,
    }
}
