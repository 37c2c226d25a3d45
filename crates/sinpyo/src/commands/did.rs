//! `sinpyo did …`

use super::{
    Done, refuse,
    twin::{self, TwinCommand},
};
use crate::{
    asking::Refusal,
    files::{self, Access},
    home::Home,
    issuing,
    office::{OldKey, Organisation, read_recovery_key, recovery_file, wait_past},
    say::Voice,
    web::{Web, WebError},
};
use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use sinpyo_core::{accreditation::LocalizedName, claims::nfc, did::Did, resolved::VersionSelector};
use sinpyo_crypto::Algorithm;
use sinpyo_registry::did_tlog;
use sinpyo_resolver::{Resolution, ResolveError, ResolvedJson, did_webvh::twin::TwinError, resolve};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum DidCommand {
    /// Create a DID for an organisation; its keys stay in the home folder.
    #[command(after_help = "Example:\n  sinpyo did create post --ko 우정사업본부 --en \"Korea Post\"")]
    Create {
        /// Short name by which the other commands know the organisation.
        name: String,
        /// Its Korean name.
        #[arg(long)]
        ko: String,
        /// Its English name.
        #[arg(long)]
        en: String,
        /// Algorithm of its keys.
        #[arg(long, value_enum, default_value_t = KeyKind::Es256)]
        key: KeyKind,
        /// Make a recovery key too: with it a thief of the other keys is set aside, within 72 hours. It is put into a file
        /// that belongs elsewhere, off this machine.
        #[arg(long)]
        recoverable: bool,
        /// Make the keys and print the DID only, for the registry's operator to admit; without this it is handed in.
        #[arg(long)]
        prepare: bool,
        /// Write the operation into a file, for a log of this name that there is not yet: its root accreditor comes first.
        #[arg(long, value_name = "ORIGIN", requires = "out", conflicts_with = "prepare")]
        for_log: Option<String>,
        /// Where to write it.
        #[arg(long, value_name = "FILE", requires = "for_log")]
        out: Option<PathBuf>,
    },
    /// Show the document of a DID: did:tlog from the ledger, did:key and did:jwk from themselves, did:web and did:webvh
    /// from their servers.
    #[command(after_help = "Example:\n  sinpyo did resolve did:tlog:z… --version-time 2026-11-22T00:00:00Z")]
    Resolve {
        /// The DID.
        did: String,
        /// The version of this name.
        #[arg(long, conflicts_with = "version_time")]
        version_id: Option<String>,
        /// The version in effect at this ledger time.
        #[arg(long)]
        version_time: Option<String>,
    },
    /// Replace an organisation's signing key and its update key.
    #[command(after_help = "Example:\n  sinpyo did rotate post")]
    Rotate {
        /// Short name of the organisation.
        name: String,
        /// The old key leaked: nothing that it signed is to be accepted any more.
        #[arg(long)]
        leaked: bool,
    },
    /// Take a DID back from whoever stole its keys: what they did in the last 72 hours is set aside.
    #[command(
        after_help = "Example:\n  sinpyo did recover post --recovery-key /media/safe/post.recovery.jwk --leaked"
    )]
    Recover {
        /// Short name of the organisation.
        name: String,
        /// Its recovery key, as `sinpyo did create … --recoverable` made it.
        #[arg(long, value_name = "FILE")]
        recovery_key: PathBuf,
        /// Number of the version to go on from; by default the last one that the keys kept here belong to.
        #[arg(long, value_name = "VERSION")]
        to: Option<u64>,
        /// The signing key was stolen as well: nothing that it signed is to be accepted any more.
        #[arg(long)]
        leaked: bool,
    },
    /// Declare a retired signing key leaked: nothing that it signed is accepted any more.
    #[command(after_help = "Example:\n  sinpyo did revoke post key-1")]
    Revoke {
        /// Short name of the organisation.
        name: String,
        /// Name of the key in the document, such as key-1.
        key: String,
    },
    /// Take an organisation's DID out of use, for good.
    #[command(after_help = "Example:\n  sinpyo did deactivate post")]
    Deactivate {
        /// Short name of the organisation.
        name: String,
    },
    /// Publish an organisation's history as did:webvh as well.
    #[command(subcommand)]
    Twin(TwinCommand),
}

/// Algorithm of an organisation's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyKind {
    /// ECDSA over P-256
    Es256,
    /// ECDSA over P-384
    Es384,
    /// `EdDSA` over Curve25519
    Ed25519,
    /// ML-DSA-44 (the implementation is unaudited)
    #[value(name = "ml-dsa-44")]
    MlDsa44,
}

