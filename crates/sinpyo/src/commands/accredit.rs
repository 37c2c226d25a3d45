//! `sinpyo accredit …`

use super::Done;
use crate::{
    home::Home,
    office::{Organisation, Subject, wait_past},
    say::Voice,
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
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

#[derive(Debug, Subcommand)]
pub(crate) enum AccreditCommand {
    /// Allow an organisation to issue credentials of a profile.
    #[command(
        after_help = "Examples:\n  sinpyo accredit issue --by moi --to moi --profile K01\n  sinpyo accredit issue --by moi --to did:tlog:z… --ko 우정사업본부 --en \"Korea Post\" --profile K14"
    )]
    Issue {
        /// Short name of the accrediting organisation.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        to: To,
        /// Profile id (K01…) or JSON file; may be repeated.
        #[arg(long, required = true)]
        profile: Vec<String>,
    },
    /// Allow an organisation to ask for claims under a service code.
    #[command(
        after_help = "Example:\n  sinpyo accredit request --by moi --to post --service post.login --profile K14 --claim identity_assured"
    )]
    Request {
        /// Short name of the accrediting organisation.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        to: To,
        /// The service code.
        #[arg(long)]
        service: String,
        /// Profile id (K01…) or JSON file.
        #[arg(long)]
        profile: String,
        /// Claim it may ask for; may be repeated.
        #[arg(long, required = true)]
        claim: Vec<String>,
    },
    /// Allow an organisation to accredit others.
    #[command(
        after_help = "Example:\n  sinpyo accredit accreditor --by moi --to did:tlog:z… --ko 금융위원회 --en FSC --profile K44"
    )]
    Accreditor {
        /// Short name of the accrediting organisation.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        to: To,
        /// Profile id (K01…) or JSON file for which it may accredit; may be repeated; without any, for all.
        #[arg(long)]
        profile: Vec<String>,
    },
    /// Suspend, reinstate, end or revoke a right.
    #[command(after_help = "Example:\n  sinpyo accredit status --by moi --to post --profile K14 suspended")]
    Status {
        /// Short name of the organisation that gave the right.
        #[arg(long)]
        by: String,
        /// Short name or DID of the organisation that has it.
        #[arg(long)]
        to: String,
        /// The right to issue this profile (K01… or JSON file).
        #[arg(long, required_unless_present = "service", conflicts_with = "service")]
        profile: Option<String>,
        /// The right to ask under this service code.
        #[arg(long)]
        service: Option<String>,
        /// The new status.
        #[arg(value_enum)]
        status: RightStatus,
    },
}

/// An organisation that is accredited.
#[derive(Debug, Args)]
pub(crate) struct To {
    /// Its short name; or its DID, if its keys are not here.
    #[arg(long = "to", value_name = "NAME|DID")]
    pub(crate) name: String,
    /// Its Korean name, if it is named by its DID.
    #[arg(long, requires = "en")]
    pub(crate) ko: Option<String>,
    /// Its English name, if it is named by its DID.
    #[arg(long, requires = "ko")]
    pub(crate) en: Option<String>,
}

/// A status that the granting organisation can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RightStatus {
    /// In force again after a suspension.
    Active,
    /// Not in force from now until further notice.
    Suspended,
    /// Over from now on; what was issued before stays good.
    Ended,
    /// Withdrawn for cause: nothing issued under it is accepted, whenever it claims to have been issued.
    Revoked,
}

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