pub(crate) fn run(home: &Home, command: DidCommand, voice: Voice) -> Result<Done> {
    match command {
        DidCommand::Create { name, ko, en, key, recoverable, prepare, out, .. } => {
            let names = LocalizedName { ko: nfc(&ko), en: nfc(&en) };
            if let Some(file) = out {
                let (organisation, operation) =
                    Organisation::draft(home, &name, names, algorithm(key), recoverable)?;
                files::create(&file, operation.as_bytes(), Access::Public)?;
                tell_recovery(home, &name, recoverable, voice);
                tell_did(&organisation, voice);
                return Ok(Done::Accepted);
            }
            let made = if prepare { Organisation::prepare } else { Organisation::create };
            let organisation = made(home, &name, names, algorithm(key), recoverable)?;
            tell_recovery(home, &name, recoverable, voice);
            tell_did(&organisation, voice);
        }
        DidCommand::Rotate { name, leaked } => {
            let organisation = Organisation::load(home, &name)?;
            // Times are whole seconds: what the old key signed in this one is to stay good.
            wait_past(home, home.now());
            let rotated = organisation.rotate(home, if leaked { OldKey::Leaked } else { OldKey::Retired })?;
            issuing::republish(home, &rotated)?;
            twin::follow(home, &name, voice)?;
            tell_did(&rotated, voice);
        }
        DidCommand::Recover { name, recovery_key, to, leaked } => {
            let organisation = Organisation::load(home, &name)?;
            let recovery = read_recovery_key(&recovery_key)?;
            wait_past(home, home.now());
            let old = if leaked { OldKey::Leaked } else { OldKey::Retired };
            let recovered = organisation.recover(home, &recovery, to, old)?;
            issuing::republish(home, &recovered)?;
            twin::follow(home, &name, voice)?;
            tell_did(&recovered, voice);
        }
        DidCommand::Revoke { name, key } => {
            let organisation = Organisation::load(home, &name)?;
            // A twin takes one entry a second, and is to have this one at the time of the ledger.
            wait_past(home, home.now());
            let organisation = organisation.revoke(home, &key)?;
            twin::follow(home, &name, voice)?;
            tell_did(&organisation, voice);
        }
        DidCommand::Deactivate { name } => {
            let organisation = Organisation::load(home, &name)?;
            // What was said in this second is to have been in force: by that, twins out of use are known.
            wait_past(home, home.now());
            organisation.deactivate(home)?;
            twin::follow(home, &name, voice)?;
            tell_did(&organisation, voice);
        }
        DidCommand::Resolve { did, version_id, version_time } => {
            let version = match (version_id, version_time) {
                (Some(id), _) => VersionSelector::Id(id),
                (None, Some(time)) => VersionSelector::Time(time.parse()?),
                (None, None) => VersionSelector::Latest,
            };
            return show(home, &did.parse()?, &version, voice);
        }
        DidCommand::Twin(command) => return twin::run(home, command, voice),
    }
    Ok(Done::Accepted)
}

fn tell_recovery(home: &Home, name: &str, recoverable: bool, voice: Voice) {
    if recoverable {
        let file = recovery_file(home, name);
        let file = file.display();
        voice.tell(
            &format!("복구 키가 {file}에 있습니다. 이 기계 밖의 안전한 곳으로 옮기십시오"),
            &format!("the recovery key is in {file}: move it to a safe place off this machine"),
        );
    }
}

fn tell_did(organisation: &Organisation, voice: Voice) {
    let (did, key) = (organisation.did(), organisation.key_id());
    voice.report(&json!({"ok": true, "did": did.as_str(), "key": key.as_str()}), did.as_str());
}

/// Why a DID was not resolved, or what it resolved to was not accepted.
#[derive(Debug)]
pub(super) enum Unresolved {
    /// A rule refused it.
    Refused(Refusal),
    /// Whoever had to be asked could not be.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Unresolved {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast_ref::<did_tlog::ResolveError>() {
            Some(refused) => Self::Refused(Refusal::new(refused.code(), refused)),
            None => Self::Failed(error),
        }
    }
}

impl From<ResolveError> for Unresolved {
    fn from(error: ResolveError) -> Self {
        Self::Refused(Refusal::new(error.code(), &error))
    }
}

impl From<WebError> for Unresolved {
    fn from(error: WebError) -> Self {
        Self::Refused(Refusal::new(error.code(), &error))
    }
}

impl From<TwinError> for Unresolved {
    fn from(error: TwinError) -> Self {
        Self::Refused(Refusal::new(error.code(), &error))
    }
}

/// Resolves a DID of any method, whoever has to be asked.
pub(super) fn resolved(
    home: &Home,
    did: &Did,
    version: &VersionSelector,
) -> Result<ResolvedJson, Unresolved> {
    Ok(match resolve(did, version)? {
        Resolution::Resolved(resolved) => resolved.into(),
        Resolution::Log(query) => home.registry()?.resolve(query.did(), query.version())?.into(),
        Resolution::Fetch(query) => Web::new()?.resolve(query, home.now())?,
    })
}

fn show(home: &Home, did: &Did, version: &VersionSelector, voice: Voice) -> Result<Done> {
    let resolved = match resolved(home, did, version) {
        Ok(resolved) => resolved,
        Err(Unresolved::Refused(refusal)) => return Ok(refuse(voice, &refusal)),
        Err(Unresolved::Failed(error)) => return Err(error),
    };
    // The DID resolution result [DID Resolution §4].
    let result = json!({
        "didDocument": resolved.document(),
        "didResolutionMetadata": {"contentType": "application/did"},
        "didDocumentMetadata": resolved.metadata_json(),
    });
    voice.report(&result, &format!("{result:#}"));
    if resolved.is_deactivated() {
        bail!("{}", voice.pick("이 DID는 폐기되었습니다", "the DID is deactivated"));
    }
    Ok(Done::Accepted)
}

const fn algorithm(kind: KeyKind) -> Algorithm {
    match kind {
        KeyKind::Es256 => Algorithm::Es256,
        KeyKind::Es384 => Algorithm::Es384,
        KeyKind::Ed25519 => Algorithm::Ed25519,
        KeyKind::MlDsa44 => Algorithm::MlDsa44,
    }
}
